/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A laboratory in virtual time (weir/sim.h), for tests by the public interface
 * alone: hosts a (10.0.0.1) and b (10.0.0.2) with one link between, "eth0" at
 * both ends. Every function fails the test when it cannot do what it says.
 *
 *	struct lab l;
 *
 *	lab_open(&l, NULL, NULL, "delay=1ms");
 *	...
 *	lab_close(&l);			// nothing may be left
 */
#ifndef WEIR_TESTS_LAB_H
#define WEIR_TESTS_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <weir/sim.h>

#define LAB_US		1000LL
#define LAB_MS		1000000LL
#define LAB_SEC		1000000000LL
#define LAB_A		"10.0.0.1"
#define LAB_B		"10.0.0.2"

struct lab {
	struct weir_sim *s;
	struct weir *a, *b;
	struct weir_sim_link *l;
};

/* o, ho (of both hosts) and spec may be NULL. */
void lab_open(struct lab *lab, const struct weir_sim_options *o,
	      const struct weir_sim_host_options *ho, const char *spec);
/* A world with host a alone, without a link. */
void lab_open_alone(struct lab *lab, const struct weir_sim_options *o,
		    const struct weir_sim_host_options *ho);
void lab_close(struct lab *lab);
struct weir *lab_host(struct weir_sim *s, const char *name,
		      const struct weir_sim_host_options *ho);
void lab_addr(struct weir *h, const char *dev, const char *cidr);
void lab_link_set(struct lab *lab, int direction, const char *spec);
/* Both know each other's hardware address: no ARP. */
void lab_neighbours(struct lab *lab);
struct weir_sim_task *lab_spawn(struct weir *h,
				int (*fn)(struct weir *h, void *arg),
				void *arg);

/* Since the world began. */
static inline int64_t lab_ns(const struct weir_sim *s)
{
	return weir_sim_now(s) - WEIR_SIM_START_NS;
}

/* Sockets, in tasks or outside. addr NULL: any. */
int lab_udp(struct weir *h, const char *addr, uint16_t port);
int lab_listen(struct weir *h, uint16_t port);
int lab_connect(struct weir *h, const char *addr, uint16_t port);
int lab_accept(struct weir *h, int listener);
/* What sendto says. */
ssize_t lab_sendto(struct weir *h, int fd, const void *data, size_t n,
		   const char *addr, uint16_t port);
/* fd[0] on a is connected to fd[1] on b. */
void lab_pair(struct lab *lab, uint16_t port, int fd[2]);

/* Byte `pos` of stream `key`. */
uint8_t lab_byte(uint64_t key, uint64_t pos);
void lab_fill(void *buf, size_t n, uint64_t key, uint64_t pos);
/* Position of the first wrong byte, or -1. */
ssize_t lab_check(const void *buf, size_t n, uint64_t key, uint64_t pos);
/* Sends or receives all of n bytes of the stream from `pos` on; 0, or what
 * send or recv said (-EPIPE: it ended), -EBADMSG: a byte is wrong. */
int lab_send_stream(struct weir *h, int fd, uint64_t key, size_t n);
int lab_recv_stream(struct weir *h, int fd, uint64_t key, size_t n);

#endif
