/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NAPI: receive by polling while there is work, by interrupt when there is
 * none. Who has set the SCHED bit owns the instance, and is the only one to
 * poll it: NET_RX of the CPU that it was scheduled on, or a thread that waits
 * for packets (napi_busy_poll). Who comes meanwhile leaves MISSED, which makes
 * the owner poll once more before it lets go.
 *
 * A busy-polling owner leaves the device's interrupt as it is: enabled, since
 * nobody owned the instance before. If it fires meanwhile the top half masks
 * it and leaves MISSED, and the instance goes to NET_RX, whose completion
 * enables it again. So spinning on an empty ring touches no register but the
 * ring's.
 *
 * net_rx_action is bounded by netdev_budget packets and netdev_budget_usecs;
 * what is left raises NET_RX again (time_squeeze).
 */
#include "cpu/napi.h"
#include "base/trace.h"
#include "cpu/task.h"

#define BIT_SCHED	(1u << NAPI_STATE_SCHED)
#define BIT_MISSED	(1u << NAPI_STATE_MISSED)
#define BIT_DISABLE	(1u << NAPI_STATE_DISABLE)
#define BIT_BUSY_POLL	(1u << NAPI_STATE_BUSY_POLL)

static bool change_state(struct napi_struct *n, u32 *old, u32 new)
{
	return __atomic_compare_exchange_n(&n->state, old, new, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void napi_struct_init(struct napi_struct *n, struct machine *m,
		      int (*poll)(struct napi_struct *, int), u32 weight)
{
	memset(n, 0, sizeof(*n));
	INIT_LIST_HEAD(&n->poll_list);
	INIT_LIST_HEAD(&n->dev_list);
	n->machine = m;
	n->poll = poll;
	n->weight = weight;
	n->state = BIT_SCHED | BIT_DISABLE;	/* until napi_enable */
	n->napi_id = __atomic_add_fetch(&m->next_napi_id, 1, __ATOMIC_RELAXED);
}

bool napi_schedule_prep(struct napi_struct *n)
{
	u32 old = smp_load_acquire(&n->state), new;

	do {
		if (unlikely(old & BIT_DISABLE))
			return false;
		new = old | (old & BIT_SCHED ? BIT_MISSED : BIT_SCHED);
	} while (new != old && !change_state(n, &old, new));
	return !(old & BIT_SCHED);
}

void __napi_schedule(struct napi_struct *n)
{
	struct cpu *cpu = this_cpu();

	trace_stage(STAGE_napi_schedule, 0, 0);
	list_add_tail(&n->poll_list, &cpu->poll_list);
	__raise_softirq(cpu, NET_RX_SOFTIRQ);
}

/* The owner lets go, unless there are missed events. */
static bool release(struct napi_struct *n)
{
	u32 old = smp_load_acquire(&n->state), new;

	do {
		new = old & ~(BIT_MISSED | BIT_BUSY_POLL);
		if (!(old & BIT_MISSED) || (old & BIT_DISABLE))
			new &= ~BIT_SCHED;
	} while (!change_state(n, &old, new));
	return !(new & BIT_SCHED);
}

bool napi_complete_done(struct napi_struct *n, int work_done)
{
	bool busy = READ_ONCE(n->state) & BIT_BUSY_POLL;

	n->completes++;
	n->packets += (u64)work_done;
	if (n->flush)
		n->flush(n, true);
	if (!list_empty(&n->poll_list))
		list_del_init(&n->poll_list);
	if (unlikely(!release(n))) {
		__napi_schedule(n);
		return false;
	}
	return !busy;
}

void napi_enable(struct napi_struct *n)
{
	BUG_ON(!(READ_ONCE(n->state) & BIT_SCHED));
	smp_store_release(&n->state, 0);
}

void napi_disable(struct napi_struct *n)
{
	u32 old;

	__atomic_fetch_or(&n->state, BIT_DISABLE, __ATOMIC_ACQ_REL);
	for (;;) {
		old = BIT_DISABLE;
		if (change_state(n, &old, BIT_DISABLE | BIT_SCHED))
			return;
		if (!(old & BIT_SCHED))
			continue;	/* some other bit came or went */
		task_relax();
	}
}

/* With less than `budget` done the instance may have another owner already, or
 * be gone: nothing of it is touched then. */
static int poll_once(struct napi_struct *n, int budget)
{
	n->polls++;
	return n->poll(n, budget);
}

/* The owner's poll used its budget up: it keeps the instance and polls again
 * later, unless it is being disabled. */
static void poll_again(struct napi_struct *n, int work,
		       struct list_head *repoll)
{
	if (unlikely(READ_ONCE(n->state) & BIT_DISABLE)) {
		napi_complete_done(n, work);
		return;
	}
	n->packets += (u64)work;
	if (n->flush)
		n->flush(n, false);
	list_add_tail(&n->poll_list, repoll);
}

static int napi_poll(struct napi_struct *n, struct list_head *repoll)
{
	int weight = (int)n->weight, work;

	list_del_init(&n->poll_list);
	work = poll_once(n, weight);
	if (work >= weight)
		poll_again(n, work, repoll);
	return work;
}

static void more_later(struct cpu *cpu)
{
	if (!list_empty(&cpu->poll_list))
		__raise_softirq(cpu, NET_RX_SOFTIRQ);
}

/* Several instances: in turn, until all are through or it is too much. */
static noinline void poll_all(struct cpu *cpu)
{
	struct machine *m = cpu->machine;
	/* The softirqs' round has just read the clock. */
	ktime_t end = cpu->clock_hint + (ktime_t)m->netdev_budget_usecs *
		      NSEC_PER_USEC;
	int budget = (int)m->netdev_budget;
	struct list_head list, repoll;

	INIT_LIST_HEAD(&list);
	INIT_LIST_HEAD(&repoll);
	list_splice_tail_init(&cpu->poll_list, &list);
	while (!list_empty(&list)) {
		budget -= napi_poll(list_first_entry(&list, struct napi_struct,
						     poll_list), &repoll);
		if (budget <= 0 ||
		    (!list_empty(&list) && softirq_stamp(cpu) >= end)) {
			cpu->time_squeeze++;
			break;
		}
	}
	/* order: not reached, scheduled meanwhile, polled with work left */
	list_splice_tail_init(&cpu->poll_list, &list);
	list_splice_tail_init(&repoll, &list);
	list_splice_tail_init(&list, &cpu->poll_list);
	more_later(cpu);
}

/* One instance alone, as nearly always, needs no lists of its own. */
void net_rx_action(struct cpu *cpu)
{
	struct list_head *first = cpu->poll_list.next;
	int work;

	trace_stage(STAGE_net_rx_action, 0, 0);
	if (unlikely(first->next != &cpu->poll_list ||
		     first == &cpu->poll_list)) {
		poll_all(cpu);
		return;
	}
	work = napi_poll(container_of(first, struct napi_struct, poll_list),
			 &cpu->poll_list);
	if (unlikely(work >= (int)cpu->machine->netdev_budget))
		cpu->time_squeeze++;
	more_later(cpu);
}

int napi_busy_poll(struct napi_struct *n, int budget)
{
	struct cpu *cpu = this_cpu();
	u32 idle = 0;
	int work;

	if (READ_ONCE(n->state) ||
	    !change_state(n, &idle, BIT_SCHED | BIT_BUSY_POLL))
		return -EBUSY;
	local_bh_disable();
	cpu->in_softirq++;
	work = poll_once(n, budget);
	if (work >= budget) {	/* still ours: the rest is for NET_RX */
		n->packets += (u64)work;
		__atomic_fetch_and(&n->state, ~BIT_BUSY_POLL, __ATOMIC_ACQ_REL);
		if (n->flush)
			n->flush(n, false);
		__napi_schedule(n);
	}
	cpu->in_softirq--;
	local_bh_enable();
	return work;
}
