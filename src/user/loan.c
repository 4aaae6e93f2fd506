/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zero copy at the boundary: loans of received bytes by number, so that one
 * given back twice is an error and not a crash; and the completions of sends
 * from the program's memory, waited for.
 *
 * A number is a slot of the table and how often that was used.
 */
#include "user/loan.h"

#include "base/slab.h"
#include "sock/loan.h"
#include "sock/zerocopy.h"
#include "user/sys.h"
#include "user/sys_common.h"
#include "user/uaccess.h"

#define LOANS_FIRST	16u
#define LOANS_MAX	65536u
#define NO_SLOT		(~0u)

struct loan_slot {
	struct sk_loan *loan;		/* NULL: free, or being received */
	u32 uses;			/* > 0 */
	u32 next_free;
};

/* --- the table ------------------------------------------------------------------ */

void loan_table_init(struct loan_table *t)
{
	*t = (struct loan_table){ .free = NO_SLOT };
	spin_lock_init(&t->lock);
}

/* Lock held: the slots come into a larger array; the old one. */
static struct loan_slot *move_slots(struct loan_table *t, struct loan_slot *to,
				    u32 room)
{
	struct loan_slot *old = t->slots;
	u32 i;

	if (t->room)
		memcpy(to, old, t->room * sizeof(*to));
	for (i = room; i-- > t->room;) {
		to[i] = (struct loan_slot){ .uses = 1, .next_free = t->free };
		t->free = i;
	}
	t->slots = to;
	WRITE_ONCE(t->room, room);
	return old;
}

/* 0, -ENOMEM, -ENOBUFS. Somebody else may have taken what it made. */
static int table_grow(struct loan_table *t)
{
	u32 room = max(READ_ONCE(t->room) * 2, LOANS_FIRST);
	struct loan_slot *slots;

	if (room > LOANS_MAX)
		return -ENOBUFS;
	slots = kmalloc(room * sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	spin_lock_bh(&t->lock);
	if (room > t->room)
		slots = move_slots(t, slots, room);
	spin_unlock_bh(&t->lock);
	kfree(slots);
	return 0;
}

/* First: for want of a number nothing is received and lost. */
static int slot_reserve(struct loan_table *t, u32 *slot)
{
	int err;

	for (;;) {
		spin_lock_bh(&t->lock);
		*slot = t->free;
		if (*slot != NO_SLOT)
			t->free = t->slots[*slot].next_free;
		spin_unlock_bh(&t->lock);
		if (*slot != NO_SLOT)
			return 0;
		err = table_grow(t);
		if (err)
			return err;
	}
}

/* Lock held. */
static void slot_free(struct loan_table *t, u32 slot)
{
	t->slots[slot].next_free = t->free;
	t->free = slot;
}

static void slot_unreserve(struct loan_table *t, u32 slot)
{
	spin_lock_bh(&t->lock);
	slot_free(t, slot);
	spin_unlock_bh(&t->lock);
}

static u64 slot_fill(struct loan_table *t, u32 slot, struct sk_loan *l)
{
	u64 number;

	spin_lock_bh(&t->lock);
	t->slots[slot].loan = l;
	number = (u64)t->slots[slot].uses << 32 | slot;
	spin_unlock_bh(&t->lock);
	return number;
}

/* NULL: no such loan, or not any more. */
static struct sk_loan *slot_take(struct loan_table *t, u64 number)
{
	struct sk_loan *l = NULL;
	u32 slot = (u32)number;

	spin_lock_bh(&t->lock);
	if (slot < t->room && t->slots[slot].uses == number >> 32) {
		l = t->slots[slot].loan;
		t->slots[slot].loan = NULL;
	}
	if (l) {
		t->slots[slot].uses += t->slots[slot].uses == ~0u ? 2 : 1;
		slot_free(t, slot);
	}
	spin_unlock_bh(&t->lock);
	return l;
}

void loan_return_all(struct net *net)
{
	struct loan_table *t = &net->user->loans;
	u32 i;

	for (i = 0; i < t->room; i++) {
		if (!t->slots[i].loan)
			continue;
		sk_loan_return(t->slots[i].loan);
		t->slots[i].loan = NULL;
	}
}

void loan_table_fini(struct loan_table *t)
{
	kfree(t->slots);
}

/* --- receive by reference ----------------------------------------------------------- */

static ssize_t receive(struct file *f, struct socket *s, struct msghdr *h,
		       size_t len, int flags, struct sk_loan *l)
{
	struct sockmsg m = { .iter.count = min_t(size_t, len, MAX_RW_COUNT),
			     .loan = l };
	ssize_t ret = recv_message(f, s, h, &m, flags);

	if (l->nr)
		copy_to_user(h->msg_iov, l->iov, l->nr * sizeof(l->iov[0]));
	h->msg_iovlen = l->nr;
	return l->len ? (ssize_t)l->len : ret;
}

static ssize_t borrow(struct net *net, struct file *f, struct socket *s,
		      struct msghdr *h, size_t len, int flags, u64 *number)
{
	struct loan_table *t = &net->user->loans;
	struct sk_loan *l;
	ssize_t ret;
	u32 slot;

	ret = slot_reserve(t, &slot);
	if (ret)
		return ret;
	l = sk_loan_alloc((u32)h->msg_iovlen);
	if (!l) {
		slot_unreserve(t, slot);
		return -ENOMEM;
	}
	ret = receive(f, s, h, len, flags, l);
	if (l->len) {
		*number = slot_fill(t, slot, l);
		return ret;
	}
	sk_loan_free(l);
	slot_unreserve(t, slot);
	return ret;
}

static int check(const struct msghdr *h, int flags, const u64 *number)
{
	if (!h || !number || !h->msg_iov)
		return -EFAULT;
	if (!h->msg_iovlen || flags & ~MSG_DONTWAIT)
		return -EINVAL;
	return h->msg_iovlen > UIO_MAXIOV ? -EMSGSIZE : 0;
}

ssize_t sys_recvmsg_zc(struct net *net, int fd, struct msghdr *h, size_t len,
		       int flags, u64 *number)
{
	struct socket *s;
	struct file *f;
	int err = check(h, flags, number);
	ssize_t ret;

	if (err)
		return err;
	*number = 0;
	f = sock_fget(net, fd, &s, &err);
	if (!f)
		return err;
	ret = s->sk && s->sk->sk_prot->loan_returned ?
	      borrow(net, f, s, h, len, flags, number) : -EOPNOTSUPP;
	fput(f);
	return ret;
}

int sys_recv_return(struct net *net, u64 number)
{
	struct sk_loan *l;

	if (!number)
		return 0;
	l = slot_take(&net->user->loans, number);
	if (!l)
		return -EINVAL;
	sk_loan_return(l);
	return 0;
}

/* --- send by reference --------------------------------------------------------------- */

/* SO_ZEROCOPY is the program's word that it knows of completions. */
static int allow_zerocopy(struct socket *s)
{
	int on = 1;

	if (likely(sock_flag(s->sk, SOCK_ZEROCOPY_)))
		return 0;
	return s->ops->setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on));
}

ssize_t sys_sendmsg_zc(struct net *net, int fd, const struct msghdr *h,
		       int flags, u32 *id)
{
	struct socket *s;
	struct file *f;
	ssize_t ret;
	int err;

	if (!h || !id)
		return -EFAULT;
	f = sock_fget(net, fd, &s, &err);
	if (!f)
		return err;
	ret = s->sk ? allow_zerocopy(s) : -EOPNOTSUPP;
	if (!ret)
		ret = send_message(f, s, h, flags | MSG_ZEROCOPY, id);
	fput(f);
	return ret;
}

static int wait_completed(struct socket *s, struct zerocopy_range *r,
			  ktime_t timeout)
{
	ktime_t deadline = timeout == KTIME_MAX ? KTIME_MAX :
			   ktime_get() + timeout;
	struct wait_queue_entry w;
	int err = 0;
	bool got;

	init_wait(&w);
	for (;;) {
		prepare_to_wait(&s->wq, &w);
		got = zerocopy_completed(s->sk, r);
		if (got || err)
			break;
		err = schedule_until(deadline);
	}
	finish_wait(&s->wq, &w);
	return got ? 1 : err == -EINTR ? err : 0;
}

int sys_send_completed(struct net *net, int fd, struct zerocopy_range *r,
		       ktime_t timeout)
{
	struct socket *s;
	struct file *f;
	int err, ret;

	f = sock_fget(net, fd, &s, &err);
	if (!f)
		return err;
	ret = !s->sk ? -EOPNOTSUPP : zerocopy_completed(s->sk, r);
	if (!ret && timeout)
		ret = wait_completed(s, r, timeout);
	fput(f);
	return ret;
}
