/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads as tasks: each thread that enters a stack has one task in it, made
 * at the first call and freed when the thread ends. A CPU is taken at every
 * entry, the one of the last time if it is free, which it nearly always is.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local struct lx_task *thread_tasks
	__attribute__((tls_model("initial-exec")));
static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;

static void free_task(struct lx_task *lt)
{
	if (lt->efd >= 0)
		close(lt->efd);
	free(lt);
}

static void thread_exit(void *arg)
{
	struct lx_task *lt = thread_tasks, *next;

	thread_tasks = NULL;
	for (; lt; lt = next) {
		next = lt->next;
		free_task(lt);
	}
}

static void make_key(void)
{
	pthread_key_create(&thread_key, thread_exit);
}

struct lx_task *lx_task_of_thread(struct linux_platform *lp)
{
	struct lx_task *lt;

	for (lt = thread_tasks; lt; lt = lt->next)
		if (lt->lp == lp && lt->lp_id == lp->id)
			return lt;
	return NULL;
}

void lx_forget_thread(struct linux_platform *lp)
{
	struct lx_task **at = &thread_tasks, *lt = lx_task_of_thread(lp);

	if (!lt)
		return;
	while (*at != lt)
		at = &(*at)->next;
	*at = lt->next;
	free_task(lt);
}

static struct lx_task *new_task(struct linux_platform *lp, struct machine *m)
{
	struct lx_task *lt = calloc(1, sizeof(*lt));
	char name[16];

	if (!lt)
		return NULL;
	pthread_once(&thread_key_once, make_key);
	if (pthread_setspecific(thread_key, lt)) {
		free(lt);
		return NULL;
	}
	if (pthread_getname_np(pthread_self(), name, sizeof(name)))
		name[0] = '\0';
	lt->lp = lp;
	lt->lp_id = lp->id;
	lt->efd = -1;
	lt->spin_ns = 20 * NSEC_PER_USEC;
	lt->yield_after = 16;
	task_init(&lt->task, m, name);
	lt->next = thread_tasks;
	thread_tasks = lt;
	return lt;
}

/* CPU 0 is ksoftirqd's; all threads share the others. */
void lx_get_cpu(struct linux_platform *lp, struct lx_task *lt)
{
	struct machine *m = lp->machine;
	struct cpu *cpu = lt->task.last_cpu;
	u32 i;

	if (likely(cpu && cpu_get(cpu, &lt->task)))
		return;
	while (lt->task.is_ksoftirqd) {
		if (cpu_get(m->cpus[0], &lt->task))
			return;
		sched_yield();
	}
	for (;;) {
		for (i = m->nr_cpus > 1; i < m->nr_cpus; i++) {
			cpu = m->cpus[i];
			if (cpu_get(cpu, &lt->task)) {
				lt->task.last_cpu = cpu;
				return;
			}
		}
		sched_yield();
	}
}

struct task *lx_enter(struct platform *p, struct machine *m)
{
	struct linux_platform *lp = to_lp(p);
	struct lx_task *lt = thread_tasks;

	if (unlikely(!lt || lt->lp != lp || lt->lp_id != lp->id)) {
		if (lp->pid == 0)	/* a forked child: not our stack */
			return NULL;
		lt = lx_task_of_thread(lp);
		if (!lt)
			lt = new_task(lp, m);
		if (!lt)
			return NULL;
	}
	if (lt->depth++ == 0) {
		lt->calls++;
		lx_get_cpu(lp, lt);
	}
	return &lt->task;
}

void lx_leave(struct platform *p, struct machine *m)
{
	struct lx_task *lt = (struct lx_task *)this_cpu()->current;

	if (--lt->depth)
		return;
	cpu_put(this_cpu());
	/* A signal that came during a call that did not block is not for the
	 * next one. */
	if (unlikely(READ_ONCE(lt->signaled)))
		WRITE_ONCE(lt->signaled, 0);
}
