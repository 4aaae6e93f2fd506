/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmsg of UDP (RFC 768, RFC 1122 4.1.3.5): where to, by which route, and
 * then either at once (udp_build.c) or, with MSG_MORE or UDP_CORK, collected
 * until the cork is drawn.
 *
 * A connected socket sends without owning the sock and without a reference to
 * its route: the route is read under slock and lives until this CPU is left,
 * so only a send that must sleep for buffer space takes a reference.
 */
#include "udp/udp_sock.h"

#include "base/slab.h"
#include "sock/zerocopy.h"

/* --- where to ------------------------------------------------------------------------ */

static int dest_address(struct sock *sk, const struct sockmsg *m,
			struct udp_dest *d)
{
	const struct sockaddr_in *in = m->name;

	if (!in || !m->namelen) {
		if (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		d->daddr = READ_ONCE(sk->c.daddr.v4);
		d->dport = READ_ONCE(sk->c.dport);
		d->connected = true;
		return 0;
	}
	if (m->namelen < sizeof(*in))
		return -EINVAL;
	if (in->sin_family != AF_INET && in->sin_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	d->daddr = (__force __be32)in->sin_addr.s_addr;
	d->dport = (__force __be16)in->sin_port;
	return d->dport ? 0 : -EINVAL;
}

/* UDP_SEGMENT is ours, the rest IP's. */
static int udp_cmsgs(struct sock *sk, struct sockmsg *m, struct ipcm_cookie *ck)
{
	struct cmsghdr *c;

	for (c = sock_next_cmsg(m, NULL); c; c = sock_next_cmsg(m, c)) {
		if (IS_ERR(c))
			return (int)PTR_ERR(c);
		if (c->cmsg_level != SOL_UDP)
			continue;
		if (c->cmsg_type != UDP_SEGMENT ||
		    c->cmsg_len != CMSG_LEN(sizeof(u16)))
			return -EINVAL;
		memcpy(&ck->gso_size, CMSG_DATA(c), sizeof(u16));
	}
	return ip_cmsg_send(sk, m, ck);
}

static int route_connected(struct sock *sk, struct udp_dest *d)
{
	struct dst_entry *dst;
	int err = 0;

	spin_lock_bh(&sk->slock);
	dst = inet_flow_route(sock_net(sk), &sk->flow, &err);
	d->saddr = sk->flow.saddr.v4;
	d->daddr = sk->flow.daddr.v4;	/* all of one connect() */
	d->dport = sk->flow.dport;
	spin_unlock_bh(&sk->slock);
	d->rt = container_of(dst, struct rtable, dst);
	d->held = false;
	return dst ? 0 : err;
}

static int route_unconnected(struct sock *sk, struct udp_dest *d)
{
	const struct ip_options *opt = d->ck.opt ? d->ck.opt : sk->flow.opt;
	bool group = ipv4_is_multicast(d->daddr);
	struct flowi4 fl = {
		.daddr = opt && opt->srr ? opt->faddr : d->daddr,
		.saddr = d->ck.saddr, .tos = d->ck.tos, .mark = d->ck.mark,
		.oif = d->ck.oif, .protocol = IPPROTO_UDP,
		.sport = cpu_to_be16(READ_ONCE(sk->c.num)), .dport = d->dport,
		.anysrc = sk->flow.transparent,
	};

	if (!fl.oif)
		fl.oif = group ? sk->flow.mc_index : sk->uc_index;
	if (group && !fl.saddr)
		fl.saddr = sk->flow.mc_addr;
	d->rt = ip_route_output(sock_net(sk), &fl);
	if (IS_ERR(d->rt))
		return (int)PTR_ERR(d->rt);
	d->held = true;
	d->saddr = fl.saddr;
	if (!d->daddr)
		d->daddr = fl.daddr;
	return 0;
}

static void dest_release(struct udp_dest *d)
{
	if (d->held)
		dst_release(&d->rt->dst);
	d->held = false;
	kfree(d->ck.opt);
	d->ck.opt = NULL;
}

static void dest_hold(struct udp_dest *d)
{
	if (!d->held)
		dst_hold(&d->rt->dst);
	d->held = true;
}

/* Address, control messages, route. On 0 dest_release(d). */
static int udp_find_dest(struct sock *sk, struct sockmsg *m, struct udp_dest *d)
{
	bool plain = true;
	int err;

	d->held = d->connected = false;
	err = dest_address(sk, m, d);
	if (err)
		return err;
	ipcm_init_sk(&d->ck, sk);
	d->ck.gso_size = udp_sk(sk)->gso_size;
	if (m->controllen) {
		err = udp_cmsgs(sk, m, &d->ck);
		plain = false;
	}
	if (!err) {
		d->connected = d->connected && plain;
		err = d->connected ? route_connected(sk, d) :
				     route_unconnected(sk, d);
	}
	if (err == -ENETUNREACH)
		NET_INC_STATS(sock_net(sk), Ip, OutNoRoutes);
	if (!err && d->rt->type == RTN_BROADCAST_ &&
	    !sock_flag(sk, SOCK_BROADCAST))
		err = -EACCES;
	if (err)
		dest_release(d);
	return err;
}

/* --- corking ----------------------------------------------------------------------------- */

void udp_flush_pending(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	if (!up->pending)
		return;
	kfree_skb_reason(up->pending, SKB_DROP_REASON_SOCKET_CLOSE);
	up->pending = NULL;
	dest_release(&up->cork);
}

int udp_push_pending(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);
	struct sk_buff *skb = up->pending;
	int err;

	if (!skb)
		return 0;
	up->pending = NULL;
	skb_stage(skb, STAGE_udp_sendmsg);
	err = udp_send_skb(sk, skb, &up->cork);
	dest_release(&up->cork);
	return err;
}

/* Owner. */
static int udp_append_pending(struct sock *sk, struct sockmsg *m, u32 len,
			      bool more)
{
	struct udp_sock *up = udp_sk(sk);
	u32 total = up->pending->len + len + (u32)sizeof(struct iphdr);
	u32 mtu = udp_path_mtu(sk, up->cork.rt);
	int err = 0;

	if (total > UDP_MAX_LEN ||
	    (total > mtu && sk->flow.pmtudisc >= IP_PMTUDISC_DO_ &&
	     sk->flow.pmtudisc != IP_PMTUDISC_OMIT_ && !up->cork.ck.gso_size)) {
		ip_local_error(sk, EMSGSIZE, up->cork.daddr, up->cork.dport, mtu);
		err = -EMSGSIZE;
	}
	if (!err)
		err = udp_add_payload(sk, up->pending, m, len, NULL);
	if (err) {
		udp_flush_pending(sk);
		return err;
	}
	return more ? 0 : udp_push_pending(sk);
}

/* The first piece: an empty datagram with room for one frame. Owner. */
static int udp_begin_pending(struct sock *sk, struct udp_dest *d, bool nonblock)
{
	u32 hlen = (u32)sizeof(struct udphdr);
	struct udp_sock *up = udp_sk(sk);
	struct sk_buff *skb;
	u32 room = d->ck.gso_size ? 0 : min(udp_path_mtu(sk, d->rt), 2048u);
	int err;

	dest_hold(d);
	skb = sock_alloc_send_skb(sk, SKB_MAX_HEADROOM + hlen + room, nonblock,
				  &err);
	if (!skb)
		return err;
	skb_reserve(skb, SKB_MAX_HEADROOM);
	skb_reset_transport_header(skb);
	skb_put(skb, hlen);
	skb->protocol = cpu_to_be16(ETH_P_IP);
	skb->ip_summed = d->ck.gso_size ? CHECKSUM_PARTIAL : CHECKSUM_NONE;
	up->pending = skb;
	up->cork = *d;
	d->held = false;	/* route and options are the cork's now */
	d->ck.opt = NULL;
	return 0;
}

static ssize_t udp_send_corked(struct sock *sk, struct sockmsg *m, u32 len,
			       struct udp_dest *d, bool more)
{
	int err = 0;

	if (d)
		dest_hold(d);	/* lock_sock may sleep */
	lock_sock(sk);
	if (!udp_sk(sk)->pending)
		err = d ? udp_begin_pending(sk, d, m->flags & MSG_DONTWAIT) :
			  -EAGAIN;
	if (!err)
		err = udp_append_pending(sk, m, len, more);
	release_sock(sk);
	return err ? err : (ssize_t)len;
}

/* --- at once --------------------------------------------------------------------------------- */

static int udp_send_now(struct sock *sk, struct sockmsg *m, u32 len,
			struct udp_dest *d)
{
	bool nonblock = m->flags & MSG_DONTWAIT;
	struct sk_buff *skb;

	/* First without sleeping, which a borrowed route would not survive. */
	skb = udp_make_skb(sk, m, len, d, true);
	if (unlikely(IS_ERR(skb) && PTR_ERR(skb) == -EAGAIN && !nonblock)) {
		dest_hold(d);
		skb = udp_make_skb(sk, m, len, d, false);
	}
	if (IS_ERR(skb))
		return (int)PTR_ERR(skb);
	skb_stage(skb, STAGE_udp_sendmsg);
	return udp_send_skb(sk, skb, d);
}

/* MSG_ZEROCOPY. What is corked is copied. */
static int udp_send_zerocopy(struct sock *sk, struct sockmsg *m, u32 len,
			     struct udp_dest *d, bool more)
{
	struct zerocopy zc;
	int err = zerocopy_begin(&zc, sk);

	if (err)
		return err;
	m->zerocopy_id = zc.id;
	if (more) {
		err = (int)min_t(ssize_t, 0,
				 udp_send_corked(sk, m, len, d, more));
	} else {
		m->zerocopy = &zc;
		err = udp_send_now(sk, m, len, d);
	}
	m->zerocopy = NULL;
	zerocopy_end(&zc, !err);
	return err;
}

ssize_t udp_sendmsg(struct sock *sk, struct sockmsg *m, size_t len)
{
	struct udp_sock *up = udp_sk(sk);
	bool more = READ_ONCE(up->corkflag) || m->flags & MSG_MORE;
	struct udp_dest d;
	ssize_t ret;

	if (len > UDP_MAX_LEN)
		return -EMSGSIZE;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (unlikely(READ_ONCE(up->pending))) {
		ret = udp_send_corked(sk, m, (u32)len, NULL, more);
		if (ret != -EAGAIN || READ_ONCE(up->pending))
			return ret;
	}
	ret = udp_find_dest(sk, m, &d);
	if (ret)
		return ret;
	if (m->flags & MSG_CONFIRM && d.rt->dst.ops->confirm)
		d.rt->dst.ops->confirm(&d.rt->dst);
	if (m->flags & MSG_PROBE && !len)
		ret = 0;
	else if (zerocopy_wanted(sk, m, len))
		ret = udp_send_zerocopy(sk, m, (u32)len, &d, more);
	else if (unlikely(more))
		ret = udp_send_corked(sk, m, (u32)len, &d, more);
	else
		ret = udp_send_now(sk, m, (u32)len, &d);
	dest_release(&d);
	if (ret >= 0)
		return (ssize_t)len;
	if (ret == -ENOBUFS)
		NET_INC_STATS(sock_net(sk), Udp, SndbufErrors);
	return ret;
}
