/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's memory, as system calls see it. Every byte of payload that
 * is copied goes through copy_bytes(), which is told why; every access to the
 * program's memory goes through copy_to_iter/copy_from_iter, so that a served
 * stack can reach another process's memory by other ops.
 */
#ifndef WEIR_BUF_IOV_ITER_H
#define WEIR_BUF_IOV_ITER_H

#include "base/types.h"
#include <sys/uio.h>
#include "base/percpu.h"

/* How to reach the program's memory; NULL: it is our own address space. */
struct user_mem_ops {
	int (*copy_in)(void *ctx, void *to, const void *from, size_t n);
	int (*copy_out)(void *ctx, void *to, const void *from, size_t n);
};

struct iov_iter {
	const struct iovec *iov;	/* current segment */
	u32 nr_segs;
	size_t iov_offset;		/* used up in the current segment */
	size_t count;			/* bytes left */
	const struct user_mem_ops *mem;
	void *mem_ctx;
};

/* The one place where payload is copied and counted. */
static inline void copy_bytes(void *to, const void *from, size_t n,
			      enum copy_why why)
{
	struct percpu *pc = this_percpu();

	memcpy(to, from, n);
	if (likely(pc)) {
		pc->copies[why]++;
		pc->copy_bytes[why] += n;
	}
}

void iov_iter_init(struct iov_iter *i, const struct iovec *iov, u32 nr_segs,
		   size_t count);
/* One buffer; `iov` is the caller's storage and must outlive i. */
void iov_iter_single(struct iov_iter *i, struct iovec *iov, void *buf,
		     size_t len);
/* Bytes copied: n, or fewer when the iterator ends or memory faults. */
size_t copy_to_iter(const void *from, size_t n, struct iov_iter *to,
		    enum copy_why why);
size_t copy_from_iter(void *to, size_t n, struct iov_iter *from,
		      enum copy_why why);
/* Copy, and add the bytes' sum to *csum (the first byte is at an even offset
 * of what is summed). */
size_t csum_and_copy_from_iter(void *to, size_t n, __wsum *csum,
			       struct iov_iter *from);
size_t csum_and_copy_to_iter(const void *from, size_t n, __wsum *csum,
			     struct iov_iter *to);
void iov_iter_advance(struct iov_iter *i, size_t n);
/* n bytes back; `first` is where the iterator began. */
void iov_iter_revert(struct iov_iter *i, const struct iovec *first, size_t n);

#endif
