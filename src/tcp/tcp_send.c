/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmsg (RFC 9293 3.10.2): the program's bytes become packets on the write
 * queue. RFC 1122 4.2.2.2 (PUSH), 4.2.3.4.
 *
 * A packet grows to size_goal bytes (many segments, cut by the device). Its
 * payload lies in pages that the sock fills one after the other; what a write
 * of few bytes starts with lies behind the headers instead, so that such a
 * packet is one piece of memory. Memory counts against sndbuf until it is
 * acknowledged; a writer without room sleeps, or gets what fitted or EAGAIN.
 */
#include "tcp/tcp_out.h"

#include "base/slab.h"
#include "sock/sock_input.h"
#include "sock/zerocopy.h"

#define FRAG_PAGE_SIZE	32768u

/* --- packets ------------------------------------------------------------------- */

/* An empty packet at the end of the write queue. */
void tcp_skb_entail(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	cb->seq = cb->end_seq = tp->write_seq;
	cb->flags = TCPHDR_ACK;
	__skb_queue_tail(&sk->write_queue, skb);
	tp->nonagle &= (u8)~TCP_NAGLE_PUSH;
	if (!tp->packets_out) {
		tcp_mstamp_refresh(tp);
		tcp_chrono_start(sk, TCP_CHRONO_BUSY);
		tcp_cwnd_after_idle(sk);
	}
}

void tcp_frag_page_free(struct tcp_sock *tp)
{
	if (tp->frag_page)
		page_put(tp->frag_page);
	tp->frag_page = NULL;
}

/* There is room in the sock's page. */
static bool frag_page_refill(struct tcp_sock *tp)
{
	struct page *pg = tp->frag_page;

	if (pg) {
		if (refcount_read(&pg->refs) == 1)
			tp->frag_off = 0;	/* all sent: use it again */
		if (tp->frag_off < pg->size)
			return true;
		page_put(pg);
	}
	tp->frag_off = 0;
	tp->frag_page = page_alloc(FRAG_PAGE_SIZE);
	if (unlikely(!tp->frag_page))
		tp->frag_page = page_alloc(SKB_PAGE_SIZE);
	return tp->frag_page;
}

static bool frag_continues(const struct sk_buff *skb, const struct tcp_sock *tp)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	const struct skb_frag *f;

	if (!si->nr_frags)
		return false;
	f = &si->frags[si->nr_frags - 1];
	return f->page == tp->frag_page && f->offset + f->len == tp->frag_off;
}

/* Up to n bytes behind the linear part. */
static int copy_linear(struct sk_buff *skb, struct sockmsg *m, u32 n)
{
	n = min(n, skb_tailroom(skb));
	if (copy_from_iter(skb_tail_pointer(skb), n, &m->iter,
			   COPY_USER_TO_SKB) != n)
		return -EFAULT;
	skb_put(skb, n);
	return (int)n;
}

/* Up to n bytes into the page. 0: no frag slot left; -EAGAIN: no memory. */
static int copy_page(struct sock *sk, struct sk_buff *skb, struct sockmsg *m,
		     u32 n)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct skb_shared_info *si = skb_shinfo(skb);
	bool merge;

	if (unlikely(!frag_page_refill(tp)))
		return -EAGAIN;
	merge = frag_continues(skb, tp);
	if (!merge && si->nr_frags == MAX_SKB_FRAGS)
		return 0;
	n = min(n, tp->frag_page->size - tp->frag_off);
	if (unlikely(!sk_wmem_schedule(sk, n)))
		return -EAGAIN;
	if (copy_from_iter(tp->frag_page->addr + tp->frag_off, n, &m->iter,
			   COPY_USER_TO_SKB) != n)
		return -EFAULT;
	if (merge) {
		si->frags[si->nr_frags - 1].len += n;
	} else {
		page_get(tp->frag_page);
		si->frags[si->nr_frags++] = (struct skb_frag){
			tp->frag_page, tp->frag_off, n };
	}
	tp->frag_off += n;
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	tcp_wmem_charge(sk, n);
	return (int)n;
}

/* --- pushing ----------------------------------------------------------------------- */

void tcp_mark_push(struct tcp_sock *tp, struct sk_buff *skb)
{
	TCP_SKB_CB(skb)->flags |= TCPHDR_PSH;
	tp->pushed_seq = tp->write_seq;
}

/* More than half the peer's window since the last PSH. */
static bool forced_push(const struct tcp_sock *tp)
{
	return after(tp->write_seq, tp->pushed_seq + (tp->max_window >> 1));
}

/* Packets of ours are in a queue below: the next one may still grow. */
static bool should_autocork(const struct sock *sk, const struct sk_buff *skb,
			    u32 size_goal)
{
	return skb->len < size_goal && tcp_net(sk)->autocorking &&
	       !tcp_rtx_queue_empty(sk) && !TCP_SKB_CB(skb)->eor &&
	       sk_wmem_alloc_get(sk) > skb->truesize;
}

/* RFC9293 3.9.1.2 MUST-60..62: PSH on the last of a write. */
void tcp_push(struct sock *sk, int flags, u32 mss_now, int nonagle,
	      u32 size_goal)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = skb_peek_tail(&sk->write_queue);

	if (!skb)
		return;
	if (!(flags & MSG_MORE) || forced_push(tp))
		tcp_mark_push(tp, skb);
	if (unlikely(flags & MSG_OOB))
		tp->snd_up = tp->write_seq;	/* RFC9293 3.8.5 MUST-62 */
	if (should_autocork(sk, skb, size_goal)) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPAutoCorking);
		tcp_set_bit(&tp->tsq_flags, TCP_TSQ_THROTTLED);
		smp_mb();	/* tcp_wfree may just have come by */
		if (sk_wmem_alloc_get(sk) > skb->truesize)
			return;
	}
	if (flags & MSG_MORE)
		nonagle = TCP_NAGLE_CORK;
	__tcp_push_pending_frames(sk, mss_now, nonagle);
}

/* --- memory ----------------------------------------------------------------------------- */

/* sk->write_space: tell writers, if somebody missed room. */
void tcp_write_space(struct sock *sk)
{
	struct socket *s = sk->socket;

	if (!s || !(READ_ONCE(s->flags) & SOCK_F_NOSPACE) || !tcp_writeable(sk))
		return;
	__atomic_fetch_and(&s->flags, ~SOCK_F_NOSPACE, __ATOMIC_ACQ_REL);
	wake_up_poll(&s->wq, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	tcp_chrono_stop(sk, TCP_CHRONO_SNDBUF_LIMITED);
}

static bool should_expand_sndbuf(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (sk->userlocks & SOCK_SNDBUF_LOCK || sk_under_memory_pressure(sk))
		return false;
	return tcp_packets_in_flight(tp) < tp->snd_cwnd;
}

/* Somebody missed room. */
void tcp_new_space(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (should_expand_sndbuf(sk)) {
		tcp_sndbuf_expand(sk);
		tp->snd_cwnd_stamp = tcp_now_ts(tp);
	}
	sk->write_space(sk);
}

static bool can_go_on(struct sock *sk)
{
	return READ_ONCE(sk->err) || READ_ONCE(sk->shutdown) & SEND_SHUTDOWN ||
	       tcp_stream_memory_free(sk);
}

int tcp_wait_to_write(struct sock *sk, ktime_t deadline,
		      bool (*cond)(struct sock *sk))
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err;

	tp->write_pending++;
	err = sk_wait_event(sk, deadline, cond);
	tp->write_pending--;
	return err;
}

/* Sleeps until there is room. 0, -EAGAIN, -EINTR, -EPIPE. Releases the sock
 * meanwhile. */
static int wait_memory(struct sock *sk, ktime_t deadline)
{
	bool short_of_memory = tcp_stream_memory_free(sk);
	ktime_t until = deadline;
	int err;

	if (sk->socket)
		__atomic_fetch_or(&sk->socket->flags, SOCK_F_NOSPACE,
				  __ATOMIC_ACQ_REL);
	smp_mb();
	if (deadline <= ktime_get() && !can_go_on(sk))
		return -EAGAIN;
	if (short_of_memory) {		/* not ours: others will free some */
		if (deadline <= ktime_get())
			return -EAGAIN;
		until = min_t(ktime_t, deadline, ktime_get() + 10 * TICK_NSEC);
		err = tcp_wait_to_write(sk, until, tcp_send_over);
		if (err == -EAGAIN && until != deadline)
			err = 0;
	} else {
		err = tcp_wait_to_write(sk, deadline, can_go_on);
	}
	if (err)
		return err;
	if (sk->err || sk->shutdown & SEND_SHUTDOWN)
		return -EPIPE;
	return 0;
}

/* --- sendmsg --------------------------------------------------------------------------------- */

struct send_job {
	struct sockmsg *m;
	struct zerocopy zc;
	size_t left, copied;
	ktime_t deadline;
	int flags;
	u32 tsflags;			/* SO_TIMESTAMPING */
	u32 mss_now, size_goal;
};

bool tcp_send_over(struct sock *sk)
{
	return READ_ONCE(sk->err) || READ_ONCE(sk->shutdown) & SEND_SHUTDOWN;
}

static bool connect_over(struct sock *sk)
{
	return tcp_send_over(sk) ||
	       !(TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) |
				       TCPF(TCP_SYN_RECV)));
}

/* RFC9293 3.10.2: data given before ESTABLISHED waits for it. */
static int wait_connect(struct sock *sk, ktime_t deadline)
{
	int err;

	if (sk->err)
		return sock_error(sk);
	if (!(TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV))))
		return -EPIPE;
	err = tcp_wait_to_write(sk, deadline, connect_over);
	if (err)
		return err;
	if (sk->err)
		return sock_error(sk);
	return TCPF(sk->sk_state) & (TCPF(TCP_ESTABLISHED) |
				     TCPF(TCP_CLOSE_WAIT)) ? 0 : -EPIPE;
}

/* The packet to go on with; a new one when the last is full. NULL: wait. */
static struct sk_buff *packet_to_fill(struct sock *sk, struct send_job *j)
{
	struct sk_buff *skb = skb_peek_tail(&sk->write_queue);
	u32 linear;

	if (skb && skb->len < j->size_goal && !TCP_SKB_CB(skb)->eor)
		return skb;
	if (!tcp_stream_memory_free(sk))
		return NULL;
	linear = j->left <= TCP_SMALL_WRITE && !j->zc.map ? (u32)j->left : 0;
	skb = tcp_stream_alloc_skb(sk, linear);
	if (unlikely(!skb))
		return NULL;
	tcp_skb_entail(sk, skb);
	return skb;
}

/* MSG_ZEROCOPY: up to n bytes where they are. As copy_page. */
static int map_page(struct sock *sk, struct sk_buff *skb, struct send_job *j,
		    u32 n)
{
	int got;

	if (unlikely(!sk_wmem_schedule(sk, n)))
		return -EAGAIN;
	got = zerocopy_add(&j->zc, skb, &j->m->iter, n);
	if (got > 0)
		tcp_wmem_charge(sk, (u32)got);
	return got == -ENOMEM ? -EAGAIN : got;
}

/* Bytes added, 0: this packet is full, -EAGAIN: no memory, -EFAULT. */
static int fill(struct sock *sk, struct send_job *j, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 want = (u32)min_t(size_t, j->left, j->size_goal - skb->len);
	int n;

	if (unlikely(j->zc.map))
		n = map_page(sk, skb, j, want);
	else if (!skb_shinfo(skb)->nr_frags && skb_tailroom(skb) &&
		 !skb_cloned(skb))
		n = copy_linear(skb, j->m, want);
	else
		n = copy_page(sk, skb, j->m, want);
	if (n <= 0)
		return n;
	if (!j->copied)
		TCP_SKB_CB(skb)->flags &= (u8)~TCPHDR_PSH;
	tp->write_seq += (u32)n;
	TCP_SKB_CB(skb)->end_seq += (u32)n;
	TCP_SKB_CB(skb)->gso_segs = 0;
	j->copied += (u32)n;
	j->left -= (u32)n;
	return n;
}

/* A packet is full and more is to come: let it go already. */
static void push_full(struct sock *sk, struct send_job *j, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (forced_push(tp)) {
		tcp_mark_push(tp, skb);
		__tcp_push_pending_frames(sk, j->mss_now, TCP_NAGLE_PUSH);
	} else if (skb == tcp_send_head(sk)) {
		tcp_push_one(sk, j->mss_now);
	}
}

static void remove_empty_skb(struct sock *sk)
{
	struct sk_buff *skb = skb_peek_tail(&sk->write_queue);

	if (skb && TCP_SKB_CB(skb)->seq == TCP_SKB_CB(skb)->end_seq) {
		__skb_unlink(skb, &sk->write_queue);
		if (!tcp_send_head(sk))
			tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
		tcp_wmem_free_skb(sk, skb);
	}
}

static int wait_for_space(struct sock *sk, struct send_job *j)
{
	int err;

	remove_empty_skb(sk);
	if (j->copied)
		tcp_push(sk, j->flags & ~MSG_MORE, j->mss_now, TCP_NAGLE_PUSH,
			 j->size_goal);
	err = wait_memory(sk, j->deadline);
	if (!err)
		j->mss_now = tcp_send_mss(sk, &j->size_goal, j->flags);
	return err;
}

/* All of j->left, or -errno with a part done. */
static int send_all(struct sock *sk, struct send_job *j)
{
	int n, err;

	while (j->left) {
		struct sk_buff *skb;

		if (unlikely(tcp_send_over(sk)))
			return -EPIPE;
		skb = packet_to_fill(sk, j);
		n = skb ? fill(sk, j, skb) : -EAGAIN;
		if (n == -EAGAIN) {
			err = wait_for_space(sk, j);
			if (err)
				return err;
			continue;
		}
		if (n < 0)
			return n;
		if (n == 0) {	/* no slot: as full as it gets */
			tcp_mark_push(tcp_sk(sk), skb);
			TCP_SKB_CB(skb)->eor = 1;
			continue;
		}
		if (!j->left) {
			if (unlikely(j->flags & MSG_EOR))
				TCP_SKB_CB(skb)->eor = 1;
			break;
		}
		if (skb->len >= j->size_goal && !(j->flags & MSG_OOB))
			push_full(sk, j, skb);
	}
	return 0;
}

/* What the program is told when not all went. */
static ssize_t send_failed(struct sock *sk, struct send_job *j, int err)
{
	remove_empty_skb(sk);
	if (j->copied)
		return (ssize_t)j->copied;
	if (err == -EPIPE) {
		int pending = sock_error(sk);

		err = pending ? pending : -EPIPE;
	}
	/* Edge-triggered waiters must hear when there is room again. */
	if (err == -EAGAIN && !tcp_send_head(sk) && tcp_rtx_queue_empty(sk))
		sk->write_space(sk);
	return err;
}

/* The SYN takes what it can. 0: go on; 1: j->copied is all for now; -errno. */
static int send_with_syn(struct sock *sk, struct send_job *j)
{
	int err = tcp_sendmsg_fastopen(sk, j->m, &j->copied, j->left);

	if (err == -EINPROGRESS && j->copied)
		return 1;
	if (!err)
		j->left -= j->copied;
	return err;
}

static int send_cmsgs(struct sock *sk, struct send_job *j)
{
	struct sockcm_cookie ck = { .tsflags = j->tsflags };
	int err = sock_cmsgs_send(sk, j->m, &ck);

	j->tsflags = ck.tsflags;
	return err;
}

static ssize_t sendmsg_locked(struct sock *sk, struct send_job *j)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err = 0;

	j->deadline = sock_snd_deadline(sk, j->flags & MSG_DONTWAIT);
	if (unlikely(j->flags & MSG_FASTOPEN || tp->fastopen_connect) &&
	    !tp->repair) {
		err = send_with_syn(sk, j);
		if (err > 0)
			return (ssize_t)j->copied;
		if (err)
			return send_failed(sk, j, err);
	}
	tcp_rate_check_app_limited(sk);
	if (unlikely(!(TCPF(sk->sk_state) & (TCPF(TCP_ESTABLISHED) |
					     TCPF(TCP_CLOSE_WAIT)))) &&
	    !tp->tfo_child) {
		err = wait_connect(sk, j->deadline);
		if (err)
			return send_failed(sk, j, err);
	}
	if (unlikely(tcp_send_over(sk)))
		return send_failed(sk, j, -EPIPE);
	j->mss_now = tcp_send_mss(sk, &j->size_goal, j->flags);
	j->tsflags = sk->tsflags;
	if (unlikely(j->m->controllen)) {
		err = send_cmsgs(sk, j);
		if (err)
			return send_failed(sk, j, err);
	}
	if (unlikely(j->zc.note))	/* what the SYN took was copied */
		zerocopy_may_map(&j->zc, j->m, j->copied ? 0 : sk->route_caps);
	err = send_all(sk, j);
	if (err)
		remove_empty_skb(sk);
	if (j->copied) {
		tcp_mark_stamps(sk, j->tsflags);
		tcp_push(sk, j->flags, j->mss_now, tp->nonagle, j->size_goal);
	}
	if (unlikely(err))
		return send_failed(sk, j, err);
	return (ssize_t)j->copied;
}

static noinline ssize_t sendmsg_zerocopy(struct sock *sk, struct send_job *j)
{
	ssize_t n = zerocopy_begin(&j->zc, sk);

	if (n)
		return n;
	j->m->zerocopy_id = j->zc.id;
	n = sendmsg_locked(sk, j);
	zerocopy_end(&j->zc, n > 0);
	return n;
}

/* Any write; tcp_send_small.c has the usual one. Owner. */
ssize_t tcp_sendmsg_any(struct sock *sk, struct sockmsg *m, size_t len)
{
	struct send_job j = { .m = m, .left = len, .flags = (int)m->flags };

	return zerocopy_wanted(sk, m, len) ? sendmsg_zerocopy(sk, &j) :
					     sendmsg_locked(sk, &j);
}
