/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SACK blocks a peer sends: RFC 2018, 2883 (D-SACK), 6675 (what is SACKed
 * leaves the pipe). Each block marks the originals it covers; a packet that is
 * covered in part is cut, if it is a GSO packet, at a segment boundary.
 *
 * A receiver repeats its blocks in every ACK. What the last ACK's blocks
 * covered is remembered (recv_sack_cache), and only what is new is walked; its
 * first packet is found in the tree, O(log n).
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* Wire blocks of one ACK, in host order. */
struct sack_blocks {
	struct tcp_sack_block b[TCP_NUM_SACKS];
	u32 n;
	bool dsack;			/* the first one was */
};

/* --- reordering ------------------------------------------------------------------- */

/* low_seq arrived after higher ones: reordering is at least that far.
 * by_ts: the timestamp told; else SACK. */
void tcp_check_sack_reordering(struct sock *sk, u32 low_seq, bool by_ts)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 fack = tcp_highest_sack_seq(tp), mss = tp->mss_cache, metric;

	if (!before(low_seq, fack))
		return;
	metric = fack - low_seq;
	if (mss && metric > tp->reordering * mss)
		tp->reordering = min((metric + mss - 1) / mss,
				     tcp_net(sk)->max_reordering);
	tp->reord_seen++;		/* RACK waits from now on */
	if (by_ts)
		NET_INC_STATS(sock_net(sk), TcpExt, TCPTSReorder);
	else
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSACKReorder);
}

/* --- D-SACK ---------------------------------------------------------------------------- */

/* [start, end) arrived twice. Segments that makes; 0: more than we ever sent
 * twice, the peer or the network duplicates. */
static u32 tcp_dsack_seen(struct tcp_sock *tp, u32 start, u32 end,
			  struct tcp_sacktag_state *state)
{
	u32 len = end - start, segs = 1;

	if (!before(start, end))
		return 0;
	if (tp->mss_cache && len > tp->mss_cache)
		segs = DIV_ROUND_UP(len, tp->mss_cache);
	else if (tp->tlp_high_seq && tp->tlp_high_seq == end)
		state->flag |= FLAG_DSACK_TLP;
	tp->dsack_dups += segs;
	if (tp->dsack_dups > tp->total_retrans)
		return 0;
	/* A spurious retransmission by RACK: it should wait longer. */
	if (tp->reord_seen && !(state->flag & FLAG_DSACK_TLP))
		tp->rack.dsack_seen = true;
	state->flag |= FLAG_DSACKING_ACK;
	/* It was delivered, if for nothing. */
	state->sack_delivered += segs;
	return segs;
}

/* RFC2883 5: the first block lies below the ACK, or inside the second. */
static bool tcp_check_dsack(struct sock *sk, u32 ack,
			    const struct sack_blocks *s, u32 prior_snd_una,
			    struct tcp_sacktag_state *state)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 start = s->b[0].start_seq, end = s->b[0].end_seq, segs;

	if (before(start, ack))
		NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKRecv);
	else if (s->n > 1 && !after(end, s->b[1].end_seq) &&
		 !before(start, s->b[1].start_seq))
		NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKOfoRecv);
	else
		return false;
	segs = tcp_dsack_seen(tp, start, end, state);
	if (!segs) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKIgnoredDubious);
		return false;
	}
	NET_ADD_STATS(sock_net(sk), TcpExt, TCPDSACKRecvSegs, segs);
	/* Originals that are gone cannot be looked at any more. */
	if (tp->undo_marker && tp->undo_retrans > 0 &&
	    !after(end, prior_snd_una) && after(end, tp->undo_marker))
		tp->undo_retrans = max_t(int, 0, tp->undo_retrans - (int)segs);
	return true;
}

/* Does the block speak of what we sent? D-SACKs may lie before SND.UNA, but
 * not before what undo cares for. */
static bool tcp_is_sackblock_valid(const struct tcp_sock *tp, bool dsack,
				   u32 start, u32 end)
{
	if (after(end, tp->snd_nxt) || !before(start, end) ||
	    !before(start, tp->snd_nxt))
		return false;
	if (after(start, tp->snd_una))
		return true;
	if (!dsack || !tp->undo_marker)
		return false;
	if (after(end, tp->snd_una))
		return false;
	if (!before(start, tp->undo_marker))
		return true;
	if (!after(end, tp->undo_marker))
		return false;
	return !before(start, end - tp->max_window);
}

/* --- marking originals ------------------------------------------------------------------ */

/* pcount segments are SACKed for the first time; the state of their packet. */
static u8 tcp_sacktag_fresh(struct tcp_sock *tp, struct tcp_sacktag_state *state,
			    u8 sacked, u32 seq, u32 end_seq, u32 pcount,
			    u64 sent)
{
	tcp_rack_advance(tp, sacked, end_seq, sent);
	if (sacked & TCPCB_SACKED_RETRANS) {
		/* Original or retransmission? If it was lost, the latter. */
		if (sacked & TCPCB_LOST) {
			sacked &= (u8)~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
			tp->lost_out -= pcount;
			tp->retrans_out -= pcount;
		}
	} else {
		if (!(sacked & TCPCB_RETRANS)) {
			/* A hole filled that was never retransmitted */
			if (before(seq, tcp_highest_sack_seq(tp)) &&
			    before(seq, state->reord))
				state->reord = seq;
			if (!after(end_seq, tp->high_seq))
				state->flag |= FLAG_ORIG_SACK_ACKED;
			if (!state->first_sackt)
				state->first_sackt = sent;
			state->last_sackt = sent;
		}
		if (sacked & TCPCB_LOST) {
			sacked &= (u8)~TCPCB_LOST;
			tp->lost_out -= pcount;
		}
	}
	state->flag |= FLAG_DATA_SACKED;
	state->sack_delivered += pcount;
	return sacked | TCPCB_SACKED_ACKED;
}

/* skb is covered by a block wholly. */
static void tcp_sacktag_one(struct sock *sk, struct sk_buff *skb,
			    struct tcp_sacktag_state *state, bool dup)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u32 pcount = tcp_skb_pcount(skb), fack;

	if (dup && (cb->sacked & TCPCB_RETRANS)) {
		if (tp->undo_marker && tp->undo_retrans > 0 &&
		    after(cb->end_seq, tp->undo_marker))
			tp->undo_retrans = max_t(int, 0, tp->undo_retrans -
							 (int)pcount);
		if ((cb->sacked & TCPCB_SACKED_ACKED) &&
		    before(cb->seq, state->reord))
			state->reord = cb->seq;
	}
	if (!after(cb->end_seq, tp->snd_una))
		return;
	if (!(cb->sacked & TCPCB_SACKED_ACKED)) {
		fack = tcp_highest_sack_seq(tp);
		cb->sacked = tcp_sacktag_fresh(tp, state, cb->sacked, cb->seq,
					       cb->end_seq, pcount,
					       tcp_skb_timestamp_us(skb));
		tp->sacked_out += pcount;
		tp->highest_sack_seq = after(cb->end_seq, fack) ?
				       cb->end_seq : fack;
		tcp_rate_skb_delivered(sk, skb, state->rate);
		list_del_init(&skb->tsorted);
	}
	/* The retransmission arrived where the original was already. */
	if (dup && (cb->sacked & TCPCB_SACKED_RETRANS)) {
		cb->sacked &= (u8)~TCPCB_SACKED_RETRANS;
		tp->retrans_out -= pcount;
	}
}

/* Is skb in the block? If in part and it can be cut, it is cut so that its
 * first part is in or out as a whole. <0: cannot be done. */
static int tcp_match_skb_to_sack(struct sock *sk, struct sk_buff *skb,
				 u32 start, u32 end)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	bool in_sack = !after(start, cb->seq) && !before(end, cb->end_seq);
	u32 mss = tcp_skb_mss(skb), len;

	if (in_sack || tcp_skb_pcount(skb) == 1 || !after(cb->end_seq, start))
		return in_sack;
	in_sack = !after(start, cb->seq);
	len = in_sack ? end - cb->seq : start - cb->seq;
	if (len < mss) {
		if (in_sack)
			return -EINVAL;
		len = mss;
	}
	/* Only whole segments can be SACKed; what is not wholly in, is out. */
	if (len > mss) {
		u32 whole = len / mss * mss;

		if (!in_sack && whole < len)
			whole += mss;
		len = whole;
	}
	if (len >= skb->len && !in_sack)
		return 0;
	if (tcp_fragment(sk, true, skb, len, mss))
		return -ENOMEM;
	return in_sack;
}

/* First packet that ends behind seq; NULL: none. */
static struct sk_buff *tcp_sacktag_find(const struct sock *sk, u32 seq)
{
	struct rb_node *n = tcp_sk(sk)->rtx_queue.rb_node;
	struct sk_buff *best = NULL;

	while (n) {
		struct sk_buff *skb = rb_to_skb(n);

		if (after(TCP_SKB_CB(skb)->end_seq, seq)) {
			best = skb;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

/* Packets from `from` to `to`, a part of block b. */
static void tcp_sacktag_walk(struct sock *sk, struct tcp_sacktag_state *state,
			     const struct tcp_sack_block *b, u32 from, u32 to,
			     bool dup)
{
	struct sk_buff *skb = tcp_sacktag_find(sk, from);

	for (; skb && before(TCP_SKB_CB(skb)->seq, to);
	     skb = tcp_skb_rtx_next(skb)) {
		int in = tcp_match_skb_to_sack(sk, skb, b->start_seq,
					       b->end_seq);

		if (in < 0)
			return;
		if (in)
			tcp_sacktag_one(sk, skb, state, dup);
	}
}

/* Start of what the cache covers at or behind seq: *end is where it ends. */
static bool tcp_cache_next(const struct tcp_sock *tp, u32 seq,
			   struct tcp_sack_block *hit)
{
	bool found = false;

	for (u32 i = 0; i < TCP_NUM_SACKS; i++) {
		const struct tcp_sack_block *c = &tp->recv_sack_cache[i];

		if (c->start_seq == c->end_seq || !after(c->end_seq, seq))
			continue;
		if (!found || before(c->start_seq, hit->start_seq))
			*hit = *c;
		found = true;
	}
	return found;
}

/* What of the block the last ACK did not tell already. */
static void tcp_sacktag_block(struct sock *sk, struct tcp_sacktag_state *state,
			      const struct tcp_sack_block *b, bool use_cache,
			      bool dup)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_sack_block hit = { 0 };
	u32 pos = b->start_seq;

	while (before(pos, b->end_seq)) {
		/* A D-SACK is about packets seen before: all of it. */
		if (!use_cache || dup || !tcp_cache_next(tp, pos, &hit) ||
		    !before(hit.start_seq, b->end_seq)) {
			tcp_sacktag_walk(sk, state, b, pos, b->end_seq, dup);
			return;
		}
		if (before(pos, hit.start_seq))
			tcp_sacktag_walk(sk, state, b, pos, hit.start_seq, dup);
		pos = hit.end_seq;
	}
}

/* --- the blocks of one ACK ----------------------------------------------------------------- */

static void tcp_sack_read(const struct sk_buff *ack_skb, struct sack_blocks *s)
{
	const u8 *opt = skb_transport_header(ack_skb) +
			TCP_SKB_CB(ack_skb)->sacked;

	s->n = min_t(u32, TCP_NUM_SACKS, (opt[1] - TCPOLEN_SACK_BASE) /
					 (u32)TCPOLEN_SACK_PERBLOCK);
	for (u32 i = 0; i < s->n; i++) {
		s->b[i].start_seq = get_unaligned_be32(opt + 2 + 8 * i);
		s->b[i].end_seq = get_unaligned_be32(opt + 6 + 8 * i);
	}
}

static void tcp_sack_count_invalid(struct sock *sk, bool dsack, u32 ack,
				   const struct tcp_sack_block *b)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (dsack) {
		if (!tp->undo_marker)
			NET_INC_STATS(sock_net(sk), TcpExt,
				      TCPDSACKIgnoredNoUndo);
		else
			NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKIgnoredOld);
	} else if (ack == tp->snd_una || after(b->end_seq, tp->snd_una)) {
		/* not just a block that an old ACK repeats */
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSACKDiscard);
	}
}

/* Keeps the blocks that are worth a walk. s->dsack: b[0] is one. */
static void tcp_sack_filter(struct sock *sk, struct sack_blocks *s, u32 ack,
			    u32 prior_snd_una)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	bool first_is_dsack = s->dsack;
	u32 used = 0;

	s->dsack = false;
	for (u32 i = 0; i < s->n; i++) {
		bool dsack = i == 0 && first_is_dsack;
		struct tcp_sack_block b = s->b[i];

		if (!tcp_is_sackblock_valid(tp, dsack, b.start_seq, b.end_seq)) {
			tcp_sack_count_invalid(sk, dsack, ack, &b);
			continue;
		}
		if (!after(b.end_seq, prior_snd_una))
			continue;
		s->dsack |= dsack;
		s->b[used++] = b;
	}
	s->n = used;
}

/* By sequence. The index of the D-SACK, which was 0; ~0 if there is none. */
static u32 tcp_sack_sort(struct sack_blocks *s)
{
	u32 dsack_at = s->dsack ? 0 : ~0u;

	for (u32 i = 1; i < s->n; i++) {
		struct tcp_sack_block b = s->b[i];
		u32 j = i;

		for (; j > 0 && before(b.start_seq, s->b[j - 1].start_seq); j--) {
			s->b[j] = s->b[j - 1];
			if (dsack_at == j - 1)
				dsack_at = j;
		}
		s->b[j] = b;
	}
	return dsack_at;
}

static void tcp_sack_cache_store(struct tcp_sock *tp,
				 const struct sack_blocks *s)
{
	memset(tp->recv_sack_cache, 0, sizeof(tp->recv_sack_cache));
	memcpy(tp->recv_sack_cache, s->b, s->n * sizeof(s->b[0]));
}

/* ack_skb has a SACK option. Borrows. FLAG_* it adds. */
int tcp_sacktag_write_queue(struct sock *sk, const struct sk_buff *ack_skb,
			    u32 prior_snd_una, struct tcp_sacktag_state *state)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ack = TCP_SKB_CB(ack_skb)->ack_seq, dsack_at;
	bool use_cache = tp->sacked_out;
	struct sack_blocks s;

	state->flag = 0;
	state->reord = tp->snd_nxt;
	tcp_sack_read(ack_skb, &s);
	if (!s.n)
		return 0;
	s.dsack = tcp_check_dsack(sk, ack, &s, prior_snd_una, state);
	/* Too old to be true. */
	if (before(ack, prior_snd_una - tp->max_window) || !tp->packets_out)
		return state->flag;
	tcp_sack_filter(sk, &s, ack, prior_snd_una);
	dsack_at = tcp_sack_sort(&s);
	for (u32 i = 0; i < s.n; i++)
		tcp_sacktag_block(sk, state, &s.b[i], use_cache, i == dsack_at);
	tcp_sack_cache_store(tp, &s);
	if (tp->ca_state != TCP_CA_Loss || tp->undo_marker)
		tcp_check_sack_reordering(sk, state->reord, false);
	return state->flag;
}
