/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sock of TCP without a network: for the parts of TCP that look at queues
 * and numbers only. Its clock is the fake platform's. What such a test calls
 * must not send.
 */
#ifndef WEIR_TESTS_TCP_TCP_TEST_H
#define WEIR_TESTS_TCP_TCP_TEST_H

#include "base/slab.h"
#include "tests/support/fake_platform.h"
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_window.h"
#include "tcp/tcp_rx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define ISS	0xfffff000u	/* near the wrap, on purpose */
#define IRS	0xffffe000u

struct tcp_world {
	struct fake_platform *fp;
	struct net *net;
	struct proto prot;
	struct tcp_sock *tp;
	struct sock *sk;
	u32 told;			/* data_ready calls */
};

static inline void tcp_world_ready(struct sock *sk) { (void)sk; }

static inline void tcp_world_settings(struct tcp_world *w)
{
	struct sock_net *sn = kzalloc(sizeof(*sn));
	struct tcp_net *tn = kzalloc(sizeof(*tn));

	assert_non_null(sn);
	assert_non_null(tn);
	for (int i = 0; i < 3; i++)
		sn->sysctl_mem[SK_MEM_TCP][i] = 1 << 20;
	tn->rmem[0] = tn->wmem[0] = 4096;
	tn->rmem[1] = 131072;
	tn->rmem[2] = 6 << 20;
	tn->wmem[2] = 4 << 20;
	tn->sack = tn->dsack = tn->timestamps = tn->window_scaling = 1;
	tn->reordering = 3;
	tn->max_reordering = 300;
	tn->min_rtt_wlen_s = 300;
	tn->recovery = 1;
	tn->cubic_hystart = 1;
	tn->cubic_hystart_detect = 3;
	tn->frto = 2;
	tn->pacing_ss_ratio = 200;
	tn->pacing_ca_ratio = 120;
	tn->moderate_rcvbuf = 1;
	spin_lock_init(&tn->ca_lock);
	INIT_LIST_HEAD(&tn->ca_list);
	w->net->sock = sn;
	w->net->tcp = tn;
}

static inline void tcp_world_sock(struct tcp_world *w)
{
	struct tcp_sock *tp = kzalloc(sizeof(*tp));
	struct sock *sk;

	assert_non_null(tp);
	sk = &tp->sk;
	w->tp = tp;
	w->sk = sk;
	w->prot = (struct proto){ .name = "TCP", .connection_based = true,
				  .mem_index = SK_MEM_TCP };
	sk->c.net = w->net;
	sk->sk_prot = &w->prot;
	sk->sk_state = TCP_ESTABLISHED;
	skb_queue_head_init(&sk->receive_queue);
	skb_queue_head_init(&sk->write_queue);
	sk->rcvbuf = (s32)w->net->tcp->rmem[1];
	sk->rcvlowat = 1;
	sk->data_ready = sk->state_change = tcp_world_ready;
	tp->rtx_queue = RB_ROOT;
	tp->out_of_order_queue = RB_ROOT;
	INIT_LIST_HEAD(&tp->tsorted_sent);
	tp->snd_una = tp->snd_nxt = tp->write_seq = ISS;
	tp->high_seq = ISS;
	tp->rcv_nxt = tp->copied_seq = tp->rcv_wup = IRS;
	tp->rcv_wnd = 65535;
	tp->snd_wnd = tp->max_window = 65535;
	tp->mss_cache = tp->advmss = 1000;
	tp->ack.rcv_mss = 536;
	tp->tcp_header_len = 20;
	tp->rx_opt.sack_ok = 1;
	tp->reordering = 3;
	tp->snd_cwnd = 10;
	tp->snd_cwnd_clamp = ~0u;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->scaling_ratio = 128;
	tp->window_clamp = 65535;
	tp->rack.reo_wnd_steps = 1;
	tp->rto = NSEC_PER_SEC;
	tcp_mstamp_refresh(tp);
}

static inline void tcp_begin(struct tcp_world *w)
{
	memset(w, 0, sizeof(*w));
	w->fp = fake_platform_create(1);
	w->net = net_alloc(fake_machine(w->fp), "tcp");
	assert_non_null(w->net);
	tcp_world_settings(w);
	tcp_world_sock(w);
}

static inline void tcp_world_drain(struct tcp_world *w)
{
	struct sk_buff *skb;

	skb_queue_consume(&w->sk->receive_queue);
	while ((skb = skb_rb_first(&w->tp->out_of_order_queue))) {
		rb_erase(&skb->rbnode, &w->tp->out_of_order_queue);
		skb->next = skb->prev = NULL;
		skb->dev = NULL;
		consume_skb(skb);
	}
	while ((skb = skb_rb_first(&w->tp->rtx_queue))) {
		rb_erase(&skb->rbnode, &w->tp->rtx_queue);
		skb->next = skb->prev = NULL;
		skb->dev = NULL;
		skb->wire_id = 0;
		skb->queued_at = 0;
		consume_skb(skb);
	}
}

static inline void tcp_end(struct tcp_world *w)
{
	tcp_world_drain(w);
	kfree(w->tp);
	kfree(w->net->sock);
	kfree(w->net->tcp);
	w->net->sock = NULL;
	w->net->tcp = NULL;
	net_free(w->net);
	assert_int_equal(fake_platform_destroy(w->fp), 0);
}

/* A received segment: header with `opts` (a multiple of 4), len bytes whose
 * values are the low byte of their sequence number. */
static inline struct sk_buff *tcp_segment(u32 seq, u32 ack, u8 flags, u32 len,
					  const u8 *opts, u32 optlen)
{
	struct sk_buff *skb = alloc_skb(60 + len);
	struct tcphdr *th;
	u8 *p;

	assert_non_null(skb);
	skb_reset_transport_header(skb);
	th = (struct tcphdr *)skb_put(skb, sizeof(*th) + optlen);
	memset(th, 0, sizeof(*th));
	if (optlen)
		memcpy(th + 1, opts, optlen);
	tcp_set_doff(th, (u32)sizeof(*th) + optlen);
	th->flags = flags;
	th->seq = cpu_to_be32(seq);
	th->ack_seq = cpu_to_be32(ack);
	th->window = cpu_to_be16(65535);
	p = skb_put(skb, len);
	for (u32 i = 0; i < len; i++)
		p[i] = (u8)(seq + i);
	memset(skb->cb, 0, sizeof(skb->cb));
	TCP_SKB_CB(skb)->seq = seq;
	TCP_SKB_CB(skb)->end_seq = seq + len + !!(flags & TCPHDR_SYN) +
				   !!(flags & TCPHDR_FIN);
	TCP_SKB_CB(skb)->ack_seq = ack;
	TCP_SKB_CB(skb)->flags = flags;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return skb;
}

/* Data as tcp_data_queue() takes it. */
static inline struct sk_buff *tcp_data(u32 seq, u32 len)
{
	return tcp_segment(seq, ISS, TCPHDR_ACK, len, NULL, 0);
}

/* An original in flight, sent `ago_us` before now: n segments of 1000. */
static inline struct sk_buff *tcp_sent(struct tcp_world *w, u32 n, u32 ago_us)
{
	struct tcp_sock *tp = w->tp;
	struct sk_buff *skb = alloc_skb(n * 1000);
	struct tcp_skb_cb *cb;

	assert_non_null(skb);
	memset(skb_put(skb, n * 1000), 0, n * 1000);
	memset(skb->cb, 0, sizeof(skb->cb));
	cb = TCP_SKB_CB(skb);
	cb->seq = tp->snd_nxt;
	cb->end_seq = tp->snd_nxt + n * 1000;
	cb->gso_segs = (u16)n;
	cb->gso_size = 1000;
	skb->tstamp = (ktime_t)(tp->tcp_mstamp - ago_us) * 1000;
	tp->snd_nxt = tp->write_seq = cb->end_seq;
	tp->packets_out += n;
	tcp_rbtree_insert(&tp->rtx_queue, skb);
	list_add_tail(&skb->tsorted, &tp->tsorted_sent);
	return skb;
}

static inline void tcp_pass(struct tcp_world *w, u32 us)
{
	fake_clock_skip(w->fp, us * NSEC_PER_USEC);
	tcp_mstamp_refresh(w->tp);
}

#define TCP_TEST(t) cmocka_unit_test(t)

#endif
