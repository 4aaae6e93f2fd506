/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim-check: many seeds of a bad world, by the public interface alone.
 *
 * A world is four hosts on a switch whose links lose, reorder, double and
 * damage frames, are cut and healed, and change while they run. Every host
 * opens 40 connections to others; over each, both ends send a stream of a
 * length and in pieces that the seed decides, check every byte that comes, and
 * wait for the end of the other's. A seed is good when every task returned 0,
 * nothing is stuck, and nothing leaked.
 *
 *	sim-check [--seeds N] [--first S] [--hashes]
 *
 * Prints one line per bad seed and a summary; --hashes one line per seed, to
 * be compared between builds. Exit 0 when all are good, 3 when one is not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/sim.h>

#define HOSTS		4
#define CONNECTIONS	40		/* opened by each host */
#define PORT		7000
#define CHUNK		4096
#define MAX_STREAM	12000		/* bytes each way, at most */
#define SECOND		1000000000LL
#define EVENTS		64
#define TROUBLE		(40 * SECOND)	/* how long links get worse */

struct world {
	struct weir_sim *sim;
	struct weir *host[HOSTS];
	struct weir_sim_link *link[HOSTS];
	uint64_t seed, rng;
	unsigned int accepted[HOSTS], expected[HOSTS];
	char why[200];			/* the first thing that went wrong */
};

/* One end of a connection. */
struct stream {
	uint64_t out_key, in_key;	/* what the bytes are made of */
	uint32_t out_len, in_len;
	uint32_t sent, received;
	int fd;
	uint8_t hello[16];		/* client -> server: key, two lengths */
	uint32_t hello_done;
	int eof, shut;
};

struct client {
	struct world *w;
	unsigned int host, number;
};

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t draw(uint64_t *state, uint64_t ceil)
{
	return mix(*state += 0x9e3779b97f4a7c15ULL) % ceil;
}

static uint8_t byte_at(uint64_t key, uint32_t pos)
{
	return (uint8_t)(mix(key + pos / 8) >> pos % 8 * 8);
}

static int wrong(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(struct world *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!w->why[0])
		vsnprintf(w->why, sizeof(w->why), fmt, ap);
	va_end(ap);
	return 1;
}

/* --- streams ------------------------------------------------------------------- */

/* Sends a piece: 1 progress, 0 not now, -errno. */
static int push(struct weir *h, struct stream *s, uint64_t *rng)
{
	uint8_t buf[CHUNK];
	uint32_t n = s->out_len - s->sent, i;
	ssize_t done;

	if (n > CHUNK)
		n = CHUNK;
	if (n > 1)
		n = 1 + (uint32_t)draw(rng, n);
	for (i = 0; i < n; i++)
		buf[i] = byte_at(s->out_key, s->sent + i);
	done = weir_send(h, s->fd, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (done == -EAGAIN)
		return 0;
	if (done < 0)
		return (int)done;
	s->sent += (uint32_t)done;
	return 1;
}

/* Takes a piece: 1 progress (or the end: s->eof), 0 nothing there, -errno;
 * -EBADMSG: a byte is wrong. */
static int pull(struct weir *h, struct stream *s, uint64_t *rng)
{
	uint8_t buf[CHUNK];
	ssize_t n = weir_recv(h, s->fd, buf, 1 + draw(rng, CHUNK),
			      MSG_DONTWAIT);

	if (n == -EAGAIN)
		return 0;
	if (n < 0)
		return (int)n;
	s->eof = n == 0;
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] != byte_at(s->in_key, s->received++))
			return -EBADMSG;
	return 1;
}

/* Everything that can be done now. 1: both directions are over. */
static int advance(struct weir *h, struct stream *s, uint64_t *rng)
{
	int out = 0, in = 0, ret;

	do {
		if (s->sent < s->out_len) {
			out = push(h, s, rng);
			if (out < 0)
				return out;
		} else if (!s->shut) {
			ret = weir_shutdown(h, s->fd, SHUT_WR);
			if (ret)
				return ret;
			s->shut = 1;
			out = 0;
		} else {
			out = 0;
		}
		in = s->eof ? 0 : pull(h, s, rng);
		if (in < 0)
			return in;
	} while (out > 0 || in > 0);
	if (s->eof && s->received != s->in_len)
		return -ENODATA;
	return s->eof && s->shut;
}

/* --- servers: one task per host, all connections in one epoll set -------------------- */

/* The client's greeting. 1: there; 0: not yet; -errno. */
static int greet(struct weir *h, struct stream *s)
{
	ssize_t n = weir_recv(h, s->fd, s->hello + s->hello_done,
			      sizeof(s->hello) - s->hello_done, MSG_DONTWAIT);

	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n ? (int)n : -ENODATA;
	s->hello_done += (uint32_t)n;
	if (s->hello_done < sizeof(s->hello))
		return 0;
	memcpy(&s->in_key, s->hello, 8);
	memcpy(&s->in_len, s->hello + 8, 4);
	memcpy(&s->out_len, s->hello + 12, 4);
	s->out_key = ~s->in_key;
	return 1;
}

static int serve(struct weir *h, struct stream *s, uint64_t *rng)
{
	if (s->hello_done < sizeof(s->hello)) {
		int ret = greet(h, s);

		if (ret <= 0)
			return ret;
	}
	return advance(h, s, rng);
}

static int accept_all(struct world *w, unsigned int me, int lfd, int ep)
{
	struct weir *h = w->host[me];
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	struct stream *s;
	int fd;

	while ((fd = weir_accept4(h, lfd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->fd = fd;
		ev.data.ptr = s;
		w->accepted[me]++;
		if (weir_epoll_ctl(h, ep, EPOLL_CTL_ADD, fd, &ev))
			return -EIO;
	}
	return fd == -EAGAIN ? 0 : fd;
}

static int server_loop(struct world *w, unsigned int me, int lfd, int ep)
{
	struct weir *h = w->host[me];
	struct epoll_event ev[EVENTS];
	uint64_t rng = mix(w->seed) + me;
	unsigned int done = 0;
	int n, ret;

	while (done < w->expected[me]) {
		n = weir_epoll_wait(h, ep, ev, EVENTS, -1);
		if (n < 0)
			return wrong(w, "server %u: epoll_wait: %d", me, n);
		for (int i = 0; i < n; i++) {
			struct stream *s = ev[i].data.ptr;

			ret = s ? serve(h, s, &rng) :
				  accept_all(w, me, lfd, ep);
			if (ret < 0)
				return wrong(w, "server %u: fd %d: %s", me,
					     s ? s->fd : lfd, strerror(-ret));
			if (ret == 0)
				continue;
			weir_close(h, s->fd);
			free(s);
			done++;
		}
	}
	return 0;
}

static int server(struct weir *h, void *arg)
{
	struct world *w = arg;
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(PORT) };
	struct epoll_event ev = { .events = EPOLLIN };
	unsigned int me = 0;
	int lfd, ep, ret;

	while (w->host[me] != h)
		me++;
	lfd = weir_socket(h, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ep = weir_epoll_create1(h, 0);
	if (lfd < 0 || ep < 0 ||
	    weir_bind(h, lfd, (struct sockaddr *)&a, sizeof(a)) ||
	    weir_listen(h, lfd, HOSTS * CONNECTIONS) ||
	    weir_epoll_ctl(h, ep, EPOLL_CTL_ADD, lfd, &ev))
		return wrong(w, "server %u: no socket", me);
	ret = server_loop(w, me, lfd, ep);
	weir_close(h, ep);
	weir_close(h, lfd);
	return ret;
}

/* --- clients: a task per connection, blocking ---------------------------------------------- */

static int say_hello(struct weir *h, struct stream *s)
{
	memcpy(s->hello, &s->out_key, 8);
	memcpy(s->hello + 8, &s->out_len, 4);
	memcpy(s->hello + 12, &s->in_len, 4);
	return weir_send(h, s->fd, s->hello, sizeof(s->hello), MSG_NOSIGNAL) ==
	       sizeof(s->hello) ? 0 : -EIO;
}

static int client_talk(struct weir *h, struct stream *s, uint64_t *rng)
{
	int ret = say_hello(h, s);

	while (!ret) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };

		if (s->sent < s->out_len)
			p.events |= POLLOUT;
		ret = weir_poll(h, &p, 1, -1);
		if (ret < 0)
			return ret;
		if (draw(rng, 8) == 0)
			weir_sim_sleep(h, (int64_t)draw(rng, SECOND / 50));
		ret = advance(h, s, rng);
	}
	return ret > 0 ? 0 : ret;
}

static int client(struct weir *h, void *arg)
{
	struct client *c = arg;
	struct world *w = c->w;
	uint64_t rng = mix(w->seed * 1000003 + c->host * 1000 + c->number);
	unsigned int to = (c->host + 1 + c->number % (HOSTS - 1)) % HOSTS;
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(0x0a000001u + to),
	};
	struct stream s = { .out_key = mix(rng), .in_key = ~mix(rng) };
	int ret;

	s.out_len = (uint32_t)draw(&rng, MAX_STREAM);
	s.in_len = (uint32_t)draw(&rng, MAX_STREAM);
	weir_sim_sleep(h, (int64_t)draw(&rng, 3 * SECOND));
	s.fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);
	ret = weir_connect(h, s.fd, (struct sockaddr *)&a, sizeof(a));
	if (!ret)
		ret = client_talk(h, &s, &rng);
	weir_close(h, s.fd);
	if (ret)
		wrong(w, "client %u.%u: %s; sent %u of %u, received %u of %u",
		      c->host, c->number, strerror(-ret), s.sent, s.out_len,
		      s.received, s.in_len);
	return ret;
}

/* --- the world -------------------------------------------------------------------------------- */

/*
 * ARP has no checksum: a damaged answer sends a host's packets to nowhere for
 * half a minute, on any stack. So worlds whose links damage frames have
 * permanent neighbours, and every other world has ARP and no damage.
 */
static int damages(const struct world *w)
{
	return w->seed % 2 == 0;
}

/* Every now and then something happens to a link; after a while nothing more,
 * and what is still open must come to its end. */
static void trouble(void *arg)
{
	static const char good[] = "heal,loss=0,burst=0/100%,mask=0,"
				   "reorder=0,dup=0,corrupt=0";
	static const char *const kinds[] = {
		"cut", "heal", "loss=10%", "loss=0,burst=1%/20%", "loss=0",
		"reorder=10%", "dup=5%", "delay=80ms,jitter=20ms",
		"delay=1ms,jitter=0", "rate=2mbit,queue=20", "mask=0xff",
		"corrupt=0,dup=0,reorder=0,burst=0/100%", "corrupt=2%",
	};
	const size_t nr_kinds = sizeof(kinds) / sizeof(*kinds);
	struct world *w = arg;
	char err[200];
	unsigned int which = (unsigned int)draw(&w->rng, HOSTS);
	const char *spec = kinds[draw(&w->rng, nr_kinds - !damages(w))];
	int direction = (int)draw(&w->rng, 3) - 1;
	int over = weir_sim_now(w->sim) > WEIR_SIM_START_NS + TROUBLE;

	/* a partition heals at the next trouble of any link */
	for (int i = 0; i < HOSTS; i++)
		weir_sim_link_set(w->link[i], -1, over ? good : "heal", err,
				  sizeof(err));
	if (over)
		return;
	if (weir_sim_link_set(w->link[which], direction, spec, err,
			      sizeof(err)))
		wrong(w, "%s", err);
	weir_sim_at(w->sim, weir_sim_now(w->sim) +
		    (int64_t)(SECOND / 4 + draw(&w->rng, 2 * SECOND)), trouble,
		    w);
}

/* Hosts give up in the end: who asks for an address in vain, a closed socket
 * with it, a handshake that is not answered. Here that would only hide what is
 * to be seen. */
static int patient(struct weir *h, char *err, size_t len)
{
	static const char *const settings[][2] = {
		{ "net.ipv4.neigh.default.mcast_solicit", "60" },
		{ "net.ipv4.neigh.default.ucast_solicit", "60" },
		{ "net.ipv4.tcp_syn_retries", "12" },
		{ "net.ipv4.tcp_synack_retries", "12" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (weir_sysctl_set(h, settings[i][0], settings[i][1], err,
				    len))
			return -1;
	return 0;
}

static int know_neighbours(struct world *w, char *err, size_t len)
{
	char addr[16], mac[18];

	for (unsigned int i = 0; i < HOSTS * HOSTS; i++) {
		unsigned int to = i / HOSTS, from = i % HOSTS;

		snprintf(addr, sizeof(addr), "10.0.0.%u", to + 1);
		weir_sim_link_mac(w->link[to], 0, mac);
		if (to != from && weir_neigh_set(w->host[from], "eth0", addr,
						 mac, err, len))
			return -1;
	}
	return 0;
}

static int build(struct world *w, char *err, size_t len)
{
	struct weir_sim_host_options small = { .small = 1 };
	struct weir_sim_switch *sw = weir_sim_switch(w->sim, err, len);
	unsigned int kbit, delay, queue;
	char name[16], cidr[20], spec[80];

	for (unsigned int i = 0; i < HOSTS && sw; i++) {
		snprintf(name, sizeof(name), "h%u", i);
		snprintf(cidr, sizeof(cidr), "10.0.0.%u/24", i + 1);
		kbit = (unsigned int)(5000 + draw(&w->rng, 95000));
		delay = (unsigned int)draw(&w->rng, 10000);
		queue = (unsigned int)(20 + draw(&w->rng, 200));
		snprintf(spec, sizeof(spec), "rate=%ukbit,delay=%uus,queue=%u",
			 kbit, delay, queue);
		w->host[i] = weir_sim_host(w->sim, name, &small, err, len);
		if (!w->host[i])
			return -1;
		w->link[i] = weir_sim_plug(sw, w->host[i], spec, err, len);
		if (!w->link[i] || patient(w->host[i], err, len) ||
		    weir_addr_add(w->host[i], "eth0", cidr, err, len))
			return -1;
	}
	return !sw || (damages(w) && know_neighbours(w, err, len)) ? -1 : 0;
}

static int spawn(struct world *w, struct client *clients)
{
	for (unsigned int i = 0; i < HOSTS * CONNECTIONS; i++) {
		struct client *c = &clients[i];
		unsigned int from = i % HOSTS, n = i / HOSTS;

		*c = (struct client){ w, from, n };
		w->expected[(from + 1 + n % (HOSTS - 1)) % HOSTS]++;
		if (!weir_sim_spawn(w->host[from], "client", client, c))
			return -1;
	}
	for (unsigned int i = 0; i < HOSTS; i++)
		if (!weir_sim_spawn(w->host[i], "server", server, w))
			return -1;
	return 0;
}

static const char *const ends[] = { "time is over", "done", "tasks are stuck",
				    "a task runs in circles", "stopped" };

static void check_end(struct world *w, enum weir_sim_end end)
{
	struct weir_sim_task *t;
	int ret;

	if (end != WEIR_SIM_DONE)
		wrong(w, "%s", ends[end]);
	for (size_t i = 0; (t = weir_sim_task(w->sim, i)); i++) {
		if (weir_sim_task_done(t, &ret) != 1)
			wrong(w, "task %zu (%s) %s", i, weir_sim_task_name(t),
			      weir_sim_task_state(t));
		else if (ret)
			wrong(w, "task %zu (%s): %d", i, weir_sim_task_name(t),
			      ret);
	}
}

/* One seed. 0: good. */
static int check_seed(uint64_t seed, uint64_t *hash, struct weir_sim_stats *sum)
{
	static struct client clients[HOSTS * CONNECTIONS];
	struct world w = { .seed = seed, .rng = mix(seed) };
	struct weir_sim_options o = { .seed = seed };
	struct weir_sim_stats st;
	char err[200] = "";
	size_t leaked;

	w.sim = weir_sim_create(&o, err, sizeof(err));
	if (!w.sim || build(&w, err, sizeof(err)) || spawn(&w, clients)) {
		printf("seed %llu: %s\n", (unsigned long long)seed, err);
		return 1;
	}
	weir_sim_at(w.sim, weir_sim_now(w.sim) + SECOND, trouble, &w);
	check_end(&w, weir_sim_run(w.sim, WEIR_SIM_START_NS + 3600 * SECOND));
	*hash = weir_sim_hash(w.sim);
	weir_sim_stats(w.sim, &st);
	sum->frames += st.frames;
	sum->bytes += st.bytes;
	sum->events += st.events;
	leaked = weir_sim_destroy(w.sim);
	if (leaked)
		wrong(&w, "%zu objects leaked", leaked);
	if (w.why[0])
		printf("seed %llu: %s\n", (unsigned long long)seed, w.why);
	return w.why[0] != 0;
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (*end || !*text || *text == '-') {
		fprintf(stderr, "sim-check: '%s' is no number\n", text);
		exit(1);
	}
	return n;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 'n' },
		{ "first", required_argument, NULL, 'f' },
		{ "hashes", no_argument, NULL, 'h' },
		{ 0 },
	};
	uint64_t seeds = 100, first = 1, bad = 0, hash = 0, all = 0;
	struct weir_sim_stats sum = { 0 };
	int opt, hashes = 0;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'n': seeds = number(optarg); break;
		case 'f': first = number(optarg); break;
		case 'h': hashes = 1; break;
		default: return 1;
		}
	}
	for (uint64_t s = first; s < first + seeds; s++) {
		bad += (uint64_t)check_seed(s, &hash, &sum);
		all = mix(all ^ hash);
		if (hashes)
			printf("%llu %016llx\n", (unsigned long long)s,
			       (unsigned long long)hash);
	}
	fprintf(stderr, "%llu seeds, %llu bad; %llu frames, %llu bytes, %llu "
		"events; hash %016llx\n", (unsigned long long)seeds,
		(unsigned long long)bad, (unsigned long long)sum.frames,
		(unsigned long long)sum.bytes, (unsigned long long)sum.events,
		(unsigned long long)all);
	return bad ? 3 : 0;
}
