/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP errors that arrive: RFC 792, RFC 1122 3.2.2, RFC 1191, RFC 5927.
 *
 * An error is given to the transport whose packet it quotes. That must find
 * its own socket and sequence number in the quote before it believes
 * anything: nothing is learnt here. Redirects concern routes only and are
 * judged here.
 */
#include "inet/icmp.h"

#include "inet/in_device.h"
#include "inet/rtable.h"

/* The quoted header and eight bytes behind it, linear; NULL: not there. */
static const struct iphdr *icmp_quoted(struct sk_buff *skb)
{
	const u32 off = sizeof(struct icmphdr);
	const struct iphdr *iph;

	if (!pskb_may_pull(skb, off + sizeof(*iph)))
		return NULL;
	iph = (const struct iphdr *)(skb->data + off);
	if (ip_version(iph) != IPVERSION || iph_len(iph) < sizeof(*iph) ||
	    !pskb_may_pull(skb, off + iph_len(iph) + 8))
		return NULL;
	return (const struct iphdr *)(skb->data + off);
}

/* RFC1191 7.1: a router that does not know of the MTU field leaves it 0; then
 * the next plateau below what was too large. */
static u32 icmp_guess_mtu(u32 tot_len)
{
	static const u16 plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492,
					1006, 508, 296, 68 };

	for (size_t i = 0; i < ARRAY_SIZE(plateaus); i++)
		if (plateaus[i] < tot_len)
			return plateaus[i];
	return IPV4_MIN_MTU;
}

/* What the error says besides type and code. False: not to be passed on. */
static bool icmp_error_info(struct net *net, const struct icmphdr *icmph,
			    const struct iphdr *inner, u32 *info)
{
	*info = 0;
	if (icmph->type == ICMP_PARAMETERPROB)
		*info = icmph->un.reserved[0];
	if (icmph->type != ICMP_DEST_UNREACH)
		return true;
	if (icmph->code > NR_ICMP_UNREACH)
		return false;
	if (icmph->code != ICMP_FRAG_NEEDED)
		return true;
	if (net->ipv4->sysctl.ip_no_pmtu_disc >= 2)
		return false;
	*info = be16_to_cpu(icmph->un.frag.mtu);
	if (!*info)
		*info = icmp_guess_mtu(be16_to_cpu(inner->tot_len));
	return true;
}

/* To raw sockets and to the transport. skb->data at the ICMP header. Borrows.
 * False: nobody here speaks that protocol. */
static bool icmp_deliver_error(struct net *net, struct sk_buff *skb, u32 info)
{
	u8 type = icmp_hdr(skb)->type, code = icmp_hdr(skb)->code;
	struct ipv4_net *ip = net->ipv4;
	const struct net_protocol *proto;
	void (*raw_err)(struct sk_buff *, u8, u8, u8, u32);
	u8 protocol;

	IPCB(skb)->offender = ip_hdr(skb)->saddr;
	skb_pull(skb, sizeof(struct icmphdr));
	skb_reset_network_header(skb);
	protocol = ip_hdr(skb)->protocol;
	raw_err = rcu_dereference(ip->raw_err);
	if (raw_err)
		raw_err(skb, protocol, type, code, info);
	proto = rcu_dereference(ip->protos[protocol]);
	if (!proto)
		return false;
	if (proto->err_handler)
		proto->err_handler(skb, type, code, info);
	return true;
}

/* Destination Unreachable, Time Exceeded, Parameter Problem. */
enum skb_drop_reason icmp_error(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *inner = icmp_quoted(skb);
	u32 info;

	if (!inner)
		goto bad;
	/* RFC1812 4.3.2.7: an error about a broadcast is bogus. */
	if (net->ipv4->sysctl.icmp_ignore_bogus_error_responses &&
	    inet_addr_type(net, inner->daddr) == RTN_BROADCAST_)
		return SKB_DROP_REASON_ICMP_IGNORED;
	/* Behind the header of a later fragment are no ports. */
	if (!ip_is_first_fragment_or_whole(inner) ||
	    !icmp_error_info(net, icmp_hdr(skb), inner, &info))
		return SKB_DROP_REASON_ICMP_IGNORED;
	if (!icmp_deliver_error(net, skb, info))
		goto bad;
	consume_skb(skb);
	return SKB_NOT_DROPPED_YET;

bad:
	NET_INC_STATS(net, Icmp, InErrors);
	return SKB_DROP_REASON_ICMP_HDR;
}

/* RFC1122 3.2.2.2: the new gateway must be on the link it came from, and not
 * ourselves. Linux's secure_redirects: it must be one of our default
 * gateways already; only asked without shared_media. */
static bool icmp_redirect_ok(struct net *net, const struct in_device *in_dev,
			     __be32 gw)
{
	const struct ipv4_sysctl *ctl = &net->ipv4->sysctl;

	if (!ctl->accept_redirects || ip_forwarding(net))
		return false;
	if (inet_addr_type(net, gw) != RTN_UNICAST_ ||
	    !inet_addr_onlink(in_dev, gw))
		return false;
	if (ctl->secure_redirects && !ctl->shared_media)
		return fib_is_default_gw(net, gw, in_dev->dev);
	return true;
}

/* RFC1122 3.2.2.2, 3.3.1.2: host and net redirects alike for the host. */
enum skb_drop_reason icmp_redirect(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *inner = icmp_quoted(skb);
	const struct in_device *in_dev = in_dev_get(skb->dev);
	__be32 gw = icmp_hdr(skb)->un.gateway, from = ip_hdr(skb)->saddr;

	if (!inner) {
		NET_INC_STATS(net, Icmp, InErrors);
		return SKB_DROP_REASON_ICMP_HDR;
	}
	/* It must be about something that we sent. */
	if (icmp_hdr(skb)->code > ICMP_REDIR_HOSTTOS || !in_dev ||
	    inet_addr_type(net, inner->saddr) != RTN_LOCAL_ ||
	    !icmp_redirect_ok(net, in_dev, gw))
		return SKB_DROP_REASON_ICMP_IGNORED;
	ip_rt_redirect(net, skb->dev, from, inner->daddr, gw);
	consume_skb(skb);
	return SKB_NOT_DROPPED_YET;
}

/* --- for transports ------------------------------------------------------------------- */

/* RFC1122 4.2.3.9, Linux's table: errno and whether it ends a connection that
 * is being set up. */
static const struct {
	int err;
	bool fatal;
} icmp_unreach_err[NR_ICMP_UNREACH + 1] = {
	[ICMP_NET_UNREACH] = { ENETUNREACH, false },
	[ICMP_HOST_UNREACH] = { EHOSTUNREACH, false },
	[ICMP_PROT_UNREACH] = { ENOPROTOOPT, true },
	[ICMP_PORT_UNREACH] = { ECONNREFUSED, true },
	[ICMP_FRAG_NEEDED] = { EMSGSIZE, false },
	[ICMP_SR_FAILED] = { EOPNOTSUPP, false },
	[ICMP_NET_UNKNOWN] = { ENETUNREACH, true },
	[ICMP_HOST_UNKNOWN] = { EHOSTDOWN, true },
	[ICMP_HOST_ISOLATED] = { ENONET, true },
	[ICMP_NET_ANO] = { ENETUNREACH, true },
	[ICMP_HOST_ANO] = { EHOSTUNREACH, true },
	[ICMP_NET_UNR_TOS] = { ENETUNREACH, false },
	[ICMP_HOST_UNR_TOS] = { EHOSTUNREACH, false },
	[ICMP_PKT_FILTERED] = { EHOSTUNREACH, true },
	[ICMP_PREC_VIOLATION] = { EHOSTUNREACH, true },
	[ICMP_PREC_CUTOFF] = { EHOSTUNREACH, true },
};

int icmp_err_convert(u8 type, u8 code, bool *fatal)
{
	*fatal = false;
	switch (type) {
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return EHOSTUNREACH;
		*fatal = icmp_unreach_err[code].fatal;
		return icmp_unreach_err[code].err;
	case ICMP_PARAMETERPROB:
		*fatal = true;
		return EPROTO;
	case ICMP_TIME_EXCEEDED:
		return EHOSTUNREACH;
	default:
		return 0;
	}
}
