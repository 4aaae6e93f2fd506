/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace rings of a machine drained to a file; see docs/trace-format.md. */
#ifndef WEIR_PLATFORM_LINUX_TRACE_FILE_H
#define WEIR_PLATFORM_LINUX_TRACE_FILE_H

#include "cpu/cpu.h"

struct trace_file;

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
