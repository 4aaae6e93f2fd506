/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's counters (one row per CPU, summed when asked for) and the names
 * of its features. */
#include "dev/netdevice.h"
#include "dev/ethtool.h"

void dev_get_stats(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	u64 *sum = (u64 *)s;
	u32 fields = sizeof(*s) / sizeof(u64);

	memset(s, 0, sizeof(*s));
	for (u32 cpu = 0; cpu < dev->net->machine->nr_cpus; cpu++) {
		u64 *row = (u64 *)&dev->pcpu_stats[cpu];

		for (u32 i = 0; i < fields; i++)
			sum[i] += READ_ONCE(row[i]);
	}
	/* what only the hardware counted */
	if (dev->netdev_ops->ndo_get_stats64)
		dev->netdev_ops->ndo_get_stats64(dev, s);
}

static const char *const feature_names[] = {
	"tx-scatter-gather",
	"tx-checksum-ipv4",
	"tx-checksum-ipv6",
	"tx-checksum-ip-generic",
	"rx-checksum",
	"tx-tcp-segmentation",
	"tx-tcp6-segmentation",
	"tx-tcp-ecn-segmentation",
	"tx-generic-segmentation",
	"rx-gro",
	"rx-hashing",
	"tx-udp-segmentation",
	"rx-lro",
	"highdma",
	"tx-scatter-gather-fraglist",
	"loopback",
	"tx-lockless",
};

const char *netdev_feature_name(u32 bit)
{
	return bit < ARRAY_SIZE(feature_names) ? feature_names[bit] : NULL;
}
