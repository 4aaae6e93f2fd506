/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a route's life: who drops the last reference calls the maker. */
#include "dev/dst.h"

void dst_release(struct dst_entry *dst)
{
	if (dst && refcount_dec_and_test(&dst->ref.refs))
		dst->ref.release(&dst->ref);
}
