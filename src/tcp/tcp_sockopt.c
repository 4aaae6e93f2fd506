/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of IPPROTO_TCP, tcp(7): values, ranges and errno as in Linux. What
 * weir has not (MD5 and AO signatures, ULPs, zero-copy receive) is
 * -ENOPROTOOPT, as in a kernel built without it. TCP_REPAIR is in
 * tcp_repair.c.
 */
#include "tcp/tcp_sockopt.h"

#include "base/slab.h"
#include "tcp/tcp_out.h"

/* Kernel's MAX_TCP_KEEP*, MAX_TCP_SYNCNT */
#define MAX_KEEPIDLE	32767
#define MAX_KEEPINTVL	32767
#define MAX_KEEPCNT	127
#define MAX_SYNCNT	127
#define LINGER2_MAX_S	120
#define WINDOW_MIN	1152	/* half of SOCK_MIN_RCVBUF */

/* --- set: the simple ones ---------------------------------------------------------------- */

static int in_range(int v, int lo, int hi)
{
	return v < lo || v > hi ? -EINVAL : 0;
}

static int set_maxseg(struct sock *sk, int v)
{
	if (v && (v < (int)TCP_MIN_MSS || v > 32767))
		return -EINVAL;
	tcp_sk(sk)->rx_opt.user_mss = (u16)v;
	return 0;
}

/* RFC9293 3.7.4 MUST-17 */
static int set_nodelay(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (v) {
		/* Cork wins, but what waits goes once. */
		tp->nonagle |= TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
		tcp_push_pending_frames(sk);
	} else {
		tp->nonagle &= (u8)~TCP_NAGLE_OFF;
	}
	return 0;
}

static int set_cork(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (v) {
		tp->nonagle |= TCP_NAGLE_CORK;
		return 0;
	}
	tp->nonagle &= (u8)~TCP_NAGLE_CORK;
	if (tp->nonagle & TCP_NAGLE_OFF)
		tp->nonagle |= TCP_NAGLE_PUSH;
	tcp_push_pending_frames(sk);
	return 0;
}

static int set_keepidle(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t quiet, left;
	u32 now;

	if (in_range(v, 1, MAX_KEEPIDLE))
		return -EINVAL;
	tp->keepalive_time_s = (u32)v;
	if (sock_flag(sk, SOCK_KEEPOPEN) &&
	    !(TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN)))) {
		now = tcp_jiffies32();
		quiet = (ktime_t)min(now - tp->lrcvtime, now - tp->rcv_tstamp) *
			NSEC_PER_MSEC;
		left = (ktime_t)v * NSEC_PER_SEC - quiet;
		tcp_reset_keepalive_timer(sk, max_t(ktime_t, left, 0));
	}
	return 0;
}

static int set_linger2(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (v < 0)
		tp->linger2_s = ~0u;
	else if (v > LINGER2_MAX_S)
		tp->linger2_s = LINGER2_MAX_S;
	else
		tp->linger2_s = (u32)v;
	return 0;
}

static int set_window_clamp(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old = tp->window_clamp, new;

	if (!v) {
		if (sk->sk_state != TCP_CLOSE)
			return -EINVAL;
		tp->window_clamp = 0;
		return 0;
	}
	new = (u32)max_t(s32, v, WINDOW_MIN);
	if (new == old)
		return 0;
	tp->window_clamp = new;
	if (new < old)
		tp->rcv_ssthresh = min(tp->rcv_ssthresh, new);
	else if (tp->rcv_ssthresh < new)
		tp->rcv_ssthresh = max(tp->rcv_ssthresh,
				       min(new, tp->rcv_wnd));
	return 0;
}

static int set_quickack(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!v) {
		tp->ack.pingpong = max_t(u8, tcp_net(sk)->pingpong_thresh, 1);
		return 0;
	}
	tp->ack.pingpong = 0;
	if (TCPF(sk->sk_state) & (TCPF(TCP_ESTABLISHED) |
				  TCPF(TCP_CLOSE_WAIT)) &&
	    tp->ack.pending & ICSK_ACK_SCHED) {
		tp->ack.pending |= ICSK_ACK_PUSHED;
		tcp_cleanup_rbuf(sk, 1);
		if (!(v & 1))
			tp->ack.pingpong = max_t(u8,
					tcp_net(sk)->pingpong_thresh, 1);
	}
	return 0;
}

static int set_fastopen(struct sock *sk, int v)
{
	if (v < 0 || !(TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) |
					     TCPF(TCP_LISTEN))))
		return -EINVAL;
	if (!tcp_accept_queue_get(tcp_sk(sk)))
		return -ENOMEM;
	tcp_sk(sk)->accept_queue->fastopen_max =
		min_t(u32, (u32)v, sock_net(sk)->sock->somaxconn);
	return 0;
}

static int set_fastopen_connect(struct sock *sk, int v)
{
	if (v != 0 && v != 1)
		return -EINVAL;
	if (!(tcp_net(sk)->fastopen & 1))
		return -EOPNOTSUPP;
	if (sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	tcp_sk(sk)->fastopen_connect = v;
	return 0;
}

static int set_fastopen_no_cookie(struct sock *sk, int v)
{
	if (v != 0 && v != 1)
		return -EINVAL;
	if (!(TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN))))
		return -EINVAL;
	tcp_sk(sk)->fastopen_no_cookie = (u8)v & 1;
	return 0;
}

/* When SYN-ACKs back off from 1 s, so many seconds are so many of them; what
 * is read back is a sum of backoffs. */
static u32 defer_seconds(const struct tcp_sock *tp)
{
	u32 n = tcp_defer_tries(tp), step = 1, total = 0;

	while (n--) {
		total += step;
		step = min_t(u32, step << 1, 120);
	}
	return total;
}

static int set_save_syn(struct sock *sk, int v)
{
	if (v < 0 || v > 2)
		return -EINVAL;
	tcp_sk(sk)->save_syn = (u8)v;
	return 0;
}

static int set_rto_max(struct sock *sk, int v)
{
	if (in_range(v, 1000, 120000))
		return -EINVAL;
	tcp_sk(sk)->rto_max = (ktime_t)v * NSEC_PER_MSEC;
	return 0;
}

static int set_rto_min(struct sock *sk, int v)
{
	if (v > TCP_RTO_MIN / NSEC_PER_USEC || v < TICK_NSEC / NSEC_PER_USEC)
		return -EINVAL;
	tcp_sk(sk)->rto_min = (ktime_t)v * NSEC_PER_USEC;
	return 0;
}

static int set_delack_max(struct sock *sk, int v)
{
	if (v > TCP_DELACK_MAX / NSEC_PER_USEC ||
	    v < TICK_NSEC / NSEC_PER_USEC)
		return -EINVAL;
	tcp_sk(sk)->delack_max = (ktime_t)v * NSEC_PER_USEC;
	return 0;
}

/* As if the path were longer: the round trips seen so far, too. */
static int set_tx_delay(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (v < 0 || v >= 1 << 28)
		return -EINVAL;
	if (tp->srtt_us) {
		s64 srtt = (s64)tp->srtt_us +
			   ((s64)v - tp->tx_delay_us) * 8;

		tp->srtt_us = (u32)max_t(s64, srtt, 1);
	}
	tp->tx_delay_us = (u32)v;
	return 0;
}

/* Options of times, counts and switches that are stored only. */
static int set_stored(struct sock *sk, int name, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (name) {
	case TCP_KEEPINTVL:
		if (in_range(v, 1, MAX_KEEPINTVL))
			return -EINVAL;
		tp->keepalive_intvl_s = (u32)v;
		return 0;
	case TCP_KEEPCNT:
		if (in_range(v, 1, MAX_KEEPCNT))
			return -EINVAL;
		tp->keepalive_probes = (u8)v;
		return 0;
	case TCP_SYNCNT:
		if (in_range(v, 1, MAX_SYNCNT))
			return -EINVAL;
		tp->syn_retries = (u8)v;
		return 0;
	case TCP_DEFER_ACCEPT:
		tp->defer_accept_s = v > 0 ? (u32)v : 0;
		return 0;
	case TCP_USER_TIMEOUT:		/* RFC9293 3.8.3, RFC 5482 */
		if (v < 0)
			return -EINVAL;
		tp->user_timeout_ms = (u32)v;
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		if (in_range(v, 0, 1))
			return -EINVAL;
		tp->thin_lto = (u8)v;
		return 0;
	case TCP_THIN_DUPACK:
		return in_range(v, 0, 1);
	case TCP_NOTSENT_LOWAT:
		WRITE_ONCE(tp->notsent_lowat, (u32)v);
		sk->write_space(sk);
		return 0;
	case TCP_INQ:
		if (in_range(v, 0, 1))
			return -EINVAL;
		tp->recvmsg_inq = (u8)v;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int set_int(struct sock *sk, int name, int v)
{
	switch (name) {
	case TCP_MAXSEG:
		return set_maxseg(sk, v);
	case TCP_NODELAY:
		return set_nodelay(sk, v);
	case TCP_CORK:
		return set_cork(sk, v);
	case TCP_KEEPIDLE:
		return set_keepidle(sk, v);
	case TCP_LINGER2:
		return set_linger2(sk, v);
	case TCP_WINDOW_CLAMP:
		return set_window_clamp(sk, v);
	case TCP_QUICKACK:
		return set_quickack(sk, v);
	case TCP_FASTOPEN:
		return set_fastopen(sk, v);
	case TCP_FASTOPEN_CONNECT:
		return set_fastopen_connect(sk, v);
	case TCP_FASTOPEN_NO_COOKIE:
		return set_fastopen_no_cookie(sk, v);
	case TCP_SAVE_SYN:
		return set_save_syn(sk, v);
	case TCP_RTO_MAX_MS:
		return set_rto_max(sk, v);
	case TCP_RTO_MIN_US:
		return set_rto_min(sk, v);
	case TCP_DELACK_MAX_US:
		return set_delack_max(sk, v);
	case TCP_TX_DELAY:
		return set_tx_delay(sk, v);
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_QUEUE_SEQ:
	case TCP_TIMESTAMP:
		return tcp_repair_set(sk, name, v);
	default:
		return set_stored(sk, name, v);
	}
}

/* --- set: names and keys --------------------------------------------------------------------- */

static int set_congestion(struct sock *sk, const void *v, u32 len)
{
	char name[TCP_CA_NAME_MAX] = { 0 };

	if (len < 1)
		return -EINVAL;
	memcpy(name, v, min_t(u32, len, sizeof(name) - 1));
	return tcp_set_congestion_control(sk, name);
}

static int set_fastopen_key(struct sock *sk, const void *v, u32 len)
{
	const u8 *key = v;

	if (len != TCP_FASTOPEN_KEY_LEN && len != 2 * TCP_FASTOPEN_KEY_LEN)
		return -EINVAL;
	return tcp_fastopen_set_keys(sock_net(sk), sk, key,
				     len > TCP_FASTOPEN_KEY_LEN ?
				     key + TCP_FASTOPEN_KEY_LEN : NULL);
}

static int set_locked(struct sock *sk, int name, const void *val, u32 len)
{
	int v;

	switch (name) {
	case TCP_CONGESTION:
		return set_congestion(sk, val, len);
	case TCP_FASTOPEN_KEY:
		return set_fastopen_key(sk, val, len);
	case TCP_REPAIR_WINDOW:
	case TCP_REPAIR_OPTIONS:
		return tcp_repair_set_struct(sk, name, val, len);
	case TCP_ULP:
		return len < 1 ? -EINVAL : -ENOENT;
	default:
		break;
	}
	if (len < sizeof(int))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	return set_int(sk, name, v);
}

/* Not owned. */
int tcp_setsockopt(struct sock *sk, int level, int name, const void *v, u32 len)
{
	int err;

	if (level != SOL_TCP)
		return -ENOPROTOOPT;
	lock_sock(sk);
	err = set_locked(sk, name, v, len);
	release_sock(sk);
	return err;
}

/* --- get -------------------------------------------------------------------------------------- */

static int get_maxseg(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rx_opt.user_mss &&
	    TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN)))
		return tp->rx_opt.user_mss;
	if (tp->repair)
		return tp->rx_opt.mss_clamp;
	return (int)tp->mss_cache;
}

static int get_linger2(const struct sock *sk)
{
	s32 v = (s32)tcp_sk(sk)->linger2_s;

	return v < 0 ? -1 : v ? v : (int)tcp_net(sk)->fin_timeout_s;
}

static int get_timing(const struct sock *sk, int name, int *v)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);

	switch (name) {
	case TCP_KEEPIDLE:
		*v = (int)(tcp_keepalive_time(sk) / NSEC_PER_SEC);
		break;
	case TCP_KEEPINTVL:
		*v = (int)(tp->keepalive_intvl_s ? tp->keepalive_intvl_s :
			   tn->keepalive_intvl_s);
		break;
	case TCP_KEEPCNT:
		*v = (int)(tp->keepalive_probes ? tp->keepalive_probes :
			   tn->keepalive_probes);
		break;
	case TCP_SYNCNT:
		*v = tp->syn_retries ? tp->syn_retries : tn->syn_retries;
		break;
	case TCP_LINGER2:
		*v = get_linger2(sk);
		break;
	case TCP_DEFER_ACCEPT:
		*v = (int)defer_seconds(tp);
		break;
	case TCP_USER_TIMEOUT:
		*v = (int)tp->user_timeout_ms;
		break;
	case TCP_TX_DELAY:
		*v = (int)tp->tx_delay_us;
		break;
	case TCP_RTO_MAX_MS:
		*v = (int)(tp->rto_max / NSEC_PER_MSEC);
		break;
	case TCP_RTO_MIN_US:
		*v = (int)(tp->rto_min / NSEC_PER_USEC);
		break;
	case TCP_DELACK_MAX_US:
		*v = (int)(tp->delack_max / NSEC_PER_USEC);
		break;
	default:
		return -ENOPROTOOPT;
	}
	return 0;
}

static int get_int(struct sock *sk, int name, int *v)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (name) {
	case TCP_MAXSEG:
		*v = get_maxseg(sk);
		break;
	case TCP_NODELAY:
		*v = !!(tp->nonagle & TCP_NAGLE_OFF);
		break;
	case TCP_CORK:
		*v = !!(tp->nonagle & TCP_NAGLE_CORK);
		break;
	case TCP_WINDOW_CLAMP:
		*v = (int)tp->window_clamp;
		break;
	case TCP_QUICKACK:
		*v = !inet_csk_in_pingpong_mode(tp);
		break;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*v = tp->thin_lto;
		break;
	case TCP_THIN_DUPACK:
	case TCP_IS_MPTCP:
		*v = 0;
		break;
	case TCP_FASTOPEN:
		*v = tp->accept_queue ? (int)tp->accept_queue->fastopen_max : 0;
		break;
	case TCP_FASTOPEN_CONNECT:
		*v = tp->fastopen_connect;
		break;
	case TCP_FASTOPEN_NO_COOKIE:
		*v = tp->fastopen_no_cookie;
		break;
	case TCP_NOTSENT_LOWAT:
		*v = (int)tp->notsent_lowat;
		break;
	case TCP_INQ:
		*v = tp->recvmsg_inq;
		break;
	case TCP_SAVE_SYN:
		*v = tp->save_syn;
		break;
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_QUEUE_SEQ:
	case TCP_TIMESTAMP:
		return tcp_repair_get(sk, name, v);
	default:
		return get_timing(sk, name, v);
	}
	return 0;
}

/* At most *len bytes of `from`; *len becomes what was given. */
static int give(void *v, u32 *len, const void *from, u32 n)
{
	*len = min(*len, n);
	memcpy(v, from, *len);
	return 0;
}

/* Once only; too small a buffer says how much is needed. */
static int get_saved_syn(struct sock *sk, void *v, u32 *len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const u32 *syn = tp->saved_syn;

	if (!syn) {
		*len = 0;
		return 0;
	}
	if (*len < syn[0]) {
		*len = syn[0];
		return -EINVAL;
	}
	*len = syn[0];
	memcpy(v, syn + 1, syn[0]);
	kfree(tp->saved_syn);
	tp->saved_syn = NULL;
	return 0;
}

static int get_fastopen_key(struct sock *sk, void *v, u32 *len)
{
	u8 keys[2 * TCP_FASTOPEN_KEY_LEN];
	u32 n = tcp_fastopen_get_keys(sock_net(sk), sk, keys);

	return give(v, len, keys, n * TCP_FASTOPEN_KEY_LEN);
}

static int get_congestion(struct sock *sk, void *v, u32 *len)
{
	const char *name = tcp_sk(sk)->ca_ops->name;
	char ca[TCP_CA_NAME_MAX] = { 0 };

	memcpy(ca, name, min_t(size_t, strlen(name), sizeof(ca) - 1));
	return give(v, len, ca, sizeof(ca));
}

static int get_locked(struct sock *sk, int name, void *val, u32 *len)
{
	struct tcp_info info;
	int v, err;

	switch (name) {
	case TCP_INFO:
		tcp_get_info(sk, &info);
		return give(val, len, &info, sizeof(info));
	case TCP_CC_INFO:		/* no control here has any */
		*len = 0;
		return 0;
	case TCP_CONGESTION:
		return get_congestion(sk, val, len);
	case TCP_SAVED_SYN:
		return get_saved_syn(sk, val, len);
	case TCP_FASTOPEN_KEY:
		return get_fastopen_key(sk, val, len);
	case TCP_REPAIR_WINDOW:
		return tcp_repair_get_window(sk, val, len);
	case TCP_ULP:
		*len = 0;
		return 0;
	default:
		break;
	}
	err = get_int(sk, name, &v);
	return err ? err : give(val, len, &v, sizeof(v));
}

/* Not owned. */
int tcp_getsockopt(struct sock *sk, int level, int name, void *v, u32 *len)
{
	int err;

	if (level != SOL_TCP)
		return -ENOPROTOOPT;
	if ((s32)*len < 0)
		return -EINVAL;
	lock_sock(sk);
	err = get_locked(sk, name, v, len);
	release_sock(sk);
	return err;
}
