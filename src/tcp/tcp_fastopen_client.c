/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP Fast Open, client (RFC 7413 4.1.3, 4.2.1): the SYN asks for a cookie or
 * carries one, with data; what the SYN-ACK made of it; and the cookie kept for
 * the next time (tcp_metrics.c).
 */
#include "tcp/tcp_metrics.h"

#include "base/slab.h"
#include "inet/route.h"

#define TFO_CLIENT_ENABLE	1u
#define TFO_CLIENT_NO_COOKIE	4u

enum { TFO_STATUS_UNSPEC, TFO_COOKIE_UNAVAILABLE, TFO_DATA_NOT_ACKED,
       TFO_SYN_RETRANSMITTED };

void tcp_free_fastopen_req(struct tcp_sock *tp)
{
	kfree(tp->fastopen_req);
	tp->fastopen_req = NULL;
}

/* May data go with the SYN? *c: the cookie, or a request for one. */
static bool cookie_known(struct sock *sk, u16 *mss,
			 struct tcp_fastopen_cookie *c)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_fastopen_cache_get(sk, mss, c);
	if (tcp_net(sk)->fastopen & TFO_CLIENT_NO_COOKIE ||
	    tp->fastopen_no_cookie) {
		c->len = TCP_FASTOPEN_NO_OPTION;
		return true;
	}
	if (c->len)
		return true;
	tp->fastopen_client_fail = TFO_COOKIE_UNAVAILABLE;
	return false;
}

static struct tcp_fastopen_request *request_alloc(void)
{
	return kzalloc(sizeof(struct tcp_fastopen_request));
}

bool tcp_fastopen_defer_connect(struct sock *sk, int *err)
{
	struct tcp_fastopen_cookie c = { .len = 0 };
	struct tcp_sock *tp = tcp_sk(sk);

	*err = 0;
	if (!tp->fastopen_connect || tp->fastopen_req)
		return false;
	if (cookie_known(sk, NULL, &c)) {
		sk->defer_connect = true;
		return true;
	}
	tp->fastopen_req = request_alloc();
	if (!tp->fastopen_req)
		*err = -ENOBUFS;
	else
		tp->fastopen_req->cookie = c;
	return false;
}

/* --- SYN -------------------------------------------------------------------------------- */

/* Data for the SYN: as much as the last known MSS allows, less room for
 * options that middleboxes add. NULL: no memory. */
static struct sk_buff *syn_data_skb(struct sock *sk,
				    struct tcp_fastopen_request *fo,
				    const struct sk_buff *syn)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tcp_mtu_to_mss(sk, tp->pmtu_cookie) + tp->tcp_header_len -
		  (u32)sizeof(struct tcphdr);
	u32 space = mss > MAX_TCP_OPTION_SPACE ? mss - MAX_TCP_OPTION_SPACE : 0;
	struct sk_buff *skb;

	space = (u32)min_t(size_t, space, fo->size);
	skb = tcp_stream_alloc_skb(sk, space);
	if (!skb)
		return NULL;
	memcpy(skb->cb, syn->cb, sizeof(struct tcp_skb_cb));
	if (space && fo->data) {
		u8 *to = skb_put(skb, space);
		u32 n = (u32)copy_from_iter(to, space, &fo->data->iter,
					    COPY_USER_TO_SKB);

		if (n < space) {
			tcp_wmem_free_skb(sk, skb);
			return NULL;
		}
	}
	fo->copied = skb->len;
	TCP_SKB_CB(skb)->end_seq += skb->len;
	return skb;
}

/* Regular SYN that asks for a cookie. */
static int send_cookie_request(struct sock *sk, struct sk_buff *syn)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err;

	if (tp->fastopen_req->cookie.len != TCP_FASTOPEN_NO_OPTION)
		tp->fastopen_req->cookie.len = 0;
	err = tcp_transmit_skb(sk, syn, true);
	if (err)
		tp->syn_fastopen = 0;
	return err;
}

int tcp_send_syn_data(struct sock *sk, struct sk_buff *syn)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_fastopen_request *fo = tp->fastopen_req;
	struct sk_buff *skb = NULL;
	int err;

	tp->rx_opt.mss_clamp = (u16)tp->advmss;
	if (cookie_known(sk, &tp->rx_opt.mss_clamp, &fo->cookie)) {
		if (tp->rx_opt.user_mss &&
		    tp->rx_opt.user_mss < tp->rx_opt.mss_clamp)
			tp->rx_opt.mss_clamp = tp->rx_opt.user_mss;
		skb = syn_data_skb(sk, fo, syn);
	}
	if (!skb) {
		err = send_cookie_request(sk, syn);
		goto done;
	}
	tp->write_seq = TCP_SKB_CB(skb)->end_seq;
	tp->packets_out += tcp_skb_pcount(skb);
	err = tcp_transmit_skb(sk, skb, true);
	syn->tstamp = skb->tstamp;
	/* The SYN may have to go again without data: what we keep is data. */
	TCP_SKB_CB(skb)->seq++;
	TCP_SKB_CB(skb)->flags = TCPHDR_ACK | TCPHDR_PSH;
	if (!err) {
		tp->syn_data = fo->copied > 0;
		tcp_rtx_queue_insert(sk, skb);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPOrigDataSent);
	} else {
		__skb_queue_tail(&sk->write_queue, skb);
		tp->packets_out -= tcp_skb_pcount(skb);
		err = send_cookie_request(sk, syn);
	}
done:
	fo->cookie.len = TCP_FASTOPEN_NO_OPTION; /* not in retries */
	return err;
}

/* --- SYN-ACK ------------------------------------------------------------------------------- */

/* RFC7413 4.2.1. True: data of the SYN was refused and goes again. Borrows. */
bool tcp_rcv_fastopen_synack(struct sock *sk, struct sk_buff *synack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *data = tp->syn_data ? tcp_rtx_queue_head(sk) : NULL;
	struct tcp_fastopen_cookie c;
	struct tcp_options_received o;
	u16 mss = tp->rx_opt.mss_clamp;
	bool syn_lost = false;
	u8 try_exp = 0;

	tcp_parse_fastopen(synack, &c);
	if (mss == tp->rx_opt.user_mss) {
		memset(&o, 0, sizeof(o));
		tcp_parse_options(synack, &o, false);
		mss = o.mss_clamp;
	}
	if (!tp->syn_fastopen)
		c.len = TCP_FASTOPEN_NO_OPTION;	/* nobody asked */
	else if (tp->total_retrans)
		syn_lost = c.len == TCP_FASTOPEN_NO_OPTION && data;
	else if (c.len == TCP_FASTOPEN_NO_OPTION && !tp->syn_data)
		try_exp = tp->syn_fastopen_exp ? 2 : 1;
	tcp_fastopen_cache_set(sk, mss, &c, syn_lost, try_exp);
	if (data) {
		tp->fastopen_client_fail = tp->total_retrans ?
			TFO_SYN_RETRANSMITTED : TFO_DATA_NOT_ACKED;
		for (; data; data = tcp_skb_rtx_next(data))
			tcp_mark_skb_lost(sk, data);
		tcp_xmit_retransmit_queue(sk);
		tcp_rearm_rto(sk);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPFastOpenActiveFail);
		return true;
	}
	tp->syn_data_acked = tp->syn_data;
	if (tp->syn_data_acked) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPFastOpenActive);
		if (tp->delivered > 1)
			tp->delivered--;	/* SYN and data were one */
	}
	tcp_fastopen_add_skb(sk, synack);
	return false;
}

/* --- sendmsg that connects -------------------------------------------------------------------- */

static bool handshake_over(struct sock *sk)
{
	return tcp_send_over(sk) ||
	       !(TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) |
				       TCPF(TCP_SYN_RECV)));
}

/* As connect() does when it may sleep. `first`: this call sent the SYN. */
static int wait_handshake(struct sock *sk, bool nonblock, bool first)
{
	const struct tcp_fastopen_request *fo = tcp_sk(sk)->fastopen_req;
	ktime_t deadline = sock_snd_deadline(sk, nonblock);
	int err;

	if (!handshake_over(sk)) {
		if (!deadline)
			return first ? -EINPROGRESS : -EALREADY;
		/* The ACK rides on what the SYN left over. */
		err = fo->copied < fo->size ?
		      tcp_wait_to_write(sk, deadline, handshake_over) :
		      sk_wait_event(sk, deadline, handshake_over);
		if (err)
			return err == -EAGAIN ? -EINPROGRESS : err;
	}
	if (sk->sk_state == TCP_CLOSE) {
		err = sock_error(sk);
		sk->socket->state = SS_UNCONNECTED;
		tcp_disconnect(sk, 0);
		return err ? err : -ECONNABORTED;
	}
	sk->socket->state = SS_CONNECTED;
	return 0;
}

/* The SYN that was put off, or connect() now, unless the SYN went before. */
static int start_connect(struct sock *sk, struct sockmsg *m, bool *first)
{
	int err;

	if (sk->defer_connect) {
		sk->defer_connect = false;
		err = tcp_connect(sk);
		if (err) {
			tcp_set_state(sk, TCP_CLOSE);
			sk->c.dport = sk->flow.dport = 0;
		}
		return err;
	}
	if (!sk->socket || sk->socket->state == SS_CONNECTED)
		return -EISCONN;
	if (sk->socket->state == SS_CONNECTING) {
		*first = false;
		return 0;
	}
	if (sk->socket->state != SS_UNCONNECTED)
		return -EINVAL;
	if (sk->sk_state != TCP_CLOSE)
		return -EISCONN;
	if (!m->name)
		return -EDESTADDRREQ;
	err = tcp_v4_connect(sk, m->name, m->namelen);
	if (!err)
		sk->socket->state = SS_CONNECTING;
	return err;
}

int tcp_sendmsg_fastopen(struct sock *sk, struct sockmsg *m, size_t *copied,
			 size_t size)
{
	const struct sockaddr *a = m->name;
	struct tcp_sock *tp = tcp_sk(sk);
	bool first = true;
	int err;

	if (!(m->flags & MSG_FASTOPEN) && !sk->defer_connect)
		return 0;	/* connected long ago */
	if (!(tcp_net(sk)->fastopen & TFO_CLIENT_ENABLE) ||
	    (a && m->namelen >= sizeof(a->sa_family) &&
	     a->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (tp->fastopen_req)
		return -EALREADY;
	tp->fastopen_req = request_alloc();
	if (!tp->fastopen_req)
		return -ENOBUFS;
	tp->fastopen_req->data = m;
	tp->fastopen_req->size = size;
	err = start_connect(sk, m, &first);
	if (!err)
		err = wait_handshake(sk, m->flags & MSG_DONTWAIT, first);
	/* It may be gone: the sock was closed meanwhile. */
	if (tp->fastopen_req) {
		*copied = tp->fastopen_req->copied;
		tcp_free_fastopen_req(tp);
	}
	return err;
}
