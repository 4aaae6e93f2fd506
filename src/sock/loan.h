/* SPDX-License-Identifier: BSD-2-Clause */
/* Received bytes lent to the program instead of copied. See sock/loan.c. */
#ifndef WEIR_SOCK_LOAN_H
#define WEIR_SOCK_LOAN_H

#include "sock/sock.h"

/* What one call lent. */
struct sk_loan {
	struct sock *sk;		/* referenced, once something is lent */
	struct sk_buff **skbs;		/* referenced: their bytes are lent */
	u32 nr_skbs;
	u32 nr, room;			/* pieces, and how many fit */
	size_t len;			/* bytes in them */
	struct iovec iov[];
};

/* For at most `room` pieces (> 0). NULL: no memory. */
struct sk_loan *sk_loan_alloc(u32 room) __must_check;
/* Nothing was lent by it. */
void sk_loan_free(struct sk_loan *l);
/* Lends n bytes at off of skb, which its owner then treats as if it had copied
 * them; it counts to sk until returned. Bytes lent: fewer than n when no piece
 * more fits. Borrows skb. Task context; streams: owner. */
u32 sk_loan_add(struct sk_loan *l, struct sock *sk, struct sk_buff *skb, u32 off,
		u32 n);
/* Everything comes back, and l is gone. Task context, sock not owned; it may
 * have been closed meanwhile. */
void sk_loan_return(struct sk_loan *l);

#endif
