/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/pair.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	abort();
}

static struct weir *open_stack(const char *name, const char *link,
			       const char *cidr)
{
	struct weir_options o = { .name = name };
	char err[256] = "";
	struct weir *w = weir_create(&o, err, sizeof(err));

	if (!w)
		die("weir_create", err);
	if (weir_link_add(w, link, err, sizeof(err)) < 0)
		die("weir_link_add", err);
	if (weir_addr_add(w, "eth0", cidr, err, sizeof(err)) < 0)
		die("weir_addr_add", err);
	return w;
}

void pair_open(struct pair *p, const char *options)
{
	static atomic_uint count;
	char link[200];

	snprintf(link, sizeof(link), "wire:test-%d-%u%s", (int)getpid(),
		 atomic_fetch_add(&count, 1), options);
	p->a = open_stack("a", link, "10.9.0.1/24");
	p->b = open_stack("b", link, "10.9.0.2/24");
	p->addr_a = (struct sockaddr_in){ .sin_family = AF_INET };
	p->addr_b = p->addr_a;
	inet_pton(AF_INET, "10.9.0.1", &p->addr_a.sin_addr);
	inet_pton(AF_INET, "10.9.0.2", &p->addr_b.sin_addr);
}

void pair_close(struct pair *p)
{
	weir_destroy(p->a);
	weir_destroy(p->b);
}

int pair_listen(struct weir *w, uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	int one = 1, fd = weir_socket(w, AF_INET, SOCK_STREAM, 0);

	if (fd < 0 ||
	    weir_setsockopt(w, fd, SOL_SOCKET, SO_REUSEADDR, &one, 4) ||
	    weir_bind(w, fd, (struct sockaddr *)&any, sizeof(any)) ||
	    weir_listen(w, fd, 1024))
		die("listen", "refused");
	return fd;
}

void pair_connect(struct weir *from, struct weir *to,
		  const struct sockaddr_in *addr, uint16_t port, int lfd,
		  int fd[2])
{
	struct sockaddr_in a = *addr;
	int ret;

	a.sin_port = htons(port);
	fd[0] = weir_socket(from, AF_INET, SOCK_STREAM, 0);
	ret = weir_connect(from, fd[0], (struct sockaddr *)&a, sizeof(a));
	if (ret)
		die("connect", strerror(-ret));
	fd[1] = weir_accept4(to, lfd, NULL, NULL, 0);
	if (fd[1] < 0)
		die("accept", strerror(-fd[1]));
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static uint8_t stream_byte(uint64_t key, uint64_t pos)
{
	return (uint8_t)(mix(key ^ (pos >> 3)) >> (8 * (pos & 7)));
}

void stream_fill(uint8_t *buf, size_t len, uint64_t key, uint64_t pos)
{
	size_t i = 0;

	for (; i < len && (pos + i) % 8; i++)
		buf[i] = stream_byte(key, pos + i);
	for (; i + 8 <= len; i += 8) {
		uint64_t v = mix(key ^ ((pos + i) >> 3));

		memcpy(buf + i, &v, 8);
	}
	for (; i < len; i++)
		buf[i] = stream_byte(key, pos + i);
}

ssize_t stream_check(const uint8_t *buf, size_t len, uint64_t key, uint64_t pos)
{
	uint8_t want[4096];
	size_t off, n, i;

	for (off = 0; off < len; off += n) {
		n = len - off < sizeof(want) ? len - off : sizeof(want);
		stream_fill(want, n, key, pos + off);
		if (!memcmp(want, buf + off, n))
			continue;
		for (i = 0; want[i] == buf[off + i]; i++)
			;
		return (ssize_t)(off + i);
	}
	return -1;
}
