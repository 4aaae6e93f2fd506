/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of segments we send (RFC 9293 3.2, RFC 7323, RFC 2018, RFC 7413).
 *
 * First it is decided which options go and how long they are (the MSS and the
 * header length depend on it), then they are written. The order and the NOPs
 * are those of Linux, which peers and middleboxes are used to:
 *
 *	SYN	 MSS, SACK_PERM + TS (or NOP NOP SACK_PERM), NOP WSCALE, TFO
 *	others	 NOP NOP TS, ACCECN, NOP NOP SACK
 *
 * where a SYN-ACK has ACCECN behind TS.
 */
#include "tcp/tcp_accecn.h"

#include "dev/dst.h"

static u32 fastopen_len(const struct tcp_fastopen_cookie *c)
{
	u32 base = c->exp ? TCPOLEN_EXP_FASTOPEN_BASE :
			    TCPOLEN_FASTOPEN_BASE;

	return ALIGN_UP(base + c->len, 4u);
}

/* Length of what o->flags says, fast open and SACK blocks apart. */
static u32 syn_flags_len(u32 flags)
{
	u32 len = 0;

	if (flags & OPTION_MSS)
		len += TCPOLEN_MSS;
	if (flags & OPTION_TS)		/* SACK_PERM takes the place of NOPs */
		len += TCPOLEN_TSTAMP_ALIGNED;
	else if (flags & OPTION_SACK_PERM)
		len += TCPOLEN_SACKPERM_ALIGNED;
	if (flags & OPTION_WSCALE)
		len += TCPOLEN_WSCALE_ALIGNED;
	return len;
}

static u32 add_fastopen(struct tcp_out_options *o, u32 len,
			const struct tcp_fastopen_cookie *c)
{
	u32 need = fastopen_len(c);

	if (len + need > MAX_TCP_OPTION_SPACE)
		return len;
	o->flags |= OPTION_FASTOPEN;
	o->cookie = c;
	return len + need;
}

/* RFC9293 3.7.1 MUST-67: of the path as it is known now; a SYN may go again
 * because it turned out to be narrower. */
static u32 advertise_mss(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (sk->flow.dst)
		tp->advmss = min(tp->advmss, tcp_dst_advmss(sk->flow.dst));
	return tp->advmss;
}

/* RFC9293 3.7.1 MUST-14: the MSS option goes with every SYN. RFC 7323 2.2. */
u32 tcp_syn_options(struct sock *sk, struct sk_buff *skb,
		    struct tcp_out_options *o)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	u32 len;

	o->flags = OPTION_MSS;
	o->mss = (u16)advertise_mss(sk);
	o->num_sacks = 0;
	if (tn->timestamps) {
		o->flags |= OPTION_TS;
		o->tsval = skb ? tcp_skb_tsval(tp, skb) : 0;
		o->tsecr = tp->rx_opt.ts_recent;
	}
	if (tn->window_scaling) {
		o->flags |= OPTION_WSCALE;
		o->wscale = tp->rx_opt.rcv_wscale;
	}
	if (tn->sack)
		o->flags |= OPTION_SACK_PERM;
	len = syn_flags_len(o->flags);
	if (tp->fastopen_req &&
	    tp->fastopen_req->cookie.len != TCP_FASTOPEN_NO_OPTION) {
		u32 with = add_fastopen(o, len, &tp->fastopen_req->cookie);

		if (with != len) {
			tp->syn_fastopen = 1;
			tp->syn_fastopen_exp = tp->fastopen_req->cookie.exp;
		}
		len = with;
	}
	return len;
}

/* RFC 7323 1.3, RFC 2018 2: only what the SYN had. */
u32 tcp_synack_options(const struct sock *sk, struct request_sock *req,
		       u32 mss, const struct tcp_fastopen_cookie *foc,
		       struct tcp_out_options *o)
{
	u32 len;

	o->flags = OPTION_MSS;
	o->mss = (u16)mss;
	o->num_sacks = 0;
	if (req->wscale_ok) {
		o->flags |= OPTION_WSCALE;
		o->wscale = req->rcv_wscale;
	}
	if (req->tstamp_ok) {
		o->flags |= OPTION_TS;
		o->tsecr = req->ts_recent;	/* tsval: the caller */
	}
	if (req->sack_ok)
		o->flags |= OPTION_SACK_PERM;
	len = syn_flags_len(o->flags);
	if (foc && foc->len && foc->len != TCP_FASTOPEN_NO_OPTION)
		len = add_fastopen(o, len, foc);
	return tcp_accecn_synack_option(sk, req, o, len);
}

/* RFC 2018 4: newest block first; RFC 2883 4: a D-SACK before all. */
static u32 gather_sacks(struct tcp_sock *tp, struct tcp_out_options *o, u32 len)
{
	u32 room = MAX_TCP_OPTION_SPACE - len, n = 0, i = 0;
	u32 max;

	if (room < TCPOLEN_SACK_BASE_ALIGNED + TCPOLEN_SACK_PERBLOCK)
		return len;
	max = (room - TCPOLEN_SACK_BASE_ALIGNED) / TCPOLEN_SACK_PERBLOCK;
	max = min_t(u32, max, TCP_NUM_SACKS);
	if (tp->rx_opt.dsack)
		o->sacks[n++] = tp->duplicate_sack[0];
	while (n < max && i < tp->rx_opt.num_sacks)
		o->sacks[n++] = tp->selective_acks[i++];
	o->num_sacks = (u8)n;
	return len + TCPOLEN_SACK_BASE_ALIGNED + n * TCPOLEN_SACK_PERBLOCK;
}

u32 tcp_established_options(struct sock *sk, struct sk_buff *skb,
			    struct tcp_out_options *o)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 len = 0;

	o->flags = 0;
	o->num_sacks = 0;
	if (likely(tp->rx_opt.tstamp_ok)) {
		o->flags = OPTION_TS;
		o->tsval = skb ? tcp_skb_tsval(tp, skb) : 0;
		o->tsecr = tp->rx_opt.ts_recent;
		len = TCPOLEN_TSTAMP_ALIGNED;
	}
	if (unlikely(tp->rx_opt.num_sacks || tp->rx_opt.dsack))
		len = gather_sacks(tp, o, len);
	if (unlikely(tp->accecn.on))
		len = tcp_accecn_option(tp, o, len);
	return len;
}

static u8 *put_words(u8 *p, u32 a, u32 b, u32 c)
{
	put_unaligned_be32(a, p);
	put_unaligned_be32(b, p + 4);
	put_unaligned_be32(c, p + 8);
	return p + 12;
}

#define OPT4(a, b, c, d) ((u32)(a) << 24 | (u32)(b) << 16 | \
			  (u32)(c) << 8 | (u32)(d))

static u8 *write_fastopen(u8 *p, const struct tcp_fastopen_cookie *c)
{
	u8 *end = p + fastopen_len(c);

	if (c->exp) {
		*p++ = TCPOPT_EXP;
		*p++ = (u8)(TCPOLEN_EXP_FASTOPEN_BASE + c->len);
		put_unaligned_be16(TCPOPT_FASTOPEN_MAGIC, p);
		p += 2;
	} else {
		*p++ = TCPOPT_FASTOPEN;
		*p++ = (u8)(TCPOLEN_FASTOPEN_BASE + c->len);
	}
	memcpy(p, c->val, c->len);
	p += c->len;
	memset(p, TCPOPT_NOP, (size_t)(end - p));
	return end;
}

static u8 *write_sacks(u8 *p, const struct tcp_out_options *o)
{
	u32 len = TCPOLEN_SACK_BASE + o->num_sacks * TCPOLEN_SACK_PERBLOCK;

	put_unaligned_be32(OPT4(TCPOPT_NOP, TCPOPT_NOP, TCPOPT_SACK, len), p);
	p += 4;
	for (u32 i = 0; i < o->num_sacks; i++, p += 8) {
		put_unaligned_be32(o->sacks[i].start_seq, p);
		put_unaligned_be32(o->sacks[i].end_seq, p + 4);
	}
	return p;
}

void tcp_options_write(u8 *p, const struct tcp_out_options *o)
{
	u32 f = o->flags;

	if (unlikely(f & OPTION_MSS)) {
		put_unaligned_be32(OPT4(TCPOPT_MSS, TCPOLEN_MSS, o->mss >> 8,
					o->mss & 0xff), p);
		p += 4;
	}
	if (likely(f & OPTION_TS)) {
		u32 kind = f & OPTION_SACK_PERM ?
			OPT4(TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM,
			     TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP) :
			OPT4(TCPOPT_NOP, TCPOPT_NOP, TCPOPT_TIMESTAMP,
			     TCPOLEN_TIMESTAMP);

		p = put_words(p, kind, o->tsval, o->tsecr);
	}
	if (unlikely(f & OPTION_ACCECN))
		p = tcp_accecn_write(p, o);
	if (unlikely((f & (OPTION_TS | OPTION_SACK_PERM)) == OPTION_SACK_PERM)) {
		put_unaligned_be32(OPT4(TCPOPT_NOP, TCPOPT_NOP,
					TCPOPT_SACK_PERM, TCPOLEN_SACK_PERM), p);
		p += 4;
	}
	if (unlikely(f & OPTION_WSCALE)) {
		put_unaligned_be32(OPT4(TCPOPT_NOP, TCPOPT_WINDOW,
					TCPOLEN_WINDOW, o->wscale), p);
		p += 4;
	}
	if (unlikely(o->num_sacks))
		p = write_sacks(p, o);
	if (unlikely(f & OPTION_FASTOPEN))
		write_fastopen(p, o->cookie);
}
