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

/* Interrupts are counted by vector. */
static void sum_raised(struct e82576 *hw)
{
	u64 sum = 0;
	u32 v;

	for (v = 0; v < E82576_VECTORS; v++)
		sum += READ_ONCE(hw->raised[v]);
	e82576_count(hw, E1000_IAC, sum - hw->raised_read);
	hw->raised_read = sum;
}

static u32 read_clear(struct e82576 *hw, u32 reg)
{
	u64 *s = &hw->stat[(reg - E1000_STATS) / 4], v = *s;

	if (is_wide_low(reg))
		return (u32)v;
	if (is_wide_high(reg)) {
		v = s[-1];
		s[-1] = 0;
		return (u32)(v >> 32);
	}
	*s = 0;
	return (u32)v;
}

u32 e82576_stats_readl(struct e82576 *hw, u32 reg)
{
	u32 v;

	spin_lock(&hw->rx_lock);
	e82576_tx_lock(hw);
	if (reg == E1000_IAC)
		sum_raised(hw);
	v = read_clear(hw, reg);
	e82576_tx_unlock(hw);
	spin_unlock(&hw->rx_lock);
	return v;
}
