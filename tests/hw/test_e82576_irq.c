/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of the 82576: vectors, masks, moderation. */
#include "tests/hw/card.h"

static void msix_on(struct card *c)
{
	e82576_writel(c->hw, E1000_GPIE, GPIE_MULTI_MSIX);
	e82576_writel(c->hw, E1000_IVAR(0), (3 | IVAR_VALID) |
		      (4 | IVAR_VALID) << 8);
	e82576_writel(c->hw, E1000_EIAC, 0x18);
	e82576_writel(c->hw, E1000_EIAM, 0x18);
}

/* In virtual time, 20 us between interrupts of each vector. */
static void moderation_on(struct card *c)
{
	c->hw->cfg.now = card_now;
	c->hw->cfg.moderate = note_delay;
	msix_on(c);
	e82576_writel(c->hw, E1000_EITR(3), 20 << 2);
	e82576_writel(c->hw, E1000_EIMS, 0x18);
}

/* The driver has handled it. */
static void enable_again(struct card *c)
{
	e82576_writel(c->hw, E1000_EIMS, 0x18);
}

static void a_moderated_vector_waits_for_its_interval(void **state)
{
	struct card *c = card_new();

	moderation_on(c);
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[3], 1);	/* the first one does not */
	enable_again(c);
	c->w->now += 5 * NSEC_PER_USEC;
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[3], 1);
	assert_int_equal(c->asked[3], 1);
	assert_int_equal(c->delay, 15 * NSEC_PER_USEC);
	c->w->now += 14 * NSEC_PER_USEC;
	deliver_plain(c, 60, 1);		/* nothing more is asked for */
	assert_int_equal(c->asked[3], 1);
	c->w->now += NSEC_PER_USEC;
	e82576_moderation_over(c->hw, 3);
	assert_int_equal(c->raised[3], 2);
	card_free(c);
}

static void after_a_pause_an_interrupt_comes_at_once(void **state)
{
	struct card *c = card_new();

	moderation_on(c);
	deliver_plain(c, 60, 1);
	enable_again(c);
	c->w->now += 20 * NSEC_PER_USEC;
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[3], 2);
	assert_int_equal(c->asked[3], 0);
	card_free(c);
}

static void moderation_that_ends_without_a_cause_is_silent(void **state)
{
	struct card *c = card_new();

	moderation_on(c);
	deliver_plain(c, 60, 1);
	enable_again(c);
	deliver_plain(c, 60, 1);
	e82576_writel(c->hw, E1000_EIMC, 0x18);	/* masked meanwhile */
	c->w->now += 20 * NSEC_PER_USEC;
	e82576_moderation_over(c->hw, 3);
	assert_int_equal(c->raised[3], 1);
	enable_again(c);
	assert_int_equal(c->raised[3], 2);
	card_free(c);
}

static void an_interrupt_masks_itself_until_enabled_again(void **state)
{
	struct card *c = card_new();

	msix_on(c);
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[3], 0);
	e82576_writel(c->hw, E1000_EIMS, 0x18);
	assert_int_equal(c->raised[3], 1);
	assert_int_equal(e82576_readl(c->hw, E1000_EIMS), 0x10);
	assert_int_equal(e82576_readl(c->hw, E1000_EICR), 0);
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[3], 1);
	e82576_writel(c->hw, E1000_EICR, 0x8);
	e82576_writel(c->hw, E1000_EIMS, 0x8);
	assert_int_equal(c->raised[3], 1);
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[3], 2);
	card_free(c);
}

static void transmit_completion_raises_its_own_vector(void **state)
{
	struct card *c = card_new();
	u8 frame[60];

	msix_on(c);
	e82576_writel(c->hw, E1000_EIMS, 0x18);
	hw_test_frame(frame, 60, 2, 1, 0);
	put_data(c, frame, 60, TXD_EOP, 0);
	ring_tdt(c);
	assert_int_equal(c->raised[4], 0);
	put_data(c, frame, 60, TXD_EOP | TXD_RS, 0);
	ring_tdt(c);
	assert_int_equal(c->raised[4], 1);
	assert_int_equal(c->raised[3], 0);
	card_free(c);
}

/* --- completions held back by TXDCTL.WTHRESH ------------------------------------- */

static void wthresh(struct card *c, u32 n)
{
	e82576_writel(c->hw, E1000_TX_Q(0, Q_DCTL),
		      DCTL_ENABLE | n << DCTL_WTHRESH_SHIFT);
	msix_on(c);
	e82576_writel(c->hw, E1000_EIMS, 0x18);
}

/* n frames with a doorbell each; descriptors 0 to n - 1 of a new card. */
static void send_frames(struct card *c, u32 n)
{
	static u8 frame[60];

	hw_test_frame(frame, 60, 2, 1, 0);
	for (; n; n--) {
		put_data(c, frame, 60, TXD_EOP | TXD_RS, 0);
		ring_tdt(c);
	}
}

static void with_wthresh_completions_come_together(void **state)
{
	struct card *c = card_new();
	u32 i;

	wthresh(c, 4);
	send_frames(c, 3);
	for (i = 0; i < 3; i++)
		assert_false(tx_done(c, i));
	assert_int_equal(c->raised[4], 0);
	send_frames(c, 1);
	for (i = 0; i < 4; i++)
		assert_true(tx_done(c, i));
	assert_int_equal(c->raised[4], 1);
	card_free(c);
}

static void what_is_held_back_comes_when_nothing_else_does(void **state)
{
	struct card *c = card_new();
	u32 i;

	wthresh(c, 4);
	send_frames(c, 1);
	for (i = 0; i < 1000 && !tx_done(c, 0); i++)
		e82576_step(c->hw);
	assert_true(tx_done(c, 0));
	assert_true(i > 1);
	assert_int_equal(c->raised[4], 1);
	assert_false(e82576_step(c->hw));
	card_free(c);
}

static void in_virtual_time_it_comes_at_the_next_step(void **state)
{
	struct card *c = card_new();

	c->hw->cfg.wake = count_wake;
	wthresh(c, 4);
	send_frames(c, 2);
	assert_int_equal(c->wakes, 1);
	assert_false(tx_done(c, 0));
	assert_true(e82576_step(c->hw));
	assert_true(tx_done(c, 0) && tx_done(c, 1));
	card_free(c);
}

static void a_received_frame_brings_what_is_held_back(void **state)
{
	struct card *c = card_new();

	wthresh(c, 4);
	send_frames(c, 1);
	deliver_plain(c, 60, 1);
	assert_true(tx_done(c, 0));
	assert_int_equal(c->raised[3], 1);
	assert_int_equal(c->raised[4], 1);
	card_free(c);
}

static void nobody_sleeps_while_it_is_held_back(void **state)
{
	struct card *c = card_new();

	wthresh(c, 4);
	send_frames(c, 1);
	assert_false(e82576_arm(c->hw, HW_LINK_FUTEX));
	assert_true(tx_done(c, 0));
	assert_true(e82576_arm(c->hw, HW_LINK_FUTEX));
	card_free(c);
}

static void swflsh_writes_it_back(void **state)
{
	struct card *c = card_new();

	wthresh(c, 4);
	send_frames(c, 1);
	e82576_writel(c->hw, E1000_TX_Q(0, Q_DCTL),
		      DCTL_ENABLE | 4u << DCTL_WTHRESH_SHIFT | DCTL_SWFLSH);
	assert_true(tx_done(c, 0));
	assert_int_equal(c->raised[4], 1);
	send_frames(c, 1);
	assert_false(tx_done(c, 1));
	card_free(c);
}

static void without_msix_reading_icr_clears_it(void **state)
{
	struct card *c = card_new();

	e82576_writel(c->hw, E1000_IMS, ICR_RXDW);
	deliver_plain(c, 60, 1);
	assert_int_equal(c->raised[0], 1);
	assert_int_equal(e82576_readl(c->hw, E1000_ICR), ICR_RXDW);
	assert_int_equal(e82576_readl(c->hw, E1000_ICR), 0);
	card_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_moderated_vector_waits_for_its_interval),
		cmocka_unit_test(after_a_pause_an_interrupt_comes_at_once),
		cmocka_unit_test(moderation_that_ends_without_a_cause_is_silent),
		cmocka_unit_test(an_interrupt_masks_itself_until_enabled_again),
		cmocka_unit_test(transmit_completion_raises_its_own_vector),
		cmocka_unit_test(with_wthresh_completions_come_together),
		cmocka_unit_test(what_is_held_back_comes_when_nothing_else_does),
		cmocka_unit_test(in_virtual_time_it_comes_at_the_next_step),
		cmocka_unit_test(a_received_frame_brings_what_is_held_back),
		cmocka_unit_test(nobody_sleeps_while_it_is_held_back),
		cmocka_unit_test(swflsh_writes_it_back),
		cmocka_unit_test(without_msix_reading_icr_clears_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
