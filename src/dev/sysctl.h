/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net.* settings, registered by each floor as tables. Names as in Linux with
 * dots ("net.ipv4.tcp_rmem"); values are text as in /proc/sys.
 */
#ifndef WEIR_DEV_SYSCTL_H
#define WEIR_DEV_SYSCTL_H

#include "dev/net.h"

struct ctl_table {
	const char *name;		/* full dotted name */
	size_t offset;			/* of the value in the owner's struct */
	u8 kind;			/* enum ctl_kind */
	u8 count;			/* values in a vector, 1 by default */
	s64 min, max;			/* both 0: any */
	/* Optional: own reading/writing; data = owner + offset. 0 or -errno. */
	int (*write)(struct net *net, void *data, const char *text);
	int (*read)(struct net *net, void *data, char *text, size_t room);
};
enum ctl_kind { CTL_U32, CTL_S32, CTL_U64, CTL_BOOL, CTL_U8, CTL_STRING,
		CTL_MSEC_JIFFIES };

/* `owner`: base of the offsets; entries end with a NULL name. Tables are
 * constant and outlive the net. 0 or -ENOMEM. */
int register_net_sysctl(struct net *net, const struct ctl_table *t, void *owner);
/* All tables of this owner are gone. */
void unregister_net_sysctl(struct net *net, void *owner);
/* 0, -ENOENT, -EINVAL (not a value, out of range). Also accepts slashes. */
int sysctl_write(struct net *net, const char *name, const char *text);
/* Length written or -errno. */
int sysctl_read(struct net *net, const char *name, char *text, size_t room);
/* Calls fn for each name in order of registration. */
void sysctl_for_each(struct net *net,
		     void (*fn)(void *arg, const char *name), void *arg);

#endif
