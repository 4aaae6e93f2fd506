/* SPDX-License-Identifier: BSD-2-Clause */
/* net.ipv4.neigh.default.* and net.ipv6.neigh.default.*: settings of a table.
 * Where Linux has a value in seconds it is kept in milliseconds here. */
#include "dev/sysctl.h"
#include "ether/neigh_priv.h"

#include <stdio.h>
#include <stdlib.h>

#define SECONDS_MAX	(UINT32_MAX / 1000)

static int write_seconds(struct net *net, void *data, const char *text)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	end += strspn(end, " \t\n");
	if (errno || end == text || *end || strchr(text, '-') ||
	    v > SECONDS_MAX)
		return -EINVAL;
	WRITE_ONCE(*(u32 *)data, (u32)v * 1000);
	return 0;
}

static int read_seconds(struct net *net, void *data, char *text, size_t room)
{
	return snprintf(text, room, "%u", *(u32 *)data / 1000);
}

#define FIELD(nm, field, lo, hi) \
	{ .name = nm, .offset = offsetof(struct neigh_table, field), \
	  .kind = CTL_U32, .min = lo, .max = hi }
#define SECONDS(nm, field) \
	{ .name = nm, .offset = offsetof(struct neigh_table, field), \
	  .kind = CTL_U32, .write = write_seconds, .read = read_seconds }
#define NEIGH_SETTINGS(p) \
	FIELD(p "base_reachable_time_ms", base_reachable_ms, 1, 1 << 30), \
	SECONDS(p "base_reachable_time", base_reachable_ms), \
	FIELD(p "retrans_time_ms", retrans_ms, 1, 1 << 30), \
	SECONDS(p "delay_first_probe_time", delay_probe_ms), \
	SECONDS(p "gc_stale_time", gc_stale_ms), \
	FIELD(p "ucast_solicit", ucast_probes, 0, 1000), \
	FIELD(p "mcast_solicit", mcast_probes, 0, 1000), \
	FIELD(p "unres_qlen_bytes", unres_qlen_bytes, 0, 1 << 30), \
	FIELD(p "gc_thresh1", gc_thresh1, 0, 1 << 24), \
	FIELD(p "gc_thresh2", gc_thresh2, 0, 1 << 24), \
	FIELD(p "gc_thresh3", gc_thresh3, 1, 1 << 24), \
	{ .name = NULL }

static const struct ctl_table ipv4_table[] = {
	NEIGH_SETTINGS("net.ipv4.neigh.default.")
};
static const struct ctl_table ipv6_table[] = {
	NEIGH_SETTINGS("net.ipv6.neigh.default.")
};

int neigh_sysctl_register(struct neigh_table *t)
{
	if (t->family == AF_INET)
		return register_net_sysctl(t->net, ipv4_table, t);
	if (t->family == AF_INET6)
		return register_net_sysctl(t->net, ipv6_table, t);
	return 0;
}

void neigh_sysctl_unregister(struct neigh_table *t)
{
	unregister_net_sysctl(t->net, t);
}
