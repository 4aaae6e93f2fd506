/* SPDX-License-Identifier: BSD-2-Clause */
/* Text views of a stack by name. */
#ifndef WEIR_USER_VIEW_H
#define WEIR_USER_VIEW_H

#include "dev/net.h"

struct view {
	char *text;
	size_t room, len;		/* len counts what did not fit, too */
};
void view_printf(struct view *v, const char *fmt, ...) __printf(2, 3);

/* Whole length, which may exceed room (then cut), or -ENOENT. On a CPU. */
ssize_t net_view(struct net *net, const char *name, char *text, size_t room);

#endif
