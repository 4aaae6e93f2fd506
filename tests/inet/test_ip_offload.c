/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GRO and GSO of the IPv4 header, with a toy transport on top: cutting what
 * was merged gives the packets back, byte for byte (attacks.md 137).
 */
#include "tests/inet/inet_test.h"

#include "base/random.h"

/* The toy transport: consecutive numbers of equal size may be merged. */
struct toy_th {
	__be16 seq, flow;
} __packed;

static struct sk_buff **th_gro_receive(struct sk_buff **head,
				       struct sk_buff *skb)
{
	u32 off = skb_gro_offset(skb);
	struct toy_th *th = skb_gro_header(skb, sizeof(*th), off), *held;

	if (!th || skb_gro_len(skb) <= sizeof(*th)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	skb_gro_pull(skb, sizeof(*th));
	for (struct sk_buff **pp = head; *pp; pp = &(*pp)->next) {
		struct sk_buff *p = *pp;
		u32 size = skb_shinfo(p)->gso_size;

		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		held = skb_gro_header(p, sizeof(*held), off);
		if (held->flow != th->flow) {
			NAPI_GRO_CB(p)->same_flow = 0;
			continue;
		}
		if (NAPI_GRO_CB(p)->flush || be16_to_cpu(th->seq) !=
		    (u16)(be16_to_cpu(held->seq) + NAPI_GRO_CB(p)->count) ||
		    skb_gro_len(skb) != size || skb_gro_receive(p, skb))
			return pp;
		return NULL;
	}
	return NULL;
}

static int th_gro_complete(struct sk_buff *skb, int thoff)
{
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	return 0;
}

static struct sk_buff *th_gso_segment(struct sk_buff *skb,
				      netdev_features_t features)
{
	struct toy_th *th = (struct toy_th *)skb->data;
	u16 seq = be16_to_cpu(th->seq);
	struct sk_buff *segs;

	skb_pull(skb, sizeof(*th));
	segs = skb_segment(skb, features);
	if (IS_ERR(segs))
		return segs;
	for (struct sk_buff *seg = segs; seg; seg = seg->next) {
		th = (struct toy_th *)skb_transport_header(seg);
		th->seq = cpu_to_be16(seq++);
	}
	return segs;
}

static const struct inet_offload th_offload = {
	.gro_receive = th_gro_receive,
	.gro_complete = th_gro_complete,
	.gso_segment = th_gso_segment,
};

/* --- world ---------------------------------------------------------------------- */

#define PKTS	64
#define FLOWS	3

struct packet {
	u8 bytes[200];
	u32 len;
};

struct offload_world {
	struct inet_world iw;
	struct napi_struct napi;
	struct sk_buff_head in;
	struct sink tap;
};

static int gro_poll(struct napi_struct *n, int budget)
{
	struct offload_world *ow = container_of(n, struct offload_world, napi);
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && (skb = __skb_dequeue(&ow->in))) {
		eth_type_trans(skb, ow->iw.dev);
		napi_gro_receive(n, skb);
		done++;
	}
	if (done < budget)
		napi_complete_done(n, done);
	return done;
}

static void arrive(struct offload_world *ow, const struct packet *p)
{
	struct sk_buff *skb = toy_frame(ow->iw.dev, p->len, 0);

	((struct ethhdr *)skb->data)->h_proto = cpu_to_be16(ETH_P_IP);
	memcpy(skb->data + ETH_HLEN, p->bytes, p->len);
	skb->hash = 1;		/* all in one bucket */
	skb->l4_hash = 1;
	__skb_queue_tail(&ow->in, skb);
}

static void begin(struct offload_world *ow)
{
	inet_begin(&ow->iw);
	skb_queue_head_init(&ow->in);
	assert_int_equal(inet_add_offload(ow->iw.net, &th_offload, PROTO), 0);
	netif_napi_add(ow->iw.dev, &ow->napi, gro_poll, 64);
	napi_enable(&ow->napi);
	sink_begin(&ow->tap, ow->iw.net, ETH_P_ALL);
}

static void end(struct offload_world *ow)
{
	sink_end(&ow->tap);
	napi_disable(&ow->napi);
	netif_napi_del(&ow->napi);
	inet_end(&ow->iw);
}

static void make(struct packet *p, const struct pkt *ip, u16 flow, u16 seq,
		 u32 len)
{
	struct pkt q = *ip;
	u8 body[160];
	struct toy_th th = { cpu_to_be16(seq), cpu_to_be16(flow) };

	for (u32 i = 0; i < len; i++)
		body[sizeof(th) + i] = (u8)(seq * 3 + i);
	memcpy(body, &th, sizeof(th));
	q.data = body;
	q.len = (u32)sizeof(th) + len;
	p->len = pkt_build(&q, p->bytes);
}

/* Runs all; what the tap saw, cut again, to out. Number of packets. */
static u32 run(struct offload_world *ow, struct packet *out, u32 room)
{
	struct sk_buff *skb;
	u32 n = 0;

	napi_schedule(&ow->napi);
	fake_run(ow->iw.w.fp);
	while ((skb = __skb_dequeue(&ow->tap.got))) {
		struct sk_buff *segs = skb, *next;

		if (skb_is_gso(skb)) {
			segs = skb_gso_segment(skb, 0);
			assert_false(IS_ERR_OR_NULL(segs));
			consume_skb(skb);
		}
		for (; segs; segs = next) {
			next = segs->next;
			segs->next = NULL;
			assert_true(n < room);
			out[n].len = segs->len;
			assert_int_equal(skb_copy_bits(segs, 0, out[n].bytes,
						       segs->len,
						       COPY_LINEARIZE), 0);
			n++;
			consume_skb(segs);
		}
	}
	return n;
}

/* --- tests ---------------------------------------------------------------------- */

static void packets_of_a_flow_are_merged_and_cut_again(void **s)
{
	struct packet in[4], out[4];
	struct pkt ip = { .id = 100, .frag_off = IP_DF };
	struct offload_world ow;

	begin(&ow);
	for (u16 i = 0; i < 4; i++, ip.id++) {
		make(&in[i], &ip, 1, i, 100);
		arrive(&ow, &in[i]);
	}
	assert_int_equal(run(&ow, out, 4), 4);
	for (int i = 0; i < 4; i++)
		assert_memory_equal(in[i].bytes, out[i].bytes, in[i].len);
	assert_int_equal(this_percpu()->stage_count[STAGE_gro_merged], 3);
	end(&ow);
}

static void with_df_identifications_may_stand_still(void **s)
{
	struct packet in[4], out[4];
	struct pkt ip = { .id = 0, .frag_off = IP_DF };
	struct offload_world ow;

	begin(&ow);
	for (u16 i = 0; i < 4; i++) {
		make(&in[i], &ip, 1, i, 100);
		arrive(&ow, &in[i]);
	}
	assert_int_equal(run(&ow, out, 4), 4);
	assert_int_equal(this_percpu()->stage_count[STAGE_gro_merged], 3);
	for (int i = 0; i < 4; i++)
		assert_memory_equal(in[i].bytes, out[i].bytes, in[i].len);
	end(&ow);
}

/* Changes something that must come out again as it went in. */
static void disturb(struct pkt *ip, u16 *seq)
{
	switch (get_random_u32_below(12)) {
	case 0:
		ip->ttl ^= 3;
		break;
	case 1:
		ip->tos ^= 1;
		break;
	case 2:
		ip->id = (u16)(ip->id + get_random_u32_below(3));
		break;
	case 3:
		ip->frag_off ^= IP_DF;
		break;
	case 4:
		(*seq)++;
		break;
	default:
		break;
	}
}

static u16 flow_of(const struct packet *p)
{
	return get_unaligned_be16(p->bytes + 22);
}

/* In each flow the same packets in the same order. */
static void compare(const struct packet *in, const struct packet *out)
{
	for (u16 flow = 0; flow < FLOWS; flow++) {
		u32 o = 0;

		for (u32 i = 0; i < PKTS; i++) {
			if (flow_of(&in[i]) != flow)
				continue;
			while (o < PKTS && flow_of(&out[o]) != flow)
				o++;
			assert_true(o < PKTS);
			assert_int_equal(in[i].len, out[o].len);
			assert_memory_equal(in[i].bytes, out[o].bytes,
					    in[i].len);
			o++;
		}
	}
}

static void any_mixture_comes_out_as_it_went_in(void **s)
{
	static struct packet in[PKTS], out[PKTS];
	struct offload_world ow;
	u64 merged = 0;

	for (u32 round = 0; round < 150; round++) {
		struct pkt ip[FLOWS];
		u16 seq[FLOWS] = { 0 };

		begin(&ow);
		for (u32 i = 0; i < round; i++)
			get_random_u32();	/* another mixture each time */
		for (u32 f = 0; f < FLOWS; f++)
			ip[f] = (struct pkt){ .id = (u16)get_random_u32(),
					      .frag_off = f & 1 ? IP_DF : 0,
					      .ttl = 64 };
		for (u32 i = 0; i < PKTS; i++) {
			u32 f = get_random_u32_below(FLOWS);
			u32 len = get_random_u32_below(8) ? 100 : 50;

			disturb(&ip[f], &seq[f]);
			make(&in[i], &ip[f], (u16)f, seq[f]++, len);
			if (f != 1 || round & 1)
				ip[f].id++;
			arrive(&ow, &in[i]);
		}
		assert_int_equal(run(&ow, out, PKTS), PKTS);
		compare(in, out);
		merged += this_percpu()->stage_count[STAGE_gro_merged];
		end(&ow);
	}
	assert_true(merged > 150 * PKTS / 4);
}

static void what_is_not_plain_is_left_alone(void **s)
{
	static const u8 opt[4] = { IPOPT_NOOP, IPOPT_NOOP, IPOPT_NOOP, 0 };
	struct pkt odd[] = { { .frag_off = IP_MF }, { .frag_off = 4 },
			     { .opt = opt, .optlen = 4 } };
	struct packet in[2], out[2];

	for (size_t i = 0; i < ARRAY_SIZE(odd) + 2; i++) {
		struct pkt ip = i < ARRAY_SIZE(odd) ? odd[i]
						    : (struct pkt){ .id = 1 };
		struct offload_world ow;

		begin(&ow);
		for (u16 k = 0; k < 2; k++, ip.id++) {
			make(&in[k], &ip, 1, k, 100);
			if (i == ARRAY_SIZE(odd))
				in[k].bytes[10] ^= 0x40;	/* checksum */
			if (i == ARRAY_SIZE(odd) + 1)
				in[k].bytes[in[k].len++] = 0;	/* padding */
			arrive(&ow, &in[k]);
		}
		assert_int_equal(run(&ow, out, 2), 2);
		assert_int_equal(this_percpu()->stage_count[STAGE_gro_merged],
				 0);
		for (int k = 0; k < 2; k++)
			assert_memory_equal(in[k].bytes, out[k].bytes,
					    in[k].len);
		end(&ow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_of_a_flow_are_merged_and_cut_again),
		cmocka_unit_test(with_df_identifications_may_stand_still),
		cmocka_unit_test(any_mixture_comes_out_as_it_went_in),
		cmocka_unit_test(what_is_not_plain_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
