/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning of a trace file (docs/trace-format.md): fixed numbers and then
 * the names of stages, drop reasons, copies and contexts as text, so that a
 * reader needs nothing of the stack. Who has a file writes it there.
 */
#ifndef WEIR_BASE_TRACE_HEADER_H
#define WEIR_BASE_TRACE_HEADER_H

#include "base/trace.h"

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

/* The header of a stack `name` on nr_cpus CPUs, begun now by p's clocks. Like
 * snprintf: writes at most `room` bytes to `to`, returns its whole length. */
size_t trace_header(struct platform *p, const char *name, u32 nr_cpus, u32 pid,
		    void *to, size_t room);

#endif
