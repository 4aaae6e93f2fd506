/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP send: one writev of virtio_net_hdr, linear part and frags. When the host
 * has no room the queue is stopped, until whoever steps the device finds that
 * there is some (tap_main.c). A frame that is refused for another reason is
 * dropped and counted.
 */
#include "base/trace.h"
#include "dev/tx_stamp.h"
#include "drivers/tap/tap_priv.h"

static int xmit_iov(struct sk_buff *skb, struct vnet_hdr *h, struct iovec *iov)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	int n = 0;

	iov[n++] = (struct iovec){ h, sizeof(*h) };
	iov[n++] = (struct iovec){ skb->data, skb_headlen(skb) };
	for (u32 i = 0; i < si->nr_frags; i++)
		iov[n++] = (struct iovec){
			si->frags[i].page->addr + si->frags[i].offset,
			si->frags[i].len };
	return n;
}

static void xmit_failed(struct sk_buff *skb, struct net_device *dev, ssize_t err)
{
	struct rtnl_link_stats64 *st = dev_stats(dev);

	if (err == -ENOBUFS) {
		st->tx_fifo_errors++;
		st->tx_dropped++;
		kfree_skb_reason(skb, SKB_DROP_REASON_FULL_RING);
		return;
	}
	if (err == -EIO)	/* the host's end is down */
		st->tx_carrier_errors++;
	st->tx_errors++;
	kfree_skb_reason(skb, SKB_DROP_REASON_DEV_TX_ERROR);
}

/* The frame stays the queue's. */
static noinline netdev_tx_t xmit_full(struct tap *tap, struct net_device *dev)
{
	netif_tx_stop_queue(netdev_get_tx_queue(dev, 0));
	__atomic_store_n(&tap->full, true, __ATOMIC_SEQ_CST);
	tap->ops->want_room(tap->os, true);
	return NETDEV_TX_BUSY;
}

void tap_tx_wake(struct tap *tap)
{
	if (!tap_tx_ready(tap) ||
	    !__atomic_exchange_n(&tap->full, false, __ATOMIC_SEQ_CST))
		return;
	tap->ops->want_room(tap->os, false);
	netif_tx_wake_queue(netdev_get_tx_queue(tap->dev, 0));
}

netdev_tx_t tap_xmit(struct sk_buff *skb, struct net_device *dev, bool more)
{
	struct iovec iov[2 + MAX_SKB_FRAGS];
	struct percpu *pc = this_percpu();
	struct tap *tap = tap_priv(dev);
	struct vnet_hdr h;
	ssize_t ret;

	skb_stage(skb, STAGE_tap_xmit);
	vnet_hdr_from_skb(skb, &h);
	ret = tap->ops->writev(tap->os, iov, xmit_iov(skb, &h, iov));
	if (unlikely(ret < 0)) {
		if (ret == -EAGAIN)
			return xmit_full(tap, dev);
		xmit_failed(skb, dev, ret);
		return NETDEV_TX_OK;
	}
	skb_sent_stamp(skb, dev);
	dev_stats(dev)->tx_packets++;
	dev_stats(dev)->tx_bytes += skb->len;
	pc->copies[COPY_DMA_TX]++;
	pc->copy_bytes[COPY_DMA_TX] += skb->len;
	if (trace_is_on(pc))
		trace_write(pc, TRACE_COPY, COPY_DMA_TX, skb->id, skb->len,
			    0xffff, 0, 0);
	consume_skb(skb);
	return NETDEV_TX_OK;
}
