/* SPDX-License-Identifier: BSD-2-Clause */
/* Two stacks of this process on one wire, in real time. */
#ifndef WEIR_TESTS_PAIR_H
#define WEIR_TESTS_PAIR_H

#include <netinet/in.h>
#include <stdint.h>
#include <weir/weir.h>

struct pair {
	struct weir *a, *b;		/* 10.9.0.1 and 10.9.0.2 */
	struct sockaddr_in addr_a, addr_b; /* ports 0 */
};

/* `options`: what follows the wire's name, such as ",loss=1%". Ends the
 * program with a message if a stack cannot be made. */
void pair_open(struct pair *p, const char *options);
void pair_close(struct pair *p);

/* Listener on w at `port`; its descriptor. */
int pair_listen(struct weir *w, uint16_t port);
/* Connected from `from` to `to`:port, which listens at lfd: both ends. */
void pair_connect(struct weir *from, struct weir *to,
		  const struct sockaddr_in *addr, uint16_t port, int lfd,
		  int fd[2]);

/* Pseudo-random stream: byte at `pos` of stream `key`. */
void stream_fill(uint8_t *buf, size_t len, uint64_t key, uint64_t pos);
/* First wrong byte, or -1. */
ssize_t stream_check(const uint8_t *buf, size_t len, uint64_t key, uint64_t pos);

#endif
