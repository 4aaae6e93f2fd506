/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of libweir-packetdrill.so: a stack in virtual time that another
 * program's threads call.
 *
 * A world in virtual time belongs to one thread, and the tool has two: one
 * that plays the script, and one in which calls block that a script lets
 * block. So the world has a thread of its own, the worker (worker.c), and a
 * call of the tool is a request to it: the calling thread puts it into a queue
 * and sleeps until it is answered. A system call is run as a task of the
 * world, which may block there while the worker goes on to the next request.
 *
 * The clock moves when nothing else can happen at this instant: at least one
 * caller waits for something, and every other thread of the tool is asleep
 * (rest.c). Then the worker goes to the next event, and looks again who has
 * got what he waited for. So a script's times are exact, however slow the
 * machine is.
 *
 * One mutex guards the queue, the answers and the table of descriptors
 * (fds.c); the world itself is touched by the worker alone, without it.
 */
#ifndef WEIR_PACKETDRILL_DRILL_WORLD_H
#define WEIR_PACKETDRILL_DRILL_WORLD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <weir/sim.h>

#include "interface.h"

/* --- flags (flags.c) ----------------------------------------------------------- */

#define PD_MAX_SYSCTLS	64

struct pd_flags {
	char local[16], remote[16], gateway[16];	/* dotted */
	unsigned int prefix;			/* of local */
	unsigned int mtu;
	int offload;
	uint64_t seed;
	int64_t wait_ns;			/* longest wait for a packet */
	struct {
		char *name, *value;
	} sysctl[PD_MAX_SYSCTLS];
	unsigned int nr_sysctls;
};

/* The text of --so_flags; NULL is "". 0, or -1 with err set: what, where and
 * what to do. pd_flags_fini in both cases. */
int pd_flags_parse(struct pd_flags *f, const char *text, char *err,
		   size_t errlen);
void pd_flags_fini(struct pd_flags *f);

/* --- threads of the tool (rest.c) -------------------------------------------------- */

struct pd_request;

struct pd_thread {
	struct pd_thread *next;
	int tid;
	struct pd_request *request;	/* it is inside with; NULL: outside */
	/* since when it is known to sleep without a break, and the count of
	 * its context switches that says so */
	unsigned long switches;
	int64_t asleep_since_ms;
};

struct pd;

/* No thread of the tool can do anything before the worker does. Locked. */
bool pd_at_rest(struct pd *d);

/* --- requests (worker.c) -------------------------------------------------------------- */

enum pd_kind {
	PD_CALL,		/* fn, as a task */
	PD_SEND,		/* a packet to the stack: buf, len */
	PD_RECEIVE,		/* one from it: buf, len (room); len, when */
	PD_SLEEP,		/* until `deadline` from now */
	PD_CLOCK,		/* what time is it: when */
};

#define PD_ARGS	7

struct pd_request {
	enum pd_kind kind;
	long (*fn)(struct pd *d, const long *arg);
	long arg[PD_ARGS];
	void *buf;
	size_t len;
	int64_t deadline;	/* in: from now; then absolute */
	int64_t when;		/* ns of wall clock */
	long ret;		/* value or -errno */
	bool done;		/* answered */
	bool returned;		/* fn has; the worker's own */
	bool unwanted;		/* its thread ends: come back soon */
	struct weir_sim_task *task;
	struct pd *world;
	struct pd_request *next;
};

struct pd_list {
	struct pd_request *first, **end;
};

struct pd {
	struct pd_flags flags;
	pthread_mutex_t lock;
	pthread_cond_t work, answer;
	/* guarded by lock */
	struct pd_list fresh;		/* not looked at yet */
	struct pd_thread *threads;	/* that ever called */
	int *fds;			/* the tool's number -> ours + 1 */
	int nr_fds;
	bool started, ending;
	bool running;			/* pd_stop() is due */
	char err[256];			/* why it could not be started */
	atomic_uint arriving;		/* threads on their way to the lock */
	int worker_tid;
	pthread_t worker;
	/* the worker's */
	struct pd_list waiting;
	struct weir_sim *sim;
	struct weir *host;
	struct weir_sim_port *port;
	int64_t wall_offset;		/* of the stack's wall clock */
	unsigned int clock_looks;	/* in a row, at the same time */
};

/* Takes the lock such that pd_at_rest() does not take who waits for it for
 * asleep. */
void pd_lock(struct pd *d);
void pd_unlock(struct pd *d);

/* Once, before all else. */
void pd_init(struct pd *d);
/* Starts the worker with the flags in d. 0, or -errno with d->err set. */
int pd_start(struct pd *d);
/* Calls that are still inside come back with EINTR; then the world ends. */
void pd_stop(struct pd *d);
/* Answered by the worker: r->ret. A cancellation point. */
long pd_ask(struct pd *d, struct pd_request *r);

/* --- the world (world.c), on the worker's thread ------------------------------------------ */

int pd_world_create(struct pd *d);
void pd_world_destroy(struct pd *d);

/* --- descriptors (fds.c) ----------------------------------------------------------------- */

/* The stack's number for one of the tool's, or -1: it is not the stack's. */
int pd_fd_find(struct pd *d, int fd);
/* A number of the process, at least `lowest`, that is reserved and stands for
 * the stack's `ours` from now on; or -errno. */
int pd_fd_add(struct pd *d, int ours, int lowest);
/* The number is forgotten and free again. */
void pd_fd_remove(struct pd *d, int fd);
void pd_fds_fini(struct pd *d);

/* --- calls -------------------------------------------------------------------------------- */

/* Runs fn(d, arg) as a task: its value, or -1 with errno. */
long pd_call(struct pd *d, long (*fn)(struct pd *d, const long *arg),
	     const long *arg);
/* -1 with errno for -errno. */
long pd_errno(long ret);
#define PD_CALL_WITH(d, fn, ...) \
	pd_call(d, fn, (const long[PD_ARGS]){ __VA_ARGS__ })
#define PD_PTR(p)	((long)(uintptr_t)(p))

/* Each fills in its part of the table. */
void pd_socket_calls(struct packetdrill_interface *ifc);	/* calls.c */
void pd_file_calls(struct packetdrill_interface *ifc);	/* file_calls.c */
void pd_wait_calls(struct packetdrill_interface *ifc);	/* wait_calls.c */
void pd_netdev_calls(struct packetdrill_interface *ifc);	/* netdev.c */

#endif
