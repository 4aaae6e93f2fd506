/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 input and output as transports see them. RFC 791, 1122, 1812. */
#ifndef WEIR_INET_IP_H
#define WEIR_INET_IP_H

#include "buf/wire/icmp.h"
#include "buf/wire/ip.h"
#include "inet/protocol.h"
#include "inet/route.h"

struct packet_type;

/* skb->cb from ip_rcv to the transport, and on output */
struct inet_skb_parm {
	u32 iif;
	u16 flags;			/* IPSKB_* */
	u16 frag_max_size;
	struct {			/* of the received packet */
		u8 optlen, srr, rr, ts, router_alert;
	} opt;
	__be32 offender;		/* in err_handler: who sent the ICMP */
};
#define IPCB(skb) ((struct inet_skb_parm *)(skb)->cb)
#define IPSKB_FORWARDED		1u
#define IPSKB_FRAG_COMPLETE	2u
#define IPSKB_REROUTED		4u
#define IPSKB_NO_MCLOOP		8u	/* no copy for members on this host */
#define IPSKB_DOREDIRECT	16u	/* the sender knows a shorter way */
#define IPSKB_FRAG_PMTU		32u	/* was a DF fragment: stays DF */
#define IPSKB_DEV_MTU		64u	/* the path MTU does not count */

/* Input, registered for ETH_P_IP. Consumes. */
int ip_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
	   struct net_device *orig_dev);
int ip_local_deliver(struct sk_buff *skb);
int ip_forward(struct sk_buff *skb);

/*
 * Sends skb (data at the transport header, headroom SKB_MAX_HEADROOM) for a
 * connected flow: routes (cached), builds the header, DF by fl->pmtudisc.
 * GSO packets pass whole. Consumes. 0, or -EHOSTUNREACH, -ENETUNREACH,
 * -EMSGSIZE, -ENOBUFS (dropped below). Task or softirq, owner's lock held.
 * ecn: the two low bits of TOS.
 */
int ip_queue_xmit(struct net *net, struct sock *sk, struct sk_buff *skb,
		  struct inet_flow *fl, u8 ecn);
/*
 * Sends one datagram (or RST, SYN-ACK, ICMP) with explicit addresses over
 * rt (borrowed). Fragments if larger than the MTU and DF is not asked.
 * Consumes.
 */
struct ip_tx {
	__be32 saddr, daddr;
	u8 protocol, tos, ttl;		/* ttl 0: default */
	bool df;
	bool no_mc_loop;		/* IP_MULTICAST_LOOP off */
	bool dev_mtu;			/* IP_PMTUDISC_PROBE, INTERFACE, OMIT */
	const struct ip_options *opt;	/* or NULL */
	u32 mark, priority;
};
int ip_build_and_send(struct net *net, struct sock *sk, struct sk_buff *skb,
		      struct rtable *rt, const struct ip_tx *tx);
/* IP header is complete but for length and checksum; skb->dst set. Consumes,
 * as do the next two. Errors as for ip_queue_xmit. */
int ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb);
int ip_output(struct net *net, struct sock *sk, struct sk_buff *skb);
/* Own packets looped back, multicast included. */
int ip_mc_output(struct net *net, struct sock *sk, struct sk_buff *skb);

/* Pieces of at most mtu bytes, each to `output`. Consumes. -EMSGSIZE with
 * ICMP when DF. */
int ip_do_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   int (*output)(struct net *, struct sock *, struct sk_buff *));

/* Reassembly: the whole datagram, or NULL (kept or dropped). Consumes. */
enum { IP_DEFRAG_LOCAL_DELIVER, IP_DEFRAG_CONNTRACK_IN, IP_DEFRAG_AF_PACKET };
struct sk_buff *ip_defrag(struct net *net, struct sk_buff *skb, u32 user);

/* Options of a received packet, from the IP header; 0 or -EINVAL with the
 * offset of the fault in *where. */
int ip_options_compile(struct net *net, struct ip_options *opt,
		       struct sk_buff *skb, u8 *where);
/* setsockopt(IP_OPTIONS) text to struct; ERR_PTR. kfree() it. */
struct ip_options *ip_options_get(struct net *net, const u8 *data, u32 len);
/* What to send back along the route of `skb`. 0 or -EINVAL. */
int ip_options_echo(struct net *net, struct ip_options *to,
		    struct sk_buff *skb);
/* Those of a packet that is passed on: our address and time recorded. The
 * header is private and linear. */
void ip_options_forward(struct net *net, struct sk_buff *skb);
/* Into the header at iph (20 bytes and room for opt->optlen). */
void ip_options_build(struct net *net, struct iphdr *iph,
		      const struct ip_options *opt, __be32 daddr,
		      __be32 our_addr);
/* In a later fragment only options with the copied bit remain; the others
 * become NOPs. (RFC 791 3.1) */
void ip_options_fragment(struct iphdr *iph);

/* ICMP error about skb to its source (RFC 1122 3.2.2 rules, rate limited).
 * Borrows. */
void icmp_send(struct sk_buff *skb, u8 type, u8 code, u32 info);
/* errno for a received error; *fatal. */
int icmp_err_convert(u8 type, u8 code, bool *fatal);

#endif
