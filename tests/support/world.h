/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small world in virtual time: whole stacks on a cable, one thread, one
 * clock. Same seed, same frames.
 *
 *	struct world w;
 *
 *	world_open(&w, &(struct world_params){ .delay = NSEC_PER_MSEC });
 *	fd = sys_socket(w.a.net, AF_INET, SOCK_DGRAM, 0);
 *	...
 *	world_pass(&w, 10 * NSEC_PER_MSEC);
 *	world_close(&w);			// nothing may be left
 *
 * Hosts a (10.0.0.1) and b (10.0.0.2) are complete stacks with an 82576 and
 * its driver; their machine is the fake platform's. Instead of b there may be
 * a scripted peer (tests/support/peer.h). The test is a task on CPU 0: calls
 * that block let the world go on meanwhile.
 *
 * WEIR_TEST_FRAMES=1 in the environment prints each frame that leaves an end.
 */
#ifndef WEIR_TESTS_WORLD_H
#define WEIR_TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tests/support/fake_platform.h"

#include <cmocka.h>

#include "dev/netdevice.h"
#include "hw/cable.h"
#include "hw/impair.h"
#include "hw/nic.h"
#include "sock/sock.h"
#include "tcp/tcp.h"
#include "user/stack.h"
#include "user/sys.h"
#include "tests/support/faults.h"

#define HOST_A	0x0a000001u	/* 10.0.0.1/24 */
#define HOST_B	0x0a000002u
#define MSEC	NSEC_PER_MSEC
#define SEC	NSEC_PER_SEC

struct world;
struct peer;

struct world_params {
	u64 seed;			/* 0: 1 */
	u64 rate_bps;			/* 0: no limit */
	ktime_t delay;			/* one way; 0: 10 us */
	bool offload;			/* large frames pass whole */
	struct fault impair;		/* both ways; all 0: a good cable */
	u32 mtu;			/* 0: 1500 */
	u32 queues;			/* of each NIC, with RSS; 0: 1 */
};

struct host {
	struct world *w;
	struct net *net;
	struct hw_nic *nic;
	struct net_device *dev;
	u32 addr;			/* host order */
};

/* What the NIC is plugged into: sees, counts and may lose what leaves. */
struct world_end {
	struct hw_link link;		/* must be first */
	struct hw_link *lower;
	struct world *w;
	u32 index;
	u8 frame[HW_MAX_FRAME];
};

struct world {
	struct faults_fixture fixture;	/* an injected fault stopped the test */
	struct fake_platform *fp;
	struct machine *m;
	struct world_params params;
	struct cable cable;
	struct world_end end[2];
	struct impair impair;
	struct host a, b;
	struct peer *peer;		/* instead of b */
	/* A frame leaves end `from`; true: it is lost. */
	bool (*fault)(void *arg, u32 from, const u8 *frame, u32 len);
	void *fault_arg;
	u64 hash, frames;		/* of all frames and their times */
	bool print;
};

/* p may be NULL. Fails the test when a stack cannot be made. */
void world_open(struct world *w, const struct world_params *p);
/* Host a alone, and a scripted peer that answers ARP as 10.0.0.2; a's default
 * gateway. */
void world_open_peer(struct world *w, struct peer *peer,
		     const struct world_params *p);
/* Fails the test when memory leaked or a task was stuck. */
void world_close(struct world *w);

static inline ktime_t world_now(struct world *w) { return fake_now(w->fp); }
/* Lets time pass. */
void world_pass(struct world *w, ktime_t ns);
/* Lets time pass until cond(arg), `limit` ns at most; cond(arg). */
bool world_until(struct world *w, ktime_t limit, bool (*cond)(void *arg),
		 void *arg);

u64 host_stat(struct host *h, enum mib m);
#define STAT(h, group, name) host_stat(h, MIB_##group##_##name)
/* Packets dropped for this reason, by all of the machine. */
u64 world_drops(struct world *w, enum skb_drop_reason why);
void host_sysctl(struct host *h, const char *name, const char *value);

/* --- sockets in one line ------------------------------------------------------- */

struct sockaddr_in sa(u32 addr, u16 port);
/* New socket: SOCK_STREAM, SOCK_DGRAM, with SOCK_NONBLOCK. */
int host_socket(struct host *h, int type);
int host_bind(struct host *h, int fd, u32 addr, u16 port);
int host_connect(struct host *h, int fd, u32 addr, u16 port);
/* A nonblocking listener at the port. */
int host_listen(struct host *h, u16 port, int backlog);
int host_setsockopt(struct host *h, int fd, int level, int name, int value);
/* Fails the test on an error. */
int host_getsockopt(struct host *h, int fd, int level, int name);
/* Nonblocking pair: fd[0] on a, connected to fd[1] on b. */
void world_connect(struct world *w, u16 port, int fd[2]);
/* EPOLL* bits ready now. */
u32 host_poll(struct host *h, int fd);
static inline int host_close(struct host *h, int fd)
{
	return sys_close(h->net, fd);
}
static inline ssize_t host_send(struct host *h, int fd, const void *p, size_t n)
{
	return sys_sendto(h->net, fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}
static inline ssize_t host_recv(struct host *h, int fd, void *p, size_t n)
{
	return sys_recvfrom(h->net, fd, p, n, MSG_DONTWAIT, NULL, NULL);
}
int host_tcp_state(struct host *h, int fd);
/* Sends n bytes of stream `key` from pos on; what send says. */
ssize_t host_send_stream(struct host *h, int fd, u64 key, u64 pos, size_t n);
/* Reads what is there, at most n bytes, and fails the test when a byte is
 * wrong; what recv says. */
ssize_t host_recv_stream(struct host *h, int fd, u64 key, u64 pos, size_t n);

#endif
