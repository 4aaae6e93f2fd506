/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP small queues, and work left for later. A clone that leaves the device
 * makes room below: if the sock was held back for that, a tasklet sends on.
 * What a softirq could not do because a task owned the sock waits in
 * tsq_flags for the release.
 */
#include "tcp/tcp_ipv4.h"

#include "sock/sock_mem.h"
#include "tcp/tcp_out.h"

/* Owner or slock: the queues below have room again. */
static void tsq_write(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!(TCPF(sk->sk_state) &
	      (TCPF(TCP_ESTABLISHED) | TCPF(TCP_FIN_WAIT1) |
	       TCPF(TCP_CLOSING) | TCPF(TCP_CLOSE_WAIT) | TCPF(TCP_LAST_ACK))))
		return;
	if (tp->lost_out > tp->retrans_out &&
	    tp->snd_cwnd > tcp_packets_in_flight(tp)) {
		tcp_mstamp_refresh(tp);
		tcp_xmit_retransmit_queue(sk);
	}
	tcp_write_xmit(sk, tcp_current_mss(sk), tp->nonagle, 0);
}

/* Softirq. */
void tcp_tsq_handler(struct sock *sk)
{
	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		tsq_write(sk);
	else
		tcp_set_bit(&tcp_sk(sk)->tsq_flags, TCP_TSQ_DEFERRED);
	bh_unlock_sock(sk);
}

void tcp_tsq_tasklet(struct tasklet_struct *t)
{
	struct tcp_sock *tp = container_of(t, struct tcp_sock, tsq_tasklet);

	__atomic_fetch_and(&tp->tsq_flags, ~(1u << TCP_TSQ_QUEUED),
			   __ATOMIC_ACQ_REL);
	tcp_tsq_handler(&tp->sk);
	sock_put(&tp->sk);
}

/* The sock was held back: go on. It may have no reference left. */
static noinline void tsq_wake(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (READ_ONCE(tp->tsq_flags) & 1u << TCP_TSQ_QUEUED ||
	    !refcount_inc_not_zero(&sk->c.refs))
		return;
	__atomic_fetch_and(&tp->tsq_flags, ~(1u << TCP_TSQ_THROTTLED),
			   __ATOMIC_ACQ_REL);
	if (tcp_test_and_set_bit(&tp->tsq_flags, TCP_TSQ_QUEUED))
		sock_put(sk);
	else
		tasklet_schedule(&tp->tsq_tasklet);
}

/*
 * Destructor of what was handed down. Gives the memory back and only then looks
 * whether the sock waits for it: the order that tcp_small_queue_check relies
 * on. That was perhaps the last that kept the sock, whose memory lives on until
 * this CPU is quiescent (RCU).
 */
void tcp_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	sk_wmem_put(sk, skb->truesize);
	smp_mb__after_atomic();
	if (unlikely(READ_ONCE(tcp_sk(sk)->tsq_flags) &
		     1u << TCP_TSQ_THROTTLED))
		tsq_wake(sk);
}

#define DEFERRED_BITS (1u << TCP_TSQ_DEFERRED | \
	1u << TCP_WRITE_TIMER_DEFERRED | 1u << TCP_DELACK_TIMER_DEFERRED | \
	1u << TCP_MTU_REDUCED_DEFERRED | 1u << TCP_ACK_DEFERRED)

/* slock held, still owned. */
void tcp_release_cb(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 todo;

	if (likely(!(READ_ONCE(tp->tsq_flags) & DEFERRED_BITS)))
		return;
	todo = __atomic_fetch_and(&tp->tsq_flags, ~DEFERRED_BITS,
				  __ATOMIC_ACQ_REL);
	if (todo & 1u << TCP_TSQ_DEFERRED)
		tsq_write(sk);
	if (todo & 1u << TCP_WRITE_TIMER_DEFERRED)
		tcp_write_timer_handler(sk);
	if (todo & 1u << TCP_DELACK_TIMER_DEFERRED)
		tcp_delack_timer_handler(sk);
	if (todo & 1u << TCP_MTU_REDUCED_DEFERRED)
		tcp_v4_mtu_reduced(sk);
	if (todo & 1u << TCP_ACK_DEFERRED &&
	    tp->ack.pending & ICSK_ACK_SCHED)
		tcp_send_ack(sk);
}
