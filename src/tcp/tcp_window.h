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
/* Free, as window bytes. 0 when more is queued than the buffer holds. */
static inline u32 tcp_space(const struct sock *sk)
{
	s64 free = (s64)READ_ONCE(sk->rcvbuf) - READ_ONCE(sk->backlog.len) -
		   sk_rmem_alloc_get(sk);

	return free > 0 ? tcp_win_from_space(sk, (u32)free) : 0;
}
/* What of the offered window is not used yet. */
static inline u32 tcp_receive_window(const struct tcp_sock *tp)
{
	s32 win = (s32)(tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt);

	return win > 0 ? (u32)win : 0;
}

/* Of the rest of the cases; free_space and full as below. */
u32 tcp_window_careful(struct sock *sk, u32 free_space, u32 full);
/* RFC9293 3.8.6.2.2: how large the window may be now; 0 or a full segment. */
static inline u32 __tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 full = min_t(u32, tp->window_clamp, tcp_full_space(sk));
	u32 free_space = tcp_space(sk), unit = 1u << tp->rx_opt.rcv_wscale;

	if (likely(free_space >= full >> 1 && free_space >= unit && unit > 1 &&
		   full && tp->ack.rcv_mss && !tcp_net(sk)->shrink_window))
		return ALIGN_UP(min(free_space, tp->rcv_ssthresh), unit);
	return tcp_window_careful(sk, free_space, full);
}

u16 tcp_window_no_memory(struct tcp_sock *tp);
void tcp_window_not_shrunk(struct sock *sk);	/* wanted to close */
void tcp_window_zero(struct sock *sk, bool closed, bool was_closed);
/* The field's value for a segment sent now; remembered as offered. */
static inline u16 tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old_win = tp->rcv_wnd, cur_win, new_win;
	u8 shift = tp->rx_opt.rcv_wscale;

	if (unlikely(tp->ack.pending & ICSK_ACK_NOMEM))
		return tcp_window_no_memory(tp);
	cur_win = tcp_receive_window(tp);
	new_win = __tcp_select_window(sk);
	/* RFC9293 3.8.6 SHLD-14: do not shrink, i.e. move the right edge to
	 * the left. */
	if (new_win < cur_win &&
	    (!tcp_net(sk)->shrink_window || !shift)) {
		if (unlikely(new_win == 0))
			tcp_window_not_shrunk(sk);
		new_win = ALIGN_UP(cur_win, 1u << shift);
	}
	tp->rcv_wnd = new_win;
	tp->rcv_wup = tp->rcv_nxt;

	if (unlikely(!shift && tcp_net(sk)->workaround_signed_windows))
		new_win = min_t(u32, new_win, TCP_MAX_WINDOW);
	new_win = min_t(u32, new_win >> shift, 0xffffu);
	if (unlikely(!new_win || !old_win))
		tcp_window_zero(sk, !new_win, !old_win);
	return (u16)new_win;
}

#endif
