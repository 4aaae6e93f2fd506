/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An 82576 put into a machine: its bus, its interrupt lines, and its place
 * among the hardware that waiting threads move (struct hw_device).
 */
#ifndef WEIR_HW_NIC_H
#define WEIR_HW_NIC_H

#include "cpu/irq.h"
#include "hw/e82576.h"

/* What a NIC in virtual time needs of whoever keeps the time. */
struct hw_nic_clock {
	ktime_t (*now)(void *arg);
	/* Call hw_nic_moderation_over() for the vector in `delay` ns. NULL:
	 * interrupts are not moderated. */
	void (*after)(void *arg, u32 vector, ktime_t delay);
	/* Step the NIC, now but after the present call: it has descriptors
	 * again for frames that wait on the link. */
	void (*step)(void *arg);
	void *arg;
};

struct hw_nic {
	struct hw_device dev;		/* must be first */
	struct hw_bus bus;		/* what the driver gets */
	struct machine *machine;
	struct hw_nic_clock clock;	/* all NULL in real time */
	struct e82576 hw;
};

/*
 * Plugs a NIC with `vectors` interrupts (1: no MSI-X) into m and its port into
 * link, which must outlive it. `real_time`: it is stepped by waiting threads;
 * otherwise the simulator calls e82576_step at its events, and sets a clock
 * before the driver is probed. Task context on a CPU of m. ERR_PTR(-ENOMEM or
 * -ENOSPC).
 */
struct hw_nic *hw_nic_create(struct machine *m, struct hw_link *link,
			     const u8 mac[6], u32 vectors, bool real_time);
void hw_nic_set_clock(struct hw_nic *nic, const struct hw_nic_clock *clock);
/* The time that clock->after() was asked for has passed. */
void hw_nic_moderation_over(struct hw_nic *nic, u32 vector);
/* The driver has been removed before. */
void hw_nic_destroy(struct hw_nic *nic);

#endif
