/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver stops a full queue and wakes it when the hardware has sent. If
 * nothing was sent for watchdog_timeo the hardware hangs: the driver's
 * ndo_tx_timeout resets it. Runs only on devices that set a time-out.
 */
#include "dev/watchdog.h"
#include "cpu/lock.h"

static bool queue_hangs(const struct netdev_queue *q, u32 timeo, jiffies_t now)
{
	return netif_tx_queue_stopped(q) &&
	       now >= READ_ONCE(q->trans_start) + timeo;
}

static void dev_watchdog(struct timer_list *t)
{
	struct net_device *dev = container_of(t, struct net_device,
					      watchdog_timer);
	jiffies_t now = jiffies();

	if (!netif_running(dev))
		return;
	for (u32 i = 0; netif_carrier_ok(dev) && i < dev->num_tx_queues; i++) {
		struct netdev_queue *q = &dev->tx[i];

		if (likely(!queue_hangs(q, dev->watchdog_timeo, now)))
			continue;
		WRITE_ONCE(q->trans_start, now);
		dev_stats(dev)->tx_errors++;
		dev->netdev_ops->ndo_tx_timeout(dev, i);
	}
	mod_timer(t, now + dev->watchdog_timeo);
}

void dev_watchdog_init(struct net_device *dev)
{
	timer_setup(&dev->watchdog_timer, dev_watchdog);
}

void dev_watchdog_up(struct net_device *dev)
{
	if (dev->watchdog_timeo && dev->netdev_ops->ndo_tx_timeout)
		mod_timer(&dev->watchdog_timer,
			  jiffies() + dev->watchdog_timeo);
}

void dev_watchdog_down(struct net_device *dev)
{
	del_timer(&dev->watchdog_timer);
}
