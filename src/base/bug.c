/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a process in which the impossible happened. */
#include "base/percpu.h"

void weir_bug(const char *file, int line, const char *what)
{
	struct percpu *pc = this_percpu();

	if (pc && pc->platform->ops->bug)
		pc->platform->ops->bug(pc->platform, file, line, what);
	__builtin_trap();
}
