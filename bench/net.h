/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netbench: one figure per program mode, by socket calls alone, so that the same
 * source runs on the host's kernel, on weir under the shim, and on weir as a
 * library. net_libc.c and net_weir.c are the two ways to make the calls.
 *
 *	net_main.c	arguments, connecting, what is printed
 *	net_bulk.c	bulk: one way, as much as goes
 *	net_rr.c	rr: 64 bytes there and 64 back
 *	net_crr.c	crr: connect, the same once, close
 *	net_udp.c	udp: datagrams one way, counted where they arrive
 */
#ifndef WEIR_BENCH_NET_H
#define WEIR_BENCH_NET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MSG		64		/* bytes of a request and of an answer */
#define MAX_CONNS	10000

/* --- calls: as those of libc, but errors are -errno ------------------------- */

/* Sets the stack up, if it is ours to do. */
void net_start(void);
/* The peer learns that we are gone. */
void net_end(void);
int net_socket(int type);
int net_bind(int fd, const struct sockaddr_in *a);
int net_listen(int fd, int backlog);
int net_accept(int fd, int flags);
int net_connect(int fd, const struct sockaddr_in *a);
ssize_t net_send(int fd, const void *buf, size_t n, int flags);
ssize_t net_recv(int fd, void *buf, size_t n, int flags);
ssize_t net_sendto(int fd, const void *buf, size_t n,
		   const struct sockaddr_in *to);
ssize_t net_recvfrom(int fd, void *buf, size_t n, struct sockaddr_in *from);
int net_setsockopt(int fd, int level, int name, const void *v, socklen_t n);
int net_nonblock(int fd);
int net_shutdown(int fd, int how);
int net_close(int fd);
int net_epoll_create(void);
int net_epoll_ctl(int ep, int op, int fd, struct epoll_event *ev);
int net_epoll_wait(int ep, struct epoll_event *ev, int n, int ms);

/* --- what a run is asked for --------------------------------------------------- */

enum waiting { WAIT_BLOCK, WAIT_EPOLL, WAIT_SPIN };

struct args {
	struct sockaddr_in addr;
	double seconds;
	int conns;			/* conns=N: connections, or in flight */
	int size;			/* size=N: bytes of a write */
	enum waiting wait;		/* wait=block|epoll|spin */
	int gso;			/* gso=N: datagrams in one send */
	int gro;			/* gro=1: several in one receive */
};

/* Rate and latency of the client; times in ns. */
#define LAT_SUB		32		/* steps in a power of two */
struct result {
	double rate;			/* units a second */
	double cpu;			/* seconds that the process used */
	uint64_t lat[64 * LAT_SUB];	/* how often, by latency */
};

double now(void);			/* seconds */
uint64_t now_ns(void);
double cpu_seconds(void);
void lat_add(struct result *r, uint64_t ns);
void die(const char *what, int ret) __attribute__((noreturn));
int must(const char *what, int ret);	/* ret, unless it is an error */

int tcp_socket(void);			/* without Nagle's delay */
int listener(const struct args *a);
int accepted(int lfd);
/* The server may not be up yet: tries for ten seconds. */
int connected(const struct args *a);
void watch(int ep, int fd, uint32_t events, uint32_t data);
/* n bytes, however they come; false: the peer is gone. */
bool recv_all(int fd, char *buf, size_t n, enum waiting wait);

void bulk_server(const struct args *a, struct result *r);
void bulk_client(const struct args *a, struct result *r);
void rr_server(const struct args *a, struct result *r);
void rr_client(const struct args *a, struct result *r);
void crr_server(const struct args *a, struct result *r);
void crr_client(const struct args *a, struct result *r);
void udp_server(const struct args *a, struct result *r);
void udp_client(const struct args *a, struct result *r);

#endif
