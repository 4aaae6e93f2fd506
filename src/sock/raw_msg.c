/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending and receiving of messages that raw and ping sockets share: they have
 * addresses but no ports. */
#include "sock/raw.h"

#include "base/slab.h"
#include "inet/ip.h"
#include "sock/tx_stamp.h"

static int dest_address(struct sock *sk, const struct sockmsg *m,
			struct raw_dest *d)
{
	const struct sockaddr_in *in = m->name;

	if (!in || !m->namelen) {
		if (sk->sk_state != TCP_ESTABLISHED)
			return -EDESTADDRREQ;
		d->daddr = sk->c.daddr.v4;
		return 0;
	}
	if (m->namelen < sizeof(*in))
		return -EINVAL;
	if (in->sin_family != AF_INET && in->sin_family != AF_UNSPEC)
		return -EAFNOSUPPORT;
	d->daddr = (__force __be32)in->sin_addr.s_addr;
	return 0;
}

static int dest_route(struct sock *sk, struct raw_dest *d, u8 protocol)
{
	const struct ip_options *opt = d->ck.opt ? d->ck.opt : sk->flow.opt;
	bool group = ipv4_is_multicast(d->daddr);
	struct flowi4 fl = {
		.daddr = opt && opt->srr ? opt->faddr : d->daddr,
		.saddr = d->ck.saddr, .tos = d->ck.tos, .mark = d->ck.mark,
		.oif = d->ck.oif, .protocol = protocol,
		.anysrc = sk->flow.transparent || sk->flow.hdrincl,
	};

	if (!fl.oif)
		fl.oif = group ? sk->flow.mc_index : sk->uc_index;
	if (group && !fl.saddr)
		fl.saddr = sk->flow.mc_addr;
	d->rt = ip_route_output(sock_net(sk), &fl);
	if (IS_ERR(d->rt))
		return (int)PTR_ERR(d->rt);
	d->saddr = fl.saddr;
	if (!d->daddr)
		d->daddr = fl.daddr;
	return 0;
}

void raw_dest_put(struct raw_dest *d)
{
	if (!IS_ERR_OR_NULL(d->rt))
		dst_release(&d->rt->dst);
	d->rt = NULL;
	kfree(d->ck.opt);
	d->ck.opt = NULL;
}

int raw_find_dest(struct sock *sk, struct sockmsg *m, u8 protocol,
		  struct raw_dest *d)
{
	int err;

	memset(d, 0, sizeof(*d));
	ipcm_init_sk(&d->ck, sk);
	err = dest_address(sk, m, d);
	if (!err && m->controllen)
		err = ip_cmsg_send(sk, m, &d->ck);
	if (!err)
		err = dest_route(sk, d, d->ck.protocol ? d->ck.protocol : protocol);
	if (!err && d->rt->type == RTN_BROADCAST_ &&
	    !sock_flag(sk, SOCK_BROADCAST))
		err = -EACCES;
	if (err)
		raw_dest_put(d);
	return err;
}

struct sk_buff *raw_make_skb(struct sock *sk, struct sockmsg *m, u32 len)
{
	struct sk_buff *skb;
	int err;

	skb = sock_alloc_send_skb(sk, SKB_MAX_HEADROOM + len,
				  m->flags & MSG_DONTWAIT, &err);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, SKB_MAX_HEADROOM);
	skb_reset_transport_header(skb);
	skb->protocol = cpu_to_be16(ETH_P_IP);
	err = skb_add_data(skb, &m->iter, len);
	if (err) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return ERR_PTR(err);
	}
	return skb;
}

int raw_send_skb(struct sock *sk, struct sk_buff *skb, u8 protocol,
		 const struct raw_dest *d)
{
	u8 pd = sk->flow.pmtudisc;
	struct ip_tx tx = {
		.saddr = d->saddr, .daddr = d->daddr, .protocol = protocol,
		.tos = d->ck.tos, .ttl = d->ck.ttl,
		.no_mc_loop = !sk->flow.mc_loop,
		.dev_mtu = pd >= IP_PMTUDISC_PROBE_,
		.opt = d->ck.opt ? d->ck.opt : sk->flow.opt,
		.mark = d->ck.mark, .priority = d->ck.priority,
	};
	u32 total = skb->len + (u32)sizeof(struct iphdr) +
		    (tx.opt ? tx.opt->optlen : 0);
	u32 mtu = tx.dev_mtu ? d->rt->dst.dev->mtu : dst_mtu(&d->rt->dst);
	int err;

	if (total > IPV4_MAX_LEN || (total > mtu && pd >= IP_PMTUDISC_DO_ &&
				     pd != IP_PMTUDISC_OMIT_)) {
		ip_local_error(sk, EMSGSIZE, d->daddr, 0, mtu);
		kfree_skb_reason(skb, SKB_DROP_REASON_PKT_TOO_BIG);
		return -EMSGSIZE;
	}
	if (!d->ck.has_ttl && ipv4_is_multicast(d->daddr))
		tx.ttl = sk->flow.mc_ttl;
	tx.df = pd == IP_PMTUDISC_DO_ || pd == IP_PMTUDISC_PROBE_ ||
		(pd == IP_PMTUDISC_WANT_ && total <= mtu);
	sock_stamp_datagram(sk, skb, d->ck.tsflags);
	err = ip_build_and_send(sock_net(sk), sk, skb, d->rt, &tx);
	return err == -ENOBUFS && !sk->recverr ? 0 : err;
}

ssize_t raw_recvmsg(struct sock *sk, struct sockmsg *m, size_t len, int flags)
{
	struct sk_buff *skb;
	ssize_t ret;
	u32 copied;
	int err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return ip_recv_error(sk, m, len);
	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	copied = (u32)min_t(size_t, len, skb->len);
	if (copied < skb->len)
		m->flags |= MSG_TRUNC;
	ret = skb_copy_datagram_iter(skb, 0, &m->iter, copied);
	if (!ret) {
		ret = flags & MSG_TRUNC ? (ssize_t)skb->len : (ssize_t)copied;
		sock_recv_cmsgs(m, sk, skb);
		ip_recv_name(m, ip_hdr(skb)->saddr, 0);
		if (sk->cmsg_flags)
			ip_cmsg_recv(m, sk, skb, 0);
	}
	consume_skb(skb);
	return ret;
}

void raw_sock_err(struct sock *sk, struct sk_buff *skb, u8 type, u8 code,
		  u32 info, const u8 *payload)
{
	bool hard = false;
	int err;

	switch (type) {
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
		return;
	case ICMP_PARAMETERPROB:
		err = EPROTO;
		hard = true;
		break;
	case ICMP_DEST_UNREACH:
		if (code == ICMP_FRAG_NEEDED) {
			ip_update_pmtu(sock_net(sk), ip_hdr(skb)->daddr, info);
			err = EMSGSIZE;
			hard = sk->flow.pmtudisc != IP_PMTUDISC_DONT_;
			break;
		}
		err = icmp_err_convert(type, code, &hard);
		break;
	default:
		err = EHOSTUNREACH;
		break;
	}
	if (err < 0)
		err = -err;
	if (sk->recverr)
		ip_icmp_error(sk, skb, err, 0, info, payload);
	else if (!hard || sk->sk_state != TCP_ESTABLISHED)
		return;
	WRITE_ONCE(sk->err, (u32)err);
	sk->error_report(sk);
}

int raw_ioctl(struct sock *sk, unsigned long cmd, int *arg)
{
	struct sk_buff *skb;

	switch (cmd) {
	case SIOCOUTQ:
		*arg = (int)sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		spin_lock_bh(&sk->receive_queue.lock);
		skb = skb_peek(&sk->receive_queue);
		*arg = skb ? (int)skb->len : 0;
		spin_unlock_bh(&sk->receive_queue.lock);
		return 0;
	default:
		return -ENOTTY;
	}
}
