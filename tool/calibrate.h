/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir calibrate: a load on two real stacks, their traces, and what each stage
 * costs by them. The load (calibrate_load.c) and its clients and servers
 * (calibrate_serve.c), the machine itself (calibrate_machine.c), the traces
 * into samples (calibrate_sample.c), samples into a line (calibrate_fit.c), all
 * of it as a table (calibrate_print.c).
 */
#ifndef WEIR_TOOL_CALIBRATE_H
#define WEIR_TOOL_CALIBRATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>
#include <weir/weir.h>

#include "trace.h"

/* --- samples of a stage, by length (calibrate_fit.c) ------------------------------- */

#define FIT_BUCKETS	124		/* of lengths: four to the octave */
#define FIT_KEEP	4096		/* latest samples of each */
#define FIT_ENOUGH	16		/* a stage with fewer was not seen */

struct fit_bucket {
	int32_t *ns;			/* FIT_KEEP of them, a ring */
	uint64_t seen;
	double len_sum;
};

struct fit {
	struct fit_bucket bucket[FIT_BUCKETS];
	uint64_t seen;
};

struct fit_line {
	double ns, ns_per_byte;
	uint64_t samples;		/* < FIT_ENOUGH: the rest is 0 */
};

/* False: no memory. */
bool fit_add(struct fit *f, uint32_t len, int64_t ns);
struct fit_line fit_solve(const struct fit *f);
void fit_free(struct fit *f);
/* Of n values, which it sorts: the mean of those that nothing disturbed. */
double fit_typical(int32_t *ns, size_t n);

/* --- traces into samples (calibrate_sample.c) --------------------------------------- */

#define SAMPLE_STAGES	256

struct samples {
	struct fit stage[SAMPLE_STAGES];
	struct fit trace;		/* what a record costs */
	struct fit interrupt, softirq;
	uint64_t records;
	double syscall_ns;		/* given; part of some intervals */
};

/* Adds what is in t. False: no memory. */
bool samples_add(struct samples *s, const struct trace *t);
void samples_free(struct samples *s);

/* --- the machine (calibrate_machine.c) ----------------------------------------------- */

struct machine_costs {
	double syscall_ns;		/* into the stack and out of it */
	double context_switch_ns, wakeup_ns;
};

/* Rows that cannot be measured here are < 0. */
void machine_measure(struct machine_costs *m, struct weir *w);
void machine_describe(char *text, size_t room);

/* --- the result (calibrate_print.c) --------------------------------------------------- */

struct calibrated {
	struct machine_costs machine;
	struct samples samples;
	unsigned int rounds;		/* of the load */
	uint64_t lost;			/* records */
};

/* As a cost table. `stages` is the trace's list of them. */
void calibrate_print(FILE *f, const struct calibrated *r,
		     const struct names *stages);

/* --- the load (calibrate_load.c, calibrate_serve.c) ---------------------------------- */

#define LOAD_LINKS	2		/* whole frames; frames of MTU, with loss */
#define LOAD_PORT	4000
#define LOAD_BUF	65536

/* What a client asks of the server, first thing on a connection. */
enum load_mode {
	LOAD_SINK, LOAD_ECHO, LOAD_ECHO_POLL, LOAD_ECHO_EPOLL,
	LOAD_ECHO_BOTH_WAYS,		/* sent and read by two threads */
};

struct load_request {
	uint32_t mode, size, count;
};

struct load {
	struct weir *a, *b;		/* client's, server's */
	struct in_addr addr[LOAD_LINKS][2];
	int listener, udp;		/* of b */
	pthread_t tcp_server, udp_server;
	atomic_bool stop;
	const char *failed;		/* what went wrong in a round */
	int error;
	char buf[LOAD_BUF];		/* the client's */
};

/* Starts the servers. 0, or -1 with l->failed and l->error. */
int load_start(struct load *l);
/* Each kind of traffic once. The same. */
int load_round(struct load *l);
void load_stop(struct load *l);
/* A stream socket's options, for both ends: no call waits for ever. */
void load_socket(struct weir *w, int fd);
/* calibrate_serve.c */
void *load_serve_tcp(void *load);
void *load_serve_udp(void *load);
/* All of len bytes, or < 0: -errno; a stream that ends early is -EPIPE. */
int load_send_all(struct weir *w, int fd, const void *buf, size_t len);
int load_recv_all(struct weir *w, int fd, void *buf, size_t len);

#endif
