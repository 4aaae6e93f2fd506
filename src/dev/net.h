/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct net: one stack. Any number live in a process; everything hangs on
 * one of them. Floors above keep their own part behind an opaque pointer and
 * register a pernet_operations in the table of src/user/stack.c.
 */
#ifndef WEIR_DEV_NET_H
#define WEIR_DEV_NET_H

#include "base/mib.h"
#include "cpu/cpu.h"
#include "cpu/timer.h"
#include "cpu/rcu.h"

struct net_device;
struct sk_buff;
struct sock;
struct neigh_net;
struct nf_net;
struct ipv4_net;
struct sock_net;
struct tcp_net;
struct udp_net;
struct user_net;
struct ctl_dir;

#define PTYPE_HASH_SIZE		16
#define NETDEV_HASH_SIZE	64
#define NET_TABLE_MIN		16u

struct notifier_block {
	/* Returns 0; event: NETDEV_*. Task context, net->rtnl held. */
	int (*call)(struct notifier_block *nb, unsigned long event, void *ptr);
	struct notifier_block *next;
};

enum { NETDEV_REGISTER = 1, NETDEV_UNREGISTER, NETDEV_UP, NETDEV_DOWN,
       NETDEV_CHANGE, NETDEV_CHANGEADDR, NETDEV_CHANGEMTU };

struct net {
	struct machine *machine;
	char name[32];
	spinlock_t rtnl;		/* configuration; task context, bh off */
	/* devices, dev/netdevice.c; readers under RCU */
	struct list_head dev_base;
	struct hlist_head dev_index[NETDEV_HASH_SIZE];
	u32 next_ifindex;
	struct net_device *loopback_dev;
	struct notifier_block *netdev_chain;
	/* demultiplexing, dev/ptype.h */
	struct hlist_head ptype_base[PTYPE_HASH_SIZE];
	struct hlist_head ptype_all;
	struct hlist_head offload_base;	/* net_offload, dev/gro.h */
	spinlock_t ptype_lock;		/* writers of the three above */
	struct ctl_dir *sysctl;		/* dev/sysctl.h */
	/* the floors' own parts */
	struct neigh_net *neigh;
	struct nf_net *nf;
	struct ipv4_net *ipv4;
	struct sock_net *sock;
	struct tcp_net *tcp;
	struct udp_net *udp;
	struct user_net *user;
	/* A packet of sk passes a point (SCM_TSTAMP_*) that its flags ask for.
	 * Any context on a CPU, the qdisc's lock may be held. Borrows. */
	void (*tx_stamp)(struct sk_buff *skb, struct sock *sk, u32 what);
	u64 hash_secret[2];		/* SipHash key of this stack */
	/* net.core.* settings of this floor */
	u32 netdev_max_backlog;		/* packets in a CPU's backlog, 1000 */
	u32 dev_tx_weight;		/* packets per qdisc run, 64 */
	u32 gro_normal_batch;		/* packets per list receive, 8 */
	char default_qdisc[16];		/* "pfifo_fast" */
	/* SNMP counters, one row per CPU */
	u64 (*mib)[MIB_MAX];
};

/* A floor's part of a stack: init in table order, exit in reverse. */
struct pernet_operations {
	const char *name;
	int (*init)(struct net *net);	/* 0 or -errno; task context, on a CPU */
	void (*exit)(struct net *net);
};

/* dev's own (dev/net.c): allocates mib, hash_secret, sysctl tree. */
struct net *net_alloc(struct machine *m, const char *name) __must_check;
void net_free(struct net *net);

static inline void net_inc_stats(struct net *net, enum mib m)
{
	net->mib[this_percpu()->id][m]++;
}
static inline void net_add_stats(struct net *net, enum mib m, u64 n)
{
	net->mib[this_percpu()->id][m] += n;
}
#define NET_INC_STATS(net, group, name) net_inc_stats(net, MIB_##group##_##name)
#define NET_ADD_STATS(net, group, name, n) \
	net_add_stats(net, MIB_##group##_##name, n)
u64 net_read_stats(const struct net *net, enum mib m);

/* Slots of a table that has `usual` ones (a power of 2) in a stack of usual
 * size; see machine.size_shift. A power of 2. */
static inline u32 net_table_size(const struct net *net, u32 usual)
{
	return max(usual >> min(net->machine->size_shift, 31u),
		   min(usual, NET_TABLE_MIN));
}

#endif
