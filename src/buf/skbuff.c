/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Birth, doubling and death of packets.
 *
 * A packet is a descriptor and a buffer with the shared info at its end. A
 * small one is one allocation:
 *
 *	| sk_buff | buffer | shared info |		alloc_skb
 *	| sk_buff | twin | buffer | shared info |	alloc_skb_pair
 *
 * `twin` is where the descriptor of a clone goes, one at a time (TCP's original
 * on the retransmit queue, and what the device sends). The parts end
 * independently; `holders` of the first descriptor says which are still in use,
 * and who takes the last bit out frees the whole. A packet whose buffer has
 * become another one (pskb_expand_head) has just a part of its allocation.
 *
 * Clones share the buffer; dataref counts them, and is not touched as long as
 * there was never a clone (`cloned`). The same with `users`, and with `holders`
 * when all go at once: the only holder frees without an atomic.
 */
#include "buf/skbuff.h"

#include "base/slab.h"
#include "buf/skb_internal.h"

/* --- birth -------------------------------------------------------------------- */

/* Bits of holders. */
enum { HOLDS_SELF = 1, HOLDS_DATA = 2, HOLDS_TWIN = 4 };

#define SKB_ROOM	256u		/* of a descriptor in an allocation */
#define MAX_WHOLE	1536u		/* more is two allocations */
static_assert(sizeof(struct sk_buff) <= SKB_ROOM, "fits");

static inline struct sk_buff *twin_of(struct sk_buff *skb)
{
	return (struct sk_buff *)((u8 *)skb + SKB_ROOM);
}

/*
 * A descriptor cleared or copied a cache line at a time: compilers make four
 * vector stores of 64 bytes, but a slow string instruction of 232.
 */
static __always_inline void descriptor_clear(struct sk_buff *skb)
{
	u8 *p = (u8 *)skb;

	memset(p, 0, 64);
	memset(p + 64, 0, 64);
	memset(p + 128, 0, 64);
	memset(p + 192, 0, sizeof(*skb) - 192);
}
static __always_inline void descriptor_copy(struct sk_buff *to,
					    const struct sk_buff *from)
{
	u8 *t = (u8 *)to;
	const u8 *f = (const u8 *)from;

	memcpy(t, f, 64);
	memcpy(t + 64, f + 64, 64);
	memcpy(t + 128, f + 128, 64);
	memcpy(t + 192, f + 192, sizeof(*to) - 192);
}

static __always_inline void skb_init(struct sk_buff *skb, u8 *head, u32 end,
				     struct sk_buff *home)
{
	struct skb_shared_info *si = (struct skb_shared_info *)(head + end);

	descriptor_clear(skb);
	skb->id = ++this_percpu()->next_packet_id;
	skb->head = skb->data = head;
	skb->end = end;
	skb->truesize = end + (u32)sizeof(*skb) + (u32)SKB_SHINFO_SIZE;
	skb->holders = home ? HOLDS_SELF | HOLDS_DATA : HOLDS_SELF;
	refcount_set(&skb->users, 1);
	memset(si, 0, offsetof(struct skb_shared_info, frags));
	si->home = home;
	refcount_set(&si->dataref, 1);
}

static noinline struct sk_buff *alloc_skb_large(u32 end)
{
	struct sk_buff *skb = kmalloc(sizeof(*skb));
	u8 *head;

	if (unlikely(!skb))
		return NULL;
	head = kmalloc(end + SKB_SHINFO_SIZE);
	if (unlikely(!head)) {
		kfree(skb);
		return NULL;
	}
	skb_init(skb, head, end, NULL);
	return skb;
}

struct sk_buff *alloc_skb(u32 size)
{
	u32 end = ALIGN_UP(size, 64u);
	struct sk_buff *skb;

	if (unlikely(size > MAX_WHOLE - SKB_ROOM - SKB_SHINFO_SIZE))
		return alloc_skb_large(end);
	skb = kmalloc(SKB_ROOM + end + SKB_SHINFO_SIZE);
	if (likely(skb))
		skb_init(skb, (u8 *)skb + SKB_ROOM, end, skb);
	return skb;
}

struct sk_buff *alloc_skb_pair(u32 size)
{
	u32 end = ALIGN_UP(size, 64u);
	struct sk_buff *skb;

	if (unlikely(size > MAX_WHOLE - 2 * SKB_ROOM - SKB_SHINFO_SIZE))
		return alloc_skb_large(end);
	skb = kmalloc(2 * SKB_ROOM + end + SKB_SHINFO_SIZE);
	if (unlikely(!skb))
		return NULL;
	skb_init(skb, (u8 *)skb + 2 * SKB_ROOM, end, skb);
	skb->pair = 1;
	asan_poison(twin_of(skb), SKB_ROOM);
	return skb;
}

struct sk_buff *build_skb(struct page *page, u32 offset, u32 room)
{
	struct sk_buff *skb = kmalloc(sizeof(*skb));
	u32 end = (room - (u32)SKB_SHINFO_SIZE) & ~63u;

	BUG_ON(room < SKB_SHINFO_SIZE || offset % 64 ||
	       offset + room > page->size);
	if (unlikely(!skb))
		return NULL;
	skb_init(skb, page->addr + offset, end, NULL);
	skb->head_frag = 1;
	skb->head_page = page;
	return skb;
}

/* --- death ---------------------------------------------------------------------- */

/* One descriptor's claim on the buffer. True: it was the last. */
static inline bool data_unref(struct sk_buff *skb)
{
	s32 claim = skb->nohdr ? 1 + (1 << SKB_DATAREF_SHIFT) : 1;

	if (!skb->cloned)
		return true;
	if ((__atomic_load_n(&skb_shinfo(skb)->dataref.refs,
			     __ATOMIC_ACQUIRE) & SKB_DATAREF_MASK) == 1)
		return true;	/* the clones are gone */
	return __atomic_sub_fetch(&skb_shinfo(skb)->dataref.refs, claim,
				  __ATOMIC_ACQ_REL) == 0;
}

/* A part of an allocation is not used any more. */
static inline void home_put(struct sk_buff *home, u8 part)
{
	if (__atomic_load_n(&home->holders, __ATOMIC_ACQUIRE) == part ||
	    !__atomic_and_fetch(&home->holders, (u8)~part, __ATOMIC_ACQ_REL))
		kfree(home);
}

static inline void free_descriptor(struct sk_buff *skb)
{
	if (!skb->twin) {
		home_put(skb, HOLDS_SELF);
		return;
	}
	asan_poison(skb, SKB_ROOM);
	home_put((struct sk_buff *)((u8 *)skb - SKB_ROOM), HOLDS_TWIN);
}

static inline void free_head(struct sk_buff *skb, struct sk_buff *home)
{
	if (home)
		home_put(home, HOLDS_DATA);
	else if (skb->head_frag)
		page_put(skb->head_page);
	else
		kfree(skb->head);
}

static inline bool skb_unref(struct sk_buff *skb)
{
	if (likely(__atomic_load_n(&skb->users.refs, __ATOMIC_ACQUIRE) == 1))
		return true;
	return refcount_dec_and_test(&skb->users);
}

/* The members of a frag_list die with their packet and are not counted. They
 * have no frag_list of their own, so this goes one level deep. */
static void __kfree_skb(struct sk_buff *skb);
static noinline void free_frag_list(struct sk_buff *list)
{
	struct sk_buff *next;

	for (; list; list = next) {
		next = list->next;
		if (skb_unref(list))
			__kfree_skb(list);
	}
}

/* What the shared info refers to. */
static noinline void release_pieces(struct skb_shared_info *si)
{
	for (u32 i = 0; i < si->nr_frags; i++)
		page_put(si->frags[i].page);
	if (unlikely(si->frag_list))
		free_frag_list(si->frag_list);
	if (unlikely(si->destructor_arg))
		si->destructor_arg(si);
}

static inline bool has_pieces(const struct skb_shared_info *si)
{
	return si->nr_frags || si->frag_list || si->destructor_arg;
}

void skb_release_data(struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb);

	if (!data_unref(skb))
		return;
	if (has_pieces(si))
		release_pieces(si);
	free_head(skb, si->home);
}

/* What it holds besides bytes. */
static inline void release_head_state(struct sk_buff *skb)
{
	skb_dst_drop(skb);
	if (skb->destructor)
		skb->destructor(skb);
}

static __always_inline void free_packet(struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb);

	release_head_state(skb);
	if (data_unref(skb)) {
		if (has_pieces(si))
			release_pieces(si);
		if (likely(si->home == skb &&
			   __atomic_load_n(&skb->holders, __ATOMIC_ACQUIRE) ==
			   (HOLDS_SELF | HOLDS_DATA))) {
			kfree(skb);	/* the whole */
			return;
		}
		free_head(skb, si->home);
	}
	free_descriptor(skb);
}

static noinline void __kfree_skb(struct sk_buff *skb)
{
	free_packet(skb);
}

void consume_skb(struct sk_buff *skb)
{
	if (!skb || !skb_unref(skb))
		return;
	if (unlikely(this_percpu() && this_percpu()->stage_hooks))
		skb_stage(skb, STAGE_consume_skb);
	free_packet(skb);
}

void kfree_skb_reason(struct sk_buff *skb, enum skb_drop_reason why)
{
	struct percpu *pc = this_percpu();

	if (!skb || !skb_unref(skb))
		return;
	if (likely(pc)) {
		pc->drops[why]++;
		skb_stage(skb, STAGE_kfree_skb);
		trace_event(TRACE_DROP, why, skb->id, skb->len, 0xffff, 0, 0);
	}
	__kfree_skb(skb);
}

void kfree_skb_list_reason(struct sk_buff *list, enum skb_drop_reason why)
{
	struct sk_buff *next;

	for (; list; list = next) {
		next = list->next;
		list->next = list->prev = NULL;
		kfree_skb_reason(list, why);
	}
}

void kfree_skb_partial(struct sk_buff *skb, bool head_stolen)
{
	if (!head_stolen) {
		if (skb_unref(skb))
			__kfree_skb(skb);
		return;
	}
	release_head_state(skb);
	free_descriptor(skb);
}

/* --- doubles ---------------------------------------------------------------------- */

static inline void dst_ref_copy(struct sk_buff *to, const struct sk_buff *from)
{
	to->dst = from->dst;
	to->dst_noref = from->dst_noref;
	if (to->dst && !to->dst_noref)
		refcount_inc(&((struct dst_ref *)to->dst)->refs);
}

/* A descriptor's copy owns nothing that must not be owned twice. */
static inline void detach_copy(struct sk_buff *n, const struct sk_buff *skb)
{
	n->next = n->prev = NULL;
	n->sk = NULL;
	n->destructor = NULL;
	refcount_set(&n->users, 1);
	dst_ref_copy(n, skb);
}

/*
 * The twin's place, if it is free and nobody else can take it now: the buffer
 * of the allocation is skb's, so that none but its holders, and that is us,
 * changes `holders`.
 */
static inline struct sk_buff *take_twin(struct sk_buff *skb)
{
	struct sk_buff *n = twin_of(skb);

	if (!skb->pair || skb_shared(skb) || skb_shinfo(skb)->home != skb ||
	    __atomic_load_n(&skb->holders, __ATOMIC_ACQUIRE) !=
	    (HOLDS_SELF | HOLDS_DATA))
		return NULL;
	WRITE_ONCE(skb->holders, HOLDS_SELF | HOLDS_DATA | HOLDS_TWIN);
	asan_unpoison(n, SKB_ROOM);
	return n;
}

struct sk_buff *skb_clone(struct sk_buff *skb)
{
	struct sk_buff *n = take_twin(skb);
	bool twin = n;

	if (unlikely(!n)) {
		n = kmalloc(sizeof(*n));
		if (unlikely(!n))
			return NULL;
	}
	descriptor_copy(n, skb);
	detach_copy(n, skb);
	n->holders = twin ? 0 : HOLDS_SELF;
	n->twin = twin;
	n->pair = 0;
	n->cloned = 1;
	n->nohdr = 0;
	n->peeked = 0;
	refcount_inc(&skb_shinfo(skb)->dataref);
	skb->cloned = 1;
	return n;
}

void skb_copy_header(struct sk_buff *to, const struct sk_buff *old)
{
	struct sk_buff own = *to;

	descriptor_copy(to, old);
	to->head = own.head;
	to->data = own.data;
	to->tail = own.tail;
	to->end = own.end;
	to->len = own.len;
	to->data_len = own.data_len;
	to->truesize = own.truesize;
	to->cloned = own.cloned;
	to->nohdr = own.nohdr;
	to->head_frag = own.head_frag;
	to->head_page = own.head_page;
	to->holders = own.holders;
	to->twin = own.twin;
	to->pair = own.pair;
	to->peeked = 0;
	detach_copy(to, old);
}

struct sk_buff *skb_share_check(struct sk_buff *skb)
{
	struct sk_buff *n;

	if (likely(!skb_shared(skb)))
		return skb;
	n = skb_clone(skb);
	if (likely(n))
		consume_skb(skb);
	else
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
	return n;
}
