/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The window for each segment that is sent: what tcp_window.c comes to as long
 * as half of the buffer is free. Owner or slock.
 */
#ifndef WEIR_TCP_TCP_WINDOW_H
#define WEIR_TCP_TCP_WINDOW_H

#include "tcp/tcp.h"

#define TCP_SCALE_SHIFT	8	/* of scaling_ratio */

static inline u32 tcp_win_from_space(const struct sock *sk, u32 space)
{
	return (u32)((u64)space * tcp_sk(sk)->scaling_ratio >> TCP_SCALE_SHIFT);
}
static inline u32 tcp_full_space(const struct sock *sk)
{
	return tcp_win_from_space(sk, (u32)max_t(s32, READ_ONCE(sk->rcvbuf), 0));
}
/* Bytes of buffer that nothing waits in; negative: more waits than fits. */
static inline s64 tcp_rcvbuf_free(const struct sock *sk)
{
	return (s64)READ_ONCE(sk->rcvbuf) - READ_ONCE(sk->backlog.len) -
	       sk_rmem_alloc_get(sk);
}
/* Free, as window bytes. 0 when more is queued than the buffer holds. */
static inline u32 tcp_space(const struct sock *sk)
{
	s64 free = tcp_rcvbuf_free(sk);

	return free > 0 ? tcp_win_from_space(sk, (u32)free) : 0;
}
/* What of the offered window is not used yet. */
static inline u32 tcp_receive_window(const struct tcp_sock *tp)
{
	s32 win = (s32)(tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt);

	return win > 0 ? (u32)win : 0;
}

/* Half of the buffer is free, the window is scaled and does not shrink: then
 * nothing keeps it from following the buffer. *win: free, as window bytes. */
static inline bool tcp_window_is_easy(const struct sock *sk, u32 *win)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	s64 free = tcp_rcvbuf_free(sk);

	*win = (u32)((u64)free * tp->scaling_ratio >> TCP_SCALE_SHIFT);
	return 2 * free >= READ_ONCE(sk->rcvbuf) && free > 0 &&
	       tp->rx_opt.rcv_wscale && *win >> tp->rx_opt.rcv_wscale &&
	       tp->ack.rcv_mss && !tcp_net(sk)->shrink_window;
}

void tcp_window_zero(struct sock *sk, bool closed, bool was_closed);
/* RFC9293 3.8.6.2.2: how large the window may be now; 0 or a full segment. */
u32 __tcp_select_window(struct sock *sk);
u16 tcp_select_window_slow(struct sock *sk);
/* The field's value for a segment sent now; remembered as offered. */
static inline u16 tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 shift = tp->rx_opt.rcv_wscale;
	u32 up = (1u << shift) - 1, win, now;

	if (unlikely(tp->ack.pending & ICSK_ACK_NOMEM || !tp->rcv_wnd ||
		     !tcp_window_is_easy(sk, &win)))
		return tcp_select_window_slow(sk);
	/* RFC9293 3.8.6 SHLD-14: do not shrink, i.e. move the right edge to
	 * the left. */
	now = (tcp_receive_window(tp) + up) >> shift;
	win = (min(win, tp->rcv_ssthresh) + up) >> shift;
	win = max(win, now);
	tp->rcv_wnd = win << shift;
	tp->rcv_wup = tp->rcv_nxt;
	if (unlikely(!win))
		tcp_window_zero(sk, true, false);
	return (u16)min_t(u32, win, 0xffffu);
}

#endif
