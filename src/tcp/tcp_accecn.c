/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accurate ECN, the handshake and what is sent: RFC 9768 3.1, 3.2.
 *
 * AE, CWR and ECE of a SYN are all set to ask; in the SYN-ACK, and in the ACK
 * of that, they reflect the codepoint that the other's SYN had on arrival, so
 * that a path that changes codepoints is found out. From then on they are the
 * ACE field: the low three bits of the number of packets that came marked CE.
 *
 * The option has the bytes that came with each codepoint, 24 bits each; ours
 * has ECT(1), CE, ECT(0), and leaves out the last ones where there is no room.
 * It goes in every segment (tcp_ecn_option 2), or with news only (1), once the
 * peer has shown that options get through. Where SACK blocks leave no room, a
 * counter that changed takes the place of one block, but two blocks stay.
 */
#include "tcp/tcp_accecn.h"

#define ALL_FIELDS		3u
#define MIN_SACKS		2u	/* not fewer for the option's sake */

/* Counter of each place in the option, by codepoint - 1; and what it begins
 * with. */
static const u8 option_order[ALL_FIELDS] = {
	INET_ECN_ECT_1 - 1, INET_ECN_CE - 1, INET_ECN_ECT_0 - 1,
};
static const u8 initial_bytes[ALL_FIELDS] = {
	[INET_ECN_ECT_1 - 1] = 1, [INET_ECN_ECT_0 - 1] = 1,
	[INET_ECN_CE - 1] = 0,
};

/* RFC9768 3.1.2, table 2, and 3.2.2.1, table 3 */
static const u8 reflection[4] = {
	[INET_ECN_NOT_ECT] = 2, [INET_ECN_ECT_1] = 3,
	[INET_ECN_ECT_0] = 4, [INET_ECN_CE] = 6,
};

u8 accecn_reflect(u8 ect)
{
	return reflection[ect & INET_ECN_MASK];
}

int accecn_reflected(u8 ace)
{
	for (int ect = 0; ect < 4; ect++)
		if (reflection[ect] == ace)
			return ect;
	return -1;
}

/* --- client ---------------------------------------------------------------------- */

bool tcp_accecn_ask(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	memset(&tp->accecn, 0, sizeof(tp->accecn));
	tp->accecn.asked = tcp_net(sk)->ecn == 3 && !tcp_ca_needs_ecn(sk);
	return tp->accecn.asked;
}

void tcp_accecn_syn_sent(struct tcp_sock *tp, struct tcphdr *th)
{
	const u8 both = TCPHDR_ECE | TCPHDR_CWR;

	if (!tp->accecn.asked || th->flags & TCPHDR_ACK)
		return;
	if ((th->flags & both) == both)
		accecn_set_ace(th, ACCECN_ACE_MASK);
	if (tp->accecn.syns < 255)
		tp->accecn.syns++;
}

/* RFC9768 3.2.2.3: we sent Not-ECT; anything else was done to it on the way,
 * and ECT may fare no better. */
static void check_mangling(struct sock *sk, int seen)
{
	if (seen > INET_ECN_NOT_ECT && tcp_net(sk)->ecn_fallback)
		tcp_sk(sk)->accecn.no_ect = true;
}

void tcp_accecn_rcv_synack(struct sock *sk, const struct sk_buff *skb)
{
	u8 ace = accecn_ace(tcp_hdr(skb));
	u8 ect = TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK;
	struct tcp_sock *tp = tcp_sk(sk);

	tp->ecn_flags = 0;
	tp->accecn.asked = false;
	/* RFC9768 3.1.2: 000 no ECN, 111 broken, 001 classic ECN; 101 has no
	 * meaning yet, but only servers that know Accurate ECN send it */
	if (ace == 0 || ace == 7)
		return;
	if (ace == 1) {
		tp->ecn_flags = TCP_ECN_OK;
		return;
	}
	tp->accecn.on = true;
	tcp_accecn_see_option(tp, skb);
	tp->accecn.reflect = accecn_reflect(ect);
	if (ect == INET_ECN_CE)
		tp->accecn.rcv_ce++;
	check_mangling(sk, accecn_reflected(ace));
}

/* --- server ---------------------------------------------------------------------- */

bool tcp_accecn_wanted(const struct sock *sk, const struct sk_buff *skb)
{
	return accecn_ace(tcp_hdr(skb)) == ACCECN_ACE_MASK &&
	       tcp_net(sk)->ecn >= 3 && !tcp_ca_needs_ecn(sk);
}

/* RFC9768 3.1.4.2: the second retransmission no longer has it. The state of the
 * request stays: the ACK tells whether the first got through. */
void tcp_accecn_synack_sent(struct request_sock *req, struct tcphdr *th)
{
	if (!req->accecn)
		return;
	if (req->synacks < 2)
		accecn_set_ace(th, accecn_reflect(req->syn_ect));
	if (req->synacks < 255)
		req->synacks++;
}

void tcp_accecn_child(struct tcp_sock *tp, const struct request_sock *req)
{
	memset(&tp->accecn, 0, sizeof(tp->accecn));
	tp->accecn.on = req->accecn;
	tp->accecn.third_ack = req->accecn;
}

/* --- the option -------------------------------------------------------------------- */

static u32 option_len(u32 fields)
{
	return ALIGN_UP(TCPOLEN_ACCECN_BASE + fields * TCPOLEN_ACCECN_PERFIELD,
			4u);
}

static u32 fields_in(u32 room)
{
	u32 n = ALL_FIELDS;

	while (n && option_len(n) > room)
		n--;
	return n;
}

static void fill(const struct tcp_sock *tp, struct tcp_out_options *o, u32 n)
{
	o->flags |= OPTION_ACCECN;
	o->accecn_fields = (u8)n;
	for (u32 i = 0; i < n; i++) {
		u8 k = option_order[i];

		o->accecn[i] = initial_bytes[k] +
			       (tp ? tp->accecn.rcv_bytes[k] : 0);
	}
}

/* RFC9768 3.2.3.3: some options per round trip even without news. */
static bool beacon_due(const struct tcp_sock *tp)
{
	u32 per_rtt = tcp_net(&tp->sk)->ecn_option_beacon;

	if (!per_rtt || !tp->srtt_us)
		return false;
	return (s64)(tp->tcp_mstamp - tp->accecn.opt_us) * per_rtt >=
	       (s64)(tp->srtt_us >> 3);
}

u32 tcp_accecn_option(const struct tcp_sock *tp, struct tcp_out_options *o,
		      u32 len)
{
	u32 mode = tcp_net(&tp->sk)->ecn_option, need = tp->accecn.minlen, n;
	u32 sacks = o->num_sacks, at = len;

	if (!mode || !tp->accecn.saw_opt || tp->accecn.no_opt)
		return len;
	if (!need && beacon_due(tp))
		need = 1;
	if (mode == 1 && !need)
		return len;
	n = fields_in(MAX_TCP_OPTION_SPACE - at);
	while (need && n < need && sacks > MIN_SACKS) {
		sacks--;
		at -= TCPOLEN_SACK_PERBLOCK;
		n = fields_in(MAX_TCP_OPTION_SPACE - at);
	}
	if (!n || n < need)
		return len;
	o->num_sacks = (u8)sacks;
	fill(tp, o, n);
	return at + option_len(n);
}

/* RFC9768 3.2.3.2.1: not when the SYN-ACK has to be sent again. */
u32 tcp_accecn_synack_option(const struct sock *sk,
			     const struct request_sock *req,
			     struct tcp_out_options *o, u32 len)
{
	u32 need = option_len(ALL_FIELDS);

	if (!req->accecn || req->synacks || !tcp_net(sk)->ecn_option ||
	    len + need > MAX_TCP_OPTION_SPACE)
		return len;
	fill(NULL, o, ALL_FIELDS);
	return len + need;
}

u8 *tcp_accecn_write(u8 *p, const struct tcp_out_options *o)
{
	u8 *end = p + option_len(o->accecn_fields);

	*p++ = TCPOPT_ACCECN1;
	*p++ = (u8)(TCPOLEN_ACCECN_BASE +
		    o->accecn_fields * TCPOLEN_ACCECN_PERFIELD);
	for (u32 i = 0; i < o->accecn_fields; i++) {
		*p++ = (u8)(o->accecn[i] >> 16);
		put_unaligned_be16((u16)o->accecn[i], p);
		p += 2;
	}
	memset(p, TCPOPT_NOP, (size_t)(end - p));
	return end;
}

/* --- any segment ------------------------------------------------------------------- */

u8 tcp_accecn_send(struct tcp_sock *tp, struct sk_buff *skb, struct tcphdr *th,
		   const struct tcp_out_options *o)
{
	struct tcp_accecn *a = &tp->accecn;

	accecn_set_ace(th, a->reflect ? a->reflect :
			   (ACCECN_CEP_INIT + a->rcv_ce) & ACCECN_ACE_MASK);
	a->reflect = 0;
	a->opt_sent = o->flags & OPTION_ACCECN;
	if (a->opt_sent) {
		a->opt_us = tp->tcp_mstamp;
		if (o->accecn_fields >= a->minlen)
			a->minlen = 0;
	}
	/* CWR is not a signal for once: no one may clear it while cutting. */
	skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ACCECN;
	return a->no_ect ? INET_ECN_NOT_ECT : INET_ECN_ECT_0;
}
