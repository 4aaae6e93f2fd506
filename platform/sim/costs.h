/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cost table of virtual time: what each stage of a packet's way, and what
 * the machine itself does beside it, takes of a CPU. docs/costs.md has the
 * model; `weir calibrate` writes a table from a run on a real machine.
 */
#ifndef WEIR_PLATFORM_SIM_COSTS_H
#define WEIR_PLATFORM_SIM_COSTS_H

#include "base/stage.h"
#include "base/stage_cost.h"

struct sim_costs {
	struct stage_cost stage[STAGE_MAX];	/* for stage_costs_set() */
	/* Charged by the platform. Each 0 unless its row is there. */
	u32 syscall_ns;		/* a task enters the stack and leaves it */
	u32 context_switch_ns;	/* another task gets the CPU */
	u32 wakeup_ns;		/* to the CPU that wakes a sleeping task */
	u32 interrupt_ns;	/* entry to and exit from a hardirq */
	u32 softirq_ns;		/* entry to and exit from a round of softirqs */
};

/*
 * Fills *c from the text of a table: one row per line, words with blanks or
 * tabs between, `#` to the end of the line a comment:
 *
 *	NAME NS [NS_PER_BYTE]
 *
 * NAME is a stage of base/stage.def, `*` for all stages that have no row, or
 * syscall, context_switch, wakeup, interrupt, softirq (which have no bytes). NS
 * is a whole number, NS_PER_BYTE has up to three decimals. What the hardware
 * does itself (floor "hw") costs no CPU and may only be 0.
 *
 * 0, or -EINVAL with err set to "line N: ..."; *c is then undefined.
 */
int sim_costs_parse(struct sim_costs *c, const char *text, char *err,
		    size_t errlen);

/* The table as text that parses to the same, rows of zero left out. Like
 * snprintf: at most room bytes with the final 0, returns the full length. */
size_t sim_costs_print(const struct sim_costs *c, char *to, size_t room);

#endif
