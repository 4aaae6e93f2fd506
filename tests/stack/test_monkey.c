/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two hosts whose programs do anything, on good and bad links: connect,
 * accept, write, read, shut down, close, abort, watch, change options, in
 * random order. What is read is what was written, nothing crashes or leaks.
 *
 * WEIR_TEST_SEEDS (6) sets how many runs, WEIR_TEST_SEED the first.
 */
#include "tests/support/world.h"

#include <stdio.h>

#include "base/slab.h"

#define CONNS	24
#define STEPS	1500

struct conn {
	struct host *h;
	int fd;
	u64 out, in;			/* keys of the streams */
	u64 sent, got;
};

struct monkey {
	struct world w;
	u64 seed, rng;
	struct conn c[CONNS];
	int lfd[2], ep[2];
	bool poor;			/* allocations fail now and then */
};

static u32 rnd(struct monkey *m, u32 n)
{
	m->rng = m->rng * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(m->rng >> 33) % n;
}

static struct host *host_of(struct monkey *m, u32 i)
{
	return i ? &m->w.b : &m->w.a;
}

static struct conn *free_conn(struct monkey *m)
{
	for (u32 i = 0; i < CONNS; i++)
		if (!m->c[i].h)
			return &m->c[i];
	return NULL;
}

static void watch(struct monkey *m, struct conn *c)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | (rnd(m, 2) ? EPOLLET : 0) |
			  (rnd(m, 4) ? 0 : EPOLLONESHOT),
	};

	sys_epoll_ctl(c->h->net, m->ep[c->h == &m->w.b], EPOLL_CTL_ADD, c->fd,
		      &ev);
}

static u16 port_of(struct conn *c, bool peer)
{
	struct sockaddr_in s = { 0 };
	u32 len = sizeof(s);

	if (peer)
		sys_getpeername(c->h->net, c->fd, (struct sockaddr *)&s, &len);
	else
		sys_getsockname(c->h->net, c->fd, (struct sockaddr *)&s, &len);
	return get_unaligned_be16(&s.sin_port);
}

/* A stream is known by who connected, from which port, and its direction. */
static u64 key(u32 opener, u16 port, bool back)
{
	return (u64)opener << 20 | (u64)port << 2 | back;
}

static void do_connect(struct monkey *m)
{
	struct conn *c = free_conn(m);
	u32 me = rnd(m, 2);
	bool self = rnd(m, 10) == 0;
	int err;

	if (!c)
		return;
	*c = (struct conn){ .h = host_of(m, me) };
	c->fd = sys_socket(c->h->net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (c->fd < 0 && m->poor) {
		c->h = NULL;
		return;
	}
	err = host_connect(c->h, c->fd, self == me ? HOST_B : HOST_A, 80);
	if (err && err != -EINPROGRESS && !m->poor)
		fail_msg("connect: %s", strerror(-err));
	c->out = key(me, port_of(c, false), false);
	c->in = key(me, port_of(c, false), true);
	if (rnd(m, 2))
		watch(m, c);
}

static void do_accept(struct monkey *m)
{
	struct conn *c = free_conn(m);
	u32 me = rnd(m, 2), opener;
	struct sockaddr_in s;
	u32 len = sizeof(s);
	int fd;

	if (!c)
		return;
	fd = sys_accept4(host_of(m, me)->net, m->lfd[me], (struct sockaddr *)&s,
			 &len, SOCK_NONBLOCK);
	if (fd < 0)
		return;
	*c = (struct conn){ .h = host_of(m, me), .fd = fd };
	opener = get_unaligned_be32(&s.sin_addr) == HOST_B;
	c->in = key(opener, get_unaligned_be16(&s.sin_port), false);
	c->out = key(opener, get_unaligned_be16(&s.sin_port), true);
	if (rnd(m, 2))
		watch(m, c);
}

static void do_option(struct monkey *m, struct conn *c)
{
	static const struct { int level, name, max; } opts[] = {
		{ SOL_TCP, TCP_NODELAY, 2 }, { SOL_TCP, TCP_CORK, 2 },
		{ SOL_SOCKET, SO_RCVBUF, 300000 }, { SOL_TCP, TCP_QUICKACK, 2 },
		{ SOL_SOCKET, SO_SNDBUF, 300000 }, { SOL_SOCKET, SO_KEEPALIVE, 2 },
		{ SOL_SOCKET, SO_RCVLOWAT, 5000 }, { SOL_TCP, TCP_MAXSEG, 1500 },
		{ SOL_TCP, TCP_NOTSENT_LOWAT, 20000 }, { SOL_TCP, TCP_KEEPIDLE, 9 },
		{ SOL_TCP, TCP_WINDOW_CLAMP, 100000 }, { SOL_TCP, TCP_LINGER2, 5 },
		{ SOL_IP, IP_TOS, 256 }, { SOL_TCP, TCP_USER_TIMEOUT, 20000 },
	};
	u32 i = rnd(m, ARRAY_SIZE(opts));

	host_setsockopt(c->h, c->fd, opts[i].level, opts[i].name,
			(int)rnd(m, (u32)opts[i].max));
}

static void do_send(struct monkey *m, struct conn *c)
{
	u32 n = rnd(m, rnd(m, 2) ? 60000 : 300);
	ssize_t ret = host_send_stream(c->h, c->fd, c->out, c->sent, n);

	if (ret > 0)
		c->sent += (u64)ret;
}

static void do_receive(struct monkey *m, struct conn *c)
{
	ssize_t ret = host_recv_stream(c->h, c->fd, c->in, c->got,
				       1 + rnd(m, 60000));

	if (ret > 0)
		c->got += (u64)ret;
}

static void do_close(struct monkey *m, struct conn *c)
{
	struct linger l = { .l_onoff = 1 };

	if (rnd(m, 4) == 0)
		sys_setsockopt(c->h->net, c->fd, SOL_SOCKET, SO_LINGER, &l,
			       sizeof(l));
	host_close(c->h, c->fd);
	c->h = NULL;
}

static void do_datagram(struct monkey *m)
{
	struct host *h = host_of(m, rnd(m, 2));
	int fd = sys_socket(h->net, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = sa(rnd(m, 2) ? HOST_A : HOST_B, 9);
	static char buf[20000];

	sys_sendto(h->net, fd, buf, rnd(m, sizeof(buf)), 0,
		   (struct sockaddr *)&to, sizeof(to));
	host_close(h, fd);
}

static void on_a_conn(struct monkey *m)
{
	struct conn *c = &m->c[rnd(m, CONNS)];
	struct epoll_event ev[4];

	if (!c->h)
		return;
	switch (rnd(m, 24)) {
	case 0: do_close(m, c); break;
	case 1: if (rnd(m, 4) == 0)
			sys_shutdown(c->h->net, c->fd, (int)rnd(m, 3));
		break;
	case 2: case 3: do_option(m, c); break;
	case 4: host_poll(c->h, c->fd); break;
	case 5: sys_epoll_wait(c->h->net, m->ep[c->h == &m->w.b], ev, 4, 0,
			       NULL); break;
	case 6: watch(m, c); break;
	case 7: case 8: case 9: case 10: case 11: case 12:
		do_send(m, c); break;
	default: do_receive(m, c);
	}
}

static void one_step(struct monkey *m)
{
	if (m->poor && rnd(m, 4) == 0)
		slab_fail_nth(m->w.m->depot, 1 + rnd(m, 300));
	switch (rnd(m, 20)) {
	case 0: case 1: do_connect(m); break;
	case 2: case 3: do_accept(m); break;
	case 4: world_pass(&m->w, rnd(m, 20000) * NSEC_PER_USEC); break;
	case 5: if (rnd(m, 10) == 0)
			world_pass(&m->w, rnd(m, 5000) * MSEC);
		break;
	case 6: if (rnd(m, 3) == 0)
			do_datagram(m);
		break;
	default: on_a_conn(m);
	}
	if (rnd(m, 2))
		world_pass(&m->w, rnd(m, 300) * NSEC_PER_USEC);
}

static void one_monkey(u64 seed)
{
	struct monkey *m = calloc(1, sizeof(*m));
	struct world_params p = {
		.seed = seed, .delay = (ktime_t)(1 + seed % 7) * 300000,
		.rate_bps = seed % 2 ? 100000000 : 0,
		.mtu = seed % 5 == 4 ? 700 : 0, .offload = seed % 4 == 0,
		.queues = seed % 3 == 0 ? 4 : 1,
	};

	if (seed % 4)
		p.impair = (struct fault){
			.loss_ppm = 5000 * (u32)(seed % 4), .dup_ppm = 3000,
			.reorder_ppm = 5000, .corrupt_ppm = 1000, .seed = seed };
	m->seed = m->rng = seed;
	world_open(&m->w, &p);
	for (u32 i = 0; i < 2; i++) {
		m->lfd[i] = host_listen(host_of(m, i), 80, 4);
		m->ep[i] = sys_epoll_create1(host_of(m, i)->net, 0);
	}
	m->poor = seed % 6 == 5;
	for (u32 i = 0; i < STEPS; i++)
		one_step(m);
	slab_fail_nth(m->w.m->depot, 0);
	if (seed % 3)	/* orphans finish, or the stacks end under them */
		for (u32 i = 0; i < CONNS; i++)
			if (m->c[i].h)
				host_close(m->c[i].h, m->c[i].fd);
	if (seed % 3 == 1)
		world_pass(&m->w, 1000 * SEC);
	world_close(&m->w);
	free(m);
}

static void two_programs_may_do_anything(void **state)
{
	const char *first = getenv("WEIR_TEST_SEED");
	const char *n = getenv("WEIR_TEST_SEEDS");
	u64 seed = first ? (u64)atoll(first) : 1;
	u64 end = seed + (n ? (u64)atoll(n) : 6);

	for (; seed < end; seed++) {
		if (n)
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
		one_monkey(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_programs_may_do_anything),
	};

	return cmocka_run_group_tests_name("monkey", tests, NULL, NULL);
}
