/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Statistics registers (82576 8.18): 32 bits, cleared by reading. Octet
 * counters are 64 bits wide; reading the upper half clears both.
 */
#include "hw/e82576.h"

static bool is_wide_low(u32 reg)
{
	return reg == E1000_GORCL || reg == E1000_GOTCL || reg == E1000_TORL;
}

static bool is_wide_high(u32 reg)
{
	return reg == E1000_GORCH || reg == E1000_GOTCH || reg == E1000_TORH;
}

u32 e82576_stats_readl(struct e82576 *hw, u32 reg)
{
	u64 *s = &hw->stat[(reg - E1000_STATS) / 4];

	if (is_wide_low(reg))
		return (u32)__atomic_load_n(s, __ATOMIC_RELAXED);
	if (is_wide_high(reg))
		return (u32)(__atomic_exchange_n(s - 1, 0,
						 __ATOMIC_RELAXED) >> 32);
	return (u32)__atomic_exchange_n(s, 0, __ATOMIC_RELAXED);
}
