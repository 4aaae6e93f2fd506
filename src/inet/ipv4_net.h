/* SPDX-License-Identifier: BSD-2-Clause */
/* What one stack keeps for IPv4: net->ipv4. */
#ifndef WEIR_INET_IPV4_NET_H
#define WEIR_INET_IPV4_NET_H

#include "dev/ptype.h"
#include "ether/neighbour.h"
#include "inet/fib.h"
#include "inet/inet_frag.h"
#include "inet/inetpeer.h"
#include "inet/protocol.h"

/* net.ipv4.*; registered by sysctl_ipv4.c. */
struct ipv4_sysctl {
	u32 ip_forward, ip_default_ttl, ip_no_pmtu_disc, ip_early_demux;
	u32 min_pmtu, mtu_expires, ip_forward_use_pmtu;
	u32 ipfrag_high_thresh, ipfrag_low_thresh, ipfrag_time, ipfrag_max_dist;
	u32 ipfrag_source_max;
	u32 icmp_echo_ignore_all, icmp_echo_ignore_broadcasts;
	u32 icmp_ignore_bogus_error_responses, icmp_errors_use_inbound_ifaddr;
	u32 icmp_ratelimit, icmp_ratemask, icmp_msgs_per_sec, icmp_msgs_burst;
	u32 igmp_max_memberships, igmp_qrv, igmp_link_local_mcast_reports;
	/* conf.all.* */
	u32 rp_filter, accept_source_route, accept_redirects, secure_redirects;
	u32 shared_media, send_redirects, accept_local, route_localnet;
	u32 drop_unicast_in_l2_multicast, arp_ignore, arp_announce, arp_filter;
	u32 arp_accept, arp_notify, force_igmp_version;
};

#define INET_ADDR_HASH		256	/* these two: see net_table_size() */
#define IP_IDENTS		2048

/* Identification values of packets that may be fragmented, see ip_ident.c. */
struct ip_ident {
	u32 id;				/* atomic */
	u32 stamp;			/* jiffies of the last use */
};

/* ICMP's bucket for all destinations together, see icmp_limit.c. */
struct icmp_global {
	spinlock_t lock;
	u32 credit;
	jiffies_t stamp;
};

struct ipv4_net {
	struct net *net;
	/* demultiplexing: written at set-up, read by every packet */
	const struct net_protocol *protos[256];
	const struct inet_offload *offloads[256];
	bool (*raw_deliver)(struct sk_buff *skb, u8 protocol);
	void (*raw_err)(struct sk_buff *skb, u8 protocol, u8 type, u8 code,
			u32 info);
	struct ipv4_sysctl sysctl;

	/* routing */
	u32 rt_genid;			/* atomic: a route made before is stale */
	spinlock_t cfg_lock;		/* writers of tables and addresses; bh */
	struct fib_table tables[FIB_TABLES];
	spinlock_t rt_lock;		/* rt_list */
	struct list_head rt_list;	/* all rtables, for vanishing devices */
	struct rt_exceptions *exceptions;
	struct hlist_head *addr_hash;	/* in_ifaddr; RCU */
	u32 nr_addr_hash, nr_idents;	/* powers of 2 */

	struct ip_frags frags;
	struct inet_peers peers;
	struct icmp_global icmp_global;
	struct ip_ident *idents;	/* nr_idents */
	u32 hash_seed;

	/* what is registered below */
	struct neigh_table arp_tbl;
	struct packet_type ip_packet_type, arp_packet_type;
	struct net_offload ip_offload;
	struct notifier_block netdev_nb;
};

/* arp.c */
int arp_init(struct net *net);
void arp_exit(struct net *net);
int arp_rcv(struct sk_buff *skb, struct net_device *dev,
	    struct packet_type *pt, struct net_device *orig_dev);
/* Says "I have addr" to all (RFC 5227 3, announcement). bh off or task. */
void arp_announce(struct net_device *dev, __be32 addr);

/* devinet.c */
int devinet_init(struct net *net);
void devinet_exit(struct net *net);

/* icmp.c, igmp.c */
extern const struct net_protocol icmp_protocol;
extern const struct net_protocol igmp_protocol;
/* May one more error of `type` go to daddr now? Counts refusals. */
bool icmp_xrlim_allow(struct net *net, const struct net_device *out, u8 type,
		      u8 code, __be32 daddr);
/* Sent by us: counted under its name. */
void icmp_count_out(struct net *net, u8 type);

/* ip_offload.c */
void ip_offload_init(struct ipv4_net *ip);

/* sysctl_ipv4.c */
void ipv4_sysctl_defaults(struct ipv4_sysctl *s);
int ipv4_sysctl_init(struct net *net);
void ipv4_sysctl_exit(struct net *net);

/* ip_ident.c: `segs` consecutive values; the first. Keyed by addresses and
 * protocol, unpredictable from outside (RFC 6864, RFC 7739). */
u16 ip_select_ident(struct net *net, __be32 daddr, __be32 saddr, u8 protocol,
		    u32 segs);

static inline bool ip_forwarding(const struct net *net)
{
	return READ_ONCE(net->ipv4->sysctl.ip_forward);
}

#endif
