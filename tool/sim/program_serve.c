/* SPDX-License-Identifier: BSD-2-Clause */
/* A TCP server in one task: epoll, and a small state per connection. */
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG		4096
#define EVENTS		64

struct conn {
	int fd;
	bool wants_room;
	struct conn *next, **at;
	_Alignas(max_align_t) char state[];
};

struct server {
	struct program *p;
	struct weir *w;
	const struct server_ops *ops;
	int listener, epoll;
	struct conn *conns;
};

static int watch(struct server *s, int op, int fd, uint32_t events, void *ptr)
{
	struct epoll_event ev = { .events = events, .data.ptr = ptr };

	return weir_epoll_ctl(s->w, s->epoll, op, fd, &ev);
}

static void conn_close(struct server *s, struct conn *c)
{
	weir_close(s->w, c->fd);
	if (s->ops->closed)
		s->ops->closed(c->state);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	free(c);
}

static int conn_open(struct server *s, int fd)
{
	struct conn *c = calloc(1, sizeof(*c) + s->ops->state_size);
	bool writes = s->ops->writes_first;

	if (!c) {
		weir_close(s->w, fd);
		return -ENOMEM;
	}
	*c = (struct conn){ .fd = fd, .wants_room = writes, .next = s->conns,
			    .at = &s->conns };
	if (c->next)
		c->next->at = &c->next;
	s->conns = c;
	s->p->done++;
	program_mark(s->p);
	if (!watch(s, EPOLL_CTL_ADD, fd, writes ? EPOLLOUT : EPOLLIN, c))
		return 0;
	conn_close(s, c);
	return -ENOMEM;
}

static int accept_all(struct server *s)
{
	int fd, err;

	while ((fd = weir_accept4(s->w, s->listener, NULL, NULL,
				  SOCK_NONBLOCK)) >= 0) {
		err = conn_open(s, fd);
		if (err)
			return err;
	}
	/* A connection may have gone before it was accepted. */
	return fd == -EAGAIN || fd == -ECONNABORTED ? 0 : fd;
}

static void serve_conn(struct server *s, struct conn *c)
{
	int want = s->ops->ready(s->p, s->w, c->fd, c->state);

	if (want < 0) {
		if (want != -EPIPE) {
			s->p->errors++;
			s->p->last_error = -want;
		}
		conn_close(s, c);
	} else if (!!want != c->wants_room) {
		c->wants_room = want;
		watch(s, EPOLL_CTL_MOD, c->fd, want ? EPOLLOUT : EPOLLIN, c);
	}
}

static int begin(struct server *s)
{
	struct sockaddr_in at = program_address(s->p);
	int one = 1, err;

	at.sin_addr.s_addr = INADDR_ANY;
	s->epoll = weir_epoll_create1(s->w, 0);
	if (s->epoll < 0)
		return s->epoll;
	s->listener = weir_socket(s->w, AF_INET, SOCK_STREAM | SOCK_NONBLOCK,
				  0);
	if (s->listener < 0)
		return s->listener;
	weir_setsockopt(s->w, s->listener, SOL_SOCKET, SO_REUSEADDR, &one,
			sizeof(one));
	err = weir_bind(s->w, s->listener, (struct sockaddr *)&at, sizeof(at));
	if (!err)
		err = weir_listen(s->w, s->listener, BACKLOG);
	if (!err)
		err = watch(s, EPOLL_CTL_ADD, s->listener, EPOLLIN, NULL);
	return err;
}

static int serve(struct server *s)
{
	struct epoll_event ev[EVENTS];
	int n, i, err = 0;

	while (!err) {
		n = weir_epoll_wait(s->w, s->epoll, ev, EVENTS, -1);
		if (n < 0)
			return n;
		for (i = 0; i < n && !err; i++) {
			if (ev[i].data.ptr)
				serve_conn(s, ev[i].data.ptr);
			else
				err = accept_all(s);
		}
	}
	return err;
}

int program_serve(struct program *p, struct weir *w,
		  const struct server_ops *ops)
{
	struct server s = { .p = p, .w = w, .ops = ops, .listener = -1,
			    .epoll = -1 };
	int err = begin(&s);

	if (!err)
		err = serve(&s);
	while (s.conns)
		conn_close(&s, s.conns);
	if (s.listener >= 0)
		weir_close(w, s.listener);
	if (s.epoll >= 0)
		weir_close(w, s.epoll);
	/* The end of the world is the end that servers have. */
	return err == -EINTR ? 0 : err;
}
