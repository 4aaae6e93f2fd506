/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loopback device: sending is receiving. A packet goes from here to the
 * CPU's backlog, so that the receiver's work is done in softirq context and
 * not deeper and deeper in the sender's stack.
 *
 * It carries GSO packets whole and needs no checksums: nothing can damage a
 * packet that never leaves memory. The route stays on the packet (it is a
 * local one), so that input need not look it up again.
 */
#include "drivers/loopback/loopback.h"
#include "buf/wire/eth.h"
#include "dev/dst.h"
#include "dev/tx_stamp.h"

#define LOOPBACK_MTU	65536

static netdev_tx_t loopback_xmit(struct sk_buff *skb, struct net_device *dev,
				 bool more)
{
	struct rtnl_link_stats64 *st = dev_stats(dev);
	u32 len = skb->len;

	skb_stage(skb, STAGE_loopback_xmit);
	if (unlikely(skb_orphan_frags(skb))) {
		st->tx_dropped++;
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return NETDEV_TX_OK;
	}
	skb_sent_stamp(skb, dev);
	skb_orphan(skb);	/* the sender's memory is free again */
	skb_dst_force(skb);
	skb->tstamp = 0;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	eth_type_trans(skb, dev);
	st->tx_packets++;
	st->tx_bytes += len;
	skb_stage(skb, STAGE_loopback_rx);
	if (likely(!netif_rx(skb))) {
		st->rx_packets++;
		st->rx_bytes += len;
	}
	return NETDEV_TX_OK;
}

static const struct net_device_ops loopback_ops = {
	.ndo_start_xmit = loopback_xmit,
};

static void loopback_setup(struct net_device *dev)
{
	dev->netdev_ops = &loopback_ops;
	dev->header_ops = &eth_header_ops;
	dev->type = ARPHRD_LOOPBACK;
	dev->hard_header_len = ETH_HLEN;
	dev->addr_len = ETH_ALEN;
	dev->mtu = LOOPBACK_MTU;
	dev->max_mtu = LOOPBACK_MTU;
	dev->flags = IFF_LOOPBACK;
	dev->tx_queue_len = 1000;
	dev->no_queue = true;
	dev->keep_dst = true;
	dev->features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM |
			NETIF_F_RXCSUM | NETIF_F_ALL_TSO | NETIF_F_GSO |
			NETIF_F_GSO_UDP_L4 | NETIF_F_HIGHDMA |
			NETIF_F_LOOPBACK | NETIF_F_LLTX;
	dev->hw_features = NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4;
}

static int loopback_net_init(struct net *net)
{
	struct net_device *dev = alloc_netdev(net, 0, "lo", 1);
	int err;

	if (!dev)
		return -ENOMEM;
	loopback_setup(dev);
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	net->loopback_dev = dev;
	return 0;
}

static void loopback_net_exit(struct net *net)
{
	struct net_device *dev = net->loopback_dev;

	if (!dev)
		return;
	unregister_netdev(dev);
	net->loopback_dev = NULL;
	free_netdev(dev);
}

const struct pernet_operations loopback_net_ops = {
	.name = "loopback",
	.init = loopback_net_init,
	.exit = loopback_net_exit,
};
