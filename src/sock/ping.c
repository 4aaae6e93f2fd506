/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ping sockets: SOCK_DGRAM with IPPROTO_ICMP (icmp(7)). The program writes an
 * echo request; the stack puts the socket's identifier (its "port") and the
 * checksum in, and gives it the replies with that identifier, ICMP header
 * first. RFC 792 p. 14.
 */
#include "sock/raw.h"

#include "base/random.h"
#include "inet/ip.h"
#include "sock/inet_common.h"

#define PING_SLOTS	64u

static struct hlist_head *ping_slot(const struct net *net, u16 ident)
{
	return &raw_net(net)->ping[ident % PING_SLOTS];
}

/* --- receive ------------------------------------------------------------------------------- */

static struct sock *ping_lookup(struct net *net, u16 ident, __be32 laddr,
				u32 dif)
{
	struct sock *sk;

	hlist_for_each_entry(sk, ping_slot(net, ident), c.node) {
		if (sk->c.num == ident &&
		    (!sk->c.rcv_saddr.v4 || sk->c.rcv_saddr.v4 == laddr) &&
		    (!sk->c.bound_dev_if || sk->c.bound_dev_if == dif))
			return sk;
	}
	return NULL;
}

bool ping_deliver(struct sk_buff *skb)
{
	struct net *net = skb->dev->net;
	enum skb_drop_reason why;
	const struct icmphdr *h;
	struct icmphdr buf;
	struct sock *sk;

	h = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!h || h->type != ICMP_ECHOREPLY)
		return false;
	sk = ping_lookup(net, be16_to_cpu(h->un.echo.id), ip_hdr(skb)->daddr,
			 skb->dev->ifindex);
	if (!sk)
		return false;
	skb = skb_clone(skb);
	if (!skb)
		return true;
	/* ICMP has not seen it yet. No pseudo-header: RFC792. */
	if (skb_checksum_validate(skb, 0)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_ICMP_CSUM);
		return true;
	}
	skb_dst_force(skb);
	ip_pktinfo_prepare(sk, skb);
	if (sock_queue_rcv_skb(sk, skb, &why))
		kfree_skb_reason(skb, why);
	return true;
}

/* skb->data at the quoted IP header. */
void ping_err(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 hlen = iph_len(iph);
	const struct icmphdr *h;
	struct icmphdr buf;
	struct sock *sk;

	h = skb_header_pointer(skb, hlen, sizeof(buf), &buf);
	if (!h || h->type != ICMP_ECHO)
		return;
	sk = ping_lookup(skb->dev->net, be16_to_cpu(h->un.echo.id), iph->saddr,
			 skb->dev->ifindex);
	if (sk)
		raw_sock_err(sk, skb, type, code, info, skb->data + hlen);
}

/* --- send ------------------------------------------------------------------------------------ */

static int ping_fill_header(struct sock *sk, struct sk_buff *skb)
{
	struct icmphdr *h;

	if (!pskb_may_pull(skb, sizeof(*h)))
		return -EINVAL;
	h = icmp_hdr(skb);
	if (h->type != ICMP_ECHO || h->code != 0)
		return -EINVAL;
	h->un.echo.id = cpu_to_be16(sk->c.num);
	h->checksum = 0;
	h->checksum = csum_fold(skb_checksum(skb, 0, skb->len, 0));
	return 0;
}

static ssize_t ping_sendmsg(struct sock *sk, struct sockmsg *m, size_t len)
{
	struct raw_dest d;
	struct sk_buff *skb;
	int err;

	if (len > IPV4_MAX_LEN)
		return -EMSGSIZE;
	if (len < sizeof(struct icmphdr))
		return -EINVAL;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = raw_find_dest(sk, m, IPPROTO_ICMP, &d);
	if (err)
		return err;
	skb = raw_make_skb(sk, m, (u32)len);
	if (IS_ERR(skb)) {
		err = (int)PTR_ERR(skb);
		goto put;
	}
	err = ping_fill_header(sk, skb);
	if (err)
		kfree_skb_reason(skb, SKB_DROP_REASON_ICMP_HDR);
	else
		err = raw_send_skb(sk, skb, IPPROTO_ICMP, &d);
put:
	raw_dest_put(&d);
	return err ? err : (ssize_t)len;
}

/* --- identifiers ------------------------------------------------------------------------------- */

static bool ident_taken(const struct sock *sk, u16 ident, bool own_choice)
{
	const struct sock *o;

	hlist_for_each_entry(o, ping_slot(sock_net(sk), ident), c.node) {
		if (o != sk && o->c.num == ident &&
		    !(own_choice && o->c.reuse && sk->c.reuse))
			return true;
	}
	return false;
}

static int ping_get_port(struct sock *sk, u16 ident)
{
	struct raw_net *rn = raw_net(sock_net(sk));
	bool own_choice = ident;
	u32 tries = ident ? 1 : 65535;
	int err = -EADDRINUSE;

	spin_lock_bh(&rn->lock);
	if (!ident)
		ident = (u16)get_random_u32_inclusive(1, 65535);
	for (; tries && err; tries--, ident++) {
		if (!ident || ident_taken(sk, ident, own_choice))
			continue;
		sk->c.num = ident;
		hlist_add_head(&sk->c.node, ping_slot(sock_net(sk), ident));
		err = 0;
	}
	spin_unlock_bh(&rn->lock);
	return err;
}

static void ping_unhash(struct sock *sk)
{
	struct raw_net *rn = raw_net(sock_net(sk));

	spin_lock_bh(&rn->lock);
	hlist_del_init(&sk->c.node);
	spin_unlock_bh(&rn->lock);
}

static void ping_close(struct sock *sk, ktime_t timeout)
{
	sk_common_release(sk);
}

static const struct proto ping_prot = {
	.name = "PING",
	.obj_size = sizeof(struct sock),
	.protocol = IPPROTO_ICMP,
	.type = SOCK_DGRAM,
	.mem_index = SK_MEM_RAW,
	.close = ping_close,
	.connect = ip4_datagram_connect,
	.disconnect = inet_dgram_disconnect,
	.ioctl = raw_ioctl,
	.sendmsg = ping_sendmsg,
	.recvmsg = raw_recvmsg,
	.poll = datagram_poll,
	.unhash = ping_unhash,
	.get_port = ping_get_port,
};

static const struct inet_protosw ping_protosw = {
	.type = SOCK_DGRAM, .protocol = IPPROTO_ICMP,
	.prot = &ping_prot, .ops = &inet_dgram_ops,
};

int ping_init(struct net *net)
{
	return inet_register_protosw(net, &ping_protosw);
}
