/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The 82576's registers: which offset means what, reset, and the parts of the
 * device that are neither receive, transmit nor interrupt. See hw/e82576.h.
 */
#include "hw/e82576.h"

void e82576_reset(struct e82576 *hw)
{
	u32 i;

	e82576_tx_lock(hw);
	for (i = 0; i < E82576_QUEUES; i++) {
		hw->txq[i].ring = NULL;
		hw->txq[i].head = hw->txq[i].tail = hw->txq[i].seg_done = 0;
		hw->txq[i].vector = E82576_VECTOR_NONE;
		hw->txq[i].dctl = 0;
	}
	WRITE_ONCE(hw->tx_waiting, 0);
	WRITE_ONCE(hw->tx_unwritten, 0);
	e82576_tx_unlock(hw);
	spin_lock(&hw->rx_lock);
	hw->rctl = hw->tctl = hw->mrqc = hw->rxcsum = hw->vx_ctrl = 0;
	hw->rlpml = 1522;
	memset(hw->mta, 0, sizeof(hw->mta));
	for (i = 0; i < E82576_QUEUES; i++)
		hw->rxq[i] = (struct e82576_rxq){
			.vector = E82576_VECTOR_NONE };
	memset(hw->rar, 0, sizeof(hw->rar));
	memcpy(&hw->rar[0], hw->cfg.mac, 6);	/* loaded from the EEPROM */
	spin_unlock(&hw->rx_lock);
	spin_lock(&hw->irq_lock);
	hw->icr = hw->ims = hw->iam = hw->held = 0;
	hw->eiac = hw->eiam = hw->gpie = 0;
	WRITE_ONCE(hw->eims, 0);
	WRITE_ONCE(hw->eicr, 0);
	memset(hw->ivar, 0, sizeof(hw->ivar));
	memset(hw->eitr, 0, sizeof(hw->eitr));
	spin_unlock(&hw->irq_lock);
}

void e82576_init(struct e82576 *hw, const struct e82576_config *cfg)
{
	u32 i;

	hw->cfg = *cfg;
	hw->link = cfg->link;
	spin_lock_init(&hw->rx_lock);
	spin_lock_init(&hw->irq_lock);
	for (i = 0; i < E82576_QUEUES; i++)
		hw->txq[i].index = (u8)i;
	rss_key_ready(&hw->rss);
	e82576_reset(hw);
}

/* --- receive configuration; rx_lock held ------------------------------------ */

static void write_ral(struct e82576 *hw, u32 n, u32 value)
{
	memcpy(&hw->rar[n], &value, 4);
}

static void write_rah(struct e82576 *hw, u32 n, u32 value)
{
	memcpy((u8 *)&hw->rar[n] + 4, &value, 2);
	if (!(value & RAH_AV))
		hw->rar[n] = 0;
}

static void write_rssrk(struct e82576 *hw, u32 n, u32 value)
{
	memcpy(hw->rss.key + 4 * n, &value, 4);
	if (n == RSS_KEY_BYTES / 4 - 1)
		rss_key_ready(&hw->rss);
}

static bool within(u32 reg, u32 first, u32 n, u32 *index)
{
	*index = (reg - first) / 4;
	return reg >= first && reg < first + 4 * n;
}

static void write_rx_array(struct e82576 *hw, u32 reg, u32 value)
{
	u32 n;

	if (within(reg, E1000_RAL(0), 2 * E82576_RAR, &n)) {
		if (n & 1)
			write_rah(hw, n / 2, value);
		else
			write_ral(hw, n / 2, value);
	} else if (within(reg, E1000_MTA(0), E82576_MTA, &n)) {
		hw->mta[n] = value;
	} else if (within(reg, E1000_RETA(0), 32, &n)) {
		memcpy(hw->reta + 4 * n, &value, 4);
	} else if (within(reg, E1000_RSSRK(0), RSS_KEY_BYTES / 4, &n)) {
		write_rssrk(hw, n, value);
	}
}

static void write_config(struct e82576 *hw, u32 reg, u32 value)
{
	spin_lock(&hw->rx_lock);
	switch (reg) {
	case E1000_CTRL: hw->ctrl = value & ~CTRL_RST; break;
	case E1000_RCTL: hw->rctl = value; break;
	case E1000_TCTL: WRITE_ONCE(hw->tctl, value); break;
	case E1000_RXCSUM: hw->rxcsum = value; break;
	case E1000_RLPML: hw->rlpml = min(value, E82576_MAX_JUMBO); break;
	case E1000_MRQC: hw->mrqc = value; break;
	case E1000_VX_CTRL: hw->vx_ctrl = value; break;
	default: write_rx_array(hw, reg, value);
	}
	spin_unlock(&hw->rx_lock);
}

static u32 read_rar(const struct e82576 *hw, u32 index)
{
	u64 a = hw->rar[index / 2];

	if (!(index & 1))
		return (u32)a;
	return (u32)(a >> 32) | (a ? RAH_AV : 0);
}

static u32 read_config(struct e82576 *hw, u32 reg)
{
	u32 n, v;

	switch (reg) {
	case E1000_CTRL: return hw->ctrl;
	case E1000_STATUS:
		return STATUS_FD | STATUS_LU | STATUS_SPEED_1000;
	case E1000_RCTL: return hw->rctl;
	case E1000_TCTL: return hw->tctl;
	case E1000_RXCSUM: return hw->rxcsum;
	case E1000_RLPML: return hw->rlpml;
	case E1000_MRQC: return hw->mrqc;
	case E1000_VX_ID: return VX_MAGIC;
	case E1000_VX_CTRL: return hw->vx_ctrl;
	}
	if (within(reg, E1000_RAL(0), 2 * E82576_RAR, &n))
		return read_rar(hw, n);
	if (within(reg, E1000_MTA(0), E82576_MTA, &n))
		return hw->mta[n];
	v = 0;
	if (within(reg, E1000_RETA(0), 32, &n))
		memcpy(&v, hw->reta + 4 * n, 4);
	else if (within(reg, E1000_RSSRK(0), RSS_KEY_BYTES / 4, &n))
		memcpy(&v, hw->rss.key + 4 * n, 4);
	return v;
}

/* --- the bus side -------------------------------------------------------------- */

static bool is_rx_queue(u32 reg)
{
	return reg >= E1000_RX_Q(0, 0) && reg < E1000_RX_Q(E82576_QUEUES, 0);
}

static bool is_tx_queue(u32 reg)
{
	return reg >= E1000_TX_Q(0, 0) && reg < E1000_TX_Q(E82576_QUEUES, 0);
}

static bool is_irq(u32 reg)
{
	return reg >= E1000_ICR && reg <= E1000_IVAR_MISC;
}

u32 e82576_readl(struct e82576 *hw, u32 reg)
{
	if (is_rx_queue(reg))
		return e82576_rxq_readl(hw, reg);
	if (is_tx_queue(reg))
		return e82576_txq_readl(hw, reg);
	if (is_irq(reg))
		return e82576_irq_readl(hw, reg);
	if (reg >= E1000_STATS && reg < E1000_STATS_END)
		return e82576_stats_readl(hw, reg);
	return read_config(hw, reg);
}

void e82576_writel(struct e82576 *hw, u32 reg, u32 value)
{
	if (is_tx_queue(reg))
		e82576_txq_writel(hw, reg, value);
	else if (is_rx_queue(reg))
		e82576_rxq_writel(hw, reg, value);
	else if (is_irq(reg))
		e82576_irq_writel(hw, reg, value);
	else if (reg == E1000_CTRL && value & CTRL_RST)
		e82576_reset(hw);
	else
		write_config(hw, reg, value);
}

/* What WTHRESH holds back is written back when the vector's interval ends
 * (7.2.3.2). Here the steps are the clock: after so many in vain, and before
 * who steps goes to sleep; in virtual time at the next. */
#define WRITE_BACK_STEPS	64u

static noinline bool flush_at_last(struct e82576 *hw)
{
	u32 n = READ_ONCE(hw->tx_steps) + 1;

	WRITE_ONCE(hw->tx_steps, n);
	if (n < WRITE_BACK_STEPS && !hw->cfg.wake)
		return false;
	e82576_cause(hw, e82576_tx_flush(hw), ICR_TXDW);
	return true;
}

bool e82576_step(struct e82576 *hw)
{
	u32 waiting = READ_ONCE(hw->tx_waiting);
	bool did = waiting && e82576_tx_retry(hw, waiting);

	if (e82576_rx_step(hw))
		return true;
	return (unlikely(READ_ONCE(hw->tx_unwritten)) && flush_at_last(hw)) ||
	       did;
}

bool e82576_arm(struct e82576 *hw, u32 how)
{
	u32 events = READ_ONCE(hw->rx_starved) ? 0 : HW_LINK_RX;

	if (unlikely(READ_ONCE(hw->tx_unwritten))) {
		e82576_cause(hw, e82576_tx_flush(hw), ICR_TXDW);
		return false;
	}
	if (READ_ONCE(hw->tx_waiting))
		events |= HW_LINK_TX;
	return hw->link->ops->arm(hw->link, events, how);
}

void e82576_disarm(struct e82576 *hw)
{
	hw->link->ops->disarm(hw->link);
}
