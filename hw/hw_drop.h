/* SPDX-License-Identifier: BSD-2-Clause */
/* A frame that dies in hardware, before or after it is an sk_buff: counted
 * and traced by the same reasons as packets of the stack. */
#ifndef WEIR_HW_HW_DROP_H
#define WEIR_HW_HW_DROP_H

#include "base/trace.h"

static inline void hw_drop(enum skb_drop_reason why, u64 packet, u32 len)
{
	struct percpu *pc = this_percpu();

	if (!pc)
		return;
	pc->drops[why]++;
	trace_event(TRACE_DROP, (u16)why, packet, len, 0xffff, 0, 0);
}

#endif
