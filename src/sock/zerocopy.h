/* SPDX-License-Identifier: BSD-2-Clause */
/* MSG_ZEROCOPY: sends from the program's memory, and telling it when they are
 * over. See sock/zerocopy.c. */
#ifndef WEIR_SOCK_ZEROCOPY_H
#define WEIR_SOCK_ZEROCOPY_H

#include "sock/sock.h"

/* One send call. Zero: an ordinary one. */
struct zerocopy {
	struct sk_buff *note;	/* what the error queue will get */
	struct page *page;	/* the piece of memory being sent; referenced */
	bool map;		/* packets may refer to the memory */
	u32 id;			/* number of the call */
};

/* A completion: sends lo to hi are over. */
struct zerocopy_range {
	u32 lo, hi;
	bool copied;		/* some of it had to be, after all */
};

/* The program asked for it, with option and flag. */
static inline bool zerocopy_wanted(const struct sock *sk,
				   const struct sockmsg *m, size_t len)
{
	return unlikely(m->flags & MSG_ZEROCOPY) && len &&
	       sock_flag(sk, SOCK_ZEROCOPY_);
}
/* Gives the call its number. 0, or -ENOBUFS: too many are under way for
 * optmem_max, or no memory. On 0: zerocopy_end. */
int zerocopy_begin(struct zerocopy *zc, struct sock *sk) __must_check;
/* sent: something was; else the number is taken back and nobody is told. The
 * program is told when the last packet lets go of its memory. */
void zerocopy_end(struct zerocopy *zc, bool sent);
/* May packets refer to the memory that m names? It is of our own process, and
 * the device (features) takes packets in pieces. Else they copy it. */
void zerocopy_may_map(struct zerocopy *zc, const struct sockmsg *m,
		      netdev_features_t features);
/* At most n bytes from `from` as a frag of skb, which is not cloned; len,
 * data_len and truesize grow, memory is the caller's to charge. Bytes taken
 * (> 0), 0: no frag left, or -ENOMEM. */
int zerocopy_add(struct zerocopy *zc, struct sk_buff *skb,
		 struct iov_iter *from, u32 n);
/* Takes the next completion off the error queue, past other messages. False:
 * there is none. */
bool zerocopy_completed(struct sock *sk, struct zerocopy_range *r);
/* The socket closes, and nobody will be told any more: packets under way get
 * the memory's bytes as they are now. Task context; may sleep. */
void zerocopy_detach(struct sock *sk);

#endif
