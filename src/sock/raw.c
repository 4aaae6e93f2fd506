/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SOCK_RAW of IPv4 (raw(7)). Every packet for this host is shown to the raw
 * sockets of its protocol before the transport gets it; each that matches
 * takes a copy that begins with the IP header. On sending the stack makes the
 * header, or the program brings it (IP_HDRINCL), and then the stack fills in
 * source, identification, total length and checksum as raw(7) says.
 */
#include "sock/raw.h"

#include "base/slab.h"
#include "inet/ip.h"
#include "sock/inet_common.h"

struct raw_sock {
	struct sock sk;			/* first */
	struct icmp_filter filter;
};

static struct raw_sock *raw_sk(const struct sock *sk)
{
	return (struct raw_sock *)sk;
}

/* --- receive ----------------------------------------------------------------------------- */

static bool raw_match(const struct sock *sk, __be32 laddr, __be32 faddr, u32 dif)
{
	const struct sock_common *c = &sk->c;

	return (!c->daddr.v4 || c->daddr.v4 == faddr) &&
	       (!c->rcv_saddr.v4 || c->rcv_saddr.v4 == laddr) &&
	       (!c->bound_dev_if || c->bound_dev_if == dif);
}

static bool icmp_filtered(const struct sock *sk, struct sk_buff *skb)
{
	u8 buf[1];
	const u8 *type = skb_header_pointer(skb, 0, 1, buf);

	if (!type)
		return true;
	return *type < 32 && raw_sk(sk)->filter.data & 1u << *type;
}

/* skb->data at the transport header; borrowed. */
static bool raw_rcv_copy(struct sock *sk, const struct sk_buff *orig)
{
	struct sk_buff *skb = skb_clone((struct sk_buff *)orig);
	enum skb_drop_reason why;

	if (!skb)
		return false;
	skb_stage(skb, STAGE_raw_rcv);
	if (skb->dst && skb->dst_noref)
		skb_dst_force(skb);
	ip_pktinfo_prepare(sk, skb);
	skb_push(skb, (u32)(skb->data - skb_network_header(skb)));
	if (sock_queue_rcv_skb(sk, skb, &why))
		kfree_skb_reason(skb, why);
	return true;
}

static struct hlist_head *raw_bucket(const struct net *net, u8 protocol)
{
	return &raw_net(net)->raw[protocol % RAW_HASH];
}

static bool raw_deliver(struct sk_buff *skb, u8 protocol)
{
	struct hlist_head *bucket = raw_bucket(skb->dev->net, protocol);
	const struct iphdr *iph;
	bool taken = false;
	struct sock *sk;
	u32 dif;

	if (likely(!READ_ONCE(bucket->first) && protocol != IPPROTO_ICMP))
		return false;
	iph = ip_hdr(skb);
	dif = skb->dev->ifindex;
	hlist_for_each_entry(sk, bucket, c.node) {
		if (sk->c.num != protocol ||
		    !raw_match(sk, iph->daddr, iph->saddr, dif) ||
		    !ip_mc_sf_allow(sk, iph->daddr, iph->saddr, dif))
			continue;
		taken = true;
		if (protocol != IPPROTO_ICMP || !icmp_filtered(sk, skb))
			raw_rcv_copy(sk, skb);
	}
	if (protocol == IPPROTO_ICMP && ping_deliver(skb))
		taken = true;
	return taken;
}

/* The quoted packet was ours: its source is our end. Borrows. */
static void raw_err(struct sk_buff *skb, u8 protocol, u8 type, u8 code, u32 info)
{
	struct net *net = skb->dev->net;
	const struct iphdr *iph = ip_hdr(skb);
	struct sock *sk;

	hlist_for_each_entry(sk, raw_bucket(net, protocol), c.node) {
		u32 off = sk->flow.hdrincl ? 0 : iph_len(iph);

		if (sk->c.num == protocol &&
		    raw_match(sk, iph->saddr, iph->daddr, skb->dev->ifindex))
			raw_sock_err(sk, skb, type, code, info, skb->data + off);
	}
	if (protocol == IPPROTO_ICMP)
		ping_err(skb, type, code, info);
}

/* --- send ---------------------------------------------------------------------------------- */

/* raw(7): what the program may leave 0, and what is always filled in. */
static int raw_fill_header(struct sk_buff *skb, const struct raw_dest *d)
{
	struct iphdr *iph;

	if (!pskb_may_pull(skb, sizeof(*iph)))
		return -EINVAL;
	iph = ip_hdr(skb);
	if (iph_len(iph) < sizeof(*iph) || iph_len(iph) > skb->len ||
	    !pskb_may_pull(skb, iph_len(iph)))
		return -EINVAL;
	iph = ip_hdr(skb);
	if (!iph->saddr)
		iph->saddr = d->saddr;
	iph->tot_len = cpu_to_be16(skb->len);
	ip_send_check(iph);
	return 0;
}

static int raw_send_hdrincl(struct sock *sk, struct sockmsg *m, u32 len,
			    const struct raw_dest *d)
{
	struct net *net = sock_net(sk);
	struct sk_buff *skb;
	u16 id;
	int err;

	if (len > d->rt->dst.dev->mtu) {
		ip_local_error(sk, EMSGSIZE, d->daddr, 0, d->rt->dst.dev->mtu);
		return -EMSGSIZE;
	}
	if (len < sizeof(struct iphdr))
		return -EINVAL;
	skb = raw_make_skb(sk, m, len);
	if (IS_ERR(skb))
		return (int)PTR_ERR(skb);
	skb_reset_network_header(skb);
	err = raw_fill_header(skb, d);
	if (err) {
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_INHDR);
		return err;
	}
	if (!ip_hdr(skb)->id) {
		id = ++sk->flow.ip_id;
		ip_hdr(skb)->id = cpu_to_be16(id ? id : 1);
		ip_send_check(ip_hdr(skb));
	}
	skb_set_transport_header(skb, (int)ip_hdrlen(skb));
	memset(skb->cb, 0, sizeof(struct inet_skb_parm));
	skb->priority = d->ck.priority;
	skb->mark = d->ck.mark;
	dst_hold(&d->rt->dst);
	skb_dst_set(skb, &d->rt->dst);
	err = ip_local_out(net, sk, skb);
	return err == -ENOBUFS && !sk->recverr ? 0 : err;
}

static ssize_t raw_sendmsg(struct sock *sk, struct sockmsg *m, size_t len)
{
	u8 protocol = sk->protocol;
	struct raw_dest d;
	struct sk_buff *skb;
	int err;

	if (len > IPV4_MAX_LEN)
		return -EMSGSIZE;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = raw_find_dest(sk, m, protocol, &d);
	if (err)
		return err;
	if (sk->flow.hdrincl) {
		err = raw_send_hdrincl(sk, m, (u32)len, &d);
	} else {
		skb = raw_make_skb(sk, m, (u32)len);
		err = IS_ERR(skb) ? (int)PTR_ERR(skb) :
		      raw_send_skb(sk, skb, d.ck.protocol ? d.ck.protocol :
				   protocol, &d);
	}
	raw_dest_put(&d);
	return err ? err : (ssize_t)len;
}

/* --- the socket -------------------------------------------------------------------------------- */

static int raw_hash(struct sock *sk)
{
	struct raw_net *rn = raw_net(sock_net(sk));

	spin_lock_bh(&rn->lock);
	hlist_add_head(&sk->c.node, raw_bucket(sock_net(sk), (u8)sk->protocol));
	spin_unlock_bh(&rn->lock);
	return 0;
}

static void raw_unhash(struct sock *sk)
{
	struct raw_net *rn = raw_net(sock_net(sk));

	spin_lock_bh(&rn->lock);
	hlist_del_init(&sk->c.node);
	spin_unlock_bh(&rn->lock);
}

static int raw_bind(struct sock *sk, const struct sockaddr *a, u32 len)
{
	const struct sockaddr_in *in = (const void *)a;
	__be32 addr;
	u8 type;
	int err;

	if (len < sizeof(*in))
		return -EINVAL;
	if (in->sin_family != AF_INET)
		return -EINVAL;
	addr = (__force __be32)in->sin_addr.s_addr;
	err = inet_check_bind_addr(sk, addr, &type);
	if (err)
		return err;
	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE) {
		sk->c.rcv_saddr.v4 = addr;
		sk->flow.saddr.v4 = type == RTN_MULTICAST_ ||
				    type == RTN_BROADCAST_ ? 0 : addr;
		sk->userlocks |= SOCK_BINDADDR_LOCK;
		inet_flow_drop_route(&sk->flow);
	} else {
		err = -EINVAL;
	}
	release_sock(sk);
	return err;
}

static int raw_setsockopt(struct sock *sk, int level, int name, const void *val,
			  u32 len)
{
	struct icmp_filter *f = &raw_sk(sk)->filter;

	if (level != SOL_RAW || name != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->protocol != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	memcpy(f, val, min_t(u32, len, sizeof(*f)));
	return 0;
}

static int raw_getsockopt(struct sock *sk, int level, int name, void *val,
			  u32 *len)
{
	if (level != SOL_RAW || name != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->protocol != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if ((int)*len < 0)
		return -EINVAL;
	*len = min_t(u32, *len, sizeof(raw_sk(sk)->filter));
	memcpy(val, &raw_sk(sk)->filter, *len);
	return 0;
}

static void raw_close(struct sock *sk, ktime_t timeout)
{
	sk_common_release(sk);
}

static const struct proto raw_prot = {
	.name = "RAW",
	.obj_size = sizeof(struct raw_sock),
	.type = SOCK_RAW,
	.mem_index = SK_MEM_RAW,
	.close = raw_close,
	.connect = ip4_datagram_connect,
	.disconnect = inet_dgram_disconnect,
	.bind = raw_bind,
	.ioctl = raw_ioctl,
	.setsockopt = raw_setsockopt,
	.getsockopt = raw_getsockopt,
	.sendmsg = raw_sendmsg,
	.recvmsg = raw_recvmsg,
	.poll = datagram_poll,
	.hash = raw_hash,
	.unhash = raw_unhash,
};

static const struct inet_protosw raw_protosw = {
	.type = SOCK_RAW, .protocol = 0,
	.prot = &raw_prot, .ops = &inet_sockraw_ops,
};

int raw_init(struct net *net)
{
	struct raw_net *rn = kzalloc(sizeof(*rn));

	if (!rn)
		return -ENOMEM;
	net->sock->raw = rn;
	inet_set_raw_deliver(net, raw_deliver);
	inet_set_raw_err(net, raw_err);
	return inet_register_protosw(net, &raw_protosw);
}

/* After the devices are gone; a grace period follows. */
void raw_exit(struct net *net)
{
	inet_set_raw_deliver(net, NULL);
	inet_set_raw_err(net, NULL);
}
