/* SPDX-License-Identifier: BSD-2-Clause */
/* The world: its loop, clock, randomness, and its beginning and end. */
#include "platform/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/slab.h"

#define SPIN_LIMIT	10000000u

int sim_fail(char *err, size_t errlen, int ret, const char *fmt, ...)
{
	va_list ap;

	if (!err || !errlen)
		return ret;
	va_start(ap, fmt);
	vsnprintf(err, errlen, fmt, ap);
	va_end(ap);
	return ret;
}

/* --- events ------------------------------------------------------------------------- */

int sim_add_event(struct weir_sim *s, struct sim_event *e,
		  void (*fn)(struct sim_event *e))
{
	sim_event_init(e, fn);
	if (sim_heap_reserve(&s->heap, s->nr_events + 1))
		return -ENOMEM;
	s->nr_events++;
	return 0;
}

void sim_drop_event(struct weir_sim *s, struct sim_event *e)
{
	if (!e->fn)
		return;			/* never added */
	sim_heap_del(&s->heap, e);
	e->fn = NULL;
	s->nr_events--;
}

bool sim_step(struct weir_sim *s, ktime_t limit)
{
	struct percpu *before = weir_this_cpu;
	bool nested = s->in_event;
	struct sim_event *e;
	ktime_t when;

	if (!s->heap.count || sim_heap_next(&s->heap) > limit)
		return false;
	e = sim_heap_pop(&s->heap, &when);
	s->now = max(s->now, when);
	s->stats.events++;
	weir_this_cpu = NULL;
	s->in_event = true;
	e->fn(e);
	s->in_event = nested;
	weir_this_cpu = before;
	return true;
}

/* --- contexts ------------------------------------------------------------------------- */

struct coroutine *sim_stack_get(struct weir_sim *s, size_t size)
{
	struct coroutine *co = s->free_stacks;

	if (size != SIM_STACK_BYTES || !co)
		return coroutine_create(size);
	s->free_stacks = co->next_free;
	return co;
}

void sim_stack_put(struct weir_sim *s, struct coroutine *co)
{
	/* one whose task was dropped is not to be used again */
	if (co->size != SIM_STACK_BYTES || s->ending) {
		coroutine_destroy(co);
		return;
	}
	co->next_free = s->free_stacks;
	s->free_stacks = co;
}

void sim_switch_to(struct weir_sim *s, struct sim_context *c)
{
	struct sim_context *outer = s->running;
	struct percpu *before = weir_this_cpu;
	bool in_event = s->in_event;

	if (c->task)
		s->last_ran = s->now;
	s->running = c;
	s->in_event = false;
	s->stats.switches++;
	weir_this_cpu = c->this_cpu;
	coroutine_enter(&s->main, c->co);
	weir_this_cpu = before;
	s->in_event = in_event;
	s->running = outer;
}

void sim_switch_out(struct weir_sim *s, struct sim_context *c)
{
	c->this_cpu = weir_this_cpu;
	coroutine_leave(&s->main, c->co, false);
}

/* --- callbacks ----------------------------------------------------------------------------- */

struct sim_callback {
	struct sim_event event;
	struct list_head list;
	struct weir_sim *sim;
	ktime_t asked_at;
	void (*fn)(void *arg);
	void *arg;
};

/* --- running ---------------------------------------------------------------------------- */

/* Nobody has been waiting for the next event for so long: only for timers of the
 * stacks, which come for ever, or callbacks that ask for each other. */
bool sim_is_stuck(struct weir_sim *s)
{
	struct sim_callback *cb;
	struct weir_sim_task *t;

	if (s->now - s->last_ran <= SIM_STUCK_NS)
		return false;
	list_for_each_entry(t, &s->tasks, all)
		if (sim_event_pending(&t->deadline) ||
		    t->state == SIM_TASK_RUNNABLE ||
		    t->state == SIM_TASK_RUNNING)
			goto waiting;
	list_for_each_entry(cb, &s->callbacks, list)
		if (cb->asked_at <= s->last_ran)
			goto waiting;
	return true;

waiting:
	s->last_ran = s->now;		/* and look again a day later */
	return false;
}

static bool all_done(const struct weir_sim *s)
{
	return s->tasks_left == 0;
}

static enum weir_sim_end run(struct weir_sim *s, ktime_t until, bool tasks)
{
	ktime_t outer = s->limit;
	enum weir_sim_end end = WEIR_SIM_TIME;

	if (s->running)			/* a task: the world runs already */
		return WEIR_SIM_STOPPED;
	s->stop = false;
	s->limit = until;
	s->last_ran = s->now;
	while (!s->stop && !(tasks && all_done(s))) {
		if (tasks && until == WEIR_SIM_FOREVER && sim_is_stuck(s)) {
			end = WEIR_SIM_STUCK;
			break;
		}
		if (sim_step(s, until))
			continue;
		if (until == WEIR_SIM_FOREVER)
			end = WEIR_SIM_STUCK;
		else
			s->now = max(s->now, until);
		break;
	}
	if (s->stop)
		end = s->end;
	else if (tasks && all_done(s))
		end = WEIR_SIM_DONE;
	s->limit = outer;
	return end;
}

enum weir_sim_end weir_sim_run(struct weir_sim *s, int64_t until)
{
	return run(s, until, true);
}

enum weir_sim_end weir_sim_pass(struct weir_sim *s, int64_t ns)
{
	return run(s, ns > KTIME_MAX - s->now ? KTIME_MAX : s->now + ns, false);
}

void weir_sim_stop(struct weir_sim *s)
{
	s->end = WEIR_SIM_STOPPED;
	s->stop = true;
}

int64_t weir_sim_now(const struct weir_sim *s)
{
	return s->now;
}

int64_t weir_sim_next_event(const struct weir_sim *s)
{
	return sim_heap_next(&s->heap);
}

uint64_t weir_sim_hash(const struct weir_sim *s)
{
	return s->hash;
}

static void drop_callback(struct sim_callback *cb)
{
	sim_drop_event(cb->sim, &cb->event);
	list_del(&cb->list);
	free(cb);
}

static void call_back(struct sim_event *e)
{
	struct sim_callback *cb = container_of(e, struct sim_callback, event);
	void (*fn)(void *arg) = cb->fn;
	void *arg = cb->arg;

	drop_callback(cb);
	fn(arg);
}

int weir_sim_at(struct weir_sim *s, int64_t when, void (*fn)(void *arg),
		void *arg)
{
	struct sim_callback *cb = calloc(1, sizeof(*cb));

	if (!cb)
		return -ENOMEM;
	cb->sim = s;
	cb->fn = fn;
	cb->arg = arg;
	cb->asked_at = s->now;
	if (sim_add_event(s, &cb->event, call_back)) {
		free(cb);
		return -ENOMEM;
	}
	list_add_tail(&cb->list, &s->callbacks);
	sim_heap_set(&s->heap, &cb->event, max((ktime_t)when, s->now));
	return 0;
}

/* --- randomness and memory -------------------------------------------------------------------- */

u64 sim_next_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;	/* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint64_t weir_sim_random(struct weir_sim *s)
{
	return sim_random(s);
}

static struct weir_sim *world_of_memory(struct platform *p)
{
	return container_of(p, struct weir_sim, memory);
}

static void *world_alloc(struct platform *p, size_t size, size_t align)
{
	void *mem = aligned_alloc(align, ALIGN_UP(size, align));

	if (mem)
		world_of_memory(p)->mem_bytes += size;
	return mem;
}

static void world_free(struct platform *p, void *mem, size_t size)
{
	if (mem)
		world_of_memory(p)->mem_bytes -= size;
	free(mem);
}

static const struct platform_ops memory_ops = {
	.alloc = world_alloc,
	.free = world_free,
};

void weir_sim_stats(const struct weir_sim *s, struct weir_sim_stats *st)
{
	*st = s->stats;
	st->tasks = s->tasks_left;
	st->allocs = slab_allocs(s->depot);
	st->mem_bytes = s->mem_bytes;
}

uint64_t weir_sim_fail_alloc(struct weir_sim *s, uint64_t n)
{
	return slab_fail_nth(s->depot, n);
}

/* --- life ------------------------------------------------------------------------------------------ */

static int set_options(struct weir_sim *s, const struct weir_sim_options *o,
		       char *err, size_t errlen)
{
	s->rng = o->seed;
	s->trace_records = o->trace_records;
	s->spin_limit = o->spin_limit ? o->spin_limit : SPIN_LIMIT;
	if (!o->costs)
		return 0;
	s->has_costs = true;
	return sim_costs_parse(&s->costs, o->costs, err, errlen);
}

struct weir_sim *weir_sim_create(const struct weir_sim_options *o, char *err,
				 size_t errlen)
{
	static const struct weir_sim_options none;
	struct weir_sim *s = calloc(1, sizeof(*s));

	if (!s)
		goto no_memory;
	s->now = s->last_ran = WEIR_SIM_START_NS;
	s->limit = KTIME_MAX;
	s->memory.ops = &memory_ops;
	INIT_LIST_HEAD(&s->hosts);
	INIT_LIST_HEAD(&s->links);
	INIT_LIST_HEAD(&s->switches);
	INIT_LIST_HEAD(&s->callbacks);
	INIT_LIST_HEAD(&s->tasks);
	if (set_options(s, o ? o : &none, err, errlen)) {
		free(s);
		return NULL;
	}
	s->depot = slab_depot_create(&s->memory);
	if (!s->depot)
		goto no_memory;
	s->magazines = slab_magazines_create(s->depot);
	if (!s->magazines)
		goto no_magazines;
	return s;

no_magazines:
	slab_depot_destroy(s->depot);
no_memory:
	free(s);
	sim_fail(err, errlen, 0, "cannot make a world: out of memory");
	return NULL;
}

static void free_stacks(struct weir_sim *s)
{
	while (s->free_stacks) {
		struct coroutine *co = s->free_stacks;

		s->free_stacks = co->next_free;
		coroutine_destroy(co);
	}
}

size_t weir_sim_destroy(struct weir_sim *s)
{
	struct sim_callback *cb, *next_cb;
	struct sim_host *h, *next;
	size_t leaked;

	if (!s)
		return 0;
	list_for_each_entry_safe(cb, next_cb, &s->callbacks, list)
		drop_callback(cb);
	weir_sim_fail_alloc(s, 0);
	sim_tasks_end(s);
	sim_links_end(s);
	sim_switches_end(s);
	list_for_each_entry_safe(h, next, &s->hosts, list)
		sim_host_destroy(h);
	leaked = slab_depot_destroy(s->depot);
	free_stacks(s);
	free(s->heap.slot);
	free(s);
	return leaked;
}
