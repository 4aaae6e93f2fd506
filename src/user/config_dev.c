/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuring devices: properties, offloads, rings, queueing disciplines,
 * neighbours. Each call finds its device by name, on a CPU, and says which
 * words it would have taken when it knows none of those given.
 */
#include "user/stack.h"

#include "dev/ethtool.h"
#include "dev/netdevice.h"
#include "dev/qdisc/sch_generic.h"
#include "ether/neighbour.h"
#include "inet/ipv4_net.h"
#include "tcp/tcp_metrics.h"
#include "user/config_text.h"

#include <stdio.h>
#include <stdlib.h>

/* What a call wants to do to a device; value and done depend on the call. */
struct change {
	const char *key, *value;
	int on;
	u32 rx, tx;
	const struct Qdisc_ops *ops;
	const struct qdisc_params *params;
};

/* Runs fn on the device; 0 or -errno, told in err unless fn did. */
static int on_device(struct weir *w, const char *name,
		     int (*fn)(struct net_device *dev, const struct change *c),
		     const struct change *c, char *err, size_t errlen)
{
	struct net_device *dev;
	int ret = -ENODEV;

	if (!stack_enter(w))
		return config_refuse(err, errlen, -EBADF, name,
				     errno_text(-EBADF));
	dev = dev_get_by_name(w->net, name);
	if (dev)
		ret = fn(dev, c);
	stack_leave(w);
	if (ret == -ENODEV)
		config_refuse(err, errlen, ret, name, "no such device");
	return ret;
}

/* --- properties ---------------------------------------------------------------- */

static int set_state(struct net_device *dev, const char *value)
{
	if (!strcmp(value, "up"))
		return dev_open(dev);
	if (strcmp(value, "down"))
		return -EINVAL;
	dev_close(dev);
	return 0;
}

static int set_mtu(struct net_device *dev, const char *value)
{
	u32 mtu;

	return u32_parse(value, 1, UINT32_MAX, &mtu) ? -EINVAL
						     : dev_set_mtu(dev, mtu);
}

static int set_txqueuelen(struct net_device *dev, const char *value)
{
	u32 len;

	return u32_parse(value, 0, INT32_MAX, &len) ? -EINVAL :
	       dev_set_tx_queue_len(dev, len);
}

static int set_gso_size(struct net_device *dev, const char *value)
{
	u32 size;

	return u32_parse(value, 1, UINT32_MAX, &size) ? -EINVAL :
	       dev_set_gso_max(dev, size, 0);
}

static int set_gso_segs(struct net_device *dev, const char *value)
{
	u32 segs;

	return u32_parse(value, 1, UINT32_MAX, &segs) ? -EINVAL :
	       dev_set_gso_max(dev, 0, segs);
}

static int set_address(struct net_device *dev, const char *value)
{
	u8 mac[MAX_ADDR_LEN] = { 0 };

	if (dev->addr_len != 6)
		return -EOPNOTSUPP;
	return mac_parse(value, mac) ? -EINVAL : dev_set_mac_address(dev, mac);
}

/* 1, 0 or -EINVAL */
static int on_off(const char *value)
{
	if (!strcmp(value, "on"))
		return 1;
	return strcmp(value, "off") ? -EINVAL : 0;
}

static int set_promisc(struct net_device *dev, const char *value)
{
	int on = on_off(value);

	if (on >= 0 && !!(dev->flags & IFF_PROMISC) != on)
		dev_set_promiscuity(dev, on ? 1 : -1);
	return min(on, 0);
}

static int set_allmulti(struct net_device *dev, const char *value)
{
	int on = on_off(value);

	if (on >= 0 && !!(dev->flags & IFF_ALLMULTI) != on)
		dev_set_allmulti(dev, on ? 1 : -1);
	return min(on, 0);
}

static const struct property {
	const char *name;
	int (*set)(struct net_device *dev, const char *value);
} properties[] = {
	{ "state", set_state },
	{ "mtu", set_mtu },
	{ "txqueuelen", set_txqueuelen },
	{ "gso_max_size", set_gso_size },
	{ "gso_max_segs", set_gso_segs },
	{ "address", set_address },
	{ "promisc", set_promisc },
	{ "allmulticast", set_allmulti },
};

static int link_set(struct net_device *dev, const struct change *c)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (!strcmp(properties[i].name, c->key))
			return properties[i].set(dev, c->value);
	return -ENOENT;
}

int weir_link_set(struct weir *w, const char *dev, const char *key,
		  const char *value, char *err, size_t errlen)
{
	struct change c = { .key = key, .value = value };
	int ret = on_device(w, dev, link_set, &c, err, errlen);

	if (ret == -ENOENT)
		config_refuse(err, errlen, ret, key, "devices have no such "
			      "property; there are state, mtu, txqueuelen, "
			      "gso_max_size, gso_max_segs, address, promisc, "
			      "allmulticast");
	else if (ret && ret != -ENODEV && ret != -EBADF)
		snprintf(err, errlen, "%s %s: not for %s: %s", key, value, dev,
			 errno_text(ret));
	return ret;
}

/* --- offloads -------------------------------------------------------------------- */

static const struct {
	const char *shortly, *longer;
	netdev_features_t bits;
} features[] = {
	{ "rx", "rx-checksumming", NETIF_F_RXCSUM },
	{ "tx", "tx-checksumming", NETIF_F_CSUM_MASK },
	{ "sg", "scatter-gather", NETIF_F_SG | NETIF_F_FRAGLIST },
	{ "tso", "tcp-segmentation-offload", NETIF_F_ALL_TSO },
	{ "gso", "generic-segmentation-offload", NETIF_F_GSO },
	{ "gro", "generic-receive-offload", NETIF_F_GRO },
	{ "lro", "large-receive-offload", NETIF_F_LRO },
	{ "rxhash", "receive-hashing", NETIF_F_RXHASH },
};

/* 0: no such feature. */
static netdev_features_t feature_bits(const char *name)
{
	const char *bit;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (!strcmp(features[i].shortly, name) ||
		    !strcmp(features[i].longer, name))
			return features[i].bits;
	for (i = 0; (bit = netdev_feature_name(i)); i++)
		if (!strcmp(bit, name))
			return 1ull << i;
	return 0;
}

/* What the device cannot switch stays as it is; nothing of it can: refused,
 * unless it is so already. */
static int feature_set(struct net_device *dev, const struct change *c)
{
	netdev_features_t bits = feature_bits(c->key);
	netdev_features_t can = bits & dev->hw_features;
	netdev_features_t is = dev->features & bits;

	if (!bits)
		return -ENOENT;
	if (!can)
		return !!is == !!c->on ? 0 : -EOPNOTSUPP;
	return dev_set_features(dev, c->on ? dev->features | can
					   : dev->features & ~can);
}

int weir_feature_set(struct weir *w, const char *dev, const char *name, int on,
		     char *err, size_t errlen)
{
	struct change c = { .key = name, .on = on };
	int ret = on_device(w, dev, feature_set, &c, err, errlen);

	if (ret == -ENOENT)
		config_refuse(err, errlen, ret, name, "no such feature; there "
			      "are rx, tx, sg, tso, gso, gro, lro, rxhash and "
			      "their long names");
	else if (ret && ret != -ENODEV && ret != -EBADF)
		snprintf(err, errlen, "%s: cannot be changed on %s: %s", name,
			 dev, errno_text(ret));
	return ret;
}

static int feature_get(struct net_device *dev, const struct change *c)
{
	netdev_features_t bits = feature_bits(c->key);

	return bits ? !!(dev->features & bits) : -ENOENT;
}

int weir_feature_get(struct weir *w, const char *dev, const char *name)
{
	struct change c = { .key = name };
	char err[64];

	return on_device(w, dev, feature_get, &c, err, sizeof(err));
}

static int ring_set(struct net_device *dev, const struct change *c)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
	struct ethtool_ringparam r = { 0 };

	if (!ops || !ops->get_ringparam || !ops->set_ringparam)
		return -EOPNOTSUPP;
	ops->get_ringparam(dev, &r);
	if (c->rx)
		r.rx_pending = c->rx;
	if (c->tx)
		r.tx_pending = c->tx;
	if (r.rx_pending > r.rx_max_pending || r.tx_pending > r.tx_max_pending)
		return -EINVAL;
	return ops->set_ringparam(dev, &r);
}

int weir_ring_set(struct weir *w, const char *dev, uint32_t rx, uint32_t tx,
		  char *err, size_t errlen)
{
	struct change c = { .rx = rx, .tx = tx };
	int ret = on_device(w, dev, ring_set, &c, err, errlen);

	if (ret && ret != -ENODEV && ret != -EBADF)
		config_refuse(err, errlen, ret, dev, ret == -EINVAL ?
			      "its rings are not that large" : errno_text(ret));
	return ret;
}

/* --- queueing disciplines ---------------------------------------------------------- */

/* "10", "64k", "1m", "10p" */
static int parse_limit(const char *text, u32 *limit)
{
	unsigned long long v;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	v = strtoull(text, &end, 10);
	if (!strcasecmp(end, "k") || !strcasecmp(end, "kb"))
		v *= 1024;
	else if (!strcasecmp(end, "m") || !strcasecmp(end, "mb"))
		v *= 1024 * 1024;
	else if (*end && strcmp(end, "p") && strcmp(end, "b"))
		return -EINVAL;
	*limit = (u32)v;
	return v > UINT32_MAX ? -EINVAL : 0;
}

struct qdisc_words {
	char kind[16], key[16], value[16];
	struct qdisc_params params;
	bool has_params;
};

static int parse_qdisc(struct qdisc_words *q, const char *words, char *err,
		       size_t errlen)
{
	char rest[2];
	int n = sscanf(words, "%15s %15s %15s %1s", q->kind, q->key, q->value,
		       rest);
	bool fifo = !strcmp(q->kind, "pfifo") || !strcmp(q->kind, "bfifo");

	if (n < 1)
		return config_refuse(err, errlen, -EINVAL, "qdisc",
				     "no kind given");
	if (!qdisc_lookup_ops(q->kind) || !strcmp(q->kind, "noop"))
		return config_refuse(err, errlen, -ENOENT, q->kind, "no such "
				     "queueing discipline; there are pfifo, "
				     "bfifo, pfifo_fast, noqueue");
	if (n == 1)
		return 0;
	if (!fifo || strcmp(q->key, "limit"))
		return config_refuse(err, errlen, -EINVAL, q->key, fifo ?
				     "the only parameter is limit" :
				     "this discipline has no parameters");
	if (n != 3 || parse_limit(q->value, &q->params.limit))
		return config_refuse(err, errlen, -EINVAL, "limit",
				     "one number is needed, such as 10 or 64k");
	q->has_params = true;
	return 0;
}

static int qdisc_set(struct net_device *dev, const struct change *c)
{
	if (c->ops && !dev_qdisc_params(dev, c->ops, c->params))
		return 0;
	return dev_qdisc_change(dev, c->ops, c->params);
}

int weir_qdisc_set(struct weir *w, const char *dev, const char *words, char *err,
		   size_t errlen)
{
	struct qdisc_words q = { .kind = "" };
	struct change c = { .ops = NULL };
	int ret;

	if (words) {
		ret = parse_qdisc(&q, words, err, errlen);
		if (ret)
			return ret;
		c.ops = qdisc_lookup_ops(q.kind);
		c.params = q.has_params ? &q.params : NULL;
	}
	ret = on_device(w, dev, qdisc_set, &c, err, errlen);
	if (ret && ret != -ENODEV && ret != -EBADF)
		config_refuse(err, errlen, ret, dev, errno_text(ret));
	return ret;
}

/* --- neighbours, and what TCP remembers ---------------------------------------------- */

static int neigh_set(struct net_device *dev, const struct change *c)
{
	struct neigh_table *t = &dev->net->ipv4->arp_tbl;
	struct neighbour *n;
	u8 mac[MAX_ADDR_LEN] = { 0 };
	__be32 addr;
	int ret;

	if (ipv4_parse(c->key, &addr) || (c->value && mac_parse(c->value, mac)))
		return -EINVAL;
	if (!c->value)
		return neigh_delete(t, &addr, dev);
	if (dev->addr_len != 6)
		return -EOPNOTSUPP;
	n = neigh_create(t, &addr, dev);
	if (IS_ERR(n))
		return (int)PTR_ERR(n);
	ret = neigh_update(n, mac, NUD_PERMANENT, NEIGH_UPDATE_F_ADMIN |
			   NEIGH_UPDATE_F_OVERRIDE);
	neigh_release(n);
	return ret;
}

int weir_neigh_set(struct weir *w, const char *dev, const char *addr,
		   const char *mac, char *err, size_t errlen)
{
	struct change c = { .key = addr, .value = mac };
	int ret = on_device(w, dev, neigh_set, &c, err, errlen);

	if (ret == -EINVAL)
		snprintf(err, errlen, "%s%s%s: not an IPv4 address%s", addr,
			 mac ? " " : "", mac ? mac : "",
			 mac ? " and a link-layer address" : "");
	else if (ret == -ENOENT)
		config_refuse(err, errlen, ret, addr, "no such neighbour");
	else if (ret && ret != -ENODEV && ret != -EBADF)
		config_refuse(err, errlen, ret, addr, errno_text(ret));
	return ret;
}

static int neigh_forget(struct net_device *dev, const struct change *c)
{
	neigh_flush_learnt(&dev->net->ipv4->arp_tbl, c->on ? NULL : dev);
	return 0;
}

int weir_neigh_flush(struct weir *w, const char *dev)
{
	struct change c = { .on = !dev };	/* of all */
	char err[64];

	return on_device(w, dev ? dev : "lo", neigh_forget, &c, err,
			 sizeof(err));
}

int weir_tcp_metrics_flush(struct weir *w)
{
	if (!stack_enter(w))
		return -EBADF;
	tcp_metrics_flush(w->net);
	stack_leave(w);
	return 0;
}
