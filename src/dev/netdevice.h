/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net_device: what a driver offers and what the stack keeps for it.
 *
 * Life: alloc_netdev (driver's private part behind it) -> register_netdev ->
 * dev_open (ndo_open: rings, interrupts, napi_enable) -> traffic ->
 * dev_close -> unregister_netdev -> free_netdev.
 */
#ifndef WEIR_DEV_NETDEVICE_H
#define WEIR_DEV_NETDEVICE_H

#include "buf/skbuff.h"
#include "cpu/napi.h"
#include "cpu/lock.h"
#include "dev/net.h"

struct Qdisc;
struct ethtool_ops;
struct in_device;

#define MAX_ADDR_LEN	8
#define DEV_IFNAMSIZ	16
#define MAX_TX_QUEUES	16

typedef u64 netdev_features_t;
#define NETIF_F_SG		(1ull << 0)
#define NETIF_F_IP_CSUM		(1ull << 1)	/* CHECKSUM_PARTIAL for v4 */
#define NETIF_F_IPV6_CSUM	(1ull << 2)
#define NETIF_F_HW_CSUM		(1ull << 3)	/* CHECKSUM_PARTIAL, any */
#define NETIF_F_RXCSUM		(1ull << 4)
#define NETIF_F_TSO		(1ull << 5)
#define NETIF_F_TSO6		(1ull << 6)
#define NETIF_F_TSO_ECN		(1ull << 7)
#define NETIF_F_GSO		(1ull << 8)
#define NETIF_F_GRO		(1ull << 9)
#define NETIF_F_RXHASH		(1ull << 10)
#define NETIF_F_GSO_UDP_L4	(1ull << 11)
#define NETIF_F_LRO		(1ull << 12)
#define NETIF_F_HIGHDMA		(1ull << 13)
#define NETIF_F_FRAGLIST	(1ull << 14)
#define NETIF_F_LOOPBACK	(1ull << 15)
#define NETIF_F_LLTX		(1ull << 16)	/* driver locks by itself */
#define NETIF_F_GSO_ACCECN	(1ull << 17)	/* leaves CWR alone */
#define NETIF_F_ALL_TSO		(NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN)
#define NETIF_F_CSUM_MASK	(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | \
				 NETIF_F_HW_CSUM)

enum netdev_tx { NETDEV_TX_OK, NETDEV_TX_BUSY };
typedef enum netdev_tx netdev_tx_t;

enum {	/* return of dev_queue_xmit and qdisc enqueue */
	NET_XMIT_SUCCESS = 0, NET_XMIT_DROP = 1, NET_XMIT_CN = 2,
};

struct rtnl_link_stats64 {
	u64 rx_packets, tx_packets, rx_bytes, tx_bytes;
	u64 rx_errors, tx_errors, rx_dropped, tx_dropped;
	u64 multicast, collisions;
	u64 rx_length_errors, rx_over_errors, rx_crc_errors, rx_frame_errors;
	u64 rx_fifo_errors, rx_missed_errors;
	u64 tx_aborted_errors, tx_carrier_errors, tx_fifo_errors;
	u64 tx_heartbeat_errors, tx_window_errors;
	u64 rx_compressed, tx_compressed, rx_nohandler;
};

/* One transmit queue. */
struct netdev_queue {
	struct net_device *dev;
	struct Qdisc *qdisc;		/* RCU */
	spinlock_t xmit_lock;		/* around ndo_start_xmit */
	u32 state;			/* bit 0 stopped by driver, 1 by stack */
	u64 trans_start;		/* jiffies when it was stopped last */
	u64 tx_dropped, requeues;
	u16 index;
} __cacheline;

struct net_device_ops {
	int (*ndo_init)(struct net_device *dev);
	void (*ndo_uninit)(struct net_device *dev);
	int (*ndo_open)(struct net_device *dev);
	int (*ndo_stop)(struct net_device *dev);
	/* Consumes skb on NETDEV_TX_OK; on BUSY the queue must be stopped and
	 * the skb stays the caller's. `more`: others follow at once, the
	 * doorbell may wait. bh disabled, xmit_lock held unless LLTX. */
	netdev_tx_t (*ndo_start_xmit)(struct sk_buff *skb,
				      struct net_device *dev, bool more);
	u16 (*ndo_select_queue)(struct net_device *dev, struct sk_buff *skb);
	void (*ndo_set_rx_mode)(struct net_device *dev);
	int (*ndo_set_mac_address)(struct net_device *dev, const u8 *addr);
	int (*ndo_change_mtu)(struct net_device *dev, u32 mtu);
	void (*ndo_tx_timeout)(struct net_device *dev, u32 txqueue);
	void (*ndo_get_stats64)(struct net_device *dev,
				struct rtnl_link_stats64 *s);
	netdev_features_t (*ndo_features_check)(struct sk_buff *skb,
						struct net_device *dev,
						netdev_features_t f);
};

/* Link-layer headers (dev/eth_dev.c gives eth_header_ops). */
struct header_ops {
	/* Pushes a header; daddr NULL: leave it open. Length or -errno. */
	int (*create)(struct sk_buff *skb, struct net_device *dev, u16 type,
		      const u8 *daddr, const u8 *saddr, u32 len);
};

/* --- ethtool (dev/ethtool.h has the structs) ------------------------------ */

enum netdev_lstate { __LINK_STATE_START, __LINK_STATE_PRESENT,
	__LINK_STATE_NOCARRIER };

struct net_device {
	char name[DEV_IFNAMSIZ];
	struct net *net;
	const struct net_device_ops *netdev_ops;
	const struct header_ops *header_ops;
	const struct ethtool_ops *ethtool_ops;
	netdev_features_t features;	/* active */
	netdev_features_t hw_features;	/* can be switched by ethtool */
	u32 ifindex;
	u32 mtu, min_mtu, max_mtu;
	u32 flags;			/* IFF_* */
	u32 state;			/* enum netdev_lstate bits */
	u16 type;			/* ARPHRD_* */
	u16 hard_header_len, needed_headroom;
	u8 addr_len;
	u8 dev_addr[MAX_ADDR_LEN], broadcast[MAX_ADDR_LEN];
	u32 gso_max_size, gso_max_segs;
	u32 tx_queue_len;
	u32 num_tx_queues, real_num_tx_queues;
	struct netdev_queue *tx;	/* num_tx_queues */
	u32 num_rx_queues;
	struct list_head napi_list;
	struct list_head dev_list;
	struct hlist_node index_hlist;
	struct in_device *ip_ptr;	/* inet/: addresses; RCU */
	refcount_t refs;
	u32 promiscuity, allmulti;
	bool registered;
	bool rx_interrupt_mode;		/* netif_rx per packet, no NAPI */
	bool keep_dst;			/* xmit needs skb->dst (loopback) */
	bool no_queue;			/* no qdisc by default (software device) */
	bool changing;			/* being opened or closed; rtnl */
	bool moribund;			/* freed with the last reference */
	struct hlist_head ptype_all;	/* taps on this device */
	struct rtnl_link_stats64 *pcpu_stats; /* a row per CPU */
	struct rcu_head rcu;
	struct timer_list watchdog_timer;
	u32 watchdog_timeo;		/* jiffies, 0: none */
	void *priv;			/* driver's */
};

/* --- life (dev/netdevice.c); task context, not under rtnl -------------------- */

/* name may hold "%d". Zeroed driver part of priv_size behind dev->priv. */
struct net_device *alloc_netdev(struct net *net, u32 priv_size,
				const char *name, u32 txqs) __must_check;
void free_netdev(struct net_device *dev);
int register_netdev(struct net_device *dev) __must_check;	/* 0, -EEXIST, -ENOMEM */
void unregister_netdev(struct net_device *dev);	/* closes; waits for users */
int dev_open(struct net_device *dev);
void dev_close(struct net_device *dev);
int dev_set_mtu(struct net_device *dev, u32 mtu);
int dev_set_tx_queue_len(struct net_device *dev, u32 len);
/* Of what is made from now on for the device; 0: as it is. 0 or -EINVAL.
 * Connections see it when they look up their route. */
int dev_set_gso_max(struct net_device *dev, u32 size, u32 segs);
int dev_set_mac_address(struct net_device *dev, const u8 *addr);
int dev_set_features(struct net_device *dev, netdev_features_t f);
void dev_set_promiscuity(struct net_device *dev, int inc);
void dev_set_allmulti(struct net_device *dev, int inc);
/* RCU; no reference. */
struct net_device *dev_get_by_name(struct net *net, const char *name);
struct net_device *dev_get_by_index(struct net *net, u32 ifindex);
static inline void dev_hold(struct net_device *dev) { refcount_inc(&dev->refs); }
void dev_put(struct net_device *dev);
/* IFF_* as programs see them: flags with RUNNING and LOWER_UP added. */
u32 dev_get_flags(const struct net_device *dev);
void dev_get_stats(struct net_device *dev, struct rtnl_link_stats64 *s);
int register_netdevice_notifier(struct net *net, struct notifier_block *nb);
void unregister_netdevice_notifier(struct net *net, struct notifier_block *nb);

void netif_napi_add(struct net_device *dev, struct napi_struct *n,
		    int (*poll)(struct napi_struct *, int), u32 weight);
void netif_napi_del(struct napi_struct *n);

static inline bool netif_running(const struct net_device *dev)
{
	return READ_ONCE(dev->state) & 1u << __LINK_STATE_START;
}
static inline bool netif_carrier_ok(const struct net_device *dev)
{
	return !(READ_ONCE(dev->state) & 1u << __LINK_STATE_NOCARRIER);
}
void netif_carrier_on(struct net_device *dev);
void netif_carrier_off(struct net_device *dev);

/* Driver side of queue flow control; any context. */
void netif_tx_stop_queue(struct netdev_queue *q);
void netif_tx_wake_queue(struct netdev_queue *q);	/* and __netif_schedule */
void netif_tx_start_all_queues(struct net_device *dev);
void netif_tx_stop_all_queues(struct net_device *dev);
static inline bool netif_tx_queue_stopped(const struct netdev_queue *q)
{
	return READ_ONCE(q->state) & 3;
}
static inline struct netdev_queue *netdev_get_tx_queue(struct net_device *dev,
						       u32 i)
{
	return &dev->tx[i];
}

/* Counts on this CPU's row. */
static inline struct rtnl_link_stats64 *dev_stats(struct net_device *dev)
{
	return &dev->pcpu_stats[this_percpu()->id];
}

/* --- receive (dev/dev_input.c); softirq, bh off -------------------------------- */

/* skb->data at the link-layer header's end, mac_header set, protocol,
 * pkt_type, dev set (eth_type_trans). All consume. */
void napi_gro_receive(struct napi_struct *n, struct sk_buff *skb);
/* The same of the last packet that this poll will find, as far as one can see:
 * without others to merge it with it goes straight up. */
void napi_gro_receive_last(struct napi_struct *n, struct sk_buff *skb);
void netif_receive_skb(struct sk_buff *skb);
void netif_receive_skb_list(struct sk_buff_head *list);
/* Any context: to the CPU's backlog ("IP queue"). 0 or 1 (dropped). */
int netif_rx(struct sk_buff *skb);

/* --- send (dev/dev_output.c) ----------------------------------------------------- */

/* Link-layer header is on. Consumes. NET_XMIT_* or -errno (-ENETDOWN).
 * Task or softirq. */
int dev_queue_xmit(struct sk_buff *skb);
void __netif_schedule(struct Qdisc *q);
/* What the device takes for this packet: features narrowed by MTU, GSO
 * limits and ndo_features_check. */
netdev_features_t netif_skb_features(struct sk_buff *skb);
/* The same for drivers that send by themselves: link-layer tag put in,
 * segmented, linearized and summed as far as the device needs. List linked by
 * ->next, or NULL (dropped). Consumes. */
struct sk_buff *validate_xmit_skb(struct sk_buff *skb, struct net_device *dev);
/* Flow hash, computed from the headers when the packet has none. */
u32 skb_get_hash(struct sk_buff *skb);
/* Freed later in NET_TX softirq; from hardirq. */
void dev_kfree_skb_irq(struct sk_buff *skb);

/*
 * Ethernet set-up for drivers (dev/eth_dev.c): type, header length, MTU
 * limits, broadcast address; header_ops for building headers.
 * eth_type_trans: reads the header at skb->data, sets mac_header, dev,
 * pkt_type and protocol, pulls the header. The frame must be at least
 * ETH_HLEN long and linear so far. Returns the protocol.
 */
extern const struct header_ops eth_header_ops;
void ether_setup(struct net_device *dev);
__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev);
/* What the inline half below leaves over. */
__be16 eth_type_trans_rare(struct sk_buff *skb, struct net_device *dev,
			   const u8 *dest, __be16 type);
/* The same, inline for drivers' loops: a frame for us, with a type. */
static inline __be16 eth_type_trans_fast(struct sk_buff *skb,
					 struct net_device *dev)
{
	const u8 *eth = skb->data;
	__be16 type;

	skb->dev = dev;
	skb_reset_mac_header(skb);
	skb->mac_len = ETH_HLEN;
	skb_pull(skb, ETH_HLEN);
	memcpy(&type, eth + 2 * ETH_ALEN, sizeof(type));
	if (unlikely(memcmp(eth, dev->dev_addr, ETH_ALEN) ||
		     be16_to_cpu(type) < ETH_P_802_3_MIN))
		return eth_type_trans_rare(skb, dev, eth, type);
	skb->pkt_type = PACKET_HOST;
	skb->protocol = type;
	return type;
}

/* Network device start-up for a machine: softnet_data, NET_TX softirq. */
int net_dev_init(struct machine *m) __must_check;
void net_dev_exit(struct machine *m);

#endif
