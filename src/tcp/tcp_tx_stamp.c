/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SO_TIMESTAMPING of a byte stream: a send call marks the packet that its last
 * byte is in with that byte's sequence number (shared_info.tskey), and the
 * mark stays with the byte however packets are cut and joined. The qdisc and
 * the device tell when the packet with it came by (dev/tx_stamp.h), the
 * retransmission queue when it was acknowledged.
 *
 * A packet has room for one mark: of two calls whose last bytes share a packet
 * the later one is told, which holds for the earlier one, too.
 */
#include "tcp/tcp_out.h"

#include "sock/sock_input.h"
#include "sock/tx_stamp.h"

static bool marked(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->txstamp_ack ||
	       skb_shinfo(skb)->tx_flags & SKB_TX_STAMPS;
}

void __tcp_mark_stamps(struct sock *sk, u32 tsflags)
{
	struct sk_buff *skb = skb_peek_tail(&sk->write_queue);

	if (!skb)
		skb = tcp_rtx_queue_tail(sk);	/* it went already */
	if (!skb || !skb->len)
		return;
	skb_shinfo(skb)->tx_flags |= sock_tx_stamp_flags(tsflags);
	skb_shinfo(skb)->tskey = TCP_SKB_CB(skb)->seq + skb->len - 1;
	if (tsflags & SOF_TIMESTAMPING_TX_ACK)
		TCP_SKB_CB(skb)->txstamp_ack = 1;
}

void tcp_split_stamps(struct sk_buff *skb, struct sk_buff *rest)
{
	struct tcp_skb_cb *a = TCP_SKB_CB(skb), *b = TCP_SKB_CB(rest);

	b->txstamp_ack = 0;
	if (likely(!marked(skb)) || before(skb_shinfo(skb)->tskey, b->seq))
		return;
	b->txstamp_ack = a->txstamp_ack;
	a->txstamp_ack = 0;
	skb_shinfo(rest)->tskey = skb_shinfo(skb)->tskey;
	skb_take_stamps(rest, skb);
	skb_shinfo(skb)->tx_flags &= (u8)~SKB_TX_STAMPS;
}

void tcp_join_stamps(struct sk_buff *skb, const struct sk_buff *next)
{
	if (likely(!marked(next)))
		return;
	TCP_SKB_CB(skb)->txstamp_ack |= TCP_SKB_CB(next)->txstamp_ack;
	skb_shinfo(skb)->tskey = skb_shinfo(next)->tskey;
	skb_take_stamps(skb, next);
}

void __tcp_ack_stamp(struct sock *sk, struct sk_buff *skb, u32 prior_una)
{
	u32 key = skb_shinfo(skb)->tskey;

	if (!before(key, prior_una) && before(key, tcp_sk(sk)->snd_una))
		sock_stamp_sent(skb, sk, SCM_TSTAMP_ACK);
}

int tcp_stamp_base(struct sock *sk, bool written, u32 *seq)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN)))
		return -EINVAL;
	*seq = written ? tp->write_seq : tp->snd_una;
	return 0;
}

/* --- SCM_TIMESTAMPING_OPT_STATS ------------------------------------------------- */

/* Netlink attributes: length and type, then the value, padded to four bytes.
 * Linux aligns values of eight bytes where the machine needs it; readers copy
 * them out anyway. */
static void put_attr(struct sk_buff *skb, u16 type, const void *v, u16 len)
{
	const u16 head[2] = { (u16)(sizeof(head) + len), type };
	u32 room = ALIGN_UP((u32)sizeof(head) + len, 4u);
	u8 *p = skb_put(skb, room);

	memset(p, 0, room);
	memcpy(p, head, sizeof(head));
	memcpy(p + sizeof(head), v, len);
}

static void put_u64(struct sk_buff *skb, u16 type, u64 v)
{
	put_attr(skb, type, &v, sizeof(v));
}

static void put_u32(struct sk_buff *skb, u16 type, u32 v)
{
	put_attr(skb, type, &v, sizeof(v));
}

static void put_u8(struct sk_buff *skb, u16 type, u8 v)
{
	put_attr(skb, type, &v, sizeof(v));
}

static void put_path(struct sk_buff *skb, const struct tcp_info *i)
{
	put_u64(skb, TCP_NLA_BUSY, i->tcpi_busy_time);
	put_u64(skb, TCP_NLA_RWND_LIMITED, i->tcpi_rwnd_limited);
	put_u64(skb, TCP_NLA_SNDBUF_LIMITED, i->tcpi_sndbuf_limited);
	put_u64(skb, TCP_NLA_DATA_SEGS_OUT, i->tcpi_data_segs_out);
	put_u64(skb, TCP_NLA_TOTAL_RETRANS, i->tcpi_total_retrans);
	put_u64(skb, TCP_NLA_PACING_RATE, i->tcpi_pacing_rate);
	put_u64(skb, TCP_NLA_DELIVERY_RATE, i->tcpi_delivery_rate);
	put_u32(skb, TCP_NLA_SND_CWND, i->tcpi_snd_cwnd);
	put_u32(skb, TCP_NLA_REORDERING, i->tcpi_reordering);
	put_u32(skb, TCP_NLA_MIN_RTT, i->tcpi_min_rtt);
	put_u8(skb, TCP_NLA_RECUR_RETRANS, i->tcpi_retransmits);
	put_u8(skb, TCP_NLA_DELIVERY_RATE_APP_LMT,
	       i->tcpi_delivery_rate_app_limited);
	put_u32(skb, TCP_NLA_SND_SSTHRESH, i->tcpi_snd_ssthresh);
	put_u32(skb, TCP_NLA_DELIVERED, i->tcpi_delivered);
	put_u32(skb, TCP_NLA_DELIVERED_CE, i->tcpi_delivered_ce);
}

static void put_queue(struct sk_buff *skb, const struct tcp_sock *tp,
		      const struct tcp_info *i)
{
	u16 rehash = (u16)tp->timeout_rehash;

	put_u32(skb, TCP_NLA_SNDQ_SIZE, tp->write_seq - tp->snd_una);
	put_u8(skb, TCP_NLA_CA_STATE, i->tcpi_ca_state);
	put_u64(skb, TCP_NLA_BYTES_SENT, i->tcpi_bytes_sent);
	put_u64(skb, TCP_NLA_BYTES_RETRANS, i->tcpi_bytes_retrans);
	put_u32(skb, TCP_NLA_DSACK_DUPS, i->tcpi_dsack_dups);
	put_u32(skb, TCP_NLA_REORD_SEEN, i->tcpi_reord_seen);
	put_u32(skb, TCP_NLA_SRTT, i->tcpi_rtt);
	put_attr(skb, TCP_NLA_TIMEOUT_REHASH, &rehash, sizeof(rehash));
	put_u32(skb, TCP_NLA_BYTES_NOTSENT, i->tcpi_notsent_bytes);
}

struct sk_buff *tcp_stamp_stats(struct sock *sk, const struct sk_buff *orig)
{
	struct sk_buff *skb = alloc_skb(512);
	struct tcp_info info;

	if (!skb)
		return NULL;
	tcp_get_info(sk, &info);
	put_path(skb, &info);
	put_queue(skb, tcp_sk(sk), &info);
	put_u64(skb, TCP_NLA_EDT, (u64)orig->tstamp);
	put_u32(skb, TCP_NLA_REHASH, info.tcpi_rehash);
	return skb;
}
