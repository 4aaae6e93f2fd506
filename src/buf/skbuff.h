/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sk_buff: the packet. A descriptor, not the bytes: `head`..`end` is one
 * buffer, `data`..`tail` the packet's linear part in it, frags[] are pieces of
 * pages, frag_list chains further sk_buffs (reassembled datagrams, GRO).
 *
 *	head     data          tail      end
 *	 |headroom| linear data |tailroom |skb_shared_info|
 *
 * Layers strip headers by skb_pull and add them by skb_push; nothing moves.
 * A clone is a second descriptor on the same buffer (shared info counts the
 * users in dataref); whoever writes to a cloned buffer calls skb_cow_head or
 * skb_copy first.
 *
 * `len` counts linear + frags + frag_list bytes, `data_len` all but linear.
 */
#ifndef WEIR_BUF_SKBUFF_H
#define WEIR_BUF_SKBUFF_H

#include "base/types.h"
#include "base/uapi.h"
#include "base/lock.h"
#include "base/list.h"
#include "base/rbtree.h"
#include "base/checksum.h"
#include "base/percpu.h"
#include "base/trace.h"
#include "buf/dst_ref.h"
#include "buf/iov_iter.h"

struct net_device;
struct sock;
struct dst_entry;
struct page_pool;

#define MAX_SKB_FRAGS	17
#define SKB_PAGE_SIZE	4096u
#define SKB_MAX_HEADROOM 128	/* MAX_HEADER: all headers below the payload */
#define GSO_MAX_SIZE	65536u

/* A page of payload with reference count; from a page_pool or the slab, or
 * the program's own memory (MSG_ZEROCOPY): to read only, and its owner is told
 * when the last reference goes. */
struct page {
	u8 *addr;
	u32 size;
	refcount_t refs;
	struct page_pool *pool;		/* NULL: goes back to the slab */
	struct page *next_free;
	u64 dma;			/* bus address when mapped by a device */
	void (*release)(struct page *);	/* the program's memory; or NULL */
	bool copied;			/* some of it had to be copied (r) */
};

struct skb_frag {
	struct page *page;
	u32 offset, len;
};

enum {	/* skb_shared_info.gso_type */
	SKB_GSO_TCPV4 = 1, SKB_GSO_TCP_ECN = 2, SKB_GSO_TCPV6 = 4,
	SKB_GSO_UDP_L4 = 8, SKB_GSO_DODGY = 16, /* size from outside: recheck */
	SKB_GSO_TCP_FIXEDID = 32,	/* all segments had the same IP id */
	SKB_GSO_TCP_ACCECN = 64,	/* CWR is of the ACE field: in all */
};

enum {	/* skb_shared_info.tx_flags */
	SKB_TX_USER_FRAGS = 1,		/* frags may be the program's memory */
	/* The sock wants to know when the packet is given to the qdisc, and
	 * when to the device. */
	SKB_TX_SCHED_STAMP = 2, SKB_TX_SW_STAMP = 4,
	SKB_TX_STAMPS = SKB_TX_SCHED_STAMP | SKB_TX_SW_STAMP,
};

struct skb_shared_info {
	refcount_t dataref;
	u16 gso_size;			/* payload per segment; 0: no GSO */
	u16 gso_segs;
	u8 gso_type;
	u8 nr_frags;
	u8 tx_flags;
	u32 tskey;			/* with SKB_TX_STAMPS: which send it is */
	struct sk_buff *frag_list;
	struct sk_buff *home;		/* whose allocation this lies in, or NULL */
	void (*destructor_arg)(struct skb_shared_info *);
	struct skb_frag frags[MAX_SKB_FRAGS];
};

enum {	/* skb->ip_summed */
	CHECKSUM_NONE,		/* not checked / must be computed and is not */
	CHECKSUM_UNNECESSARY,	/* rx: hardware vouches for it */
	CHECKSUM_COMPLETE,	/* rx: skb->csum covers all from skb->data */
	CHECKSUM_PARTIAL,	/* device must fill in at csum_start+offset */
};

/* skb->pkt_type, relative to the device: PACKET_HOST .. PACKET_LOOPBACK of
 * base/uapi.h */

struct sk_buff {
	/* first line: queueing and identity */
	struct sk_buff *next, *prev;	/* owned by the queue it is on */
	struct net_device *dev;
	struct sock *sk;		/* owner whose memory it counts to */
	ktime_t tstamp;			/* rx: arrival; tx: departure (EDT) */
	u32 len, data_len;
	u16 mac_len, hdr_len;
	__be16 protocol;		/* ETH_P_* */
	u16 queue_mapping;
	u64 id;				/* unique in the machine; clones share */
	/* second line: the buffer */
	u8 *head, *data;
	u32 tail, end;			/* offsets from head */
	u32 truesize;			/* memory this packet holds */
	u16 transport_header, network_header, mac_header; /* from head */
	u16 csum_start, csum_offset;	/* CHECKSUM_PARTIAL, from head */
	/* third line: what layers know of it */
	char cb[48] __aligned(8);	/* private to the layer that holds it */
	struct dst_entry *dst;
	/* fourth line */
	void (*destructor)(struct sk_buff *);
	__wsum csum;
	u32 hash;			/* flow hash (RSS or computed) */
	u32 mark, priority;
	u16 vlan_tci;
	u8 ip_summed:2, pkt_type:3, cloned:1, nohdr:1, twin:1;
	u8 l4_hash:1, dst_noref:1, encapsulation:1, vlan_present:1,
	   peeked:1, ooo_okay:1, csum_valid:1, csum_level:1;
	u8 pair:1, ignore_df:1, offload_fwd:1, head_frag:1, csum_open:1,
	   ipvs:1, tc_skip:1, redirected:1;
	u8 iif_loopback:1, napi_direct:1, unused6:6;
	u8 holders;			/* of its allocation: buf/skbuff.c */
	u32 skb_iif;			/* ifindex of first arrival */
	u32 napi_id;
	refcount_t users;
	union {
		struct {
			u64 wire_id;	/* frame number on the wire, 0: none */
			ktime_t queued_at; /* last enqueue, for wait records */
		};
		/* TCP's originals on rtx_queue, which never go down
		 * themselves: in the order of transmission. */
		struct list_head tsorted;
	};
	struct page *head_page;		/* head is in this page (head_frag) */
	/* TCP's trees by sequence; next/prev then order by time of sending. */
	struct rb_node rbnode;
};
static_assert(sizeof(struct sk_buff) <= 256, "four cache lines");
static_assert(offsetof(struct sk_buff, head) == 64, "second line");
static_assert(offsetof(struct sk_buff, csum_offset) < 128, "second line");

#define rb_to_skb(rb)	rb_entry_safe(rb, struct sk_buff, rbnode)
#define skb_rb_first(root) rb_to_skb(rb_first(root))
#define skb_rb_last(root) rb_to_skb(rb_last(root))
#define skb_rb_next(skb) rb_to_skb(rb_next(&(skb)->rbnode))
#define skb_rb_prev(skb) rb_to_skb(rb_prev(&(skb)->rbnode))

struct sk_buff_head {
	struct sk_buff *next, *prev;	/* same offsets as in sk_buff */
	u32 qlen;
	spinlock_t lock;
};

static inline struct skb_shared_info *skb_shinfo(const struct sk_buff *skb)
{
	return (struct skb_shared_info *)(skb->head + skb->end);
}
#define SKB_SHINFO_SIZE	ALIGN_UP(sizeof(struct skb_shared_info), 64)
/* Truesize of a packet whose linear part has room for n bytes. */
#define SKB_TRUESIZE(n)	(ALIGN_UP((n), 64) + sizeof(struct sk_buff) + \
			 SKB_SHINFO_SIZE)

/* --- birth and death (buf/skbuff.c) ------------------------------------ */

/* Linear room for `size` bytes, no headroom, len 0. NULL: no memory. */
struct sk_buff *alloc_skb(u32 size) __must_check;
/* The same with memory for one clone at a time: for what is kept and sent. */
struct sk_buff *alloc_skb_pair(u32 size) __must_check;
/* Around a page: head and data are at `offset` (a multiple of 64), `room`
 * bytes from there are the packet's, of which the last SKB_SHINFO_SIZE become
 * the shared info. len is 0: the caller reserves headroom and puts what was
 * received. Takes over the caller's reference of the page (on success). */
struct sk_buff *build_skb(struct page *page, u32 offset, u32 room) __must_check;
/* Normal end of a packet. Drops one reference. */
void consume_skb(struct sk_buff *skb);
/* A packet dies: counts the reason, writes the trace record. Consumes. */
void kfree_skb_reason(struct sk_buff *skb, enum skb_drop_reason why);
void kfree_skb_list_reason(struct sk_buff *list, enum skb_drop_reason why);
static inline struct sk_buff *skb_get(struct sk_buff *skb)
{
	refcount_inc(&skb->users);
	return skb;
}
/* Second descriptor on the same bytes; shares the id. */
struct sk_buff *skb_clone(struct sk_buff *skb) __must_check;
/* Own bytes, linear. / Own linear part, frags shared. */
struct sk_buff *skb_copy(const struct sk_buff *skb) __must_check;
struct sk_buff *pskb_copy(const struct sk_buff *skb, u32 headroom) __must_check;
/* What is before data+len is the caller's to change: private copy of the
 * buffer if a clone shares it. 0 or -ENOMEM. */
int skb_unclone(struct sk_buff *skb) __must_check;
/* If users > 1: clone and drop the shared one. Consumes on failure (NULL). */
struct sk_buff *skb_share_check(struct sk_buff *skb) __must_check;
/* All fields of `old` but buffer, lengths, queue, owner and users. For those
 * who build a packet out of another's (GSO, fragments). Header positions and
 * csum_start are offsets from head: right if the headroom is the same. */
void skb_copy_header(struct sk_buff *to, const struct sk_buff *old);
/* `to` tells of the time of sending what `from` was to tell, too. */
static inline void skb_take_stamps(struct sk_buff *to,
				   const struct sk_buff *from)
{
	const struct skb_shared_info *si = skb_shinfo(from);

	if (likely(!(si->tx_flags & SKB_TX_STAMPS)))
		return;
	skb_shinfo(to)->tx_flags |= si->tx_flags & SKB_TX_STAMPS;
	skb_shinfo(to)->tskey = si->tskey;
}
/* Detach from socket: runs the destructor now. */
static inline void skb_orphan(struct sk_buff *skb)
{
	if (skb->destructor) {
		skb->destructor(skb);
		skb->destructor = NULL;
	}
	skb->sk = NULL;
}
static inline void skb_dst_drop(struct sk_buff *skb)
{
	/* a dst_entry starts with its dst_ref: see buf/dst_ref.h */
	if (skb->dst && !skb->dst_noref)
		dst_ref_put((struct dst_ref *)skb->dst);
	skb->dst = NULL;
	skb->dst_noref = 0;
}

/* --- the linear part ---------------------------------------------------- */

static inline u8 *skb_tail_pointer(const struct sk_buff *skb)
{
	return skb->head + skb->tail;
}
static inline u32 skb_headroom(const struct sk_buff *skb)
{
	return (u32)(skb->data - skb->head);
}
static inline bool skb_is_nonlinear(const struct sk_buff *skb)
{
	return skb->data_len;
}
static inline u32 skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}
static inline u32 skb_tailroom(const struct sk_buff *skb)
{
	return skb_is_nonlinear(skb) ? 0 : skb->end - skb->tail;
}
/* Only on an empty sk_buff. */
static inline void skb_reserve(struct sk_buff *skb, u32 n)
{
	skb->data += n;
	skb->tail += n;
}
/* BUG when there is no room: callers know what they reserved. */
static inline u8 *skb_push(struct sk_buff *skb, u32 n)
{
	BUG_ON(n > skb_headroom(skb));
	skb->data -= n;
	skb->len += n;
	return skb->data;
}
static inline u8 *skb_put(struct sk_buff *skb, u32 n)
{
	u8 *p = skb_tail_pointer(skb);

	BUG_ON(skb_is_nonlinear(skb) || n > skb->end - skb->tail);
	skb->tail += n;
	skb->len += n;
	return p;
}
/* BUG when the bytes are not linear: pull what pskb_may_pull promised. */
static inline u8 *skb_pull(struct sk_buff *skb, u32 n)
{
	BUG_ON(n > skb_headlen(skb));
	skb->len -= n;
	return skb->data += n;
}
u8 *__pskb_pull_tail(struct sk_buff *skb, u32 delta);
/* The checked pull of rule 11: the first n bytes are there and linear. May
 * move the header: read pointers again afterwards. False: too short/no mem. */
static inline bool pskb_may_pull(struct sk_buff *skb, u32 n)
{
	if (likely(n <= skb_headlen(skb)))
		return true;
	if (unlikely(n > skb->len))
		return false;
	return __pskb_pull_tail(skb, n - skb_headlen(skb));
}
static inline u8 *pskb_pull(struct sk_buff *skb, u32 n)
{
	return pskb_may_pull(skb, n) ? skb_pull(skb, n) : NULL;
}
void skb_trim(struct sk_buff *skb, u32 len);	/* linear only */
int pskb_trim(struct sk_buff *skb, u32 len) __must_check; /* 0 or -ENOMEM */
/* Trim and fix CHECKSUM_COMPLETE. */
int pskb_trim_rcsum(struct sk_buff *skb, u32 len) __must_check;
int skb_linearize(struct sk_buff *skb) __must_check;
/* Headroom of at least n, and the header part private. 0 or -ENOMEM. */
static inline int skb_cow_head(struct sk_buff *skb, u32 n) __must_check;
int __skb_cow_head(struct sk_buff *skb, u32 n) __must_check;
int skb_cow(struct sk_buff *skb, u32 n) __must_check; /* all linear private */
int pskb_expand_head(struct sk_buff *skb, u32 nhead, u32 ntail) __must_check;
/*
 * shared_info.dataref: low half, descriptors on the buffer; high half, how
 * many of them promised by skb_header_release() to leave alone what is before
 * their data, so that one other may write headers there (TCP's original on
 * the retransmit queue and the clone that is sent).
 */
#define SKB_DATAREF_SHIFT	16
#define SKB_DATAREF_MASK	0xffff
static inline bool skb_cloned(const struct sk_buff *skb)
{
	return skb->cloned && (refcount_read(&skb_shinfo(skb)->dataref) &
			       SKB_DATAREF_MASK) != 1;
}
static inline bool skb_header_cloned(const struct sk_buff *skb)
{
	s32 ref;

	if (!skb->cloned)
		return false;
	ref = refcount_read(&skb_shinfo(skb)->dataref);
	return (ref & SKB_DATAREF_MASK) - (ref >> SKB_DATAREF_SHIFT) != 1;
}
static inline int skb_cow_head(struct sk_buff *skb, u32 n)
{
	if (likely(n <= skb_headroom(skb) && !skb_header_cloned(skb)))
		return 0;
	return __skb_cow_head(skb, n);
}
/* From now on only the payload of this descriptor counts. Before cloning. */
static inline void skb_header_release(struct sk_buff *skb)
{
	skb->nohdr = 1;
	refcount_set(&skb_shinfo(skb)->dataref, 1 + (1 << SKB_DATAREF_SHIFT));
}
static inline bool skb_shared(const struct sk_buff *skb)
{
	return refcount_read(&skb->users) != 1;
}
/* skb_pull that keeps CHECKSUM_COMPLETE true. */
u8 *skb_pull_rcsum(struct sk_buff *skb, u32 n);

/* --- pages (buf/page_pool.c) --------------------------------------------- */

struct page *page_alloc(u32 size) __must_check;	/* from the slab, refs 1 */
static inline void page_get(struct page *pg) { refcount_inc(&pg->refs); }
void page_put(struct page *pg);			/* back to its pool at 0 */
/* The packet is about to go where nobody says when it will end (a receiver, a
 * tap): what refers to the program's memory becomes a copy. 0, or -ENOMEM: the
 * packet is as it was. It may be a clone; the others keep the memory. */
int __skb_orphan_frags(struct sk_buff *skb) __must_check;
static inline int skb_orphan_frags(struct sk_buff *skb)
{
	if (likely(!(skb_shinfo(skb)->tx_flags & SKB_TX_USER_FRAGS)))
		return 0;
	return __skb_orphan_frags(skb);
}
/* The same for a device that copies the bytes itself: only says so. */
void __skb_frags_copied(struct sk_buff *skb);
static inline void skb_frags_copied(struct sk_buff *skb)
{
	if (unlikely(skb_shinfo(skb)->tx_flags & SKB_TX_USER_FRAGS))
		__skb_frags_copied(skb);
}
/* frags[i] becomes these bytes of pg; takes over one reference of it. */
void skb_add_rx_frag(struct sk_buff *skb, int i, struct page *pg, u32 off,
		     u32 len, u32 truesize);
/* Pool of `count` (at most) equal pages for a device's rings. Alloc by one
 * caller at a time (the ring's NAPI); put from anywhere. */
struct page_pool *page_pool_create(u32 page_size, u32 count) __must_check;
void page_pool_destroy(struct page_pool *pp);	/* waits for none: lazy free */
struct page *page_pool_alloc(struct page_pool *pp) __must_check;

/* --- bytes anywhere in the packet (buf/skb_bytes.c) ----------------------- */

/* Offsets count from skb->data. 0 or -EFAULT (range not in the packet). */
int skb_copy_bits(const struct sk_buff *skb, u32 off, void *to, u32 len,
		  enum copy_why why);
int skb_store_bits(struct sk_buff *skb, u32 off, const void *from, u32 len);
/* `len` bytes at `off` to look at: in place when linear, else copied to
 * `buf`. NULL: not in the packet. Not counted as a copy of payload. */
const void *skb_header_pointer(const struct sk_buff *skb, u32 off, u32 len,
			       void *buf);
/* Payload to the program. Advances the iterator. 0 or -EFAULT. */
int skb_copy_datagram_iter(const struct sk_buff *skb, u32 off,
			   struct iov_iter *to, u32 len);
/* Program's bytes appended: to the tailroom, to what is left of the last
 * page, then to fresh pages. Adds to len/truesize. 0, or (then part may have
 * been added: see skb->len) -EFAULT, -ENOMEM, -EMSGSIZE when all frags are
 * used. The packet is not cloned. */
int skb_add_data(struct sk_buff *skb, struct iov_iter *from, u32 len);
__wsum skb_checksum(const struct sk_buff *skb, u32 off, u32 len, __wsum csum);
/* CHECKSUM_PARTIAL finished in software. 0 or -errno. */
int skb_checksum_help(struct sk_buff *skb);
/* Transport checksum of a received packet from skb->data to its end, with
 * the pseudo-header's sum. 0: right, or hardware vouches for it; ip_summed is
 * then UNNECESSARY. Anything else: wrong. */
__sum16 skb_checksum_validate(struct sk_buff *skb, __wsum pseudo);
/* The same, postponed: skb->csum holds the pseudo-header's sum. */
__sum16 skb_checksum_complete(struct sk_buff *skb);
/* skb_copy_datagram_iter of all from `off` on, with skb_checksum_complete in
 * the same pass. 0, -EFAULT, or -EINVAL when the checksum is wrong (then the
 * program's memory was written, the iterator is as it was). */
int skb_copy_and_csum_datagram_iter(struct sk_buff *skb, u32 off,
				    struct iov_iter *to);
/* CHECKSUM_COMPLETE kept true over bytes taken from / put at the front. */
static inline void skb_postpull_rcsum(struct sk_buff *skb, const void *start,
				      u32 len)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, csum_partial(start, len, 0));
}
static inline void skb_postpush_rcsum(struct sk_buff *skb, const void *start,
				      u32 len)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_partial(start, len, skb->csum);
}
static inline bool skb_csum_unnecessary(const struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_UNNECESSARY || skb->csum_valid ||
	       skb->ip_summed == CHECKSUM_PARTIAL;
}
/* Shares `len` bytes at off of src at the end of dst as frags (page
 * references, no copy; linear bytes that are in no page are copied). src is
 * as before. Adds to dst's len and data_len; truesize is the caller's to
 * move. 0, -ENOMEM or -EMSGSIZE: dst is as before. */
int skb_splice_from(struct sk_buff *dst, struct sk_buff *src, u32 off, u32 len);
/* Cuts skb at `len`: the rest goes into `rest` (allocated by the caller with
 * alloc_skb(headroom + linear need)). Frags move; at most one is shared.
 * skb is not cloned and has no frag_list; truesize is the caller's to move. */
void skb_split(struct sk_buff *skb, struct sk_buff *rest, u32 len);
/* Appends `from`'s payload to `to` without copying if frags allow (GRO,
 * receive-queue coalescing). True: `from`'s bytes now belong to `to`; *stolen
 * says whether from's head went too (then free it with kfree_skb_partial). */
bool skb_try_coalesce(struct sk_buff *to, struct sk_buff *from, bool *stolen,
		      u32 *delta_truesize);
void kfree_skb_partial(struct sk_buff *skb, bool head_stolen);

/* --- header positions ---------------------------------------------------- */

static inline u8 *skb_mac_header(const struct sk_buff *skb)
{
	return skb->head + skb->mac_header;
}
static inline u8 *skb_network_header(const struct sk_buff *skb)
{
	return skb->head + skb->network_header;
}
static inline u8 *skb_transport_header(const struct sk_buff *skb)
{
	return skb->head + skb->transport_header;
}
static inline void skb_reset_mac_header(struct sk_buff *skb)
{
	skb->mac_header = (u16)(skb->data - skb->head);
}
static inline void skb_reset_network_header(struct sk_buff *skb)
{
	skb->network_header = (u16)(skb->data - skb->head);
}
static inline void skb_reset_transport_header(struct sk_buff *skb)
{
	skb->transport_header = (u16)(skb->data - skb->head);
}
static inline void skb_set_transport_header(struct sk_buff *skb, int off)
{
	skb->transport_header = (u16)(skb->data - skb->head + off);
}
static inline void skb_set_network_header(struct sk_buff *skb, int off)
{
	skb->network_header = (u16)(skb->data - skb->head + off);
}
/* From skb->data; negative when already pulled. */
static inline int skb_transport_offset(const struct sk_buff *skb)
{
	return (int)(skb_transport_header(skb) - skb->data);
}
static inline int skb_network_offset(const struct sk_buff *skb)
{
	return (int)(skb_network_header(skb) - skb->data);
}
static inline u8 *skb_end_pointer(const struct sk_buff *skb)
{
	return skb->head + skb->end;
}
static inline int skb_mac_offset(const struct sk_buff *skb)
{
	return (int)(skb_mac_header(skb) - skb->data);
}
/* Where CHECKSUM_PARTIAL begins, from skb->data. */
static inline int skb_checksum_start_offset(const struct sk_buff *skb)
{
	return (int)skb->csum_start - (int)skb_headroom(skb);
}
static inline bool skb_has_frag_list(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->frag_list;
}
static inline void *skb_frag_address(const struct skb_frag *f)
{
	return f->page->addr + f->offset;
}
static inline bool skb_is_gso(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->gso_size;
}

/* --- queues (buf/skb_queue.c; __x: lock held or not needed) ---------------- */

static inline void skb_queue_head_init(struct sk_buff_head *q)
{
	q->next = q->prev = (struct sk_buff *)q;
	q->qlen = 0;
	spin_lock_init(&q->lock);
}
static inline bool skb_queue_empty(const struct sk_buff_head *q)
{
	return READ_ONCE(q->next) == (const struct sk_buff *)q;
}
static inline struct sk_buff *skb_peek(const struct sk_buff_head *q)
{
	return skb_queue_empty(q) ? NULL : q->next;
}
static inline bool skb_queue_is_first(const struct sk_buff_head *q,
				      const struct sk_buff *skb)
{
	return skb->prev == (const struct sk_buff *)q;
}
static inline bool skb_queue_is_last(const struct sk_buff_head *q,
				     const struct sk_buff *skb)
{
	return skb->next == (const struct sk_buff *)q;
}
static inline struct sk_buff *skb_peek_tail(const struct sk_buff_head *q)
{
	return skb_queue_empty(q) ? NULL : q->prev;
}
static inline void __skb_insert(struct sk_buff *n, struct sk_buff *prev,
				struct sk_buff *next, struct sk_buff_head *q)
{
	n->next = next;
	n->prev = prev;
	((struct sk_buff_head *)next)->prev = n;
	WRITE_ONCE(((struct sk_buff_head *)prev)->next, n);
	WRITE_ONCE(q->qlen, q->qlen + 1);
}
static inline void __skb_queue_tail(struct sk_buff_head *q, struct sk_buff *n)
{
	__skb_insert(n, q->prev, (struct sk_buff *)q, q);
}
static inline void __skb_queue_head(struct sk_buff_head *q, struct sk_buff *n)
{
	__skb_insert(n, (struct sk_buff *)q, q->next, q);
}
static inline void __skb_queue_after(struct sk_buff_head *q,
				     struct sk_buff *prev, struct sk_buff *n)
{
	__skb_insert(n, prev, prev->next, q);
}
static inline void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *q)
{
	struct sk_buff *next = skb->next, *prev = skb->prev;

	WRITE_ONCE(q->qlen, q->qlen - 1);
	skb->next = skb->prev = NULL;
	((struct sk_buff_head *)next)->prev = prev;
	WRITE_ONCE(((struct sk_buff_head *)prev)->next, next);
}
static inline struct sk_buff *__skb_dequeue(struct sk_buff_head *q)
{
	struct sk_buff *skb = skb_peek(q);

	if (skb)
		__skb_unlink(skb, q);
	return skb;
}
static inline u32 skb_queue_len(const struct sk_buff_head *q)
{
	return READ_ONCE(q->qlen);
}
void skb_queue_purge_reason(struct sk_buff_head *q, enum skb_drop_reason why);
void skb_queue_consume(struct sk_buff_head *q);	/* all freed as used */
/* `from`'s packets to the end of `to`; no locks. */
void skb_queue_splice_tail_init(struct sk_buff_head *from,
				struct sk_buff_head *to);
#define skb_queue_walk(q, skb) \
	for (skb = (q)->next; skb != (struct sk_buff *)(q); skb = skb->next)
#define skb_queue_walk_safe(q, skb, tmp) \
	for (skb = (q)->next, tmp = skb->next; skb != (struct sk_buff *)(q); \
	     skb = tmp, tmp = skb->next)

/* --- trace ---------------------------------------------------------------- */

/* The packet reached a stage. Nothing but two adds when tracing is off. */
static inline void skb_stage(const struct sk_buff *skb, enum stage stage)
{
	trace_stage(stage, skb->id, skb->len);
}
/* The same on a CPU that the caller has looked up. */
static inline void skb_stage_cpu(struct percpu *pc, const struct sk_buff *skb,
				 enum stage stage)
{
	trace_stage_cpu(pc, stage, skb->id, skb->len);
}

#endif
