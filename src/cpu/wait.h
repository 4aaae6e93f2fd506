/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues with callback entries: what a wake-up does is the entry's
 * function. default_wake_function wakes a task; pollwake marks a poll set for
 * re-scan; ep_poll_callback puts an epitem on its ready list.
 */
#ifndef WEIR_CPU_WAIT_H
#define WEIR_CPU_WAIT_H

#include "cpu/lock.h"
#include "cpu/task.h"

struct wait_queue_entry;
/* key: EPOLL* bits that became true, 0: unknown. Called with the queue's lock
 * held. Non-zero: an exclusive waiter was woken. */
typedef int (*wait_queue_func_t)(struct wait_queue_entry *e, u32 key);

#define WQ_FLAG_EXCLUSIVE	1u

struct wait_queue_entry {
	u32 flags;
	void *private;			/* the task, for the default function */
	wait_queue_func_t func;
	struct list_head entry;
};

struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
};

void init_waitqueue_head(struct wait_queue_head *wq);
void init_waitqueue_func_entry(struct wait_queue_entry *e, wait_queue_func_t f);
int default_wake_function(struct wait_queue_entry *e, u32 key);
/* Wakes and takes the entry off the queue. */
int autoremove_wake_function(struct wait_queue_entry *e, u32 key);

/* Exclusive entries go to the end. Any context (bh-safe). */
void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e);
void add_wait_queue_exclusive(struct wait_queue_head *wq,
			      struct wait_queue_entry *e);
void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e);

/*
 *	struct wait_queue_entry w;
 *	init_wait(&w);
 *	for (;;) {
 *		prepare_to_wait(wq, &w);	// before looking
 *		if (condition)
 *			break;
 *		err = schedule_until(deadline);
 *		if (err)
 *			break;
 *	}
 *	finish_wait(wq, &w);
 */
void init_wait(struct wait_queue_entry *e);	/* current, autoremove */
void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *e);
void prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *e);
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *e);

/* Calls the entries' functions: all shared ones, nr_exclusive exclusive ones
 * (0: all). Any context. */
void __wake_up(struct wait_queue_head *wq, u32 nr_exclusive, u32 key);
static inline bool waitqueue_active(const struct wait_queue_head *wq)
{
	return !list_empty(&wq->head);
}
/* One exclusive waiter and all others; cheap when nobody waits. */
static inline void wake_up_poll(struct wait_queue_head *wq, u32 key)
{
	smp_mb();
	if (waitqueue_active(wq))
		__wake_up(wq, 1, key);
}
static inline void wake_up_all_poll(struct wait_queue_head *wq, u32 key)
{
	smp_mb();
	if (waitqueue_active(wq))
		__wake_up(wq, 0, key);
}

#endif
