/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct net: one stack's root. This floor's part of it: the device list, the
 * protocol tables, the SNMP counters (one row per CPU, summed when read), the
 * secret that keyed hashes use, and the net.core.* settings.
 */
#include "dev/net.h"
#include "base/random.h"
#include "base/slab.h"
#include "dev/sysctl.h"
#include "dev/net_sysctl.h"

#include <stdio.h>

static void net_defaults(struct net *net)
{
	net->next_ifindex = 1;
	net->netdev_max_backlog = 1000;
	net->dev_tx_weight = 64;
	net->gro_normal_batch = 8;
	snprintf(net->default_qdisc, sizeof(net->default_qdisc), "pfifo_fast");
}

struct net *net_alloc(struct machine *m, const char *name)
{
	struct net *net = kzalloc(sizeof(*net));

	if (!net)
		return NULL;
	net->machine = m;
	snprintf(net->name, sizeof(net->name), "%s", name);
	spin_lock_init(&net->rtnl);
	spin_lock_init(&net->ptype_lock);
	INIT_LIST_HEAD(&net->dev_base);
	get_random_bytes(net->hash_secret, sizeof(net->hash_secret));
	net_defaults(net);

	net->mib = kzalloc(m->nr_cpus * sizeof(*net->mib));
	if (!net->mib)
		goto free_net;
	if (net_sysctl_init(net))
		goto free_mib;
	return net;

free_mib:
	net_sysctl_exit(net);
	kfree(net->mib);
free_net:
	kfree(net);
	return NULL;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	BUG_ON(!list_empty(&net->dev_base));
	net_sysctl_exit(net);
	kfree(net->mib);
	kfree(net);
}

u64 net_read_stats(const struct net *net, enum mib m)
{
	u64 sum = 0;

	for (u32 i = 0; i < net->machine->nr_cpus; i++)
		sum += READ_ONCE(net->mib[i][m]);
	return sum;
}
