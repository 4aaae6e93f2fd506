/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recv: RFC 9293 3.10.3 (RECEIVE). Task context. Bytes go from the receive
 * queue to the program; before the reader sleeps it leaves the address of its
 * buffer behind (tp->ucopy), and in-order segments that come meanwhile are
 * copied there at once, by the softirq or by the reader itself when it drains
 * the backlog: they never are on a queue.
 */
#include "sock/loan.h"
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_window.h"

/* One call of recvmsg. */
struct tcp_read {
	struct sockmsg *m;
	u32 *seq;			/* next byte: copied_seq or peek_seq */
	u32 peek_seq, peek_offset, urg_hole;
	size_t len;			/* still wanted */
	ssize_t copied;			/* or -errno */
	size_t target;
	ktime_t deadline;
	int flags;
	bool has_stamp;
	ktime_t stamp;
};

/* What the loop does next. */
enum tcp_read_step { READ_ON, READ_DONE };

/* --- direct copy ------------------------------------------------------------- */

bool __tcp_copy_to_reader(struct sock *sk, struct sk_buff *skb, u32 off,
			  u32 len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_ucopy *u = tp->ucopy;

	if (skb_copy_datagram_iter(skb, off, u->iter, len)) {
		tp->ucopy = NULL;	/* the reader will fault itself */
		return false;
	}
	skb_stage(skb, STAGE_sk_direct_copy);
	u->len -= len;
	u->copied += len;
	WRITE_ONCE(tp->copied_seq, tp->copied_seq + len);
	return true;
}

/* Only plain reads of a program that asked for no stamps; one at a time. */
static bool tcp_ucopy_offer(struct sock *sk, struct tcp_read *rd,
			    struct tcp_ucopy *u)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->ucopy || rd->flags & (MSG_PEEK | MSG_TRUNC) ||
	    sock_flag(sk, SOCK_RCVTSTAMP) || sk->tsflags || !rd->deadline ||
	    rd->m->loan)
		return false;
	*u = (struct tcp_ucopy){
		.iter = &rd->m->iter, .len = rd->len,
		.target = rd->target > (size_t)rd->copied ?
			  rd->target - (size_t)rd->copied : 1,
	};
	tp->ucopy = u;
	return true;
}

static void tcp_ucopy_collect(struct sock *sk, struct tcp_read *rd,
			      const struct tcp_ucopy *u)
{
	tcp_sk(sk)->ucopy = NULL;
	if (!u->copied)
		return;
	rd->copied += (ssize_t)u->copied;
	rd->len -= u->copied;
	tcp_rcv_space_adjust(sk);
}

/* --- window updates ------------------------------------------------------------ */

/* The window is at most half of what it may be: has it opened so far that the
 * peer should know (RFC9293 3.8.6.2.2)? */
static noinline bool window_update_due(struct sock *sk, u32 now)
{
	u32 win = __tcp_select_window(sk);

	return win && win >= 2 * now;
}

/* An ACK that was put off for the reader's sake is due now, or one that tells
 * of the window. */
static inline bool tcp_read_wants_ack(struct sock *sk, u32 copied)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 p = tp->ack.pending;
	u32 now;

	if (p & ICSK_ACK_SCHED) {
		if (tp->rcv_nxt - tp->rcv_wup > tp->ack.rcv_mss)
			return true;
		/* All read, and the peer pushed: it waits for an answer. */
		if (copied && !sk_rmem_alloc_get(sk) &&
		    ((p & ICSK_ACK_PUSHED2) ||
		     ((p & ICSK_ACK_PUSHED) && !inet_csk_in_pingpong_mode(tp))))
			return true;
	}
	if (!copied || sk->shutdown & RCV_SHUTDOWN)
		return false;
	now = tcp_receive_window(tp);
	return unlikely(2 * now <= tp->window_clamp) &&
	       window_update_due(sk, now);
}

static noinline void read_ack(struct sock *sk)
{
	tcp_mstamp_refresh(tcp_sk(sk));
	tcp_send_ack(sk);
}

static inline void cleanup_rbuf(struct sock *sk, u32 copied)
{
	if (unlikely(tcp_read_wants_ack(sk, copied)))
		read_ack(sk);
}

/* Owner; the reader took `copied` bytes off the queue. */
void tcp_cleanup_rbuf(struct sock *sk, u32 copied)
{
	cleanup_rbuf(sk, copied);
}

/* Owner. A loan ended: its bytes were read long ago, but they count to the
 * window only now. */
void tcp_loan_returned(struct sock *sk, size_t len)
{
	if (sock_flag(sk, SOCK_DEAD))
		sk_mem_reclaim(sk);
	else if (sk->sk_state != TCP_LISTEN && sk->sk_state != TCP_CLOSE)
		tcp_cleanup_rbuf(sk, (u32)len);
}

/* --- urgent data ------------------------------------------------------------------ */

/* recv(MSG_OOB). RFC9293 3.8.5, and Linux for the errors. */
static ssize_t tcp_recv_urg(struct sock *sk, struct sockmsg *m, size_t len,
			    int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 byte;

	if (sock_flag(sk, SOCK_URGINLINE) || !tp->urg_data ||
	    tp->urg_data == TCP_URG_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tp->urg_data & TCP_URG_VALID) {
		byte = (u8)tp->urg_data;
		if (!(flags & MSG_PEEK))
			WRITE_ONCE(tp->urg_data, TCP_URG_READ);
		m->flags |= MSG_OOB;
		if (!len) {
			m->flags |= MSG_TRUNC;
			return 0;
		}
		if (!(flags & MSG_TRUNC) &&
		    copy_to_iter(&byte, 1, &m->iter, COPY_SKB_TO_USER) != 1)
			return -EFAULT;
		return 1;
	}
	if (sk->sk_state == TCP_CLOSE || (sk->shutdown & RCV_SHUTDOWN))
		return 0;
	return -EAGAIN;		/* announced, and not here yet */
}

/* --- the receive queue -------------------------------------------------------------- */

/* The packet with byte `seq`, or with the FIN at it. Packets before it are
 * there only while peeking. */
static struct sk_buff *tcp_read_find(struct sock *sk, u32 seq, u32 *off)
{
	struct sk_buff *skb;

	skb_queue_walk(&sk->receive_queue, skb) {
		const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

		if (before(seq, cb->seq))
			return NULL;
		*off = seq - cb->seq - (cb->flags & TCPHDR_SYN ? 1 : 0);
		if (*off < skb->len || (cb->flags & TCPHDR_FIN))
			return skb;
	}
	return NULL;
}

static void tcp_eat_recv_skb(struct sock *sk, struct sk_buff *skb)
{
	__skb_unlink(skb, &sk->receive_queue);
	consume_skb(skb);
}

/* Reading stops before the urgent byte, which is then left out unless it is
 * to be inline. Bytes that may be copied; *off moves over the left-out one. */
static u32 tcp_read_upto_urg(struct sock *sk, struct tcp_read *rd, u32 used,
			     u32 *off)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 urg_offset = tp->urg_seq - *rd->seq;

	if (likely(!tp->urg_data) || urg_offset >= used)
		return used;
	if (urg_offset)
		return urg_offset;
	if (sock_flag(sk, SOCK_URGINLINE))
		return used;
	WRITE_ONCE(*rd->seq, *rd->seq + 1);
	rd->urg_hole++;
	(*off)++;
	return used - 1;
}

/* When no piece more fits, fewer: and the read ends. */
static noinline u32 tcp_read_lend(struct sock *sk, struct tcp_read *rd,
				  struct sk_buff *skb, u32 off, u32 n)
{
	u32 lent = sk_loan_add(rd->m->loan, sk, skb, off, n);

	if (lent < n)
		rd->len = lent;
	return lent;
}

static enum tcp_read_step tcp_read_skb(struct sock *sk, struct tcp_read *rd,
				       struct sk_buff *skb, u32 off)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 used = (u32)min((size_t)(skb->len - off), rd->len);

	used = tcp_read_upto_urg(sk, rd, used, &off);
	if (used) {
		if (unlikely(rd->m->loan))
			used = tcp_read_lend(sk, rd, skb, off, used);
		else if (!(rd->flags & MSG_TRUNC) &&
		    skb_copy_datagram_iter(skb, off, &rd->m->iter, used)) {
			if (!rd->copied)
				rd->copied = -EFAULT;
			return READ_DONE;
		}
		WRITE_ONCE(*rd->seq, *rd->seq + used);
		rd->copied += used;
		rd->len -= used;
		if (!(rd->flags & MSG_PEEK))
			tcp_rcv_space_adjust(sk);
	}
	if (unlikely(tp->urg_data) && after(tp->copied_seq, tp->urg_seq)) {
		WRITE_ONCE(tp->urg_data, 0);
		tcp_fast_path_check(sk);
	}
	if (TCP_SKB_CB(skb)->has_rxtstamp) {
		rd->has_stamp = true;
		rd->stamp = skb->tstamp;
	}
	if (off + used < skb->len)
		return READ_ON;
	if (TCP_SKB_CB(skb)->flags & TCPHDR_FIN) {
		WRITE_ONCE(*rd->seq, *rd->seq + 1);
		if (!(rd->flags & MSG_PEEK))
			tcp_eat_recv_skb(sk, skb);
		return READ_DONE;
	}
	if (!(rd->flags & MSG_PEEK))
		tcp_eat_recv_skb(sk, skb);
	return READ_ON;
}

/* --- nothing there ----------------------------------------------------------------------- */

/* Whether the call ends here, and with what. */
static enum tcp_read_step tcp_read_may_wait(struct sock *sk,
					    struct tcp_read *rd)
{
	if (rd->copied)
		return READ_ONCE(sk->err) || sk->sk_state == TCP_CLOSE ||
		       (sk->shutdown & RCV_SHUTDOWN) || !rd->deadline ?
		       READ_DONE : READ_ON;
	if (sock_flag(sk, SOCK_DONE))
		return READ_DONE;
	if (READ_ONCE(sk->err)) {
		rd->copied = sock_error(sk);
		return READ_DONE;
	}
	if (sk->shutdown & RCV_SHUTDOWN)
		return READ_DONE;
	if (sk->sk_state == TCP_CLOSE) {
		/* Never connected: SOCK_DONE would be set otherwise. */
		rd->copied = -ENOTCONN;
		return READ_DONE;
	}
	if (!rd->deadline) {
		rd->copied = -EAGAIN;
		return READ_DONE;
	}
	return READ_ON;
}

static enum tcp_read_step tcp_read_wait(struct sock *sk, struct tcp_read *rd)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 before_wait = tp->copied_seq;
	struct tcp_ucopy u;
	bool offered;
	u32 off;
	int err;

	if (tcp_read_may_wait(sk, rd) == READ_DONE)
		return READ_DONE;
	if ((size_t)rd->copied >= rd->target) {
		sk_flush_backlog(sk);
		return READ_ON;
	}
	cleanup_rbuf(sk, (u32)rd->copied);
	offered = tcp_ucopy_offer(sk, rd, &u);
	err = sk_wait_data(sk, rd->deadline, skb_peek_tail(&sk->receive_queue));
	if (offered)
		tcp_ucopy_collect(sk, rd, &u);
	/* The queue may hold what cannot be read: an urgent byte, or what was
	 * peeked at. */
	if (err && !tcp_read_find(sk, *rd->seq, &off)) {
		if (!rd->copied)
			rd->copied = err;
		return READ_DONE;
	}
	/* Another reader took what we peeked at: from the start again. */
	if (rd->flags & MSG_PEEK && tp->copied_seq != before_wait)
		rd->peek_seq = tp->copied_seq + rd->peek_offset;
	return READ_ON;
}

/* --- the call -------------------------------------------------------------------------------- */

static void tcp_read_loop(struct sock *sk, struct tcp_read *rd)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	enum tcp_read_step next = READ_ON;

	while (rd->len && next == READ_ON) {
		struct sk_buff *skb;
		u32 off = 0;

		/* A read ends before the urgent byte. */
		if (unlikely(tp->urg_data) && tp->urg_seq == *rd->seq &&
		    rd->copied)
			return;
		skb = tcp_read_find(sk, *rd->seq, &off);
		if (skb)
			next = tcp_read_skb(sk, rd, skb, off);
		else if ((size_t)rd->copied >= rd->target &&
			 !READ_ONCE(sk->backlog.tail))
			return;
		else
			next = tcp_read_wait(sk, rd);
	}
}

static void tcp_read_begin(struct sock *sk, struct tcp_read *rd)
{
	struct tcp_sock *tp = tcp_sk(sk);

	rd->seq = &tp->copied_seq;
	if (rd->flags & MSG_PEEK) {
		rd->peek_offset = sk->peek_off > 0 ? (u32)sk->peek_off : 0;
		rd->peek_seq = tp->copied_seq + rd->peek_offset;
		rd->seq = &rd->peek_seq;
	}
	rd->target = rd->flags & MSG_WAITALL ? rd->len :
		     min((size_t)max_t(s32, sk->rcvlowat, 1), rd->len);
	if (!rd->target)
		rd->target = 1;
	rd->deadline = sock_rcv_deadline(sk, rd->flags & MSG_DONTWAIT);
}

static inline void tcp_read_end(struct sock *sk, struct tcp_read *rd)
{
	bool peek = rd->flags & MSG_PEEK;

	if (likely(!peek))
		cleanup_rbuf(sk, rd->copied > 0 ? (u32)rd->copied : 0);
	if (unlikely(sk->peek_off >= 0) && rd->copied > 0) /* SO_PEEK_OFF */
		sk->peek_off = peek ? sk->peek_off + (s32)rd->copied :
			       max_t(s32, sk->peek_off - (s32)rd->copied, 0);
}

/* Bytes that can be read now; for an ended stream at least 1, so that a
 * program that reads only then sees the end. */
static int tcp_inq_hint(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int inq = (int)(tp->rcv_nxt - tp->copied_seq);

	return !inq && sock_flag(sk, SOCK_DONE) ? 1 : max(inq, 0);
}

static void tcp_read_cmsgs(struct sock *sk, struct tcp_read *rd, bool want_inq,
			   int inq)
{
	if (rd->has_stamp) {
		struct sk_buff stamped = { .tstamp = rd->stamp };

		sock_recv_timestamp(rd->m, sk, &stamped);
	}
	if (want_inq)
		put_cmsg(rd->m, SOL_TCP, TCP_CM_INQ, sizeof(inq), &inq);
}

/* Any call; `copied` bytes of a plain one were read before. Owner, but for the
 * end, which lets go. */
static noinline ssize_t tcp_recvmsg_any(struct sock *sk, struct sockmsg *m,
					size_t len, ssize_t copied, int flags)
{
	struct tcp_read rd = { .m = m, .len = len, .flags = flags };
	bool want_inq = false;
	int inq = 0;

	if (sk->sk_state == TCP_LISTEN) {
		rd.copied = -ENOTCONN;
	} else if (unlikely(flags & MSG_OOB)) {
		rd.copied = tcp_recv_urg(sk, m, len, flags);
	} else {
		tcp_read_begin(sk, &rd);
		rd.copied = copied;
		rd.len -= (size_t)copied;
		tcp_read_loop(sk, &rd);
		tcp_read_end(sk, &rd);
		want_inq = tcp_sk(sk)->recvmsg_inq;
		if (want_inq)
			inq = tcp_inq_hint(sk);
	}
	release_sock(sk);
	if (rd.copied >= 0 && (rd.has_stamp || want_inq))
		tcp_read_cmsgs(sk, &rd, want_inq, inq);
	return rd.copied;
}

/* --- plain calls ---------------------------------------------------------------------------- */

/* Nothing but bytes is asked for, and nothing but bytes is there. */
static inline bool read_is_plain(const struct sock *sk, const struct sockmsg *m,
				 int flags)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return !(flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) && !m->loan &&
	       !(tp->urg_data | tp->recvmsg_inq | sk->tsflags) &&
	       sk->peek_off < 0 && sk->sk_state != TCP_LISTEN &&
	       !sock_flag(sk, SOCK_RCVTSTAMP);
}

/* All that was wanted is here, or what there is will do. */
static inline bool read_is_over(const struct sock *sk, size_t len, size_t copied)
{
	if (copied == len)
		return true;
	return copied >= (size_t)max_t(s32, sk->rcvlowat, 1) &&
	       skb_queue_empty(&sk->receive_queue) &&
	       !READ_ONCE(sk->backlog.tail);
}

/* From the first packet; 0: it is not plain; -EFAULT. */
static inline ssize_t read_first(struct sock *sk, struct sockmsg *m, size_t len,
				 struct sk_buff *skb)
{
	const u8 odd = TCPHDR_SYN | TCPHDR_FIN;
	struct tcp_sock *tp = tcp_sk(sk);
	u32 off = tp->copied_seq - TCP_SKB_CB(skb)->seq, used;

	if (unlikely(off >= skb->len || TCP_SKB_CB(skb)->flags & odd))
		return 0;
	used = (u32)min((size_t)(skb->len - off), len);
	if (unlikely(skb_copy_datagram_iter(skb, off, &m->iter, used)))
		return -EFAULT;
	WRITE_ONCE(tp->copied_seq, tp->copied_seq + used);
	tcp_rcv_space_adjust(sk);
	if (off + used == skb->len)
		tcp_eat_recv_skb(sk, skb);
	return used;
}

/* The queue is empty. Bytes that came meanwhile; 0: ask why; -errno. */
static inline ssize_t read_when_it_comes(struct sock *sk, struct sockmsg *m,
					 size_t len, bool nonblock, bool *over)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_ucopy u = { .iter = &m->iter, .len = len };
	int err;

	if (unlikely(sock_flag(sk, SOCK_DONE) || READ_ONCE(sk->err) ||
		     sk->shutdown & RCV_SHUTDOWN || tp->ucopy ||
		     sk->sk_state == TCP_CLOSE))
		return 0;
	if (nonblock)
		return -EAGAIN;
	if (unlikely(sk->rcvtimeo != KTIME_MAX))
		return 0;
	cleanup_rbuf(sk, 0);
	u.target = min((size_t)max_t(s32, sk->rcvlowat, 1), len);
	tp->ucopy = &u;
	err = sk_wait_data(sk, KTIME_MAX, NULL);
	tp->ucopy = NULL;
	if (likely(u.copied))
		tcp_rcv_space_adjust(sk);
	else if (unlikely(err) && skb_queue_empty(&sk->receive_queue))
		return err;
	*over = err && skb_queue_empty(&sk->receive_queue);
	return (ssize_t)u.copied;
}

/* Takes the sock itself. Bytes, 0 at the end of the stream, or -errno. */
ssize_t tcp_recvmsg(struct sock *sk, struct sockmsg *m, size_t len, int flags)
{
	struct sk_buff *skb;
	bool over = false;
	ssize_t n = 0;

	if (unlikely(flags & MSG_ERRQUEUE))
		return sock_recv_errqueue(sk, m, len);
	m->namelen = 0;			/* a connection's peer is no news */
	lock_sock(sk);
	trace_stage(STAGE_tcp_recvmsg, 0, (u32)len);
	if (likely(len && read_is_plain(sk, m, flags))) {
		skb = skb_peek(&sk->receive_queue);
		n = skb ? read_first(sk, m, len, skb) :
			  read_when_it_comes(sk, m, len, flags & MSG_DONTWAIT,
					     &over);
		if (likely(n < 0 || over || read_is_over(sk, len, (size_t)n))) {
			cleanup_rbuf(sk, n > 0 ? (u32)n : 0);
			release_sock(sk);
			return n;
		}
	}
	return tcp_recvmsg_any(sk, m, len, n, flags);
}

/* SIOCINQ: bytes up to the urgent mark, or the end. Owner. */
int tcp_peek_len(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 n;

	if (TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV)))
		return 0;
	if (!sock_flag(sk, SOCK_URGINLINE) && tp->urg_data &&
	    !before(tp->urg_seq, tp->copied_seq) &&
	    before(tp->urg_seq, tp->rcv_nxt))
		return (int)(tp->urg_seq - tp->copied_seq);
	n = tp->rcv_nxt - tp->copied_seq;
	if (n && sock_flag(sk, SOCK_DONE))
		n--;			/* the FIN */
	return (int)n;
}
