/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of IPPROTO_IP as in ip(7): what is sent in the header, what is told
 * about received packets, by which device groups are reached. As in Linux an
 * integer may also be given as one byte. Groups are in ip_mcast.c.
 */
#include "sock/ip_sockglue.h"

#include "base/slab.h"
#include "inet/ipv4_net.h"
#include "inet/route.h"

static u32 cmsg_flag(int name)
{
	switch (name) {
	case IP_PKTINFO:
		return IP_CMSG_PKTINFO;
	case IP_RECVTTL:
		return IP_CMSG_TTL;
	case IP_RECVTOS:
		return IP_CMSG_TOS;
	case IP_RECVOPTS:
		return IP_CMSG_RECVOPTS;
	case IP_RETOPTS:
		return IP_CMSG_RETOPTS;
	case IP_PASSSEC:
		return IP_CMSG_PASSSEC;
	case IP_RECVORIGDSTADDR:
		return IP_CMSG_ORIGDSTADDR;
	case IP_CHECKSUM:
		return IP_CMSG_CHECKSUM;
	case IP_RECVFRAGSIZE:
		return IP_CMSG_RECVFRAGSIZE;
	default:
		return 0;
	}
}

static void forget_route(struct sock *sk)
{
	spin_lock_bh(&sk->slock);
	inet_flow_drop_route(&sk->flow);
	spin_unlock_bh(&sk->slock);
}

/* RFC 1349's bits as Linux maps them to its bands. */
static const u8 tos_priority[16] = {
	0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4
};

static u32 tos_to_priority(u8 tos)
{
	return tos_priority[(tos & IPTOS_TOS_MASK) >> 1];
}

static int set_tos(struct sock *sk, u8 tos)
{
	/* A stream's ECN bits are TCP's. */
	if (sk->type == SOCK_STREAM)
		tos = (u8)((tos & ~INET_ECN_MASK) |
			   (sk->flow.tos & INET_ECN_MASK));
	if (sk->flow.tos == tos)
		return 0;
	sk->flow.tos = tos;
	sk->priority = sk->flow.priority = tos_to_priority(tos);
	forget_route(sk);
	return 0;
}

/* The queue's first error; time stamps and completions of MSG_ZEROCOPY are none
 * and stay. NULL: no more. */
static struct sk_buff *take_error(struct sk_buff_head *q)
{
	struct sk_buff *skb, *found = NULL;

	spin_lock_bh(&q->lock);
	skb_queue_walk(q, skb) {
		u8 origin = SKB_EXT_ERR(skb)->ee.ee_origin;

		if (origin == SO_EE_ORIGIN_ZEROCOPY ||
		    origin == SO_EE_ORIGIN_TIMESTAMPING)
			continue;
		found = skb;
		__skb_unlink(skb, q);
		break;
	}
	spin_unlock_bh(&q->lock);
	return found;
}

static int set_recverr(struct sock *sk, bool on)
{
	struct sk_buff *skb;

	sk->recverr = on;
	while (!on && (skb = take_error(&sk->error_queue)))
		consume_skb(skb);
	return 0;
}

/* Bytes up to the end of the list; what is behind it is sent as zeros. */
static u32 options_end(const u8 *p, u32 len)
{
	u32 i = 0;

	while (i < len && p[i] != IPOPT_END) {
		u32 n = p[i] == IPOPT_NOOP ? 1 : i + 1 < len ? p[i + 1] : 0;

		if (!n)
			return len;	/* malformed: whoever parses it says so */
		i += n;
	}
	return min(i, len);
}

static int set_options(struct sock *sk, const void *val, u32 len)
{
	struct ip_options *opt = NULL, *old;
	u8 text[40] = { 0 };

	if (len > sizeof(text))
		return -EINVAL;
	if (len) {
		memcpy(text, val, options_end(val, len));
		opt = ip_options_get(sock_net(sk), text, len);
		if (IS_ERR(opt))
			return (int)PTR_ERR(opt);
	}
	spin_lock_bh(&sk->slock);
	old = sk->flow.opt;
	sk->flow.opt = opt;
	inet_flow_drop_route(&sk->flow);
	spin_unlock_bh(&sk->slock);
	if (old) {	/* senders without the lock may still read it */
		synchronize_rcu();
		kfree(old);
	}
	return 0;
}

static int set_port_range(struct sock *sk, u32 v)
{
	u16 lo = (u16)v, hi = (u16)(v >> 16);

	if (lo && hi && lo > hi)
		return -EINVAL;
	sk->port_range[0] = lo;
	sk->port_range[1] = hi;
	return 0;
}

static int set_unicast_if(struct sock *sk, u32 ifindex)
{
	if (!ifindex) {
		sk->uc_index = 0;
		return 0;
	}
	if (!dev_get_by_index(sock_net(sk), ifindex))
		return -EADDRNOTAVAIL;
	if (sk->c.bound_dev_if && sk->c.bound_dev_if != ifindex)
		return -EINVAL;
	sk->uc_index = ifindex;
	return 0;
}

/* Those with 1 as the only other value than 0. */
static int set_bool(struct sock *sk, int name, bool on)
{
	switch (name) {
	case IP_FREEBIND:
		sk->flow.freebind = on;
		return 0;
	case IP_TRANSPARENT:
		sk->flow.transparent = on;
		return 0;
	case IP_BIND_ADDRESS_NO_PORT:
		sk->bind_address_no_port = on;
		return 0;
	case IP_MULTICAST_LOOP:
		sk->flow.mc_loop = on;
		return 0;
	case IP_RECVERR:
		return set_recverr(sk, on);
	case IP_HDRINCL:
		if (sk->type != SOCK_RAW)
			return -ENOPROTOOPT;
		sk->flow.hdrincl = on;
		return 0;
	case IP_NODEFRAG:	/* weir reassembles for conntrack only */
		if (sk->type != SOCK_RAW)
			return -ENOPROTOOPT;
		sk->nodefrag = on;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static bool needs_a_byte(int name)
{
	return name == IP_FREEBIND || name == IP_TRANSPARENT ||
	       name == IP_MULTICAST_LOOP;
}

static int set_int(struct sock *sk, int name, int val, u32 len)
{
	switch (name) {
	case IP_TOS:
		return set_tos(sk, (u8)val);
	case IP_TTL:
		if (!len || (val != -1 && (val < 1 || val > 255)))
			return -EINVAL;
		sk->flow.ttl = val == -1 ? 0 : (u8)val;
		return 0;
	case IP_MTU_DISCOVER:
		if (val < IP_PMTUDISC_DONT_ || val > IP_PMTUDISC_OMIT_)
			return -EINVAL;
		sk->flow.pmtudisc = (u8)val;
		return 0;
	case IP_MULTICAST_TTL:
		if (sk->type == SOCK_STREAM || !len || val < -1 || val > 255)
			return -EINVAL;
		sk->flow.mc_ttl = val == -1 ? 1 : (u8)val;
		return 0;
	case IP_MULTICAST_ALL:
		if (!len || (val != 0 && val != 1))
			return -EINVAL;
		sk->mc_all = (u8)val;
		return 0;
	case IP_MINTTL:
		if (!len || val < 0 || val > 255)
			return -EINVAL;
		WRITE_ONCE(sk->min_ttl, (u8)val);
		return 0;
	case IP_LOCAL_PORT_RANGE:
		return len == sizeof(u32) ? set_port_range(sk, (u32)val) : -EINVAL;
	case IP_UNICAST_IF:
		if (len != sizeof(int))
			return -EINVAL;
		return set_unicast_if(sk, __builtin_bswap32((u32)val));
	case IP_RECVERR_RFC4884:
		if (val != 0 && val != 1)
			return -EINVAL;
		sk->recverr_rfc4884 = (u8)val;
		return 0;
	default:
		return !len && needs_a_byte(name) ? -EINVAL :
						    set_bool(sk, name, val);
	}
}

static int set_one(struct sock *sk, int name, const void *arg, u32 len)
{
	u32 flag = cmsg_flag(name);
	int val = 0;

	if (len >= sizeof(int))
		memcpy(&val, arg, sizeof(int));
	else if (len)
		val = *(const u8 *)arg;
	if (flag) {
		if (name == IP_RECVFRAGSIZE && sk->type == SOCK_STREAM)
			return -EINVAL;
		WRITE_ONCE(sk->cmsg_flags, val ? sk->cmsg_flags | flag :
					   sk->cmsg_flags & ~flag);
		return 0;
	}
	if (name == IP_OPTIONS)
		return set_options(sk, arg, len);
	if (ip_mc_is_option(name))
		return ip_mc_setsockopt(sk, name, arg, len);
	return set_int(sk, name, val, len);
}

int ip_setsockopt(struct sock *sk, int name, const void *val, u32 len)
{
	int err;

	if ((int)len < 0)
		return -EINVAL;
	lock_sock(sk);
	err = set_one(sk, name, val, len);
	release_sock(sk);
	return err;
}

/* --- get ------------------------------------------------------------------------------ */

static int get_mtu(struct sock *sk, int *val)
{
	struct dst_entry *dst;
	int err = -ENOTCONN;

	spin_lock_bh(&sk->slock);
	dst = sk->c.daddr.v4 ? inet_flow_route(sock_net(sk), &sk->flow, &err) :
			       NULL;
	*val = dst ? (int)dst_mtu(dst) : 0;
	spin_unlock_bh(&sk->slock);
	return *val ? 0 : -ENOTCONN;
}

/* 0 or -errno. */
static int get_bool(const struct sock *sk, int name, int *val)
{
	switch (name) {
	case IP_FREEBIND:
		*val = sk->flow.freebind;
		return 0;
	case IP_TRANSPARENT:
		*val = sk->flow.transparent;
		return 0;
	case IP_BIND_ADDRESS_NO_PORT:
		*val = sk->bind_address_no_port;
		return 0;
	case IP_MULTICAST_LOOP:
		*val = sk->flow.mc_loop;
		return 0;
	case IP_MULTICAST_ALL:
		*val = sk->mc_all;
		return 0;
	case IP_RECVERR:
		*val = sk->recverr;
		return 0;
	case IP_RECVERR_RFC4884:
		*val = sk->recverr_rfc4884;
		return 0;
	case IP_HDRINCL:
		*val = sk->flow.hdrincl;
		return 0;
	case IP_NODEFRAG:
		*val = sk->nodefrag;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int get_one(struct sock *sk, int name, int *val)
{
	u32 flag = cmsg_flag(name);

	if (flag) {
		*val = !!(sk->cmsg_flags & flag);
		return 0;
	}
	switch (name) {
	case IP_TOS:
		*val = sk->flow.tos;
		return 0;
	case IP_TTL:
		*val = sk->flow.ttl ? sk->flow.ttl :
		       (int)sock_net(sk)->ipv4->sysctl.ip_default_ttl;
		return 0;
	case IP_MTU_DISCOVER:
		*val = sk->flow.pmtudisc;
		return 0;
	case IP_MTU:
		return get_mtu(sk, val);
	case IP_MULTICAST_TTL:
		*val = sk->flow.mc_ttl;
		return 0;
	case IP_MINTTL:
		*val = sk->min_ttl;
		return 0;
	case IP_LOCAL_PORT_RANGE:
		*val = (int)(sk->port_range[0] | (u32)sk->port_range[1] << 16);
		return 0;
	case IP_UNICAST_IF:
		*val = (int)__builtin_bswap32(sk->uc_index);
		return 0;
	case IP_PROTOCOL:	/* Linux: inet_num, which is it for raw sockets */
		*val = sk->c.num;
		return 0;
	default:
		return get_bool(sk, name, val);
	}
}

static int get_options(const struct sock *sk, void *val, u32 *len)
{
	const struct ip_options *opt = sk->flow.opt;

	*len = min_t(u32, *len, opt ? opt->optlen : 0);
	if (*len)
		memcpy(val, opt->data, *len);
	return 0;
}

int ip_getsockopt(struct sock *sk, int name, void *val, u32 *len)
{
	int v = 0, err;
	u8 byte;

	if ((int)*len < 0)
		return -EINVAL;
	if (name == IP_PKTOPTIONS && sk->type == SOCK_STREAM) {
		*len = 0;
		return 0;
	}
	lock_sock(sk);
	if (name == IP_OPTIONS) {
		err = get_options(sk, val, len);
		release_sock(sk);
		return err;
	}
	if (name == IP_MULTICAST_IF) {
		memcpy(&v, &sk->flow.mc_addr, sizeof(v));
		err = 0;
	} else {
		err = get_one(sk, name, &v);
	}
	release_sock(sk);
	if (err)
		return err;
	if (*len > 0 && *len < sizeof(int) && v >= 0 && v <= 255 &&
	    name != IP_MULTICAST_IF) {
		byte = (u8)v;
		memcpy(val, &byte, 1);
		*len = 1;
		return 0;
	}
	*len = min_t(u32, *len, sizeof(v));
	memcpy(val, &v, *len);
	return 0;
}
