/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's life: one interrupt, no rings, no link-layer addresses. */
#include "cpu/irq.h"
#include "dev/ethtool.h"
#include "drivers/tun/tun_priv.h"

#include <stdio.h>

static int tun_open(struct net_device *dev)
{
	struct tun *tun = tun_priv(dev);
	struct machine *m = dev->net->machine;
	int err;

	tun->irq = irq_alloc(m);
	if (tun->irq < 0)
		return tun->irq;
	err = request_irq(m, tun->irq, tun_intr, 0, dev->name, tun);
	if (err) {
		irq_free(m, tun->irq);
		return err;
	}
	netif_tx_start_all_queues(dev);
	return 0;
}

static int tun_stop(struct net_device *dev)
{
	struct tun *tun = tun_priv(dev);
	struct machine *m = dev->net->machine;

	netif_tx_stop_all_queues(dev);
	free_irq(m, tun->irq, tun);
	irq_free(m, tun->irq);
	skb_queue_purge_reason(&tun->in, SKB_DROP_REASON_DEV_DOWN);
	return 0;
}

static const struct net_device_ops tun_ops = {
	.ndo_open = tun_open,
	.ndo_stop = tun_stop,
	.ndo_start_xmit = tun_xmit,
};

static void tun_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *i)
{
	snprintf(i->driver, sizeof(i->driver), "tun");
	snprintf(i->bus_info, sizeof(i->bus_info), "tun");
}

static bool tun_get_link(struct net_device *dev)
{
	return netif_carrier_ok(dev);
}

static const struct ethtool_ops tun_ethtool_ops = {
	.get_drvinfo = tun_get_drvinfo,
	.get_link = tun_get_link,
};

static void tun_setup(struct net_device *dev, const struct tun_config *cfg)
{
	struct tun *tun = tun_priv(dev);

	dev->netdev_ops = &tun_ops;
	dev->ethtool_ops = &tun_ethtool_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	dev->mtu = cfg->mtu ? cfg->mtu : 1500;
	dev->max_mtu = TUN_MAX_PACKET;
	dev->tx_queue_len = 500;
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
			NETIF_F_GSO | NETIF_F_HIGHDMA;
	if (cfg->offload)
		dev->features |= NETIF_F_ALL_TSO;
	dev->hw_features = dev->features & ~NETIF_F_HIGHDMA;
	dev->gso_max_size = TUN_MAX_PACKET;
	tun->dev = dev;
	tun->cfg = *cfg;
	skb_queue_head_init(&tun->in);
}

struct net_device *tun_create(struct net *net, const struct tun_config *cfg)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct tun),
					      cfg->name, 1);
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	tun_setup(dev, cfg);
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return ERR_PTR(err);
	}
	return dev;
}

void tun_destroy(struct net_device *dev)
{
	unregister_netdev(dev);
	free_netdev(dev);
}
