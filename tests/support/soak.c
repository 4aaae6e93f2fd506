/* SPDX-License-Identifier: BSD-2-Clause */
/* See soak.h. */
#include "tests/support/soak.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS		4
#define WARM		3		/* rests until memory is at its most */
#define SLACK		(1u << 20)	/* what later peaks may add */
#define REST		(200 * LAB_SEC)	/* TIME_WAIT, fragments, ARP */
#define SLICE		(60 * LAB_SEC)
#define MAX_STREAM	60000u
#define MAX_DATAGRAM	5000u
#define LINK		"rate=20mbit,delay=3ms,queue=60"

struct soak {
	const struct soak_params *p;
	struct weir_sim *s;
	struct weir *a, *r, *b;
	struct weir_sim_link *link[2];
	uint64_t rng;
	int resting, over;
	unsigned int busy;		/* tasks in the middle of something */
	uint64_t connections, datagrams, echoed, guests;
	char *why;
	size_t why_len;
	char state[3][6000];		/* of each host at the last rest */
	uint64_t warm_bytes;
};

static uint64_t draw(struct soak *k, uint64_t ceil)
{
	uint64_t z = k->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	return (z ^ z >> 31) % ceil;
}

static int wrong(struct soak *k, const char *what, int err)
{
	if (!k->why[0])
		snprintf(k->why, k->why_len, "at %lld s: %s: %s",
			 (long long)(lab_ns(k->s) / LAB_SEC), what,
			 err < 0 ? strerror(-err) : "");
	return -1;
}

/* --- streams -------------------------------------------------------------------- */

struct greeting {
	uint64_t key;
	uint32_t there, back;		/* bytes */
};

static int serve_one(struct weir *h, int fd)
{
	struct greeting g;
	int err = weir_recv(h, fd, &g, sizeof(g), MSG_WAITALL) != sizeof(g);

	if (!err)
		err = lab_recv_stream(h, fd, g.key, g.there);
	if (!err)
		err = lab_send_stream(h, fd, ~g.key, g.back);
	weir_close(h, fd);
	return err;
}

static int listener_of(struct soak *k)
{
	static const struct sockaddr_in any = { .sin_family = AF_INET,
						.sin_port = 80 << 8 };
	int fd = weir_socket(k->b, AF_INET, SOCK_STREAM, 0);

	if (weir_bind(k->b, fd, (const struct sockaddr *)&any, sizeof(any)) ||
	    weir_listen(k->b, fd, 64))
		return -1;
	return fd;
}

/* CLIENTS of these share the listener. */
struct server {
	struct soak *k;
	int listener;
};

static int serve(struct weir *h, void *arg)
{
	struct server *s = arg;

	while (!s->k->over) {
		int fd = weir_accept4(h, s->listener, NULL, NULL, 0), err;

		if (fd < 0)
			return 0;	/* signaled, at the end */
		err = serve_one(h, fd);
		if (err)
			return wrong(s->k, "a server's stream", err);
	}
	return 0;
}

static int talk(struct soak *k, struct weir *h, int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80),
				  .sin_addr.s_addr = htonl(0x0a000201) };
	struct greeting g = { .key = draw(k, 1u << 30) };
	char c;
	int err = weir_connect(h, fd, (struct sockaddr *)&to, sizeof(to));

	g.there = (uint32_t)draw(k, MAX_STREAM);
	g.back = (uint32_t)draw(k, MAX_STREAM);
	if (!err && weir_send(h, fd, &g, sizeof(g), 0) != sizeof(g))
		err = -EIO;
	if (!err)
		err = lab_send_stream(h, fd, g.key, g.there);
	if (!err)
		err = lab_recv_stream(h, fd, ~g.key, g.back);
	if (!err && draw(k, 2))
		err = (int)weir_recv(h, fd, &c, 1, 0);	/* its end */
	return err;
}

/* False: it is over. Comes back when there is something to do. */
static int wait_turn(struct soak *k, struct weir *h, int64_t longest)
{
	weir_sim_sleep(h, (int64_t)draw(k, (uint64_t)longest));
	while (k->resting && !k->over)
		weir_sim_sleep(h, LAB_SEC);
	return !k->over;
}

static int connects(struct weir *h, void *arg)
{
	struct soak *k = arg;

	while (wait_turn(k, h, 4 * LAB_SEC)) {
		int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0), err;

		k->busy++;
		err = talk(k, h, fd);
		weir_close(h, fd);
		k->busy--;
		k->connections++;
		if (err)
			return wrong(k, "a client's stream", err);
	}
	return 0;
}

/* --- datagrams --------------------------------------------------------------------- */

static int bound_udp(struct weir *h)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(7) };
	int fd = weir_socket(h, AF_INET, SOCK_DGRAM, 0);

	weir_bind(h, fd, (struct sockaddr *)&any, sizeof(any));
	return fd;
}

static int echoes(struct weir *h, void *arg)
{
	char data[MAX_DATAGRAM];
	int fd = bound_udp(h);

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n = weir_recvfrom(h, fd, data, sizeof(data), 0,
					  (struct sockaddr *)&from, &len);

		if (n < 0)
			break;
		weir_sendto(h, fd, data, (size_t)n, 0, (struct sockaddr *)&from,
			    len);
	}
	weir_close(h, fd);
	return 0;
}

static int ask_once(struct soak *k, struct weir *h, int fd)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7),
				  .sin_addr.s_addr = htonl(0x0a000201) };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t key = draw(k, 1u << 30);
	size_t n = 8 + draw(k, MAX_DATAGRAM - 8);
	char data[MAX_DATAGRAM];
	ssize_t got;

	memcpy(data, &key, 8);
	lab_fill(data + 8, n - 8, key, 0);
	k->datagrams++;
	weir_sendto(h, fd, data, n, 0, (struct sockaddr *)&to, sizeof(to));
	while (weir_poll(h, &p, 1, 300) == 1) {
		got = weir_recv(h, fd, data, sizeof(data), MSG_DONTWAIT);
		if (got < 8)
			continue;	/* an ICMP error */
		k->echoed++;
		memcpy(&key, data, 8);
		if (lab_check(data + 8, (size_t)got - 8, key, 0) >= 0)
			return -EBADMSG;
	}
	return 0;
}

static int asks(struct weir *h, void *arg)
{
	struct soak *k = arg;
	int fd = bound_udp(h), err = 0;

	while (!err && wait_turn(k, h, LAB_SEC)) {
		k->busy++;
		err = ask_once(k, h, fd);
		k->busy--;
	}
	weir_close(h, fd);
	return err ? wrong(k, "a datagram", err) : 0;
}

/* --- what changes around them --------------------------------------------------------- */

static int changes(struct weir *h, void *arg)
{
	const struct weir_route r = { .dst = "10.9.0.0/16", .via = "10.0.3.2" };
	struct soak *k = arg;
	char err[200] = "";

	while (wait_turn(k, h, 5 * LAB_SEC)) {
		k->busy++;
		if (weir_addr_add(h, "eth0", "10.0.3.1/24", err, sizeof(err)) ||
		    weir_route(h, WEIR_ROUTE_ADD, &r, err, sizeof(err)))
			return wrong(k, err, 0);
		weir_sim_sleep(h, (int64_t)draw(k, LAB_SEC));
		if (weir_route(h, WEIR_ROUTE_DEL, &r, err, sizeof(err)) ||
		    weir_addr_del(h, "eth0", "10.0.3.1/24", err,
				  sizeof(err)))
			return wrong(k, err, 0);
		weir_neigh_flush(h, NULL);
		k->busy--;
	}
	return 0;
}

static void flap(void *arg)
{
	static const char *const kinds[] = {
		"loss=2%", "reorder=2%,dup=1%", "delay=40ms,jitter=5ms",
		"cut", "rate=2mbit", "burst=1%/30%",
	};
	static const char good[] = "heal," LINK ",jitter=0,loss=0.5%,reorder=0,"
				   "dup=0,burst=0/100%";
	struct soak *k = arg;
	char err[200] = "";

	for (int i = 0; i < 2; i++)
		weir_sim_link_set(k->link[i], -1, good, err, sizeof(err));
	if (!k->resting)
		weir_sim_link_set(k->link[draw(k, 2)], (int)draw(k, 3) - 1,
				  kinds[draw(k, 6)], err, sizeof(err));
	if (err[0])
		wrong(k, err, 0);
	if (!k->over)
		weir_sim_at(k->s, weir_sim_now(k->s) +
			    (int64_t)draw(k, 3 * LAB_SEC), flap, k);
}

/* A whole world comes and goes. */
static void guest(struct soak *k)
{
	struct lab l;
	int fd[2];

	lab_open(&l, &(struct weir_sim_options){ .seed = draw(k, 1u << 30) },
		 NULL, "delay=1ms,loss=1%");
	lab_pair(&l, 80, fd);
	lab_spawn(l.b, echoes, NULL);
	if (lab_send_stream(l.a, fd[0], 3, 10000) ||
	    lab_recv_stream(l.b, fd[1], 3, 10000))
		wrong(k, "a guest's stream", 0);
	if (weir_sim_destroy(l.s))
		wrong(k, "a guest leaked", 0);
	k->guests++;
}

/* --- rests ---------------------------------------------------------------------------- */

/* A UDP socket keeps what it was granted for buffers, up to a limit. */
static void hide_udp_memory(char *text)
{
	char *at = strstr(text, "UDP: inuse");
	size_t digits;

	at = at ? strstr(at, "mem ") : NULL;
	if (!at)
		return;
	digits = strspn(at + 4, "0123456789");
	memmove(at + 4, at + 4 + digits, strlen(at + 4 + digits) + 1);
}

static void state_of(struct weir *h, char *text, size_t room)
{
	static const char *const views[] = { "net/sockstat", "ip/addr",
					     "ip/route", "net/tcp" };

	memset(text, 0, room);
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
		size_t n = strlen(text);

		weir_view(h, views[i], text + n, room - n);
	}
	hide_udp_memory(text);
}

static void compare(struct soak *k, struct weir *h, unsigned int host,
		    unsigned int period)
{
	char now[sizeof(k->state[0])];

	state_of(h, now, sizeof(now));
	if (period && strcmp(now, k->state[host])) {
		printf("%s before:\n%s\nnow:\n%s\n", weir_sim_host_name(h),
		       k->state[host], now);
		wrong(k, "sockets, addresses or routes are not as before", 0);
	}
	memcpy(k->state[host], now, sizeof(now));
}

static void rest(struct soak *k, unsigned int period)
{
	struct weir_sim_stats st;

	k->resting = 1;
	for (int i = 0; i < 600 && k->busy; i++)
		weir_sim_pass(k->s, LAB_SEC);
	if (k->busy)
		wrong(k, "does not come to rest", 0);
	weir_sim_pass(k->s, REST);
	compare(k, k->a, 0, period);
	compare(k, k->r, 1, period);
	compare(k, k->b, 2, period);
	weir_sim_stats(k->s, &st);
	if (period < WARM && st.mem_bytes > k->warm_bytes)
		k->warm_bytes = st.mem_bytes;
	if (period >= WARM && st.mem_bytes > k->warm_bytes + SLACK)
		wrong(k, "memory grows", 0);
	if (k->p->verbose)
		printf("%6lld s: %llu bytes, %llu frames, %llu connections, "
		       "%llu of %llu datagrams, %llu guests\n",
		       (long long)(lab_ns(k->s) / LAB_SEC),
		       (unsigned long long)st.mem_bytes,
		       (unsigned long long)st.frames,
		       (unsigned long long)k->connections,
		       (unsigned long long)k->echoed,
		       (unsigned long long)k->datagrams,
		       (unsigned long long)k->guests);
	k->resting = 0;
}

/* --- the world -------------------------------------------------------------------------- */

/* Who asks for an address in vain gives up, and a connection that is being
 * opened with it, as on any host. Links are down for up to three seconds. */
static int patient(struct weir *h, char *err, size_t len)
{
	return weir_sysctl_set(h, "net.ipv4.neigh.default.mcast_solicit",
			       "60", err, len) ||
	       weir_sysctl_set(h, "net.ipv4.neigh.default.ucast_solicit",
			       "60", err, len);
}

static int build(struct soak *k, char *err, size_t len)
{
	k->s = weir_sim_create(&(struct weir_sim_options){
			       .seed = k->p->seed }, err, len);
	if (!k->s)
		return -1;
	k->a = lab_host(k->s, "a", NULL);
	k->r = lab_host(k->s, "r", NULL);
	k->b = lab_host(k->s, "b", NULL);
	k->link[0] = weir_sim_link(k->s, k->a, k->r, LINK, err, len);
	k->link[1] = weir_sim_link(k->s, k->r, k->b, LINK, err, len);
	if (!k->link[0] || !k->link[1])
		return -1;
	lab_addr(k->a, "eth0", "10.0.1.1/24");
	lab_addr(k->r, "eth0", "10.0.1.2/24");
	lab_addr(k->r, "eth1", "10.0.2.2/24");
	lab_addr(k->b, "eth0", "10.0.2.1/24");
	return patient(k->a, err, len) || patient(k->r, err, len) ||
	       patient(k->b, err, len) ||
	       weir_sysctl_set(k->r, "net.ipv4.ip_forward", "1", err, len) ||
	       weir_route_add(k->a, "default", "10.0.1.2", NULL, err, len) ||
	       weir_route_add(k->b, "default", "10.0.2.2", NULL, err, len);
}

static void run(struct soak *k)
{
	for (unsigned int i = 0; i < k->p->periods && !k->why[0]; i++) {
		int64_t left = k->p->period_s * LAB_SEC;

		for (; left > 0; left -= SLICE) {
			weir_sim_pass(k->s, left < SLICE ? left : SLICE);
			guest(k);
		}
		rest(k, i);
	}
}

static void stop(struct soak *k)
{
	struct weir_sim_task *t;
	int ret;

	k->over = 1;
	weir_sim_pass(k->s, 60 * LAB_SEC);
	for (size_t i = 0; (t = weir_sim_task(k->s, i)); i++)
		weir_sim_signal(t);
	weir_sim_pass(k->s, LAB_SEC);
	for (size_t i = 0; (t = weir_sim_task(k->s, i)); i++)
		if (weir_sim_task_done(t, &ret) != 1 || ret)
			wrong(k, "a task did not end well", 0);
}

int soak(const struct soak_params *p, char *why, size_t len)
{
	struct soak *k = calloc(1, sizeof(*k));
	struct server server = { .k = k };
	char err[200] = "";

	if (!k)
		return -1;
	k->p = p;
	k->rng = p->seed;
	k->why = why;
	k->why_len = len;
	why[0] = 0;
	if (build(k, err, sizeof(err)))
		fail_msg("%s", err);
	server.listener = listener_of(k);
	for (int i = 0; i < CLIENTS; i++) {
		lab_spawn(k->b, serve, &server);
		lab_spawn(k->a, connects, k);
	}
	lab_spawn(k->b, echoes, NULL);
	lab_spawn(k->a, asks, k);
	lab_spawn(k->b, changes, k);
	flap(k);
	run(k);
	if (!why[0])
		stop(k);
	if (weir_sim_destroy(k->s) && !why[0])
		snprintf(why, len, "something leaked");
	free(k);
	return why[0] ? -1 : 0;
}
