/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receive by reference. A reader that brings a loan (sockmsg.loan) gets the
 * places where its bytes are, in the packets' own buffers, instead of a copy.
 *
 *	lend	the loan takes a reference of each packet it has bytes of. The
 *		reader goes on as if it had copied them: a stream's packet leaves
 *		the queue when its last byte was read, a datagram at once
 *	return	the references go. The last one frees the packet, whose
 *		destructor takes its truesize off rmem_alloc
 *
 * So what is lent counts as received memory: a program that keeps what it
 * borrowed closes its own window, or loses datagrams, like one that does not
 * read. A packet counts as a whole until its last byte came back.
 *
 * Others may see the same bytes (a capture, the sender on a link that passes
 * pages, another receiver of a multicast): they are to be read only.
 *
 * A loan holds its sock, not the socket: that may be closed first.
 */
#include "sock/loan.h"

#include "base/slab.h"

struct sk_loan *sk_loan_alloc(u32 room)
{
	struct sk_loan *l = kmalloc(sizeof(*l) + room * (sizeof(l->iov[0]) +
							 sizeof(l->skbs[0])));

	if (!l)
		return NULL;
	*l = (struct sk_loan){ .room = room,
			       .skbs = (struct sk_buff **)(l->iov + room) };
	return l;
}

void sk_loan_free(struct sk_loan *l)
{
	BUG_ON(l->sk);
	kfree(l);
}

/* --- lending ------------------------------------------------------------------ */

/* One packet's way into the loan. */
struct lend {
	struct sk_loan *l;
	u32 first;			/* its first piece */
	u32 off;			/* to pass over before the next byte */
	u32 left;			/* bytes to lend */
};

/* Pieces of one packet that follow each other in memory are one. False: full. */
static bool add_piece(struct lend *d, u8 *p, u32 n)
{
	struct sk_loan *l = d->l;
	struct iovec *last = l->nr > d->first ? &l->iov[l->nr - 1] : NULL;

	if (last && (u8 *)last->iov_base + last->iov_len == p) {
		last->iov_len += n;
		return true;
	}
	if (l->nr == l->room)
		return false;
	l->iov[l->nr++] = (struct iovec){ p, n };
	return true;
}

/* False: no piece more fits. */
static bool lend_bytes(struct lend *d, u8 *p, u32 len)
{
	u32 n;

	if (d->off >= len) {
		d->off -= len;
		return true;
	}
	n = min(len - d->off, d->left);
	if (n && !add_piece(d, p + d->off, n))
		return false;
	d->off = 0;
	d->left -= n;
	return true;
}

static bool lend_packet(struct lend *d, const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 i;

	if (!lend_bytes(d, skb->data, skb_headlen(skb)))
		return false;
	for (i = 0; i < si->nr_frags && d->left; i++)
		if (!lend_bytes(d, skb_frag_address(&si->frags[i]),
				si->frags[i].len))
			return false;
	return true;
}

u32 sk_loan_add(struct sk_loan *l, struct sock *sk, struct sk_buff *skb, u32 off,
		u32 n)
{
	struct lend d = { .l = l, .first = l->nr, .off = off, .left = n };
	const struct sk_buff *part = skb_shinfo(skb)->frag_list;

	if (lend_packet(&d, skb))
		while (part && d.left && lend_packet(&d, part))
			part = part->next;
	if (d.left == n)
		return 0;
	l->skbs[l->nr_skbs++] = skb_get(skb);
	l->len += n - d.left;
	if (!l->sk) {
		sock_hold(sk);
		l->sk = sk;
	}
	return n - d.left;
}

/* --- returning ------------------------------------------------------------------ */

void sk_loan_return(struct sk_loan *l)
{
	struct sock *sk = l->sk;
	u32 i;

	lock_sock(sk);		/* a stream's accounting is the owner's */
	for (i = 0; i < l->nr_skbs; i++)
		consume_skb(l->skbs[i]);
	sk->sk_prot->loan_returned(sk, l->len);
	release_sock(sk);
	sock_put(sk);
	kfree(l);
}
