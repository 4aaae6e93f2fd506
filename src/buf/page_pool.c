/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of payload, and pools of them.
 *
 * A page and its bytes are one allocation: struct page, padded to a cache
 * line, then `size` bytes. A pool keeps pages that came back: `cache` belongs
 * to the one caller of page_pool_alloc (the NAPI of a ring), `returned` takes
 * them from anywhere by compare-and-swap. The cache is refilled by taking the
 * whole of `returned` at once, so no page can be popped twice (no ABA).
 *
 * A destroyed pool closes `returned`: pages still out are freed when they
 * come back, and the last one frees the pool.
 */
#include "base/slab.h"
#include "buf/skbuff.h"

#define PAGE_HEADER	64u
static_assert(sizeof(struct page) <= PAGE_HEADER, "bytes start aligned");

struct page_pool {
	struct page *cache;
	u32 page_size;
	u32 max_pages;
	struct page *returned __cacheline;
	refcount_t pages;		/* made and not freed, + 1: the owner */
};

/* What a closed pool's `returned` holds: no page has this address. */
#define POOL_CLOSED	((struct page *)1)

struct page *page_alloc(u32 size)
{
	struct page *pg = kmalloc(PAGE_HEADER + (size_t)size);

	if (unlikely(!pg))
		return NULL;
	pg->addr = (u8 *)pg + PAGE_HEADER;
	pg->size = size;
	refcount_set(&pg->refs, 1);
	pg->pool = NULL;
	pg->next_free = NULL;
	pg->dma = 0;
	pg->release = NULL;
	return pg;
}

static void pool_unref(struct page_pool *pp)
{
	if (refcount_dec_and_test(&pp->pages))
		kfree(pp);
}

/* False: the pool is closed. */
static bool pool_return(struct page_pool *pp, struct page *pg)
{
	struct page *first = __atomic_load_n(&pp->returned, __ATOMIC_RELAXED);

	do {
		if (unlikely(first == POOL_CLOSED))
			return false;
		pg->next_free = first;
	} while (!__atomic_compare_exchange_n(&pp->returned, &first, pg, true,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return true;
}

void page_put(struct page *pg)
{
	struct page_pool *pp = pg->pool;

	/* the only user needs no atomic to find that out */
	if (__atomic_load_n(&pg->refs.refs, __ATOMIC_ACQUIRE) != 1 &&
	    !refcount_dec_and_test(&pg->refs))
		return;
	if (!pp) {
		if (unlikely(pg->release))
			pg->release(pg);
		else
			kfree(pg);
		return;
	}
	refcount_set(&pg->refs, 1);
	if (pool_return(pp, pg))
		return;
	kfree(pg);
	pool_unref(pp);
}

struct page_pool *page_pool_create(u32 page_size, u32 count)
{
	struct page_pool *pp = kzalloc(sizeof(*pp));

	if (!pp)
		return NULL;
	pp->page_size = page_size;
	pp->max_pages = count;
	refcount_set(&pp->pages, 1);
	return pp;
}

static void free_pages(struct page_pool *pp, struct page *pg)
{
	struct page *next;

	for (; pg; pg = next) {
		next = pg->next_free;
		kfree(pg);
		pool_unref(pp);
	}
}

void page_pool_destroy(struct page_pool *pp)
{
	struct page *returned;

	if (!pp)
		return;
	returned = __atomic_exchange_n(&pp->returned, POOL_CLOSED,
				       __ATOMIC_ACQUIRE);
	free_pages(pp, returned);
	free_pages(pp, pp->cache);
	pool_unref(pp);
}

static struct page *pool_grow(struct page_pool *pp)
{
	struct page *pg;

	if (refcount_read(&pp->pages) > (s32)pp->max_pages)
		return NULL;
	pg = page_alloc(pp->page_size);
	if (!pg)
		return NULL;
	pg->pool = pp;
	refcount_inc(&pp->pages);
	return pg;
}

struct page *page_pool_alloc(struct page_pool *pp)
{
	struct page *pg = pp->cache;

	if (!pg) {
		pg = __atomic_exchange_n(&pp->returned, NULL,
					 __ATOMIC_ACQUIRE);
		if (!pg)
			return pool_grow(pp);
	}
	pp->cache = pg->next_free;
	pg->next_free = NULL;
	return pg;
}
