/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packetization-layer path MTU discovery (RFC 4821): one segment larger than
 * the MSS is made of what waits on the write queue, and sent when its loss
 * would do no harm. Whether it arrived, the acknowledgements say (tcp_clean.c,
 * tcp_recovery.c).
 */
#include "tcp/tcp_out.h"

/* RFC4821 7.1: the ends of the search are near: start anew after a time. */
static void check_reprobe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_now_ts(tp);
	u32 mss = tcp_mtu_to_mss(sk, tp->pmtu_cookie);

	if (now - tp->mtup.probe_ts < tcp_net(sk)->probe_interval * 1000)
		return;
	tp->mtup.probe_size = 0;
	tp->mtup.search_high = tp->rx_opt.mss_clamp +
			       (u32)sizeof(struct tcphdr) +
			       (u32)sizeof(struct iphdr) + tp->ext_hdr_len;
	tp->mtup.search_low = tcp_mss_to_mtu(sk, mss);
	tp->mtup.probe_ts = now;
}

/* Size to try (payload); 0: none. */
static u32 probe_size(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 low = tp->mtup.search_low, high = tp->mtup.search_high;
	u32 size = tcp_mtu_to_mss(sk, (high + low) >> 1);

	if (size > tcp_mtu_to_mss(sk, high) ||
	    high - low < tcp_net(sk)->probe_threshold) {
		check_reprobe(sk);
		return 0;
	}
	return size;
}

/* Nothing must forbid to make one packet of `len` bytes. */
static bool queue_can_merge(const struct sock *sk, u32 len)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->write_queue, skb) {
		if (len <= skb->len)
			return true;
		if (TCP_SKB_CB(skb)->eor)
			return false;
		len -= skb->len;
	}
	return false;
}

/* The first `size` bytes of the queue move into nskb, at its head. */
static int gather(struct sock *sk, struct sk_buff *nskb, u32 size, u32 mss)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(nskb);
	struct sk_buff *skb = tcp_send_head(sk);
	u32 base = nskb->truesize, need = size;

	cb->seq = TCP_SKB_CB(skb)->seq;
	cb->end_seq = cb->seq + size;
	cb->flags = TCPHDR_ACK;
	while (need) {
		u32 n;

		skb = tcp_send_head(sk);
		n = min(need, skb->len);
		if (n < skb->len && tcp_fragment(sk, false, skb, n, mss))
			return -ENOMEM;
		if (skb_splice_from(nskb, skb, 0, n))
			return -ENOMEM;
		cb->flags |= TCP_SKB_CB(skb)->flags;
		cb->eor = TCP_SKB_CB(skb)->eor;
		tcp_join_stamps(nskb, skb);
		__skb_unlink(skb, &sk->write_queue);
		tcp_wmem_free_skb(sk, skb);
		need -= n;
	}
	nskb->truesize = base + size;
	WRITE_ONCE(sk->wmem_queued, sk->wmem_queued + size);
	sk_mem_charge(sk, size);
	__skb_queue_head(&sk->write_queue, nskb);
	return 0;
}

/* Room for the probe and enough behind it to learn of its loss.
 * -1: not now, 0: wait for more data or room, 1: go. */
static int may_probe(const struct sock *sk, u32 size)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 need = size + (tp->reordering + 1) * tp->mss_cache;

	if (tp->write_seq - tp->snd_nxt < need || tp->snd_wnd < need)
		return -1;
	if (after(tp->snd_nxt + need, tcp_wnd_end(tp)))
		return 0;
	if (tcp_packets_in_flight(tp) + 2 > tp->snd_cwnd)
		return tcp_packets_in_flight(tp) ? 0 : -1;
	return queue_can_merge(sk, size) ? 1 : -1;
}

/* 1: a probe was sent; 0: send nothing now; -1: go on as usual. */
int tcp_mtu_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *nskb;
	u32 size, mss;
	int may;

	if (likely(!tp->mtup.enabled || tp->mtup.probe_size ||
		   tp->ca_state != TCP_CA_Open || tp->snd_cwnd < 11 ||
		   tp->rx_opt.num_sacks || tp->rx_opt.dsack))
		return -1;
	mss = tcp_current_mss(sk);
	size = probe_size(sk);
	if (!size)
		return -1;
	may = may_probe(sk, size);
	if (may <= 0)
		return may;
	/* Linear room: what cannot be shared as page is copied. */
	nskb = tcp_stream_alloc_skb(sk, size);
	if (!nskb)
		return -1;
	if (gather(sk, nskb, size, mss)) {
		/* What moved already is lost to the queue: put it back. */
		if (nskb->len) {
			TCP_SKB_CB(nskb)->end_seq = TCP_SKB_CB(nskb)->seq +
						    nskb->len;
			__skb_queue_head(&sk->write_queue, nskb);
		} else {
			tcp_wmem_free_skb(sk, nskb);
		}
		return -1;
	}
	TCP_SKB_CB(nskb)->gso_segs = 1;
	TCP_SKB_CB(nskb)->gso_size = 0;
	if (tcp_transmit_skb(sk, nskb, true))
		return -1;
	tp->snd_cwnd--;		/* it will come back when it is through */
	tp->mtu_probe_seq_start = TCP_SKB_CB(nskb)->seq;
	tp->mtu_probe_seq_end = TCP_SKB_CB(nskb)->end_seq;
	tcp_write_queue_advance(sk, nskb);
	tp->mtup.probe_size = tcp_mss_to_mtu(sk, nskb->len);
	return 1;
}
