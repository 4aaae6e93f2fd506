/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The allocator: magazines over a depot over chunks.
 *
 * A chunk is CHUNK_SIZE bytes from the platform, aligned to its size, so that
 * masking an object's address finds the chunk's header and in it the size
 * class and the depot. Chunks are cut into objects only as these are needed;
 * they are never given back before the depot is destroyed.
 *
 * A CPU has, per class, up to two batches of free objects: the magazine it
 * works on and a full spare. kmalloc and kfree touch only these; a whole
 * batch at a time goes to or comes from the depot under its lock, in O(1),
 * because a batch is one list whose first object also links to the next
 * batch. (Bonwick and Adams, "Magazines and Vmem", USENIX 2001.)
 *
 * More than the largest class is a chunk of its own.
 *
 * Who allocates is a CPU; where its magazines are is a pointer, so that CPUs
 * which never run at the same time can share one set of them.
 */
#include "base/slab.h"
#include "base/percpu.h"
#include "base/list.h"
#include "base/lock.h"

#define CHUNK_SIZE	(256u << 10)
#define CHUNK_MAGIC	0x57454952u	/* "WEIR" */
#define CLASS_LARGE	0xffu

/*
 * Up to 48 bytes in steps of 16, then multiples of 64. 2112, 4160, 16448 and
 * 32832 are a page of 2, 4, 16 and 32 KiB with its struct page before it; 1856
 * is for a TCP socket.
 */
struct size_class {
	u16 size, batch;
};
/* About 16 KiB of objects are a batch, at least 2, at most 32. */
#define CLASS(n) { n, 16384 / (n) > 32 ? 32 : 16384 / (n) < 2 ? 2 : \
		   16384 / (n) }
static const struct size_class classes[] = {
	CLASS(16), CLASS(32), CLASS(48), CLASS(64), CLASS(128), CLASS(192),
	CLASS(256), CLASS(320), CLASS(384), CLASS(512), CLASS(640), CLASS(768),
	CLASS(1024), CLASS(1280), CLASS(1536), CLASS(1856), CLASS(2048),
	CLASS(2112), CLASS(2560), CLASS(3072), CLASS(4096), CLASS(4160), CLASS(6144),
	CLASS(8192), CLASS(8256), CLASS(12288), CLASS(16448), CLASS(32832),
};
#undef CLASS
#define NR_CLASSES	ARRAY_SIZE(classes)
#define MAX_SMALL	4160u
#define MAX_CLASS_SIZE	32832u

/* Class of a size of (n + 15) / 16 units, n <= MAX_SMALL: one look-up. */
#define C64(n)		(n) * 4 - 3 ... (n) * 4
static const u8 class_of_16[] = {
	[0 ... 1] = 0, [2] = 1, [3] = 2, [4] = 3, [C64(2)] = 4, [C64(3)] = 5,
	[C64(4)] = 6, [C64(5)] = 7, [C64(6)] = 8, [25 ... 32] = 9,
	[33 ... 40] = 10, [41 ... 48] = 11, [49 ... 64] = 12, [65 ... 80] = 13,
	[81 ... 96] = 14, [97 ... 116] = 15, [117 ... 128] = 16, [C64(33)] = 17,
	[133 ... 160] = 18, [161 ... 192] = 19, [193 ... 256] = 20,
	[C64(65)] = 21,
};
#undef C64
static_assert(ARRAY_SIZE(class_of_16) == MAX_SMALL / 16 + 1, "whole table");

struct chunk {
	u32 magic;
	u32 class;			/* CLASS_LARGE: one large piece */
	struct slab_depot *depot;
	const void *small_of;		/* the depot; large pieces: no depot */
	size_t size;			/* of the chunk, header included */
	struct list_head list;		/* depot->chunks or ->large */
	u32 batch;			/* of the class */
	u8 pad[12];
};
static_assert(sizeof(struct chunk) == 64, "objects start aligned");

/* A free object. */
struct free_obj {
	struct free_obj *next;		/* in its batch */
	struct free_obj *next_batch;	/* first object of a batch only */
};
static_assert(sizeof(struct free_obj) <= 16, "fits the smallest class");

struct depot_class {
	spinlock_t lock;
	struct free_obj *batches;	/* full batches */
	struct free_obj *loose;		/* fewer than a batch, from drains */
	u8 *cut, *cut_end;		/* what is left of the newest chunk */
	s64 out;			/* objects not in the depot */
} __cacheline;

struct slab_magazine {
	void *head;		/* free objects, linked by their first word */
	void *spare;		/* a full batch of the same, or NULL */
	u32 count;		/* objects at head */
};

/* Allocated on a cache line of its own. Not so declared: a walk of the depot's
 * list ends at the list's head, which is on none. */
struct slab_magazines {
	u64 allocs;		/* asked for of these; only by the occupant */
	bool watched;		/* one is to fail: see watch(); any thread */
	struct slab_magazine of[NR_CLASSES];
	struct slab_depot *depot;
	struct percpu *owner;		/* NULL: shared */
	struct list_head list;		/* depot->magazines */
};

struct slab_depot {
	struct platform *platform;
	u64 fail_nth;			/* fault injection; 0: off */
	/* of what follows but per_class; inner most */
	spinlock_t lock __cacheline;
	u64 allocs;			/* by magazines that have ended */
	s64 nr_large, large_bytes;
	size_t bytes;			/* from the platform */
	struct list_head chunks, large, magazines;
	struct depot_class per_class[NR_CLASSES];
};

static inline u32 size_class(size_t size)
{
	u32 c;

	if (likely(size <= MAX_SMALL))
		return class_of_16[(size + 15) / 16];
	for (c = class_of_16[MAX_SMALL / 16]; classes[c].size < size; )
		c++;
	return c;
}

/* Not looked at yet. */
static inline struct chunk *chunk_at(const void *p)
{
	return (struct chunk *)((uintptr_t)p & ~(uintptr_t)(CHUNK_SIZE - 1));
}

static inline struct chunk *chunk_of(const void *p)
{
	struct chunk *c = chunk_at(p);

	BUG_ON(c->magic != CHUNK_MAGIC);
	return c;
}

/* --- memory of the platform --------------------------------------------------- */

static void *piece_alloc(struct slab_depot *d, size_t size, size_t align)
{
	void *piece = d->platform->ops->alloc(d->platform, size, align);

	if (piece) {
		spin_lock(&d->lock);
		d->bytes += size;
		spin_unlock(&d->lock);
	}
	return piece;
}

static void piece_free(struct slab_depot *d, void *piece, size_t size)
{
	spin_lock(&d->lock);
	d->bytes -= size;
	spin_unlock(&d->lock);
	d->platform->ops->free(d->platform, piece, size);
}

/* --- the depot -------------------------------------------------------------- */

struct slab_depot *slab_depot_create(struct platform *p)
{
	struct slab_depot *d = p->ops->alloc(p, sizeof(*d), 64);

	if (!d)
		return NULL;
	memset(d, 0, sizeof(*d));
	d->platform = p;
	d->bytes = sizeof(*d);
	INIT_LIST_HEAD(&d->chunks);
	INIT_LIST_HEAD(&d->large);
	INIT_LIST_HEAD(&d->magazines);
	return d;
}

static void free_chunks(struct slab_depot *d, struct list_head *list)
{
	struct chunk *c, *n;

	list_for_each_entry_safe(c, n, list, list) {
		asan_unpoison(c, c->size);
		piece_free(d, c, c->size);
	}
}

static void free_magazines(struct slab_depot *d)
{
	struct slab_magazines *s, *n;

	list_for_each_entry_safe(s, n, &d->magazines, list) {
		if (s->owner) {
			s->owner->magazines = NULL;
			s->owner->depot = NULL;
		}
		piece_free(d, s, sizeof(*s));
	}
}

size_t slab_depot_destroy(struct slab_depot *d)
{
	size_t leaked = slab_in_use(d);

	free_magazines(d);
	free_chunks(d, &d->chunks);
	free_chunks(d, &d->large);
	d->platform->ops->free(d->platform, d, sizeof(*d));
	return leaked;
}

/* A chunk for `class` or, with CLASS_LARGE, of `size` bytes. */
static struct chunk *chunk_create(struct slab_depot *d, u32 class, size_t size)
{
	struct chunk *c = piece_alloc(d, size, CHUNK_SIZE);

	if (!c)
		return NULL;
	c->magic = CHUNK_MAGIC;
	c->class = class;
	c->depot = d;
	c->small_of = class == CLASS_LARGE ? (void *)c : d;
	c->batch = class == CLASS_LARGE ? 0 : classes[class].batch;
	c->size = size;
	spin_lock(&d->lock);
	if (class == CLASS_LARGE) {
		d->nr_large++;
		d->large_bytes += (s64)size;
		list_add(&c->list, &d->large);
	} else {
		list_add(&c->list, &d->chunks);
	}
	spin_unlock(&d->lock);
	return c;
}

/* Objects cut off the class's chunk: a list of up to `want`. Lock held. */
static struct free_obj *cut_batch(struct slab_depot *d, u32 class, u32 want,
				  u32 *got)
{
	struct depot_class *dc = &d->per_class[class];
	size_t size = classes[class].size;
	struct free_obj *first = NULL;
	struct chunk *c;

	if ((size_t)(dc->cut_end - dc->cut) < size) {
		c = chunk_create(d, class, CHUNK_SIZE);
		if (!c)
			return NULL;
		dc->cut = (u8 *)(c + 1);
		dc->cut_end = (u8 *)c + CHUNK_SIZE;
	}
	for (*got = 0; *got < want; ++*got) {
		struct free_obj *o = (struct free_obj *)dc->cut;

		if ((size_t)(dc->cut_end - dc->cut) < size)
			break;
		dc->cut += size;
		o->next = first;
		if (first)
			asan_poison(first, size);
		first = o;
	}
	return first;			/* the first stays readable */
}

/* What was drained one by one. Lock held. */
static struct free_obj *take_loose(struct depot_class *dc, u32 class, u32 want,
				   u32 *got)
{
	struct free_obj *first = NULL, *o;

	for (*got = 0; *got < want && dc->loose; ++*got) {
		o = dc->loose;
		asan_unpoison(o, sizeof(*o));
		dc->loose = o->next;
		o->next = first;
		if (first)
			asan_poison(first, classes[class].size);
		first = o;
	}
	return first;
}

/* A list of up to a batch of objects, its first one readable. NULL: none. */
static struct free_obj *depot_get(struct slab_depot *d, u32 class, u32 *got)
{
	struct depot_class *dc = &d->per_class[class];
	u32 want = classes[class].batch;
	struct free_obj *first;

	*got = 0;
	spin_lock(&dc->lock);
	first = dc->batches;
	if (first) {
		asan_unpoison(first, sizeof(*first));
		dc->batches = first->next_batch;
		*got = want;
	} else if (dc->loose) {
		first = take_loose(dc, class, want, got);
	} else {
		first = cut_batch(d, class, want, got);
	}
	dc->out += *got;
	spin_unlock(&dc->lock);
	return first;
}

static void depot_put_batch(struct slab_depot *d, u32 class,
			    struct free_obj *first)
{
	struct depot_class *dc = &d->per_class[class];

	asan_unpoison(first, sizeof(*first));
	spin_lock(&dc->lock);
	first->next_batch = dc->batches;
	dc->batches = first;
	dc->out -= classes[class].batch;
	spin_unlock(&dc->lock);
	asan_poison(first, sizeof(*first));
}

/* A list of n objects, one by one: rare. */
static void depot_put_loose(struct slab_depot *d, u32 class,
			    struct free_obj *o, u32 n)
{
	struct depot_class *dc = &d->per_class[class];
	struct free_obj *next;

	spin_lock(&dc->lock);
	for (; n; n--, o = next) {
		asan_unpoison(o, sizeof(*o));
		next = o->next;
		o->next = dc->loose;
		dc->loose = o;
		dc->out--;
		asan_poison(o, sizeof(*o));
	}
	spin_unlock(&dc->lock);
}

/* Objects of a class that are neither in the depot nor in magazines. */
static s64 class_in_use(struct slab_depot *d, u32 class)
{
	s64 n = READ_ONCE(d->per_class[class].out);
	const struct slab_magazines *s;

	list_for_each_entry(s, &d->magazines, list) {
		n -= READ_ONCE(s->of[class].count);
		n -= READ_ONCE(s->of[class].spare) ? classes[class].batch : 0;
	}
	return n > 0 ? n : 0;		/* other CPUs move while we add */
}

size_t slab_in_use(struct slab_depot *d)
{
	s64 n;

	spin_lock(&d->lock);
	n = d->nr_large;
	for (u32 c = 0; c < NR_CLASSES; c++)
		n += class_in_use(d, c);
	spin_unlock(&d->lock);
	return (size_t)n;
}

size_t slab_bytes_in_use(struct slab_depot *d)
{
	s64 n;

	spin_lock(&d->lock);
	n = d->large_bytes;
	for (u32 c = 0; c < NR_CLASSES; c++)
		n += class_in_use(d, c) * classes[c].size;
	spin_unlock(&d->lock);
	return (size_t)n;
}

size_t slab_bytes(struct slab_depot *d)
{
	size_t bytes;

	spin_lock(&d->lock);
	bytes = d->bytes;
	spin_unlock(&d->lock);
	return bytes;
}

/* --- fault injection ---------------------------------------------------------- */

/* All that kmalloc looks at is in its magazines. Depot's lock held. */
static void watch(struct slab_depot *d)
{
	bool on = __atomic_load_n(&d->fail_nth, __ATOMIC_RELAXED);
	struct slab_magazines *s;

	list_for_each_entry(s, &d->magazines, list)
		WRITE_ONCE(s->watched, on);
}

u64 slab_fail_nth(struct slab_depot *d, u64 n)
{
	u64 left = __atomic_exchange_n(&d->fail_nth, n, __ATOMIC_RELAXED);

	spin_lock(&d->lock);
	watch(d);
	spin_unlock(&d->lock);
	return left;
}

u64 slab_allocs(struct slab_depot *d)
{
	const struct slab_magazines *s;
	u64 n;

	spin_lock(&d->lock);
	n = d->allocs;
	list_for_each_entry(s, &d->magazines, list)
		n += READ_ONCE(s->allocs);
	spin_unlock(&d->lock);
	return n;
}

/* Counts down; true when this allocation is the one to fail. */
static noinline bool injected_failure(struct slab_depot *d)
{
	u64 n = __atomic_load_n(&d->fail_nth, __ATOMIC_RELAXED);

	while (n)
		if (__atomic_compare_exchange_n(&d->fail_nth, &n, n - 1, true,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return n == 1;
	return false;
}

/* --- CPUs ------------------------------------------------------------------- */

static struct slab_magazines *magazines_create(struct slab_depot *d,
					       struct percpu *owner)
{
	struct slab_magazines *s = piece_alloc(d, sizeof(*s), 64);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->depot = d;
	s->owner = owner;
	spin_lock(&d->lock);
	list_add(&s->list, &d->magazines);
	watch(d);
	spin_unlock(&d->lock);
	return s;
}

struct slab_magazines *slab_magazines_create(struct slab_depot *d)
{
	return magazines_create(d, NULL);
}

int slab_attach_cpu(struct slab_depot *d, struct slab_magazines *shared,
		    struct percpu *pc)
{
	BUG_ON(pc->depot || (shared && shared->depot != d));
	pc->magazines = shared ? shared : magazines_create(d, pc);
	if (!pc->magazines)
		return -ENOMEM;
	pc->depot = d;
	return 0;
}

void slab_detach_cpu(struct percpu *pc)
{
	struct slab_magazines *s = pc->magazines;
	struct slab_depot *d = pc->depot;

	if (!d)
		return;
	if (s->owner == pc) {
		slab_drain_cpu(pc);
		spin_lock(&d->lock);
		list_del(&s->list);
		d->allocs += s->allocs;
		spin_unlock(&d->lock);
		piece_free(d, s, sizeof(*s));
	}
	pc->magazines = NULL;
	pc->depot = NULL;
}

void slab_drain_cpu(struct percpu *pc)
{
	for (u32 c = 0; c < NR_CLASSES; c++) {
		struct slab_magazine *m = &pc->magazines->of[c];

		if (m->spare)
			depot_put_batch(pc->depot, c, m->spare);
		depot_put_loose(pc->depot, c, m->head, m->count);
		*m = (struct slab_magazine){ 0 };
	}
}

/* --- kmalloc ---------------------------------------------------------------- */

static noinline void *large_alloc(struct slab_depot *d, size_t size)
{
	struct chunk *c;

	if (size > SIZE_MAX / 2)
		return NULL;
	c = chunk_create(d, CLASS_LARGE, size + sizeof(*c));
	return c ? c + 1 : NULL;
}

static noinline void large_free(struct chunk *c)
{
	struct slab_depot *d = c->depot;

	spin_lock(&d->lock);
	d->nr_large--;
	d->large_bytes -= (s64)c->size;
	list_del(&c->list);
	spin_unlock(&d->lock);
	c->magic = 0;
	piece_free(d, c, c->size);
}

static noinline bool magazine_refill(struct percpu *pc, u32 class)
{
	struct slab_magazine *m = &pc->magazines->of[class];

	if (m->spare) {
		m->head = m->spare;
		m->count = classes[class].batch;
		m->spare = NULL;
		return true;
	}
	m->head = depot_get(pc->depot, class, &m->count);
	return m->head;
}

/* The magazine is full: it becomes the spare. */
static noinline void magazine_turn(struct percpu *pc, u32 class)
{
	struct slab_magazine *m = &pc->magazines->of[class];

	if (m->spare)
		depot_put_batch(pc->depot, class, m->spare);
	m->spare = m->head;
	m->head = NULL;
	m->count = 0;
}

static inline void *magazine_take(struct slab_magazine *m, u32 class,
				  size_t size)
{
	struct free_obj *o = m->head;

	asan_unpoison(o, sizeof(*o));
	m->head = o->next;
	m->count--;
	asan_poison(o, classes[class].size);
	asan_unpoison(o, size);
	return o;
}

static inline void magazine_give(struct slab_magazine *m, u32 class,
				 struct free_obj *o)
{
	o->next = m->head;
	m->head = o;
	m->count++;
	asan_poison(o, classes[class].size);
}

/* The rare ways of kmalloc and kfree are their last calls, so that the usual
 * way needs no registers saved. */

static noinline void *refill_and_take(struct percpu *pc, u32 class, size_t size)
{
	if (!magazine_refill(pc, class))
		return NULL;
	return magazine_take(&pc->magazines->of[class], class, size);
}

static noinline void turn_and_give(struct percpu *pc, u32 class,
				   struct free_obj *o)
{
	magazine_turn(pc, class);
	magazine_give(&pc->magazines->of[class], class, o);
}

/* Freed outside of the stack, or by a CPU of another depot. */
static noinline void give_to_depot(struct chunk *c, struct free_obj *o)
{
	o->next = NULL;
	asan_poison(o, classes[c->class].size);
	depot_put_loose(c->depot, c->class, o, 1);
}

static __always_inline void *take(struct percpu *pc, struct slab_magazines *s,
				  size_t size)
{
	u32 class = size_class(size);
	struct slab_magazine *m = &s->of[class];

	if (unlikely(!m->head))
		return refill_and_take(pc, class, size);
	return magazine_take(m, class, size);
}

static noinline void *take_watched(struct percpu *pc, size_t size)
{
	if (injected_failure(pc->depot))
		return NULL;
	if (size > MAX_CLASS_SIZE)
		return large_alloc(pc->depot, size);
	return take(pc, pc->magazines, size);
}

void *kmalloc(size_t size)
{
	struct percpu *pc = this_percpu();
	struct slab_magazines *s = pc->magazines;

	s->allocs++;
	if (unlikely(READ_ONCE(s->watched) || size > MAX_SMALL))
		return take_watched(pc, size);
	return take(pc, s, size);
}

/* A large piece, or freed outside of the stack, or by a CPU of another depot. */
static noinline void free_elsewhere(const void *p)
{
	struct chunk *c = chunk_of(p);
	struct free_obj *o = (struct free_obj *)p;

	if (c->class == CLASS_LARGE) {
		large_free(c);
		return;
	}
	asan_unpoison(o, sizeof(*o));
	give_to_depot(c, o);
}

void kfree(const void *p)
{
	struct percpu *pc = this_percpu();
	struct free_obj *o = (struct free_obj *)p;
	struct chunk *c = chunk_at(p);
	struct slab_magazine *m;

	if (unlikely(!p))
		return;
	/* nothing but a chunk of the CPU's depot has that depot's address */
	if (unlikely(!pc || pc->depot != c->small_of)) {
		free_elsewhere(p);
		return;
	}
	asan_unpoison(o, sizeof(*o));
	m = &pc->magazines->of[c->class];
	if (unlikely(m->count >= c->batch))
		turn_and_give(pc, c->class, o);
	else
		magazine_give(m, c->class, o);
}

/* --- made of these ------------------------------------------------------------ */

size_t ksize(const void *p)
{
	struct chunk *c = chunk_of(p);
	size_t size;

	if (c->class == CLASS_LARGE)
		return c->size - sizeof(*c);
	size = classes[c->class].size;
	asan_unpoison(p, size);
	return size;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	if (likely(p))
		memset(p, 0, size);
	return p;
}

void *kcalloc(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kzalloc(bytes);
}

void *kmemdup(const void *p, size_t n)
{
	void *to = kmalloc(n);

	return to ? memcpy(to, p, n) : NULL;
}

char *kstrdup(const char *s)
{
	return kmemdup(s, strlen(s) + 1);
}
