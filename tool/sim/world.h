/* SPDX-License-Identifier: BSD-2-Clause */
/* A scene come to life: hosts, links and programs, and the loop that lets time
 * pass between what is to happen at a time. */
#ifndef WEIR_SIM_WORLD_H
#define WEIR_SIM_WORLD_H

#include <stdio.h>

#include "../conf/conf.h"
#include "report.h"

struct pcapng;
struct trace_out;

struct world_host {
	const char *name;
	struct weir *w;
	struct conf *conf;
	struct trace_out *trace;	/* NULL: not traced */
};

struct world_switch {
	const char *name;
	struct weir_sim_switch *sw;
};

struct world_link {
	const char *name, *a, *b;	/* hosts; b of a plug: the switch */
	struct weir_sim_link *link;
	struct pcapng *pcap;		/* NULL: not captured */
};

/* How it is to be run; all may be 0/NULL. */
struct world_options {
	bool has_seed;
	uint64_t seed;			/* instead of the file's */
	int64_t until_ns;		/* instead of the file's */
	const char *costs;		/* likewise; "free" for none */
	const char *trace_dir, *pcap_dir;
	/* Now and then while it runs, with the world's time. */
	void (*progress)(void *arg, const struct scene *s, int64_t ns,
			 uint64_t frames);
	void *arg;
};

struct world {
	struct drill_arena *arena;
	const struct scene *scene;
	const struct world_options *options;
	struct complaint *c;
	struct weir_sim *sim;
	struct drill_vec hosts, switches, links;
	struct drill_vec said;
	struct program *programs;	/* scene->nr_programs of them */
	size_t left;			/* programs that are waited for */
	enum report_end end;
	bool has_costs;
	int exit_code;			/* why building or running failed */
};

/* Builds the scene's world, runs it, collects what it shows. 0, or an exit
 * code with *c set. */
int world_run(struct drill_arena *a, const struct scene *s,
	      const struct world_options *o, struct report *r,
	      struct complaint *c);

struct world_host *world_host(struct world *w, const char *name);

/* world_steps.c: 0 or -1 with exit_code and the complaint set, as those below
 * that return it. */
int world_step(struct world *w, const struct step *s);
int world_fail(struct world *w, int code, int line, const char *word,
	       const char *text);
int world_no_memory(struct world *w);
int world_cannot_write(struct world *w, const char *path, int err);

/* pcapng.c: frames of a link into a file. NULL with errno. */
struct pcapng *pcapng_open(const char *path, const char *interface);
void pcapng_frame(void *p, int64_t now, int direction, const void *frame,
		  size_t len);
/* 0 or -errno of what went wrong since it was opened. */
int pcapng_close(struct pcapng *p);

/* trace_out.c: the trace of a host into a file. NULL with errno. */
struct trace_out *trace_out_open(const char *path, struct weir *w);
void trace_out_drain(struct trace_out *t);
int trace_out_close(struct trace_out *t);

#endif
