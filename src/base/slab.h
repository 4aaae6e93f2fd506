/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory for the stack. Objects of a size class come from the running CPU's
 * magazine (no lock), which is filled from and drained to the machine's depot
 * in batches; larger pieces come from the platform. Freed memory is poisoned
 * for ASan. All may fail: NULL. Any context.
 */
#ifndef WEIR_BASE_SLAB_H
#define WEIR_BASE_SLAB_H

#include "base/types.h"
#include "base/platform.h"

struct slab_depot;

/* One per machine. Destroy needs that nothing allocated is still in use;
 * it returns the number of objects leaked (0 when clean). */
struct slab_depot *slab_depot_create(struct platform *p);
size_t slab_depot_destroy(struct slab_depot *d);
/* The CPU allocates from d from now on; before its first kmalloc(). */
struct percpu;
void slab_attach_cpu(struct slab_depot *d, struct percpu *pc);
/* Gives the CPU's magazines back (CPU goes away, or memory is short). It
 * stays attached. Only by the CPU's occupant, or when it has none. */
void slab_drain_cpu(struct percpu *pc);
/* Objects out at present (all classes), for leak checks and /proc. */
size_t slab_in_use(struct slab_depot *d);
/* Fault injection: the n-th allocation from now fails (0: none fails). How
 * many were still to come until then; 0: it has failed, or none was to. */
u64 slab_fail_nth(struct slab_depot *d, u64 n);

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
