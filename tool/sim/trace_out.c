/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace of a simulated host as a file that weir trace reads
 * (docs/trace-format.md): the header, and blocks of records of one CPU. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#define RECORD_BYTES	40u
#define CPU_AT		38u		/* in a record */
#define RECORDS		4096u

struct trace_out {
	FILE *file;
	struct weir *w;
	int error;
	uint64_t lost, told;		/* records; of them in a block's head */
	uint8_t records[RECORDS][RECORD_BYTES];
};

static void put(struct trace_out *t, const void *what, size_t len)
{
	if (fwrite(what, 1, len, t->file) != len)
		t->error = errno ? errno : EIO;
}

static int put_header(struct trace_out *t)
{
	size_t len = weir_sim_trace_header(t->w, NULL, 0);
	void *header = malloc(len);

	if (!header)
		return -ENOMEM;
	weir_sim_trace_header(t->w, header, len);
	put(t, header, len);
	free(header);
	return 0;
}

struct trace_out *trace_out_open(const char *path, struct weir *w)
{
	struct trace_out *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->w = w;
	t->file = fopen(path, "wb");
	if (!t->file || put_header(t)) {
		if (t->file)
			fclose(t->file);
		free(t);
		return NULL;
	}
	return t;
}

static void put_block(struct trace_out *t, uint32_t cpu, const void *records,
		      uint32_t n)
{
	uint32_t head[4] = { 0, cpu, n, 0 };
	uint64_t lost = t->lost - t->told;

	memcpy(head, "tblk", 4);
	put(t, head, sizeof(head));
	put(t, &lost, sizeof(lost));
	put(t, records, (size_t)n * RECORD_BYTES);
	t->told = t->lost;
}

void trace_out_drain(struct trace_out *t)
{
	size_t n, i, from;

	while ((n = weir_sim_trace(t->w, t->records, RECORDS, &t->lost)) > 0) {
		for (from = 0, i = 1; i <= n; i++) {
			uint8_t cpu = t->records[from][CPU_AT];

			if (i < n && t->records[i][CPU_AT] == cpu)
				continue;
			put_block(t, cpu, t->records[from],
				  (uint32_t)(i - from));
			from = i;
		}
	}
}

int trace_out_close(struct trace_out *t)
{
	int error = t->error;

	if (fclose(t->file) && !error)
		error = errno;
	free(t);
	return -error;
}
