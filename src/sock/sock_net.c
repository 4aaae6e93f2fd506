/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sockets' part of a stack: limits and their sysctls with Linux's names
 * and defaults, TCP's hash tables, AF_INET, raw and ping sockets.
 */
#include "sock/sock_net.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/slab.h"
#include "dev/sysctl.h"
#include "sock/inet_hashtables.h"
#include "sock/tx_stamp.h"

/* --- ports: two u16, checked together ------------------------------------------------- */

static int write_ports(struct net *net, void *data, const char *text)
{
	u16 *range = data;
	unsigned int lo, hi;

	if (sscanf(text, "%u %u", &lo, &hi) != 2)
		return -EINVAL;
	if (lo < 1 || hi > 65535 || lo > hi)
		return -EINVAL;
	WRITE_ONCE(range[0], (u16)lo);
	WRITE_ONCE(range[1], (u16)hi);
	return 0;
}

static int read_ports(struct net *net, void *data, char *text, size_t room)
{
	const u16 *range = data;

	return snprintf(text, room, "%u\t%u", range[0], range[1]);
}

static int write_port(struct net *net, void *data, const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (end == text || v > 65535)
		return -EINVAL;
	WRITE_ONCE(*(u16 *)data, (u16)v);
	return 0;
}

static int read_port(struct net *net, void *data, char *text, size_t room)
{
	return snprintf(text, room, "%u", *(u16 *)data);
}

#define SN(field) offsetof(struct sock_net, field)
static const struct ctl_table sock_sysctl[] = {
	{ .name = "net.core.rmem_default", .offset = SN(rmem_default),
	  .kind = CTL_U32, .count = 1, .min = 2304, .max = INT_MAX },
	{ .name = "net.core.rmem_max", .offset = SN(rmem_max),
	  .kind = CTL_U32, .count = 1, .min = 2304, .max = INT_MAX },
	{ .name = "net.core.wmem_default", .offset = SN(wmem_default),
	  .kind = CTL_U32, .count = 1, .min = 4608, .max = INT_MAX },
	{ .name = "net.core.wmem_max", .offset = SN(wmem_max),
	  .kind = CTL_U32, .count = 1, .min = 4608, .max = INT_MAX },
	{ .name = "net.core.optmem_max", .offset = SN(optmem_max),
	  .kind = CTL_U32, .count = 1, .min = 0, .max = INT_MAX },
	{ .name = "net.core.somaxconn", .offset = SN(somaxconn),
	  .kind = CTL_U32, .count = 1, .min = 0, .max = INT_MAX },
	{ .name = "net.ipv4.ip_local_port_range", .offset = SN(port_range),
	  .write = write_ports, .read = read_ports },
	{ .name = "net.ipv4.ip_unprivileged_port_start",
	  .offset = SN(unprivileged_port_start),
	  .write = write_port, .read = read_port },
	{ .name = "net.ipv4.ip_nonlocal_bind", .offset = SN(nonlocal_bind),
	  .kind = CTL_U8, .count = 1, .min = 0, .max = 1 },
	{ .name = "net.ipv4.tcp_mem", .offset = SN(sysctl_mem[SK_MEM_TCP]),
	  .kind = CTL_U64, .count = 3, .min = 0, .max = INT64_MAX },
	{ .name = "net.ipv4.udp_mem", .offset = SN(sysctl_mem[SK_MEM_UDP]),
	  .kind = CTL_U64, .count = 3, .min = 0, .max = INT64_MAX },
	{ .name = "net.ipv4.udp_rmem_min", .offset = SN(rmem_min[SK_MEM_UDP]),
	  .kind = CTL_U32, .count = 1, .min = 4096, .max = INT_MAX },
	{ .name = "net.ipv4.udp_wmem_min", .offset = SN(wmem_min[SK_MEM_UDP]),
	  .kind = CTL_U32, .count = 1, .min = 4096, .max = INT_MAX },
	{ .name = NULL },
};

/* In pages of 4 KiB. */
static void set_mem(struct sock_net *sn, int i, s64 pressure)
{
	sn->sysctl_mem[i][0] = pressure / 4 * 3;
	sn->sysctl_mem[i][1] = pressure;
	sn->sysctl_mem[i][2] = pressure / 2 * 3;
}

static void set_defaults(struct sock_net *sn)
{
	sn->rmem_default = sn->wmem_default = 212992;
	sn->rmem_max = sn->wmem_max = 4194304;	/* Linux 6.18 */
	sn->optmem_max = 131072;
	sn->somaxconn = 4096;
	sn->port_range[0] = 32768;
	sn->port_range[1] = 60999;
	sn->unprivileged_port_start = 0;
	for (int i = 0; i < SK_MEM_MAX; i++) {
		set_mem(sn, i, 1ll << 40);
		sn->rmem_min[i] = sn->wmem_min[i] = 4096;
	}
	set_mem(sn, SK_MEM_TCP, 1 << 18);
	set_mem(sn, SK_MEM_UDP, 1 << 18);
}

static int sock_start(struct net *net)
{
	int err = register_net_sysctl(net, sock_sysctl, net->sock);

	if (!err)
		err = sock_register_family(net, &inet_family);
	if (!err)
		err = ping_init(net);
	if (!err)
		err = raw_init(net);
	return err;
}

static int sock_net_init(struct net *net)
{
	struct sock_net *sn = kzalloc(sizeof(*sn));
	int err = -ENOMEM;

	if (!sn)
		return err;
	spin_lock_init(&sn->lock);
	set_defaults(sn);
	net->sock = sn;
	net->tx_stamp = sock_stamp_sent;
	sn->hashinfo = inet_hashinfo_create(net);
	if (!sn->hashinfo)
		goto free_sn;
	err = sock_start(net);
	if (!err)
		return 0;
	unregister_net_sysctl(net, sn);
	raw_exit(net);
	kfree(sn->raw);
	inet_hashinfo_destroy(sn->hashinfo);
free_sn:
	net->tx_stamp = NULL;
	net->sock = NULL;
	kfree(sn);
	return err;
}

static void sock_net_exit(struct net *net)
{
	struct sock_net *sn = net->sock;

	unregister_net_sysctl(net, sn);
	raw_exit(net);
	rcu_barrier(net->machine);	/* sockets that still die */
	kfree(sn->raw);
	inet_hashinfo_destroy(sn->hashinfo);
	net->tx_stamp = NULL;
	net->sock = NULL;
	kfree(sn);
}

const struct pernet_operations sock_net_ops = {
	.name = "sock",
	.init = sock_net_init,
	.exit = sock_net_exit,
};
