/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP messages that arrive: RFC 792, RFC 1122 3.2.2, RFC 1812 4.3.
 *
 * icmp_rcv checks and dispatches by a table. Echo and Timestamp requests are
 * answered here; received errors are icmp_err.c's, sent ones icmp_send.c's,
 * how often is icmp_limit.c's business.
 */
#include "inet/icmp.h"

#include "inet/in_device.h"

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
	/* RFC 1624 corrects to 0, which is wrong for a message of zeros only;
	 * ~0 is right for all. */
	if (!icmph->checksum)
		icmph->checksum = CSUM_MANGLED_0;
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
