/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ping: an echo request every interval whether or not the last was answered,
 * on a ping socket (SOCK_DGRAM of ICMP). Answers are told apart by their
 * sequence number; the time of sending is kept here, not in the packet.
 */
#include "program.h"

#include <errno.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

#define SEQUENCES	65536u

struct ping {
	struct program *p;
	struct weir *w;
	int fd;
	struct sockaddr_in to;
	int64_t sent_at[SEQUENCES];	/* 0: not sent, or answered */
	char packet[65536];
};

static int send_request(struct ping *g)
{
	struct icmphdr h = {
		.type = ICMP_ECHO,
		.un.echo.sequence = htons((uint16_t)g->p->sent),
	};
	ssize_t n;

	memset(g->packet, 0, sizeof(h) + g->p->args.size);
	memcpy(g->packet, &h, sizeof(h));
	g->sent_at[g->p->sent % SEQUENCES] = program_now(g->p);
	g->p->sent++;
	program_mark(g->p);
	n = weir_sendto(g->w, g->fd, g->packet,
			sizeof(h) + g->p->args.size, 0,
			(struct sockaddr *)&g->to, sizeof(g->to));
	if (n >= 0)
		return 0;
	/* No way there now: there may be one later. */
	g->p->errors++;
	g->p->last_error = (int)-n;
	return n == -EINTR ? -EINTR : 0;
}

static int take_answer(struct ping *g, ssize_t len)
{
	struct icmphdr h;
	int64_t *at;

	if (len < (ssize_t)sizeof(h))
		return 0;
	memcpy(&h, g->packet, sizeof(h));
	at = &g->sent_at[ntohs(h.un.echo.sequence)];
	if (h.type != ICMP_ECHOREPLY || !*at)
		return 0;
	g->p->received++;
	program_mark(g->p);
	len = program_now(g->p) - *at;
	*at = 0;
	return program_sample(&g->p->times, (uint64_t)len);
}

/* Takes answers until `when`, or until there is none to come. */
static int listen_until(struct ping *g, int64_t when, bool last)
{
	struct pollfd fd = { .fd = g->fd, .events = POLLIN };
	int64_t left;
	ssize_t n;

	while ((left = when - program_now(g->p)) > 0 &&
	       !(last && g->p->received + g->p->errors >= g->p->sent)) {
		struct timespec ts = { .tv_sec = left / 1000000000,
				       .tv_nsec = left % 1000000000 };

		n = weir_ppoll(g->w, &fd, 1, &ts, NULL);
		if (n < 0)
			return (int)n;
		if (!n)
			break;
		n = weir_recv(g->w, g->fd, g->packet, sizeof(g->packet),
			      MSG_DONTWAIT);
		if (n == -EINTR)
			return -EINTR;
		if (n >= 0 && take_answer(g, n))
			return -ENOMEM;
	}
	return 0;
}

static int ping_all(struct ping *g)
{
	struct program_args *a = &g->p->args;
	int64_t next = program_now(g->p);
	int64_t deadline = program_deadline(g->p, next);
	uint64_t count = a->count;
	int err = 0;

	if (!count)
		count = a->for_ns ? UINT64_MAX : 10;
	while (!err && g->p->sent < count && next < deadline) {
		err = send_request(g);
		next += (int64_t)a->interval_ns;
		if (!err && g->p->sent < count && next < deadline)
			err = listen_until(g, next, false);
	}
	return err ? err :
	       listen_until(g, program_now(g->p) + (int64_t)a->wait_ns, true);
}

static int ping(struct program *p, struct weir *w)
{
	struct ping *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->p = p;
	g->w = w;
	g->to = program_address(p);
	g->fd = weir_socket(w, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	err = g->fd;
	if (g->fd >= 0) {
		err = ping_all(g);
		weir_close(w, g->fd);
	}
	free(g);
	return err;
}

const struct program_kind prog_ping = {
	.name = "ping",
	.accepts = "to start for count interval payload wait",
	.needs = "to",
	.fields = "sent received lost time",
	.times = "rtt",
	.defaults = { .size = 56, .interval_ns = 1000000000,
		      .wait_ns = 10000000000ull },
	.work = ping,
};
