/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP receive: frames are read straight into pages that become the packet, so
 * that the read is the only copy. The first page gives the linear part with
 * headroom and skb_shared_info; what is longer (GSO frames up to 64 KiB) fills
 * larger pages that become frags. Pages that a frame did not reach wait for
 * the next one.
 *
 * There is no question "is anything there" in the loop: a read says so.
 */
#include "base/trace.h"
#include "buf/wire/eth.h"
#include "cpu/lock.h"
#include "drivers/tap/tap_priv.h"

int tap_rx_init(struct tap *tap)
{
	struct tap_rx *rx = &tap->rx;

	rx->heads = page_pool_create(TAP_HEAD_SIZE, TAP_POOL_PAGES);
	rx->bodies = page_pool_create(TAP_BODY_SIZE, TAP_POOL_PAGES);
	if (rx->heads && rx->bodies)
		return 0;
	tap_rx_fini(tap);
	return -ENOMEM;
}

void tap_rx_fini(struct tap *tap)
{
	struct tap_rx *rx = &tap->rx;

	if (rx->head)
		page_put(rx->head);
	for (u32 i = 0; i < TAP_BODIES; i++)
		if (rx->body[i])
			page_put(rx->body[i]);
	if (rx->heads)
		page_pool_destroy(rx->heads);
	if (rx->bodies)
		page_pool_destroy(rx->bodies);
	memset(rx, 0, sizeof(*rx));
}

/* Replaces the pages that the last frame took. */
static bool rx_refill(struct tap_rx *rx)
{
	bool ok;

	if (!rx->head)
		rx->head = page_pool_alloc(rx->heads);
	ok = rx->head;
	for (u32 i = 0; i < TAP_BODIES; i++) {
		if (!rx->body[i])
			rx->body[i] = page_pool_alloc(rx->bodies);
		ok = ok && rx->body[i];
	}
	return ok;
}

static u32 head_room(void)
{
	return TAP_HEAD_SIZE - TAP_HEADROOM - (u32)SKB_SHINFO_SIZE;
}

/* One frame into the pages. Its length, or -errno. */
static ssize_t rx_read(struct tap *tap, struct vnet_hdr *h)
{
	struct iovec iov[2 + TAP_BODIES];
	struct tap_rx *rx = &tap->rx;
	ssize_t n;

	iov[0] = (struct iovec){ h, sizeof(*h) };
	iov[1] = (struct iovec){ rx->head->addr + TAP_HEADROOM, head_room() };
	for (u32 i = 0; i < TAP_BODIES; i++)
		iov[2 + i] = (struct iovec){ rx->body[i]->addr,
					     TAP_BODY_SIZE };
	n = tap->ops->readv(tap->os, iov, 2 + TAP_BODIES);
	if (n < 0)
		return n;
	return n < (ssize_t)sizeof(*h) ? 0 : n - (ssize_t)sizeof(*h);
}

/* The pages that hold the frame become an sk_buff. NULL: no memory. */
static struct sk_buff *rx_build(struct tap_rx *rx, u32 len)
{
	struct sk_buff *skb = build_skb(rx->head, 0, TAP_HEAD_SIZE);
	u32 linear = min_t(u32, len, head_room());

	if (!skb)
		return NULL;
	rx->head = NULL;
	skb_reserve(skb, TAP_HEADROOM);
	skb_put(skb, linear);
	len -= linear;
	for (int i = 0; len; i++) {
		u32 part = min_t(u32, len, TAP_BODY_SIZE);

		skb_add_rx_frag(skb, i, rx->body[i], 0, part, TAP_BODY_SIZE);
		rx->body[i] = NULL;
		len -= part;
	}
	return skb;
}

static void count_copy(const struct sk_buff *skb)
{
	struct percpu *pc = this_percpu();

	pc->copies[COPY_DMA_RX]++;
	pc->copy_bytes[COPY_DMA_RX] += skb->len;
	if (trace_is_on(pc))
		trace_write(pc, TRACE_COPY, COPY_DMA_RX, skb->id, skb->len,
			    0xffff, 0, 0);
}

/* Checked and named by its protocol, or NULL: dropped. Consumes. */
static struct sk_buff *rx_check(struct tap *tap, struct sk_buff *skb,
				const struct vnet_hdr *h)
{
	struct rtnl_link_stats64 *st = dev_stats(tap->dev);

	skb->dev = tap->dev;
	if (unlikely(skb->len < ETH_HLEN)) {
		st->rx_length_errors++;
		st->rx_errors++;
		kfree_skb_reason(skb, SKB_DROP_REASON_RX_LENGTH);
		return NULL;
	}
	if (unlikely(vnet_hdr_to_skb(skb, h))) {
		st->rx_frame_errors++;
		st->rx_errors++;
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_HDR);
		return NULL;
	}
	st->rx_packets++;
	st->rx_bytes += skb->len;
	skb_stage(skb, STAGE_tap_rx);
	count_copy(skb);
	eth_type_trans(skb, tap->dev);
	if (skb->pkt_type == PACKET_MULTICAST)
		st->multicast++;
	return skb;
}

/* 1: *out is a packet, or NULL when the frame was dropped; 0: nothing there. */
static int tap_rx_one(struct tap *tap, struct sk_buff **out)
{
	struct vnet_hdr h;
	struct sk_buff *skb;
	ssize_t len;

	*out = NULL;
	if (unlikely(!rx_refill(&tap->rx)))
		return 0;	/* no memory: the frames wait outside */
	len = rx_read(tap, &h);
	if (len < 0)
		return 0;
	skb = rx_build(&tap->rx, (u32)len);
	if (unlikely(!skb)) {
		dev_stats(tap->dev)->rx_dropped++;
		return 1;
	}
	*out = rx_check(tap, skb, &h);
	return 1;
}

int tap_poll(struct napi_struct *n, int budget)
{
	struct tap *tap = container_of(n, struct tap, napi);
	struct sk_buff *skb;
	int done = 0;

	tap_tx_wake(tap);
	while (done < budget && tap_rx_one(tap, &skb)) {
		done++;
		if (likely(skb))
			napi_gro_receive(n, skb);
	}
	/* frames that came since: the descriptor stays readable, step sees */
	if (done < budget && napi_complete_done(n, done))
		__atomic_store_n(&tap->masked, false, __ATOMIC_RELEASE);
	return done;
}

void tap_rx_interrupt(struct tap *tap, int budget)
{
	struct sk_buff *skb;

	while (budget-- && tap_rx_one(tap, &skb))
		if (likely(skb))
			netif_rx(skb);
}
