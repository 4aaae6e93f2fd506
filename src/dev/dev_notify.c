/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The notifier chain: floors above hear of devices through it. Called in the
 * order of registration. Who registers late is told of the devices that are
 * there already, so that the order of start-up does not matter.
 */
#include "dev/dev_notify.h"
#include "cpu/lock.h"

void call_netdevice_notifiers(struct net *net, unsigned long event,
			      struct net_device *dev)
{
	struct notifier_block *next;

	for (struct notifier_block *nb = net->netdev_chain; nb; nb = next) {
		next = nb->next;
		nb->call(nb, event, dev);
	}
}

int register_netdevice_notifier(struct net *net, struct notifier_block *nb)
{
	struct notifier_block **p = &net->netdev_chain;
	struct net_device *dev;
	int err = 0;

	spin_lock_bh(&net->rtnl);
	while (*p && *p != nb)
		p = &(*p)->next;
	if (*p) {
		err = -EEXIST;
	} else {
		nb->next = NULL;
		*p = nb;
		list_for_each_entry(dev, &net->dev_base, dev_list) {
			nb->call(nb, NETDEV_REGISTER, dev);
			if (dev->flags & IFF_UP)
				nb->call(nb, NETDEV_UP, dev);
		}
	}
	spin_unlock_bh(&net->rtnl);
	return err;
}

void unregister_netdevice_notifier(struct net *net, struct notifier_block *nb)
{
	struct notifier_block **p = &net->netdev_chain;

	spin_lock_bh(&net->rtnl);
	while (*p && *p != nb)
		p = &(*p)->next;
	if (*p)
		*p = nb->next;
	spin_unlock_bh(&net->rtnl);
}
