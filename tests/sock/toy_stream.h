/* SPDX-License-Identifier: BSD-2-Clause */
/* A transport that has ports and states but sends nothing: for the tables. */
#ifndef WEIR_TESTS_SOCK_TOY_STREAM_H
#define WEIR_TESTS_SOCK_TOY_STREAM_H

#include "tests/sock/sock_test.h"

static inline void toy_stream_close(struct sock *sk, ktime_t timeout)
{
	inet_unhash(sk);
	inet_put_port(sk);
	sock_orphan(sk);
	sock_put(sk);
}

static inline void toy_stream_unhash(struct sock *sk)
{
	inet_unhash(sk);
	inet_put_port(sk);
}

static inline int toy_stream_listen(struct sock *sk, int backlog)
{
	int err;

	sk->sk_state = TCP_LISTEN;
	err = sk->sk_prot->get_port(sk, sk->c.num);
	if (!err)
		err = inet_hash(sk);
	if (err)
		sk->sk_state = TCP_CLOSE;
	return err;
}

/* Established at once, or SYN_SENT when the port is 1. */
static inline int toy_stream_connect(struct sock *sk, const struct sockaddr *a,
				     u32 len)
{
	const struct sockaddr_in *in = (const void *)a;
	int err;

	sk->c.daddr.v4 = in->sin_addr.s_addr;
	sk->c.dport = in->sin_port;
	if (!sk->c.rcv_saddr.v4)
		sk->c.rcv_saddr.v4 = cpu_to_be32(US);
	sk->sk_state = in->sin_port == htons(1) ? TCP_SYN_SENT : TCP_ESTABLISHED;
	err = inet_hash_connect(sk, NULL, NULL);
	if (err)
		sk->sk_state = TCP_CLOSE;
	return err;
}

static inline int toy_stream_disconnect(struct sock *sk, int flags)
{
	inet_unhash(sk);
	inet_put_port(sk);
	sk->sk_state = TCP_CLOSE;
	sk->c.dport = 0;
	sk->c.daddr.v4 = 0;
	sk->c.rcv_saddr.v4 = 0;
	return 0;
}

static const struct proto toy_stream_prot = {
	.name = "TOYSTREAM", .obj_size = sizeof(struct sock), .protocol = 6,
	.type = SOCK_STREAM, .connection_based = true,
	.close = toy_stream_close, .connect = toy_stream_connect,
	.disconnect = toy_stream_disconnect, .listen = toy_stream_listen,
	.unhash = toy_stream_unhash, .get_port = inet_csk_get_port,
};

static const struct inet_protosw toy_stream_sw = {
	.type = SOCK_STREAM, .protocol = 6, .prot = &toy_stream_prot,
	.ops = &inet_stream_ops,
};

static inline int stream_setup(void **state)
{
	struct inet_world *iw;

	world_setup(state);
	iw = *state;
	return inet_register_protosw(iw->net, &toy_stream_sw);
}

#define STEST(f) cmocka_unit_test_setup_teardown(f, stream_setup, \
						  world_teardown)

#endif
