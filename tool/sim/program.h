/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The programs that scenarios run: C functions over weir.h, as tasks of the
 * simulated hosts. A kind of program is a row: what it accepts, what it can
 * tell, and its task. One program may be several tasks (flows); they share
 * its results, which are right at every moment.
 */
#ifndef WEIR_SIM_PROGRAM_H
#define WEIR_SIM_PROGRAM_H

#include <netinet/in.h>
#include <weir/sim.h>

#include "amount.h"

struct program_args {
	struct in_addr to;
	uint64_t port;
	uint64_t start_ns;	/* after the beginning of the world */
	uint64_t for_ns;	/* 0: not said */
	uint64_t bytes;		/* 0: not said */
	uint64_t count;
	uint64_t size;
	uint64_t flows;
	uint64_t interval_ns;
	uint64_t wait_ns;
};

/* Times measured, one by one. */
struct samples {
	uint64_t *ns;
	size_t n, room;
	uint64_t sum;
	bool sorted;
};

struct program;

struct program_kind {
	const char *name;
	const char *accepts;	/* "to port for": names of args, with blanks */
	const char *needs;	/* those of them that must be there */
	const char *fields;	/* what it can tell (program_field) */
	const char *times;	/* what its samples are called: "rtt"; NULL */
	struct program_args defaults;
	bool server;		/* the world does not wait for its end */
	/* One task's work. 0 or -errno, which is counted. */
	int (*work)(struct program *p, struct weir *w);
};

struct program {
	const char *name;
	const char *host;
	const struct program_kind *kind;
	struct program_args args;
	int line;		/* of the scenario file */
	/* while it runs */
	struct weir *w;
	struct weir_sim *sim;
	struct weir_sim_task **tasks;
	uint64_t nr_tasks;
	uint64_t finished;	/* of them */
	void (*on_end)(struct program *p);	/* all have finished */
	void *owner;
	/* results */
	int64_t begin, end;	/* first and last action; 0: none */
	uint64_t bytes, sent, received, done, errors;
	uint64_t busy_ns;	/* of computing that was asked for */
	int last_error;
	struct samples times;
};

extern const struct program_kind *const program_kinds[];	/* NULL-ended */
extern const struct program_kind prog_bulk, prog_sink, prog_source, prog_fetch,
				 prog_echo, prog_rr, prog_storm, prog_ping,
				 prog_udp, prog_udp_sink, prog_burn;

/* NULL: there is none of this name. */
const struct program_kind *program_find(const char *name);
/* Sets one argument from its words at w (w[0] is its name). Returns the
 * number of words used; 0: the kind has no such argument; -1: the value is
 * none, and *allowed says what would be. */
int program_set(const struct program_kind *k, struct program_args *args,
		char **w, const char **allowed);
/* An argument that is needed and not among the n words, or NULL. */
const char *program_missing(const struct program_kind *k, char **w, size_t n,
			    char *name, size_t room);
/* Does it tell a field of this name, and in what unit? */
bool program_field(const struct program_kind *k, const char *field,
		   enum unit *unit);
/* Its value now. false: there is none (no time was measured, ...). */
bool program_value(struct program *p, const char *field, uint64_t *v);
/* Calls fn for each field that the kind tells. */
void program_each_field(const struct program_kind *k,
			void (*fn)(void *arg, const char *field,
				   enum unit unit), void *arg);

/* Starts its tasks on w. 0 or -ENOMEM. */
int program_start(struct program *p, struct weir *w);
/* When the world is gone, or before it began. */
void program_fini(struct program *p);

/* --- for the programs ---------------------------------------------------------------- */

int64_t program_now(const struct program *p);
/* When `for` is over; WEIR_SIM_FOREVER: it was not said. From the task's
 * beginning at `since`. */
int64_t program_deadline(const struct program *p, int64_t since);
/* Something happened. */
void program_mark(struct program *p);
/* Sleeps until `when`. 0 or -EINTR. */
int program_sleep_until(struct program *p, struct weir *w, int64_t when);
struct sockaddr_in program_address(const struct program *p);
/* A connected socket, or -errno. */
int program_connect(struct program *p, struct weir *w);
/* A blocking call on fd returns after `ns` at the latest (-EAGAIN); ns >= 1 us. */
void program_limit(struct weir *w, int fd, int option, int64_t ns);
/* Sends or receives all. 0, -errno; -EPIPE: the other end closed early. */
int program_send_all(struct weir *w, int fd, const void *buf, size_t len);
int program_recv_all(struct weir *w, int fd, void *buf, size_t len);
/* 0 or -ENOMEM. */
int program_sample(struct samples *s, uint64_t ns);

/* A TCP server with one task. Counts connections (done). */
struct server_ops {
	/* Data can be read, or there is room to write, whichever it waits for.
	 * < 0: close it (-EPIPE: all is well, it has ended); 0: it waits for
	 * data; 1: it waits for room. fd does not block. */
	int (*ready)(struct program *p, struct weir *w, int fd, void *state);
	void (*closed)(void *state);	/* may be NULL */
	size_t state_size;	/* of a connection, zeroed at its beginning */
	bool writes_first;
};
/* Serves for ever; 0: the world has ended; -errno when it cannot. */
int program_serve(struct program *p, struct weir *w,
		  const struct server_ops *ops);

#endif
