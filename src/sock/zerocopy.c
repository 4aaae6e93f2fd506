/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MSG_ZEROCOPY. The stack runs in the program's process, so its packets can
 * refer to the program's memory instead of copying it:
 *
 *	send call	a note with the socket's next number, counted by the
 *			call and by the pages made of its memory
 *	page		up to 64 KiB of one iovec, counted by the frags of
 *			packets; TCP's originals keep it until acknowledged
 *	completion	the last count of the note goes: it is put on the error
 *			queue, or lengthens the range of the note at its tail
 *
 * Whoever had to copy the bytes after all (buf/skb_user.c, a device without
 * scatter-gather, memory of another process) says so in the page or the note,
 * and the program reads SO_EE_CODE_ZEROCOPY_COPIED: the flag gained nothing.
 *
 * The kernel can pin the memory; here it is the program that must let it be
 * until told. When it closes the socket it cannot be told any more, so close
 * makes the pages point to copies (zerocopy_detach). A frame that a NIC has
 * fetched the descriptors of, but not yet the bytes, is not covered by this.
 *
 * A note is charged to the socket (omem_alloc, at most net.core.optmem_max)
 * until it is read, and holds the sock until it is on the error queue.
 */
#include "sock/zerocopy.h"

#include "base/slab.h"
#include "cpu/rcu.h"
#include "sock/sock_input.h"

#define USER_PAGE_MAX	65536u

struct user_page {
	struct page page;
	struct sk_buff *note;
	u8 *own;		/* the copy that took the memory's place */
	struct list_head node;	/* sk->user_pages, by error_queue.lock */
};

/* skb->cb of a note until it is completed. */
struct note_cb {
	refcount_t refs;
	u32 id;
	bool copied, aborted;
};
#define NOTE_CB(note) ((struct note_cb *)(note)->cb)

/* --- notes ----------------------------------------------------------------- */

static void note_uncharge(struct sk_buff *note)
{
	__atomic_fetch_sub(&note->sk->omem_alloc, note->truesize,
			   __ATOMIC_RELAXED);
}

static bool note_charge(struct sock *sk, u32 size)
{
	u32 limit = READ_ONCE(sock_net(sk)->sock->optmem_max);

	if (__atomic_add_fetch(&sk->omem_alloc, size, __ATOMIC_RELAXED) <= limit)
		return true;
	__atomic_fetch_sub(&sk->omem_alloc, size, __ATOMIC_RELAXED);
	return false;
}

static struct sk_buff *note_alloc(struct sock *sk)
{
	struct sk_buff *note = alloc_skb(0);

	if (!note)
		return NULL;
	if (!note_charge(sk, note->truesize)) {
		consume_skb(note);
		return NULL;
	}
	sock_hold(sk);
	note->sk = sk;
	note->destructor = note_uncharge;
	memset(note->cb, 0, sizeof(note->cb));
	refcount_set(&NOTE_CB(note)->refs, 1);
	NOTE_CB(note)->copied = true;	/* until it may be mapped */
	NOTE_CB(note)->id = __atomic_fetch_add(&sk->zckey, 1, __ATOMIC_RELAXED);
	return note;
}

/* The range of the queue's last note goes on with this one. */
static bool extend_tail(struct sk_buff_head *q, const struct sock_extended_err *ee)
{
	struct sk_buff *tail = skb_peek_tail(q);
	struct sock_extended_err *last;

	if (!tail)
		return false;
	last = &SKB_EXT_ERR(tail)->ee;
	if (last->ee_origin != SO_EE_ORIGIN_ZEROCOPY ||
	    last->ee_code != ee->ee_code || last->ee_data + 1 != ee->ee_info)
		return false;
	last->ee_data = ee->ee_data;
	return true;
}

/* Consumes. */
static void note_queue(struct sock *sk, struct sk_buff *note)
{
	struct sk_buff_head *q = &sk->error_queue;
	bool extended;

	spin_lock_bh(&q->lock);
	extended = extend_tail(q, &SKB_EXT_ERR(note)->ee);
	if (!extended)
		__skb_queue_tail(q, note);
	spin_unlock_bh(&q->lock);
	if (extended)
		consume_skb(note);
	sk->error_report(sk);
}

static void note_complete(struct sk_buff *note)
{
	const struct note_cb cb = *NOTE_CB(note);
	struct sock *sk = note->sk;

	memset(note->cb, 0, sizeof(note->cb));
	SKB_EXT_ERR(note)->ee = (struct sock_extended_err) {
		.ee_origin = SO_EE_ORIGIN_ZEROCOPY,
		.ee_code = cb.copied ? SO_EE_CODE_ZEROCOPY_COPIED : 0,
		.ee_info = cb.id, .ee_data = cb.id,
	};
	if (cb.aborted || sock_flag(sk, SOCK_DEAD))
		consume_skb(note);
	else
		note_queue(sk, note);
	sock_put(sk);
}

static void note_put(struct sk_buff *note)
{
	if (refcount_dec_and_test(&NOTE_CB(note)->refs))
		note_complete(note);
}

/* --- pages ------------------------------------------------------------------ */

static struct sk_buff_head *page_queue(const struct user_page *up)
{
	return &up->note->sk->error_queue;
}

/* The last packet let go. */
static void user_page_release(struct page *pg)
{
	struct user_page *up = container_of(pg, struct user_page, page);
	struct sk_buff *note = up->note;

	spin_lock_bh(&page_queue(up)->lock);
	list_del(&up->node);
	spin_unlock_bh(&page_queue(up)->lock);
	if (READ_ONCE(pg->copied))
		WRITE_ONCE(NOTE_CB(note)->copied, true);
	kfree(up->own);
	kfree(up);
	note_put(note);
}

static struct page *user_page_alloc(struct sk_buff *note, u8 *addr, u32 size)
{
	struct user_page *up = kzalloc(sizeof(*up));

	if (!up)
		return NULL;
	up->page.addr = addr;
	up->page.size = size;
	up->page.release = user_page_release;
	refcount_set(&up->page.refs, 1);
	refcount_inc(&NOTE_CB(note)->refs);
	up->note = note;
	spin_lock_bh(&page_queue(up)->lock);
	list_add_tail(&up->node, &note->sk->user_pages);
	spin_unlock_bh(&page_queue(up)->lock);
	return &up->page;
}

/* Memory that is not there must fault here, in the program's call. */
static void touch(const u8 *p, u32 n)
{
	for (u32 i = 0; i < n; i += SKB_PAGE_SIZE)
		(void)*(const volatile u8 *)(p + i);
	(void)*(const volatile u8 *)(p + n - 1);
}

/* Where the iterator stands, and how many bytes of its segment remain. */
static u8 *iter_piece(struct iov_iter *i, size_t *left)
{
	while (i->iov_offset == i->iov->iov_len) {
		i->iov++;
		i->nr_segs--;
		i->iov_offset = 0;
	}
	*left = min_t(size_t, i->iov->iov_len - i->iov_offset, i->count);
	return (u8 *)i->iov->iov_base + i->iov_offset;
}

/* The page that begins at or contains p. NULL: no memory. */
static struct page *page_at(struct zerocopy *zc, u8 *p, size_t left)
{
	struct page *pg = zc->page;

	if (pg && p >= pg->addr && p < pg->addr + pg->size)
		return pg;
	if (pg)
		page_put(pg);
	zc->page = user_page_alloc(zc->note, p,
				   (u32)min_t(size_t, left, USER_PAGE_MAX));
	return zc->page;
}

static bool add_frag(struct sk_buff *skb, struct page *pg, u32 off, u32 n)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	struct skb_frag *f = si->nr_frags ? &si->frags[si->nr_frags - 1] : NULL;

	if (f && f->page == pg && f->offset + f->len == off) {
		f->len += n;
		skb->len += n;
		skb->data_len += n;
		skb->truesize += n;
		return true;
	}
	if (si->nr_frags == MAX_SKB_FRAGS)
		return false;
	page_get(pg);
	skb_add_rx_frag(skb, si->nr_frags, pg, off, n, n);
	si->tx_flags |= SKB_TX_USER_FRAGS;
	return true;
}

int zerocopy_add(struct zerocopy *zc, struct sk_buff *skb,
		 struct iov_iter *from, u32 n)
{
	size_t left;
	u8 *p = iter_piece(from, &left);
	struct page *pg = page_at(zc, p, left);
	u32 off;

	if (unlikely(!pg))
		return -ENOMEM;
	off = (u32)(p - pg->addr);
	n = (u32)min_t(size_t, min(n, pg->size - off), left);
	touch(p, n);
	if (!add_frag(skb, pg, off, n))
		return 0;
	iov_iter_advance(from, n);
	return (int)n;
}

/* --- the call ---------------------------------------------------------------- */

int zerocopy_begin(struct zerocopy *zc, struct sock *sk)
{
	*zc = (struct zerocopy){ .note = note_alloc(sk) };
	if (!zc->note)
		return -ENOBUFS;
	zc->id = NOTE_CB(zc->note)->id;
	return 0;
}

void zerocopy_may_map(struct zerocopy *zc, const struct sockmsg *m,
		      netdev_features_t features)
{
	zc->map = !m->iter.mem && features & NETIF_F_SG;
	NOTE_CB(zc->note)->copied = !zc->map;
}

void zerocopy_end(struct zerocopy *zc, bool sent)
{
	struct sk_buff *note = zc->note;

	if (zc->page)
		page_put(zc->page);
	if (!sent) {
		NOTE_CB(note)->aborted = true;
		__atomic_fetch_sub(&note->sk->zckey, 1, __ATOMIC_RELAXED);
	}
	note_put(note);
	*zc = (struct zerocopy){ 0 };
}

/* --- completions read -------------------------------------------------------- */

static struct sk_buff *first_completion(struct sk_buff_head *q)
{
	struct sk_buff *skb;

	skb_queue_walk(q, skb)
		if (SKB_EXT_ERR(skb)->ee.ee_origin == SO_EE_ORIGIN_ZEROCOPY)
			return skb;
	return NULL;
}

bool zerocopy_completed(struct sock *sk, struct zerocopy_range *r)
{
	struct sk_buff_head *q = &sk->error_queue;
	const struct sock_extended_err *ee;
	struct sk_buff *note;

	if (skb_queue_empty(q))
		return false;
	spin_lock_bh(&q->lock);
	note = first_completion(q);
	if (note)
		__skb_unlink(note, q);
	spin_unlock_bh(&q->lock);
	if (!note)
		return false;
	ee = &SKB_EXT_ERR(note)->ee;
	*r = (struct zerocopy_range){ ee->ee_info, ee->ee_data,
				      ee->ee_code & SO_EE_CODE_ZEROCOPY_COPIED };
	consume_skb(note);
	return true;
}

/* --- close -------------------------------------------------------------------- */

/* From now on readers of the page find its own bytes. */
static bool page_detach(struct user_page *up)
{
	u8 *own;

	if (up->own)
		return true;
	own = kmalloc(up->page.size);
	if (!own)
		return false;
	copy_bytes(own, up->page.addr, up->page.size, COPY_USER_TO_SKB);
	up->own = own;
	smp_store_release(&up->page.addr, own);
	return true;
}

void zerocopy_detach(struct sock *sk)
{
	struct user_page *up;
	bool some = false;

	if (likely(list_empty(&sk->user_pages)))
		return;
	spin_lock_bh(&sk->error_queue.lock);
	list_for_each_entry(up, &sk->user_pages, node)
		some |= page_detach(up);
	spin_unlock_bh(&sk->error_queue.lock);
	/* Who is copying from the program's memory just now gets done. */
	if (some)
		synchronize_rcu();
}
