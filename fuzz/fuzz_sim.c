/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that do anything with <weir/sim.h> and <weir/weir.h>: two hosts with
 * a cable, a port on each, more hosts and a switch on demand; tasks and the
 * world outside of tasks take their next step from the same input. Nothing
 * crashes, everything ends, and nothing is left over when the world does.
 *
 * Input: { u8 seed, u8 how } and records { u8 op, arguments }; see the tables
 * at the end for the order of the ops.
 */
#include "fuzz/fuzz_input.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include <weir/sim.h>

#define MAX_HOSTS	5
#define MAX_TASKS	24
#define MAX_PORTS	6
#define MAX_LINKS	8
#define STEPS		300
#define TASK_STEPS	40
#define BYTES		40000

struct sim_fuzz {
	struct fuzz_input in;
	struct weir_sim *sim;
	struct weir *host[MAX_HOSTS];
	struct weir_sim_task *task[MAX_TASKS];
	struct weir_sim_port *port[MAX_PORTS];
	struct weir_sim_link *link[MAX_LINKS];
	struct weir_sim_switch *sw;
	u32 hosts, tasks, ports, links, steps;
	u8 bytes[BYTES];
};

/* One step: h is the caller's host, or any when it is outside of tasks. */
typedef void (*step_fn)(struct sim_fuzz *f, struct weir *h);

static int fd_of(struct sim_fuzz *f)
{
	return (int)(fuzz_u8(&f->in) % 12) - 1;
}

static struct sockaddr_in any_address(struct sim_fuzz *f)
{
	static const char *const hosts[] = { "\12\0\0\1", "\12\0\0\2",
		"\177\0\0\1", "\12\1\0\1", "\12\0\0\377", "\340\0\0\5" };
	struct sockaddr_in a = { .sin_family = AF_INET };
	u8 which = fuzz_u8(&f->in);

	if (which & 15)
		memcpy(&a.sin_addr, hosts[(which & 15) % ARRAY_SIZE(hosts)], 4);
	put_unaligned_be16(which & 16 ? 0 : 80 + (which >> 6), &a.sin_port);
	return a;
}

/* 0 to over an hour, in steps of powers of two. */
static int64_t any_time(struct sim_fuzz *f)
{
	u8 t = fuzz_u8(&f->in);

	return t ? 1LL << t % 42 : 0;
}

/* --- calls of the stack -------------------------------------------------------------- */

static void do_socket(struct sim_fuzz *f, struct weir *h)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };
	u8 how = fuzz_u8(&f->in);

	weir_socket(h, AF_INET, types[how % 3] |
		    (how & 16 ? 0 : SOCK_NONBLOCK), how % 3 == 2 ? 17 : 0);
}

static void do_bind(struct sim_fuzz *f, struct weir *h)
{
	struct sockaddr_in a = any_address(f);

	weir_bind(h, fd_of(f), (struct sockaddr *)&a, sizeof(a));
}

/* The way to a connection is long for a fuzzer. */
static void do_serve(struct sim_fuzz *f, struct weir *h)
{
	struct sockaddr_in a = any_address(f);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	a.sin_addr.s_addr = 0;
	weir_bind(h, fd, (struct sockaddr *)&a, sizeof(a));
	weir_listen(h, fd, fuzz_u8(&f->in) % 4);
}

static void do_connect(struct sim_fuzz *f, struct weir *h)
{
	struct sockaddr_in a = any_address(f);

	weir_connect(h, fd_of(f), (struct sockaddr *)&a, sizeof(a));
}

static void do_accept(struct sim_fuzz *f, struct weir *h)
{
	u8 how = fuzz_u8(&f->in);

	weir_accept4(h, fd_of(f), NULL, NULL, how & 1 ? 0 : SOCK_NONBLOCK);
}

static void do_send(struct sim_fuzz *f, struct weir *h)
{
	size_t n = fuzz_u16(&f->in) % BYTES;
	struct sockaddr_in a = any_address(f);
	int flags = fuzz_u8(&f->in) & (MSG_DONTWAIT | MSG_OOB | MSG_DONTROUTE);

	weir_sendto(h, fd_of(f), f->bytes, n, flags,
		    flags & MSG_OOB ? NULL : (struct sockaddr *)&a, sizeof(a));
}

static void do_receive(struct sim_fuzz *f, struct weir *h)
{
	size_t n = fuzz_u16(&f->in) % BYTES;
	int flags = fuzz_u8(&f->in) & (MSG_DONTWAIT | MSG_PEEK | MSG_OOB);

	weir_recv(h, fd_of(f), f->bytes, n, flags);
}

static void do_close(struct sim_fuzz *f, struct weir *h)
{
	weir_close(h, fd_of(f));
}

static void do_shutdown(struct sim_fuzz *f, struct weir *h)
{
	weir_shutdown(h, fd_of(f), fuzz_u8(&f->in) % 4);
}

static void do_option(struct sim_fuzz *f, struct weir *h)
{
	static const int levels[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP };
	int level = levels[fuzz_u8(&f->in) % 3], name = fuzz_u8(&f->in) % 80;
	int fd = fd_of(f), value[2] = { (int)fuzz_u32(&f->in), 1 };
	socklen_t len = sizeof(value);

	weir_setsockopt(h, fd, level, name, value, len);
	weir_getsockopt(h, fd, level, name, value, &len);
}

static void do_poll(struct sim_fuzz *f, struct weir *h)
{
	struct pollfd p[2] = { { .fd = fd_of(f), .events = POLLIN },
			       { .fd = fd_of(f), .events = POLLOUT } };

	weir_poll(h, p, 2, (int)fuzz_u16(&f->in) - 100);
}

static void do_epoll(struct sim_fuzz *f, struct weir *h)
{
	struct epoll_event ev = { .events = fuzz_u32(&f->in) }, got[4];
	u8 how = fuzz_u8(&f->in);
	int set = fd_of(f);

	if (how & 3)
		weir_epoll_ctl(h, set, how & 3, fd_of(f), &ev);
	else if (how & 4)
		weir_epoll_create1(h, 0);
	else
		weir_epoll_wait(h, set, got, 1 + (how >> 6),
				(int)fuzz_u16(&f->in) - 100);
}

static void do_dup(struct sim_fuzz *f, struct weir *h)
{
	if (fuzz_u8(&f->in) & 1)
		weir_dup3(h, fd_of(f), fd_of(f), 0);
	else
		weir_fcntl(h, fd_of(f), F_SETFL, fuzz_u8(&f->in) & 1 ?
			   O_NONBLOCK : 0);
}

static void do_setting(struct sim_fuzz *f, struct weir *h)
{
	static const char *const names[] = {
		"net.ipv4.tcp_congestion_control", "net.ipv4.tcp_sack",
		"net.ipv4.tcp_timestamps", "net.ipv4.tcp_rmem",
		"net.ipv4.ip_forward", "net.ipv4.tcp_ecn",
		"net.ipv4.tcp_retries2", "net.core.default_qdisc",
	};
	static const char *const values[] = { "0", "1", "2", "cubic", "bbr",
		"4096 4096 4096", "reno", "pfifo_fast" };
	u8 which = fuzz_u8(&f->in);
	char err[200];

	weir_sysctl_set(h, names[which & 7], values[which >> 3 & 7], err,
			sizeof(err));
}

static void do_configure(struct sim_fuzz *f, struct weir *h)
{
	static const char *const cidr[] = { "10.0.0.1/24", "10.0.0.2/24",
		"10.1.0.1/32", "10.0.0.77/8" };
	static const char *const dev[] = { "eth0", "tun0", "lo", "eth1" };
	const char *d = dev[fuzz_u8(&f->in) & 3];
	u8 how = fuzz_u8(&f->in);
	char err[200];

	switch (how & 7) {
	case 0:
		weir_addr_del(h, d, cidr[how >> 6], err, sizeof(err));
		break;
	case 1:
		weir_addr_add(h, d, cidr[how >> 6], err, sizeof(err));
		break;
	case 2:
		weir_route_add(h, "default", how & 64 ? "10.0.0.2" : NULL, d,
			       err, sizeof(err));
		break;
	case 3:
		weir_link_set(h, d, "state", how & 64 ? "up" : "down", err,
			      sizeof(err));
		break;
	case 4:
		weir_link_set(h, d, "mtu", how & 64 ? "1500" : "600", err,
			      sizeof(err));
		break;
	case 5:
		weir_feature_set(h, d, how & 64 ? "tso" : "gro", how & 128, err,
				 sizeof(err));
		break;
	case 6:
		weir_qdisc_set(h, d, how & 64 ? "pfifo limit 3" : NULL, err,
			       sizeof(err));
		break;
	default:
		weir_neigh_flush(h, d);
	}
}

static void do_view(struct sim_fuzz *f, struct weir *h)
{
	static const char *const names[] = { "net/tcp", "net/udp", "net/snmp",
		"net/arp", "net/route", "drops", "cpu", "ip/addr" };
	char text[3000];

	weir_view(h, names[fuzz_u8(&f->in) & 7], text, sizeof(text));
}

/* --- calls of the world that tasks may make ------------------------------------------------ */

static int task_body(struct weir *h, void *arg);

static void do_spawn(struct sim_fuzz *f, struct weir *h)
{
	struct weir_sim_task *t;

	if (f->tasks == MAX_TASKS)
		return;
	t = weir_sim_spawn(f->host[fuzz_u8(&f->in) % f->hosts], "t", task_body,
			   f);
	if (t)
		f->task[f->tasks++] = t;
}

static struct weir_sim_task *any_task(struct sim_fuzz *f)
{
	return f->tasks ? f->task[fuzz_u8(&f->in) % f->tasks] : NULL;
}

static void do_signal(struct sim_fuzz *f, struct weir *h)
{
	struct weir_sim_task *t = any_task(f);

	if (t)
		weir_sim_signal(t);
}

static void do_wait(struct sim_fuzz *f, struct weir *h)
{
	struct weir_sim_task *t = any_task(f);
	int ret;

	if (!t)
		return;
	if (fuzz_u8(&f->in) & 1)
		weir_sim_wait(t);
	else
		weir_sim_task_done(t, &ret);
	weir_sim_task_state(t);
	weir_sim_task_cpu_ns(t);
}

static void do_sleep(struct sim_fuzz *f, struct weir *h)
{
	weir_sim_sleep(h, any_time(f));
}

static void do_compute(struct sim_fuzz *f, struct weir *h)
{
	/* not long: others' turns come every 3 ms of it */
	weir_sim_compute(h, any_time(f) & ((1 << 28) - 1));
}

static void do_link_set(struct sim_fuzz *f, struct weir *h)
{
	static const char *const specs[] = {
		"loss=50%", "loss=0", "rate=1mbit,queue=3", "rate=none",
		"delay=3ms,jitter=2ms", "delay=0", "cut", "heal",
		"reorder=20%,dup=20%", "corrupt=30%", "mask=0xf0f", "mtu=700",
		"burst=10%/20%/90%", "offload", "mtu=1500,loss=0", "seed=3",
	};
	char err[200];

	if (f->links)
		weir_sim_link_set(f->link[fuzz_u8(&f->in) % f->links],
				  fuzz_u8(&f->in) % 3 - 1,
				  specs[fuzz_u8(&f->in) & 15], err, sizeof(err));
}

static void do_fail_alloc(struct sim_fuzz *f, struct weir *h)
{
	weir_sim_fail_alloc(f->sim, fuzz_u8(&f->in));
}

static void do_stop(struct sim_fuzz *f, struct weir *h)
{
	weir_sim_stop(f->sim);
}

static void called_back(void *arg)
{
	struct sim_fuzz *f = arg;

	do_spawn(f, f->host[0]);
	do_link_set(f, f->host[0]);
}

static void do_at(struct sim_fuzz *f, struct weir *h)
{
	weir_sim_at(f->sim, weir_sim_now(f->sim) + any_time(f), called_back, f);
}

/* --- calls of the world for those outside of tasks --------------------------------------------- */

static void do_run(struct sim_fuzz *f, struct weir *h)
{
	weir_sim_run(f->sim, weir_sim_now(f->sim) + any_time(f));
}

static void do_pass(struct sim_fuzz *f, struct weir *h)
{
	weir_sim_pass(f->sim, any_time(f));
}

static void do_input(struct sim_fuzz *f, struct weir *h)
{
	u8 packet[256];
	u32 n = fuzz_bytes(&f->in, packet, fuzz_u8(&f->in));

	if (f->ports)
		weir_sim_port_input(f->port[fuzz_u8(&f->in) % f->ports], packet,
				    n);
}

static void do_output(struct sim_fuzz *f, struct weir *h)
{
	int64_t when;

	if (f->ports)
		weir_sim_port_next(f->port[fuzz_u8(&f->in) % f->ports], f->bytes,
				   fuzz_u8(&f->in), &when);
}

static void do_port(struct sim_fuzz *f, struct weir *h)
{
	struct weir_sim_port_options o = { .mtu = fuzz_u16(&f->in),
					   .offload = fuzz_u8(&f->in) & 1 };
	char err[200];

	if (f->ports == MAX_PORTS)
		return;
	f->port[f->ports] = weir_sim_port(h, &o, err, sizeof(err));
	if (f->port[f->ports])
		f->ports++;
}

static void do_host(struct sim_fuzz *f, struct weir *h)
{
	struct weir_sim_host_options o = { .cpus = 1 + fuzz_u8(&f->in) % 3,
		.bsd_accounting = fuzz_u8(&f->in) & 1 };
	char err[200];

	if (f->hosts == MAX_HOSTS)
		return;
	f->host[f->hosts] = weir_sim_host(f->sim, "more", &o, err, sizeof(err));
	if (f->host[f->hosts])
		f->hosts++;
}

static void do_cable(struct sim_fuzz *f, struct weir *h)
{
	struct weir *other = f->host[fuzz_u8(&f->in) % f->hosts];
	u8 how = fuzz_u8(&f->in);
	struct weir_sim_link *l;
	char err[200];

	if (f->links == MAX_LINKS)
		return;
	if (how & 1 && !f->sw)
		f->sw = weir_sim_switch(f->sim, err, sizeof(err));
	if (how & 1)
		l = f->sw ? weir_sim_plug(f->sw, h, "delay=1us", err,
					  sizeof(err)) : NULL;
	else
		l = weir_sim_link(f->sim, h, other, how & 2 ? "offload" : NULL,
				  err, sizeof(err));
	if (l)
		f->link[f->links++] = l;
}

static void do_look(struct sim_fuzz *f, struct weir *h)
{
	struct weir_sim_link_stats ls;
	struct weir_sim_cpu_time time;
	struct weir_sim_stats st;
	u64 lost = 0;

	weir_sim_stats(f->sim, &st);
	weir_sim_cpu_time(h, (int)(fuzz_u8(&f->in) % 4) - 1, &time);
	weir_sim_trace(h, f->bytes, BYTES / 40, &lost);
	if (f->links)
		weir_sim_link_stats(f->link[0], fuzz_u8(&f->in) % 3, &ls);
}

/* --- the two kinds of callers ---------------------------------------------------------------------- */

static const step_fn steps[] = {
	do_socket, do_bind, do_serve, do_connect, do_accept, do_send,
	do_receive, do_close, do_shutdown, do_option, do_poll, do_epoll, do_dup,
	do_setting, do_configure, do_view, do_spawn, do_signal, do_wait,
	do_sleep, do_compute, do_link_set, do_fail_alloc, do_stop, do_at,
	/* from here on: outside of tasks */
	do_run, do_pass, do_input, do_output, do_port, do_host, do_cable,
	do_look,
};
#define TASKS_STEPS	25u

static int task_body(struct weir *h, void *arg)
{
	struct sim_fuzz *f = arg;

	for (int n = 0; f->in.left && f->steps && n < TASK_STEPS; n++) {
		f->steps--;
		steps[fuzz_u8(&f->in) % TASKS_STEPS](f, h);
	}
	return (int)f->in.left;
}

static void must(bool ok, const char *what, const char *err)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s: %s\n", what, err);
	abort();
}

static void begin(struct sim_fuzz *f)
{
	u8 seed = fuzz_u8(&f->in), how = fuzz_u8(&f->in);
	struct weir_sim_options o = {
		.seed = seed, .spin_limit = 2000,
		.costs = how & 1 ? "* 300 0.2\nsyscall 200\nwakeup 900\n"
			 "interrupt 500\nsoftirq 100\ncontext_switch 1000" : NULL,
		.trace_records = how & 2 ? 64 : 0,
	};
	char err[200] = "";

	f->sim = weir_sim_create(&o, err, sizeof(err));
	must(f->sim, "weir_sim_create", err);
	for (; f->hosts < 2; f->hosts++) {
		f->host[f->hosts] = weir_sim_host(f->sim, f->hosts ? "b" : "a",
						  NULL, err, sizeof(err));
		must(f->host[f->hosts], "weir_sim_host", err);
	}
	f->link[0] = weir_sim_link(f->sim, f->host[0], f->host[1],
				   how & 4 ? "rate=10mbit,delay=1ms" : NULL, err,
				   sizeof(err));
	must(f->link[0], "weir_sim_link", err);
	f->links = 1;
	must(!weir_addr_add(f->host[0], "eth0", "10.0.0.1/24", err, sizeof(err)) &&
	     !weir_addr_add(f->host[1], "eth0", "10.0.0.2/24", err, sizeof(err)),
	     "weir_addr_add", err);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sim_fuzz *f = calloc(1, sizeof(*f));
	struct weir *h;

	if (!f)
		abort();
	f->in = (struct fuzz_input){ data, size };
	f->steps = STEPS;
	begin(f);
	while (f->in.left && f->steps) {
		f->steps--;
		h = f->host[fuzz_u8(&f->in) % f->hosts];
		steps[fuzz_u8(&f->in) % ARRAY_SIZE(steps)](f, h);
	}
	must(!weir_sim_destroy(f->sim), "weir_sim_destroy",
	     "the stacks left memory behind");
	free(f);
	return 0;
}
