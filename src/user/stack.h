/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole stack, put together: the table of floors, their start and end. The
 * platforms call this; struct weir is the public name of what it makes.
 */
#ifndef WEIR_USER_STACK_H
#define WEIR_USER_STACK_H

#include <weir/weir.h>

#include "user/file.h"

struct weir {
	struct platform *platform;
	struct machine *machine;
	struct net *net;
	struct fd_ops fd_ops;
	bool dead;			/* forked child: refuse everything */
	void *owner;			/* the platform's own part */
};

/* Onto a CPU of w, until stack_leave. False: out of memory, or the stack is
 * that of our parent process. */
static inline bool stack_enter(struct weir *w)
{
	return !w->dead && w->platform->ops->enter(w->platform, w->machine);
}
static inline void stack_leave(struct weir *w)
{
	w->platform->ops->leave(w->platform, w->machine);
}

/* Floors bottom to top and the loopback device, which is brought up. The
 * caller is on a CPU of m. 0 or -errno; *failed names the floor. */
int stack_init(struct machine *m, const char *name, struct net **out,
	       const char **failed);
/* Closes descriptors and devices, then the floors top to bottom. On a CPU. */
void stack_exit(struct net *net);

#endif
