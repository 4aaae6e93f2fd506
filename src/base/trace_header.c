/* SPDX-License-Identifier: BSD-2-Clause */
/* The header's text is built by appending to a buffer that may be too short;
 * its length is counted all the same. */
#include "base/trace_header.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const copy_names[COPY_WHY_MAX] = {
	[COPY_USER_TO_SKB] = "user->skb",
	[COPY_SKB_TO_USER] = "skb->user",
	[COPY_DMA_TX] = "dma tx",
	[COPY_DMA_RX] = "dma rx",
	[COPY_LINEARIZE] = "linearize",
	[COPY_FRAGMENT] = "fragment",
	[COPY_COLLAPSE] = "collapse",
};
static const char *const context_names[CTX_MAX] = {
	[CTX_IDLE] = "idle",
	[CTX_USER] = "user",
	[CTX_TASK] = "sys",
	[CTX_KSOFTIRQD] = "ksoftirqd",
	[CTX_SOFTIRQ] = "softirq",
	[CTX_HARDIRQ] = "hardirq",
};
static const char *const kind_names[] = {
	[TRACE_STAGE] = "stage",
	[TRACE_DROP] = "drop",
	[TRACE_QUEUE] = "queue",
	[TRACE_COPY] = "copy",
	[TRACE_WIRE] = "wire",
	[TRACE_FLOW] = "flow",
	[TRACE_NOTE] = "note",
};

struct text {
	char *to;
	size_t room, len;
};

static void put(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *fmt, ...)
{
	size_t left = t->len < t->room ? t->room - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(left ? t->to + t->len : NULL, left, fmt, ap);
	va_end(ap);
	t->len += n > 0 ? (size_t)n : 0;
}

static void put_names(struct text *t, const char *table,
		      const char *const *names, u32 n)
{
	for (u32 i = 0; i < n; i++)
		put(t, "%s\t%u\t%s\n", table, i, names[i]);
}

/* One line each: table, number, name, and more by table. Padded to 8. */
static void put_tables(struct text *t, const char *name)
{
	u32 i;

	put(t, "name\t0\t%s\n", name);
	for (i = 0; i < STAGE_MAX; i++)
		put(t, "stage\t%u\t%s\t%s\t%s\n", i, stage_name(i),
		    stage_floor(i), stage_what(i));
	for (i = 0; i < SKB_DROP_REASON_MAX; i++)
		put(t, "drop\t%u\t%s\t%s\n", i, drop_reason_name(i),
		    drop_reason_what(i));
	put_names(t, "copy", copy_names, COPY_WHY_MAX);
	put_names(t, "context", context_names, CTX_MAX);
	put_names(t, "kind", kind_names, ARRAY_SIZE(kind_names));
	put(t, "\n");
	while (t->len % 8)
		put(t, "\n");
}

size_t trace_header(struct platform *p, const char *name, u32 nr_cpus, u32 pid,
		    void *to, size_t room)
{
	struct trace_file_header h = {
		.record_len = sizeof(struct trace_record),
		.start_mono_ns = (u64)p->ops->clock_mono(p),
		.start_real_ns = (u64)p->ops->clock_real(p),
		.pid = pid,
		.nr_cpus = nr_cpus,
	};
	struct text t = { to, room, sizeof(h) };

	put_tables(&t, name);
	memcpy(h.magic, TRACE_FILE_MAGIC, sizeof(h.magic));
	h.header_len = (u32)t.len;
	if (room)
		memcpy(to, &h, min(room, sizeof(h)));
	return t.len;
}
