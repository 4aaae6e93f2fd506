/* SPDX-License-Identifier: BSD-2-Clause */
/* IPPROTO_IP as datagram protocols use it. */
#ifndef WEIR_SOCK_IP_SOCKGLUE_H
#define WEIR_SOCK_IP_SOCKGLUE_H

#include "sock/sock_input.h"

#define IP_CMSG_PKTINFO		0x01u
#define IP_CMSG_TTL		0x02u
#define IP_CMSG_TOS		0x04u
#define IP_CMSG_RECVOPTS	0x08u
#define IP_CMSG_RETOPTS		0x10u
#define IP_CMSG_PASSSEC		0x20u	/* no labels here: without effect */
#define IP_CMSG_ORIGDSTADDR	0x40u
#define IP_CMSG_CHECKSUM	0x80u
#define IP_CMSG_RECVFRAGSIZE	0x100u

/* One group that a socket has joined. */
struct ip_mc_socklist {
	struct ip_mc_socklist *next;	/* RCU */
	struct rcu_head rcu;
	__be32 group;
	u32 ifindex;
	bool exclude;			/* sources[] are blocked, else allowed */
	u32 nr_sources;
	__be32 sources[];
};
#define IP_MC_MAX_SOURCES	64	/* per group, as Linux's igmp_max_msf 10 */
#define IP_MC_MAX_GROUPS	20	/* net.ipv4.igmp_max_memberships */

/* sock/ip_mcast.c. Owner. */
int ip_mc_setsockopt(struct sock *sk, int name, const void *val, u32 len);
bool ip_mc_is_option(int name);
/* Leaves all groups; task context, at close. */
void ip_mc_drop_socket(struct sock *sk);
/* Does the socket want a multicast packet? RCU. */
bool ip_mc_sf_allow(const struct sock *sk, __be32 group, __be32 src, u32 dif);

/* Notes what IP_PKTINFO will tell, while the route is known. softirq */
void ip_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb);
/* sockaddr_in of the sender into m->name. */
void ip_recv_name(struct sockmsg *m, __be32 addr, __be16 port);
/* Defaults of a message: what the socket's options say. */
void ipcm_init_sk(struct ipcm_cookie *c, const struct sock *sk);
/* Error queue's next, for MSG_ERRQUEUE. Bytes or -errno. */
ssize_t ip_recv_error(struct sock *sk, struct sockmsg *m, size_t len);

#endif
