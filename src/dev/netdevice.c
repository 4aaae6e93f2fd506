/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices: made, named, registered, found, let go. Opening and closing is in
 * dev_config.c, what waits before a device in qdisc/.
 *
 * A device is found under RCU, by name or index. Who keeps it longer takes a
 * reference; the memory goes with the last one, so that a route that still
 * names a device never points into nothing.
 */
#include "dev/netdevice.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "cpu/task.h"
#include "dev/dev_notify.h"
#include "dev/qdisc/sch_generic.h"
#include "dev/softnet.h"
#include "dev/watchdog.h"

#include <stdio.h>

#define UNREGISTER_TRIES	1000	/* of a millisecond each */

struct netdev_block {		/* the device and the driver's part behind it */
	struct net_device dev;
	u8 priv[] __cacheline;
};

static void netdev_init_queues(struct net_device *dev, u32 txqs)
{
	dev->num_tx_queues = dev->real_num_tx_queues = txqs;
	dev->num_rx_queues = 1;
	for (u32 i = 0; i < txqs; i++) {
		struct netdev_queue *q = &dev->tx[i];

		q->dev = dev;
		q->index = (u16)i;
		spin_lock_init(&q->xmit_lock);
	}
}

struct net_device *alloc_netdev(struct net *net, u32 priv_size,
				const char *name, u32 txqs)
{
	struct netdev_block *b;
	struct net_device *dev;

	if (!txqs || txqs > MAX_TX_QUEUES || strlen(name) >= DEV_IFNAMSIZ)
		return NULL;
	b = kzalloc(sizeof(*b) + priv_size);
	if (!b)
		return NULL;
	dev = &b->dev;
	dev->net = net;
	dev->priv = b->priv;
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	refcount_set(&dev->refs, 1);
	INIT_LIST_HEAD(&dev->napi_list);
	INIT_LIST_HEAD(&dev->dev_list);
	dev->gso_max_size = GSO_MAX_SIZE;
	dev->gso_max_segs = 65535;
	dev->tx_queue_len = 1000;
	dev->tx = kzalloc(txqs * sizeof(*dev->tx));
	dev->pcpu_stats = kzalloc(net->machine->nr_cpus *
				  sizeof(*dev->pcpu_stats));
	if (!dev->tx || !dev->pcpu_stats)
		goto free_parts;
	netdev_init_queues(dev, txqs);
	dev_watchdog_init(dev);
	if (dev_init_scheduler(dev))
		goto free_parts;
	return dev;

free_parts:
	kfree(dev->tx);
	kfree(dev->pcpu_stats);
	kfree(b);
	return NULL;
}

static void netdev_release_rcu(struct rcu_head *head)
{
	struct net_device *dev = container_of(head, struct net_device, rcu);

	kfree(dev->tx);
	kfree(dev->pcpu_stats);
	kfree(container_of(dev, struct netdev_block, dev));
}

void dev_put(struct net_device *dev)
{
	if (dev && refcount_dec_and_test(&dev->refs)) {
		BUG_ON(!dev->moribund);
		call_rcu(&dev->rcu, netdev_release_rcu);
	}
}

void free_netdev(struct net_device *dev)
{
	if (!dev)
		return;
	BUG_ON(dev->registered);
	dev_shutdown(dev);
	dev->moribund = true;
	dev_put(dev);
}

/* --- lookup ---------------------------------------------------------------- */

struct net_device *dev_get_by_name(struct net *net, const char *name)
{
	struct list_head *p = smp_load_acquire(&net->dev_base.next);

	while (p != &net->dev_base) {
		struct net_device *dev = list_entry(p, struct net_device,
						    dev_list);

		if (!strcmp(dev->name, name))
			return dev;
		p = smp_load_acquire(&p->next);
	}
	return NULL;
}

struct net_device *dev_get_by_index(struct net *net, u32 ifindex)
{
	struct net_device *dev;

	hlist_for_each_entry(dev, &net->dev_index[ifindex % NETDEV_HASH_SIZE],
			     index_hlist)
		if (dev->ifindex == ifindex)
			return dev;
	return NULL;
}

/* --- registration ----------------------------------------------------------- */

static bool name_valid(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	return !strpbrk(name, "/ :\t\n%");
}

/* "eth%d": the lowest number that is free. rtnl held. */
static int dev_choose_name(struct net_device *dev)
{
	char pattern[DEV_IFNAMSIZ], *mark;

	memcpy(pattern, dev->name, sizeof(pattern));
	mark = strstr(pattern, "%d");
	if (!mark) {
		if (!name_valid(dev->name))
			return -EINVAL;
		return dev_get_by_name(dev->net, dev->name) ? -EEXIST : 0;
	}
	*mark = 0;
	for (u32 i = 0; i < 10000; i++) {
		int n = snprintf(dev->name, sizeof(dev->name), "%s%u%s",
				 pattern, i, mark + 2);

		if (n >= (int)sizeof(dev->name) || !name_valid(dev->name))
			return -EINVAL;
		if (!dev_get_by_name(dev->net, dev->name))
			return 0;
	}
	return -ENOSPC;
}

static void dev_list_add(struct net_device *dev)
{
	struct net *net = dev->net;

	dev->ifindex = net->next_ifindex++;
	hlist_add_head(&dev->index_hlist,
		       &net->dev_index[dev->ifindex % NETDEV_HASH_SIZE]);
	dev->dev_list.next = &net->dev_base;
	dev->dev_list.prev = net->dev_base.prev;
	smp_store_release(&net->dev_base.prev->next, &dev->dev_list);
	net->dev_base.prev = &dev->dev_list;
}

int register_netdev(struct net_device *dev)
{
	struct net *net = dev->net;
	int err;

	spin_lock_bh(&net->rtnl);
	err = dev_choose_name(dev);
	if (err)
		goto unlock;
	if (dev->netdev_ops->ndo_init) {
		err = dev->netdev_ops->ndo_init(dev);
		if (err)
			goto unlock;
	}
	if (dev->features & NETIF_F_SG)
		dev->features |= NETIF_F_GSO;
	dev->features |= NETIF_F_GRO;
	dev->hw_features |= NETIF_F_GSO | NETIF_F_GRO;
	dev->state |= 1u << __LINK_STATE_PRESENT;
	dev_list_add(dev);
	dev->registered = true;
	call_netdevice_notifiers(net, NETDEV_REGISTER, dev);
unlock:
	spin_unlock_bh(&net->rtnl);
	return err;
}

/* The last users (routes, neighbours, sockets) let go when they hear of
 * NETDEV_UNREGISTER; some only after a grace period. */
static void dev_wait_for_users(struct net_device *dev)
{
	for (u32 i = 0; i < UNREGISTER_TRIES; i++) {
		if (refcount_read(&dev->refs) <= 1)
			return;
		schedule_until(ktime_get() + NSEC_PER_MSEC);
	}
}

void unregister_netdev(struct net_device *dev)
{
	struct net *net = dev->net;

	if (!dev->registered)
		return;
	dev_close(dev);
	spin_lock_bh(&net->rtnl);
	dev->registered = false;
	dev->dev_list.prev->next = dev->dev_list.next;
	dev->dev_list.next->prev = dev->dev_list.prev;
	hlist_del_init(&dev->index_hlist);
	call_netdevice_notifiers(net, NETDEV_UNREGISTER, dev);
	spin_unlock_bh(&net->rtnl);
	softnet_flush_backlogs(net->machine);
	synchronize_rcu();
	dev_wait_for_users(dev);
	if (dev->netdev_ops->ndo_uninit)
		dev->netdev_ops->ndo_uninit(dev);
}
