/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker: the thread that owns the world, takes requests and moves the
 * clock. See drill_world.h.
 *
 * Its loop, in this order: a new request is begun; what can be answered is
 * answered; when nobody waits, it sleeps; when a thread of the tool is still
 * busy, it looks again a little later; else the clock moves to the next event,
 * or to the end of somebody's usleep().
 *
 * When no event is left: a wait for a packet ends without one. If only system
 * calls wait, and the tool for them, they would for ever: they are interrupted,
 * which is said on standard error.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* So often in a row the time may be asked for before it moves by itself: the
 * tool may wait for a time by looking at the clock. */
#define CLOCK_LOOKS	16
#define CLOCK_STEP_NS	1000
/* Events between two looks at whether the tool is still at rest. */
#define ADVANCE_EVENTS	256
/* Between two looks at a busy thread of the tool, real time. */
#define LOOK_MIN_NS	(20 * 1000)
#define LOOK_MAX_NS	(2 * 1000 * 1000)

static void list_init(struct pd_list *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void list_add(struct pd_list *l, struct pd_request *r)
{
	r->next = NULL;
	*l->end = r;
	l->end = &r->next;
}

static struct pd_request *list_pop(struct pd_list *l)
{
	struct pd_request *r = l->first;

	if (r) {
		l->first = r->next;
		if (!r->next)
			l->end = &l->first;
	}
	return r;
}

/* --- the caller's side --------------------------------------------------------------- */

void pd_lock(struct pd *d)
{
	atomic_fetch_add(&d->arriving, 1);
	pthread_mutex_lock(&d->lock);
	atomic_fetch_sub(&d->arriving, 1);
}

void pd_unlock(struct pd *d)
{
	pthread_mutex_unlock(&d->lock);
}

/* This thread's entry; made when it calls for the first time. Locked. */
static struct pd_thread *this_thread(struct pd *d)
{
	struct pd_thread *t;
	int tid = gettid();

	for (t = d->threads; t; t = t->next)
		if (t->tid == tid)
			return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	t->next = d->threads;
	d->threads = t;
	return t;
}

static void wait_for_answer(struct pd *d, struct pd_request *r)
{
	while (!r->done)
		pthread_cond_wait(&d->answer, &d->lock);
}

/* The thread is cancelled in a call: the world may use its memory no more. */
static void abandon(void *arg)
{
	struct pd_request *r = arg;
	struct pd *d = r->world;
	struct pd_thread *t = this_thread(d);

	r->unwanted = true;
	pthread_cond_signal(&d->work);
	wait_for_answer(d, r);
	t->request = NULL;
	pd_unlock(d);
}

long pd_ask(struct pd *d, struct pd_request *r)
{
	struct pd_thread *t;

	pd_lock(d);
	t = d->ending || !d->started ? NULL : this_thread(d);
	if (!t) {
		r->ret = d->started && !d->ending ? -ENOMEM : -ENXIO;
		pd_unlock(d);
		return r->ret;
	}
	r->world = d;
	r->done = r->returned = r->unwanted = false;
	t->request = r;
	list_add(&d->fresh, r);
	pthread_cond_signal(&d->work);
	pthread_cleanup_push(abandon, r);
	wait_for_answer(d, r);
	pthread_cleanup_pop(0);
	t->request = NULL;
	if (d->ending)
		pthread_cond_signal(&d->work);
	pd_unlock(d);
	return r->ret;
}

/* --- requests, on the worker's thread ------------------------------------------------- */

static int run_call(struct weir *host, void *arg)
{
	struct pd_request *r = arg;

	r->ret = r->fn(r->world, r->arg);
	r->returned = true;
	return 0;
}

static void begin_call(struct pd *d, struct pd_request *r)
{
	r->deadline = weir_sim_now(d->sim) + d->flags.wait_ns;
	r->task = weir_sim_spawn(d->host, "call", run_call, r);
	if (!r->task) {
		r->ret = -ENOMEM;
		r->returned = true;
	}
}

static void begin(struct pd *d, struct pd_request *r)
{
	int64_t now = weir_sim_now(d->sim);

	if (r->kind != PD_CLOCK)
		d->clock_looks = 0;
	switch (r->kind) {
	case PD_CALL:
		begin_call(d, r);
		break;
	case PD_SEND:
		r->ret = weir_sim_port_input(d->port, r->buf, r->len);
		break;
	case PD_RECEIVE:
		r->deadline = now + d->flags.wait_ns;
		break;
	case PD_SLEEP:
		r->deadline += now;
		break;
	case PD_CLOCK:
		r->deadline = now;
		if (++d->clock_looks > CLOCK_LOOKS)
			r->deadline += CLOCK_STEP_NS;
		break;
	}
	weir_sim_pass(d->sim, 0);	/* all that happens at once */
}

static bool receive(struct pd *d, struct pd_request *r)
{
	ssize_t len = weir_sim_port_next(d->port, r->buf, r->len, &r->when);

	if (len < 0)
		return false;
	r->len = (size_t)len < r->len ? (size_t)len : r->len;
	r->when += d->wall_offset;
	return true;
}

/* Has the request got what it waited for? */
static bool answered(struct pd *d, struct pd_request *r)
{
	int64_t now = weir_sim_now(d->sim);

	switch (r->kind) {
	case PD_CALL:
		return r->returned;
	case PD_SEND:
		return true;
	case PD_RECEIVE:
		return receive(d, r);
	case PD_SLEEP:
		return now >= r->deadline;
	case PD_CLOCK:
		r->when = now + d->wall_offset;
		return now >= r->deadline;
	}
	return true;
}

/* Nobody wants to wait for it any more. */
static bool interrupted(struct pd *d, struct pd_request *r)
{
	if (r->kind == PD_CALL) {
		weir_sim_signal(r->task);
		weir_sim_pass(d->sim, 0);
		return r->returned;
	}
	r->ret = -EINTR;
	return true;
}

/* Answers whom it can; is there one? The lock is held; it guards `done`, not
 * the world. */
static bool answer(struct pd *d)
{
	struct pd_list left = d->waiting;
	struct pd_request *r;
	bool any = false;

	list_init(&d->waiting);
	while ((r = left.first)) {
		left.first = r->next;
		r->done = answered(d, r) ||
			  ((r->unwanted || d->ending) && interrupted(d, r));
		if (r->done)
			any = true;
		else
			list_add(&d->waiting, r);
	}
	if (any)
		pthread_cond_broadcast(&d->answer);
	return any;
}

/* --- the clock ----------------------------------------------------------------------------- */

/* The wait for a packet, or for a call, has no end: what to do about it. */
static void end_wait(struct pd *d, struct pd_request *r)
{
	if (r->kind == PD_RECEIVE) {
		r->len = 0;
		r->when = weir_sim_now(d->sim) + d->wall_offset;
		r->done = true;
		pthread_cond_broadcast(&d->answer);
		return;
	}
	fprintf(stderr, "weir: a system call is blocked, and nothing will happen "
		"that could end it: interrupted at %.6f s\n",
		(double)(weir_sim_now(d->sim) - WEIR_SIM_START_NS) / 1e9);
	r->unwanted = true;
}

static bool sleeps(const struct pd_request *r)
{
	return r->kind == PD_SLEEP || r->kind == PD_CLOCK;
}

/* Takes the waiting request out of the list that is to end first if the clock
 * would have to move to `next`; NULL: none. Packets before calls. */
static struct pd_request *take_hopeless(struct pd *d, int64_t next)
{
	struct pd_request **pr, **found = NULL, *r;
	bool receives = false;

	for (r = d->waiting.first; r; r = r->next) {
		if (sleeps(r))
			return NULL;
		receives |= r->kind == PD_RECEIVE;
	}
	for (pr = &d->waiting.first; *pr && !found; pr = &(*pr)->next)
		if ((*pr)->deadline < next &&
		    (!receives || (*pr)->kind == PD_RECEIVE))
			found = pr;
	return found ? *found : NULL;
}

static void drop(struct pd *d, struct pd_request *gone)
{
	struct pd_list all = d->waiting;
	struct pd_request *r;

	list_init(&d->waiting);
	while ((r = all.first)) {
		all.first = r->next;
		if (r != gone)
			list_add(&d->waiting, r);
	}
}

/* To the next thing that happens. Locked; unlocked meanwhile. False: nothing
 * will, and somebody's wait has ended. */
static bool advance(struct pd *d)
{
	int64_t now = weir_sim_now(d->sim), next = weir_sim_next_event(d->sim);
	struct pd_request *r = take_hopeless(d, next);

	if (r) {
		end_wait(d, r);
		if (r->done)
			drop(d, r);
		return false;
	}
	for (r = d->waiting.first; r; r = r->next)
		if (sleeps(r) && r->deadline < next)
			next = r->deadline;
	pd_unlock(d);
	weir_sim_pass(d->sim, next > now ? next - now : 0);
	pthread_mutex_lock(&d->lock);
	return true;
}

/* Until somebody has got what he waits for: who is at rest stays so. */
static void advance_to_answer(struct pd *d)
{
	for (int i = 0; i < ADVANCE_EVENTS; i++)
		if (!advance(d) || answer(d) || d->fresh.first)
			return;
}

/* --- the worker ------------------------------------------------------------------------------- */

static void look_later(struct pd *d, long *ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += *ns;
	ts.tv_sec += ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&d->work, &d->lock, &ts);
	*ns = *ns * 2 < LOOK_MAX_NS ? *ns * 2 : LOOK_MAX_NS;
}

static bool anybody_inside(const struct pd *d)
{
	for (const struct pd_thread *t = d->threads; t; t = t->next)
		if (t->request)
			return true;
	return false;
}

static void serve(struct pd *d)
{
	long look_ns = LOOK_MIN_NS;
	struct pd_request *r;

	while (!d->ending || anybody_inside(d)) {
		r = list_pop(&d->fresh);
		if (r) {
			pd_unlock(d);
			begin(d, r);
			pthread_mutex_lock(&d->lock);
			list_add(&d->waiting, r);
			look_ns = LOOK_MIN_NS;
		}
		answer(d);
		if (d->fresh.first)
			continue;
		if (!d->waiting.first) {
			pthread_cond_wait(&d->work, &d->lock);
		} else if (!pd_at_rest(d)) {
			look_later(d, &look_ns);
		} else {
			advance_to_answer(d);
			look_ns = LOOK_MIN_NS;
		}
	}
}

static void *worker(void *arg)
{
	struct pd *d = arg;
	int ret = pd_world_create(d);

	pthread_mutex_lock(&d->lock);
	d->worker_tid = gettid();
	d->started = true;
	d->ending = ret != 0;
	pthread_cond_broadcast(&d->answer);
	serve(d);
	pd_unlock(d);
	pd_world_destroy(d);
	return NULL;
}

static int start_thread(struct pd *d)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);	/* the tool's signals are for its threads */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&d->worker, NULL, worker, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret)
		snprintf(d->err, sizeof(d->err), "cannot start a thread: error %d",
			 ret);
	return -ret;
}

void pd_init(struct pd *d)
{
	pthread_condattr_t attr;

	list_init(&d->fresh);
	list_init(&d->waiting);
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->work, &attr);
	pthread_cond_init(&d->answer, NULL);
	pthread_condattr_destroy(&attr);
}

int pd_start(struct pd *d)
{
	int ret = start_thread(d);

	if (ret)
		return ret;
	pd_lock(d);
	while (!d->started)
		pthread_cond_wait(&d->answer, &d->lock);
	ret = d->ending ? -EINVAL : 0;
	pd_unlock(d);
	if (ret)
		pthread_join(d->worker, NULL);
	return ret;
}

void pd_stop(struct pd *d)
{
	struct pd_thread *t;

	pd_lock(d);
	d->ending = true;
	pthread_cond_signal(&d->work);
	pd_unlock(d);
	pthread_join(d->worker, NULL);
	while ((t = d->threads)) {
		d->threads = t->next;
		free(t);
	}
}
