/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ethtool: what a driver tells of its device and lets be changed. Ops that a
 * device does not have are NULL (-EOPNOTSUPP). Task context, rtnl not held.
 */
#ifndef WEIR_DEV_ETHTOOL_H
#define WEIR_DEV_ETHTOOL_H

#include "dev/netdevice.h"

#define ETH_GSTRING_LEN		32
#define ETHTOOL_RSS_KEY_MAX	40
#define ETHTOOL_RSS_TABLE_MAX	128

struct ethtool_drvinfo {
	char driver[32], version[32], fw_version[32], bus_info[32];
};

struct ethtool_ringparam {
	u32 rx_max_pending, tx_max_pending;
	u32 rx_pending, tx_pending;
};

struct ethtool_coalesce {
	u32 rx_coalesce_usecs, tx_coalesce_usecs;
	u32 rx_max_coalesced_frames, tx_max_coalesced_frames;
	bool use_adaptive_rx;
};

struct ethtool_channels {
	u32 max_rx, max_tx, max_other, max_combined;
	u32 rx_count, tx_count, other_count, combined_count;
};

struct ethtool_rxfh {
	u32 indir_size, key_size;
	u8 indir[ETHTOOL_RSS_TABLE_MAX];	/* receive queue by hash */
	u8 key[ETHTOOL_RSS_KEY_MAX];
};

enum ethtool_duplex { DUPLEX_HALF, DUPLEX_FULL, DUPLEX_UNKNOWN = 0xff };
struct ethtool_link_settings {
	u32 speed;			/* Mbit/s, 0: unknown */
	u8 duplex, autoneg, port, phy_address;
};

struct ethtool_pauseparam {
	bool autoneg, rx_pause, tx_pause;
};

struct ethtool_ops {
	void (*get_drvinfo)(struct net_device *dev, struct ethtool_drvinfo *i);
	bool (*get_link)(struct net_device *dev);
	int (*get_link_settings)(struct net_device *dev,
				 struct ethtool_link_settings *s);
	void (*get_ringparam)(struct net_device *dev,
			      struct ethtool_ringparam *r);
	int (*set_ringparam)(struct net_device *dev,
			     const struct ethtool_ringparam *r);
	void (*get_coalesce)(struct net_device *dev,
			     struct ethtool_coalesce *c);
	int (*set_coalesce)(struct net_device *dev,
			    const struct ethtool_coalesce *c);
	void (*get_channels)(struct net_device *dev,
			     struct ethtool_channels *c);
	int (*set_channels)(struct net_device *dev,
			    const struct ethtool_channels *c);
	void (*get_pauseparam)(struct net_device *dev,
			       struct ethtool_pauseparam *p);
	int (*set_pauseparam)(struct net_device *dev,
			      const struct ethtool_pauseparam *p);
	/* Statistics: names in the order of the values. */
	u32 (*get_sset_count)(struct net_device *dev);
	void (*get_strings)(struct net_device *dev,
			    char (*names)[ETH_GSTRING_LEN]);
	void (*get_ethtool_stats)(struct net_device *dev, u64 *values);
	void (*get_rxfh)(struct net_device *dev, struct ethtool_rxfh *r);
	int (*set_rxfh)(struct net_device *dev, const struct ethtool_rxfh *r);
	/* Register dump; length written. */
	u32 (*get_regs)(struct net_device *dev, void *buf, u32 room);
	int (*nway_reset)(struct net_device *dev);
};

/* Names of netdev_features_t bits as ethtool -k prints them; NULL at the
 * end. Index = bit number. */
const char *netdev_feature_name(u32 bit);

#endif
