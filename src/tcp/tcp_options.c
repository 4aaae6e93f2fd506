/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of a received segment: RFC 9293 3.1 (MUST-4..7), RFC 7323 2 and 3,
 * RFC 2018 2 and 3; and the timestamp test of RFC 7323 5 (PAWS).
 *
 * A connection in steady state carries nothing but timestamps, always at the
 * same place: that is tested with one comparison before anything is walked.
 */
#include "tcp/tcp.h"
#include "dev/netdevice.h"
#include "tcp/tcp_rx.h"

/* One option being looked at. */
struct tcp_option {
	const u8 *value;		/* behind kind and length */
	u8 kind, len;			/* len with kind and length */
	bool syn, estab;
};

/* Settings of the stack that the packet came in by; NULL: all is allowed. */
static const struct tcp_net *tcp_net_of(const struct sk_buff *skb)
{
	return skb->dev && skb->dev->net ? skb->dev->net->tcp : NULL;
}

static void tcp_parse_mss(const struct tcp_option *op,
			  struct tcp_options_received *o)
{
	u16 mss;

	if (op->len != TCPOLEN_MSS || !op->syn || op->estab)
		return;
	mss = get_unaligned_be16(op->value);
	if (!mss)
		return;
	if (o->user_mss && o->user_mss < mss)
		mss = o->user_mss;
	o->mss_clamp = mss;
}

static void tcp_parse_wscale(const struct tcp_option *op,
			     struct tcp_options_received *o,
			     const struct tcp_net *tn)
{
	if (op->len != TCPOLEN_WINDOW || !op->syn || op->estab ||
	    (tn && !tn->window_scaling))
		return;
	o->wscale_ok = 1;
	/* RFC7323 2.3: a larger shift is taken as 14 */
	o->snd_wscale = min_t(u32, op->value[0], TCP_MAX_WSCALE) & 0xf;
}

static void tcp_parse_tstamp(const struct tcp_option *op,
			     struct tcp_options_received *o,
			     const struct tcp_net *tn)
{
	if (op->len != TCPOLEN_TIMESTAMP)
		return;
	if (op->estab ? !o->tstamp_ok : tn && !tn->timestamps)
		return;
	o->saw_tstamp = 1;
	o->rcv_tsval = get_unaligned_be32(op->value);
	o->rcv_tsecr = get_unaligned_be32(op->value + 4);
}

static void tcp_parse_sack_perm(const struct tcp_option *op,
				struct tcp_options_received *o,
				const struct tcp_net *tn)
{
	if (op->len != TCPOLEN_SACK_PERM || !op->syn || op->estab ||
	    (tn && !tn->sack))
		return;
	o->sack_ok = 1;
	tcp_sack_reset(o);
}

/* Remembers where the blocks are; tcp_sack.c reads them. */
static void tcp_parse_sack(const struct sk_buff *skb,
			   const struct tcp_option *op,
			   const struct tcp_options_received *o)
{
	u32 blocks = op->len - TCPOLEN_SACK_BASE;

	if (!o->sack_ok || blocks < TCPOLEN_SACK_PERBLOCK ||
	    blocks % TCPOLEN_SACK_PERBLOCK)
		return;
	TCP_SKB_CB(skb)->sacked = (u8)(op->value - TCPOLEN_SACK_BASE -
				       skb_transport_header(skb));
}

static void tcp_parse_one(const struct sk_buff *skb, const struct tcp_option *op,
			  struct tcp_options_received *o,
			  const struct tcp_net *tn)
{
	switch (op->kind) {
	case TCPOPT_MSS:
		tcp_parse_mss(op, o);
		break;
	case TCPOPT_WINDOW:
		tcp_parse_wscale(op, o, tn);
		break;
	case TCPOPT_TIMESTAMP:
		tcp_parse_tstamp(op, o, tn);
		break;
	case TCPOPT_SACK_PERM:
		tcp_parse_sack_perm(op, o, tn);
		break;
	case TCPOPT_SACK:
		tcp_parse_sack(skb, op, o);
		break;
	case TCPOPT_ACCECN0:
	case TCPOPT_ACCECN1:
		o->accecn = (u8)(op->value - 2 - skb_transport_header(skb));
		break;
	default:	/* RFC9293 MUST-6: ignore what we do not know */
		o->saw_unknown = 1;
		break;
	}
}

/* Borrows skb; its header with options is linear. RFC9293 MUST-5: options may
 * come in any segment; MUST-64: at any byte; MUST-7: an impossible length ends
 * the walk. */
void tcp_parse_options(const struct sk_buff *skb,
		       struct tcp_options_received *o, bool estab)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const u8 *p = (const u8 *)(th + 1);
	const u8 *end = (const u8 *)th + tcp_doff(th);
	const struct tcp_net *tn = tcp_net_of(skb);
	struct tcp_option op = { .syn = tcp_has(th, TCPHDR_SYN),
				 .estab = estab };

	o->saw_tstamp = 0;
	o->saw_unknown = 0;
	o->accecn = 0;
	while (p < end && *p != TCPOPT_EOL) {
		if (*p == TCPOPT_NOP) {
			p++;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p[1] > end - p)
			return;
		op.kind = p[0];
		op.len = p[1];
		op.value = p + 2;
		tcp_parse_one(skb, &op, o, tn);
		p += op.len;
	}
}

bool tcp_fast_parse_options(struct tcp_sock *tp, const struct sk_buff *skb,
			    const struct tcphdr *th)
{
	struct tcp_options_received *o = &tp->rx_opt;
	u32 hlen = tcp_doff(th);

	o->accecn = 0;
	if (hlen == sizeof(*th)) {
		o->saw_tstamp = 0;
		return false;
	}
	if (o->tstamp_ok && hlen == sizeof(*th) + TCPOLEN_TSTAMP_ALIGNED &&
	    tcp_parse_aligned_timestamp(tp, th))
		return true;
	tcp_parse_options(skb, o, true);
	if (o->saw_tstamp && o->rcv_tsecr)
		o->rcv_tsecr -= tp->tsoffset;
	return true;
}

/* RFC7323 5.3 R1, with its exception for connections idle for 24 days. */
bool tcp_paws_check(const struct tcp_options_received *o, u32 paws_win,
		    u32 now_s)
{
	if ((s32)(o->ts_recent - o->rcv_tsval) <= (s32)paws_win)
		return true;
	if (now_s - o->ts_recent_stamp >= TCP_PAWS_24DAYS_S)
		return true;
	/* Some peers send 0 in the SYN and go on with their clock. */
	return !o->ts_recent;
}

/* For SYN-RECEIVED and TIME-WAIT. RFC7323 5.2: a RST is not tested; Linux
 * tests those that come within an MSL of the last segment. Here: Linux. */
bool tcp_paws_reject(const struct tcp_options_received *o, bool rst, u32 now_s)
{
	if (tcp_paws_check(o, 0, now_s))
		return false;
	return !(rst && now_s - o->ts_recent_stamp > TCP_PAWS_MSL_S);
}
