/* SPDX-License-Identifier: BSD-2-Clause */
/* A NIC in a machine of virtual time: what it asks of whoever keeps the time. */
#include "tests/hw/cable_lab.h"
#include "tests/support/fake_platform.h"

#include "hw/nic.h"

#define VECTORS	2u

struct slot {
	struct lab *lab;		/* clock and cable */
	struct fake_platform *fp;
	struct hw_nic *nic;
	u32 alarms, vector;
	ktime_t delay;
};

static ktime_t slot_now(void *arg)
{
	return ((struct slot *)arg)->lab->now;
}

static void slot_after(void *arg, u32 vector, ktime_t delay)
{
	struct slot *s = arg;

	s->alarms++;
	s->vector = vector;
	s->delay = delay;
}

static void slot_step(void *arg)
{
}

static void slot_open(struct slot *s, bool moderate)
{
	const struct cable_params p = { 0 };
	struct hw_nic_clock clock = { .now = slot_now, .step = slot_step,
				      .arg = s };
	u8 mac[6];

	memset(s, 0, sizeof(*s));
	hw_test_mac(mac, 1);
	s->lab = lab_new(&p);
	s->fp = fake_platform_create(1);
	s->nic = hw_nic_create(fake_machine(s->fp), &s->lab->c.end[0].link, mac,
			       VECTORS, false);
	assert_false(IS_ERR(s->nic));
	if (moderate)
		clock.after = slot_after;
	hw_nic_set_clock(s->nic, &clock);
}

static void slot_close(struct slot *s)
{
	hw_nic_destroy(s->nic);
	assert_int_equal(fake_platform_destroy(s->fp), 0);
	lab_free_all(s->lab);
}

/* MSI-X with 20 us between interrupts of vector 1; then two events. */
static void two_events(struct slot *s)
{
	struct hw_bus *bus = &s->nic->bus;

	bus->ops->writel(bus, E1000_GPIE, GPIE_MULTI_MSIX);
	bus->ops->writel(bus, E1000_EITR(1), 20 << 2);
	bus->ops->writel(bus, E1000_EIAC, 2);
	bus->ops->writel(bus, E1000_EIMS, 2);
	bus->ops->writel(bus, E1000_EICS, 2);
	bus->ops->writel(bus, E1000_EICS, 2);
}

static u32 pending(struct slot *s)
{
	return s->nic->bus.ops->readl(&s->nic->bus, E1000_EICR);
}

static void a_clock_that_can_wait_moderates_interrupts(void **state)
{
	struct slot s;

	slot_open(&s, true);
	two_events(&s);
	assert_int_equal(s.alarms, 1);
	assert_int_equal(s.vector, 1);
	assert_int_equal(s.delay, 20 * NSEC_PER_USEC);
	assert_int_equal(pending(&s), 2);
	s.lab->now += s.delay;
	hw_nic_moderation_over(s.nic, 1);
	assert_int_equal(pending(&s), 0);
	slot_close(&s);
}

static void without_one_they_come_at_once(void **state)
{
	struct slot s;

	slot_open(&s, false);
	two_events(&s);
	assert_int_equal(pending(&s), 0);
	slot_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_can_wait_moderates_interrupts),
		cmocka_unit_test(without_one_they_come_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
