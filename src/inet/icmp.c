/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP messages that arrive: RFC 792, RFC 1122 3.2.2, RFC 1812 4.3.
 *
 * icmp_rcv checks and dispatches by a table. Echo and Timestamp requests are
 * answered; errors are checked and given to the transport whose packet they
 * quote, which must find its own socket and sequence number in it before it
 * believes anything (RFC 5927). Sending of errors is in icmp_send.c.
 */
#include "inet/ip.h"

#include "inet/in_device.h"
#include "inet/rtable.h"

/* --- counters ------------------------------------------------------------------- */

/* By type; MIB_MAX: has no counter. */
struct icmp_mibs {
	enum mib in, out;
};
#define MIBS(name) { MIB_Icmp_In##name, MIB_Icmp_Out##name }
#define NO_MIBS { MIB_MAX, MIB_MAX }
static const struct icmp_mibs icmp_mibs[NR_ICMP_TYPES + 1] = {
	[ICMP_ECHOREPLY] = MIBS(EchoReps),
	[1] = NO_MIBS, [2] = NO_MIBS,
	[ICMP_DEST_UNREACH] = MIBS(DestUnreachs),
	[ICMP_SOURCE_QUENCH] = MIBS(SrcQuenchs),
	[ICMP_REDIRECT] = MIBS(Redirects),
	[6] = NO_MIBS, [7] = NO_MIBS,
	[ICMP_ECHO] = MIBS(Echos),
	[ICMP_ROUTERADVERT] = NO_MIBS, [ICMP_ROUTERSOLICIT] = NO_MIBS,
	[ICMP_TIME_EXCEEDED] = MIBS(TimeExcds),
	[ICMP_PARAMETERPROB] = MIBS(ParmProbs),
	[ICMP_TIMESTAMP] = MIBS(Timestamps),
	[ICMP_TIMESTAMPREPLY] = MIBS(TimestampReps),
	[ICMP_INFO_REQUEST] = NO_MIBS, [ICMP_INFO_REPLY] = NO_MIBS,
	[ICMP_ADDRESS] = MIBS(AddrMasks),
	[ICMP_ADDRESSREPLY] = MIBS(AddrMaskReps),
};

void icmp_count_out(struct net *net, u8 type)
{
	NET_INC_STATS(net, Icmp, OutMsgs);
	if (type <= NR_ICMP_TYPES && icmp_mibs[type].out != MIB_MAX)
		net_inc_stats(net, icmp_mibs[type].out);
}

static void icmp_count_in(struct net *net, u8 type)
{
	if (icmp_mibs[type].in != MIB_MAX)
		net_inc_stats(net, icmp_mibs[type].in);
}

/* --- answers ---------------------------------------------------------------------- */

/* What a received packet carries and a sent one must not. */
static void icmp_scrub(struct sk_buff *skb)
{
	skb_orphan(skb);
	skb->tstamp = 0;
	skb->pkt_type = PACKET_HOST;
	skb->vlan_present = 0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->queue_mapping = 0;
}

/* skb is the answer's message, header private. Consumes. RFC1122 3.2.2.6:
 * from the address that was asked. */
static void icmp_reply(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u8 asked = skb_rtable(skb)->type, type = icmp_hdr(skb)->type;
	struct ip_tx tx = { .daddr = iph->saddr, .protocol = IPPROTO_ICMP,
			    .tos = iph->tos };
	struct flowi4 fl = { .daddr = iph->saddr, .tos = iph->tos,
			     .protocol = IPPROTO_ICMP };
	enum skb_drop_reason why = SKB_DROP_REASON_ICMP_IGNORED;
	struct ip_options opt;
	struct rtable *rt;

	if (ip_options_echo(net, &opt, skb))
		goto drop;
	if (opt.optlen)
		tx.opt = &opt;
	if (opt.srr)
		fl.daddr = opt.faddr;
	if (asked == RTN_LOCAL_)
		fl.saddr = iph->daddr;
	rt = ip_route_output(net, &fl);
	if (IS_ERR(rt))
		goto drop;
	if (rt->type == RTN_BROADCAST_ || rt->type == RTN_MULTICAST_)
		goto drop_route;
	why = SKB_DROP_REASON_ICMP_RATELIMIT;
	if (!icmp_xrlim_allow(net, rt->dst.dev, type, 0, tx.daddr))
		goto drop_route;
	tx.saddr = fl.saddr;
	icmp_scrub(skb);
	icmp_count_out(net, type);
	ip_build_and_send(net, NULL, skb, rt, &tx);
	dst_release(&rt->dst);
	return;

drop_route:
	dst_release(&rt->dst);
drop:
	kfree_skb_reason(skb, why);
}

/* The message may be changed afterwards; checked pull of n bytes included. */
static bool icmp_make_private(struct sk_buff *skb, u32 n)
{
	return pskb_may_pull(skb, n) && !skb_cow_head(skb, skb_headroom(skb));
}

/* RFC792, RFC1122 3.2.2.6: the same data back. Only the type changes, so the
 * checksum is corrected instead of computed (RFC 1624). */
static enum skb_drop_reason icmp_echo(struct net *net, struct sk_buff *skb)
{
	struct icmphdr *icmph;
	__be16 from, to;

	if (net->ipv4->sysctl.icmp_echo_ignore_all)
		return SKB_DROP_REASON_ICMP_IGNORED;
	if (!icmp_make_private(skb, sizeof(*icmph)))
		return SKB_DROP_REASON_NOMEM;
	icmph = icmp_hdr(skb);
	from = cpu_to_be16(ICMP_ECHO << 8 | icmph->code);
	to = cpu_to_be16(ICMP_ECHOREPLY << 8 | icmph->code);
	icmph->type = ICMP_ECHOREPLY;
	csum_replace2(&icmph->checksum, from, to);
	icmp_reply(net, skb);
	return SKB_NOT_DROPPED_YET;
}

/* RFC792, RFC1122 3.2.2.8: milliseconds since midnight UT. */
static enum skb_drop_reason icmp_timestamp(struct net *net,
					   struct sk_buff *skb)
{
	const u32 len = sizeof(struct icmphdr) + 12;
	struct icmphdr *icmph;
	u32 now;
	u8 *t;

	if (skb->len < len) {
		NET_INC_STATS(net, Icmp, InErrors);
		return SKB_DROP_REASON_ICMP_HDR;
	}
	if (!icmp_make_private(skb, len) || pskb_trim(skb, len))
		return SKB_DROP_REASON_NOMEM;
	icmph = icmp_hdr(skb);
	t = (u8 *)(icmph + 1);
	now = (u32)(ktime_get_real() / NSEC_PER_MSEC % (24 * 3600 * 1000));
	put_unaligned_be32(now, t + 4);
	put_unaligned_be32(now, t + 8);
	icmph->type = ICMP_TIMESTAMPREPLY;
	icmph->code = 0;
	icmph->checksum = 0;
	icmph->checksum = ip_compute_csum(icmph, len);
	icmp_reply(net, skb);
	return SKB_NOT_DROPPED_YET;
}

/* --- errors ------------------------------------------------------------------------- */

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

/* Destination Unreachable, Time Exceeded, Parameter Problem, Source Quench. */
static enum skb_drop_reason icmp_error(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *inner = icmp_quoted(skb);
	u32 info;

	if (!inner)
		goto bad;
	/* RFC1812 4.3.2.7: an error about a broadcast is bogus. */
	if (net->ipv4->sysctl.icmp_ignore_bogus_error_responses &&
	    inet_addr_type(net, inner->daddr) == RTN_BROADCAST_)
		return SKB_DROP_REASON_ICMP_IGNORED;
	if (!icmp_error_info(net, icmp_hdr(skb), inner, &info))
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
static enum skb_drop_reason icmp_redirect(struct net *net, struct sk_buff *skb)
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

/* --- icmp_rcv ------------------------------------------------------------------------ */

/* Raw sockets have seen it; nobody else is interested. */
static enum skb_drop_reason icmp_accept(struct net *net, struct sk_buff *skb)
{
	consume_skb(skb);
	return SKB_NOT_DROPPED_YET;
}

/* RFC1122 3.2.2.7, 3.2.2.9: not answered by hosts. */
static enum skb_drop_reason icmp_discard(struct net *net, struct sk_buff *skb)
{
	return SKB_DROP_REASON_ICMP_IGNORED;
}

/* Consume, unless they return a reason. */
typedef enum skb_drop_reason (*icmp_handler)(struct net *net,
					     struct sk_buff *skb);
static const icmp_handler icmp_handlers[NR_ICMP_TYPES + 1] = {
	[ICMP_ECHOREPLY] = icmp_accept,
	[ICMP_DEST_UNREACH] = icmp_error,
	[ICMP_SOURCE_QUENCH] = icmp_discard,	/* RFC6633 */
	[ICMP_REDIRECT] = icmp_redirect,
	[ICMP_ECHO] = icmp_echo,
	[ICMP_ROUTERADVERT] = icmp_discard,
	[ICMP_ROUTERSOLICIT] = icmp_discard,
	[ICMP_TIME_EXCEEDED] = icmp_error,
	[ICMP_PARAMETERPROB] = icmp_error,
	[ICMP_TIMESTAMP] = icmp_timestamp,
	[ICMP_TIMESTAMPREPLY] = icmp_accept,
	[ICMP_INFO_REQUEST] = icmp_discard,
	[ICMP_INFO_REPLY] = icmp_discard,
	[ICMP_ADDRESS] = icmp_discard,
	[ICMP_ADDRESSREPLY] = icmp_discard,
};

static bool icmp_csum_ok(struct sk_buff *skb)
{
	if (skb_csum_unnecessary(skb))
		return true;
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->csum = 0;
	return !skb_checksum_complete(skb);
}

/* RFC1122 3.2.2.6, 3.2.2.8: requests to many are not answered (icmp_echo_
 * ignore_broadcasts); other messages to many make no sense. */
static bool icmp_many_ok(struct net *net, const struct sk_buff *skb, u8 type)
{
	u8 to = skb_rtable(skb)->type;

	if (likely(to != RTN_BROADCAST_ && to != RTN_MULTICAST_))
		return true;
	if (type != ICMP_ECHO && type != ICMP_TIMESTAMP)
		return false;
	return !net->ipv4->sysctl.icmp_echo_ignore_broadcasts;
}

/* Consumes. softirq */
static int icmp_rcv(struct sk_buff *skb)
{
	struct net *net = skb->dev->net;
	enum skb_drop_reason why;
	u8 type;

	skb_stage(skb, STAGE_icmp_rcv);
	NET_INC_STATS(net, Icmp, InMsgs);
	why = SKB_DROP_REASON_ICMP_HDR;
	if (!pskb_may_pull(skb, sizeof(struct icmphdr)))
		goto drop_error;
	why = SKB_DROP_REASON_ICMP_CSUM;
	if (!icmp_csum_ok(skb)) {
		NET_INC_STATS(net, Icmp, InCsumErrors);
		goto drop_error;
	}
	/* RFC1122 3.2.2: unknown types silently. */
	type = icmp_hdr(skb)->type;
	why = SKB_DROP_REASON_ICMP_IGNORED;
	if (type > NR_ICMP_TYPES || !icmp_handlers[type])
		goto drop_error;
	icmp_count_in(net, type);
	if (!icmp_many_ok(net, skb, type))
		goto drop;
	why = icmp_handlers[type](net, skb);
	if (why)
		goto drop;
	return 0;

drop_error:
	NET_INC_STATS(net, Icmp, InErrors);
drop:
	kfree_skb_reason(skb, why);
	return 0;
}

/* An error about an echo or timestamp request of ours: only raw sockets send
 * those, and they have been told. */
static int icmp_err(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	return 0;
}

const struct net_protocol icmp_protocol = {
	.handler = icmp_rcv,
	.err_handler = icmp_err,
};

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
