/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The servers of the load: one thread for streams, which does what the
 * client's request says, one connection after the other, and one that sends
 * datagrams back. Both look for the end every tenth of a second.
 */
#include "calibrate.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define LOOK_MS		100
#define PATIENCE_S	5

void load_socket(struct weir *w, int fd)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int one = 1;

	weir_setsockopt(w, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	weir_setsockopt(w, fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	weir_setsockopt(w, fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			sizeof(patience));
	weir_setsockopt(w, fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			sizeof(patience));
}

int load_send_all(struct weir *w, int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = weir_send(w, fd, p, len, MSG_NOSIGNAL);

		if (n < 0)
			return (int)n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int load_recv_all(struct weir *w, int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = weir_recv(w, fd, p, len, 0);

		if (n <= 0)
			return n ? (int)n : -EPIPE;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* --- streams ----------------------------------------------------------------------- */

/* Reads up to `size` at a time, as a program would; then says so. */
static void sink(struct weir *w, int fd, const struct load_request *r, char *buf)
{
	uint64_t left = (uint64_t)r->size * r->count;

	while (left) {
		ssize_t n = weir_recv(w, fd, buf, r->size < left ? r->size :
				      left, 0);

		if (n <= 0)
			return;
		left -= (uint64_t)n;
	}
	load_send_all(w, fd, "k", 1);
}

static void wait_readable(struct weir *w, int fd, int epfd,
			  const struct load_request *r)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct epoll_event ev;

	if (r->mode == LOAD_ECHO_POLL)
		weir_poll(w, &p, 1, PATIENCE_S * 1000);
	else if (r->mode == LOAD_ECHO_EPOLL)
		weir_epoll_wait(w, epfd, &ev, 1, PATIENCE_S * 1000);
}

static void echo(struct weir *w, int fd, const struct load_request *r, char *buf)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int epfd = weir_epoll_create1(w, 0);
	uint32_t i;

	if (epfd >= 0)
		weir_epoll_ctl(w, epfd, EPOLL_CTL_ADD, fd, &ev);
	for (i = 0; i < r->count; i++) {
		wait_readable(w, fd, epfd, r);
		if (load_recv_all(w, fd, buf, r->size) ||
		    load_send_all(w, fd, buf, r->size))
			break;
	}
	if (epfd >= 0)
		weir_close(w, epfd);
}

static void serve(struct weir *w, int fd, char *buf)
{
	struct load_request r;

	load_socket(w, fd);
	if (load_recv_all(w, fd, &r, sizeof(r)) || !r.size || r.size > LOAD_BUF)
		return;
	if (r.mode == LOAD_SINK)
		sink(w, fd, &r, buf);
	else
		echo(w, fd, &r, buf);
}

void *load_serve_tcp(void *load)
{
	struct load *l = load;
	struct pollfd p = { .fd = l->listener, .events = POLLIN };
	char *buf = malloc(LOAD_BUF);
	int fd;

	while (buf && !atomic_load(&l->stop)) {
		if (weir_poll(l->b, &p, 1, LOOK_MS) <= 0)
			continue;
		fd = weir_accept4(l->b, l->listener, NULL, NULL, 0);
		if (fd < 0)
			continue;
		serve(l->b, fd, buf);
		weir_close(l->b, fd);
	}
	free(buf);
	return NULL;
}

/* --- datagrams ---------------------------------------------------------------------- */

void *load_serve_udp(void *load)
{
	struct timeval look = { .tv_usec = LOOK_MS * 1000 };
	struct load *l = load;
	char *buf = malloc(LOAD_BUF);

	weir_setsockopt(l->b, l->udp, SOL_SOCKET, SO_RCVTIMEO, &look,
			sizeof(look));
	while (buf && !atomic_load(&l->stop)) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n = weir_recvfrom(l->b, l->udp, buf, LOAD_BUF, 0,
					  (struct sockaddr *)&from, &len);

		if (n >= 0)
			weir_sendto(l->b, l->udp, buf, (size_t)n, 0,
				    (struct sockaddr *)&from, len);
	}
	free(buf);
	return NULL;
}
