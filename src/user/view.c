/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text views of a stack: Linux's /proc formats where Linux has them, and
 * weir's own figures (drops, copies, stages, CPU time by context).
 */
#include "user/view_net.h"

#include <stdarg.h>
#include <stdio.h>

#include "cpu/account.h"
#include "dev/netdevice.h"
#include "dev/softnet.h"

void view_printf(struct view *v, const char *fmt, ...)
{
	size_t room = v->len < v->room ? v->room - v->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? v->text + v->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		v->len += (size_t)n;
}

/* "Group: name name" over "Group: v v", as nstat and netstat -s read it. */
static void mib_lines(struct view *v, struct net *net, const char *group)
{
	u32 i;

	view_printf(v, "%s:", group);
	for (i = 0; i < MIB_MAX; i++)
		if (!strcmp(mib_group(i), group))
			view_printf(v, " %s", mib_name(i));
	view_printf(v, "\n%s:", group);
	for (i = 0; i < MIB_MAX; i++)
		if (!strcmp(mib_group(i), group))
			view_printf(v, " %llu", (unsigned long long)
				    net_read_stats(net, i));
	view_printf(v, "\n");
}

static void view_snmp(struct view *v, struct net *net)
{
	mib_lines(v, net, "Ip");
	mib_lines(v, net, "Icmp");
	mib_lines(v, net, "Tcp");
	mib_lines(v, net, "Udp");
}

static void view_netstat(struct view *v, struct net *net)
{
	mib_lines(v, net, "TcpExt");
	mib_lines(v, net, "IpExt");
}

static void view_dev(struct view *v, struct net *net)
{
	struct rtnl_link_stats64 s;
	struct net_device *dev;

	view_printf(v, "Inter-|   Receive                            "
		    "                    |  Transmit\n"
		    " face |bytes    packets errs drop fifo frame compressed "
		    "multicast|bytes    packets errs drop fifo colls carrier "
		    "compressed\n");
	list_for_each_entry(dev, &net->dev_base, dev_list) {
		dev_get_stats(dev, &s);
		view_printf(v, "%6s: %7llu %7llu %4llu %4llu %4llu %5llu "
			    "%10llu %9llu %8llu %7llu %4llu %4llu %4llu %5llu "
			    "%7llu %10llu\n", dev->name,
			    (unsigned long long)s.rx_bytes,
			    (unsigned long long)s.rx_packets,
			    (unsigned long long)s.rx_errors,
			    (unsigned long long)(s.rx_dropped + s.rx_missed_errors),
			    (unsigned long long)s.rx_fifo_errors,
			    (unsigned long long)s.rx_frame_errors,
			    (unsigned long long)s.rx_compressed,
			    (unsigned long long)s.multicast,
			    (unsigned long long)s.tx_bytes,
			    (unsigned long long)s.tx_packets,
			    (unsigned long long)s.tx_errors,
			    (unsigned long long)s.tx_dropped,
			    (unsigned long long)s.tx_fifo_errors,
			    (unsigned long long)s.collisions,
			    (unsigned long long)s.tx_carrier_errors,
			    (unsigned long long)s.tx_compressed);
	}
}

/* Sum over the CPUs of a counter array that starts `off` into struct percpu. */
static u64 sum_cpus(struct machine *m, size_t off, u32 i)
{
	u64 sum = 0;
	u32 c;

	for (c = 0; c < m->nr_cpus; c++)
		sum += READ_ONCE(((u64 *)((u8 *)&m->cpus[c]->pc + off))[i]);
	return sum;
}

static void view_drops(struct view *v, struct net *net)
{
	u64 n;
	u32 i;

	for (i = 1; i < SKB_DROP_REASON_MAX; i++) {
		n = sum_cpus(net->machine, offsetof(struct percpu, drops), i);
		if (n)
			view_printf(v, "%-28s %10llu  %s\n",
				    drop_reason_name(i), (unsigned long long)n,
				    drop_reason_what(i));
	}
}

static void view_copies(struct view *v, struct net *net)
{
	static const char *const why[] = {
		"user to skb", "skb to user", "DMA transmit", "DMA receive",
		"linearize", "fragment", "collapse",
	};
	struct machine *m = net->machine;
	u32 i;

	static_assert(ARRAY_SIZE(why) == COPY_WHY_MAX, "one name per reason");
	for (i = 0; i < COPY_WHY_MAX; i++)
		view_printf(v, "%-14s %12llu copies %16llu bytes\n", why[i],
			    (unsigned long long)sum_cpus(m,
				offsetof(struct percpu, copies), i),
			    (unsigned long long)sum_cpus(m,
				offsetof(struct percpu, copy_bytes), i));
}

static void view_stages(struct view *v, struct net *net)
{
	struct machine *m = net->machine;
	u64 n;
	u32 i;

	for (i = 1; i < STAGE_MAX; i++) {
		n = sum_cpus(m, offsetof(struct percpu, stage_count), i);
		if (n)
			view_printf(v, "%-26s %-9s %12llu packets %16llu bytes\n",
				    stage_name(i), stage_floor(i),
				    (unsigned long long)n,
				    (unsigned long long)sum_cpus(m,
					offsetof(struct percpu, stage_bytes), i));
	}
}

static void view_cpu(struct view *v, struct net *net)
{
	static const char *const ctx[] = { "idle", "user", "sys", "ksoftirqd",
					   "si", "hi" };
	struct machine *m = net->machine;
	u32 c, i;

	static_assert(ARRAY_SIZE(ctx) == CTX_MAX, "one name per context");
	for (c = 0; c < m->nr_cpus; c++) {
		view_printf(v, "cpu%u", c);
		for (i = CTX_TASK; i < CTX_MAX; i++)
			view_printf(v, " %s %llu us", ctx[i],
				    (unsigned long long)account_cpu_ns(
					m->cpus[c], i) / 1000);
		view_printf(v, "\n");
	}
}

static void view_softirqs(struct view *v, struct net *net)
{
	static const char *const names[] = {
		"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL",
		"TASKLET", "SCHED", "HRTIMER", "RCU",
	};
	struct machine *m = net->machine;
	u32 c, i;

	static_assert(ARRAY_SIZE(names) == NR_SOFTIRQS, "one name each");
	view_printf(v, "%11s", "");
	for (c = 0; c < m->nr_cpus; c++)
		view_printf(v, " %10s%u", "CPU", c);
	view_printf(v, "\n");
	for (i = 0; i < NR_SOFTIRQS; i++) {
		view_printf(v, "%10s:", names[i]);
		for (c = 0; c < m->nr_cpus; c++)
			view_printf(v, " %11llu", (unsigned long long)
				    READ_ONCE(m->cpus[c]->softirq_count[i]));
		view_printf(v, "\n");
	}
}

static const struct {
	const char *name;
	void (*show)(struct view *v, struct net *net);
} views[] = {
	{ "net/snmp", view_snmp },
	{ "net/netstat", view_netstat },
	{ "net/dev", view_dev },
	{ "net/tcp", view_tcp },
	{ "net/udp", view_udp },
	{ "net/arp", view_arp },
	{ "net/route", view_route },
	{ "net/sockstat", view_sockstat },
	{ "net/softnet_stat", view_softnet_stat },
	{ "interrupts", view_interrupts },
	{ "softirqs", view_softirqs },
	{ "ip/addr", view_ip_addr },
	{ "ip/link", view_ip_link },
	{ "ip/route", view_ip_route },
	{ "ip/neigh", view_ip_neigh },
	{ "tc/qdisc", view_tc_qdisc },
	{ "sysctl", view_sysctl },
	{ "drops", view_drops },
	{ "copies", view_copies },
	{ "stages", view_stages },
	{ "cpu", view_cpu },
};

ssize_t net_view(struct net *net, const char *name, char *text, size_t room)
{
	struct view v = { text, room, 0 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(views); i++) {
		if (strcmp(views[i].name, name))
			continue;
		if (room)
			text[0] = '\0';	/* a view may be empty */
		views[i].show(&v, net);
		return (ssize_t)v.len;
	}
	return -ENOENT;
}
