/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Multicast membership of a host: RFC 1112, IGMPv2 RFC 2236, IGMPv3 RFC 3376
 * (all groups in mode "exclude nothing").
 *
 * A group of a device has members (users). The first join and the last leave
 * are reported, igmp_qrv times at random intervals; queries are answered
 * after a random delay. Which version is spoken follows the oldest querier
 * heard lately (RFC 3376 7.2.1). A group without users stays on the list
 * until its leave is reported.
 *
 * What is to be sent is decided under mc_lock and sent without it, by
 * igmp_report.c.
 */
#include "inet/igmp.h"

#include "base/random.h"
#include "base/slab.h"
#include "buf/wire/igmp.h"
#include "inet/ip.h"

#define IGMP_UNSOLICITED_V2	(10 * HZ)	/* RFC2236 8.10 */
#define IGMP_UNSOLICITED_V3	(1 * HZ)	/* RFC3376 8.11 */
#define IGMP_V1_MAX_DELAY	(10 * HZ)
#define IGMP_QUERY_INTERVAL	(125 * HZ)	/* RFC3376 8.2 */

/* --- timers: softirq -------------------------------------------------------- */

static void igmp_arm(struct timer_list *t, u32 max_delay)
{
	mod_timer(t, jiffies() + 1 + get_random_u32_below(max_delay));
}

static void igmp_arm_resend(struct ip_mc_list *m)
{
	igmp_arm(&m->timer, igmp_version(m->in_dev) == 3 ?
		 IGMP_UNSOLICITED_V3 : IGMP_UNSOLICITED_V2);
}

static void mc_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct ip_mc_list, rcu));
}

/* mc_lock held. False: it was not on the list (device goes). */
static bool mc_unlink(struct ip_mc_list *m)
{
	struct in_device *in_dev = m->in_dev;
	struct ip_mc_list **p = &in_dev->mc_list;

	while (*p && *p != m)
		p = &(*p)->next;
	if (!*p)
		return false;
	rcu_assign_pointer(*p, m->next);
	in_dev->nr_groups--;
	return true;
}

/* A group's turn: a change once more, or the answer to a query. */
static void igmp_group_timer(struct timer_list *t)
{
	struct ip_mc_list *m = container_of(t, struct ip_mc_list, timer);
	struct in_device *in_dev = m->in_dev;
	bool member, change, last = false;
	__be32 group = m->group;
	u32 version;

	spin_lock_bh(&in_dev->mc_lock);
	version = igmp_version(in_dev);
	member = m->users;
	change = m->resends > 0;
	m->reporter = member;
	if (change && --m->resends)
		igmp_arm_resend(m);
	else if (!member)
		last = mc_unlink(m);
	spin_unlock_bh(&in_dev->mc_lock);
	if (change || member)
		igmp_report(in_dev, version, group, member, change);
	if (last)
		call_rcu(&m->rcu, mc_free_rcu);
}

/* Answer to a general query, version 3: all groups. */
static void igmp_general_timer(struct timer_list *t)
{
	struct in_device *in_dev = container_of(t, struct in_device, gq_timer);
	__be32 groups[IGMP_RECORDS_MAX];
	struct ip_mc_list *m;
	u32 n = 0;

	for (m = rcu_dereference(in_dev->mc_list); m;
	     m = rcu_dereference(m->next)) {
		if (!READ_ONCE(m->users) || !igmp_reportable(in_dev, m->group))
			continue;
		groups[n++] = m->group;
		if (n == IGMP_RECORDS_MAX) {
			igmp_send_v3(in_dev->dev, IGMPV3_MODE_IS_EXCLUDE,
				     groups, n);
			n = 0;
		}
	}
	if (n)
		igmp_send_v3(in_dev->dev, IGMPV3_MODE_IS_EXCLUDE, groups, n);
}

/* --- receiving -------------------------------------------------------- */

/* RFC3376 4.1.1: values from 128 on are a small floating point number. */
static u32 igmp_float(u8 code)
{
	if (code < 128)
		return code;
	return (u32)((code & 0xf) | 0x10) << ((code >> 4 & 7) + 3);
}

/* RFC3376 8.12: robustness * query interval + one response interval. */
static jiffies_t igmp_older_timeout(const struct in_device *in_dev)
{
	u32 qrv = in_dev->dev->net->ipv4->sysctl.igmp_qrv;

	return jiffies() + (u64)qrv * IGMP_QUERY_INTERVAL + IGMP_V1_MAX_DELAY;
}

/* Sooner answers that are due already stay. mc_lock held. */
static void igmp_schedule(struct timer_list *t, u32 max_delay)
{
	if (!timer_pending(t) || t->expires > jiffies() + max_delay)
		igmp_arm(t, max_delay);
}

static void igmp_query_groups(struct in_device *in_dev, __be32 group,
			      u32 max_delay)
{
	for (struct ip_mc_list *m = in_dev->mc_list; m; m = m->next)
		if (m->users && (!group || m->group == group) &&
		    igmp_reportable(in_dev, m->group))
			igmp_schedule(&m->timer, max_delay);
}

/* RFC3376 7.1: by length and code. False: malformed. */
static bool igmp_heard_query(struct in_device *in_dev, struct sk_buff *skb)
{
	const struct igmphdr *ih = igmp_hdr(skb);
	__be32 group = ih->group;
	u32 max_delay;

	if (skb->len > 8 && skb->len < sizeof(struct igmpv3_query))
		return false;
	spin_lock_bh(&in_dev->mc_lock);
	max_delay = ih->code * (HZ / 10);
	if (skb->len == 8 && !ih->code) {
		in_dev->v1_seen = igmp_older_timeout(in_dev);
		max_delay = IGMP_V1_MAX_DELAY;
		group = 0;
	} else if (skb->len == 8) {
		in_dev->v2_seen = igmp_older_timeout(in_dev);
	} else {
		max_delay = igmp_float(ih->code) * (HZ / 10);
	}
	max_delay = max(max_delay, 1u);
	if (!group && igmp_version(in_dev) == 3)
		igmp_schedule(&in_dev->gq_timer, max_delay);
	else
		igmp_query_groups(in_dev, group, max_delay);
	spin_unlock_bh(&in_dev->mc_lock);
	return true;
}

/* RFC2236 3: somebody else reported the group; ours is not needed. */
static void igmp_heard_report(struct in_device *in_dev, __be32 group)
{
	struct ip_mc_list *m;

	spin_lock_bh(&in_dev->mc_lock);
	for (m = in_dev->mc_list; m; m = m->next) {
		if (m->group != group || !m->users || m->resends)
			continue;
		del_timer(&m->timer);
		m->reporter = false;
	}
	spin_unlock_bh(&in_dev->mc_lock);
}

static bool igmp_csum_ok(struct sk_buff *skb)
{
	if (skb_csum_unnecessary(skb))
		return true;
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->csum = 0;
	return !skb_checksum_complete(skb);
}

/* Consumes. softirq */
static int igmp_rcv(struct sk_buff *skb)
{
	struct net *net = skb->dev->net;
	struct net_device *dev;
	struct in_device *in_dev;

	skb_stage(skb, STAGE_igmp_rcv);
	dev = dev_get_by_index(net, IPCB(skb)->iif);
	in_dev = dev ? in_dev_get(dev) : NULL;
	if (!in_dev || !pskb_may_pull(skb, sizeof(struct igmphdr)) ||
	    !igmp_csum_ok(skb))
		goto drop;
	switch (igmp_hdr(skb)->type) {
	case IGMP_HOST_MEMBERSHIP_QUERY:
		if (!igmp_heard_query(in_dev, skb))
			goto drop;
		break;
	case IGMP_HOST_MEMBERSHIP_REPORT:
	case IGMPV2_HOST_MEMBERSHIP_REPORT:
		if (skb->pkt_type != PACKET_LOOPBACK)
			igmp_heard_report(in_dev, igmp_hdr(skb)->group);
		break;
	default:
		break;		/* RFC2236 2.1: others silently ignored */
	}
	consume_skb(skb);
	return 0;

drop:
	kfree_skb_reason(skb, SKB_DROP_REASON_IGMP_HDR);
	return 0;
}

const struct net_protocol igmp_protocol = {
	.handler = igmp_rcv,
};

/* --- membership: task -------------------------------------------------------- */

bool ip_check_mc(struct net_device *dev, __be32 group)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct ip_mc_list *m;

	if (!in_dev)
		return false;
	for (m = rcu_dereference(in_dev->mc_list); m;
	     m = rcu_dereference(m->next))
		if (m->group == group)
			return READ_ONCE(m->users);
	return false;
}

/* mc_lock held. The group's entry, made when absent; ERR_PTR. */
static struct ip_mc_list *mc_get(struct in_device *in_dev, __be32 group)
{
	struct ip_mc_list *m;

	for (m = in_dev->mc_list; m; m = m->next)
		if (m->group == group)
			return m;
	if (in_dev->nr_groups >= IN_DEV_MAX_GROUPS)
		return ERR_PTR(-ENOBUFS);
	m = kzalloc(sizeof(*m));
	if (!m)
		return ERR_PTR(-ENOMEM);
	m->in_dev = in_dev;
	m->group = group;
	timer_setup(&m->timer, igmp_group_timer);
	m->next = in_dev->mc_list;
	rcu_assign_pointer(in_dev->mc_list, m);
	in_dev->nr_groups++;
	return m;
}

/* Membership has changed: said now and igmp_qrv - 1 times more. mc_lock
 * held; true: the caller reports when it has let it go. */
static bool mc_changed(struct ip_mc_list *m)
{
	struct in_device *in_dev = m->in_dev;
	u32 qrv = in_dev->dev->net->ipv4->sysctl.igmp_qrv;

	m->resends = 0;
	if (!igmp_reportable(in_dev, m->group) ||
	    !(in_dev->dev->flags & IFF_UP) ||
	    in_dev->dev->flags & IFF_LOOPBACK)
		return false;
	m->resends = (u8)(qrv - 1);
	if (m->resends)
		igmp_arm_resend(m);
	return true;
}

int ip_mc_join(struct net_device *dev, __be32 group)
{
	struct in_device *in_dev = in_dev_get(dev);
	bool first = false, report = false, listen = false;
	struct ip_mc_list *m;
	u32 version;

	if (!ipv4_is_multicast(group))
		return -EINVAL;
	if (!in_dev)
		return -ENODEV;
	spin_lock_bh(&in_dev->mc_lock);
	version = igmp_version(in_dev);
	m = mc_get(in_dev, group);
	if (!IS_ERR(m)) {
		first = m->users++ == 0;
		report = first && mc_changed(m);
		listen = first && in_dev->joined++ == 0;
	}
	spin_unlock_bh(&in_dev->mc_lock);
	if (IS_ERR(m))
		return (int)PTR_ERR(m);
	if (listen)
		dev_set_allmulti(dev, 1);
	if (report)
		igmp_report(in_dev, version, group, true, true);
	return 0;
}

/* The last user went. mc_lock held; true: report it. Freed by its timer, or
 * by the caller when *m comes back. */
static bool mc_abandon(struct ip_mc_list **mp)
{
	struct ip_mc_list *m = *mp;
	bool report = mc_changed(m);

	/* RFC2236 3: only who reported last needs to say that it leaves. */
	if (report && igmp_version(m->in_dev) == 2 && !m->reporter)
		report = false;
	if (m->resends) {
		*mp = NULL;
		return report;
	}
	del_timer(&m->timer);
	mc_unlink(m);
	return report;
}

int ip_mc_leave(struct net_device *dev, __be32 group)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct ip_mc_list *m, *gone = NULL;
	bool report = false, deaf = false;
	u32 version;

	if (!in_dev)
		return -ENODEV;
	spin_lock_bh(&in_dev->mc_lock);
	version = igmp_version(in_dev);
	for (m = in_dev->mc_list; m; m = m->next)
		if (m->group == group && m->users)
			break;
	if (m && --m->users == 0) {
		gone = m;
		report = mc_abandon(&gone);
		deaf = --in_dev->joined == 0;
	}
	spin_unlock_bh(&in_dev->mc_lock);
	if (!m)
		return -EADDRNOTAVAIL;
	if (report)
		igmp_report(in_dev, version, group, false, true);
	if (gone) {
		del_timer_sync(&gone->timer);
		call_rcu(&gone->rcu, mc_free_rcu);
	}
	if (deaf)
		dev_set_allmulti(dev, -1);
	return 0;
}

/* --- with the device -------------------------------------------------------- */

void ip_mc_init_dev(struct in_device *in_dev)
{
	spin_lock_init(&in_dev->mc_lock);
	timer_setup(&in_dev->gq_timer, igmp_general_timer);
}

/* RFC1112 4: every host is in 224.0.0.1, without being joined. */
void ip_mc_up(struct in_device *in_dev)
{
	struct ip_mc_list *m;

	spin_lock_bh(&in_dev->mc_lock);
	m = mc_get(in_dev, cpu_to_be32(IGMP_ALL_HOSTS));
	if (!IS_ERR(m) && !m->users)
		m->users = 1;
	for (m = in_dev->mc_list; m; m = m->next)
		if (m->users && mc_changed(m)) {
			m->resends++;
			igmp_arm_resend(m);
		}
	spin_unlock_bh(&in_dev->mc_lock);
}

void ip_mc_down(struct in_device *in_dev)
{
	struct ip_mc_list *m;

	spin_lock_bh(&in_dev->mc_lock);
	for (m = in_dev->mc_list; m; m = m->next) {
		m->resends = 0;
		/* One without users goes with its timer. */
		if (m->users)
			del_timer(&m->timer);
	}
	del_timer(&in_dev->gq_timer);
	in_dev->v1_seen = in_dev->v2_seen = 0;
	spin_unlock_bh(&in_dev->mc_lock);
}

void ip_mc_destroy_dev(struct in_device *in_dev)
{
	struct ip_mc_list *list, *m;

	spin_lock_bh(&in_dev->mc_lock);
	list = in_dev->mc_list;
	rcu_assign_pointer(in_dev->mc_list, NULL);
	in_dev->nr_groups = 0;
	for (m = list; m; m = m->next)
		m->resends = 0;
	spin_unlock_bh(&in_dev->mc_lock);
	del_timer_sync(&in_dev->gq_timer);
	while ((m = list)) {
		list = m->next;
		del_timer_sync(&m->timer);
		call_rcu(&m->rcu, mc_free_rcu);
	}
}
