/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Congestion control (RFC9293 3.8.2 MUST-19, MAY-18) as a table: which ones a stack knows, which one a socket
 * uses, and the one place from which they are driven, once per ACK.
 */
#include "tcp/tcp.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "tcp/tcp_rx.h"

/* --- the table ----------------------------------------------------------------------- */

const struct tcp_congestion_ops *tcp_ca_find(struct net *net, const char *name)
{
	const struct tcp_congestion_ops *found = NULL;
	struct tcp_net *tn = net->tcp;

	spin_lock_bh(&tn->ca_lock);
	for (struct list_head *p = tn->ca_list.next; p != &tn->ca_list;
	     p = p->next) {
		struct tcp_congestion_ops *ca =
			container_of(p, struct tcp_congestion_ops, list);

		if (!strcmp(ca->name, name)) {
			found = ca;
			break;
		}
	}
	spin_unlock_bh(&tn->ca_lock);
	return found;
}

/* ca: the stack's own copy, which lives as long as it; the first one is the
 * default. 0, -EINVAL, -EEXIST. */
int tcp_register_congestion_control(struct net *net,
				    struct tcp_congestion_ops *ca)
{
	struct tcp_net *tn = net->tcp;

	if (!ca->name || !ca->ssthresh || !ca->undo_cwnd ||
	    !(ca->cong_avoid || ca->cong_control))
		return -EINVAL;
	if (tcp_ca_find(net, ca->name))
		return -EEXIST;
	spin_lock_bh(&tn->ca_lock);
	list_add_tail(&ca->list, &tn->ca_list);
	if (!tn->ca_default)
		tn->ca_default = ca;
	spin_unlock_bh(&tn->ca_lock);
	return 0;
}

/* --- of a socket ------------------------------------------------------------------------ */

/* At birth, before anything is known of the path. */
void tcp_assign_congestion_control(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->ca_ops = tcp_net(sk)->ca_default;
	memset(tp->ca_priv, 0, sizeof(tp->ca_priv));
}

/* The route may name one; what setsockopt chose stays. */
void tcp_ca_dst_init(struct sock *sk, const struct dst_entry *dst)
{
	const struct tcp_congestion_ops *ca;
	struct tcp_sock *tp = tcp_sk(sk);

	if (likely(!dst->congctl[0]) || tp->ca_setsockopt)
		return;
	ca = tcp_ca_find(sock_net(sk), dst->congctl);
	if (ca && ca != tp->ca_ops) {
		tp->ca_ops = ca;
		memset(tp->ca_priv, 0, sizeof(tp->ca_priv));
	}
}

/* The connection is there. */
void tcp_init_congestion_control(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->prior_ssthresh = 0;
	if (tp->ca_ops->init)
		tp->ca_ops->init(sk);
	tp->ca_initialized = true;
}

void tcp_cleanup_congestion_control(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->ca_initialized && tp->ca_ops && tp->ca_ops->release)
		tp->ca_ops->release(sk);
	tp->ca_initialized = false;
}

/* setsockopt(TCP_CONGESTION). 0 or -ENOENT. */
int tcp_set_congestion_control(struct sock *sk, const char *name)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_congestion_ops *ca = tcp_ca_find(sock_net(sk), name);

	if (!ca)
		return -ENOENT;
	tp->ca_setsockopt = true;
	if (ca == tp->ca_ops)
		return 0;
	tcp_cleanup_congestion_control(sk);
	tp->ca_ops = ca;
	memset(tp->ca_priv, 0, sizeof(tp->ca_priv));
	/* Otherwise it is initialised when the connection is. */
	if (!(TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN))))
		tcp_init_congestion_control(sk);
	return 0;
}

/* --- once per ACK ---------------------------------------------------------------------------- */

/* Growth needs an ACK that makes progress; on paths that reorder, SACK counts
 * as progress too. */
static bool tcp_may_raise_cwnd(const struct sock *sk, int flag)
{
	if (tcp_sk(sk)->reordering > tcp_net(sk)->reordering)
		return flag & FLAG_FORWARD_PROGRESS;
	return flag & FLAG_DATA_ACKED;
}

/* acked_sacked packets were delivered by this ACK, lost ones found. */
void tcp_cong_control(struct sock *sk, u32 ack, u32 acked_sacked, u32 lost,
		      int flag, const struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(tp->ca_ops->cong_control)) {
		tp->ca_ops->cong_control(sk, ack, flag, rs);
		return;
	}
	if (tcp_in_cwnd_reduction(tp)) {
		tcp_cwnd_reduction(sk, (int)acked_sacked, lost, flag);
	} else if (tcp_may_raise_cwnd(sk, flag)) {
		tp->ca_ops->cong_avoid(sk, ack, acked_sacked);
		tp->snd_cwnd_stamp = tcp_now_ts(tp);
	}
	tcp_update_pacing_rate(sk);
}
