/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What IGMP says: reports and leaves in the version that the link's querier
 * understands. RFC 1112 Appendix I, RFC 2236 3, RFC 3376 4.2, 7.2.1.
 */
#include "inet/igmp.h"

#include "buf/wire/igmp.h"
#include "inet/ip.h"

static const u8 router_alert[4] = { IPOPT_RA, 4, 0, 0 };

/* --- sending ---------------------------------------------------------------------- */

/* Room for len bytes; NULL. */
static struct sk_buff *igmp_alloc(u32 len)
{
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + len);

	if (!skb)
		return NULL;
	skb_reserve(skb, SKB_MAX_HEADROOM);
	memset(skb_put(skb, len), 0, len);
	return skb;
}

/* Checksum, TTL 1, router alert (RFC 3376 4). Consumes. */
static void igmp_xmit(struct net_device *dev, struct sk_buff *skb, u32 to)
{
	struct igmphdr *ih = (struct igmphdr *)skb->data;
	struct flowi4 fl = { .daddr = cpu_to_be32(to), .oif = dev->ifindex,
			     .protocol = IPPROTO_IGMP };
	struct ip_options opt = { .optlen = sizeof(router_alert) };
	struct ip_tx tx = { .protocol = IPPROTO_IGMP, .ttl = 1, .tos = 0xc0,
			    .no_mc_loop = true, .df = true, .opt = &opt };
	struct rtable *rt;

	ih->csum = ip_compute_csum(skb->data, skb->len);
	memcpy(opt.data, router_alert, sizeof(router_alert));
	rt = ip_route_output(dev->net, &fl);
	if (IS_ERR(rt)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
		return;
	}
	tx.saddr = fl.saddr;
	tx.daddr = fl.daddr;
	ip_build_and_send(dev->net, NULL, skb, rt, &tx);
	dst_release(&rt->dst);
}

static void igmp_send_v2(struct net_device *dev, u8 type, __be32 group)
{
	struct sk_buff *skb = igmp_alloc(sizeof(struct igmphdr));
	struct igmphdr *ih;

	if (!skb)
		return;
	ih = (struct igmphdr *)skb->data;
	ih->type = type;
	ih->group = group;
	/* RFC2236 3: leaves go to the routers, reports to the group. */
	igmp_xmit(dev, skb, type == IGMP_HOST_LEAVE_MESSAGE ?
		  IGMP_ALL_ROUTER : be32_to_cpu(group));
}

void igmp_send_v3(struct net_device *dev, u8 kind, const __be32 *groups,
		  u32 n)
{
	u32 len = (u32)(sizeof(struct igmpv3_report) +
			n * sizeof(struct igmpv3_grec));
	struct sk_buff *skb = igmp_alloc(len);
	struct igmpv3_report *r;
	struct igmpv3_grec *rec;

	if (!skb)
		return;
	r = (struct igmpv3_report *)skb->data;
	r->type = IGMPV3_HOST_MEMBERSHIP_REPORT;
	r->ngrec = cpu_to_be16(n);
	rec = (struct igmpv3_grec *)(r + 1);
	for (u32 i = 0; i < n; i++) {
		rec[i].grec_type = kind;
		rec[i].grec_mca = groups[i];
	}
	igmp_xmit(dev, skb, IGMPV3_ALL_MCR);
}

/* --- which version -------------------------------------------------------------------- */

u32 igmp_version(const struct in_device *in_dev)
{
	u32 forced = in_dev->dev->net->ipv4->sysctl.force_igmp_version;
	jiffies_t now = jiffies();

	if (forced)
		return forced;
	if (in_dev->v1_seen > now)
		return 1;
	return in_dev->v2_seen > now ? 2 : 3;
}

/* RFC3376 6: 224.0.0.1 is never reported; those of the link by choice. */
bool igmp_reportable(const struct in_device *in_dev, __be32 group)
{
	const struct ipv4_sysctl *ctl = &in_dev->dev->net->ipv4->sysctl;

	if (group == cpu_to_be32(IGMP_ALL_HOSTS))
		return false;
	return !ipv4_is_local_multicast(group) ||
	       ctl->igmp_link_local_mcast_reports;
}

void igmp_report(struct in_device *in_dev, u32 version, __be32 group,
		 bool member, bool change)
{
	struct net_device *dev = in_dev->dev;
	u8 kind = change ? IGMPV3_CHANGE_TO_EXCLUDE : IGMPV3_MODE_IS_EXCLUDE;

	if (version == 3)
		igmp_send_v3(dev, member ? kind : IGMPV3_CHANGE_TO_INCLUDE,
			     &group, 1);
	else if (member)
		igmp_send_v2(dev, version == 1 ? IGMP_HOST_MEMBERSHIP_REPORT
				: IGMPV2_HOST_MEMBERSHIP_REPORT, group);
	else if (version == 2)
		igmp_send_v2(dev, IGMP_HOST_LEAVE_MESSAGE, group);
}
