/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * setsockopt of SOL_SOCKET. Values and errors are those of Linux: buffer sizes
 * are doubled (the program asks for payload, the stack counts memory), clamped
 * by net.core.*mem_max; a length that is too short is EINVAL, an option that
 * is unknown ENOPROTOOPT. Privileges do not exist here.
 */
#include "sock/sockopt.h"

#include "inet/route.h"
#include "sock/filter.h"
#include "sock/reuseport.h"
#include "sock/tx_stamp.h"

int sockopt_flag(int name)
{
	switch (name) {
	case SO_BROADCAST:
		return SOCK_BROADCAST;
	case SO_DONTROUTE:
		return SOCK_LOCALROUTE;
	case SO_OOBINLINE:
		return SOCK_URGINLINE;
	case SO_RXQ_OVFL:
		return SOCK_RXQ_OVFL;
	case SO_SELECT_ERR_QUEUE:
		return SOCK_SELECT_ERR_QUEUE;
	case SO_RCVMARK:
		return SOCK_RCVMARK;
	case SO_RCVPRIORITY:
		return SOCK_RCVPRIORITY;
	case SO_DEBUG:
		return SOCK_DBG;
	case SO_NOFCS:
		return SOCK_NOFCS_;
	case SO_PREFER_BUSY_POLL:
		return SOCK_PREFER_BUSY_POLL;
	case SO_WIFI_STATUS:
		return SOCK_WIFI_STATUS_;
	default:
		return -1;
	}
}

bool sockopt_has_peek_off(const struct sock *sk)
{
	return sk->sk_prot->mem_index != SK_MEM_RAW;
}

static void set_flag(struct sock *sk, int flag, bool on)
{
	if (on)
		sock_set_flag(sk, (enum sock_flags)flag);
	else
		sock_reset_flag(sk, (enum sock_flags)flag);
}

/* --- buffers ----------------------------------------------------------------------- */

static void set_sndbuf(struct sock *sk, u32 val)
{
	val = min(val, (u32)INT_MAX / 2);
	sk->userlocks |= SOCK_SNDBUF_LOCK;
	WRITE_ONCE(sk->sndbuf, max_t(s32, (s32)(val * 2), SOCK_MIN_SNDBUF));
	sk->write_space(sk);
}

static void set_rcvbuf(struct sock *sk, u32 val)
{
	val = min(val, (u32)INT_MAX / 2);
	sk->userlocks |= SOCK_RCVBUF_LOCK;
	WRITE_ONCE(sk->rcvbuf, max_t(s32, (s32)(val * 2), SOCK_MIN_RCVBUF));
}

static int set_buffer(struct sock *sk, int name, int val)
{
	const struct sock_net *sn = sock_net(sk)->sock;

	switch (name) {
	case SO_SNDBUF:
		set_sndbuf(sk, min((u32)val, READ_ONCE(sn->wmem_max)));
		break;
	case SO_RCVBUF:
		set_rcvbuf(sk, min((u32)val, READ_ONCE(sn->rmem_max)));
		break;
	case SO_SNDBUFFORCE:
		set_sndbuf(sk, (u32)max(val, 0));
		break;
	case SO_RCVBUFFORCE:
		set_rcvbuf(sk, (u32)max(val, 0));
		break;
	case SO_RCVLOWAT:
		val = val < 0 ? INT_MAX : val ? val : 1;
		WRITE_ONCE(sk->rcvlowat, val);
		break;
	case SO_BUF_LOCK:
		if (val & ~(SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK))
			return -EINVAL;
		sk->userlocks = (u8)((sk->userlocks & ~3) | val);
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

/* --- options with structures --------------------------------------------------------- */

static int set_linger(struct sock *sk, const void *val, u32 len)
{
	struct linger l;

	if (len < sizeof(l))
		return -EINVAL;
	memcpy(&l, val, sizeof(l));
	if (!l.l_onoff) {
		sock_reset_flag(sk, SOCK_LINGER);
		return 0;
	}
	sk->lingertime_s = (u32)l.l_linger;
	sock_set_flag(sk, SOCK_LINGER);
	return 0;
}

static int set_timeout(ktime_t *t, const void *val, u32 len)
{
	struct timeval tv;

	if (len < sizeof(tv))
		return -EINVAL;
	memcpy(&tv, val, sizeof(tv));
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	if (tv.tv_sec < 0)
		WRITE_ONCE(*t, 0);
	else if ((!tv.tv_sec && !tv.tv_usec) ||
		 tv.tv_sec >= KTIME_MAX / NSEC_PER_SEC / 2)
		WRITE_ONCE(*t, KTIME_MAX);
	else
		WRITE_ONCE(*t, tv.tv_sec * NSEC_PER_SEC +
			       tv.tv_usec * NSEC_PER_USEC);
	return 0;
}

static int set_txtime(struct sock *sk, const void *val, u32 len)
{
	struct sock_txtime t;

	if (len != sizeof(t))
		return -EINVAL;
	memcpy(&t, val, sizeof(t));
	if (t.flags & ~3u)
		return -EINVAL;
	if (t.clockid != CLOCK_MONOTONIC && t.clockid != CLOCK_REALTIME &&
	    t.clockid != CLOCK_TAI)
		return -EINVAL;
	sk->txtime_clockid = (u32)t.clockid;
	sk->txtime_flags = t.flags;
	sock_set_flag(sk, SOCK_TXTIME_);
	return 0;
}

static int set_pacing(struct sock *sk, const void *val, u32 len)
{
	u64 rate;
	u32 v;

	if (len == sizeof(rate)) {
		memcpy(&rate, val, sizeof(rate));
	} else {
		memcpy(&v, val, sizeof(v));
		rate = v == ~0u ? ~0ull : v;
	}
	WRITE_ONCE(sk->max_pacing_rate, rate);
	WRITE_ONCE(sk->pacing_rate, min(sk->pacing_rate, rate));
	return 0;
}

int sock_bindtoindex(struct sock *sk, int ifindex)
{
	if (ifindex < 0)
		return -EINVAL;
	sk->c.bound_dev_if = (u32)ifindex;
	sk->flow.oif = (u32)ifindex;
	if (sk->sk_prot->rehash)
		sk->sk_prot->rehash(sk);
	spin_lock_bh(&sk->slock);
	inet_flow_drop_route(&sk->flow);
	spin_unlock_bh(&sk->slock);
	return 0;
}

static int set_device(struct sock *sk, const void *val, u32 len)
{
	char name[DEV_IFNAMSIZ] = { 0 };
	struct net_device *dev;

	if ((int)len < 0)
		return -EINVAL;
	memcpy(name, val, min_t(u32, len, sizeof(name) - 1));
	if (!name[0])
		return sock_bindtoindex(sk, 0);
	dev = dev_get_by_name(sock_net(sk), name);
	return dev ? sock_bindtoindex(sk, (int)dev->ifindex) : -ENODEV;
}

static int set_filter(struct sock *sk, int name, const void *val, u32 len)
{
	struct sock_fprog fp;
	struct sk_filter *f;
	int err;

	if (name == SO_DETACH_FILTER)
		return sk_detach_filter(sk);
	if (name == SO_DETACH_REUSEPORT_BPF)
		return reuseport_detach_prog(sk);
	if (len != sizeof(fp))
		return -EINVAL;
	memcpy(&fp, val, sizeof(fp));
	if (name == SO_ATTACH_FILTER)
		return sk_attach_filter(sk, &fp);
	f = sk_filter_create(&fp);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	err = reuseport_attach_prog(sk, f);
	if (err)
		sk_filter_free(f);
	return err;
}

/* --- time stamps ------------------------------------------------------------------------ */

static int set_timestamp(struct sock *sk, int name, int val)
{
	bool ns = name == SO_TIMESTAMPNS || name == SO_TIMESTAMPNS_NEW;
	bool new = name == SO_TIMESTAMP_NEW || name == SO_TIMESTAMPNS_NEW;

	if (name == SO_TIMESTAMPING || name == SO_TIMESTAMPING_NEW) {
		set_flag(sk, SOCK_TSTAMP_NEW, name == SO_TIMESTAMPING_NEW);
		return sock_set_timestamping(sk, (u32)val);
	}
	set_flag(sk, SOCK_RCVTSTAMP, val);
	set_flag(sk, SOCK_RCVTSTAMPNS, val && ns);
	set_flag(sk, SOCK_TSTAMP_NEW, val && new);
	set_flag(sk, SOCK_TIMESTAMP, val);
	return 0;
}

/* --- the rest ----------------------------------------------------------------------------- */

static int set_keepalive(struct sock *sk, bool on)
{
	if (sk->sk_prot->keepalive)
		sk->sk_prot->keepalive(sk, on);
	set_flag(sk, SOCK_KEEPOPEN, on);
	return 0;
}

static int set_lock_filter(struct sock *sk, bool on)
{
	if (sock_flag(sk, SOCK_FILTER_LOCKED) && !on)
		return -EPERM;
	set_flag(sk, SOCK_FILTER_LOCKED, on);
	return 0;
}

static int set_route_input(struct sock *sk, u32 *field, u32 *copy, u32 val)
{
	*field = val;
	*copy = val;
	spin_lock_bh(&sk->slock);
	inet_flow_drop_route(&sk->flow);
	spin_unlock_bh(&sk->slock);
	return 0;
}

static int set_scalar(struct sock *sk, int name, int val)
{
	switch (name) {
	case SO_REUSEADDR:
		sk->c.reuse = val != 0;
		return 0;
	case SO_REUSEPORT:
		if (val && sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
			return -EOPNOTSUPP;
		sk->c.reuseport = val != 0;
		return 0;
	case SO_KEEPALIVE:
		return set_keepalive(sk, val);
	case SO_NO_CHECK:
		sk->no_check_tx = val != 0;
		return 0;
	case SO_PRIORITY:
		sk->priority = sk->flow.priority = (u32)val;
		return 0;
	case SO_MARK:
		return set_route_input(sk, &sk->mark, &sk->flow.mark, (u32)val);
	case SO_LOCK_FILTER:
		return set_lock_filter(sk, val);
	case SO_PEEK_OFF:
		if (!sockopt_has_peek_off(sk))
			return -EOPNOTSUPP;
		if (val < -1)
			return -EINVAL;
		WRITE_ONCE(sk->peek_off, val);
		return 0;
	case SO_BUSY_POLL:
		if (val < 0)
			return -EINVAL;
		WRITE_ONCE(sk->ll_usec, (u32)val);
		return 0;
	case SO_BUSY_POLL_BUDGET:
		return val < 0 || val > USHRT_MAX ? -EINVAL : 0;
	case SO_INCOMING_CPU:
		WRITE_ONCE(sk->incoming_cpu, (u32)val);
		return 0;
	case SO_ZEROCOPY:
		if (sk->sk_prot->mem_index == SK_MEM_RAW)
			return -EOPNOTSUPP;
		if (val < 0 || val > 1)
			return -EINVAL;
		set_flag(sk, SOCK_ZEROCOPY_, val);
		return 0;
	case SO_CNX_ADVICE:
		if (val == 1 && sk->flow.dst && sk->flow.dst->ops->negative_advice)
			sk->flow.dst->ops->negative_advice(sk->flow.dst);
		return 0;
	case SO_TXREHASH:
		if (!sk->sk_prot->connection_based)
			return -EOPNOTSUPP;
		if (val < -1 || val > 1)
			return -EINVAL;
		sk->txrehash = val != 0;
		return 0;
	case SO_RESERVE_MEM:
		return val < 0 ? -EINVAL : -EOPNOTSUPP;
	case SO_PASSSEC:
	case SO_PASSPIDFD:
	case SO_PASSRIGHTS:
		return -EOPNOTSUPP;
	case SO_ATTACH_BPF:		/* there are no such programs here */
	case SO_ATTACH_REUSEPORT_EBPF:
		return -EINVAL;
	case SO_BSDCOMPAT:		/* since Linux 2.2: nothing */
		return 0;
	case SO_BINDTOIFINDEX:
		return sock_bindtoindex(sk, val);
	case SO_PASSCRED:
		if (sk->sk_family != AF_UNIX)
			return -EOPNOTSUPP;
		set_flag(sk, SOCK_PASSCRED_, val);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* Owner; len is at least an int's. */
static int set_one(struct sock *sk, int name, const void *arg, u32 len)
{
	int val, flag = sockopt_flag(name);

	memcpy(&val, arg, sizeof(val));
	if (flag >= 0) {
		set_flag(sk, flag, val);
		return 0;
	}
	switch (name) {
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
	case SO_RCVLOWAT:
	case SO_BUF_LOCK:
		return set_buffer(sk, name, val);
	case SO_LINGER:
		return set_linger(sk, arg, len);
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		return set_timeout(&sk->rcvtimeo, arg, len);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		return set_timeout(&sk->sndtimeo, arg, len);
	case SO_TIMESTAMP:
	case SO_TIMESTAMPNS:
	case SO_TIMESTAMPING:
	case SO_TIMESTAMP_NEW:
	case SO_TIMESTAMPNS_NEW:
	case SO_TIMESTAMPING_NEW:
		return set_timestamp(sk, name, val);
	case SO_ATTACH_FILTER:
	case SO_DETACH_FILTER:
	case SO_ATTACH_REUSEPORT_CBPF:
	case SO_DETACH_REUSEPORT_BPF:
		return set_filter(sk, name, arg, len);
	case SO_MAX_PACING_RATE:
		return set_pacing(sk, arg, len);
	case SO_TXTIME:
		return set_txtime(sk, arg, len);
	default:
		return set_scalar(sk, name, val);
	}
}

int sock_setsockopt(struct sock *sk, int name, const void *val, u32 len)
{
	int err;

	if (name == SO_BINDTODEVICE) {
		lock_sock(sk);
		err = set_device(sk, val, len);
		release_sock(sk);
		return err;
	}
	if ((int)len < (int)sizeof(int))
		return -EINVAL;
	lock_sock(sk);
	err = set_one(sk, name, val, len);
	release_sock(sk);
	return err;
}
