/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk over the program's buffers. Each step takes the largest piece that
 * lies in one iovec; pieces go through copy_bytes (our own address space) or
 * the ops of a served stack, which may fault.
 */
#include "buf/iov_iter.h"

#include "base/checksum.h"

void iov_iter_init(struct iov_iter *i, const struct iovec *iov, u32 nr_segs,
		   size_t count)
{
	*i = (struct iov_iter){ .iov = iov, .nr_segs = nr_segs,
				.count = count };
}

void iov_iter_single(struct iov_iter *i, struct iovec *iov, void *buf,
		     size_t len)
{
	iov->iov_base = buf;
	iov->iov_len = len;
	iov_iter_init(i, iov, 1, len);
}

/* The rest of the present iovec, at most n bytes. 0: the end. */
static size_t piece(struct iov_iter *i, size_t n, void **p)
{
	size_t left;

	n = min(n, i->count);
	while (n && i->nr_segs && i->iov_offset == i->iov->iov_len) {
		i->iov++;
		i->nr_segs--;
		i->iov_offset = 0;
	}
	if (!n || !i->nr_segs)
		return 0;
	left = i->iov->iov_len - i->iov_offset;
	*p = (char *)i->iov->iov_base + i->iov_offset;
	return min(n, left);
}

static inline void advance_in_piece(struct iov_iter *i, size_t n)
{
	i->iov_offset += n;
	i->count -= n;
}

static void count_copy(size_t n, enum copy_why why)
{
	struct percpu *pc = this_percpu();

	if (pc) {
		pc->copies[why]++;
		pc->copy_bytes[why] += n;
	}
}

static bool to_user(struct iov_iter *i, void *to, const void *from, size_t n,
		    enum copy_why why)
{
	if (likely(!i->mem)) {
		copy_bytes(to, from, n, why);
		return true;
	}
	if (i->mem->copy_out(i->mem_ctx, to, from, n))
		return false;
	count_copy(n, why);
	return true;
}

static bool from_user(struct iov_iter *i, void *to, const void *from, size_t n,
		      enum copy_why why)
{
	if (likely(!i->mem)) {
		copy_bytes(to, from, n, why);
		return true;
	}
	if (i->mem->copy_in(i->mem_ctx, to, from, n))
		return false;
	count_copy(n, why);
	return true;
}

size_t copy_to_iter(const void *from, size_t n, struct iov_iter *to,
		    enum copy_why why)
{
	const u8 *f = from;
	size_t done = 0, len;
	void *p;

	while (done < n && (len = piece(to, n - done, &p))) {
		if (!to_user(to, p, f + done, len, why))
			break;
		advance_in_piece(to, len);
		done += len;
	}
	return done;
}

size_t copy_from_iter(void *to, size_t n, struct iov_iter *from,
		      enum copy_why why)
{
	u8 *t = to;
	size_t done = 0, len;
	void *p;

	while (done < n && (len = piece(from, n - done, &p))) {
		if (!from_user(from, t + done, p, len, why))
			break;
		advance_in_piece(from, len);
		done += len;
	}
	return done;
}

size_t csum_and_copy_from_iter(void *to, size_t n, __wsum *csum,
			       struct iov_iter *from)
{
	u8 *t = to;
	size_t done = 0, len;
	__wsum part;
	void *p;

	while ((len = piece(from, n - done, &p))) {
		if (likely(!from->mem)) {
			part = csum_and_copy(t + done, p, len, 0);
			count_copy(len, COPY_USER_TO_SKB);
		} else if (from_user(from, t + done, p, len,
				     COPY_USER_TO_SKB)) {
			part = csum_partial(t + done, len, 0);
		} else {
			break;
		}
		*csum = csum_block_add(*csum, part, done);
		advance_in_piece(from, len);
		done += len;
	}
	return done;
}

size_t csum_and_copy_to_iter(const void *from, size_t n, __wsum *csum,
			     struct iov_iter *to)
{
	const u8 *f = from;
	size_t done = 0, len;
	__wsum part;
	void *p;

	while ((len = piece(to, n - done, &p))) {
		if (likely(!to->mem)) {
			part = csum_and_copy(p, f + done, len, 0);
			count_copy(len, COPY_SKB_TO_USER);
		} else if (to_user(to, p, f + done, len, COPY_SKB_TO_USER)) {
			part = csum_partial(f + done, len, 0);
		} else {
			break;
		}
		*csum = csum_block_add(*csum, part, done);
		advance_in_piece(to, len);
		done += len;
	}
	return done;
}

void iov_iter_advance(struct iov_iter *i, size_t n)
{
	size_t len;
	void *p;

	while ((len = piece(i, n, &p))) {
		advance_in_piece(i, len);
		n -= len;
	}
}

void iov_iter_revert(struct iov_iter *i, const struct iovec *first, size_t n)
{
	i->count += n;
	while (n > i->iov_offset) {
		n -= i->iov_offset;
		BUG_ON(i->iov == first);
		i->iov--;
		i->nr_segs++;
		i->iov_offset = i->iov->iov_len;
	}
	i->iov_offset -= n;
}
