/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TIME-WAIT (RFC 9293 3.6.1, 3.10.7.4; RFC 1337; RFC 6191): a small sock with
 * what is needed to answer late segments takes the connection's place in
 * ehash, and its port. Orphans wait for the peer's FIN (FIN-WAIT-2) as such
 * too. Lifetime 60 s, not 2 MSL = 4 min: RFC says 4 min, Linux 60 s; here:
 * Linux.
 *
 * References: ehash, timer; and whoever looked it up.
 */
#include "tcp/tcp_out.h"

#include "base/slab.h"
#include "tcp/tcp_net.h"
#include "tcp/tcp_window.h"

static void twsk_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct inet_timewait_sock, c.rcu));
}

static void twsk_free(struct inet_timewait_sock *tw)
{
	__atomic_fetch_sub(&tw->c.net->tcp->tw_count, 1, __ATOMIC_RELAXED);
	call_rcu(&tw->c.rcu, twsk_free_rcu);
}

void inet_twsk_put(struct inet_timewait_sock *tw)
{
	if (refcount_dec_and_test(&tw->c.refs))
		twsk_free(tw);
}

void tcp_proto_free_mini(struct sock_common *c)
{
	if (c->state == TCP_TIME_WAIT)
		twsk_free((struct inet_timewait_sock *)c);
	else
		tcp_reqsk_free_now((struct request_sock *)c);
}

/* Out of the tables, for who made `dead` true. */
static void twsk_kill(struct inet_timewait_sock *tw)
{
	if (__atomic_exchange_n(&tw->dead, true, __ATOMIC_ACQ_REL))
		return;
	inet_ehash_remove(&tw->c);
	inet_twsk_unbind(&tw->c);
	inet_twsk_put(tw);		/* ehash's */
}

static void twsk_timer(struct timer_list *t)
{
	struct inet_timewait_sock *tw = container_of(t,
			struct inet_timewait_sock, timer);

	if (!READ_ONCE(tw->dead))
		NET_INC_STATS(tw->c.net, TcpExt, TW);
	twsk_kill(tw);
	inet_twsk_put(tw);		/* the timer's */
}

/* Before its time. The timer goes too: out of the tables, nobody would find
 * and stop it when the stack ends. */
static void twsk_deschedule(struct inet_timewait_sock *tw)
{
	twsk_kill(tw);
	if (del_timer(&tw->timer))
		inet_twsk_put(tw);
}

/* Consumes the caller's reference. */
void inet_twsk_deschedule_put(struct inet_timewait_sock *tw)
{
	twsk_deschedule(tw);
	inet_twsk_put(tw);
}

static void twsk_arm(struct inet_timewait_sock *tw, ktime_t timeout)
{
	mod_timer(&tw->timer, ktime_to_jiffies(ktime_get() + timeout) + 1);
}

static void twsk_rearm(struct inet_timewait_sock *tw, ktime_t timeout)
{
	if (timer_pending(&tw->timer))
		twsk_arm(tw, timeout);
}

/* --- the stack ends ------------------------------------------------------------------ */

/* Chained by c.rcu.next, which is not in use before the end. */
static void collect(void *arg, struct sock_common *c)
{
	struct sock_common **list = arg;

	if (refcount_inc_not_zero(&c->refs)) {
		c->rcu.next = *list ? &(*list)->rcu : NULL;
		*list = c;
	}
}

/* An orphan whose conversation will not be finished. */
static void end_orphan(struct sock *sk)
{
	lock_sock(sk);
	local_bh_disable();
	if (sock_flag(sk, SOCK_DEAD) && sk->sk_state != TCP_CLOSE)
		tcp_done(sk);
	local_bh_enable();
	release_sock(sk);
	sock_put(sk);
}

/* No program is there any more, no packet comes. */
void tcp_socks_purge(struct net *net)
{
	struct sock_common *list = NULL, *c;

	if (!net->tcp->hashinfo)
		return;
	inet_hash_for_each(net->tcp->hashinfo, false, collect, &list);
	while ((c = list)) {
		list = c->rcu.next ? container_of(c->rcu.next,
						  struct sock_common, rcu) :
				     NULL;
		if (c->state == TCP_TIME_WAIT) {
			inet_twsk_deschedule_put((struct inet_timewait_sock *)c);
		} else if (c->state == TCP_NEW_SYN_RECV) {
			tcp_reqsk_drop((struct request_sock *)c);
			reqsk_put((struct request_sock *)c);
		} else {
			end_orphan((struct sock *)c);
		}
	}
}

/* --- entering ------------------------------------------------------------------------ */

static struct inet_timewait_sock *twsk_alloc(struct sock *sk, int substate)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_net *tn = tcp_net(sk);
	struct inet_timewait_sock *tw;

	if (__atomic_add_fetch(&tn->tw_count, 1, __ATOMIC_RELAXED) >
	    tn->max_tw_buckets)
		goto full;
	tw = kzalloc(sizeof(*tw));
	if (!tw)
		goto full;
	tw->c.daddr = sk->c.daddr;
	tw->c.rcv_saddr = sk->c.rcv_saddr;
	tw->c.dport = sk->c.dport;
	tw->c.num = sk->c.num;
	tw->c.hash = sk->c.hash;
	tw->c.family = sk->c.family;
	tw->c.reuse = sk->c.reuse;
	tw->c.reuseport = sk->c.reuseport;
	tw->c.bound_dev_if = sk->c.bound_dev_if;
	tw->c.net = sk->c.net;
	tw->c.prot = sk->c.prot;
	tw->c.state = TCP_TIME_WAIT;
	tw->substate = (u8)substate;
	/* RFC9768 3.2.4: its ACKs are ECN-capable as well */
	tw->tos = (u8)(sk->flow.tos & ~INET_ECN_MASK);
	if (tp->accecn.on && !tp->accecn.no_ect)
		tw->tos |= INET_ECN_ECT_0;
	tw->mark = sk->mark;
	tw->priority = sk->priority;
	tw->txhash = sk->txhash;
	tw->rcv_wscale = tp->rx_opt.rcv_wscale;
	tw->rcv_nxt = tp->rcv_nxt;
	tw->snd_nxt = tp->snd_nxt;
	tw->rcv_wnd = tcp_receive_window(tp);
	tw->ts_recent = tp->rx_opt.ts_recent;
	tw->ts_recent_stamp = tp->rx_opt.tstamp_ok ?
			      tp->rx_opt.ts_recent_stamp : 0;
	tw->ts_offset = tp->tsoffset;
	tw->last_oow_ack_time = tp->last_oow_ack_time;
	return tw;
full:
	__atomic_fetch_sub(&tn->tw_count, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* The connection goes; a small sock stays for a while. Owner or slock. */
void tcp_time_wait(struct sock *sk, int substate, ktime_t timeout)
{
	struct inet_timewait_sock *tw = twsk_alloc(sk, substate);
	const struct tcp_sock *tp = tcp_sk(sk);
	ktime_t rto = (tp->rto << 2) - (tp->rto >> 1);

	if (tw) {
		/* Enough for retransmissions of our last ACK's answer. */
		if (timeout < rto)
			timeout = rto;
		if (substate == TCP_TIME_WAIT)
			timeout = TCP_TIMEWAIT_LEN;
		timer_setup(&tw->timer, twsk_timer);
		refcount_set(&tw->c.refs, 2);
		inet_twsk_bind(&tw->c, sk);
		if (!inet_ehash_insert(&tw->c, &sk->c)) {
			inet_twsk_unbind(&tw->c);
			twsk_free(tw);
		} else {
			twsk_arm(tw, timeout);
		}
	} else {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPTimeWaitOverflow);
	}
	tcp_done(sk);
}

/* --- segments in TIME-WAIT ---------------------------------------------------------------- */

static bool tw_in_window(u32 seq, u32 end, u32 win, u32 win_end)
{
	if (seq == win)
		return true;
	if (after(end, win) && before(seq, win_end))
		return true;
	return seq == win_end && seq == end;
}

static enum tcp_tw_status oow_ack(struct inet_timewait_sock *tw,
				  struct sk_buff *skb, enum mib counter)
{
	if (!tcp_oow_rate_limited(tw->c.net, skb, counter,
				  &tw->last_oow_ack_time))
		return TCP_TW_ACK;
	return TCP_TW_SUCCESS;
}

/* Still FIN-WAIT-2: what would the full sock have done? */
static enum tcp_tw_status fin_wait2(struct inet_timewait_sock *tw,
				    struct sk_buff *skb, bool paws_old,
				    const struct tcp_options_received *o,
				    enum skb_drop_reason *why)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	/* first, check sequence number */
	if (paws_old || !tw_in_window(cb->seq, cb->end_seq, tw->rcv_nxt,
				      tw->rcv_nxt + tw->rcv_wnd))
		return tcp_has(th, TCPHDR_RST) ? TCP_TW_SUCCESS :
		       oow_ack(tw, skb, MIB(TcpExt, TCPACKSkippedFinWait2));
	/* second, check the RST bit */
	if (tcp_has(th, TCPHDR_RST))
		goto kill;
	/* fourth, SYN */
	if (tcp_has(th, TCPHDR_SYN) && !before(cb->seq, tw->rcv_nxt)) {
		*why = SKB_DROP_REASON_TCP_INVALID_SYN;
		return TCP_TW_RST;
	}
	/* fifth, ACK */
	if (!tcp_has(th, TCPHDR_ACK) || !after(cb->end_seq, tw->rcv_nxt) ||
	    cb->end_seq == cb->seq)
		return TCP_TW_SUCCESS;
	/* New data for a program that has gone: reset. */
	if (!tcp_has(th, TCPHDR_FIN) || cb->end_seq != tw->rcv_nxt + 1) {
		*why = SKB_DROP_REASON_TCP_ABORT_ON_DATA;
		return TCP_TW_RST;
	}
	/* eighth, FIN: the real TIME-WAIT begins */
	tw->substate = TCP_TIME_WAIT;
	tw->rcv_nxt = cb->end_seq;
	tw->entry_stamp = tcp_jiffies32();
	if (o->saw_tstamp) {
		tw->ts_recent = o->rcv_tsval;
		tw->ts_recent_stamp = (u32)(ktime_get() / NSEC_PER_SEC);
	}
	twsk_rearm(tw, TCP_TIMEWAIT_LEN);
	return TCP_TW_ACK;
kill:
	*why = SKB_DROP_REASON_TCP_RESET;
	twsk_deschedule(tw);
	return TCP_TW_SUCCESS;
}

/* RFC 6191 2, RFC9293 3.6.1 MAY-2: a SYN that is surely new may open anew. */
static bool syn_is_new(const struct inet_timewait_sock *tw,
		       const struct sk_buff *skb,
		       const struct tcp_options_received *o)
{
	if (after(TCP_SKB_CB(skb)->seq, tw->rcv_nxt))
		return true;
	return o->saw_tstamp && (s32)(tw->ts_recent - o->rcv_tsval) < 0;
}

enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw,
		struct sk_buff *skb, u32 *tw_isn, enum skb_drop_reason *why)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	u32 now_s = (u32)(ktime_get() / NSEC_PER_SEC);
	struct tcp_options_received o;
	bool paws_old = false;

	*why = SKB_DROP_REASON_TCP_TIMEWAIT;
	memset(&o, 0, sizeof(o));
	if (tcp_doff(th) > sizeof(*th) && tw->ts_recent_stamp) {
		tcp_parse_options(skb, &o, false);
		if (o.saw_tstamp) {
			o.ts_recent = tw->ts_recent;
			o.ts_recent_stamp = tw->ts_recent_stamp;
			paws_old = tcp_paws_reject(&o, tcp_has(th, TCPHDR_RST),
						   now_s);
		}
	}
	if (tw->substate == TCP_FIN_WAIT2)
		return fin_wait2(tw, skb, paws_old, &o, why);

	/* TIME-WAIT: an ACK or RST without data at the edge */
	if (!paws_old && cb->seq == tw->rcv_nxt &&
	    (cb->seq == cb->end_seq || tcp_has(th, TCPHDR_RST))) {
		if (tcp_has(th, TCPHDR_RST)) {
			/* RFC 1337 hazard F1: assassination, if allowed. */
			if (!tw->c.net->tcp->rfc1337) {
				twsk_deschedule(tw);
				*why = SKB_DROP_REASON_TCP_RESET;
				return TCP_TW_SUCCESS;
			}
		} else {
			twsk_rearm(tw, TCP_TIMEWAIT_LEN);
		}
		if (o.saw_tstamp) {
			tw->ts_recent = o.rcv_tsval;
			tw->ts_recent_stamp = now_s;
		}
		return TCP_TW_SUCCESS;
	}
	if (tcp_has(th, TCPHDR_SYN) &&
	    !tcp_has(th, TCPHDR_RST | TCPHDR_ACK) && !paws_old &&
	    syn_is_new(tw, skb, &o)) {
		*tw_isn = tw->snd_nxt + 65535 + 2;
		if (!*tw_isn)
			*tw_isn = 1;
		return TCP_TW_SYN;
	}
	if (paws_old)
		NET_INC_STATS(tw->c.net, TcpExt, PAWSTimewait);
	if (tcp_has(th, TCPHDR_RST))
		return TCP_TW_SUCCESS;
	/* Old, out of window, or a FIN again: acknowledge once more; the time
	 * begins anew, unless it is an old duplicate. */
	if (paws_old || tcp_has(th, TCPHDR_ACK))
		twsk_rearm(tw, TCP_TIMEWAIT_LEN);
	return oow_ack(tw, skb, MIB(TcpExt, TCPACKSkippedTimeWait));
}
