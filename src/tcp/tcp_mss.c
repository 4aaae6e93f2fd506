/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How large a segment may be (RFC 9293 3.7.1, RFC 6691): what the peer
 * announced, what the path carries (RFC 1191, RFC 4821), less the options that
 * go with every segment. mss_cache holds the result for the present path MTU.
 *
 *	path MTU - IP header - TCP header - usual options = mss_cache
 *	mss_cache - SACK blocks that go just now          = tcp_current_mss()
 */
#include "tcp/tcp_out.h"

#include "inet/route.h"

static u32 mtu_to_mss_plain(const struct sock *sk, u32 mtu)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 fixed = sizeof(struct iphdr) + sizeof(struct tcphdr);
	u32 mss = mtu > fixed ? mtu - fixed : 0;

	if (mss > tp->rx_opt.mss_clamp)
		mss = tp->rx_opt.mss_clamp;
	mss = mss > tp->ext_hdr_len ? mss - tp->ext_hdr_len : 0;
	return max_t(u32, mss, tcp_net(sk)->min_snd_mss);
}

/* RFC9293 3.7.1 MUST-16: options of every segment count. */
u32 tcp_mtu_to_mss(struct sock *sk, u32 pmtu)
{
	return mtu_to_mss_plain(sk, pmtu) -
	       (tcp_sk(sk)->tcp_header_len - (u32)sizeof(struct tcphdr));
}

u32 tcp_mss_to_mtu(struct sock *sk, u32 mss)
{
	return mss + tcp_sk(sk)->tcp_header_len + tcp_sk(sk)->ext_hdr_len +
	       (u32)sizeof(struct iphdr);
}

/* RFC9293 3.7.1 MUST-67: MTU of the link, less the fixed headers. */
u32 tcp_dst_advmss(const struct dst_entry *dst)
{
	u32 fixed = sizeof(struct iphdr) + sizeof(struct tcphdr);
	u32 mtu = dst_mtu(dst), mss = mtu > fixed ? mtu - fixed : 0;

	if (dst->advmss)
		return dst->advmss;
	mss = max_t(u32, mss, 256);
	return min_t(u32, mss, 65535 - fixed);
}

/* RFC 4821 7.2: search between a size that works and one that may. */
void tcp_mtup_init(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);

	tp->mtup.enabled = tn->mtu_probing > 1;
	tp->mtup.search_high = tp->rx_opt.mss_clamp +
			       (u32)sizeof(struct tcphdr) + tp->ext_hdr_len +
			       (u32)sizeof(struct iphdr);
	tp->mtup.search_low = tcp_mss_to_mtu(sk, tn->base_mss);
	tp->mtup.probe_size = 0;
	if (tp->mtup.enabled)
		tp->mtup.probe_ts = tcp_jiffies32();
}

/* Segments above half the largest window the peer ever offered cannot be
 * filled by it. RFC 9293 3.8.6.2.1 */
static u32 bound_to_half_wnd(const struct tcp_sock *tp, u32 size)
{
	u32 cut;

	if (tp->max_window > TCP_MSS_DEFAULT)
		cut = tp->max_window >> 1;
	else
		cut = tp->max_window;
	if (cut && size > cut)
		return max_t(u32, cut, 68u - tp->tcp_header_len);
	return size;
}

u32 tcp_sync_mss(struct sock *sk, u32 pmtu)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss;

	if (tp->mtup.search_high > pmtu)
		tp->mtup.search_high = pmtu;
	mss = bound_to_half_wnd(tp, tcp_mtu_to_mss(sk, pmtu));
	tp->pmtu_cookie = pmtu;
	if (tp->mtup.enabled)
		mss = min_t(u32, mss,
			    tcp_mtu_to_mss(sk, tp->mtup.search_low));
	tp->mss_cache = mss;
	return mss;
}

/* Packets of many segments are made whatever the device can: what it cannot cut,
 * dev/gso.c does, and the way down is walked once all the same. */
void tcp_setup_caps(struct sock *sk, const struct dst_entry *dst)
{
	const struct net_device *dev = dst->dev;

	tcp_sk(sk)->caps_dst = dst;
	sk->route_caps = dev->features | NETIF_F_GSO;
	sk->gso_max_segs = 1;
	if (sk_can_gso(sk)) {
		u32 segs = dev->gso_max_segs ? dev->gso_max_segs : 0xffff;

		sk->route_caps |= NETIF_F_SG | NETIF_F_HW_CSUM;
		sk->gso_max_size = min_t(u32, dev->gso_max_size ?
					 dev->gso_max_size : GSO_MAX_SIZE,
					 GSO_MAX_SIZE) - SKB_MAX_HEADROOM - 1;
		sk->gso_max_segs = (u16)min_t(u32, segs, 0xffff);
	}
}

/* The path, its device or the options are not as they were. */
u32 __tcp_current_mss(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct dst_entry *dst = sk->flow.dst;
	u32 mss = tp->mss_cache, header;

	if (likely(dst)) {
		u32 mtu = dst_mtu(dst);

		if (unlikely(mtu != tp->pmtu_cookie))
			mss = tcp_sync_mss(sk, mtu);
		if (unlikely(dst != tp->caps_dst))
			tcp_setup_caps(sk, dst);
	}
	if (unlikely(!tcp_usual_options(tp))) {
		struct tcp_out_options o;

		header = tcp_established_options(sk, NULL, &o) +
			 (u32)sizeof(struct tcphdr);
		mss -= header - tp->tcp_header_len;
	}
	return mss;
}

/* *size_goal: how large a packet of several segments may become. MSG_OOB: the
 * urgent byte must stay the last of its packet. */
u32 tcp_send_mss(struct sock *sk, u32 *size_goal, int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tcp_current_mss(sk), goal;

	*size_goal = mss;
	if (!sk_can_gso(sk) || flags & MSG_OOB)
		return mss;
	goal = bound_to_half_wnd(tp, sk->gso_max_size);
	if (goal > mss)
		*size_goal = goal / mss > sk->gso_max_segs ?
			     sk->gso_max_segs * mss : goal - goal % mss;
	return mss;
}
