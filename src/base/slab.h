/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for the stack. Objects of a size class come from the running CPU's
 * magazine (no lock), which is filled from and drained to the machine's depot
 * in batches; larger pieces come from the platform. Freed memory is poisoned
 * for ASan. All may fail: NULL. Any context.
 *
 * A machine has a depot of its own, and each of its CPUs its own magazines.
 * Many machines that one thread runs in turn (a world of virtual time) may
 * share one depot and one set of magazines: then a host costs what it uses,
 * not a chunk of each size class.
 */
#ifndef WEIR_BASE_SLAB_H
#define WEIR_BASE_SLAB_H

#include "base/types.h"
#include "base/platform.h"

struct slab_depot;

struct percpu;

/* NULL: the platform has no memory. Destroy needs that nothing allocated is
 * still in use, and ends all magazines; the CPUs that used them must not
 * allocate any more. It returns the number of objects leaked (0 when clean). */
struct slab_depot *slab_depot_create(struct platform *p) __must_check;
size_t slab_depot_destroy(struct slab_depot *d);
/* A set of magazines that several CPUs may share, of which no two ever run at
 * the same time. It belongs to d and ends with it. NULL: no memory. */
struct slab_magazines *slab_magazines_create(struct slab_depot *d) __must_check;

/* The CPU allocates from d from now on, through `shared` or (NULL) through
 * magazines of its own; before its first kmalloc(). 0 or -ENOMEM. */
int slab_attach_cpu(struct slab_depot *d, struct slab_magazines *shared,
		    struct percpu *pc) __must_check;
/* The CPU goes away: its own magazines are given back and end. */
void slab_detach_cpu(struct percpu *pc);
/* Gives what is in the CPU's magazines back (memory is short). It stays
 * attached. Only by the CPU's occupant, or when it has none. */
void slab_drain_cpu(struct percpu *pc);

/* Objects out at present (all classes), for leak checks and /proc. */
size_t slab_in_use(struct slab_depot *d);
/* Bytes of these, as much as their size classes take. */
size_t slab_bytes_in_use(struct slab_depot *d);
/* Bytes that it has from the platform at present, itself included. */
size_t slab_bytes(struct slab_depot *d);
/* Fault injection: the n-th allocation from now fails (0: none fails). How
 * many were still to come until then; 0: it has failed, or none was to. */
u64 slab_fail_nth(struct slab_depot *d, u64 n);
/* Allocations asked for so far, failed ones included. The n-th is the one that
 * slab_fail_nth(d, n), called first, makes fail in a run alike. */
u64 slab_allocs(struct slab_depot *d);

/*
 * Uninitialised / zeroed memory of `size` bytes, aligned to 16 (64 from 64
 * bytes up). kfree(NULL) is fine. The running CPU's machine is used; code
 * that has no CPU must not call these.
 */
void *kmalloc(size_t size) __must_check;
void *kzalloc(size_t size) __must_check;
/* Zeroed array; NULL also when n * size overflows. */
void *kcalloc(size_t n, size_t size) __must_check;
/* From any CPU, or none: what another machine's CPU allocated goes back to
 * its own depot. */
void kfree(const void *p);
/* Bytes that the object at p may really use (its size class). */
size_t ksize(const void *p);
char *kstrdup(const char *s) __must_check;
void *kmemdup(const void *p, size_t n) __must_check;

#endif
