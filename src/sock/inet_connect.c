/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connect, listen and accept of AF_INET. A stream socket goes through
 *
 *	UNCONNECTED --connect--> CONNECTING --SYN-ACK--> CONNECTED
 *	     ^                       |
 *	     +------- error ---------+
 *
 * where a non-blocking connect returns -EINPROGRESS once and -EALREADY until
 * it is decided; a datagram socket only remembers its peer and a route.
 */
#include "sock/inet_common.h"

#include "inet/route.h"
#include "sock/sock_input.h"

/* --- datagrams -------------------------------------------------------------------- */

static __be32 in_addr_of(const struct sockaddr_in *in)
{
	return (__force __be32)in->sin_addr.s_addr;
}

/* Route to the peer; multicast leaves by the device chosen for it. */
static struct rtable *connect_route(struct sock *sk, __be32 daddr,
				    struct flowi4 *fl)
{
	struct inet_flow *f = &sk->flow;

	fl->saddr = f->saddr.v4;
	fl->daddr = daddr;
	fl->tos = f->tos;
	fl->protocol = sk->protocol;
	fl->mark = sk->mark;
	fl->oif = sk->c.bound_dev_if;
	fl->anysrc = f->transparent;
	if (ipv4_is_multicast(daddr)) {
		if (!fl->oif)
			fl->oif = f->mc_index;
		if (!fl->saddr)
			fl->saddr = f->mc_addr;
	} else if (!fl->oif) {
		fl->oif = sk->uc_index;
	}
	return ip_route_output(sock_net(sk), fl);
}

int ip4_datagram_connect(struct sock *sk, const struct sockaddr *a, u32 len)
{
	const struct sockaddr_in *in = (const void *)a;
	struct flowi4 fl = { 0 };
	struct rtable *rt;

	if (len < sizeof(*in))
		return -EINVAL;
	if (in->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	fl.dport = (__force __be16)in->sin_port;
	fl.sport = cpu_to_be16(sk->c.num);
	rt = connect_route(sk, in_addr_of(in), &fl);
	if (IS_ERR(rt)) {
		if (PTR_ERR(rt) == -ENETUNREACH)
			NET_INC_STATS(sock_net(sk), Ip, OutNoRoutes);
		return (int)PTR_ERR(rt);
	}
	if (rt->type == RTN_BROADCAST_ && !sock_flag(sk, SOCK_BROADCAST)) {
		dst_release(&rt->dst);
		return -EACCES;
	}
	spin_lock_bh(&sk->slock);
	if (!sk->flow.saddr.v4)
		WRITE_ONCE(sk->flow.saddr.v4, fl.saddr);
	if (!sk->c.rcv_saddr.v4)
		WRITE_ONCE(sk->c.rcv_saddr.v4, fl.saddr);
	/* 0.0.0.0 means this host: fl.daddr has what it became */
	sk->flow.daddr.v4 = fl.daddr;
	sk->flow.dport = fl.dport;
	WRITE_ONCE(sk->c.daddr.v4, fl.daddr);
	WRITE_ONCE(sk->c.dport, fl.dport);
	sk->flow.oif = fl.oif;
	WRITE_ONCE(sk->sk_state, TCP_ESTABLISHED);
	inet_flow_drop_route(&sk->flow);
	sk->flow.dst = &rt->dst;
	spin_unlock_bh(&sk->slock);
	if (sk->sk_prot->rehash)
		sk->sk_prot->rehash(sk);
	return 0;
}

/* connect() to AF_UNSPEC: back to what bind() chose. Owner. */
int inet_dgram_disconnect(struct sock *sk, int flags)
{
	spin_lock_bh(&sk->slock);
	WRITE_ONCE(sk->sk_state, TCP_CLOSE);
	sk->flow.daddr.v4 = 0;
	sk->flow.dport = 0;
	WRITE_ONCE(sk->c.daddr.v4, 0);
	WRITE_ONCE(sk->c.dport, 0);
	sk->flow.oif = sk->c.bound_dev_if;
	if (!(sk->userlocks & SOCK_BINDADDR_LOCK)) {
		WRITE_ONCE(sk->flow.saddr.v4, 0);
		WRITE_ONCE(sk->c.rcv_saddr.v4, 0);
	}
	inet_flow_drop_route(&sk->flow);
	spin_unlock_bh(&sk->slock);
	if (!(sk->userlocks & SOCK_BINDPORT_LOCK)) {
		if (sk->type != SOCK_RAW) {
			sk->sk_prot->unhash(sk);
			WRITE_ONCE(sk->c.num, 0);
		}
		sk->flow.sport = 0;
	} else if (sk->sk_prot->rehash) {
		sk->sk_prot->rehash(sk);
	}
	return 0;
}

int inet_dgram_connect(struct socket *s, const struct sockaddr *a, u32 len,
		       int flags)
{
	struct sock *sk = s->sk;
	int err;

	if (len < sizeof(a->sa_family))
		return -EINVAL;
	if (a->sa_family != AF_UNSPEC && !sk->c.num) {
		err = inet_autobind(sk);
		if (err)
			return err;
	}
	lock_sock(sk);
	if (a->sa_family == AF_UNSPEC)
		err = sk->sk_prot->disconnect(sk, flags);
	else
		err = sk->sk_prot->connect(sk, a, len);
	release_sock(sk);
	return err;
}

/* --- streams ------------------------------------------------------------------------- */

static bool connect_decided(struct sock *sk)
{
	return !(TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV)));
}

static int connect_begin(struct socket *s, const struct sockaddr *a, u32 len)
{
	struct sock *sk = s->sk;
	int err;

	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	err = sk->sk_prot->connect(sk, a, len);
	if (!err)
		s->state = SS_CONNECTING;
	return err;
}

/* Waits for the SYN-ACK; `first`: this call sent the SYN. */
static int connect_finish(struct socket *s, int flags, bool first)
{
	struct sock *sk = s->sk;
	int err;

	if (!connect_decided(sk)) {
		ktime_t deadline = sock_snd_deadline(sk, flags & O_NONBLOCK);

		if (!deadline)
			return first ? -EINPROGRESS : -EALREADY;
		err = sk_wait_event(sk, deadline, connect_decided);
		if (err)
			return err == -EAGAIN ? -EINPROGRESS : err;
	}
	if (sk->sk_state != TCP_CLOSE) {
		s->state = SS_CONNECTED;
		return 0;
	}
	err = sock_error(sk);
	s->state = SS_UNCONNECTED;
	if (sk->sk_prot->disconnect(sk, flags))
		s->state = SS_DISCONNECTING;
	return err ? err : -ECONNABORTED;
}

static int stream_disconnect(struct socket *s, int flags)
{
	int err = s->sk->sk_prot->disconnect(s->sk, flags);

	s->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

int inet_stream_connect(struct socket *s, const struct sockaddr *a, u32 len,
			int flags)
{
	struct sock *sk = s->sk;
	int err = 0;

	if (len < sizeof(a->sa_family))
		return -EINVAL;
	lock_sock(sk);
	if (a->sa_family == AF_UNSPEC) {
		err = stream_disconnect(s, flags);
		goto out;
	}
	switch (s->state) {
	case SS_CONNECTED:
		err = -EISCONN;
		break;
	case SS_CONNECTING:
		err = sk->defer_connect ? -EISCONN :
		      connect_finish(s, flags, false);
		break;
	case SS_UNCONNECTED:
		err = connect_begin(s, a, len);
		/* TCP_FASTOPEN_CONNECT: done, as far as the program sees */
		if (!err && !sk->defer_connect)
			err = connect_finish(s, flags, true);
		break;
	case SS_FREE:
	case SS_DISCONNECTING:
		err = -EINVAL;
		break;
	}
out:
	release_sock(sk);
	return err;
}

int inet_listen(struct socket *s, int backlog)
{
	u32 max = READ_ONCE(s->net->sock->somaxconn);
	struct sock *sk = s->sk;
	int err = -EINVAL;

	if ((u32)backlog > max)	/* also negative ones */
		backlog = (int)max;
	lock_sock(sk);
	if (s->state != SS_UNCONNECTED ||
	    !(TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN))))
		goto out;
	WRITE_ONCE(sk->max_ack_backlog, (u32)backlog);
	err = sk->sk_state == TCP_LISTEN ? 0 : sk->sk_prot->listen(sk, backlog);
out:
	release_sock(sk);
	return err;
}

int inet_accept(struct socket *s, struct socket *to, int flags)
{
	struct sock *sk = s->sk, *child;
	int err = -EINVAL;

	lock_sock(sk);
	child = sk->sk_prot->accept(sk, flags, &err);
	release_sock(sk);
	if (!child)
		return err;
	lock_sock(child);
	to->ops = s->ops;
	sock_graft(child, to);
	to->state = SS_CONNECTED;
	release_sock(child);
	return 0;
}
