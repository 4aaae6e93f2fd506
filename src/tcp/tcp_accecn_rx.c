/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accurate ECN, what is received: RFC 9768 3.2.2, 3.2.3, appendix A.
 *
 * As receiver we count packets and bytes by codepoint. As sender we learn from
 * the ACE field how many of our packets were marked: modulo 8, so that an ACK
 * of more than 7 packets is ambiguous. The option's byte counters then decide;
 * without them no wrap is assumed, unless ACKs of this peer usually cover so many
 * packets that ACKs are evidently lost or thinned out.
 */
#include "tcp/tcp_accecn.h"
#include "tcp/tcp_rx.h"

#define FIELD_MASK	0xffffffu	/* counters of the option: 24 bits */
#define FIELD_SIGN	0x800000u
#define EWMA_SHIFT	6		/* packets per ACK, << 6; gain 1/64 */
#define ACK_THINNED	4u		/* packets per ACK on average */
#define OPT_DUPS	2u

/* Counters, by codepoint - 1, in the order of the two kinds of option; and the
 * place of each in ours, from 1. */
static const u8 order0[3] = { INET_ECN_ECT_0 - 1, INET_ECN_CE - 1,
			      INET_ECN_ECT_1 - 1 };
static const u8 order1[3] = { INET_ECN_ECT_1 - 1, INET_ECN_CE - 1,
			      INET_ECN_ECT_0 - 1 };
static const u8 place[3] = {
	[INET_ECN_ECT_1 - 1] = 1, [INET_ECN_CE - 1] = 2,
	[INET_ECN_ECT_0 - 1] = 3,
};

/* --- as receiver --------------------------------------------------------------------- */

/* RFC9768 3.2.3.2.4: what we acknowledged with an option comes again and again:
 * such ACKs do not get through. */
static void notice_lost_options(struct tcp_sock *tp, const struct sk_buff *skb)
{
	struct tcp_accecn *a = &tp->accecn;

	if (after(TCP_SKB_CB(skb)->end_seq, tp->rcv_nxt))
		a->opt_dups = 0;
	else if (a->opt_sent && ++a->opt_dups >= OPT_DUPS)
		a->no_opt = true;
}

void tcp_accecn_see_option(struct tcp_sock *tp, const struct sk_buff *skb)
{
	const u8 *opt = skb_transport_header(skb) + tp->rx_opt.accecn;
	u8 seen;

	if (!tp->rx_opt.accecn)
		return;
	seen = opt[1] < TCPOLEN_ACCECN_BASE + TCPOLEN_ACCECN_PERFIELD ?
	       TCP_ACCECN_OPT_EMPTY_SEEN : TCP_ACCECN_OPT_COUNTER_SEEN;
	tp->accecn.saw_opt = max(tp->accecn.saw_opt, seen);
}

void tcp_accecn_received(struct tcp_sock *tp, const struct sk_buff *skb)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u8 ect = cb->ip_dsfield & INET_ECN_MASK;
	struct tcp_accecn *a = &tp->accecn;
	u32 len = cb->end_seq - cb->seq;

	if (cb->flags & TCPHDR_FIN)
		len--;
	tcp_accecn_see_option(tp, skb);
	if (ect == INET_ECN_CE)
		a->rcv_ce += max_t(u32, 1, skb_shinfo(skb)->gso_segs);
	if (!len)
		return;
	notice_lost_options(tp, skb);
	if (ect == INET_ECN_NOT_ECT)
		return;
	a->rcv_bytes[ect - 1] += len;
	a->minlen = max(a->minlen, place[ect - 1]);
	/* RFC9768 3.2.2.5.1: marks are told at once */
	if (ect == INET_ECN_CE)
		tp->ack.pending |= ICSK_ACK_NOW;
}

/* --- as sender ----------------------------------------------------------------------- */

/* RFC9768 3.2.2.1, table 4: the first segment of the client. */
static u32 third_ack(struct tcp_sock *tp, u8 ace)
{
	int ect = accecn_reflected(ace);

	tp->accecn.third_ack = false;
	if (!ace) {		/* 3.2.2.1: the field is bleached on the way */
		tp->accecn.no_ect = true;
		return 0;
	}
	if (ect > INET_ECN_NOT_ECT && tcp_net(&tp->sk)->ecn_fallback) {
		tp->accecn.no_ect = true;	/* our SYN-ACK was Not-ECT */
		return 0;
	}
	if (ect != INET_ECN_CE)
		return 0;
	tp->delivered_ce++;
	return 1;
}

/* A counter never goes back: what seems so is of an old ACK, or mangled. */
static u32 advance(u32 *counter, u32 field, u32 initial)
{
	u32 delta = (field - initial - *counter) & FIELD_MASK;

	if (delta & FIELD_SIGN)
		return 0;
	*counter += delta;
	return delta;
}

/* RFC9768 3.2.3: bytes newly reported as marked CE; -1: no option. */
static s64 take_option(struct tcp_sock *tp, const struct sk_buff *skb)
{
	const u8 *opt = skb_transport_header(skb) + tp->rx_opt.accecn, *order;
	u32 n, ce = 0;

	if (!tp->rx_opt.accecn)
		return -1;
	order = opt[0] == TCPOPT_ACCECN0 ? order0 : order1;
	n = min_t(u32, (opt[1] - TCPOLEN_ACCECN_BASE) /
		       TCPOLEN_ACCECN_PERFIELD, 3);
	for (u32 i = 0; i < n; i++) {
		const u8 *p = opt + TCPOLEN_ACCECN_BASE +
			      i * TCPOLEN_ACCECN_PERFIELD;
		u32 field = (u32)p[0] << 16 | get_unaligned_be16(p + 1);
		bool is_ce = order[i] == INET_ECN_CE - 1;
		u32 delta = advance(&tp->accecn.dlv_bytes[order[i]], field,
				    is_ce ? 0 : 1);

		if (is_ce)
			ce = delta;
	}
	return n >= 2 ? (s64)ce : -1;
}

/* RFC9768 A.2: delta is right modulo 8, and at most `delivered`. */
static u32 resolve_wraps(struct tcp_sock *tp, u32 delta, u32 delivered,
			 s64 ce_bytes)
{
	const u32 div = ACCECN_ACE_MASK + 1;
	u32 n = delta;

	if (delivered <= ACCECN_ACE_MASK)
		return delta;
	if (ce_bytes >= 0) {	/* nearest to what the bytes say */
		while (n + div <= delivered &&
		       ce_bytes >= (s64)(n + div / 2) * tp->mss_cache)
			n += div;
		return n;
	}
	if (tp->accecn.acked_ewma <= ACK_THINNED << EWMA_SHIFT)
		return delta;
	return delivered - ((delivered - delta) & ACCECN_ACE_MASK);
}

static void count_ack(struct tcp_accecn *a, u32 delivered)
{
	u32 sample = min(delivered, 512u) << EWMA_SHIFT;

	if (!delivered)
		return;
	if (!a->acked_ewma)
		a->acked_ewma = 1u << EWMA_SHIFT;
	a->acked_ewma = (u32)((s32)a->acked_ewma +
			      ((s32)sample - (s32)a->acked_ewma) /
			      (1 << EWMA_SHIFT));
}

u32 tcp_accecn_ack(struct tcp_sock *tp, const struct sk_buff *skb,
		   u32 delivered, bool progress)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u8 ace = accecn_ace(th);
	s64 ce_bytes;
	u32 delta;

	if (tcp_has(th, TCPHDR_SYN))
		return 0;
	if (tp->accecn.third_ack)
		return third_ack(tp, ace);
	/* RFC9768 A.1: it may be older than what we know */
	if (!progress)
		return 0;
	ce_bytes = take_option(tp, skb);
	count_ack(&tp->accecn, delivered);
	delta = (ace - ACCECN_CEP_INIT - tp->delivered_ce) & ACCECN_ACE_MASK;
	delta = resolve_wraps(tp, delta, delivered, ce_bytes);
	tp->delivered_ce += delta;
	NET_ADD_STATS(sock_net(&tp->sk), TcpExt, TCPDeliveredCE, delta);
	return delta;
}

void tcp_accecn_info(const struct tcp_sock *tp, struct tcp_info *info)
{
	const struct tcp_accecn *a = &tp->accecn;

	info->tcpi_received_ce = a->rcv_ce;
	info->tcpi_delivered_e1_bytes = a->dlv_bytes[INET_ECN_ECT_1 - 1];
	info->tcpi_delivered_e0_bytes = a->dlv_bytes[INET_ECN_ECT_0 - 1];
	info->tcpi_delivered_ce_bytes = a->dlv_bytes[INET_ECN_CE - 1];
	info->tcpi_received_e1_bytes = a->rcv_bytes[INET_ECN_ECT_1 - 1];
	info->tcpi_received_e0_bytes = a->rcv_bytes[INET_ECN_ECT_0 - 1];
	info->tcpi_received_ce_bytes = a->rcv_bytes[INET_ECN_CE - 1];
	info->tcpi_accecn_opt_seen = a->saw_opt;
	if (a->no_ect)
		info->tcpi_accecn_fail_mode |= TCP_ACCECN_ACE_FAIL_RECV;
	if (a->no_opt)
		info->tcpi_accecn_fail_mode |= TCP_ACCECN_OPT_FAIL_SEND;
}
