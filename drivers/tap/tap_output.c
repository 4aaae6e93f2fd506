/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP send: one writev of virtio_net_hdr, linear part and frags. The host
 * takes the frame or it does not; there is no ring and nothing to wait for, so
 * a frame that is refused is dropped and counted.
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

	if (err == -EAGAIN || err == -ENOBUFS) {
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

netdev_tx_t tap_xmit(struct sk_buff *skb, struct net_device *dev, bool more)
{
	struct iovec iov[2 + MAX_SKB_FRAGS];
	struct percpu *pc = this_percpu();
	struct tap *tap = tap_priv(dev);
	struct vnet_hdr h;
	ssize_t ret;

	skb_stage(skb, STAGE_tap_xmit);
	vnet_hdr_from_skb(skb, &h);
	skb_sent_stamp(skb, dev);
	ret = tap->ops->writev(tap->os, iov, xmit_iov(skb, &h, iov));
	if (unlikely(ret < 0)) {
		xmit_failed(skb, dev, ret);
		return NETDEV_TX_OK;
	}
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
