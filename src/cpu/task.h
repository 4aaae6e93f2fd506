/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A task: a thread of the program (or ksoftirqd, or a coroutine in virtual
 * time) as the stack knows it. The platform makes and owns them and keeps its
 * own things behind `platform_data`.
 */
#ifndef WEIR_CPU_TASK_H
#define WEIR_CPU_TASK_H

#include "cpu/cpu.h"

enum task_state { TASK_RUNNING, TASK_INTERRUPTIBLE };

struct task {
	u32 id;				/* unique in the machine, never 0 */
	char name[16];
	struct machine *machine;
	struct cpu *last_cpu;		/* hint for cpu_get */
	void *platform_data;
	u32 woken;			/* set by wake_up_task, atomic */
	bool is_ksoftirqd;
	/* Signal mask of the program's ppoll/pselect/epoll_pwait while parked
	 * (a sigset_t), or NULL. The platform's business. */
	const void *sigmask;
	/* CPU time charged, by context: in `bsd` mode interrupts that hit the
	 * task are in CTX_TASK too. */
	u64 time_ns[CTX_MAX];
	u64 nr_syscalls, nr_parks, nr_wakeups;
};

/* Memory is the caller's. Needs no CPU. */
void task_init(struct task *t, struct machine *m, const char *name);

/*
 * Task context. Sleeps until wake_up_task(current), a signal, or `deadline`
 * (absolute; KTIME_MAX for ever). Use inside a prepare_to_wait loop.
 * Returns 0 when woken or spurious, -ETIME at the deadline, -EINTR by signal.
 */
int schedule_until(ktime_t deadline);
/* Task context, for loops that wait for another CPU to get on: runs what is
 * pending here, then sleeps for some microseconds. */
void task_relax(void);
/* Any context. True if the task was not marked woken already. */
bool wake_up_task(struct task *t);

#endif
