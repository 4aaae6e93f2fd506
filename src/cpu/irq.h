/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines of the machine: shared handlers, delivery, hardware step. */
#ifndef WEIR_CPU_IRQ_H
#define WEIR_CPU_IRQ_H

#include "cpu/cpu.h"

enum irqreturn { IRQ_NONE, IRQ_HANDLED };
typedef enum irqreturn (*irq_handler_t)(int irq, void *dev);
#define IRQF_SHARED	1u

struct irqaction {
	irq_handler_t handler;
	void *dev;
	const char *name;
	struct irqaction *next;
};

struct irq_desc {
	int irq;
	u32 flags;
	u32 disabled;			/* depth of disable_irq */
	u32 affinity;			/* CPU, or ~0: whichever raises it */
	u32 pending;			/* raised while disabled: atomic */
	struct irqaction *actions;
	u64 unhandled;
	u64 count[];			/* per CPU of the machine */
};

/* A free interrupt number, or -ENOSPC. */
int irq_alloc(struct machine *m);
void irq_free(struct machine *m, int irq);
/* Adds a handler; all sharers must say IRQF_SHARED. Task context.
 * 0, -EBUSY (not shared), -EINVAL, -ENOMEM. */
int request_irq(struct machine *m, int irq, irq_handler_t h, u32 flags,
		const char *name, void *dev);
/* No handler of (irq, dev) runs or will run after it. Task context. */
void free_irq(struct machine *m, int irq, void *dev);
/* Nested; does not wait for a handler that runs. An interrupt raised while
 * disabled comes when enabled. Any context. */
void disable_irq(struct machine *m, int irq);
void enable_irq(struct machine *m, int irq);

/* The hardware's side: the line was raised (edge). From a thread that is on
 * a CPU it is delivered there (unless affinity says else), otherwise the
 * target CPU is kicked. Any context, any thread. */
void irq_raise(struct machine *m, int irq);
/* Delivers pending interrupts of this CPU: hardirq context, then softirqs. */
void do_IRQ(struct cpu *cpu);
/* The first half of it: the hardirqs only, whatever is disabled. */
void irq_deliver(struct cpu *cpu);

/*
 * Hardware that has no processor of its own: in real time somebody must move
 * it. `step` does what the device would have done by itself by now (fetch
 * frames from the wire, fetch descriptors, DMA, raise interrupts) and returns
 * true if it did anything; called often, by any CPU, takes its own lock.
 * In virtual time nobody steps: models schedule their own events.
 *
 * Before a thread sleeps on the machine it arms the devices: at the next
 * event each will wake the futex word or make the descriptor readable.
 * `arm` returns false if an event is there already (then it is not armed).
 */
enum hw_arm { HW_ARM_FUTEX, HW_ARM_FD };

struct hw_device {
	bool (*step)(struct hw_device *hw);
	bool (*arm)(struct hw_device *hw, enum hw_arm how);
	void (*disarm)(struct hw_device *hw);
	/* Descriptor that is readable at an event while armed by HW_ARM_FD. */
	int (*fd)(struct hw_device *hw);
	/* Word shared with other processes, *value while armed by
	 * HW_ARM_FUTEX; NULL op: only the descriptor can be slept on. */
	u32 *(*futex)(struct hw_device *hw, u32 *value);
	const char *name;
};
int hw_device_register(struct machine *m, struct hw_device *hw);
void hw_device_unregister(struct machine *m, struct hw_device *hw);
/* Steps all; true if any did something. On a CPU (unregister waits for it by
 * RCU). */
bool hw_step_all(struct machine *m);

#endif
