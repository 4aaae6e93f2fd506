/* SPDX-License-Identifier: BSD-2-Clause */
/* Control messages of SOL_SOCKET, both ways: time stamps, drop counts, marks;
 * and the walk over what the program handed in. */
#include "sock/sock_input.h"
#include "sock/tx_stamp.h"

static void stamp_to_timespec(ktime_t t, struct timespec *ts)
{
	ts->tv_sec = t / NSEC_PER_SEC;
	ts->tv_nsec = t % NSEC_PER_SEC;
}

static void put_stamp(struct sockmsg *m, struct sock *sk, ktime_t t)
{
	struct timespec ts;
	struct timeval tv;
	bool new = sock_flag(sk, SOCK_TSTAMP_NEW);

	stamp_to_timespec(t, &ts);
	if (sock_flag(sk, SOCK_RCVTSTAMPNS)) {
		put_cmsg(m, SOL_SOCKET, new ? SO_TIMESTAMPNS_NEW : SCM_TIMESTAMPNS,
			 sizeof(ts), &ts);
		return;
	}
	tv.tv_sec = ts.tv_sec;
	tv.tv_usec = ts.tv_nsec / NSEC_PER_USEC;
	put_cmsg(m, SOL_SOCKET, new ? SO_TIMESTAMP_NEW : SCM_TIMESTAMP,
		 sizeof(tv), &tv);
}

static void put_timestamping(struct sockmsg *m, struct sock *sk, ktime_t t)
{
	struct scm_timestamping tss = { 0 };

	stamp_to_timespec(t, &tss.ts[0]);
	put_cmsg(m, SOL_SOCKET, sock_flag(sk, SOCK_TSTAMP_NEW) ?
		 SO_TIMESTAMPING_NEW : SCM_TIMESTAMPING, sizeof(tss), &tss);
}

void sock_recv_timestamp(struct sockmsg *m, struct sock *sk,
			 struct sk_buff *skb)
{
	u32 tsflags = READ_ONCE(sk->tsflags);
	ktime_t t = skb->tstamp;

	if (sock_flag(sk, SOCK_RCVTSTAMP)) {
		/* Nobody had asked for stamps when it came in: better late. */
		if (!t)
			t = ktime_get_real();
		put_stamp(m, sk, t);
	}
	if (t)
		WRITE_ONCE(sk->stamp, t);
	if (tsflags & SOF_TIMESTAMPING_SOFTWARE && t)
		put_timestamping(m, sk, t);
}

void sock_recv_cmsgs(struct sockmsg *m, struct sock *sk, struct sk_buff *skb)
{
	u32 drops;

	sock_recv_timestamp(m, sk, skb);
	if (likely(!(sk->flags & (1u << SOCK_RXQ_OVFL | 1u << SOCK_RCVMARK |
				  1u << SOCK_RCVPRIORITY))))
		return;
	drops = IP_RECV_CB(skb)->dropcount;
	if (sock_flag(sk, SOCK_RXQ_OVFL) && drops)
		put_cmsg(m, SOL_SOCKET, SO_RXQ_OVFL, sizeof(drops), &drops);
	if (sock_flag(sk, SOCK_RCVMARK))
		put_cmsg(m, SOL_SOCKET, SO_MARK, sizeof(skb->mark), &skb->mark);
	if (sock_flag(sk, SOCK_RCVPRIORITY))
		put_cmsg(m, SOL_SOCKET, SO_PRIORITY, sizeof(skb->priority),
			 &skb->priority);
}

struct cmsghdr *sock_next_cmsg(struct sockmsg *m, struct cmsghdr *c)
{
	u8 *end = m->control + m->controllen, *p;

	p = c ? (u8 *)c + CMSG_ALIGN(c->cmsg_len) : m->control;
	if (!m->control || p > end || (size_t)(end - p) < sizeof(*c))
		return NULL;
	c = (struct cmsghdr *)(void *)p;
	if (c->cmsg_len < sizeof(*c) || c->cmsg_len > (size_t)(end - p))
		return ERR_PTR(-EINVAL);
	return c;
}

int sock_cmsg_send(struct sock *sk, const struct cmsghdr *c,
		   struct sockcm_cookie *ck)
{
	const void *data = CMSG_DATA(c);
	u32 ts;

	switch (c->cmsg_type) {
	case SO_MARK:
		if (c->cmsg_len != CMSG_LEN(sizeof(u32)))
			return -EINVAL;
		memcpy(&ck->mark, data, sizeof(u32));
		return 0;
	case SO_PRIORITY:
		if (c->cmsg_len != CMSG_LEN(sizeof(u32)))
			return -EINVAL;
		memcpy(&ck->priority, data, sizeof(u32));
		return 0;
	case SO_TIMESTAMPING:
	case SO_TIMESTAMPING_NEW:
		if (c->cmsg_len != CMSG_LEN(sizeof(u32)))
			return -EINVAL;
		memcpy(&ts, data, sizeof(ts));
		if (ts & ~SOF_TX_RECORD)
			return -EINVAL;
		ck->tsflags = (ck->tsflags & ~SOF_TX_RECORD) | ts;
		return 0;
	case SCM_TXTIME:
		if (!sock_flag(sk, SOCK_TXTIME_))
			return -EINVAL;
		if (c->cmsg_len != CMSG_LEN(sizeof(u64)))
			return -EINVAL;
		memcpy(&ck->transmit_time, data, sizeof(u64));
		return 0;
	case SCM_RIGHTS:
	case SCM_CREDENTIALS:	/* AF_UNIX's; Linux ignores them here */
		return 0;
	default:
		return -EINVAL;
	}
}

int sock_cmsgs_send(struct sock *sk, struct sockmsg *m,
		    struct sockcm_cookie *ck)
{
	struct cmsghdr *c;
	int err = 0;

	for (c = sock_next_cmsg(m, NULL); c && !err; c = sock_next_cmsg(m, c)) {
		if (IS_ERR(c))
			return (int)PTR_ERR(c);
		if (c->cmsg_level == SOL_SOCKET)
			err = sock_cmsg_send(sk, c, ck);
	}
	return err;
}
