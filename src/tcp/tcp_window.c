/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The window we offer (RFC 9293 3.8.6.2, RFC 7323 2): how much buffer is free,
 * in bytes of payload; that no small increases are offered (silly window
 * syndrome, RFC9293 3.8.6.2.2 MUST-39); that what was offered is not taken
 * back (RFC9293 3.8.6 SHLD-14), unless the system's setting allows it.
 *
 * Buffer limits count memory, windows count payload: scaling_ratio/256 of the
 * memory is taken for payload. It starts at one half and follows what packets
 * really cost (tcp_rcvbuf.c).
 */
#include "tcp/tcp_window.h"

#include "base/bitops.h"

u32 tcp_space_from_win(const struct sock *sk, u32 win)
{
	u64 space = (u64)win << TCP_SCALE_SHIFT;

	if (tcp_sk(sk)->scaling_ratio)
		space /= tcp_sk(sk)->scaling_ratio;
	return (u32)min_t(u64, space, INT32_MAX);
}

/* RFC7323 2.3: the shift is chosen so that the largest buffer that this
 * connection may get can be offered. */
void tcp_select_initial_window(const struct sock *sk, u32 space, u32 mss,
			       u32 *rcv_wnd, u32 *clamp, bool wscale_ok,
			       u8 *rcv_wscale, u32 init_rcv_wnd)
{
	const struct tcp_net *tn = tcp_net(sk);

	if (!*clamp)
		*clamp = (u32)0xffff << TCP_MAX_WSCALE;
	space = min_t(u32, *clamp, space);
	if (mss && space > mss)
		space -= space % mss;
	/* Some hosts take the field for signed. */
	*rcv_wnd = min_t(u32, space, tn->workaround_signed_windows ?
			 TCP_MAX_WINDOW : 0xffffu);
	if (init_rcv_wnd)
		*rcv_wnd = min_t(u32, *rcv_wnd, init_rcv_wnd * mss);
	*rcv_wscale = 0;
	if (wscale_ok) {
		space = max_t(u32, space, tn->rmem[2]);
		space = max_t(u32, space, sock_net(sk)->sock->rmem_max);
		space = min_t(u32, space, *clamp);
		*rcv_wscale = space < 1u << 15 ? 0 : (u8)
			min_t(u32, ilog2(space) - 15, TCP_MAX_WSCALE);
	}
	*clamp = min_t(u32, 0xffffu << *rcv_wscale, *clamp);
}

/* The window follows the buffer, up and down (tcp_shrink_window). */
static u32 select_window_shrink(struct sock *sk, u32 free_space, u32 full)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 unit = 1u << tp->rx_opt.rcv_wscale;

	free_space &= ~(unit - 1);
	if (free_space < full >> 4 || free_space < tp->ack.rcv_mss) {
		if (free_space < unit)
			return 0;
		free_space = max_t(u32, free_space, unit);
	}
	return min_t(u32, free_space, tp->rcv_ssthresh);
}

/* Less than half the buffer is free: grow no more; nothing worth offering. */
static bool window_must_close(struct sock *sk, u32 free_space, u32 full,
			      u32 mss)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (free_space >= full >> 1)
		return false;
	tp->ack.quick = 0;
	if (sk_under_memory_pressure(sk))
		tp->rcv_ssthresh = min_t(u32, tp->rcv_ssthresh,
					 4 * tp->advmss);
	/* Offer nothing below 1/16 of the buffer or a segment: the space is
	 * kept for what is in flight, and a small window helps nobody. */
	return free_space < full >> 4 || free_space < mss;
}

/* RFC9293 3.8.6.2.2 */
u32 __tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 full = min_t(u32, tp->window_clamp, tcp_full_space(sk));
	u32 mss = min_t(u32, tp->ack.rcv_mss, full);
	u32 free_space = tcp_space(sk), window;

	if (unlikely(!mss))
		return 0;
	if (tcp_net(sk)->shrink_window && tp->rx_opt.rcv_wscale) {
		window_must_close(sk, free_space, full, mss);
		return select_window_shrink(sk, free_space, full);
	}
	/* Down to whole units first: rounding up later must not offer more
	 * than there is. */
	if (window_must_close(sk, free_space, full, mss) ||
	    (tp->rx_opt.rcv_wscale &&
	     free_space < 1u << tp->rx_opt.rcv_wscale))
		return 0;
	free_space = min_t(u32, free_space, tp->rcv_ssthresh);

	if (tp->rx_opt.rcv_wscale)
		return ALIGN_UP(free_space, 1u << tp->rx_opt.rcv_wscale);
	window = tp->rcv_wnd;
	/* Small changes wait; whole segments when it moves. */
	if ((s32)window <= (s32)(free_space - mss) || window > free_space)
		return free_space - free_space % mss;
	if (mss == full && free_space > window + (full >> 1))
		return free_space;
	return window;
}

/* What a segment says is zero, or was before. */
void tcp_window_zero(struct sock *sk, bool closed, bool was_closed)
{
	if (!closed) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPFromZeroWindowAdv);
		return;
	}
	tcp_sk(sk)->pred_on = false;
	if (!was_closed)
		NET_INC_STATS(sock_net(sk), TcpExt, TCPToZeroWindowAdv);
}

/* The rule; tcp_select_window() is what it comes to in easy cases. */
u16 tcp_select_window_slow(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old_win = tp->rcv_wnd, cur_win, new_win;
	u8 shift = tp->rx_opt.rcv_wscale;

	/* Memory is out: nothing new can be taken. */
	if (unlikely(tp->ack.pending & ICSK_ACK_NOMEM)) {
		tp->ack.pending &= (u8)~ICSK_ACK_NOMEM;
		tp->pred_on = false;
		tp->rcv_wnd = 0;
		tp->rcv_wup = tp->rcv_nxt;
		return 0;
	}
	cur_win = tcp_receive_window(tp);
	new_win = __tcp_select_window(sk);
	/* RFC9293 3.8.6 SHLD-14: do not shrink, i.e. move the right edge to
	 * the left. */
	if (new_win < cur_win &&
	    (!tcp_net(sk)->shrink_window || !shift)) {
		if (new_win == 0)
			NET_INC_STATS(sock_net(sk), TcpExt,
				      TCPWantZeroWindowAdv);
		new_win = ALIGN_UP(cur_win, 1u << shift);
	}
	tp->rcv_wnd = new_win;
	tp->rcv_wup = tp->rcv_nxt;

	if (!shift && tcp_net(sk)->workaround_signed_windows)
		new_win = min_t(u32, new_win, TCP_MAX_WINDOW);
	else
		new_win = min_t(u32, new_win, 0xffffu << shift);
	new_win >>= shift;
	if (!new_win || !old_win)
		tcp_window_zero(sk, !new_win, !old_win);
	return (u16)new_win;
}
