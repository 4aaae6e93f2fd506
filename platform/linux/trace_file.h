/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace rings of a machine drained to a file; see docs/trace-format.md. */
#ifndef WEIR_PLATFORM_LINUX_TRACE_FILE_H
#define WEIR_PLATFORM_LINUX_TRACE_FILE_H

#include "cpu/cpu.h"

struct trace_file;

#define TRACE_FILE_MAGIC	"weirtrc1"
#define TRACE_BLOCK_MAGIC	0x6b6c6274u	/* "tblk" */

/* On disk, little endian; names follow, then blocks. */
struct trace_file_header {
	char magic[8];
	u32 header_len;			/* to the first block */
	u32 record_len;			/* sizeof(struct trace_record) */
	u64 start_mono_ns;		/* when the file was begun, two clocks */
	u64 start_real_ns;
	u32 pid;
	u32 nr_cpus;
};
static_assert(sizeof(struct trace_file_header) == 40, "on-disk format");

/* Records of one CPU, in the order of their times. */
struct trace_block {
	u32 magic;
	u32 cpu;
	u32 records;
	u32 reserved;
	u64 lost;			/* overwritten before they were read */
};
static_assert(sizeof(struct trace_block) == 24, "on-disk format");

/* Gives every CPU of m a ring of `records` and switches tracing on. NULL with
 * one line in err. */
struct trace_file *trace_file_open(struct machine *m, const char *path,
				   const char *name, u32 records, char *err,
				   size_t errlen);
/* What the rings hold goes to the file. Any thread. */
void trace_file_drain(struct trace_file *t);
/* Drains for the last time; rings are freed. No CPU may be in use but the
 * caller's. */
void trace_file_close(struct trace_file *t);

#endif
