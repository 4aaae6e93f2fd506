/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging and cutting, with a toy protocol: a header of 4 bytes (flow, flags,
 * sequence number of the first payload byte), then payload.
 * The property: what was cut and merged again is what it was.
 */
#include "tests/dev/dev_test.h"

#define TOY_PUSH	1
#define NAPI_BUDGET	64

struct toy_hdr {
	u8 flow, flags;
	__be16 seq;
};

/* --- the protocol ------------------------------------------------------------- */

static struct sk_buff **toy_gro_receive(struct sk_buff **head,
					struct sk_buff *skb)
{
	struct toy_hdr *h = skb_gro_header(skb, sizeof(*h), 0), *ph;
	struct sk_buff **pp;

	if (!h) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	skb_gro_pull(skb, sizeof(*h));
	for (pp = head; *pp; pp = &(*pp)->next) {
		struct sk_buff *p = *pp;
		u32 plen = p->len - (u32)sizeof(*h);

		ph = (struct toy_hdr *)p->data;
		if (!NAPI_GRO_CB(p)->same_flow || ph->flow != h->flow)
			continue;
		if (be16_to_cpu(ph->seq) + plen != be16_to_cpu(h->seq) ||
		    skb_gro_len(skb) > skb_shinfo(p)->gso_size ||
		    skb_gro_receive(p, skb))
			return pp;
		ph->flags |= h->flags;
		if (h->flags & TOY_PUSH ||
		    skb_shinfo(p)->gso_size != plen / (NAPI_GRO_CB(p)->count - 1))
			return pp;
		return NULL;
	}
	NAPI_GRO_CB(skb)->flush = h->flags & TOY_PUSH;
	return NULL;
}

static int toy_gro_complete(struct sk_buff *skb, int nhoff)
{
	return 0;
}

static struct sk_buff *toy_gso_segment(struct sk_buff *skb,
				       netdev_features_t features)
{
	const struct toy_hdr *h;
	struct sk_buff *segs, *seg;
	u16 seq;

	if (!pskb_may_pull(skb, sizeof(*h)))
		return ERR_PTR(-EINVAL);
	h = (const struct toy_hdr *)skb->data;
	seq = be16_to_cpu(h->seq);
	skb_pull(skb, sizeof(*h));
	skb_reset_transport_header(skb);
	segs = skb_segment(skb, features);
	if (IS_ERR(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next) {
		struct toy_hdr *sh = (struct toy_hdr *)skb_network_header(seg);

		sh->seq = cpu_to_be16(seq);
		if (seg->next)
			sh->flags &= ~TOY_PUSH;
		seq += seg->len - ETH_HLEN - sizeof(*sh);
	}
	return segs;
}

static struct net_offload toy_offload = {
	.gro_receive = toy_gro_receive,
	.gro_complete = toy_gro_complete,
	.gso_segment = toy_gso_segment,
};

/* --- a device that receives what it is given --------------------------------------- */

static struct sk_buff_head arriving;

static int gro_poll(struct napi_struct *n, int budget)
{
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && (skb = __skb_dequeue(&arriving))) {
		done++;
		if (skb_queue_empty(&arriving))
			napi_gro_receive_last(n, skb);
		else
			napi_gro_receive(n, skb);
	}
	if (done < budget)
		napi_complete_done(n, done);
	return done;
}

struct gro_world {
	struct world w;
	struct napi_struct napi;
	struct sink sink;
};

static void gro_begin(struct gro_world *g)
{
	world_begin(&g->w, NETIF_F_SG);
	toy_offload.type = cpu_to_be16(TOY_PROTO);
	dev_add_offload(g->w.net, &toy_offload);
	sink_begin(&g->sink, g->w.net, TOY_PROTO);
	skb_queue_head_init(&arriving);
	netif_napi_add(g->w.dev, &g->napi, gro_poll, NAPI_BUDGET);
	napi_enable(&g->napi);
}

static void gro_end(struct gro_world *g)
{
	napi_disable(&g->napi);
	netif_napi_del(&g->napi);
	sink_end(&g->sink);
	dev_remove_offload(g->w.net, &toy_offload);
	world_end(&g->w);
}

/* How a segment's bytes lie. */
enum layout { KMALLOC_HEAD, PAGE_HEAD, FRAGS };

static struct sk_buff *segment(struct net_device *dev, enum layout layout,
			       u8 flow, u8 flags, u16 seq, u32 len)
{
	struct toy_hdr h = { flow, flags, cpu_to_be16(seq) };
	struct sk_buff *frame, *skb;
	struct page *pg;

	frame = toy_frame(dev, sizeof(h) + len, 0);
	memcpy(frame->data + ETH_HLEN, &h, sizeof(h));
	for (u32 i = 0; i < len; i++)
		frame->data[ETH_HLEN + sizeof(h) + i] = (u8)(seq + i);
	if (layout == KMALLOC_HEAD)
		return frame;
	pg = page_alloc(4096);
	assert_non_null(pg);
	if (layout == PAGE_HEAD) {
		skb = build_skb(pg, 0, 4096);
		assert_non_null(skb);
		skb_reserve(skb, 64);
		memcpy(skb_put(skb, frame->len), frame->data, frame->len);
	} else {
		u32 hl = ETH_HLEN + sizeof(h);

		skb = alloc_skb(128);
		assert_non_null(skb);
		memcpy(skb_put(skb, hl), frame->data, hl);
		memcpy(pg->addr + 100, frame->data + hl, len);
		skb_add_rx_frag(skb, 0, pg, 100, len, 4096);
	}
	consume_skb(frame);
	return skb;
}

static void arrive(struct gro_world *g, struct sk_buff *skb)
{
	eth_type_trans(skb, g->w.dev);
	__skb_queue_tail(&arriving, skb);
}

static void poll_now(struct gro_world *g)
{
	local_bh_disable();
	napi_schedule(&g->napi);
	local_bh_enable();
	fake_run(g->w.fp);
}

static void assert_payload(const struct sk_buff *skb, u16 seq, u32 len)
{
	u8 bytes[8192];

	assert_int_equal(skb->len, sizeof(struct toy_hdr) + len);
	assert_int_equal(skb_copy_bits(skb, sizeof(struct toy_hdr), bytes, len,
				       COPY_LINEARIZE), 0);
	for (u32 i = 0; i < len; i++)
		assert_int_equal(bytes[i], (u8)(seq + i));
}

/* --- tests ------------------------------------------------------------------------ */

static void segments_of_a_flow_become_one_packet(void **s)
{
	for (enum layout l = KMALLOC_HEAD; l <= FRAGS; l++) {
		struct gro_world g;
		struct sk_buff *skb;

		gro_begin(&g);
		for (u16 i = 0; i < 5; i++)
			arrive(&g, segment(g.w.dev, l, 1, 0, i * 100, 100));
		poll_now(&g);
		assert_int_equal(g.sink.got.qlen, 1);
		skb = skb_peek(&g.sink.got);
		assert_payload(skb, 0, 500);
		assert_int_equal(skb_shinfo(skb)->gso_size, 100);
		assert_int_equal(skb_shinfo(skb)->gso_segs, 5);
		gro_end(&g);
	}
}

static void a_packet_alone_in_its_poll_goes_straight_up(void **s)
{
	struct gro_world g;

	gro_begin(&g);
	arrive(&g, segment(g.w.dev, FRAGS, 1, 0, 0, 100));
	poll_now(&g);
	arrive(&g, segment(g.w.dev, FRAGS, 1, 0, 100, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, 2);
	assert_int_equal(skb_shinfo(skb_peek(&g.sink.got))->gso_size, 0);
	gro_end(&g);
}

static void mixed_layouts_merge_in_order(void **s)
{
	struct gro_world g;

	gro_begin(&g);
	for (u16 i = 0; i < 9; i++)
		arrive(&g, segment(g.w.dev, (enum layout)(i * 7 % 3), 1, 0,
				   i * 100, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, 1);
	assert_payload(skb_peek(&g.sink.got), 0, 900);
	gro_end(&g);
}

static void more_pieces_than_frags_go_to_the_frag_list(void **s)
{
	struct gro_world g;

	gro_begin(&g);
	for (u16 i = 0; i < 40; i++)
		arrive(&g, segment(g.w.dev, PAGE_HEAD, 1, 0, i * 100, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, 1);
	assert_payload(skb_peek(&g.sink.got), 0, 4000);
	assert_non_null(skb_shinfo(skb_peek(&g.sink.got))->frag_list);
	gro_end(&g);
}

static void a_hole_sends_the_held_packet_up_first(void **s)
{
	struct gro_world g;
	struct sk_buff *skb;

	gro_begin(&g);
	arrive(&g, segment(g.w.dev, PAGE_HEAD, 1, 0, 0, 100));
	arrive(&g, segment(g.w.dev, PAGE_HEAD, 1, 0, 100, 100));
	arrive(&g, segment(g.w.dev, PAGE_HEAD, 1, 0, 500, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, 2);
	skb = __skb_dequeue(&g.sink.got);
	assert_payload(skb, 0, 200);
	consume_skb(skb);
	assert_payload(skb_peek(&g.sink.got), 500, 100);
	assert_int_equal(skb_shinfo(skb_peek(&g.sink.got))->gso_size, 0);
	gro_end(&g);
}

static void flows_are_kept_apart(void **s)
{
	struct gro_world g;

	gro_begin(&g);
	for (u16 i = 0; i < 4; i++)
		for (u8 flow = 0; flow < 3; flow++)
			arrive(&g, segment(g.w.dev, PAGE_HEAD, flow, 0,
					   i * 100, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, 3);
	gro_end(&g);
}

static void a_full_bucket_gives_up_its_oldest(void **s)
{
	struct gro_world g;

	gro_begin(&g);
	for (u8 flow = 0; flow < MAX_GRO_SKBS + 3; flow++)
		arrive(&g, segment(g.w.dev, PAGE_HEAD, flow, 0, 0, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, MAX_GRO_SKBS + 3);
	for (u8 flow = 0; flow < MAX_GRO_SKBS + 3; flow++) {
		struct sk_buff *skb = __skb_dequeue(&g.sink.got);

		assert_int_equal(skb->data[0], flow);
		consume_skb(skb);
	}
	gro_end(&g);
}

static void a_merged_packet_stays_below_64_KiB(void **s)
{
	struct gro_world g;
	u32 bytes = 0;

	gro_begin(&g);
	for (u32 i = 0; i < 25; i++)
		arrive(&g, segment(g.w.dev, PAGE_HEAD, 1, 0, (u16)(i * 3000),
				   3000));
	poll_now(&g);
	assert_true(g.sink.got.qlen >= 2);
	while (!skb_queue_empty(&g.sink.got)) {
		struct sk_buff *skb = __skb_dequeue(&g.sink.got);

		assert_true(skb->len < GSO_MAX_SIZE);
		bytes += skb->len - (u32)sizeof(struct toy_hdr);
		consume_skb(skb);
	}
	assert_int_equal(bytes, 75000);
	gro_end(&g);
}

static void without_the_feature_nothing_is_merged(void **s)
{
	struct gro_world g;

	gro_begin(&g);
	g.w.dev->features &= ~NETIF_F_GRO;
	for (u16 i = 0; i < 5; i++)
		arrive(&g, segment(g.w.dev, PAGE_HEAD, 1, 0, i * 100, 100));
	poll_now(&g);
	assert_int_equal(g.sink.got.qlen, 5);
	gro_end(&g);
}

/* GRO(split(x)) == x, for packets of many lengths and all layouts. */
static void what_is_cut_and_merged_again_is_what_it_was(void **s)
{
	for (u32 round = 0; round < 60; round++) {
		u32 mss = 60 + round * 37 % 900, len = 2 * mss + round * 53 % 2500;
		enum layout l = (enum layout)(round % 3);
		struct gro_world g;
		struct sk_buff *skb, *segs;

		if (len > 3500)
			continue;
		gro_begin(&g);
		skb = segment(g.w.dev, l, 1, TOY_PUSH, 0, len);
		skb->dev = g.w.dev;
		skb->protocol = cpu_to_be16(TOY_PROTO);
		skb_set_network_header(skb, ETH_HLEN);
		skb_shinfo(skb)->gso_size = (u16)mss;
		segs = skb_gso_segment(skb, NETIF_F_SG);
		assert_false(IS_ERR_OR_NULL(segs));
		consume_skb(skb);
		while (segs) {
			struct sk_buff *next = segs->next;

			segs->next = NULL;
			arrive(&g, segs);
			segs = next;
		}
		poll_now(&g);
		assert_int_equal(g.sink.got.qlen, 1);
		assert_payload(skb_peek(&g.sink.got), 0, len);
		assert_int_equal(skb_peek(&g.sink.got)->data[1], TOY_PUSH);
		gro_end(&g);
	}
}

static void a_device_without_segmentation_gets_segments(void **s)
{
	struct gro_world g;
	struct sk_buff *skb;

	gro_begin(&g);
	skb = segment(g.w.dev, FRAGS, 1, 0, 0, 1000);
	skb->dev = g.w.dev;
	skb->protocol = cpu_to_be16(TOY_PROTO);
	skb_set_network_header(skb, ETH_HLEN);
	skb_shinfo(skb)->gso_size = 300;
	skb_shinfo(skb)->gso_segs = 4;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	assert_int_equal(dev_queue_xmit(skb), NET_XMIT_SUCCESS);
	assert_int_equal(g.w.toy->sent.qlen, 4);
	assert_int_equal(g.w.toy->more_seen, 3);
	assert_int_equal(skb_peek(&g.w.toy->sent)->len,
			 ETH_HLEN + sizeof(struct toy_hdr) + 300);
	gro_end(&g);
}

static void absurdly_small_segments_are_refused(void **s)
{
	struct gro_world g;
	struct sk_buff *skb;

	gro_begin(&g);
	skb = segment(g.w.dev, FRAGS, 1, 0, 0, 3000);
	skb->dev = g.w.dev;
	skb->protocol = cpu_to_be16(TOY_PROTO);
	skb_set_network_header(skb, ETH_HLEN);
	skb_shinfo(skb)->gso_size = 1;
	dev_queue_xmit(skb);
	assert_int_equal(g.w.toy->sent.qlen, 0);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_PKT_TOO_BIG], 1);
	gro_end(&g);
}

static u32 freed_bytes;
static void count_free(struct sk_buff *skb)
{
	freed_bytes += skb->truesize;
}

static void the_last_segment_carries_the_owner(void **s)
{
	struct gro_world g;
	struct sk_buff *skb;
	u32 charged;

	gro_begin(&g);
	freed_bytes = 0;
	skb = segment(g.w.dev, FRAGS, 1, 0, 0, 1000);
	skb->dev = g.w.dev;
	skb->protocol = cpu_to_be16(TOY_PROTO);
	skb_set_network_header(skb, ETH_HLEN);
	skb_shinfo(skb)->gso_size = 300;
	skb->destructor = count_free;
	charged = skb->truesize;
	dev_queue_xmit(skb);
	assert_int_equal(freed_bytes, 0);
	skb_queue_consume(&g.w.toy->sent);
	assert_int_equal(freed_bytes, charged);
	gro_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_of_a_flow_become_one_packet),
		cmocka_unit_test(a_packet_alone_in_its_poll_goes_straight_up),
		cmocka_unit_test(mixed_layouts_merge_in_order),
		cmocka_unit_test(more_pieces_than_frags_go_to_the_frag_list),
		cmocka_unit_test(a_hole_sends_the_held_packet_up_first),
		cmocka_unit_test(flows_are_kept_apart),
		cmocka_unit_test(a_full_bucket_gives_up_its_oldest),
		cmocka_unit_test(a_merged_packet_stays_below_64_KiB),
		cmocka_unit_test(without_the_feature_nothing_is_merged),
		cmocka_unit_test(what_is_cut_and_merged_again_is_what_it_was),
		cmocka_unit_test(a_device_without_segmentation_gets_segments),
		cmocka_unit_test(absurdly_small_segments_are_refused),
		cmocka_unit_test(the_last_segment_carries_the_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
