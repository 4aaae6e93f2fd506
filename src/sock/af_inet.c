/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_INET: how a socket of it is made (by the table of protocols that
 * transports register in), bound, named, shut down and closed. What differs
 * between stream, datagram and raw sockets is in the three tables at the end.
 */
#include "sock/inet_common.h"

#include "base/slab.h"
#include "inet/route.h"
#include "sock/ip_sockglue.h"
#include "sock/sock_input.h"
#include "sock/sock_net.h"
#include "sock/zerocopy.h"

int inet_register_protosw(struct net *net, const struct inet_protosw *p)
{
	struct sock_net *sn = net->sock;
	int err = -ENOSPC;

	spin_lock_bh(&sn->lock);
	if (sn->nr_protosw < ARRAY_SIZE(sn->protosw)) {
		sn->protosw[sn->nr_protosw] = *p;
		smp_store_release(&sn->nr_protosw, sn->nr_protosw + 1);
		err = 0;
	}
	spin_unlock_bh(&sn->lock);
	return err;
}

/*
 * The later registered wins, so that protocol 0 of SOCK_DGRAM is UDP though
 * ping sockets are registered by a lower floor. An entry with protocol 0 takes
 * any protocol but 0.
 */
static const struct inet_protosw *find_protosw(struct sock_net *sn, u16 type,
					       int protocol, int *err)
{
	*err = -ESOCKTNOSUPPORT;
	for (u32 n = smp_load_acquire(&sn->nr_protosw); n-- > 0;) {
		const struct inet_protosw *p = &sn->protosw[n];

		if (p->type != type)
			continue;
		*err = -EPROTONOSUPPORT;
		if (protocol == p->protocol ? protocol != 0 :
		    !protocol || !p->protocol)
			return p;
	}
	return NULL;
}

static void inet_sk_destruct(struct sock *sk)
{
	ip_mc_drop_socket(sk);
}

static void inet_init_sk(struct sock *sk, struct socket *s, u8 protocol)
{
	sock_init_data(s, sk);
	sk->protocol = protocol;
	sk->flow.protocol = protocol;
	sk->destruct = inet_sk_destruct;
	/* Raw and ping sockets begin with SO_REUSEADDR, as in Linux. */
	sk->c.reuse = sk->sk_prot->mem_index == SK_MEM_RAW;
	if (s->type == SOCK_RAW) {
		sk->c.num = protocol;
		if (protocol == IPPROTO_RAW)
			sk->flow.hdrincl = true;
	}
}

static int inet_create(struct net *net, struct socket *s, int protocol)
{
	const struct inet_protosw *p;
	struct sock *sk;
	int err;

	if (protocol < 0 || protocol > IPPROTO_MPTCP)
		return -EINVAL;
	p = find_protosw(net->sock, s->type, protocol, &err);
	if (!p)
		return err;
	if (protocol > 255)	/* the wildcard takes what a header can say */
		return -EPROTONOSUPPORT;
	sk = sk_alloc(net, AF_INET, p->prot);
	if (!sk)
		return -ENOBUFS;
	s->ops = p->ops;
	inet_init_sk(sk, s, (u8)(protocol ? protocol : p->protocol));
	if (s->type == SOCK_RAW && sk->sk_prot->hash) {
		err = sk->sk_prot->hash(sk);
		if (err)
			goto release;
	}
	if (sk->sk_prot->init)
		err = sk->sk_prot->init(sk);
	else
		err = 0;
	if (!err)
		return 0;
release:
	s->sk = NULL;
	s->ops = NULL;
	sk_common_release(sk);
	return err;
}

const struct net_proto_family inet_family = {
	.family = AF_INET,
	.create = inet_create,
};

/* --- names --------------------------------------------------------------------- */

int inet_autobind(struct sock *sk)
{
	int err = 0;

	lock_sock(sk);
	if (!sk->c.num && sk->sk_prot->get_port) {
		if (sk->sk_prot->get_port(sk, 0))
			err = -EAGAIN;
		else
			sk->flow.sport = cpu_to_be16(sk->c.num);
	}
	release_sock(sk);
	return err;
}

int inet_check_bind_addr(struct sock *sk, __be32 addr, u8 *type)
{
	*type = inet_addr_type(sock_net(sk), addr);
	if (!addr || sk->flow.freebind || sk->flow.transparent ||
	    READ_ONCE(sock_net(sk)->sock->nonlocal_bind) ||
	    *type == RTN_LOCAL_ || *type == RTN_MULTICAST_ ||
	    *type == RTN_BROADCAST_)
		return 0;
	return -EADDRNOTAVAIL;
}

static void set_local_addr(struct sock *sk, __be32 rcv, __be32 src)
{
	WRITE_ONCE(sk->c.rcv_saddr.v4, rcv);
	sk->flow.saddr.v4 = src;
}

/* Owner. */
static int inet_bind_locked(struct sock *sk, __be32 addr, u16 port, u8 type)
{
	bool group = type == RTN_MULTICAST_ || type == RTN_BROADCAST_;
	int err = 0;

	if (sk->sk_state != TCP_CLOSE || sk->c.num)
		return -EINVAL;
	set_local_addr(sk, addr, group ? 0 : addr);
	if (port || !sk->bind_address_no_port)
		err = sk->sk_prot->get_port(sk, port);
	if (err) {
		set_local_addr(sk, 0, 0);
		return err == -ENOMEM ? err : -EADDRINUSE;
	}
	if (addr)
		sk->userlocks |= SOCK_BINDADDR_LOCK;
	if (port)
		sk->userlocks |= SOCK_BINDPORT_LOCK;
	sk->flow.sport = cpu_to_be16(sk->c.num);
	WRITE_ONCE(sk->c.daddr.v4, 0);	/* hashed: lookups read it */
	WRITE_ONCE(sk->c.dport, 0);
	inet_flow_drop_route(&sk->flow);
	return 0;
}

int inet_bind(struct socket *s, const struct sockaddr *a, u32 len)
{
	const struct sockaddr_in *in = (const void *)a;
	struct sock *sk = s->sk;
	__be32 addr;
	u16 port;
	u8 type;
	int err;

	if (sk->sk_prot->bind)
		return sk->sk_prot->bind(sk, a, len);
	if (len < sizeof(*in))
		return -EINVAL;
	addr = (__force __be32)in->sin_addr.s_addr;
	/* Old programs leave the family out when they bind to anything. */
	if (in->sin_family != AF_INET &&
	    (in->sin_family != AF_UNSPEC || addr))
		return -EAFNOSUPPORT;
	err = inet_check_bind_addr(sk, addr, &type);
	if (err)
		return err;
	port = be16_to_cpu((__force __be16)in->sin_port);
	if (port && port < READ_ONCE(s->net->sock->unprivileged_port_start))
		return -EACCES;
	lock_sock(sk);
	err = inet_bind_locked(sk, addr, port, type);
	release_sock(sk);
	return err;
}

int inet_getname(struct socket *s, struct sockaddr *a,
		 enum getname_what what)
{
	struct sockaddr_in *in = (void *)a;
	struct sock *sk = s->sk;
	int err = sizeof(*in);

	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	lock_sock(sk);
	if (what != GETNAME_OWN) {
		if (!sk->c.dport ||
		    (what == GETNAME_PEER && TCPF(sk->sk_state) &
		     (TCPF(TCP_CLOSE) | TCPF(TCP_SYN_SENT))))
			err = -ENOTCONN;
		in->sin_port = (__force in_port_t)sk->c.dport;
		in->sin_addr.s_addr = (__force in_addr_t)sk->c.daddr.v4;
	} else {
		__be32 addr = sk->c.rcv_saddr.v4;

		in->sin_port = (__force in_port_t)cpu_to_be16(sk->c.num);
		in->sin_addr.s_addr = (__force in_addr_t)
				      (addr ? addr : sk->flow.saddr.v4);
	}
	release_sock(sk);
	return err;
}

/* --- the end -------------------------------------------------------------------- */

int inet_release(struct socket *s)
{
	struct sock *sk = s->sk;
	ktime_t timeout = 0;

	if (!sk)
		return 0;
	ip_mc_drop_socket(sk);
	if (sock_flag(sk, SOCK_LINGER))
		timeout = (ktime_t)sk->lingertime_s * NSEC_PER_SEC;
	s->sk = NULL;
	zerocopy_detach(sk);
	sk->sk_prot->close(sk, timeout);
	return 0;
}

int inet_shutdown(struct socket *s, int how)
{
	struct sock *sk = s->sk;
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	how++;	/* 1: receive, 2: send, 3: both */
	lock_sock(sk);
	if (s->state == SS_CONNECTING)
		s->state = TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) |
			   TCPF(TCP_SYN_RECV) | TCPF(TCP_CLOSE)) ?
			   SS_DISCONNECTING : SS_CONNECTED;
	switch (sk->sk_state) {
	case TCP_LISTEN:
		if (!(how & RCV_SHUTDOWN))
			break;
		fallthrough;
	case TCP_SYN_SENT:
		err = sk->sk_prot->disconnect(sk, O_NONBLOCK);
		s->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
		break;
	case TCP_CLOSE:
		err = -ENOTCONN;	/* wakes who waits all the same */
		fallthrough;
	default:
		WRITE_ONCE(sk->shutdown, (u8)(sk->shutdown | how));
		if (sk->sk_prot->shutdown)
			sk->sk_prot->shutdown(sk, how);
	}
	sk->state_change(sk);
	release_sock(sk);
	return err;
}

/* --- options, messages, poll ------------------------------------------------------- */

int inet_setsockopt(struct socket *s, int level, int name, const void *val,
		    u32 len)
{
	struct sock *sk = s->sk;

	if (level == SOL_SOCKET)
		return sock_setsockopt(sk, name, val, len);
	if (level == SOL_IP)
		return ip_setsockopt(sk, name, val, len);
	if (sk->sk_prot->setsockopt)
		return sk->sk_prot->setsockopt(sk, level, name, val, len);
	return -ENOPROTOOPT;
}

int inet_getsockopt(struct socket *s, int level, int name, void *val, u32 *len)
{
	struct sock *sk = s->sk;

	if (level == SOL_SOCKET)
		return sock_getsockopt(sk, name, val, len);
	if (level == SOL_IP)
		return ip_getsockopt(sk, name, val, len);
	if (level != (sk->type == SOCK_RAW ? SOL_RAW : sk->protocol))
		return -EOPNOTSUPP;
	if (sk->sk_prot->getsockopt)
		return sk->sk_prot->getsockopt(sk, level, name, val, len);
	return -ENOPROTOOPT;
}

ssize_t inet_recvmsg(struct socket *s, struct sockmsg *m, size_t len, int flags)
{
	return s->sk->sk_prot->recvmsg(s->sk, m, len, flags);
}

u32 inet_poll(struct socket *s)
{
	struct sock *sk = s->sk;

	return sk->sk_prot->poll ? sk->sk_prot->poll(sk) : datagram_poll(sk);
}

static int no_socketpair(struct socket *a, struct socket *b)
{
	return -EOPNOTSUPP;
}

static int no_accept(struct socket *s, struct socket *to, int flags)
{
	return -EOPNOTSUPP;
}

static int no_listen(struct socket *s, int backlog)
{
	return -EOPNOTSUPP;
}

const struct proto_ops inet_stream_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.socketpair = no_socketpair,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.listen = inet_listen,
	.shutdown = inet_shutdown,
	.setsockopt = inet_setsockopt,
	.getsockopt = inet_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
};

const struct proto_ops inet_dgram_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.socketpair = no_socketpair,
	.accept = no_accept,
	.getname = inet_getname,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.listen = no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = inet_setsockopt,
	.getsockopt = inet_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
};

const struct proto_ops inet_sockraw_ops = {
	.family = AF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.socketpair = no_socketpair,
	.accept = no_accept,
	.getname = inet_getname,
	.poll = inet_poll,
	.ioctl = inet_ioctl,
	.listen = no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = inet_setsockopt,
	.getsockopt = inet_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
};
