/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a script against one stack in virtual time.
 *
 *	run_config.c	options of the command line and of the script
 *	run_world.c	a world with one host, whose "tun0" is us
 *	run.c		the events, one after the other, at their times
 *	run_packet.c	lines `<` and `>`
 *	run_call.c	system calls: each is a task of the host
 *	sys_*.c		what each call does, and how its results are checked
 *	code.c		%{ ... }%: Python
 *	report_*.c	what is told about it
 *
 * Functions that return int give 0, or -1 after run_fail() has said why.
 */
#ifndef WEIR_DRILL_RUN_H
#define WEIR_DRILL_RUN_H

#include "live.h"
#include "script.h"

#include "../conf/conf.h"

#include <weir/sim.h>

#include <stdio.h>

/* ------------------------------------------------------------------- options */

enum run_family { RUN_IPV4, RUN_IPV6, RUN_MAPPED };

#define RUN_DEFINES	64

struct run_config {
	enum run_family family;
	struct in_addr local, remote, gateway;
	unsigned int prefix;		/* of local, from --netmask_ip */
	uint16_t bind_port, connect_port;
	unsigned int mtu;
	unsigned int mss;		/* of large packets to the stack; 0: whole */
	int64_t tolerance_ns;
	double tolerance_percent;	/* of the time since the event before */
	unsigned int ts_tick_usecs;
	bool ts_ecr_scaled;
	bool strict_segments;
	bool non_fatal_packet, non_fatal_call;
	bool dry_run, show_packets;
	const char *init_scripts;	/* names with commas, or NULL */
	const char *python;		/* program of %{ }% */
	/* Names point into define_names of the configuration that they were set
	 * on, values at what was given: both outlive copies. */
	struct drill_define defines[RUN_DEFINES];
	char define_names[RUN_DEFINES][40];
	size_t ndefines;
};

void run_config_init(struct run_config *c);
/* value "" when there is none. NULL, or what is wrong with it (in buf). */
const char *run_config_set(struct run_config *c, const char *name, const char *value,
			   char *buf, size_t size);
/* Adds the suites' defines for this family, but for those that are there. */
void run_config_finish(struct run_config *c);

/* The names that run_config_set knows; by index, NULL at the end. `what` may
 * be NULL: accepted, without meaning here. */
struct run_option {
	const char *name;
	const char *arg;	/* NULL: takes none */
	const char *what;	/* one line for --help */
};
const struct run_option *run_config_option(size_t i);

/* What the command line says: its options win over those of a script. */
struct run_arguments {
	struct run_config base;		/* defaults, with these options applied */
	struct {
		const char *name, *value;
	} given[RUN_DEFINES];
	size_t ngiven;
};

/* As run_config_set, on base, and remembered. */
const char *run_arguments_add(struct run_arguments *a, const char *name, const char *value,
			      char *buf, size_t size);
/* cfg for a script: defaults, its options, the command line's. 0, or -1: the
 * option at *line is wrong, as buf says. */
int run_config_for(struct run_config *cfg, const struct run_arguments *a,
		   const struct drill_script *s, unsigned int *line, char *buf, size_t size);

/* ------------------------------------------------------------------- the run */

enum run_verdict { RUN_PASSED, RUN_FAILED, RUN_SKIPPED, RUN_UNPARSED, RUN_NO_PYTHON };

struct code;			/* code.c */
struct call;			/* run_call.c */

/* A packet that passed, for the list that a failure shows. */
struct run_seen {
	bool in;
	bool ignored;			/* of no connection that the script speaks of */
	const struct live_conn *conn;
	struct drill_wire w;
};

#define RUN_SEEN	10

struct run_queued {
	struct run_queued *next;
	struct live_conn *conn;
	struct drill_wire w;
};

struct run_fd {
	int script, live;
	bool host;			/* a descriptor of this process */
};

#define RUN_FDS		256

struct run {
	const struct drill_script *script;
	struct run_config cfg;
	struct code *code;		/* borrowed */
	struct weir_sim *sim;
	struct weir *host;
	struct weir_sim_port *port;
	struct conf *conf;
	struct live live;
	int64_t start;			/* the script's time 0 on the world's clock */
	int64_t last;			/* of the event before */
	const struct drill_event *event;	/* that is being run */
	struct run_queued *queue, **queue_end;
	struct run_seen seen[RUN_SEEN];	/* a ring */
	unsigned int nr_seen;
	struct call *calls;		/* in progress, oldest first */
	struct call *lent;		/* done; their memory stays to the end */
	struct run_fd fds[RUN_FDS];
	unsigned int nr_fds;
	int last_socket;		/* the script's number, -1: none yet */
	FILE *told;			/* what is said about the run */
	bool failed, no_python;
};

/* What a run ended with. Free text. */
struct run_result {
	enum run_verdict verdict;
	char *text;			/* lines, each ended by a newline; "" */
};

/* Parses and runs the file. code: may be NULL, then %{ }% is not run. */
void run_file(const char *path, const struct run_arguments *args, struct code *code,
	      struct run_result *res);

/* --- many files ------------------------------------------------------------------ */

/*
 * The files that the words name: files as they are, folders with all *.pkt below
 * them, in order of their names. *n of them, to be freed with run_files_free.
 * NULL: one names none, as buf says.
 */
char **run_files_find(char *const *words, size_t nwords, size_t *n, char *buf, size_t size);
void run_files_free(char **files, size_t n);

/*
 * Runs all in `jobs` processes, so that a crash is the end of one script only
 * (0: in this one, for debuggers). done() is called for each, in their order;
 * the result's text is freed afterwards. 0 or -errno.
 */
int run_jobs(const struct run_arguments *args, char *const *files, size_t n, unsigned int jobs,
	     void (*done)(void *arg, size_t i, const struct run_result *res), void *arg);

/* --- failing --------------------------------------------------------------------- */

/* "file:line: ..." and the line itself. Returns -1. */
int run_fail(struct run *r, const struct drill_event *ev, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* One more indented line of the failure. */
void run_tell(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The last packets, and how far the stack got with them. */
void run_tell_seen(struct run *r);
/* The stages that the last packets of the stack's trace have passed. */
void run_tell_stages(struct run *r);

/* --- the world ------------------------------------------------------------------- */

int run_world_create(struct run *r);
void run_world_destroy(struct run *r);
/* Lets the world run up to `when`, and until nothing is due any more. */
int run_until(struct run *r, int64_t when);
int64_t run_now(const struct run *r);
/* Oldest packet of the connection that has left; those of others before it are
 * dropped. NULL: none. To be freed. */
struct run_queued *run_dequeue(struct run *r, const struct live_conn *c);
void run_requeue(struct run *r, struct run_queued *q);	/* at the head */
void run_note_seen(struct run *r, const struct run_seen *s);

/* --- events ------------------------------------------------------------------------ */

int run_inbound(struct run *r, const struct drill_event *ev);
int run_outbound(struct run *r, const struct drill_event *ev);
int run_syscall(struct run *r, const struct drill_event *ev);
int run_command(struct run *r, const char *text, unsigned int line);
int run_code(struct run *r, const struct drill_event *ev);

/* The event's time on the world's clock: from `*from` to `*to`; ANY: from now
 * on, without end. */
void run_event_time(const struct run *r, const struct drill_event *ev, int64_t *from,
		    int64_t *to);
int64_t run_tolerance(const struct run *r, int64_t since);
/* Now is within the tolerance of the event's time. */
int run_check_time(struct run *r, const struct drill_event *ev, int64_t when, const char *what);

/* --- calls ------------------------------------------------------------------------- */

/* Calls that have returned are checked and forgotten. */
int run_collect_calls(struct run *r);
/* At the script's end: those that are left get the time that they may take. */
int run_finish_calls(struct run *r);
void run_free_calls(struct run *r);

/* The stack's (or with *host this process') descriptor for the script's; a number
 * that the script was never given is passed on as one that nobody has. */
int run_fd_live(const struct run *r, int script, bool *host);
/* 0, or -ENFILE. */
int run_fd_set(struct run *r, int script, int live, bool host);
void run_fd_drop(struct run *r, int script);

#endif
