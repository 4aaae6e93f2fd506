/* SPDX-License-Identifier: BSD-2-Clause */
/* What ethtool shows and sets: driver, link, rings, channels, coalescing,
 * statistics, RSS. Rings and channels change by closing and opening. */
#include "drivers/igb/igb.h"

#include <stdio.h>

/* --- what it is --------------------------------------------------------------------- */

static void igb_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *i)
{
	struct igb_adapter *a = dev->priv;

	snprintf(i->driver, sizeof(i->driver), "igb");
	snprintf(i->version, sizeof(i->version), "weir");
	snprintf(i->fw_version, sizeof(i->fw_version), "%s",
		 a->virtual ? "virtual" : "");
	snprintf(i->bus_info, sizeof(i->bus_info), "%s",
		 a->bus->name ? a->bus->name : "");
}

static bool igb_get_link(struct net_device *dev)
{
	return igb_rd32(dev->priv, E1000_STATUS) & STATUS_LU;
}

static int igb_get_link_settings(struct net_device *dev,
				 struct ethtool_link_settings *s)
{
	s->speed = 1000;
	s->duplex = DUPLEX_FULL;
	s->autoneg = 1;
	return 0;
}

static void igb_get_pauseparam(struct net_device *dev,
			       struct ethtool_pauseparam *p)
{
	p->autoneg = true;
	p->rx_pause = p->tx_pause = true;
}

/* --- settings ------------------------------------------------------------------------ */

/* Runs `change` with the device closed, if it was open. */
static int igb_reopen(struct net_device *dev,
		      void (*change)(struct igb_adapter *a, const void *arg),
		      const void *arg)
{
	bool running = netif_running(dev);

	if (running)
		dev_close(dev);
	change(dev->priv, arg);
	return running ? dev_open(dev) : 0;
}

static void igb_get_ringparam(struct net_device *dev,
			      struct ethtool_ringparam *r)
{
	struct igb_adapter *a = dev->priv;

	r->rx_max_pending = r->tx_max_pending = IGB_MAX_RING;
	r->rx_pending = a->rx_count;
	r->tx_pending = a->tx_count;
}

/* RDLEN and TDLEN are in units of 8 descriptors. */
static u32 igb_ring_size(u32 n, u32 least)
{
	n = max(n, least);
	n = min(n, IGB_MAX_RING);
	return ALIGN_UP(n, 8u);
}

static void igb_apply_ringparam(struct igb_adapter *a, const void *arg)
{
	const struct ethtool_ringparam *r = arg;

	a->rx_count = igb_ring_size(r->rx_pending, IGB_MIN_RXD);
	a->tx_count = igb_ring_size(r->tx_pending, IGB_MIN_TXD);
}

static int igb_set_ringparam(struct net_device *dev,
			     const struct ethtool_ringparam *r)
{
	if (r->rx_pending > IGB_MAX_RING || r->tx_pending > IGB_MAX_RING)
		return -EINVAL;
	return igb_reopen(dev, igb_apply_ringparam, r);
}

static void igb_get_coalesce(struct net_device *dev, struct ethtool_coalesce *c)
{
	struct igb_adapter *a = dev->priv;

	c->rx_coalesce_usecs = c->tx_coalesce_usecs = a->itr_usecs;
	c->tx_max_coalesced_frames = a->tx_frames;
}

static int igb_set_coalesce(struct net_device *dev,
			    const struct ethtool_coalesce *c)
{
	struct igb_adapter *a = dev->priv;
	u32 i;

	if (c->rx_coalesce_usecs > EITR_INTERVAL >> 2 ||
	    c->tx_max_coalesced_frames > IGB_MAX_TX_FRAMES)
		return -EINVAL;
	a->itr_usecs = c->rx_coalesce_usecs;
	igb_write_itr(a);
	a->tx_frames = c->tx_max_coalesced_frames;
	for (i = 0; netif_running(dev) && i < a->nr_queues; i++)
		igb_write_txdctl(a, i);
	return 0;
}

static void igb_get_channels(struct net_device *dev, struct ethtool_channels *c)
{
	struct igb_adapter *a = dev->priv;

	c->max_combined = a->max_queues;
	c->combined_count = a->nr_queues;
}

static void igb_apply_channels(struct igb_adapter *a, const void *arg)
{
	const struct ethtool_channels *c = arg;
	u32 i;

	a->nr_queues = c->combined_count;
	a->netdev->real_num_tx_queues = a->nr_queues;
	for (i = 0; i < sizeof(a->rss_table); i++)
		a->rss_table[i] = (u8)(i % a->nr_queues);
}

static int igb_set_channels(struct net_device *dev,
			    const struct ethtool_channels *c)
{
	struct igb_adapter *a = dev->priv;

	if (!c->combined_count || c->combined_count > a->max_queues ||
	    c->rx_count || c->tx_count)
		return -EINVAL;
	return igb_reopen(dev, igb_apply_channels, c);
}

static void igb_get_rxfh(struct net_device *dev, struct ethtool_rxfh *r)
{
	struct igb_adapter *a = dev->priv;

	r->indir_size = sizeof(a->rss_table);
	r->key_size = sizeof(a->rss_key);
	memcpy(r->indir, a->rss_table, sizeof(a->rss_table));
	memcpy(r->key, a->rss_key, sizeof(a->rss_key));
}

static int igb_set_rxfh(struct net_device *dev, const struct ethtool_rxfh *r)
{
	struct igb_adapter *a = dev->priv;
	u32 i;

	if (r->indir_size && r->indir_size != sizeof(a->rss_table))
		return -EINVAL;
	if (r->key_size && r->key_size != sizeof(a->rss_key))
		return -EINVAL;
	for (i = 0; i < r->indir_size; i++)
		if (r->indir[i] >= a->nr_queues)
			return -EINVAL;
	memcpy(a->rss_table, r->indir, r->indir_size);
	memcpy(a->rss_key, r->key, r->key_size);
	igb_write_rss(a);
	return 0;
}

/* --- statistics ------------------------------------------------------------------------ */

#define IGB_GLOBAL_STATS	4u
#define IGB_QUEUE_STATS		9u

static u32 igb_get_sset_count(struct net_device *dev)
{
	struct igb_adapter *a = dev->priv;

	return IGB_GLOBAL_STATS + IGB_QUEUE_STATS * a->nr_queues;
}

static void igb_get_strings(struct net_device *dev,
			    char (*names)[ETH_GSTRING_LEN])
{
	static const char *const global[IGB_GLOBAL_STATS] = {
		"rx_missed_errors", "rx_no_buffer_count",
		"rx_length_errors", "interrupts",
	};
	static const char *const queue[IGB_QUEUE_STATS] = {
		"rx_queue_%u_packets", "rx_queue_%u_bytes",
		"rx_queue_%u_drops", "rx_queue_%u_csum_err",
		"rx_queue_%u_alloc_failed", "tx_queue_%u_packets",
		"tx_queue_%u_bytes", "tx_queue_%u_busy", "tx_queue_%u_errors",
	};
	struct igb_adapter *a = dev->priv;
	u32 i, k, n = 0;

	for (i = 0; i < IGB_GLOBAL_STATS; i++)
		snprintf(names[n++], ETH_GSTRING_LEN, "%s", global[i]);
	for (i = 0; i < a->nr_queues; i++)
		for (k = 0; k < IGB_QUEUE_STATS; k++)
			snprintf(names[n++], ETH_GSTRING_LEN, queue[k], i);
}

static void igb_get_ethtool_stats(struct net_device *dev, u64 *v)
{
	struct igb_adapter *a = dev->priv;
	u32 i;

	igb_update_stats(a);
	*v++ = a->missed;
	*v++ = a->no_buffer;
	*v++ = a->length_errors;
	*v++ = a->interrupts;
	for (i = 0; i < a->nr_queues; i++) {
		const struct igb_rx_ring *rx = &a->q[i]->rx;
		const struct igb_tx_ring *tx = &a->q[i]->tx;

		*v++ = rx->packets;
		*v++ = rx->bytes;
		*v++ = rx->dropped;
		*v++ = rx->csum_errors;
		*v++ = rx->alloc_failed;
		*v++ = tx->packets;
		*v++ = tx->bytes;
		*v++ = tx->busy;
		*v++ = tx->errors;
	}
}

/* Pairs of offset and value. */
static u32 igb_get_regs(struct net_device *dev, void *buf, u32 room)
{
	static const u32 regs[] = {
		E1000_CTRL, E1000_STATUS, E1000_RCTL, E1000_TCTL, E1000_EIMS,
		E1000_EICR, E1000_EIAC, E1000_EIAM, E1000_MRQC, E1000_RXCSUM,
		E1000_RX_Q(0, Q_HEAD), E1000_RX_Q(0, Q_TAIL),
		E1000_TX_Q(0, Q_HEAD), E1000_TX_Q(0, Q_TAIL),
	};
	u32 i, pair[2], n = 0;

	for (i = 0; i < ARRAY_SIZE(regs) && n + sizeof(pair) <= room; i++) {
		pair[0] = regs[i];
		pair[1] = igb_rd32(dev->priv, regs[i]);
		memcpy((u8 *)buf + n, pair, sizeof(pair));
		n += sizeof(pair);
	}
	return n;
}

const struct ethtool_ops igb_ethtool_ops = {
	.get_drvinfo = igb_get_drvinfo,
	.get_link = igb_get_link,
	.get_link_settings = igb_get_link_settings,
	.get_ringparam = igb_get_ringparam,
	.set_ringparam = igb_set_ringparam,
	.get_coalesce = igb_get_coalesce,
	.set_coalesce = igb_set_coalesce,
	.get_channels = igb_get_channels,
	.set_channels = igb_set_channels,
	.get_pauseparam = igb_get_pauseparam,
	.get_sset_count = igb_get_sset_count,
	.get_strings = igb_get_strings,
	.get_ethtool_stats = igb_get_ethtool_stats,
	.get_rxfh = igb_get_rxfh,
	.set_rxfh = igb_set_rxfh,
	.get_regs = igb_get_regs,
};
