/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stack with one toy device, for the tests of dev, ether, filter and the
 * small drivers: what is sent on it is kept in toy_sent(), or refused while
 * toy->busy.
 */
#ifndef WEIR_TESTS_DEV_DEV_TEST_H
#define WEIR_TESTS_DEV_DEV_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/slab.h"
#include "buf/wire/eth.h"
#include "cpu/rcu.h"
#include "cpu/task.h"
#include "dev/gro.h"
#include "dev/ptype.h"
#include "dev/qdisc/sch_generic.h"
#include "dev/softnet.h"
#include "tests/support/fake_platform.h"

struct toy {
	struct sk_buff_head sent;
	bool busy;			/* refuse and stop the queue */
	bool forward_to_self;		/* send again what is sent */
	u32 refused, more_seen, timeouts;
};

struct world {
	struct fake_platform *fp;
	struct machine *m;
	struct net *net;
	struct net_device *dev;
	struct toy *toy;
};

static inline netdev_tx_t toy_xmit(struct sk_buff *skb, struct net_device *dev,
				   bool more)
{
	struct toy *toy = dev->priv;

	if (toy->busy) {
		toy->refused++;
		netif_tx_stop_queue(&dev->tx[0]);
		return NETDEV_TX_BUSY;
	}
	toy->more_seen += more;
	if (toy->forward_to_self) {
		dev_queue_xmit(skb);
		return NETDEV_TX_OK;
	}
	__skb_queue_tail(&toy->sent, skb);
	return NETDEV_TX_OK;
}

static inline void toy_timeout(struct net_device *dev, u32 txqueue)
{
	struct toy *toy = dev->priv;

	toy->timeouts++;
}

static const struct net_device_ops toy_ops = {
	.ndo_start_xmit = toy_xmit,
	.ndo_tx_timeout = toy_timeout,
};

/* A device "toyN", registered and up. */
static inline struct net_device *toy_create(struct net *net,
					    netdev_features_t features)
{
	struct net_device *dev = alloc_netdev(net, sizeof(struct toy), "toy%d",
					      1);
	static const u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

	assert_non_null(dev);
	ether_setup(dev);
	ether_addr_copy(dev->dev_addr, mac);
	dev->netdev_ops = &toy_ops;
	dev->features = features;
	dev->watchdog_timeo = 5 * HZ;
	skb_queue_head_init(&((struct toy *)dev->priv)->sent);
	assert_int_equal(register_netdev(dev), 0);
	assert_int_equal(dev_open(dev), 0);
	return dev;
}

static inline void toy_destroy(struct net_device *dev)
{
	struct toy *toy = dev->priv;

	dev_close(dev);
	skb_queue_consume(&toy->sent);
	unregister_netdev(dev);
	free_netdev(dev);
}

static inline void world_begin(struct world *w, netdev_features_t features)
{
	w->fp = fake_platform_create(1);
	w->m = fake_machine(w->fp);
	assert_int_equal(net_dev_init(w->m), 0);
	w->net = net_alloc(w->m, "test");
	assert_non_null(w->net);
	w->dev = toy_create(w->net, features);
	w->toy = w->dev->priv;
}

/* Nothing may be left. */
static inline void world_end(struct world *w)
{
	fake_run(w->fp);
	toy_destroy(w->dev);
	net_free(w->net);
	rcu_barrier(w->m);
	net_dev_exit(w->m);
	assert_int_equal(fake_platform_destroy(w->fp), 0);
}

/* An Ethernet frame of type 0x88b5 (local experimental) with `len` bytes of
 * payload that count from `first`. data at the Ethernet header. */
#define TOY_PROTO	0x88b5
static inline struct sk_buff *toy_frame(struct net_device *dev, u32 len,
					u8 first)
{
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + ETH_HLEN + len);
	struct ethhdr *eth;
	u8 *p;

	assert_non_null(skb);
	skb_reserve(skb, SKB_MAX_HEADROOM);
	skb->dev = dev;
	skb->protocol = cpu_to_be16(TOY_PROTO);
	eth = (struct ethhdr *)skb_put(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, dev->dev_addr);
	memset(eth->h_source, 0x22, ETH_ALEN);
	eth->h_proto = cpu_to_be16(TOY_PROTO);
	skb_reset_mac_header(skb);
	p = skb_put(skb, len);
	for (u32 i = 0; i < len; i++)
		p[i] = (u8)(first + i);
	skb_set_network_header(skb, ETH_HLEN);
	return skb;
}

/* What a packet_type saw. */
struct sink {
	struct packet_type pt;
	struct sk_buff_head got;
};

static inline int sink_func(struct sk_buff *skb, struct net_device *dev,
			    struct packet_type *pt, struct net_device *orig)
{
	__skb_queue_tail(&container_of(pt, struct sink, pt)->got, skb);
	return 0;
}

static inline void sink_begin(struct sink *s, struct net *net, u16 type)
{
	memset(s, 0, sizeof(*s));
	skb_queue_head_init(&s->got);
	s->pt.type = cpu_to_be16(type);
	s->pt.func = sink_func;
	dev_add_pack(net, &s->pt);
}

static inline void sink_end(struct sink *s)
{
	dev_remove_pack(&s->pt);
	skb_queue_consume(&s->got);
}

#endif
