/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP device: life, interrupt, and how a thread waits for it.
 *
 * The descriptor plays the hardware. Somebody steps it: when it is readable
 * and the interrupt is not masked, the interrupt is raised; its handler masks
 * it and schedules NAPI; the poll reads until nothing is left and unmasks. A
 * thread that goes to sleep looks once more (arm) and then sleeps on the
 * descriptor itself. Room to write, when the queue stands for it, comes the
 * same way.
 */
#include "base/random.h"
#include "buf/wire/eth.h"
#include "cpu/task.h"
#include "dev/ethtool.h"
#include "drivers/tap/tap_priv.h"

#include <stdio.h>

/* --- interrupt -------------------------------------------------------------- */

static enum irqreturn tap_intr(int irq, void *arg)
{
	struct tap *tap = arg;

	if (unlikely(tap->dev->rx_interrupt_mode)) {
		tap_tx_wake(tap);
		tap_rx_interrupt(tap, TAP_NAPI_WEIGHT);
		__atomic_store_n(&tap->masked, false, __ATOMIC_RELEASE);
		return IRQ_HANDLED;
	}
	napi_schedule(&tap->napi);
	return IRQ_HANDLED;
}

static struct tap *hw_to_tap(struct hw_device *hw)
{
	return container_of(hw, struct tap, hw);
}

static bool tap_step(struct hw_device *hw)
{
	struct tap *tap = hw_to_tap(hw);

	if (__atomic_load_n(&tap->masked, __ATOMIC_ACQUIRE) ||
	    (!tap->ops->readable(tap->os) && !tap_tx_ready(tap)))
		return false;
	/* masked here and not in the handler: one of many steppers raises */
	if (__atomic_exchange_n(&tap->masked, true, __ATOMIC_ACQ_REL))
		return false;
	irq_raise(tap->dev->net->machine, tap->irq);
	return true;
}

static bool tap_arm(struct hw_device *hw, enum hw_arm how)
{
	struct tap *tap = hw_to_tap(hw);

	if (__atomic_load_n(&tap->masked, __ATOMIC_ACQUIRE))
		return true;	/* being polled; who polls will step again */
	return !tap->ops->readable(tap->os) && !tap_tx_ready(tap);
}

static void tap_disarm(struct hw_device *hw)
{
}

static int tap_fd(struct hw_device *hw)
{
	struct tap *tap = hw_to_tap(hw);

	return tap->ops->fd(tap->os);
}

/* --- up and down --------------------------------------------------------------- */

static int tap_open(struct net_device *dev)
{
	struct tap *tap = tap_priv(dev);
	struct machine *m = dev->net->machine;
	int err = tap_rx_init(tap);

	if (err)
		return err;
	tap->irq = irq_alloc(m);
	if (tap->irq < 0) {
		err = tap->irq;
		goto fini_rx;
	}
	err = request_irq(m, tap->irq, tap_intr, 0, dev->name, tap);
	if (err)
		goto free_number;
	netif_napi_add(dev, &tap->napi, tap_poll, TAP_NAPI_WEIGHT);
	napi_enable(&tap->napi);
	tap->masked = tap->full = false;
	err = hw_device_register(m, &tap->hw);
	if (err)
		goto del_napi;
	netif_tx_start_all_queues(dev);
	return 0;

del_napi:
	napi_disable(&tap->napi);
	netif_napi_del(&tap->napi);
	free_irq(m, tap->irq, tap);
free_number:
	irq_free(m, tap->irq);
fini_rx:
	tap_rx_fini(tap);
	return err;
}

static int tap_stop(struct net_device *dev)
{
	struct tap *tap = tap_priv(dev);
	struct machine *m = dev->net->machine;

	netif_tx_stop_all_queues(dev);
	hw_device_unregister(m, &tap->hw);
	free_irq(m, tap->irq, tap);
	irq_free(m, tap->irq);
	napi_disable(&tap->napi);
	netif_napi_del(&tap->napi);
	tap_rx_fini(tap);
	return 0;
}

static const struct net_device_ops tap_ops = {
	.ndo_open = tap_open,
	.ndo_stop = tap_stop,
	.ndo_start_xmit = tap_xmit,
};

static void tap_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *i)
{
	snprintf(i->driver, sizeof(i->driver), "tap");
	snprintf(i->bus_info, sizeof(i->bus_info), "tap");
}

static bool tap_get_link(struct net_device *dev)
{
	return netif_carrier_ok(dev);
}

static const struct ethtool_ops tap_ethtool_ops = {
	.get_drvinfo = tap_get_drvinfo,
	.get_link = tap_get_link,
};

/* --- life -------------------------------------------------------------------------- */

static netdev_features_t tap_features(u32 offloads)
{
	netdev_features_t f = NETIF_F_SG | NETIF_F_GSO | NETIF_F_GRO |
			      NETIF_F_HIGHDMA;

	if (!(offloads & TAP_OFFLOAD_CSUM))
		return f;
	f |= NETIF_F_HW_CSUM | NETIF_F_RXCSUM;
	if (offloads & TAP_OFFLOAD_TSO)
		f |= NETIF_F_ALL_TSO;
	if (offloads & TAP_OFFLOAD_USO)
		f |= NETIF_F_GSO_UDP_L4;
	return f;
}

static void tap_set_address(struct net_device *dev, const u8 *mac)
{
	if (mac) {
		ether_addr_copy(dev->dev_addr, mac);
		return;
	}
	get_random_bytes(dev->dev_addr, ETH_ALEN);
	dev->dev_addr[0] = (u8)((dev->dev_addr[0] & 0xfc) | 0x02);
}

static void tap_setup(struct net_device *dev, const struct tap_config *cfg)
{
	struct tap *tap = tap_priv(dev);

	ether_setup(dev);
	dev->netdev_ops = &tap_ops;
	dev->ethtool_ops = &tap_ethtool_ops;
	dev->max_mtu = ETH_MAX_MTU - ETH_HLEN;
	if (cfg->mtu)
		dev->mtu = cfg->mtu < dev->max_mtu ? cfg->mtu : dev->max_mtu;
	dev->features = tap_features(cfg->offloads);
	dev->hw_features = dev->features & ~NETIF_F_HIGHDMA;
	/* header and frame together: what a writev may carry */
	dev->gso_max_size = GSO_MAX_SIZE - 1 - ETH_HLEN;
	tap_set_address(dev, cfg->mac);
	tap->dev = dev;
	tap->ops = cfg->ops;
	tap->os = cfg->os;
	tap->hw = (struct hw_device){
		.step = tap_step, .arm = tap_arm, .disarm = tap_disarm,
		.fd = tap_fd, .name = "tap",
	};
}

struct net_device *tap_create(struct net *net, const struct tap_config *cfg)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct tap),
					      cfg->name, 1);
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	tap_setup(dev, cfg);
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return ERR_PTR(err);
	}
	return dev;
}

void tap_destroy(struct net_device *dev)
{
	struct tap *tap = tap_priv(dev);
	const struct tap_os_ops *ops = tap->ops;
	void *os = tap->os;

	unregister_netdev(dev);
	ops->close(os);
	free_netdev(dev);
}
