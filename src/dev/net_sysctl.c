/* SPDX-License-Identifier: BSD-2-Clause */
/* net.core.*: settings of the softirq engine (per machine) and of this floor
 * (per stack). */
#include "dev/net_sysctl.h"
#include "base/slab.h"
#include "dev/qdisc/sch_generic.h"
#include "dev/sysctl.h"

#include <stdio.h>

/* Only a discipline that exists may be named. */
static int write_default_qdisc(struct net *net, void *data, const char *text)
{
	char name[sizeof(net->default_qdisc)];

	if (sscanf(text, "%15s", name) != 1)
		return -EINVAL;
	if (!qdisc_lookup_ops(name))
		return -ENOENT;
	memcpy(data, name, sizeof(name));
	return 0;
}

static int read_default_qdisc(struct net *net, void *data, char *text,
			      size_t room)
{
	return snprintf(text, room, "%s", (char *)data);
}

#define MACHINE(nm, field, lo, hi) \
	{ .name = nm, .offset = offsetof(struct machine, field), \
	  .kind = CTL_U32, .min = lo, .max = hi }
#define NET(nm, field, lo, hi) \
	{ .name = nm, .offset = offsetof(struct net, field), \
	  .kind = CTL_U32, .min = lo, .max = hi }

static const struct ctl_table machine_table[] = {
	MACHINE("net.core.netdev_budget", netdev_budget, 1, 1 << 20),
	MACHINE("net.core.netdev_budget_usecs", netdev_budget_usecs, 1,
		1 << 20),
	MACHINE("net.core.dev_weight", dev_weight, 1, 1 << 16),
	MACHINE("net.core.busy_poll", busy_poll_usecs, 0, 1 << 20),
	{ .name = NULL },
};

static const struct ctl_table net_table[] = {
	NET("net.core.netdev_max_backlog", netdev_max_backlog, 1, 1 << 24),
	NET("net.core.dev_weight_tx", dev_tx_weight, 1, 1 << 16),
	NET("net.core.gro_normal_batch", gro_normal_batch, 1, 1 << 10),
	{ .name = "net.core.default_qdisc",
	  .offset = offsetof(struct net, default_qdisc), .kind = CTL_STRING,
	  .write = write_default_qdisc, .read = read_default_qdisc },
	{ .name = NULL },
};

int net_sysctl_init(struct net *net)
{
	int err = register_net_sysctl(net, machine_table, net->machine);

	return err ? err : register_net_sysctl(net, net_table, net);
}

void net_sysctl_exit(struct net *net)
{
	unregister_net_sysctl(net, net->machine);
	unregister_net_sysctl(net, net);
	kfree(net->sysctl);
	net->sysctl = NULL;
}
