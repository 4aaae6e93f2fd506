/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of SOL_UDP. */
#include "udp/udp_sock.h"

static void set_gro(struct sock *sk, bool on)
{
	struct udp_net *un = udp_net(sock_net(sk));

	if (udp_sk(sk)->gro_enabled == on)
		return;
	WRITE_ONCE(udp_sk(sk)->gro_enabled, on);
	if (on)
		__atomic_fetch_add(&un->gro_sockets, 1, __ATOMIC_RELAXED);
	else
		__atomic_fetch_sub(&un->gro_sockets, 1, __ATOMIC_RELAXED);
}

static int udp_set_int(struct sock *sk, int name, int v)
{
	struct udp_sock *up = udp_sk(sk);

	switch (name) {
	case UDP_CORK:
		WRITE_ONCE(up->corkflag, v != 0);
		return v ? 0 : udp_push_pending(sk);
	case UDP_SEGMENT:
		if (v < 0 || v > USHRT_MAX)
			return -EINVAL;
		WRITE_ONCE(up->gso_size, (u16)v);
		return 0;
	case UDP_GRO:
		set_gro(sk, v);
		return 0;
	case UDP_ENCAP:		/* none of them is known here */
		return v ? -ENOPROTOOPT : 0;
	case UDP_NO_CHECK6_TX:
		up->no_check6_tx = v;
		return 0;
	case UDP_NO_CHECK6_RX:
		up->no_check6_rx = v;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int udp_setsockopt(struct sock *sk, int level, int name, const void *val,
		   u32 len)
{
	int v, err;

	if (level != SOL_UDP)
		return -ENOPROTOOPT;
	if (len < sizeof(int))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	lock_sock(sk);
	err = udp_set_int(sk, name, v);
	release_sock(sk);
	return err;
}

int udp_getsockopt(struct sock *sk, int level, int name, void *val, u32 *len)
{
	const struct udp_sock *up = udp_sk(sk);
	u32 n = min_t(u32, *len, sizeof(int));
	int v;

	if (level != SOL_UDP)
		return -ENOPROTOOPT;
	if ((int)*len < 0)
		return -EINVAL;
	switch (name) {
	case UDP_CORK:
		v = up->corkflag;
		break;
	case UDP_SEGMENT:
		v = up->gso_size;
		break;
	case UDP_GRO:
		v = up->gro_enabled;
		break;
	case UDP_ENCAP:
		v = 0;
		break;
	case UDP_NO_CHECK6_TX:
		v = up->no_check6_tx;
		break;
	case UDP_NO_CHECK6_RX:
		v = up->no_check6_rx;
		break;
	default:
		return -ENOPROTOOPT;
	}
	memcpy(val, &v, n);
	*len = n;
	return 0;
}

/* At close. Owner or nobody else. */
void udp_gro_off(struct sock *sk)
{
	set_gro(sk, false);
}
