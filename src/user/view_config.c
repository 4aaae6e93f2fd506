/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is configured, as the tools that configure it print it: ip addr, ip
 * link, ip route, ip neigh, tc qdisc, sysctl -a. One entry per line, as with
 * `ip -o` where an entry has several.
 */
#include "user/view_net.h"

#include "dev/qdisc/sch_generic.h"
#include "dev/sysctl.h"
#include "ether/neighbour.h"
#include "inet/ipv4_net.h"

struct walk {
	struct view *v;
	struct net *net;
};

static void show_ip(struct view *v, __be32 addr)
{
	u32 a = be32_to_cpu(addr);

	view_printf(v, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
		    a & 255);
}

static void show_mac(struct view *v, const u8 *ha, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		view_printf(v, i ? ":%02x" : "%02x", ha[i]);
}

/* --- ip/link, ip/addr ------------------------------------------------------------ */

static const struct {
	u32 flag;
	const char *name;
} flag_names[] = {
	{ IFF_LOOPBACK, "LOOPBACK" },
	{ IFF_BROADCAST, "BROADCAST" },
	{ IFF_POINTOPOINT, "POINTOPOINT" },
	{ IFF_MULTICAST, "MULTICAST" },
	{ IFF_NOARP, "NOARP" },
	{ IFF_ALLMULTI, "ALLMULTI" },
	{ IFF_PROMISC, "PROMISC" },
	{ IFF_UP, "UP" },
	{ IFF_LOWER_UP, "LOWER_UP" },
};

static void show_flags(struct view *v, const struct net_device *dev)
{
	u32 flags = dev_get_flags(dev), i;
	const char *between = "<";

	if (flags & IFF_UP && !netif_carrier_ok(dev)) {
		view_printf(v, "<NO-CARRIER");
		between = ",";
	}
	for (i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (!(flags & flag_names[i].flag))
			continue;
		view_printf(v, "%s%s", between, flag_names[i].name);
		between = ",";
	}
	view_printf(v, "%s>", *between == '<' ? "<" : "");
}

static const char *link_state(const struct net_device *dev)
{
	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return "DOWN";
	return dev->flags & IFF_LOOPBACK ? "UNKNOWN" : "UP";
}

static const char *link_kind(const struct net_device *dev)
{
	if (dev->flags & IFF_LOOPBACK)
		return "loopback";
	return dev->type == ARPHRD_ETHER ? "ether" : "none";
}

static void show_link(struct view *v, const struct net_device *dev)
{
	view_printf(v, "%u: %s: ", dev->ifindex, dev->name);
	show_flags(v, dev);
	view_printf(v, " mtu %u qdisc %s state %s", dev->mtu,
		    rcu_dereference(dev->tx[0].qdisc)->ops->id,
		    link_state(dev));
	if (dev->tx_queue_len)
		view_printf(v, " qlen %u", dev->tx_queue_len);
	view_printf(v, " gso_max_size %u gso_max_segs %u link/%s",
		    dev->gso_max_size, dev->gso_max_segs, link_kind(dev));
	if (dev->addr_len) {
		view_printf(v, " ");
		show_mac(v, dev->dev_addr, dev->addr_len);
		view_printf(v, " brd ");
		show_mac(v, dev->broadcast, dev->addr_len);
	}
	view_printf(v, "\n");
}

void view_ip_link(struct view *v, struct net *net)
{
	struct net_device *dev;

	list_for_each_entry(dev, &net->dev_base, dev_list)
		show_link(v, dev);
}

static void show_addr(void *arg, struct net_device *dev, __be32 addr, u8 plen)
{
	bool host = dev->flags & IFF_LOOPBACK;
	struct view *v = arg;

	view_printf(v, "%u: %s    inet ", dev->ifindex, dev->name);
	show_ip(v, addr);
	view_printf(v, "/%u", plen);
	if (plen < 31 && !host) {
		view_printf(v, " brd ");
		show_ip(v, addr | cpu_to_be32(~0u >> plen));
	}
	view_printf(v, " scope %s %s\n", host ? "host" : "global", dev->name);
}

void view_ip_addr(struct view *v, struct net *net)
{
	inet_addr_for_each(net, show_addr, v);
}

/* --- ip/route ---------------------------------------------------------------------- */

static void show_dst(struct view *v, const struct fib_config *c)
{
	static const char *const types[] = {
		[RTN_BLACKHOLE_] = "blackhole ",
		[RTN_UNREACHABLE_] = "unreachable ",
		[RTN_PROHIBIT_] = "prohibit ",
	};

	if (c->type < ARRAY_SIZE(types) && types[c->type])
		view_printf(v, "%s", types[c->type]);
	if (!c->prefixlen) {
		view_printf(v, "default");
		return;
	}
	show_ip(v, c->dst);
	if (c->prefixlen < 32)
		view_printf(v, "/%u", c->prefixlen);
}

static void show_number(struct view *v, const char *name, u32 value)
{
	if (value)
		view_printf(v, " %s %u", name, value);
}

static void show_metrics(struct view *v, const struct fib_config *c)
{
	show_number(v, c->mtu_locked ? "mtu lock" : "mtu", c->mtu);
	show_number(v, "window", c->window);
	show_number(v, "advmss", c->advmss);
	show_number(v, "hoplimit", c->hoplimit);
	show_number(v, "initcwnd", c->initcwnd);
	if (c->ecn)
		view_printf(v, " features ecn");
	if (c->rto_min_ms)
		view_printf(v, " rto_min lock %ums", c->rto_min_ms);
	show_number(v, "initrwnd", c->initrwnd);
	show_number(v, "quickack", c->quickack);
	if (c->congctl[0])
		view_printf(v, " congctl %s", c->congctl);
}

static void show_route(void *arg, const struct fib_config *c)
{
	struct walk *w = arg;
	struct net_device *dev = dev_get_by_index(w->net, c->oif);
	struct view *v = w->v;

	if (c->table != 254 || c->type == RTN_LOCAL_ ||
	    c->type == RTN_BROADCAST_ || c->type == RTN_MULTICAST_)
		return;
	show_dst(v, c);
	if (c->gateway) {
		view_printf(v, " via ");
		show_ip(v, c->gateway);
	}
	if (dev)
		view_printf(v, " dev %s", dev->name);
	if (c->protocol == 2 || c->protocol == 4)
		view_printf(v, " proto %s", c->protocol == 2 ? "kernel"
							     : "static");
	if (c->scope == 253)
		view_printf(v, " scope link");
	if (c->prefsrc) {
		view_printf(v, " src ");
		show_ip(v, c->prefsrc);
	}
	show_number(v, "metric", c->priority);
	if (c->onlink)
		view_printf(v, " onlink");
	show_metrics(v, c);
	view_printf(v, "\n");
}

void view_ip_route(struct view *v, struct net *net)
{
	struct walk w = { v, net };

	fib_for_each(net, show_route, &w);
}

/* --- ip/neigh ---------------------------------------------------------------------- */

static void show_neigh(void *arg, struct neighbour *n)
{
	u8 state = READ_ONCE(n->state);
	struct view *v = arg;
	__be32 addr;

	if (state & NUD_NOARP || !state)
		return;
	memcpy(&addr, n->key, sizeof(addr));
	show_ip(v, addr);
	view_printf(v, " dev %s", n->dev->name);
	if (state & NUD_VALID) {
		view_printf(v, " lladdr ");
		show_mac(v, n->ha, n->dev->addr_len);
	}
	view_printf(v, " %s\n", neigh_state_name(state));
}

void view_ip_neigh(struct view *v, struct net *net)
{
	neigh_for_each(&net->ipv4->arp_tbl, show_neigh, v);
}

/* --- tc/qdisc ---------------------------------------------------------------------- */

static void show_qdisc(struct view *v, const struct net_device *dev)
{
	struct Qdisc *q = rcu_dereference(dev->tx[0].qdisc);

	view_printf(v, "qdisc %s %x: dev %s root refcnt 2", q->ops->id,
		    q->handle >> 16, dev->name);
	if (q->ops == &pfifo_qdisc_ops)
		view_printf(v, " limit %up", q->limit);
	if (q->ops == &bfifo_qdisc_ops)
		view_printf(v, " limit %ub", q->limit);
	if (q->ops == &pfifo_fast_ops)
		view_printf(v, " bands 3 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 "
			    "1");
	view_printf(v, "\n");
}

/* Sums over the device's transmit queues. */
static void show_qdisc_stats(struct view *v, const struct net_device *dev)
{
	u64 bytes = 0, packets = 0, backlog = 0;
	u32 drops = 0, over = 0, requeues = 0, qlen = 0, i;

	for (i = 0; i < dev->num_tx_queues; i++) {
		struct Qdisc *q = rcu_dereference(dev->tx[i].qdisc);

		bytes += q->bytes;
		packets += q->packets;
		drops += q->drops;
		over += q->overlimits;
		requeues += q->requeues;
		backlog += q->backlog;
		qlen += q->qlen;
	}
	view_printf(v, " Sent %llu bytes %llu pkt (dropped %u, overlimits %u "
		    "requeues %u)\n backlog %llub %up requeues %u\n",
		    (unsigned long long)bytes, (unsigned long long)packets,
		    drops, over, requeues, (unsigned long long)backlog, qlen,
		    requeues);
}

void view_tc_qdisc(struct view *v, struct net *net)
{
	struct net_device *dev;

	list_for_each_entry(dev, &net->dev_base, dev_list) {
		show_qdisc(v, dev);
		show_qdisc_stats(v, dev);
	}
}

/* --- sysctl ------------------------------------------------------------------------ */

static void show_setting(void *arg, const char *name)
{
	struct walk *w = arg;
	char value[256];

	if (sysctl_read(w->net, name, value, sizeof(value)) >= 0)
		view_printf(w->v, "%s = %s\n", name, value);
}

void view_sysctl(struct view *v, struct net *net)
{
	struct walk w = { v, net };

	sysctl_for_each(net, show_setting, &w);
}
