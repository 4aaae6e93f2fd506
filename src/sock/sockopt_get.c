/* SPDX-License-Identifier: BSD-2-Clause */
/* getsockopt of SOL_SOCKET: a value of its own size, cut to the room given. */
#include "sock/sockopt.h"

#include "sock/filter.h"

union value {
	int v;
	u64 u64;
	struct linger linger;
	struct timeval tv;
	struct sock_txtime txtime;
	struct ucred ucred;
	struct so_timestamping ts;
	u32 meminfo[SK_MEMINFO_VARS];
};

static u32 get_timeout(struct timeval *tv, ktime_t t)
{
	if (t == KTIME_MAX)
		t = 0;
	tv->tv_sec = t / NSEC_PER_SEC;
	tv->tv_usec = t % NSEC_PER_SEC / NSEC_PER_USEC;
	return sizeof(*tv);
}

static u32 get_meminfo(const struct sock *sk, u32 *mem)
{
	mem[SK_MEMINFO_RMEM_ALLOC] = sk_rmem_alloc_get(sk);
	mem[SK_MEMINFO_RCVBUF] = (u32)sk->rcvbuf;
	mem[SK_MEMINFO_WMEM_ALLOC] = sk_wmem_alloc_get(sk);
	mem[SK_MEMINFO_SNDBUF] = (u32)sk->sndbuf;
	mem[SK_MEMINFO_FWD_ALLOC] = sk->forward_alloc;
	mem[SK_MEMINFO_WMEM_QUEUED] = sk->wmem_queued;
	mem[SK_MEMINFO_OPTMEM] = 0;
	mem[SK_MEMINFO_BACKLOG] = sk->backlog.len;
	mem[SK_MEMINFO_DROPS] = sk->drops;
	return SK_MEMINFO_VARS * sizeof(*mem);
}

static u32 get_pacing(const struct sock *sk, union value *u, u32 room)
{
	u64 rate = READ_ONCE(sk->max_pacing_rate);

	if (room >= sizeof(rate)) {
		u->u64 = rate;
		return sizeof(rate);
	}
	u->v = (int)(u32)min(rate, (u64)UINT32_MAX);
	return sizeof(u->v);
}

static int pending_error(struct sock *sk)
{
	int err = -sock_error(sk);

	if (!err)
		err = (int)__atomic_exchange_n(&sk->err_soft, 0,
					       __ATOMIC_RELAXED);
	return err;
}

/* Those of 4 bytes. False: unknown. */
static bool get_int(struct sock *sk, int name, int *v)
{
	int flag = sockopt_flag(name);

	if (flag >= 0) {
		*v = sock_flag(sk, (enum sock_flags)flag);
		return true;
	}
	switch (name) {
	case SO_TYPE:
		*v = sk->type;
		break;
	case SO_PROTOCOL:
		*v = sk->protocol;
		break;
	case SO_DOMAIN:
		*v = sk->sk_family;
		break;
	case SO_ERROR:
		*v = pending_error(sk);
		break;
	case SO_ACCEPTCONN:
		*v = sk->sk_state == TCP_LISTEN;
		break;
	case SO_REUSEADDR:
		*v = sk->c.reuse;
		break;
	case SO_REUSEPORT:
		*v = sk->c.reuseport;
		break;
	case SO_SNDBUF:
		*v = sk->sndbuf;
		break;
	case SO_RCVBUF:
		*v = sk->rcvbuf;
		break;
	case SO_RCVLOWAT:
		*v = sk->rcvlowat;
		break;
	case SO_SNDLOWAT:
		*v = 1;
		break;
	case SO_KEEPALIVE:
		*v = sock_flag(sk, SOCK_KEEPOPEN);
		break;
	case SO_NO_CHECK:
		*v = sk->no_check_tx;
		break;
	case SO_PRIORITY:
		*v = (int)sk->priority;
		break;
	case SO_MARK:
		*v = (int)sk->mark;
		break;
	default:
		return false;
	}
	return true;
}

static bool get_int_rare(struct sock *sk, int name, int *v)
{
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);
	bool ns = sock_flag(sk, SOCK_RCVTSTAMPNS);
	bool stamp = sock_flag(sk, SOCK_RCVTSTAMP);

	switch (name) {
	case SO_TIMESTAMP:
		*v = stamp && !ns && !new;
		break;
	case SO_TIMESTAMPNS:
		*v = ns && !new;
		break;
	case SO_TIMESTAMP_NEW:
		*v = stamp && !ns && new;
		break;
	case SO_TIMESTAMPNS_NEW:
		*v = ns && new;
		break;
	case SO_LOCK_FILTER:
		*v = sock_flag(sk, SOCK_FILTER_LOCKED);
		break;
	case SO_BPF_EXTENSIONS:
		*v = 64;	/* size of the list of ancillary loads */
		break;
	case SO_PEEK_OFF:
		*v = sk->peek_off;
		break;
	case SO_BSDCOMPAT:
	case SO_RESERVE_MEM:
		*v = 0;
		break;
	case SO_BUSY_POLL:
		*v = (int)sk->ll_usec;
		break;
	case SO_INCOMING_CPU:
		*v = (int)sk->incoming_cpu;
		break;
	case SO_INCOMING_NAPI_ID:
		*v = (int)sk->napi_id;
		break;
	case SO_ZEROCOPY:
		*v = sock_flag(sk, SOCK_ZEROCOPY_);
		break;
	case SO_BINDTOIFINDEX:
		*v = (int)sk->c.bound_dev_if;
		break;
	case SO_BUF_LOCK:
		*v = sk->userlocks & 3;
		break;
	case SO_TXREHASH:
		*v = sk->txrehash;
		break;
	case SO_PASSCRED:
		*v = sock_flag(sk, SOCK_PASSCRED_);
		break;
	default:
		return false;
	}
	return true;
}

static bool supported(const struct sock *sk, int name)
{
	switch (name) {
	case SO_PASSCRED:
		return sk->sk_family == AF_UNIX;
	case SO_PASSSEC:
	case SO_PASSPIDFD:
	case SO_PASSRIGHTS:
		return false;
	case SO_PEEK_OFF:
		return sockopt_has_peek_off(sk);
	case SO_TXREHASH:
		return sk->sk_prot->connection_based;
	default:
		return true;
	}
}

/* Size of the value, or -errno. */
static int get_value(struct sock *sk, int name, union value *u, u32 room)
{
	switch (name) {
	case SO_LINGER:
		u->linger.l_onoff = sock_flag(sk, SOCK_LINGER);
		u->linger.l_linger = (int)sk->lingertime_s;
		return sizeof(u->linger);
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		return (int)get_timeout(&u->tv, sk->rcvtimeo);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		return (int)get_timeout(&u->tv, sk->sndtimeo);
	case SO_TIMESTAMPING:
	case SO_TIMESTAMPING_NEW:
		u->ts.flags = sk->tsflags;
		return sizeof(u->ts);
	case SO_PEERCRED:	/* nobody we know of: Linux's answer for AF_INET */
		u->ucred = (struct ucred){ .uid = (uid_t)-1, .gid = (gid_t)-1 };
		return sizeof(u->ucred);
	case SO_COOKIE:
		if (room < sizeof(u->u64))
			return -EINVAL;
		u->u64 = sk->cookie;
		return sizeof(u->u64);
	case SO_NETNS_COOKIE:
		if (room != sizeof(u->u64))
			return -EINVAL;
		u->u64 = sock_net(sk)->hash_secret[0] | 1;
		return sizeof(u->u64);
	case SO_MEMINFO:
		return (int)get_meminfo(sk, u->meminfo);
	case SO_MAX_PACING_RATE:
		return (int)get_pacing(sk, u, room);
	case SO_TXTIME:
		u->txtime.clockid = (s32)sk->txtime_clockid;
		u->txtime.flags = sk->txtime_flags;
		return sizeof(u->txtime);
	default:
		if (get_int(sk, name, &u->v) || get_int_rare(sk, name, &u->v))
			return sizeof(u->v);
		return -ENOPROTOOPT;
	}
}

static int get_device(struct sock *sk, void *val, u32 *len)
{
	struct net_device *dev;
	u32 n;

	if (!sk->c.bound_dev_if) {
		*len = 0;
		return 0;
	}
	if (*len < DEV_IFNAMSIZ)
		return -EINVAL;
	dev = dev_get_by_index(sock_net(sk), sk->c.bound_dev_if);
	if (!dev)
		return -ENODEV;
	n = (u32)strnlen(dev->name, DEV_IFNAMSIZ - 1) + 1;
	memset(val, 0, n);
	memcpy(val, dev->name, n - 1);
	*len = n;
	return 0;
}

/* The name of the peer: all of it or nothing. */
static int get_peername(struct sock *sk, void *val, u32 *len)
{
	struct sockaddr_storage a;
	int n;

	if (!sk->socket)
		return -ENOTCONN;
	n = sk->socket->ops->getname(sk->socket, (struct sockaddr *)&a,
					  GETNAME_PEER);
	if (n < 0)
		return -ENOTCONN;
	if ((u32)n < *len)
		return -EINVAL;
	memcpy(val, &a, *len);
	return 0;
}

int sock_getsockopt(struct sock *sk, int name, void *val, u32 *len)
{
	union value u;
	int n;

	if ((int)*len < 0)
		return -EINVAL;
	if (!supported(sk, name))
		return -EOPNOTSUPP;
	if (name == SO_BINDTODEVICE)
		return get_device(sk, val, len);
	if (name == SO_PEERNAME)
		return get_peername(sk, val, len);
	if (name == SO_GET_FILTER) {
		lock_sock(sk);
		n = sk_get_filter(sk, val, len);
		release_sock(sk);
		return n;
	}
	memset(&u, 0, sizeof(u));
	n = get_value(sk, name, &u, *len);
	if (n < 0)
		return n;
	*len = min(*len, (u32)n);
	memcpy(val, &u, *len);
	return 0;
}
