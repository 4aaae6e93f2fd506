/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP Fast Open, server (RFC 7413 4.1.2, 4.2): keys, cookies, and the child
 * that is made of a SYN with a right cookie, so that its data can be read and
 * answered before the handshake is over. The client is in
 * tcp_fastopen_client.c.
 *
 * The child keeps its request (fastopen_rsk) until the ACK comes; the SYN-ACK
 * is retransmitted by the child's own timer.
 */
#include "tcp/tcp_net.h"

#include "base/random.h"
#include "base/siphash.h"
#include "base/slab.h"
#include "tcp/tcp_out.h"

#define TFO_SERVER_ENABLE		0x002
#define TFO_SERVER_COOKIE_NOT_REQD	0x200

/* --- keys ----------------------------------------------------------------------------- */

static void ctx_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct tcp_fastopen_context, rcu));
}

static void ctx_replace(struct tcp_fastopen_context **slot,
			struct tcp_fastopen_context *ctx)
{
	struct tcp_fastopen_context *old =
		__atomic_exchange_n(slot, ctx, __ATOMIC_ACQ_REL);

	if (old)
		call_rcu(&old->rcu, ctx_free_rcu);
}

int tcp_fastopen_set_keys(struct net *net, struct sock *sk, const u8 *primary,
			  const u8 *backup)
{
	struct tcp_fastopen_context *ctx = kzalloc(sizeof(*ctx));

	if (!ctx)
		return -ENOMEM;
	memcpy(ctx->key[0], primary, TCP_FASTOPEN_KEY_LEN);
	ctx->nr = 1;
	if (backup) {
		memcpy(ctx->key[1], backup, TCP_FASTOPEN_KEY_LEN);
		ctx->nr = 2;
	}
	ctx_replace(sk ? &tcp_sk(sk)->fastopen_ctx : &net->tcp->fastopen_ctx,
		    ctx);
	return 0;
}

u32 tcp_fastopen_get_keys(struct net *net, struct sock *sk, u8 *out)
{
	const struct tcp_fastopen_context *ctx = NULL;

	if (sk)
		ctx = rcu_dereference(tcp_sk(sk)->fastopen_ctx);
	if (!ctx)
		ctx = rcu_dereference(net->tcp->fastopen_ctx);
	if (!ctx)
		return 0;
	memcpy(out, ctx->key, ctx->nr * TCP_FASTOPEN_KEY_LEN);
	return ctx->nr;
}

/* Keys of their own until somebody sets others. */
int tcp_fastopen_net_init(struct net *net)
{
	u8 key[TCP_FASTOPEN_KEY_LEN];

	get_random_bytes(key, sizeof(key));
	return tcp_fastopen_set_keys(net, NULL, key, NULL);
}

void tcp_fastopen_net_exit(struct net *net)
{
	kfree(net->tcp->fastopen_ctx);
	net->tcp->fastopen_ctx = NULL;
}

void tcp_fastopen_ctx_free(struct sock *sk)
{
	ctx_replace(&tcp_sk(sk)->fastopen_ctx, NULL);
}

/* --- cookies ------------------------------------------------------------------------------ */

/* RFC7413 4.1.2: a keyed hash of the addresses, as they are in the SYN. */
static void cookie_gen(const u64 key[2], const struct sk_buff *skb,
		       struct tcp_fastopen_cookie *c)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct siphash_key k = { { key[0], key[1] } };
	__be32 addrs[2] = { iph->saddr, iph->daddr };
	u64 h = siphash(addrs, sizeof(addrs), &k);

	c->len = TCP_FASTOPEN_COOKIE_SIZE;
	memcpy(c->val, &h, sizeof(h));
}

static const struct tcp_fastopen_context *ctx_of(struct sock *sk)
{
	const struct tcp_fastopen_context *ctx =
		rcu_dereference(tcp_sk(sk)->fastopen_ctx);

	return ctx ? ctx : rcu_dereference(tcp_net(sk)->fastopen_ctx);
}

/* 0: wrong, 1: right, 2: right by the old key. *valid: what it should be. */
static u32 cookie_check(struct sock *sk, const struct sk_buff *skb,
			const struct tcp_fastopen_cookie *c,
			struct tcp_fastopen_cookie *valid)
{
	const struct tcp_fastopen_context *ctx = ctx_of(sk);
	struct tcp_fastopen_cookie other;

	if (!ctx)
		return 0;
	cookie_gen(ctx->key[0], skb, valid);
	for (u32 i = 0; i < ctx->nr; i++) {
		cookie_gen(ctx->key[i], skb, &other);
		if (c->len == other.len && !memcmp(c->val, other.val, c->len))
			return i + 1;
	}
	return 0;
}

static bool option_len_ok(u32 len)
{
	return !len || (len >= TCP_FASTOPEN_COOKIE_MIN &&
			len <= TCP_FASTOPEN_COOKIE_MAX && !(len & 1));
}

static void take_cookie(struct tcp_fastopen_cookie *c, const u8 *val, u32 len,
			bool exp)
{
	if (!option_len_ok(len))
		return;
	memcpy(c->val, val, len);
	c->len = (u8)len;
	c->exp = exp;
}

/* RFC7413 4.1.1; RFC 6994 for the experimental one. */
void tcp_parse_fastopen(const struct sk_buff *skb,
			struct tcp_fastopen_cookie *c)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const u8 *p = (const u8 *)(th + 1);
	u32 left = tcp_doff(th) - (u32)sizeof(*th);

	c->len = TCP_FASTOPEN_NO_OPTION;
	if (!tcp_has(th, TCPHDR_SYN))
		return;
	while (left > 0) {
		u32 len;

		if (*p == TCPOPT_EOL)
			return;
		if (*p == TCPOPT_NOP) {
			p++;
			left--;
			continue;
		}
		if (left < 2 || p[1] < 2 || p[1] > left)
			return;
		len = p[1];
		if (*p == TCPOPT_FASTOPEN)
			take_cookie(c, p + TCPOLEN_FASTOPEN_BASE,
				    len - TCPOLEN_FASTOPEN_BASE, false);
		else if (*p == TCPOPT_EXP &&
			 len >= TCPOLEN_EXP_FASTOPEN_BASE &&
			 get_unaligned_be16(p + 2) == TCPOPT_FASTOPEN_MAGIC)
			take_cookie(c, p + TCPOLEN_EXP_FASTOPEN_BASE,
				    len - TCPOLEN_EXP_FASTOPEN_BASE, true);
		p += len;
		left -= len;
	}
}

/* --- the child -------------------------------------------------------------------------------- */

/* RFC7413 5.1: a limit of requests without handshake; cookies can be stolen. */
static bool queue_check(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max = READ_ONCE(tp->accept_queue->fastopen_max);

	if (!max)
		return false;
	if (READ_ONCE(tp->accept_queue->fastopen_qlen) >= max) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPFastOpenListenOverflow);
		return false;
	}
	return true;
}

/* Data (and FIN) of a SYN or SYN-ACK to the receive queue. Borrows skb. */
void tcp_fastopen_add_skb(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *copy;

	if (TCP_SKB_CB(skb)->end_seq == tp->rcv_nxt)
		return;
	copy = skb_clone(skb);
	if (!copy)
		return;
	skb_dst_drop(copy);
	skb_pull(copy, tcp_hdrlen(skb));
	tp->segs_in = 0;
	tp->data_segs_in += copy->len > 0;
	tp->segs_in++;
	TCP_SKB_CB(copy)->seq++;
	TCP_SKB_CB(copy)->flags &= (u8)~TCPHDR_SYN;
	tp->rcv_nxt = TCP_SKB_CB(copy)->end_seq;
	tp->bytes_received = copy->len;
	tp->syn_data_acked = 1;
	skb_set_owner_r(copy, sk);
	__skb_queue_tail(&sk->receive_queue, copy);
	if (TCP_SKB_CB(copy)->flags & TCPHDR_FIN) {
		/* tcp_fin counts the FIN by itself from its sequence */
		tcp_fin(sk);
	}
}

static struct sock *create_child(struct sock *sk, struct sk_buff *skb,
				 struct request_sock *req)
{
	struct sock *child = tcp_v4_syn_recv_sock(sk, skb, req, false);
	struct tcp_sock *tp;

	if (!child)
		return NULL;
	__atomic_fetch_add(&tcp_sk(sk)->accept_queue->fastopen_qlen, 1,
			   __ATOMIC_RELAXED);
	tp = tcp_sk(child);
	refcount_inc(&req->c.refs);
	req->tfo = 1;
	tp->fastopen_rsk = req;
	tp->tfo_child = 1;
	/* RFC7323 2.2: a SYN's window is not scaled */
	tp->snd_wnd = be16_to_cpu(tcp_hdr(skb)->window);
	tp->max_window = tp->snd_wnd;
	tcp_reset_xmit_timer(child, ICSK_TIME_RETRANS, TCP_TIMEOUT_INIT);
	tcp_init_transfer(child, skb);
	tp->rcv_nxt = TCP_SKB_CB(skb)->seq + 1;
	tcp_fastopen_add_skb(child, skb);
	req->rcv_nxt = tp->rcv_nxt;
	tp->rcv_wup = tp->rcv_nxt;
	return child;
}

/* RFC7413 4.2.2. *foc becomes what the SYN-ACK shall carry. Borrows. */
struct sock *tcp_try_fastopen(struct sock *sk, struct sk_buff *skb,
			      struct request_sock *req,
			      struct tcp_fastopen_cookie *foc)
{
	u32 mode = tcp_net(sk)->fastopen, key = 0;
	struct tcp_fastopen_cookie valid = { .len = TCP_FASTOPEN_NO_OPTION };
	bool data = TCP_SKB_CB(skb)->end_seq != TCP_SKB_CB(skb)->seq + 1;
	struct net *net = sock_net(sk);
	struct sock *child;
	bool no_cookie;

	if (foc->len == 0)
		NET_INC_STATS(net, TcpExt, TCPFastOpenCookieReqd);
	if (!(mode & TFO_SERVER_ENABLE) ||
	    !(data || foc->len != TCP_FASTOPEN_NO_OPTION) ||
	    !queue_check(sk)) {
		foc->len = TCP_FASTOPEN_NO_OPTION;
		return NULL;
	}
	no_cookie = data && (mode & TFO_SERVER_COOKIE_NOT_REQD ||
			     tcp_sk(sk)->fastopen_no_cookie);
	if (!no_cookie && foc->len == TCP_FASTOPEN_NO_OPTION)
		return NULL;
	if (!no_cookie)
		key = cookie_check(sk, skb, foc, &valid);
	if (no_cookie || key) {
		child = create_child(sk, skb, req);
		if (child) {
			if (key == 2) {
				valid.exp = foc->exp;
				*foc = valid;
				NET_INC_STATS(net, TcpExt,
					      TCPFastOpenPassiveAltKey);
			} else {
				foc->len = TCP_FASTOPEN_NO_OPTION;
			}
			NET_INC_STATS(net, TcpExt, TCPFastOpenPassive);
			return child;
		}
	}
	if (foc->len || no_cookie)
		NET_INC_STATS(net, TcpExt, TCPFastOpenPassiveFail);
	valid.exp = foc->exp;
	*foc = valid;
	return NULL;
}

void tcp_fastopen_queue_child(struct sock *sk, struct request_sock *req,
			      struct sock *child)
{
	sock_hold(child);	/* ours, while it is unlocked */
	if (tcp_reqsk_queue_add(sk, req, child)) {
		sk->data_ready(sk);
		bh_unlock_sock(child);
	} else {
		sock_set_flag(child, SOCK_DEAD);
		__atomic_fetch_add(&sock_net(sk)->sock->orphans, 1,
				   __ATOMIC_RELAXED);
		bh_unlock_sock(child);
		tcp_done(child);
		reqsk_put(req);
	}
	sock_put(child);
}

void tcp_fastopen_req_done(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct request_sock *req = tp->fastopen_rsk;

	if (!req)
		return;
	tp->fastopen_rsk = NULL;
	__atomic_fetch_sub(&tcp_sk(req->listener)->accept_queue->fastopen_qlen,
			   1, __ATOMIC_RELAXED);
	req->tfo = 0;
	reqsk_put(req);
}

/* The child's retransmission timer in SYN-RECEIVED: the SYN-ACK again, without
 * cookie (RFC7413 4.2.2). True: dealt with. */
bool tcp_fastopen_synack_timer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct request_sock *req = tp->fastopen_rsk;
	u32 max;

	if (likely(!req))
		return false;
	max = tp->syn_retries ? tp->syn_retries :
	      tcp_net(sk)->synack_retries + 1u;
	if (req->num_timeout >= max) {
		tcp_done_with_error(sk, ETIMEDOUT);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortOnTimeout);
		return true;
	}
	if (req->num_timeout == 1)
		tcp_enter_loss(sk);	/* the first was lost: go easy */
	if (!tcp_v4_send_synack(sk, NULL, req, false)) {
		NET_INC_STATS(sock_net(sk), Tcp, RetransSegs);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSynRetrans);
		req->num_retrans++;
	}
	req->num_timeout++;
	tp->retransmits++;
	if (!tp->retrans_stamp)
		tp->retrans_stamp = tcp_now_ts(tp);
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
			     TCP_TIMEOUT_INIT << min_t(u32, req->num_timeout,
						       16));
	return true;
}
