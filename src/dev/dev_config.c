/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an administrator does to a device: up, down, MTU, address, features,
 * promiscuous mode; and what the driver says of its link.
 *
 * Drivers may sleep in ndo_open and ndo_stop (napi_disable waits), so these
 * run without rtnl; dev->changing keeps a second caller out meanwhile.
 */
#include "dev/netdevice.h"
#include "cpu/lock.h"
#include "cpu/task.h"
#include "dev/dev_notify.h"
#include "dev/qdisc/sch_generic.h"
#include "dev/softnet.h"

/* True: the caller may open or close dev and calls change_end. */
static bool change_begin(struct net_device *dev, bool want_up)
{
	bool mine;

	spin_lock_bh(&dev->net->rtnl);
	mine = !dev->changing && !!(dev->flags & IFF_UP) != want_up;
	if (mine)
		dev->changing = true;
	spin_unlock_bh(&dev->net->rtnl);
	return mine;
}

int dev_open(struct net_device *dev)
{
	struct net *net = dev->net;
	int err = 0;

	if (!change_begin(dev, true))
		return dev->flags & IFF_UP ? 0 : -EBUSY;
	if (dev->netdev_ops->ndo_open)
		err = dev->netdev_ops->ndo_open(dev);

	spin_lock_bh(&net->rtnl);
	if (!err) {
		dev->flags |= IFF_UP;
		__atomic_fetch_or(&dev->state, 1u << __LINK_STATE_START,
				  __ATOMIC_RELEASE);
		dev_activate(dev);
		if (dev->netdev_ops->ndo_set_rx_mode)
			dev->netdev_ops->ndo_set_rx_mode(dev);
		call_netdevice_notifiers(net, NETDEV_UP, dev);
	}
	dev->changing = false;
	spin_unlock_bh(&net->rtnl);
	return err;
}

void dev_close(struct net_device *dev)
{
	struct net *net = dev->net;

	if (!change_begin(dev, false))
		return;
	spin_lock_bh(&net->rtnl);
	dev->flags &= ~(u32)IFF_UP;
	__atomic_fetch_and(&dev->state, ~(1u << __LINK_STATE_START),
			   __ATOMIC_RELEASE);
	dev_deactivate(dev);
	call_netdevice_notifiers(net, NETDEV_DOWN, dev);
	spin_unlock_bh(&net->rtnl);

	synchronize_rcu();	/* nobody is in ndo_start_xmit any more */
	if (dev->netdev_ops->ndo_stop)
		dev->netdev_ops->ndo_stop(dev);
	WRITE_ONCE(dev->changing, false);
}

int dev_set_mtu(struct net_device *dev, u32 mtu)
{
	int err = 0;

	if (mtu < dev->min_mtu || (dev->max_mtu && mtu > dev->max_mtu))
		return -EINVAL;
	spin_lock_bh(&dev->net->rtnl);
	if (mtu != dev->mtu) {
		if (dev->netdev_ops->ndo_change_mtu)
			err = dev->netdev_ops->ndo_change_mtu(dev, mtu);
		if (!err) {
			WRITE_ONCE(dev->mtu, mtu);
			call_netdevice_notifiers(dev->net, NETDEV_CHANGEMTU,
						 dev);
		}
	}
	spin_unlock_bh(&dev->net->rtnl);
	return err;
}

/* The limit of the discipline that is there changes if that follows the
 * device's queue length; others take it when they are made. */
int dev_set_tx_queue_len(struct net_device *dev, u32 len)
{
	spin_lock_bh(&dev->net->rtnl);
	WRITE_ONCE(dev->tx_queue_len, len);
	for (u32 i = 0; i < dev->num_tx_queues; i++) {
		struct Qdisc *q = dev->tx[i].qdisc;

		if (q->ops != &pfifo_fast_ops)
			continue;
		spin_lock_bh(&q->lock);
		q->ops->change(q, NULL);
		spin_unlock_bh(&q->lock);
	}
	spin_unlock_bh(&dev->net->rtnl);
	return 0;
}

int dev_set_gso_max(struct net_device *dev, u32 size, u32 segs)
{
	if (size > GSO_MAX_SIZE || segs > 65535 ||
	    (size && size <= SKB_MAX_HEADROOM + 1))
		return -EINVAL;
	if (size)
		WRITE_ONCE(dev->gso_max_size, size);
	if (segs)
		WRITE_ONCE(dev->gso_max_segs, segs);
	return 0;
}

int dev_set_mac_address(struct net_device *dev, const u8 *addr)
{
	int err = 0;

	if (dev->type == ARPHRD_ETHER && (addr[0] & 1))
		return -EADDRNOTAVAIL;
	spin_lock_bh(&dev->net->rtnl);
	if (dev->netdev_ops->ndo_set_mac_address)
		err = dev->netdev_ops->ndo_set_mac_address(dev, addr);
	if (!err) {
		memcpy(dev->dev_addr, addr, dev->addr_len);
		call_netdevice_notifiers(dev->net, NETDEV_CHANGEADDR, dev);
	}
	spin_unlock_bh(&dev->net->rtnl);
	return err;
}

/* What makes no sense without its ground is taken away. */
static netdev_features_t features_fix(netdev_features_t f)
{
	if (!(f & NETIF_F_CSUM_MASK))
		f &= ~(NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4);
	if (!(f & NETIF_F_SG))
		f &= ~(NETIF_F_ALL_TSO | NETIF_F_GSO | NETIF_F_GSO_UDP_L4);
	if (!(f & NETIF_F_RXCSUM))
		f &= ~NETIF_F_LRO;
	return f;
}

int dev_set_features(struct net_device *dev, netdev_features_t f)
{
	int err = 0;

	spin_lock_bh(&dev->net->rtnl);
	if ((f ^ dev->features) & ~dev->hw_features) {
		err = -EOPNOTSUPP;
	} else {
		dev->features = features_fix(f);
		call_netdevice_notifiers(dev->net, NETDEV_CHANGE, dev);
	}
	spin_unlock_bh(&dev->net->rtnl);
	return err;
}

static void rx_mode_count(struct net_device *dev, u32 *count, u32 flag, int inc)
{
	spin_lock_bh(&dev->net->rtnl);
	if (inc > 0 || *count >= (u32)-inc)
		*count += (u32)inc;
	else
		*count = 0;
	dev->flags = *count ? dev->flags | flag : dev->flags & ~flag;
	if (dev->netdev_ops->ndo_set_rx_mode && (dev->flags & IFF_UP))
		dev->netdev_ops->ndo_set_rx_mode(dev);
	spin_unlock_bh(&dev->net->rtnl);
}

void dev_set_promiscuity(struct net_device *dev, int inc)
{
	rx_mode_count(dev, &dev->promiscuity, IFF_PROMISC, inc);
}

void dev_set_allmulti(struct net_device *dev, int inc)
{
	rx_mode_count(dev, &dev->allmulti, IFF_ALLMULTI, inc);
}

u32 dev_get_flags(const struct net_device *dev)
{
	u32 flags = dev->flags & ~(u32)(IFF_RUNNING | IFF_LOWER_UP);

	if (netif_running(dev) && netif_carrier_ok(dev))
		flags |= IFF_RUNNING | IFF_LOWER_UP;
	return flags;
}

/* --- the driver's side; any context ----------------------------------------- */

void netif_carrier_on(struct net_device *dev)
{
	u32 bit = 1u << __LINK_STATE_NOCARRIER;

	if (!(__atomic_fetch_and(&dev->state, ~bit, __ATOMIC_RELEASE) & bit) ||
	    !netif_running(dev))
		return;
	for (u32 i = 0; i < dev->num_tx_queues; i++) {
		dev->tx[i].trans_start = jiffies();
		__netif_schedule(rcu_dereference(dev->tx[i].qdisc));
	}
}

void netif_carrier_off(struct net_device *dev)
{
	__atomic_fetch_or(&dev->state, 1u << __LINK_STATE_NOCARRIER,
			  __ATOMIC_RELEASE);
}

#define QUEUE_STOPPED_DRIVER	1u

void netif_tx_stop_queue(struct netdev_queue *q)
{
	WRITE_ONCE(q->trans_start, jiffies());	/* for the watchdog */
	__atomic_fetch_or(&q->state, QUEUE_STOPPED_DRIVER, __ATOMIC_SEQ_CST);
}

void netif_tx_wake_queue(struct netdev_queue *q)
{
	u32 was = __atomic_fetch_and(&q->state, ~QUEUE_STOPPED_DRIVER,
				     __ATOMIC_SEQ_CST);

	if (was & QUEUE_STOPPED_DRIVER)
		__netif_schedule(rcu_dereference(q->qdisc));
}

void netif_tx_start_all_queues(struct net_device *dev)
{
	for (u32 i = 0; i < dev->num_tx_queues; i++)
		__atomic_fetch_and(&dev->tx[i].state, ~QUEUE_STOPPED_DRIVER,
				   __ATOMIC_SEQ_CST);
}

void netif_tx_stop_all_queues(struct net_device *dev)
{
	for (u32 i = 0; i < dev->num_tx_queues; i++)
		netif_tx_stop_queue(&dev->tx[i]);
}
