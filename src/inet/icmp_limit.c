/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often ICMP errors are sent: RFC 1812 4.3.2.8. A token bucket for each
 * destination (icmp_ratelimit) and one for all together (icmp_msgs_per_sec,
 * icmp_msgs_burst).
 *
 * The bucket for all could tell an observer whether errors went to somebody
 * else, which answers port scans in somebody's name. Therefore an error
 * takes 0, 1 or 2 tokens at random, and only after its destination's own
 * bucket let it pass.
 */
#include "inet/ipv4_net.h"

#include "base/random.h"
#include "buf/wire/icmp.h"

/* Tokens for the time that went by. Lock held. */
static void global_refill(struct icmp_global *g, const struct ipv4_sysctl *ctl)
{
	jiffies_t now = jiffies(), delta = min_t(jiffies_t, now - g->stamp, HZ);
	u32 more = (u32)(delta * ctl->icmp_msgs_per_sec / HZ);

	/* Short times must add up: nothing is taken of them until they are
	 * worth a token. */
	if (!more)
		return;
	g->credit = (u32)min_t(u64, (u64)g->credit + more,
			       ctl->icmp_msgs_burst);
	g->stamp = now;
}

static bool global_has_credit(struct net *net)
{
	struct icmp_global *g = &net->ipv4->icmp_global;
	bool has;

	spin_lock_bh(&g->lock);
	global_refill(g, &net->ipv4->sysctl);
	has = g->credit > 0;
	spin_unlock_bh(&g->lock);
	return has;
}

static void global_consume(struct net *net)
{
	struct icmp_global *g = &net->ipv4->icmp_global;
	u32 take = get_random_u32_below(3);

	spin_lock_bh(&g->lock);
	g->credit -= min(take, g->credit);
	spin_unlock_bh(&g->lock);
}

bool icmp_xrlim_allow(struct net *net, const struct net_device *out, u8 type,
		      u8 code, __be32 daddr)
{
	const struct ipv4_sysctl *ctl = &net->ipv4->sysctl;
	u32 timeout = (u32)((u64)ctl->icmp_ratelimit * HZ / 1000);

	if (type > NR_ICMP_TYPES || !(ctl->icmp_ratemask & 1u << type))
		return true;
	/* Path MTU discovery depends on it; and there is no harm in what does
	 * not leave the host. */
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED)
		return true;
	if (out->flags & IFF_LOOPBACK)
		return true;
	if (!global_has_credit(net)) {
		NET_INC_STATS(net, Icmp, OutRateLimitGlobal);
		return false;
	}
	if (!inet_peer_xrlim_allow(net, daddr, timeout)) {
		NET_INC_STATS(net, Icmp, OutRateLimitHost);
		return false;
	}
	global_consume(net);
	return true;
}
