/* SPDX-License-Identifier: BSD-2-Clause */
/* See world.h. */
#include "tests/support/world.h"

#include <stdio.h>

#include "dev/sysctl.h"
#include "drivers/igb/igb.h"
#include "inet/route.h"
#include "tests/support/pair.h"
#include "tests/support/peer.h"
#include "tests/support/segment.h"

#define DEFAULT_DELAY	(10 * NSEC_PER_USEC)
#define STREAM_CHUNK	65536u

/* --- the ends of the cable -------------------------------------------------------- */

static struct world_end *end_of(struct hw_link *l)
{
	return (struct world_end *)l;
}

static void end_tx_begin(struct hw_link *l)
{
	end_of(l)->lower->ops->tx_begin(end_of(l)->lower);
}

static void end_tx_end(struct hw_link *l)
{
	end_of(l)->lower->ops->tx_end(end_of(l)->lower);
}

/* FNV-1a */
static u64 hash_bytes(u64 h, const void *bytes, size_t len)
{
	const u8 *p = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

static void see_frame(struct world_end *e, u32 len, const char *fate)
{
	struct world *w = e->w;
	ktime_t now = world_now(w);
	char text[400];

	w->frames++;
	w->hash = hash_bytes(w->hash, &now, sizeof(now));
	w->hash = hash_bytes(w->hash, &e->index, sizeof(e->index));
	w->hash = hash_bytes(w->hash, e->frame, len);
	if (!w->print)
		return;
	frame_text(e->frame, len, text, sizeof(text));
	fprintf(stderr, "%12.6f %c %s%s\n",
		(double)(now - FAKE_START_NS) / NSEC_PER_SEC, 'a' + (int)e->index,
		text, fate);
}

static int end_xmit(struct hw_link *l, struct hw_frame *f,
		    const struct hw_vec *v, u32 n)
{
	struct world_end *e = end_of(l);
	struct world *w = e->w;
	u32 off = 0;
	int ret;

	for (u32 i = 0; i < n && off + v[i].len <= sizeof(e->frame); i++) {
		memcpy(e->frame + off, v[i].base, v[i].len);
		off += v[i].len;
	}
	if (w->fault && !f->gso_size &&
	    w->fault(w->fault_arg, e->index, e->frame, off)) {
		see_frame(e, off, "  (lost)");
		return 0;
	}
	ret = e->lower->ops->xmit(e->lower, f, v, n);
	if (!ret)
		see_frame(e, off, "");
	return ret;
}

static const u8 *end_rx_peek(struct hw_link *l, struct hw_frame *f)
{
	return end_of(l)->lower->ops->rx_peek(end_of(l)->lower, f);
}

static void end_rx_next(struct hw_link *l)
{
	end_of(l)->lower->ops->rx_next(end_of(l)->lower);
}

static void end_rx_end(struct hw_link *l)
{
	end_of(l)->lower->ops->rx_end(end_of(l)->lower);
}

static bool end_arm(struct hw_link *l, u32 events, u32 how)
{
	return true;
}

static void end_disarm(struct hw_link *l)
{
}

static int end_fd(struct hw_link *l)
{
	return -1;
}

static const struct hw_link_ops end_ops = {
	.tx_begin = end_tx_begin,
	.xmit = end_xmit,
	.tx_end = end_tx_end,
	.rx_peek = end_rx_peek,
	.rx_next = end_rx_next,
	.rx_end = end_rx_end,
	.arm = end_arm,
	.disarm = end_disarm,
	.fd = end_fd,
};

/* --- the cable's clock --------------------------------------------------------------- */

static ktime_t cable_clock(void *arg)
{
	return world_now(arg);
}

static void step_nic(struct hw_nic *nic)
{
	while (e82576_step(&nic->hw))
		;
}

static void step_a(void *arg)
{
	struct world *w = arg;

	if (w->a.nic)
		step_nic(w->a.nic);
}

static void step_b(void *arg)
{
	struct world *w = arg;

	if (w->b.nic)
		step_nic(w->b.nic);
	else if (w->peer)
		peer_step(w->peer);
}

static void call_a(void *arg)
{
	struct world *w = arg;

	if (cable_called(&w->cable, 0))
		step_a(w);
}

static void call_b(void *arg)
{
	struct world *w = arg;

	if (cable_called(&w->cable, 1))
		step_b(w);
}

static bool is_impaired(const struct world *w)
{
	return fault_any(&w->params.impair);
}

static void cable_at(void *arg, u32 end, ktime_t when)
{
	struct world *w = arg;
	ktime_t delay = when - world_now(w);

	fake_at(w->fp, delay, end ? call_b : call_a, w);
	if (!is_impaired(w))
		return;
	/* frames held back come out later, and with others */
	fake_at(w->fp, delay, step_a, w);
	fake_at(w->fp, delay + IMPAIR_HOLD_NS, step_a, w);
	fake_at(w->fp, delay + IMPAIR_HOLD_NS, step_b, w);
}

static void *cable_alloc(void *arg, size_t size)
{
	return faults_hit() ? NULL : malloc(size);
}

static void cable_free(void *arg, void *mem, size_t size)
{
	free(mem);
}

static const struct cable_ops world_cable_ops = {
	.now = cable_clock,
	.at = cable_at,
	.alloc = cable_alloc,
	.free = cable_free,
};

/* A NIC has descriptors again for frames that waited on the cable. */
static void nic_step_due(void *arg)
{
	struct host *h = arg;

	fake_at(h->w->fp, 0, h == &h->w->a ? step_a : step_b, h->w);
}

/* --- hosts --------------------------------------------------------------------------- */

static void host_open(struct host *h, struct world *w, const char *name,
		      u32 addr, struct hw_link *link)
{
	const u8 mac[6] = { 2, 0, 0, 0, 0, (u8)addr };
	struct hw_nic_clock clock = { .step = nic_step_due, .arg = h };
	u32 queues = w->params.queues ? w->params.queues : 1;
	const char *failed = "";
	struct hw_nic *nic;
	int err;

	h->w = w;
	h->addr = addr;
	err = stack_init(w->m, name, &h->net, &failed);
	if (err)
		fail_msg("stack_init: %s: %s", failed, strerror(-err));
	assert_int_equal(dev_open(h->net->loopback_dev), 0);
	nic = hw_nic_create(w->m, link, mac, queues + 1, false);
	assert_false(IS_ERR(nic));
	h->nic = nic;
	hw_nic_set_clock(h->nic, &clock);
	err = igb_probe(h->net, &h->nic->bus, "eth%d", queues, &h->dev);
	assert_int_equal(err, 0);
	if (w->params.mtu)
		assert_int_equal(dev_set_mtu(h->dev, w->params.mtu), 0);
	assert_int_equal(dev_open(h->dev), 0);
	assert_int_equal(inet_addr_add(h->dev, cpu_to_be32(addr), 24), 0);
}

/* Also a host that did not come up. */
static void host_shut(struct host *h)
{
	if (!h->net)
		return;
	fd_close_all(h->net);
	fake_run(h->w->fp);
	if (h->dev)
		igb_remove(h->dev);
	if (h->nic)
		hw_nic_destroy(h->nic);
	h->nic = NULL;
	stack_exit(h->net);
	h->net = NULL;
}

/* What the test meant to do later needs what is closed now. */
static void world_shut(void *arg)
{
	struct world *w = arg;

	if (!fake_is_idle(w->fp))
		return;
	fake_forget_events(w->fp);
	world_close(w);
}

static void world_start(struct world *w, const struct world_params *p)
{
	struct cable_params cp;

	memset(w, 0, sizeof(*w));
	if (p)
		w->params = *p;
	w->print = getenv("WEIR_TEST_FRAMES") != NULL;
	w->hash = 0xcbf29ce484222325ull;
	w->fp = fake_platform_create(w->params.seed ? w->params.seed : 1);
	w->m = fake_machine(w->fp);
	faults_fixture_open(&w->fixture, world_shut, w);
	assert_int_equal(net_dev_init(w->m), 0);
	cp = (struct cable_params){
		.rate_bps = w->params.rate_bps,
		.delay = w->params.delay ? w->params.delay : DEFAULT_DELAY,
		.offload = w->params.offload,
	};
	cable_init(&w->cable, &cp, &world_cable_ops, w, 1);
	for (u32 i = 0; i < 2; i++) {
		w->end[i].link.ops = &end_ops;
		w->end[i].lower = &w->cable.end[i].link;
		w->end[i].w = w;
		w->end[i].index = i;
	}
}

static struct hw_link *link_of_a(struct world *w)
{
	if (!is_impaired(w))
		return &w->end[0].link;
	impair_init(&w->impair, &w->end[0].link, &w->params.impair, cable_clock,
		    w);
	return &w->impair.link;
}

void world_open(struct world *w, const struct world_params *p)
{
	world_start(w, p);
	host_open(&w->a, w, "a", HOST_A, link_of_a(w));
	host_open(&w->b, w, "b", HOST_B, &w->end[1].link);
	fake_run(w->fp);
}

void world_open_peer(struct world *w, struct peer *peer,
		     const struct world_params *p)
{
	struct fib_config gw = { .type = RTN_UNICAST_, .table = 254,
				 .gateway = cpu_to_be32(HOST_B) };

	world_start(w, p);
	host_open(&w->a, w, "a", HOST_A, link_of_a(w));
	w->peer = peer;
	peer_init(peer, w, &w->end[1].link);
	assert_int_equal(fib_add(w->a.net, &gw, false), 0);
	fake_run(w->fp);
}

void world_close(struct world *w)
{
	u64 stuck = fake_stats(w->fp)->deadlocks;

	faults_fixture_close(&w->fixture);
	host_shut(&w->a);
	host_shut(&w->b);
	fake_run(w->fp);
	net_dev_exit(w->m);
	cable_fini(&w->cable);
	if (w->peer)
		peer_fini(w->peer);
	assert_int_equal(fake_platform_destroy(w->fp), 0);
	assert_int_equal(stuck, 0);
}

void world_pass(struct world *w, ktime_t ns)
{
	fake_run(w->fp);
	fake_advance(w->fp, ns);
}

bool world_until(struct world *w, ktime_t limit, bool (*cond)(void *arg),
		 void *arg)
{
	ktime_t end = world_now(w) + limit;
	ktime_t step = 10 * NSEC_PER_USEC;

	fake_run(w->fp);
	while (!cond(arg)) {
		ktime_t now = world_now(w);

		if (now >= end)
			return false;
		fake_advance(w->fp, min(step, end - now));
		step = min(step + step / 4, MSEC);
	}
	return true;
}

u64 host_stat(struct host *h, enum mib m)
{
	return net_read_stats(h->net, m);
}

u64 world_drops(struct world *w, enum skb_drop_reason why)
{
	u64 n = 0;

	for (u32 i = 0; i < w->m->nr_cpus; i++)
		n += w->m->cpus[i]->pc.drops[why];
	return n;
}

void host_sysctl(struct host *h, const char *name, const char *value)
{
	int err = sysctl_write(h->net, name, value);

	if (err)
		fail_msg("sysctl %s=%s: %s", name, value, strerror(-err));
}

/* --- sockets --------------------------------------------------------------------------- */

struct sockaddr_in sa(u32 addr, u16 port)
{
	struct sockaddr_in s = { .sin_family = AF_INET };
	__be32 a = cpu_to_be32(addr);
	__be16 p = cpu_to_be16(port);

	memcpy(&s.sin_addr, &a, 4);
	memcpy(&s.sin_port, &p, 2);
	return s;
}

int host_socket(struct host *h, int type)
{
	int fd = sys_socket(h->net, AF_INET, type, 0);

	if (fd < 0)
		fail_msg("socket: %s", strerror(-fd));
	return fd;
}

int host_bind(struct host *h, int fd, u32 addr, u16 port)
{
	struct sockaddr_in s = sa(addr, port);

	return sys_bind(h->net, fd, (struct sockaddr *)&s, sizeof(s));
}

int host_connect(struct host *h, int fd, u32 addr, u16 port)
{
	struct sockaddr_in s = sa(addr, port);

	return sys_connect(h->net, fd, (struct sockaddr *)&s, sizeof(s));
}

int host_listen(struct host *h, u16 port, int backlog)
{
	int fd = host_socket(h, SOCK_STREAM | SOCK_NONBLOCK);

	host_setsockopt(h, fd, SOL_SOCKET, SO_REUSEADDR, 1);
	assert_int_equal(host_bind(h, fd, 0, port), 0);
	assert_int_equal(sys_listen(h->net, fd, backlog), 0);
	return fd;
}

int host_setsockopt(struct host *h, int fd, int level, int name, int value)
{
	return sys_setsockopt(h->net, fd, level, name, &value, sizeof(value));
}

int host_getsockopt(struct host *h, int fd, int level, int name)
{
	u32 len = sizeof(int);
	int value = 0, err;

	err = sys_getsockopt(h->net, fd, level, name, &value, &len);
	if (err)
		fail_msg("getsockopt %d %d: %s", level, name, strerror(-err));
	return value;
}

void world_connect(struct world *w, u16 port, int fd[2])
{
	int lfd = host_listen(&w->b, port, 16), err;
	int rtt = (int)(2 * w->cable.dir[0].params.delay / NSEC_PER_USEC);

	fd[0] = host_socket(&w->a, SOCK_STREAM | SOCK_NONBLOCK);
	err = host_connect(&w->a, fd[0], HOST_B, port);
	if (err != -EINPROGRESS)
		fail_msg("connect: %s", strerror(-err));
	for (int i = 0; i < 5000 && !(host_poll(&w->b, lfd) & EPOLLIN); i++)
		world_pass(w, MSEC + rtt * NSEC_PER_USEC);
	fd[1] = sys_accept4(w->b.net, lfd, NULL, NULL, SOCK_NONBLOCK);
	if (fd[1] < 0)
		fail_msg("accept: %s", strerror(-fd[1]));
	assert_int_equal(host_close(&w->b, lfd), 0);
}

u32 host_poll(struct host *h, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI |
			    POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLRDBAND };
	int n = sys_poll(h->net, &p, 1, 0, NULL);

	if (n < 0)
		fail_msg("poll: %s", strerror(-n));
	return (u32)(u16)p.revents;
}

int host_tcp_state(struct host *h, int fd)
{
	struct file *f = fget(h->net, fd);
	struct socket *s = f ? sock_from_file(f) : NULL;
	int state = s ? s->sk->c.state : -1;

	if (f)
		fput(f);
	return state;
}

ssize_t host_send_stream(struct host *h, int fd, u64 key, u64 pos, size_t n)
{
	static u8 buf[STREAM_CHUNK];

	n = min(n, sizeof(buf));
	stream_fill(buf, n, key, pos);
	return host_send(h, fd, buf, n);
}

ssize_t host_recv_stream(struct host *h, int fd, u64 key, u64 pos, size_t n)
{
	static u8 buf[STREAM_CHUNK];
	ssize_t got = host_recv(h, fd, buf, min(n, sizeof(buf)));
	ssize_t bad;

	if (got <= 0)
		return got;
	bad = stream_check(buf, (size_t)got, key, pos);
	if (bad >= 0)
		fail_msg("byte %llu of stream %llu is wrong",
			 (unsigned long long)pos + (u64)bad,
			 (unsigned long long)key);
	return got;
}
