/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Views of the network's tables in the formats of Linux's /proc/net, which
 * netstat, arp, route and many scripts read: columns and widths are theirs.
 * Sockets' fields are read without their locks, as there: each is true, not
 * all at the same moment. Times are in ticks of 10 ms (USER_HZ); addresses of
 * kernel objects are 0, as Linux shows them to those who may not know.
 */
#include "user/view_net.h"

#include <stdio.h>

#include "cpu/irq.h"
#include "dev/softnet.h"
#include "ether/neighbour.h"
#include "inet/ipv4_net.h"
#include "sock/inet_hashtables.h"
#include "tcp/tcp.h"
#include "udp/udp_sock.h"

#define USER_TICK	(NSEC_PER_SEC / 100)
#define NO_POINTER	"0000000000000000"

struct rows {
	struct view *v;
	struct net *net;
	ktime_t now;
	u32 n;
};

/* Fills the line that began at `start` up to `width` and ends it. */
static void end_line(struct view *v, size_t start, size_t width)
{
	size_t used = v->len - start;

	view_printf(v, "%*s\n", used < width ? (int)(width - used) : 0, "");
}

static u64 user_ticks(ktime_t ns)
{
	return ns > 0 ? (u64)(ns / USER_TICK) : 0;
}

/* --- net/tcp ------------------------------------------------------------------ */

enum { TIMER_OFF, TIMER_RETRANS, TIMER_KEEPALIVE, TIMER_TIMEWAIT, TIMER_PROBE };

static void show_tuple(struct rows *r, const struct sock_common *c, u32 state)
{
	view_printf(r->v, "%4u: %08X:%04X %08X:%04X %02X ", r->n++,
		    (__force u32)c->rcv_saddr.v4, c->num,
		    (__force u32)c->daddr.v4, be16_to_cpu(c->dport), state);
}

static void show_timer(struct rows *r, int timer, ktime_t when)
{
	view_printf(r->v, "%02X:%08llX ", timer, timer == TIMER_OFF ? 0 :
		    (unsigned long long)user_ticks(when - r->now));
}

static int tcp_timer_of(const struct tcp_sock *tp, ktime_t *when)
{
	*when = READ_ONCE(tp->timeout);
	switch (READ_ONCE(tp->pending)) {
	case ICSK_TIME_RETRANS:
	case ICSK_TIME_REO_TIMEOUT:
	case ICSK_TIME_LOSS_PROBE:
		return TIMER_RETRANS;
	case ICSK_TIME_PROBE0:
		return TIMER_PROBE;
	}
	if (!timer_pending(&tp->sk.timer))
		return TIMER_OFF;
	*when = (ktime_t)READ_ONCE(tp->sk.timer.expires) * TICK_NSEC;
	return TIMER_KEEPALIVE;
}

static void show_tcp_sock(struct rows *r, const struct sock *sk)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;
	bool listens = READ_ONCE(sk->sk_state) == TCP_LISTEN;
	u32 rx = listens ? READ_ONCE(sk->ack_backlog) :
		 READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
	ktime_t when;
	int timer = tcp_timer_of(tp, &when);
	s32 ssthresh = tcp_in_initial_slowstart(tp) ? -1 :
		       (s32)READ_ONCE(tp->snd_ssthresh);

	if (listens)
		ssthresh = (s32)READ_ONCE(tp->accept_queue->fastopen_max);
	show_tuple(r, &sk->c, READ_ONCE(sk->sk_state));
	view_printf(r->v, "%08X:%08X ", listens ? 0 :
		    READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una), rx);
	show_timer(r, timer, when);
	view_printf(r->v, "%08X %5u %8d %llu %d " NO_POINTER
		    " %llu %llu %u %u %d", READ_ONCE(tp->retransmits), sk->uid,
		    READ_ONCE(tp->probes_out), (unsigned long long)sk->cookie,
		    refcount_read(&sk->c.refs),
		    (unsigned long long)user_ticks(READ_ONCE(tp->rto)),
		    (unsigned long long)user_ticks(READ_ONCE(tp->ack.ato)),
		    (u32)READ_ONCE(tp->ack.quick) << 1 |
		    (READ_ONCE(tp->ack.pingpong) > 0),
		    READ_ONCE(tp->snd_cwnd), ssthresh);
}

static void show_request(struct rows *r, const struct sock_common *c)
{
	const struct request_sock *req = (const struct request_sock *)c;

	show_tuple(r, c, TCP_SYN_RECV);
	view_printf(r->v, "%08X:%08X ", 0, 0);
	show_timer(r, TIMER_RETRANS,
		   (ktime_t)READ_ONCE(req->timer.expires) * TICK_NSEC);
	view_printf(r->v, "%08X %5u %8d %d %d " NO_POINTER,
		    READ_ONCE(req->num_timeout), 0, 0, 0, 0);
}

static void show_timewait(struct rows *r, const struct sock_common *c)
{
	const struct inet_timewait_sock *tw =
		(const struct inet_timewait_sock *)c;

	show_tuple(r, c, READ_ONCE(tw->substate));
	view_printf(r->v, "%08X:%08X ", 0, 0);
	show_timer(r, TIMER_TIMEWAIT,
		   (ktime_t)READ_ONCE(tw->timer.expires) * TICK_NSEC);
	view_printf(r->v, "%08X %5u %8d %d %d " NO_POINTER, 0, 0, 0, 0,
		    refcount_read(&c->refs));
}

static void show_tcp(void *arg, struct sock_common *c)
{
	struct rows *r = arg;
	size_t start = r->v->len;

	if (c->net != r->net || c->family != AF_INET)
		return;
	if (c->state == TCP_TIME_WAIT)
		show_timewait(r, c);
	else if (c->state == TCP_NEW_SYN_RECV)
		show_request(r, c);
	else
		show_tcp_sock(r, (const struct sock *)c);
	end_line(r->v, start, 149);
}

void view_tcp(struct view *v, struct net *net)
{
	struct rows r = { v, net, ktime_get(), 0 };
	size_t start = v->len;

	view_printf(v, "  sl  local_address rem_address   st tx_queue rx_queue "
		    "tr tm->when retrnsmt   uid  timeout inode");
	end_line(v, start, 149);
	inet_hash_for_each(net->sock->hashinfo, true, show_tcp, &r);
	inet_hash_for_each(net->sock->hashinfo, false, show_tcp, &r);
}

/* --- net/udp ------------------------------------------------------------------ */

static void show_udp_sock(struct view *v, u32 slot, const struct sock *sk)
{
	const struct sock_common *c = &sk->c;
	size_t start = v->len;

	view_printf(v, "%5u: %08X:%04X %08X:%04X %02X %08X:%08X %02X:%08X "
		    "%08X %5u %8d %llu %d " NO_POINTER " %u", slot,
		    (__force u32)c->rcv_saddr.v4, c->num,
		    (__force u32)c->daddr.v4, be16_to_cpu(c->dport),
		    READ_ONCE(sk->sk_state), sk_wmem_alloc_get(sk),
		    sk_rmem_alloc_get(sk), 0, 0, 0, sk->uid, 0,
		    (unsigned long long)sk->cookie, refcount_read(&c->refs),
		    READ_ONCE(sk->drops));
	end_line(v, start, 127);
}

static void for_each_udp(struct net *net, void *arg,
			 void (*fn)(void *arg, u32 slot, const struct sock *sk))
{
	const struct udp_table *t = &udp_net(net)->table;
	struct sock_common *c;
	u32 i;

	for (i = 0; i <= t->mask; i++) {
		if (!READ_ONCE(t->hash[i].head.first))
			continue;
		spin_lock_bh(&t->hash[i].lock);
		hlist_for_each_entry(c, &t->hash[i].head, node)
			fn(arg, i, (const struct sock *)c);
		spin_unlock_bh(&t->hash[i].lock);
	}
}

static void show_udp(void *arg, u32 slot, const struct sock *sk)
{
	show_udp_sock(arg, slot, sk);
}

void view_udp(struct view *v, struct net *net)
{
	size_t start = v->len;

	view_printf(v, "   sl  local_address rem_address   st tx_queue rx_queue"
		    " tr tm->when retrnsmt   uid  timeout inode ref pointer "
		    "drops");
	end_line(v, start, 127);
	for_each_udp(net, v, show_udp);
}

/* --- net/arp, net/route ---------------------------------------------------------- */

#define ATF_COM_	0x02
#define ATF_PERM_	0x04

static void show_arp(void *arg, struct neighbour *n)
{
	const struct net_device *dev = n->dev;
	char ip[16], ha[3 * MAX_ADDR_LEN + 1] = "00:00:00:00:00:00";
	u32 i, len = min_t(u32, dev->addr_len, MAX_ADDR_LEN), flags = 0;
	u8 state = READ_ONCE(n->state);

	if (!(state & (u8)~NUD_NOARP))
		return;
	snprintf(ip, sizeof(ip), "%u.%u.%u.%u", n->key[0], n->key[1], n->key[2],
		 n->key[3]);
	if (state & NUD_VALID) {
		flags = ATF_COM_;
		for (i = 0; i < len; i++)
			snprintf(ha + 3 * i, 4, i + 1 < len ? "%02x:" : "%02x",
				 n->ha[i]);
	}
	if (state & NUD_PERMANENT)
		flags |= ATF_PERM_;
	view_printf(arg, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n", ip,
		    dev->type, flags, ha, dev->name);
}

void view_arp(struct view *v, struct net *net)
{
	view_printf(v, "IP address       HW type     Flags       HW address"
		    "            Mask     Device\n");
	neigh_for_each(&net->ipv4->arp_tbl, show_arp, v);
}

static u32 route_flags(const struct fib_config *cfg)
{
	return 0x0001 |					/* RTF_UP */
	       (cfg->gateway ? 0x0002 : 0) |		/* RTF_GATEWAY */
	       (cfg->prefixlen == 32 ? 0x0004 : 0) |	/* RTF_HOST */
	       (cfg->type == RTN_UNICAST_ ? 0 : 0x0200); /* RTF_REJECT */
}

static void show_route(void *arg, const struct fib_config *cfg)
{
	struct rows *r = arg;
	struct net_device *dev = dev_get_by_index(r->net, cfg->oif);
	u32 mask = cfg->prefixlen ? ~0u << (32 - cfg->prefixlen) : 0;
	size_t start = r->v->len;

	if (cfg->table != 254 || cfg->type == RTN_BROADCAST_ ||
	    cfg->type == RTN_MULTICAST_)
		return;
	view_printf(r->v, "%s\t%08X\t%08X\t%04X\t%d\t%u\t%u\t%08X\t%u\t%u\t%u",
		    dev ? dev->name : "*", (__force u32)cfg->dst,
		    (__force u32)cfg->gateway, route_flags(cfg), 0, 0,
		    cfg->priority, (__force u32)cpu_to_be32(mask),
		    cfg->advmss ? cfg->advmss + 40 : 0, cfg->window,
		    cfg->rtt_ms);
	end_line(r->v, start, 127);
}

void view_route(struct view *v, struct net *net)
{
	struct rows r = { v, net, 0, 0 };
	size_t start = v->len;

	view_printf(v, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\t"
		    "Metric\tMask\t\tMTU\tWindow\tIRTT");
	end_line(v, start, 127);
	fib_for_each(net, show_route, &r);
}

/* --- net/sockstat ------------------------------------------------------------------ */

static void count_tcp(void *arg, struct sock_common *c)
{
	u32 *n = arg;

	*n += c->state != TCP_TIME_WAIT && c->state != TCP_NEW_SYN_RECV;
}

static void count_udp(void *arg, u32 slot, const struct sock *sk)
{
	++*(u32 *)arg;
}

static long long pages(const struct sock_net *sn, enum sk_mem_index i)
{
	return READ_ONCE(sn->memory_allocated[i]);
}

void view_sockstat(struct view *v, struct net *net)
{
	const struct sock_net *sn = net->sock;
	const struct ip_frags *frags = &net->ipv4->frags;
	u32 i, used = 0, tcp = 0, udp = 0;

	for (i = 0; i < SK_MEM_MAX; i++)
		used += READ_ONCE(sn->sockets_allocated[i]);
	inet_hash_for_each(sn->hashinfo, true, count_tcp, &tcp);
	inet_hash_for_each(sn->hashinfo, false, count_tcp, &tcp);
	for_each_udp(net, &udp, count_udp);
	view_printf(v, "sockets: used %u\n", used);
	view_printf(v, "TCP: inuse %u orphan %u tw %u alloc %u mem %lld\n", tcp,
		    READ_ONCE(sn->orphans), READ_ONCE(net->tcp->tw_count),
		    READ_ONCE(sn->sockets_allocated[SK_MEM_TCP]),
		    pages(sn, SK_MEM_TCP));
	view_printf(v, "UDP: inuse %u mem %lld\n", udp, pages(sn, SK_MEM_UDP));
	view_printf(v, "UDPLITE: inuse 0\n");
	view_printf(v, "RAW: inuse %u\n",
		    READ_ONCE(sn->sockets_allocated[SK_MEM_RAW]));
	view_printf(v, "FRAG: inuse %u memory %u\n",
		    READ_ONCE(frags->nr_queues), READ_ONCE(frags->mem));
}

/* --- of the CPUs ---------------------------------------------------------------------- */

void view_softnet_stat(struct view *v, struct net *net)
{
	struct machine *m = net->machine;
	u32 i, in, process;

	for (i = 0; i < m->nr_cpus; i++) {
		const struct softnet_data *sd = m->cpus[i]->softnet;

		in = READ_ONCE(sd->input_pkt_queue.qlen);
		process = READ_ONCE(sd->process_queue.qlen);
		view_printf(v, "%08x %08x %08x %08x %08x %08x %08x %08x %08x "
			    "%08x %08x %08x %08x %08x %08x\n",
			    (u32)READ_ONCE(sd->processed),
			    (u32)READ_ONCE(sd->dropped),
			    (u32)READ_ONCE(m->cpus[i]->time_squeeze), 0, 0, 0,
			    0, 0, 0, (u32)READ_ONCE(sd->received_rps), 0,
			    in + process, i, in, process);
	}
}

static void show_irq(struct view *v, struct machine *m,
		     const struct irq_desc *desc)
{
	const struct irqaction *a;
	u32 c;

	view_printf(v, "%3d:", desc->irq);
	for (c = 0; c < m->nr_cpus; c++)
		view_printf(v, " %10llu", (unsigned long long)
			    READ_ONCE(desc->count[c]));
	view_printf(v, "  weir-msi %4d-edge      ", desc->irq);
	for (a = smp_load_acquire(&desc->actions); a;
	     a = smp_load_acquire(&a->next))
		view_printf(v, "%s%s", a->name, a->next ? ", " : "");
	view_printf(v, "\n");
}

void view_interrupts(struct view *v, struct net *net)
{
	struct machine *m = net->machine;
	char name[16];
	u32 i;

	view_printf(v, "    ");
	for (i = 0; i < m->nr_cpus; i++) {
		snprintf(name, sizeof(name), "CPU%u", i);
		view_printf(v, " %10s", name);
	}
	view_printf(v, "\n");
	for (i = 0; i < MACHINE_MAX_IRQS; i++) {
		const struct irq_desc *desc = smp_load_acquire(&m->irqs[i]);

		if (desc && smp_load_acquire(&desc->actions))
			show_irq(v, m, desc);
	}
}
