/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probe, open, stop. Every open builds the rings anew (igb_ring.c), writes
 * them to the device (82576 4.5: initialisation) and hands out the interrupts;
 * every stop undoes that in reverse. What ethtool changes takes effect by a
 * stop and an open.
 */
#include "drivers/igb/igb.h"
#include "base/slab.h"
#include "buf/wire/eth.h"

#define IGB_MAX_MTU	9216u
#define IGB_FEATURES	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
			 NETIF_F_RXCSUM | NETIF_F_ALL_TSO | NETIF_F_GSO | \
			 NETIF_F_GRO | NETIF_F_RXHASH | NETIF_F_HIGHDMA)

/* --- the device ------------------------------------------------------------------------ */

/* 8.10.5 to 8.10.12: where the ring is, its buffers' size, then enable. */
static void igb_configure_rx_ring(struct igb_rx_ring *r)
{
	struct igb_adapter *a = r->adapter;
	u32 n = r->index;

	igb_wr32(a, E1000_RX_Q(n, Q_DCTL), 0);
	igb_wr32(a, E1000_RX_Q(n, Q_BAL), (u32)r->dma);
	igb_wr32(a, E1000_RX_Q(n, Q_BAH), (u32)(r->dma >> 32));
	igb_wr32(a, E1000_RX_Q(n, Q_LEN), r->count * sizeof(*r->desc));
	if (a->virtual) {
		igb_wr32(a, E1000_RX_Q(n, Q_XBAL), (u32)r->side_dma);
		igb_wr32(a, E1000_RX_Q(n, Q_XBAH), (u32)(r->side_dma >> 32));
	}
	igb_wr32(a, E1000_RX_Q(n, Q_SRRCTL), IGB_RX_BUFSZ >> 10 |
					     SRRCTL_ADV_ONE);
	igb_wr32(a, E1000_RX_Q(n, Q_HEAD), 0);
	igb_wr32(a, E1000_RX_Q(n, Q_TAIL), 0);
	igb_wr32(a, E1000_RX_Q(n, Q_DCTL), DCTL_ENABLE);
	igb_alloc_rx_buffers(r);
}

void igb_write_txdctl(struct igb_adapter *a, u32 n)
{
	igb_wr32(a, E1000_TX_Q(n, Q_DCTL),
		 DCTL_ENABLE | a->tx_frames << DCTL_WTHRESH_SHIFT);
}

static void igb_configure_tx_ring(struct igb_tx_ring *r)
{
	struct igb_adapter *a = r->adapter;
	u32 n = r->index;

	igb_wr32(a, E1000_TX_Q(n, Q_DCTL), 0);
	igb_wr32(a, E1000_TX_Q(n, Q_BAL), (u32)r->dma);
	igb_wr32(a, E1000_TX_Q(n, Q_BAH), (u32)(r->dma >> 32));
	igb_wr32(a, E1000_TX_Q(n, Q_LEN), r->count * sizeof(*r->desc));
	if (a->virtual) {
		igb_wr32(a, E1000_TX_Q(n, Q_XBAL), (u32)r->side_dma);
		igb_wr32(a, E1000_TX_Q(n, Q_XBAH), (u32)(r->side_dma >> 32));
	}
	igb_wr32(a, E1000_TX_Q(n, Q_HEAD), 0);
	igb_write_txdctl(a, n);
}

/* 8.8.13: queue n's causes go to vector n. */
static void igb_configure_msix(struct igb_adapter *a)
{
	u32 i;

	if (!a->msix) {
		igb_wr32(a, E1000_GPIE, 0);
		return;
	}
	igb_wr32(a, E1000_GPIE, GPIE_MULTI_MSIX | GPIE_PBA | GPIE_EIAME |
				GPIE_NSICR);
	for (i = 0; i < 8; i++) {
		u32 v = 0;

		if (i < a->nr_queues)
			v |= (i | IVAR_VALID) * 0x0101u;
		if (i + 8 < a->nr_queues)
			v |= ((i + 8) | IVAR_VALID) * 0x01010000u;
		igb_wr32(a, E1000_IVAR(i), v);
	}
}

void igb_write_itr(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->nr_queues; i++)
		igb_wr32(a, E1000_EITR(i), a->itr_usecs << 2 & EITR_INTERVAL);
}

/* 8.10.21, 8.10.28, 8.10.29 */
void igb_write_rss(struct igb_adapter *a)
{
	u32 i, v;

	for (i = 0; i < sizeof(a->rss_key) / 4; i++) {
		memcpy(&v, a->rss_key + 4 * i, 4);
		igb_wr32(a, E1000_RSSRK(i), v);
	}
	for (i = 0; i < sizeof(a->rss_table) / 4; i++) {
		memcpy(&v, a->rss_table + 4 * i, 4);
		igb_wr32(a, E1000_RETA(i), v);
	}
	igb_wr32(a, E1000_MRQC, MRQC_RSS | MRQC_IPV4 | MRQC_TCPV4 |
		 MRQC_UDPV4 | MRQC_IPV6 | MRQC_TCPV6 | MRQC_UDPV6);
}

static void igb_write_address(struct igb_adapter *a)
{
	u32 low, high = 0;

	memcpy(&low, a->netdev->dev_addr, 4);
	memcpy(&high, a->netdev->dev_addr + 4, 2);
	igb_wr32(a, E1000_RAL(0), low);
	igb_wr32(a, E1000_RAH(0), high | RAH_AV);
}

static void igb_write_mtu(struct igb_adapter *a, u32 mtu)
{
	igb_wr32(a, E1000_RLPML, mtu + ETH_HLEN + ETH_FCS_LEN + VLAN_HLEN);
}

/* Group addresses are not told apart: the stack filters them. */
static void igb_set_rx_mode(struct net_device *dev)
{
	struct igb_adapter *a = dev->priv;
	u32 rctl = RCTL_EN | RCTL_BAM | RCTL_LPE | RCTL_SECRC | RCTL_MPE;

	if (dev->flags & IFF_PROMISC)
		rctl |= RCTL_UPE;
	igb_wr32(a, E1000_RCTL, rctl);
}

static void igb_configure(struct igb_adapter *a)
{
	u32 i;

	igb_write_address(a);
	igb_write_mtu(a, a->netdev->mtu);
	igb_wr32(a, E1000_VX_CTRL, a->virtual ? VX_SIDE_RINGS |
		 VX_TSO_FULL_SUM | VX_RX_LARGE : 0);
	igb_wr32(a, E1000_RXCSUM, RXCSUM_IPOFL | RXCSUM_TUOFL | RXCSUM_PCSD);
	igb_write_rss(a);
	igb_configure_msix(a);
	igb_write_itr(a);
	for (i = 0; i < a->nr_queues; i++) {
		igb_configure_tx_ring(&a->q[i]->tx);
		igb_configure_rx_ring(&a->q[i]->rx);
	}
	igb_wr32(a, E1000_TCTL, TCTL_EN | TCTL_PSP);
}

/* --- open and stop ---------------------------------------------------------------------- */

int igb_open(struct net_device *dev)
{
	struct igb_adapter *a = dev->priv;
	u32 i;
	int err;

	err = igb_setup_all_tx_resources(a);
	if (err)
		return err;
	err = igb_setup_all_rx_resources(a);
	if (err)
		goto free_tx;
	igb_wr32(a, E1000_CTRL, CTRL_RST);
	igb_configure(a);
	err = igb_request_irq(a);
	if (err)
		goto free_rings;
	for (i = 0; i < a->nr_queues; i++)
		napi_enable(&a->q[i]->napi);
	igb_irq_enable(a);
	igb_set_rx_mode(dev);
	netif_tx_start_all_queues(dev);
	if (igb_rd32(a, E1000_STATUS) & STATUS_LU)
		netif_carrier_on(dev);
	return 0;

free_rings:
	igb_wr32(a, E1000_CTRL, CTRL_RST);
	igb_free_all_rx_resources(a);
free_tx:
	igb_free_all_tx_resources(a);
	return err;
}

int igb_stop(struct net_device *dev)
{
	struct igb_adapter *a = dev->priv;
	u32 i;

	netif_tx_stop_all_queues(dev);
	igb_wr32(a, E1000_RCTL, 0);
	igb_irq_disable(a);
	for (i = 0; i < a->nr_queues; i++)
		napi_disable(&a->q[i]->napi);
	igb_free_irq(a);
	igb_update_stats(a);
	/* after this the device touches no ring */
	igb_wr32(a, E1000_CTRL, CTRL_RST);
	for (i = 0; i < a->nr_queues; i++)
		igb_clean_tx_ring(&a->q[i]->tx);
	igb_free_all_rx_resources(a);
	igb_free_all_tx_resources(a);
	return 0;
}

/* --- the other device ops ------------------------------------------------------------------ */

static int igb_set_mac(struct net_device *dev, const u8 *addr)
{
	if (!is_valid_ether_addr(addr))
		return -EADDRNOTAVAIL;
	ether_addr_copy(dev->dev_addr, addr);
	igb_write_address(dev->priv);
	return 0;
}

static int igb_change_mtu(struct net_device *dev, u32 mtu)
{
	igb_write_mtu(dev->priv, mtu);
	return 0;
}

/* The registers clear when read (8.18). */
void igb_update_stats(struct igb_adapter *a)
{
	a->missed += igb_rd32(a, E1000_MPC);
	a->no_buffer += igb_rd32(a, E1000_RNBC);
	a->length_errors += igb_rd32(a, E1000_ROC) + igb_rd32(a, E1000_RLEC);
}

static void igb_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	struct igb_adapter *a = dev->priv;

	igb_update_stats(a);
	s->rx_missed_errors += a->missed;
	s->rx_length_errors += a->length_errors;
	s->rx_errors += a->length_errors;
}

/* The device's queue hung: start it again. */
static void igb_tx_timeout(struct net_device *dev, u32 txqueue)
{
	struct igb_adapter *a = dev->priv;
	struct igb_tx_ring *r = &a->q[txqueue]->tx;

	igb_wr32(a, E1000_TX_Q(r->index, Q_TAIL), READ_ONCE(r->next_to_use));
	if (a->msix)
		igb_wr32(a, E1000_EICS, a->q[txqueue]->bit);
	else
		igb_wr32(a, E1000_ICS, ICR_TXDW);
}

static const struct net_device_ops igb_netdev_ops = {
	.ndo_open = igb_open,
	.ndo_stop = igb_stop,
	.ndo_start_xmit = igb_xmit_frame,
	.ndo_set_rx_mode = igb_set_rx_mode,
	.ndo_set_mac_address = igb_set_mac,
	.ndo_change_mtu = igb_change_mtu,
	.ndo_tx_timeout = igb_tx_timeout,
	.ndo_get_stats64 = igb_get_stats64,
};

/* --- probe ------------------------------------------------------------------------------------ */

static void igb_free_q_vectors(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->max_queues; i++) {
		if (!a->q[i])
			continue;
		netif_napi_del(&a->q[i]->napi);
		kfree(a->q[i]);
	}
}

static int igb_alloc_q_vectors(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->max_queues; i++) {
		struct igb_q_vector *q = kzalloc(sizeof(*q));

		if (!q)
			return -ENOMEM;
		a->q[i] = q;
		q->adapter = q->rx.adapter = q->tx.adapter = a;
		q->rx.index = q->tx.index = (u16)i;
		q->bit = 1u << i;
		netif_napi_add(a->netdev, &q->napi, igb_poll, 64);
	}
	return 0;
}

static void igb_sw_init(struct igb_adapter *a, u32 queues)
{
	struct machine *m = a->netdev->net->machine;
	struct platform *p = m->platform;
	u32 i;

	a->virtual = igb_rd32(a, E1000_VX_ID) == VX_MAGIC;
	a->nr_queues = a->max_queues = queues;
	a->msix = a->bus->nr_vectors > 1;
	a->rx_count = max(IGB_DEFAULT_RXD >> m->size_shift, IGB_SMALL_RING);
	a->tx_count = max(IGB_DEFAULT_TXD >> m->size_shift, IGB_SMALL_RING);
	a->itr_usecs = IGB_EITR_USECS;
	p->ops->random(p, a->rss_key, sizeof(a->rss_key));
	for (i = 0; i < sizeof(a->rss_table); i++)
		a->rss_table[i] = (u8)(i % queues);
}

static void igb_init_netdev(struct igb_adapter *a)
{
	struct net_device *dev = a->netdev;
	u32 low = igb_rd32(a, E1000_RAL(0)), high = igb_rd32(a, E1000_RAH(0));

	ether_setup(dev);
	dev->netdev_ops = &igb_netdev_ops;
	dev->ethtool_ops = &igb_ethtool_ops;
	dev->max_mtu = IGB_MAX_MTU;
	/* the model cannot hang, and the watchdog costs a look at the clock
	 * per packet */
	dev->watchdog_timeo = a->virtual ? 0 : 5 * HZ;
	dev->features = dev->hw_features = IGB_FEATURES |
			(a->virtual ? NETIF_F_GSO_UDP_L4 : 0);
	memcpy(dev->dev_addr, &low, 4);
	memcpy(dev->dev_addr + 4, &high, 2);
}

static u32 igb_pick_queues(const struct net *net, const struct hw_bus *bus,
			   u32 queues)
{
	if (!queues)
		queues = min(IGB_DEFAULT_QUEUES, net->machine->nr_cpus);
	queues = min(queues, bus->nr_vectors);
	queues = min(queues, IGB_MAX_QUEUES);
	return max(queues, 1u);
}

int igb_probe(struct net *net, struct hw_bus *bus, const char *name,
	      u32 queues, struct net_device **out)
{
	struct net_device *dev;
	struct igb_adapter *a;
	int err;

	queues = igb_pick_queues(net, bus, queues);
	dev = alloc_netdev(net, sizeof(*a), name, queues);
	if (!dev)
		return -ENOMEM;
	a = dev->priv;
	a->netdev = dev;
	a->bus = bus;
	igb_wr32(a, E1000_CTRL, CTRL_RST);
	igb_sw_init(a, queues);
	igb_init_netdev(a);
	err = igb_alloc_q_vectors(a);
	if (!err)
		err = register_netdev(dev);
	if (err)
		goto free_dev;
	*out = dev;
	return 0;

free_dev:
	igb_free_q_vectors(a);
	free_netdev(dev);
	return err;
}

void igb_remove(struct net_device *dev)
{
	unregister_netdev(dev);
	igb_free_q_vectors(dev->priv);
	free_netdev(dev);
}
