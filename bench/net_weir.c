/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netbench on weir as a library. The stack is made of what the environment says,
 * in the words of weir run: WEIR_LINK, WEIR_ADDR, and WEIR_FEATURE, a list of
 * NAME=on|off, one per line.
 */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <weir/weir.h>

static struct weir *w;
static char err[256];

static void need(int ret)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "netbench: %s\n", err);
	exit(2);
}

static void set_features(char *list)
{
	char *word, *save = NULL, *value;

	for (word = strtok_r(list, "\n", &save); word;
	     word = strtok_r(NULL, "\n", &save)) {
		value = strchr(word, '=');
		if (!value)
			die(word, -EINVAL);
		*value++ = '\0';
		need(weir_feature_set(w, "eth0", word, !strcmp(value, "on"), err,
				      sizeof(err)));
	}
}

void net_start(void)
{
	char *link = getenv("WEIR_LINK"), *addr = getenv("WEIR_ADDR");
	char *features = getenv("WEIR_FEATURE");

	if (!link || !addr) {
		fprintf(stderr, "netbench: WEIR_LINK and WEIR_ADDR say what the "
			"stack is made of\n");
		exit(1);
	}
	w = weir_create(NULL, err, sizeof(err));
	need(w ? 0 : -1);
	need(weir_link_add(w, link, err, sizeof(err)));
	need(weir_addr_add(w, "eth0", addr, err, sizeof(err)));
	if (features)
		set_features(features);
}

void net_end(void)
{
	weir_destroy(w);
}

int net_socket(int type)
{
	return weir_socket(w, AF_INET, type, 0);
}

int net_bind(int fd, const struct sockaddr_in *a)
{
	return weir_bind(w, fd, (const struct sockaddr *)a, sizeof(*a));
}

int net_listen(int fd, int backlog)
{
	return weir_listen(w, fd, backlog);
}

int net_accept(int fd, int flags)
{
	return weir_accept4(w, fd, NULL, NULL, flags);
}

int net_connect(int fd, const struct sockaddr_in *a)
{
	return weir_connect(w, fd, (const struct sockaddr *)a, sizeof(*a));
}

ssize_t net_send(int fd, const void *buf, size_t n, int flags)
{
	return weir_send(w, fd, buf, n, flags | MSG_NOSIGNAL);
}

ssize_t net_recv(int fd, void *buf, size_t n, int flags)
{
	return weir_recv(w, fd, buf, n, flags);
}

ssize_t net_sendto(int fd, const void *buf, size_t n,
		   const struct sockaddr_in *to)
{
	return weir_sendto(w, fd, buf, n, 0, (const struct sockaddr *)to,
			   sizeof(*to));
}

ssize_t net_recvfrom(int fd, void *buf, size_t n, struct sockaddr_in *from)
{
	socklen_t len = sizeof(*from);

	return weir_recvfrom(w, fd, buf, n, 0, (struct sockaddr *)from, &len);
}

int net_setsockopt(int fd, int level, int name, const void *v, socklen_t n)
{
	return weir_setsockopt(w, fd, level, name, v, n);
}

int net_nonblock(int fd)
{
	return weir_fcntl(w, fd, F_SETFL, O_NONBLOCK);
}

int net_shutdown(int fd, int how)
{
	return weir_shutdown(w, fd, how);
}

int net_close(int fd)
{
	return weir_close(w, fd);
}

int net_epoll_create(void)
{
	return weir_epoll_create1(w, 0);
}

int net_epoll_ctl(int ep, int op, int fd, struct epoll_event *ev)
{
	return weir_epoll_ctl(w, ep, op, fd, ev);
}

int net_epoll_wait(int ep, struct epoll_event *ev, int n, int ms)
{
	return weir_epoll_wait(w, ep, ev, n, ms);
}
