/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP_REPAIR: a connection is taken out of one stack and put into another:
 * sequences, window, options and timestamp are read and set while nothing is
 * sent.
 */
#include "tcp/tcp_sockopt.h"

#include "tcp/tcp_out.h"

static bool can_repair(const struct sock *sk)
{
	return sk->sk_state != TCP_LISTEN;
}

static int set_repair(struct sock *sk, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!can_repair(sk))
		return -EPERM;
	switch (v) {
	case TCP_REPAIR_ON:
		tp->repair = true;
		tp->repair_queue = TCP_NO_QUEUE;
		return 0;
	case TCP_REPAIR_OFF:
		tp->repair = false;
		tcp_send_window_probe(sk);
		return 0;
	case TCP_REPAIR_OFF_NO_WP:
		tp->repair = false;
		return 0;
	default:
		return -EINVAL;
	}
}

static int set_queue_seq(struct sock *sk, u32 v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_state != TCP_CLOSE)
		return -EPERM;
	if (tp->repair_queue == TCP_SEND_QUEUE) {
		if (!tcp_rtx_and_write_queues_empty(sk))
			return -EPERM;
		WRITE_ONCE(tp->write_seq, v);
		return 0;
	}
	if (tp->repair_queue == TCP_RECV_QUEUE) {
		if (tp->rcv_nxt != tp->copied_seq)
			return -EPERM;
		WRITE_ONCE(tp->rcv_nxt, v);
		WRITE_ONCE(tp->copied_seq, v);
		return 0;
	}
	return -EINVAL;
}

int tcp_repair_set(struct sock *sk, int name, int v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (name) {
	case TCP_REPAIR:
		return set_repair(sk, v);
	case TCP_REPAIR_QUEUE:
		if (!tp->repair)
			return -EPERM;
		if ((u32)v >= TCP_QUEUES_NR)
			return -EINVAL;
		tp->repair_queue = (u8)v;
		return 0;
	case TCP_QUEUE_SEQ:
		return set_queue_seq(sk, (u32)v);
	case TCP_TIMESTAMP:
		if (!tp->repair)
			return -EPERM;
		tp->tsoffset = (u32)v - tcp_jiffies32();
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int tcp_repair_get(struct sock *sk, int name, int *v)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (name) {
	case TCP_REPAIR:
		*v = tp->repair;
		return 0;
	case TCP_REPAIR_QUEUE:
		if (!tp->repair)
			return -EINVAL;
		*v = tp->repair_queue;
		return 0;
	case TCP_QUEUE_SEQ:
		if (tp->repair_queue == TCP_SEND_QUEUE)
			*v = (int)tp->write_seq;
		else if (tp->repair_queue == TCP_RECV_QUEUE)
			*v = (int)tp->rcv_nxt;
		else
			return -EINVAL;
		return 0;
	case TCP_TIMESTAMP:
		*v = (int)(tcp_jiffies32() + tp->tsoffset);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int set_options(struct sock *sk, const void *v, u32 len)
{
	struct tcp_options_received *o = &tcp_sk(sk)->rx_opt;
	struct tcp_repair_opt opt;

	for (u32 at = 0; at + sizeof(opt) <= len; at += sizeof(opt)) {
		memcpy(&opt, (const u8 *)v + at, sizeof(opt));
		switch (opt.opt_code) {
		case TCPOPT_MSS:
			o->mss_clamp = (u16)opt.opt_val;
			tcp_sync_mss(sk, tcp_sk(sk)->pmtu_cookie);
			break;
		case TCPOPT_WINDOW:
			if ((opt.opt_val & 0xffff) > TCP_MAX_WSCALE ||
			    opt.opt_val >> 16 > TCP_MAX_WSCALE)
				return -EFBIG;
			o->snd_wscale = opt.opt_val & 0xf;
			o->rcv_wscale = opt.opt_val >> 16 & 0xf;
			o->wscale_ok = 1;
			break;
		case TCPOPT_SACK_PERM:
			if (opt.opt_val)
				return -EINVAL;
			o->sack_ok = 1;
			break;
		case TCPOPT_TIMESTAMP:
			if (opt.opt_val)
				return -EINVAL;
			o->tstamp_ok = 1;
			break;
		default:
			break;
		}
	}
	return 0;
}

static int set_window(struct sock *sk, const void *v, u32 len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_repair_window w;

	if (!tp->repair)
		return -EPERM;
	if (len != sizeof(w))
		return -EINVAL;
	memcpy(&w, v, sizeof(w));
	if (w.max_window < w.snd_wnd)
		return -EINVAL;
	if (after(w.snd_wl1, tp->rcv_nxt + w.rcv_wnd) ||
	    after(w.rcv_wup, tp->rcv_nxt))
		return -EINVAL;
	tp->snd_wl1 = w.snd_wl1;
	tp->snd_wnd = w.snd_wnd;
	tp->max_window = w.max_window;
	tp->rcv_wnd = w.rcv_wnd;
	tp->rcv_wup = w.rcv_wup;
	return 0;
}

int tcp_repair_set_struct(struct sock *sk, int name, const void *v, u32 len)
{
	if (name == TCP_REPAIR_WINDOW)
		return set_window(sk, v, len);
	if (!tcp_sk(sk)->repair)
		return -EINVAL;
	if (sk->sk_state != TCP_ESTABLISHED || tcp_sk(sk)->bytes_sent)
		return -EPERM;
	return set_options(sk, v, len);
}

int tcp_repair_get_window(struct sock *sk, void *v, u32 *len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_repair_window w = {
		.snd_wl1 = tp->snd_wl1, .snd_wnd = tp->snd_wnd,
		.max_window = tp->max_window, .rcv_wnd = tp->rcv_wnd,
		.rcv_wup = tp->rcv_wup,
	};

	if (*len != sizeof(w))
		return -EINVAL;
	if (!tp->repair)
		return -EPERM;
	memcpy(v, &w, sizeof(w));
	return 0;
}
