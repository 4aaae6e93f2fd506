/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wait queues. Waking calls each entry's function under the queue's lock; an
 * entry may take itself off there, nothing else.
 */
#include "cpu/wait.h"

void init_waitqueue_head(struct wait_queue_head *wq)
{
	spin_lock_init(&wq->lock);
	INIT_LIST_HEAD(&wq->head);
}

void init_waitqueue_func_entry(struct wait_queue_entry *e, wait_queue_func_t f)
{
	e->flags = 0;
	e->private = NULL;
	e->func = f;
	INIT_LIST_HEAD(&e->entry);
}

int default_wake_function(struct wait_queue_entry *e, u32 key)
{
	return wake_up_task(e->private);
}

int autoremove_wake_function(struct wait_queue_entry *e, u32 key)
{
	int woke = default_wake_function(e, key);

	if (woke)
		list_del_init(&e->entry);
	return woke;
}

void add_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	spin_lock_bh(&wq->lock);
	e->flags &= ~WQ_FLAG_EXCLUSIVE;
	list_add(&e->entry, &wq->head);
	spin_unlock_bh(&wq->lock);
}

void add_wait_queue_exclusive(struct wait_queue_head *wq,
			      struct wait_queue_entry *e)
{
	spin_lock_bh(&wq->lock);
	e->flags |= WQ_FLAG_EXCLUSIVE;
	list_add_tail(&e->entry, &wq->head);
	spin_unlock_bh(&wq->lock);
}

void remove_wait_queue(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	spin_lock_bh(&wq->lock);
	list_del_init(&e->entry);
	spin_unlock_bh(&wq->lock);
}

void init_wait(struct wait_queue_entry *e)
{
	init_waitqueue_func_entry(e, autoremove_wake_function);
	e->private = current_task();
}

void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	spin_lock_bh(&wq->lock);
	e->flags &= ~WQ_FLAG_EXCLUSIVE;
	if (list_empty(&e->entry))
		list_add(&e->entry, &wq->head);
	spin_unlock_bh(&wq->lock);
	smp_mb();	/* the entry is there before the condition is read */
}

void prepare_to_wait_exclusive(struct wait_queue_head *wq,
			       struct wait_queue_entry *e)
{
	spin_lock_bh(&wq->lock);
	e->flags |= WQ_FLAG_EXCLUSIVE;
	if (list_empty(&e->entry))
		list_add_tail(&e->entry, &wq->head);
	spin_unlock_bh(&wq->lock);
	smp_mb();
}

void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *e)
{
	if (likely(list_empty_careful(&e->entry)))
		return;		/* whoever woke us is done with it */
	remove_wait_queue(wq, e);
}

static noinline void wake_each(struct wait_queue_head *wq, u32 nr_exclusive,
			       u32 key)
{
	struct wait_queue_entry *e, *next;

	list_for_each_entry_safe(e, next, &wq->head, entry) {
		bool exclusive = e->flags & WQ_FLAG_EXCLUSIVE;

		if (e->func(e, key) && exclusive && nr_exclusive &&
		    --nr_exclusive == 0)
			break;
	}
}

/* One entry alone, as nearly always, is called without a walk. */
void __wake_up(struct wait_queue_head *wq, u32 nr_exclusive, u32 key)
{
	struct wait_queue_entry *e;

	spin_lock_bh(&wq->lock);
	e = list_first_entry(&wq->head, struct wait_queue_entry, entry);
	if (likely(e->entry.next == &wq->head && &e->entry != &wq->head))
		e->func(e, key);
	else
		wake_each(wq, nr_exclusive, key);
	spin_unlock_bh(&wq->lock);
}
