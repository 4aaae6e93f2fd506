/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control messages of IPPROTO_IP: what a receiver asked to be told about each
 * packet (IP_RECVTTL, IP_PKTINFO ...), and what a sender may say for one
 * message only (source address, device, TTL, TOS, options).
 */
#include "sock/ip_sockglue.h"

#include "base/slab.h"
#include "inet/route.h"

/* --- receive ------------------------------------------------------------------- */

void ip_pktinfo_prepare(const struct sock *sk, struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	__be32 daddr;

	if (likely(!(sk->cmsg_flags & IP_CMSG_PKTINFO)))
		return;
	IPCB(skb)->iif = skb->skb_iif ? skb->skb_iif :
			 skb->dev ? skb->dev->ifindex : 0;
	daddr = ip_hdr(skb)->daddr;
	/* The address to answer from: of a group, the device's own. */
	if (rt && (rt->type == RTN_BROADCAST_ || rt->type == RTN_MULTICAST_) &&
	    skb->dev)
		daddr = inet_select_addr(skb->dev, ip_hdr(skb)->saddr);
	IP_RECV_CB(skb)->spec_dst = daddr;
}

static void put_pktinfo(struct sockmsg *m, struct sk_buff *skb)
{
	struct in_pktinfo info = { 0 };

	info.ipi_ifindex = (int)IPCB(skb)->iif;
	info.ipi_addr.s_addr = (__force in_addr_t)ip_hdr(skb)->daddr;
	info.ipi_spec_dst.s_addr = (__force in_addr_t)IP_RECV_CB(skb)->spec_dst;
	put_cmsg(m, SOL_IP, IP_PKTINFO, sizeof(info), &info);
}

static void put_options(struct sockmsg *m, struct sock *sk, struct sk_buff *skb,
			bool reversed)
{
	struct ip_options back;
	const u8 *opt = (const u8 *)(ip_hdr(skb) + 1);

	if (!IPCB(skb)->opt.optlen)
		return;
	if (!reversed) {
		put_cmsg(m, SOL_IP, IP_RECVOPTS, IPCB(skb)->opt.optlen, opt);
		return;
	}
	memset(&back, 0, sizeof(back));
	if (ip_options_echo(sock_net(sk), &back, skb))
		m->flags |= MSG_CTRUNC;
	else
		put_cmsg(m, SOL_IP, IP_RETOPTS, back.optlen, back.data);
}

static void put_checksum(struct sockmsg *m, struct sk_buff *skb,
			 int transport_len)
{
	__wsum csum = skb->csum;

	if (skb->ip_summed != CHECKSUM_COMPLETE)
		return;
	if (transport_len)
		csum = csum_sub(csum, skb_checksum(skb, 0, (u32)transport_len, 0));
	put_cmsg(m, SOL_IP, IP_CHECKSUM, sizeof(csum), &csum);
}

static void put_orig_dst(struct sockmsg *m, struct sk_buff *skb)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	__be16 ports[2];

	if (skb_copy_bits(skb, (u32)skb_transport_offset(skb), ports,
			  sizeof(ports), COPY_LINEARIZE))
		return;
	in.sin_addr.s_addr = (__force in_addr_t)ip_hdr(skb)->daddr;
	in.sin_port = (__force in_port_t)ports[1];
	put_cmsg(m, SOL_IP, IP_ORIGDSTADDR, sizeof(in), &in);
}

void ip_cmsg_recv(struct sockmsg *m, struct sock *sk, struct sk_buff *skb,
		  int transport_len)
{
	u32 flags = sk->cmsg_flags;
	int v;

	if (flags & IP_CMSG_PKTINFO)
		put_pktinfo(m, skb);
	if (flags & IP_CMSG_TTL) {
		v = ip_hdr(skb)->ttl;
		put_cmsg(m, SOL_IP, IP_TTL, sizeof(v), &v);
	}
	if (flags & IP_CMSG_TOS)
		put_cmsg(m, SOL_IP, IP_TOS, 1, &ip_hdr(skb)->tos);
	if (flags & IP_CMSG_RECVOPTS)
		put_options(m, sk, skb, false);
	if (flags & IP_CMSG_RETOPTS)
		put_options(m, sk, skb, true);
	if (flags & IP_CMSG_ORIGDSTADDR)
		put_orig_dst(m, skb);
	if (flags & IP_CMSG_CHECKSUM)
		put_checksum(m, skb, transport_len);
	if (flags & IP_CMSG_RECVFRAGSIZE && IPCB(skb)->frag_max_size) {
		v = IPCB(skb)->frag_max_size;
		put_cmsg(m, SOL_IP, IP_RECVFRAGSIZE, sizeof(v), &v);
	}
}

void ip_recv_name(struct sockmsg *m, __be32 addr, __be16 port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (!m->name)
		return;
	in.sin_port = (__force in_port_t)port;
	in.sin_addr.s_addr = (__force in_addr_t)addr;
	memcpy(m->name, &in, min_t(size_t, m->namelen, sizeof(in)));
	m->namelen = sizeof(in);
}

/* --- send ------------------------------------------------------------------------- */

void ipcm_init_sk(struct ipcm_cookie *c, const struct sock *sk)
{
	memset(c, 0, sizeof(*c));
	c->saddr = READ_ONCE(((struct sock *)sk)->flow.saddr.v4);
	c->oif = sk->c.bound_dev_if;
	c->mark = sk->mark;
	c->priority = sk->priority;
	c->tsflags = READ_ONCE(((struct sock *)sk)->tsflags);
	c->tos = sk->flow.tos;
	c->ttl = sk->flow.ttl;
}

static int cmsg_int(const struct cmsghdr *c, int *v)
{
	size_t len = c->cmsg_len - CMSG_LEN(0);
	u8 b;

	if (len == sizeof(int)) {
		memcpy(v, CMSG_DATA(c), sizeof(int));
		return 0;
	}
	if (len == 1) {	/* IP_TOS only: Linux takes a byte there */
		memcpy(&b, CMSG_DATA(c), 1);
		*v = b;
		return 1;
	}
	return -EINVAL;
}

static int cmsg_pktinfo(const struct cmsghdr *c, struct ipcm_cookie *ck)
{
	struct in_pktinfo info;

	if (c->cmsg_len != CMSG_LEN(sizeof(info)))
		return -EINVAL;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	if (info.ipi_ifindex)
		ck->oif = (u32)info.ipi_ifindex;
	if (info.ipi_spec_dst.s_addr)
		ck->saddr = (__force __be32)info.ipi_spec_dst.s_addr;
	return 0;
}

static int ip_cmsg_one(struct sock *sk, const struct cmsghdr *c,
		       struct ipcm_cookie *ck)
{
	int v, kind;

	switch (c->cmsg_type) {
	case IP_PKTINFO:
		return cmsg_pktinfo(c, ck);
	case IP_TTL:
		if (cmsg_int(c, &v) || v < 1 || v > 255)
			return -EINVAL;
		ck->ttl = (u8)v;
		ck->has_ttl = true;
		return 0;
	case IP_TOS:
		kind = cmsg_int(c, &v);
		if (kind < 0 || v < 0 || v > 255)
			return -EINVAL;
		ck->tos = (u8)v;
		ck->has_tos = true;
		return 0;
	case IP_RETOPTS:
		kfree(ck->opt);
		ck->opt = ip_options_get(sock_net(sk), CMSG_DATA(c),
				min_t(u32, (u32)(c->cmsg_len - CMSG_LEN(0)), 40));
		if (IS_ERR(ck->opt)) {
			v = (int)PTR_ERR(ck->opt);
			ck->opt = NULL;
			return v;
		}
		return 0;
	case IP_PROTOCOL:
		if (cmsg_int(c, &v) || v < 1 || v > 255)
			return -EINVAL;
		ck->protocol = (u8)v;
		return 0;
	default:
		return -EINVAL;
	}
}

int ip_cmsg_send(struct sock *sk, struct sockmsg *m, struct ipcm_cookie *ck)
{
	struct sockcm_cookie sc = { .mark = ck->mark, .priority = ck->priority,
				    .tsflags = ck->tsflags };
	struct cmsghdr *c;
	int err = 0;

	for (c = sock_next_cmsg(m, NULL); c && !err; c = sock_next_cmsg(m, c)) {
		if (IS_ERR(c))
			return (int)PTR_ERR(c);
		if (c->cmsg_level == SOL_SOCKET)
			err = sock_cmsg_send(sk, c, &sc);
		else if (c->cmsg_level == SOL_IP)
			err = ip_cmsg_one(sk, c, ck);
	}
	ck->mark = sc.mark;
	ck->priority = sc.priority;
	ck->transmit_time = sc.transmit_time;
	ck->tsflags = sc.tsflags;
	return err;
}
