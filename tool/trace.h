/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traces in memory: the records of one or two stacks, sorted by packet and
 * time. A packet is a run of records; packets of two stacks are joined by
 * the frames that carried them. The format is docs/trace-format.md.
 */
#ifndef WEIR_TOOL_TRACE_H
#define WEIR_TOOL_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "tool.h"

enum {	/* record kinds */
	KIND_STAGE, KIND_DROP, KIND_QUEUE, KIND_COPY, KIND_WIRE, KIND_FLOW,
	KIND_NOTE, KIND_MAX
};

struct record {			/* as on disk */
	uint64_t time_ns, packet, arg;
	uint32_t len, task;
	uint16_t code, queue;
	uint8_t kind, context, cpu, verdict;
};

struct name_row {
	const char *name, *floor, *what;	/* floor only of stages */
};

struct names {
	struct name_row *rows;
	unsigned int n;
};

struct packet {
	struct trace *trace;
	uint64_t id;
	const struct record *first;	/* n records, by time */
	size_t n;
	uint32_t len;			/* largest of its stages */
	bool seen;			/* printed as part of another's tree */
};

struct trace {
	const char *path;
	char *bytes;			/* the file */
	size_t size;
	const char *name;		/* of the stack */
	uint64_t start_mono_ns, start_real_ns;
	struct names stages, drops, copies, contexts;
	struct record *records;		/* sorted by packet, then time */
	size_t nr_records;
	struct packet *packets;		/* sorted by time of first record */
	size_t nr_packets;
	size_t nr_bare;			/* records of no packet, at the front */
	uint64_t lost;
	uint64_t first_ns, last_ns;
};

/* Two traces and the frames between them. */
struct frame {
	uint64_t id;
	struct packet *sent, *received;
};

struct join {
	struct trace *trace[2];
	int nr_traces;
	struct frame *frames;		/* sorted by id */
	size_t nr_frames;
};

/* trace_load.c: 0 or an exit code (said why). trace_read leaves the records as
 * they are in the file, those of each CPU in order of time, and makes no
 * packets. */
int trace_read(const struct command *c, struct trace *t, const char *path);
int trace_load(const struct command *c, struct trace *t, const char *path);
void trace_free(struct trace *t);
const char *trace_name(const struct names *n, unsigned int code);
const char *trace_what(const struct names *n, unsigned int code);
/* trace_packets.c */
int trace_group(struct trace *t);
int trace_join(struct join *j);
void trace_unjoin(struct join *j);
struct packet *trace_find(struct join *j, uint64_t id);
/* The packet at the other end of a wire record, or NULL. */
struct packet *trace_far_end(struct join *j, const struct packet *p,
			     const struct record *r);
/* The packet that p was on the sender's side: itself if it was sent here. */
struct packet *trace_origin(struct join *j, struct packet *p);
/* First data packet of full size, or the largest there is; NULL: none. */
struct packet *trace_typical(struct join *j);
const struct record *packet_last(const struct packet *p);
uint64_t packet_copied(const struct packet *p);
const struct record *packet_drop(const struct packet *p);
/* A stage by name among p's; NULL: it was not there. */
bool packet_passed(const struct packet *p, const char *stage);

/* trace_weave.c: p's records and what its CPUs did for it between them, n of
 * them in order; free() it. NULL: no memory. */
const struct record **trace_weave(const struct packet *p, size_t *n);

/* trace_tree.c, trace_table.c, trace_json.c */
void trace_print_tree(struct join *j, struct packet *p);
void trace_print_summary(struct join *j);
void trace_print_list(struct join *j);
void trace_print_stages(struct join *j);
void trace_print_drops(struct join *j);
void trace_print_json(struct join *j, struct packet *only);

#endif
