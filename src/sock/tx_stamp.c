/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SO_TIMESTAMPING of what is sent. A send call marks its packet with the points
 * at which the time is wanted and with a key; the packet comes by there
 * (dev/tx_stamp.h; TCP itself, for acknowledgements), and a message with the
 * time goes onto the sock's error queue: the packet itself, or with
 * SOF_TIMESTAMPING_OPT_TSONLY nothing else.
 *
 * The key of a datagram is its number. That of a stream's packet is the
 * sequence number of the last byte of the send call, told as the byte's offset
 * from where the option was set.
 *
 * Stamps are not promised: without memory, or with a full error queue, there
 * is none.
 */
#include "sock/tx_stamp.h"

#include "sock/sock_input.h"

/* --- options ------------------------------------------------------------------ */

static bool stream(const struct sock *sk)
{
	return sk->sk_prot->stamp_base;
}

/* The counting begins. */
static int start_keys(struct sock *sk, bool written)
{
	if (stream(sk))
		return sk->sk_prot->stamp_base(sk, written, &sk->tskey);
	__atomic_store_n(&sk->tskey, 0, __ATOMIC_RELAXED);
	return 0;
}

int sock_set_timestamping(struct sock *sk, u32 flags)
{
	const u32 known = (SOF_TIMESTAMPING_TX_COMPLETION << 1) - 1;
	int err = 0;

	if (flags & ~known)
		return -EINVAL;
	if (flags & SOF_TIMESTAMPING_OPT_ID_TCP &&
	    !(flags & SOF_TIMESTAMPING_OPT_ID))
		return -EINVAL;
	if (flags & SOF_TIMESTAMPING_OPT_ID &&
	    !(sk->tsflags & SOF_TIMESTAMPING_OPT_ID))
		err = start_keys(sk, flags & SOF_TIMESTAMPING_OPT_ID_TCP);
	if (err)
		return err;
	if (flags & SOF_TIMESTAMPING_OPT_STATS &&
	    !(flags & SOF_TIMESTAMPING_OPT_TSONLY))
		return -EINVAL;
	if (flags & SOF_TIMESTAMPING_BIND_PHC)
		return -EOPNOTSUPP;	/* no device here has a clock */
	WRITE_ONCE(sk->tsflags, flags);
	if (flags & SOF_TIMESTAMPING_RX_SOFTWARE)
		sock_set_flag(sk, SOCK_TIMESTAMPING_RX_);
	else
		sock_reset_flag(sk, SOCK_TIMESTAMPING_RX_);
	return 0;
}

/* --- sending ------------------------------------------------------------------- */

void __sock_stamp_datagram(struct sock *sk, struct sk_buff *skb, u32 tsflags)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u8 flags = sock_tx_stamp_flags(tsflags);

	si->tx_flags |= flags;
	if (flags && READ_ONCE(sk->tsflags) & SOF_TIMESTAMPING_OPT_ID)
		si->tskey = __atomic_fetch_add(&sk->tskey, 1, __ATOMIC_RELAXED);
}

/* --- stamps ---------------------------------------------------------------------- */

/* Our own descriptor of the packet, and bytes that stay. */
static struct sk_buff *packet_copy(struct sk_buff *skb)
{
	struct sk_buff *copy = skb_clone(skb);

	if (copy && skb_orphan_frags(copy)) {
		consume_skb(copy);
		return NULL;
	}
	return copy;
}

/* The message's packet; NULL: no memory. */
static struct sk_buff *message(struct sk_buff *skb, struct sock *sk,
			       u32 tsflags, bool *stats)
{
	*stats = false;
	if (!(tsflags & SOF_TIMESTAMPING_OPT_TSONLY))
		return packet_copy(skb);
	*stats = tsflags & SOF_TIMESTAMPING_OPT_STATS &&
		 sk->sk_prot->stamp_stats;
	return *stats ? sk->sk_prot->stamp_stats(sk, skb) : alloc_skb(0);
}

static u32 key_of(const struct sk_buff *skb, const struct sock *sk, u32 tsflags)
{
	if (!(tsflags & SOF_TIMESTAMPING_OPT_ID))
		return 0;
	return skb_shinfo(skb)->tskey - (stream(sk) ? sk->tskey : 0);
}

void sock_stamp_sent(struct sk_buff *skb, struct sock *sk, u32 what)
{
	u32 tsflags = READ_ONCE(sk->tsflags);
	u32 iif = skb->dev ? skb->dev->ifindex : 0;
	struct sk_buff *msg;
	bool stats;

	msg = message(skb, sk, tsflags, &stats);
	if (!msg)
		return;
	if (tsflags & SOF_TIMESTAMPING_OPT_TSONLY)
		iif = 0;
	memset(msg->cb, 0, sizeof(msg->cb));
	SKB_EXT_ERR(msg)->h.iif = iif;
	SKB_EXT_ERR(msg)->opt_stats = stats;
	SKB_EXT_ERR(msg)->ee = (struct sock_extended_err) {
		.ee_errno = ENOMSG, .ee_origin = SO_EE_ORIGIN_TIMESTAMPING,
		.ee_info = what, .ee_data = key_of(skb, sk, tsflags),
	};
	msg->tstamp = ktime_get_real();
	msg->dev = NULL;
	msg->next = msg->prev = NULL;
	if (sock_queue_err_skb(sk, msg))
		consume_skb(msg);
}
