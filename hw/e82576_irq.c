/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of the 82576 (datasheet 7.3, registers 8.8).
 *
 * MSI-X (GPIE.Multiple_MSIX): an event sets its vector's bit in EICR; if EIMS
 * enables the vector, a message goes out, EICR is cleared by EIAC and the
 * vector masked by EIAM. One vector: events set ICR, IMS enables, IAM masks.
 * A cause that comes while masked waits in the register and fires when the
 * driver enables it again.
 *
 * EITR (7.3.4) holds a vector back until its interval has passed. That needs
 * a clock that runs by itself: in real time messages go out at once, since
 * the receiver polls anyway.
 *
 * With MSI-X the usual ways take no lock. A cause sets EICR and then looks at
 * EIMS, who enables sets EIMS and then looks at EICR, both by operations that
 * are barriers: one of them sees the other. A vector that is enabled, cleared
 * and masked by its message is claimed by whoever clears its bit in EIMS.
 */
#include "hw/e82576.h"
#include "base/trace.h"

static void send_vectors(struct e82576 *hw, u32 fire)
{
	for (; fire; fire &= fire - 1) {
		u32 v = (u32)__builtin_ctz(fire);

		WRITE_ONCE(hw->raised[v], READ_ONCE(hw->raised[v]) + 1);
		trace_stage(STAGE_nic_irq, 0, 0);
		hw->cfg.raise(hw->cfg.arg, v);
	}
}

static void set_bits(u32 *word, u32 bits)
{
	__atomic_fetch_or(word, bits, __ATOMIC_SEQ_CST);
}

static void clear_bits(u32 *word, u32 bits)
{
	if (READ_ONCE(*word) & bits)
		__atomic_fetch_and(word, ~bits, __ATOMIC_SEQ_CST);
}

/* Vectors of `fire` that must wait for the end of their interval. */
static u32 moderated(struct e82576 *hw, u32 fire)
{
	ktime_t now, wait;
	u32 v, hold = 0;

	if (likely(!hw->cfg.moderate))
		return 0;
	now = hw->cfg.now(hw->cfg.arg);
	for (v = 0; v < E82576_VECTORS; v++) {
		wait = (hw->eitr[v] & EITR_INTERVAL) / 4 * NSEC_PER_USEC;
		if (!(fire & 1u << v) || !wait)
			continue;
		if (now - hw->last_raise[v] >= wait) {
			hw->last_raise[v] = now;
			continue;
		}
		hold |= 1u << v;
		if (!(hw->held & 1u << v))
			hw->cfg.moderate(hw->cfg.arg, v,
					 hw->last_raise[v] + wait - now);
	}
	hw->held |= hold;
	return hold;
}

/* irq_lock held; the vectors to send after it is released. */
static u32 evaluate_msix(struct e82576 *hw)
{
	u32 fire = __atomic_load_n(&hw->eicr, __ATOMIC_SEQ_CST) &
		   __atomic_load_n(&hw->eims, __ATOMIC_SEQ_CST), auto_mask;

	if (!fire)
		return 0;
	fire &= ~moderated(hw, fire);
	auto_mask = fire & hw->eiam;
	/* of those that mask themselves, the ones that nobody else claimed */
	fire &= ~auto_mask | __atomic_fetch_and(&hw->eims, ~auto_mask,
						__ATOMIC_SEQ_CST);
	clear_bits(&hw->eicr, fire & hw->eiac);
	return fire;
}

static u32 evaluate_single(struct e82576 *hw)
{
	u32 fire = hw->icr & hw->ims;

	if (!fire || moderated(hw, 1))
		return 0;
	hw->ims &= ~hw->iam;
	return 1;
}

static u32 evaluate(struct e82576 *hw)
{
	return hw->gpie & GPIE_MULTI_MSIX ? evaluate_msix(hw) :
					    evaluate_single(hw);
}

static noinline void evaluate_and_send(struct e82576 *hw, u32 vectors, u32 icr)
{
	u32 fire;

	spin_lock(&hw->irq_lock);
	set_bits(&hw->eicr, vectors);
	WRITE_ONCE(hw->icr, hw->icr | icr);
	fire = evaluate(hw);
	spin_unlock(&hw->irq_lock);
	send_vectors(hw, fire);
}

/* Causes of these vectors need no lock: all of them clear and mask themselves,
 * no clock holds them back, and ICR has been told before. */
static bool is_plain(const struct e82576 *hw, u32 vectors, u32 icr)
{
	return READ_ONCE(hw->gpie) & GPIE_MULTI_MSIX && !hw->cfg.moderate &&
	       !(vectors & ~(READ_ONCE(hw->eiac) & READ_ONCE(hw->eiam))) &&
	       !(icr & ~READ_ONCE(hw->icr));
}

void e82576_cause(struct e82576 *hw, u32 vectors, u32 icr)
{
	u32 fire = 0;

	if (unlikely(!is_plain(hw, vectors, icr))) {
		evaluate_and_send(hw, vectors, icr);
		return;
	}
	if (READ_ONCE(hw->eims) & vectors)
		fire = vectors & __atomic_fetch_and(&hw->eims, ~vectors,
						    __ATOMIC_SEQ_CST);
	vectors &= ~fire;
	if (vectors) {
		set_bits(&hw->eicr, vectors);
		if (unlikely(__atomic_load_n(&hw->eims, __ATOMIC_SEQ_CST) &
			     vectors))
			evaluate_and_send(hw, 0, 0);
	}
	send_vectors(hw, fire);
}

/* EIMS is written after each poll. */
static void write_eims(struct e82576 *hw, u32 value)
{
	set_bits(&hw->eims, value);
	if (unlikely(!(READ_ONCE(hw->gpie) & GPIE_MULTI_MSIX) ||
		     __atomic_load_n(&hw->eicr, __ATOMIC_SEQ_CST) & value))
		evaluate_and_send(hw, 0, 0);
}

void e82576_moderation_over(struct e82576 *hw, u32 vector)
{
	u32 fire;

	spin_lock(&hw->irq_lock);
	hw->held &= ~(1u << vector);
	fire = evaluate(hw);
	spin_unlock(&hw->irq_lock);
	send_vectors(hw, fire);
}

static u8 ivar_entry(u32 field)
{
	u32 v = field & 0x1f;

	return field & IVAR_VALID && v < E82576_VECTORS ? (u8)v :
							  E82576_VECTOR_NONE;
}

/* 8.8.13: IVAR[n] holds receive and transmit of queue n, then of n + 8. */
static void write_ivar(struct e82576 *hw, u32 n, u32 value)
{
	hw->ivar[n] = value;
	hw->rxq[n].vector = ivar_entry(value);
	hw->txq[n].vector = ivar_entry(value >> 8);
	hw->rxq[n + 8].vector = ivar_entry(value >> 16);
	hw->txq[n + 8].vector = ivar_entry(value >> 24);
}

static u32 read_icr(struct e82576 *hw)
{
	u32 v = hw->icr;

	WRITE_ONCE(hw->icr, 0);
	return v;
}

u32 e82576_irq_readl(struct e82576 *hw, u32 reg)
{
	u32 v = 0;

	spin_lock(&hw->irq_lock);
	switch (reg) {
	case E1000_ICR: v = read_icr(hw); break;
	case E1000_IMS: v = hw->ims; break;
	case E1000_IAM: v = hw->iam; break;
	case E1000_GPIE: v = hw->gpie; break;
	case E1000_EIMS: v = READ_ONCE(hw->eims); break;
	case E1000_EIAC: v = hw->eiac; break;
	case E1000_EIAM: v = hw->eiam; break;
	case E1000_EICR: v = READ_ONCE(hw->eicr); break;
	case E1000_IVAR_MISC: v = hw->ivar_misc; break;
	default:
		if (reg >= E1000_EITR(0) && reg < E1000_EITR(E82576_VECTORS))
			v = hw->eitr[(reg - E1000_EITR(0)) / 4];
		else if (reg >= E1000_IVAR(0) && reg < E1000_IVAR(8))
			v = hw->ivar[(reg - E1000_IVAR(0)) / 4];
	}
	spin_unlock(&hw->irq_lock);
	return v;
}

static noinline void write_locked(struct e82576 *hw, u32 reg, u32 value)
{
	u32 fire;

	spin_lock(&hw->irq_lock);
	switch (reg) {
	case E1000_ICR: WRITE_ONCE(hw->icr, hw->icr & ~value); break;
	case E1000_ICS: WRITE_ONCE(hw->icr, hw->icr | value); break;
	case E1000_IMS: hw->ims |= value; break;
	case E1000_IMC: hw->ims &= ~value; break;
	case E1000_IAM: hw->iam = value; break;
	case E1000_GPIE: WRITE_ONCE(hw->gpie, value); break;
	case E1000_EICS: set_bits(&hw->eicr, value); break;
	case E1000_EIMC: clear_bits(&hw->eims, value); break;
	case E1000_EIAC: WRITE_ONCE(hw->eiac, value); break;
	case E1000_EIAM: WRITE_ONCE(hw->eiam, value); break;
	case E1000_IVAR_MISC: hw->ivar_misc = value; break;
	default:
		if (reg >= E1000_EITR(0) && reg < E1000_EITR(E82576_VECTORS))
			hw->eitr[(reg - E1000_EITR(0)) / 4] = value;
		else if (reg >= E1000_IVAR(0) && reg < E1000_IVAR(8))
			write_ivar(hw, (reg - E1000_IVAR(0)) / 4, value);
	}
	fire = evaluate(hw);
	spin_unlock(&hw->irq_lock);
	send_vectors(hw, fire);
}

void e82576_irq_writel(struct e82576 *hw, u32 reg, u32 value)
{
	if (likely(reg == E1000_EIMS))
		write_eims(hw, value);
	else if (likely(reg == E1000_EICR))
		clear_bits(&hw->eicr, value);
	else
		write_locked(hw, reg, value);
}
