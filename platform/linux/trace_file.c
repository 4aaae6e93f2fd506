/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace rings to a file. The CPUs write their rings without knowing of us;
 * ksoftirqd's thread empties them every few milliseconds, one block per CPU
 * and visit, straight to the descriptor. Order between CPUs is the reader's
 * business.
 */
#define _GNU_SOURCE
#include "platform/linux/trace_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/trace_header.h"
#include "platform/linux/linux_platform.h"

#define BLOCK_RECORDS	4096u

struct trace_file {
	struct machine *m;
	int fd;
	bool broken;			/* a write failed: no more of them */
	pthread_mutex_t lock;		/* one reader of the rings at a time */
	struct trace_record records[BLOCK_RECORDS];
};

/* --- the header ------------------------------------------------------------------ */

static bool write_all(struct trace_file *t, struct iovec *v, int n)
{
	while (n && !t->broken) {
		ssize_t done = writev(t->fd, v, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			t->broken = true;
		for (; n && done >= (ssize_t)v->iov_len; n--, v++)
			done -= (ssize_t)v->iov_len;
		if (n && done > 0) {
			v->iov_base = (char *)v->iov_base + done;
			v->iov_len -= (size_t)done;
		}
	}
	return !t->broken;
}

static int write_header(struct trace_file *t, const char *name)
{
	struct platform *p = t->m->platform;
	u32 pid = (u32)getpid();
	size_t len = trace_header(p, name, t->m->nr_cpus, pid, NULL, 0);
	void *text = malloc(len + 1);
	struct iovec v = { text, len };

	if (!text)
		return -ENOMEM;
	trace_header(p, name, t->m->nr_cpus, pid, text, len + 1);
	write_all(t, &v, 1);
	free(text);
	return t->broken ? -errno : 0;
}

/* --- draining ----------------------------------------------------------------------- */

static void drain_cpu(struct trace_file *t, struct cpu *cpu)
{
	struct trace_block b = { .magic = TRACE_BLOCK_MAGIC,
				 .cpu = cpu->pc.id };
	struct iovec v[2];

	if (!cpu->pc.trace)
		return;
	do {
		b.lost = 0;
		b.records = trace_ring_read(cpu->pc.trace, t->records,
					    BLOCK_RECORDS, &b.lost);
		v[0] = (struct iovec){ &b, sizeof(b) };
		v[1] = (struct iovec){ t->records,
				       b.records * sizeof(t->records[0]) };
		if (b.records || b.lost)
			write_all(t, v, 2);
	} while (b.records == BLOCK_RECORDS);
}

void trace_file_drain(struct trace_file *t)
{
	u32 i;

	pthread_mutex_lock(&t->lock);
	for (i = 0; i < t->m->nr_cpus; i++)
		drain_cpu(t, t->m->cpus[i]);
	pthread_mutex_unlock(&t->lock);
}

/* --- life ------------------------------------------------------------------------------ */

static void free_rings(struct machine *m)
{
	u32 i;

	for (i = 0; i < m->nr_cpus; i++) {
		struct percpu *pc = &m->cpus[i]->pc;

		trace_switch(pc, false);
		trace_ring_destroy(m->platform, pc->trace);
		pc->trace = NULL;
	}
}

static int make_rings(struct machine *m, u32 records)
{
	u32 i;

	for (i = 0; i < m->nr_cpus; i++) {
		struct percpu *pc = &m->cpus[i]->pc;

		pc->trace = trace_ring_create(m->platform, records);
		if (!pc->trace)
			return -ENOMEM;
		trace_switch(pc, true);
	}
	return 0;
}

struct trace_file *trace_file_open(struct machine *m, const char *path,
				   const char *name, u32 records, char *err,
				   size_t errlen)
{
	struct trace_file *t = calloc(1, sizeof(*t));
	int ret = -ENOMEM;

	if (!t)
		goto no_memory;
	t->m = m;
	pthread_mutex_init(&t->lock, NULL);
	t->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (t->fd < 0) {
		ret = -errno;
		goto no_file;
	}
	t->fd = lx_high_fd(t->fd);
	ret = write_header(t, name);
	if (!ret)
		ret = make_rings(m, records);
	if (!ret)
		return t;
	free_rings(m);
	close(t->fd);
no_file:
	pthread_mutex_destroy(&t->lock);
	free(t);
no_memory:
	snprintf(err, errlen, "cannot write the trace file %s: %s; give "
		 "another place", path, strerror(-ret));
	return NULL;
}

void trace_file_close(struct trace_file *t)
{
	u32 i;

	for (i = 0; i < t->m->nr_cpus; i++)
		trace_switch(&t->m->cpus[i]->pc, false);
	trace_file_drain(t);
	free_rings(t->m);
	close(t->fd);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
