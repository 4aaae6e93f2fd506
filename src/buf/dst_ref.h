/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a packet knows of its route: a reference to give back. struct
 * dst_entry (dev/dst.h) starts with it, so that the lowest floors can free a
 * packet without knowing of routes.
 */
#ifndef WEIR_BUF_DST_REF_H
#define WEIR_BUF_DST_REF_H

#include "base/lock.h"

struct dst_ref {
	refcount_t refs;
	void (*release)(struct dst_ref *ref);	/* the last reference went */
};

static inline void dst_ref_put(struct dst_ref *ref)
{
	if (refcount_dec_and_test(&ref->refs))
		ref->release(ref);
}

#endif
