/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash by which two runs are compared: fast, the same on all machines of one
 * byte order, not for security. */
#ifndef WEIR_PLATFORM_SIM_HASH_H
#define WEIR_PLATFORM_SIM_HASH_H

#include "base/types.h"

/* `h` with n bytes mixed in. */
u64 sim_hash_bytes(u64 h, const void *bytes, size_t n);
static inline u64 sim_hash_word(u64 h, u64 w)
{
	h = (h ^ w) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

#endif
