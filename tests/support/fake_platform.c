/* SPDX-License-Identifier: BSD-2-Clause */
/* See fake_platform.h. */
#include "tests/support/fake_platform.h"

#include <stdio.h>
#include <stdlib.h>

#include "cpu/deferred.h"
#include "cpu/task.h"
#include "tests/support/faults.h"

#define MAX_ROUNDS	100000	/* then the test is taken to run in circles */

struct fake_event {
	struct fake_event *next;
	ktime_t when;
	void (*fn)(void *arg);
	void *arg;
};

struct fake_platform {
	struct platform platform;	/* must be first */
	struct machine *machine;
	ktime_t now, per_read;
	u64 random;
	size_t pieces;			/* platform memory out */
	u64 fail_in;			/* 0: off; 1: fails */
	bool signal;
	struct fake_event *events;	/* by time */
	bool (*pump)(void *arg);
	void *pump_arg;
	struct fake_stats stats;
	struct task test, event, guest;
	struct task ksoftirqd[NR_CPUS];
};

static struct fake_platform *fake(struct platform *p)
{
	return (struct fake_platform *)p;
}

static ktime_t fake_clock_mono(struct platform *p)
{
	fake(p)->now += fake(p)->per_read;
	return fake(p)->now;
}

static ktime_t fake_clock_real(struct platform *p)
{
	return fake(p)->now + 1600000000 * NSEC_PER_SEC;
}

static u64 next_random(struct fake_platform *fp)
{
	u64 z = fp->random += 0x9e3779b97f4a7c15ULL;	/* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void fake_random(struct platform *p, void *buf, size_t len)
{
	u8 *to = buf;

	for (size_t i = 0; i < len; i++)
		to[i] = (u8)next_random(fake(p));
}

static void *fake_alloc(struct platform *p, size_t size, size_t align)
{
	struct fake_platform *fp = fake(p);
	void *mem;

	if (fp->fail_in == 1 || faults_hit())
		return NULL;
	if (fp->fail_in)
		fp->fail_in--;
	mem = aligned_alloc(align, ALIGN_UP(size, align));
	if (mem)
		fp->pieces++;
	return mem;
}

static void fake_free(struct platform *p, void *mem, size_t size)
{
	if (mem)
		fake(p)->pieces--;
	free(mem);
}

static void fake_unpark(struct platform *p, struct task *t)
{
	fake(p)->stats.unparks++;
}

static void fake_kick(struct platform *p, struct cpu *cpu)
{
	fake(p)->stats.kicks++;
	fake(p)->stats.last_kicked = cpu;
}

static void fake_timer_program(struct platform *p, struct cpu *cpu,
			       ktime_t expires)
{
	fake(p)->stats.timer_programs++;
	fake(p)->stats.last_programmed = expires;
}

static void fake_relax(struct platform *p)
{
	fputs("fake platform: spinning for a CPU that cannot get on\n", stderr);
	abort();
}

/* --- running, with the calling thread on no CPU -------------------------------- */

static void occupy(struct cpu *cpu, struct task *t)
{
	if (!cpu_get(cpu, t)) {
		fprintf(stderr, "fake platform: CPU %u is occupied\n",
			cpu->pc.id);
		abort();
	}
}

static bool run_cpu(struct fake_platform *fp, struct cpu *cpu)
{
	if (READ_ONCE(cpu->busy) ||
	    (!cpu_has_work(cpu) && cpu_next_timer(cpu) > fp->now))
		return false;
	occupy(cpu, &fp->ksoftirqd[cpu->pc.id]);
	run_ksoftirqd(cpu);
	if (cpu->pc.id == 0)
		run_workqueue(fp->machine);
	cpu_put(this_cpu());
	return true;
}

static bool run_cpus(struct fake_platform *fp)
{
	bool did, any = false;
	int rounds = 0;

	do {
		did = false;
		for (u32 i = 0; i < fp->machine->nr_cpus; i++)
			did |= run_cpu(fp, fp->machine->cpus[i]);
		any |= did;
	} while (did && ++rounds < MAX_ROUNDS);
	return any;
}

static bool run_event(struct fake_platform *fp)
{
	struct fake_event *e = fp->events;

	if (!e || e->when > fp->now)
		return false;
	fp->events = e->next;
	occupy(fp->machine->cpus[0], &fp->event);
	e->fn(e->arg);
	cpu_put(this_cpu());
	free(e);
	return true;
}

static bool run_pump(struct fake_platform *fp)
{
	bool did;

	if (!fp->pump)
		return false;
	occupy(fp->machine->cpus[0], &fp->event);
	did = fp->pump(fp->pump_arg);
	cpu_put(this_cpu());
	return did;
}

/* One move of the world, no later than `limit`; false: it stands still. */
static bool move_on(struct fake_platform *fp, ktime_t limit)
{
	ktime_t next = fp->events ? fp->events->when : KTIME_MAX;

	if (run_cpus(fp) || run_event(fp))
		return true;
	if (run_pump(fp))
		return true;
	for (u32 i = 0; i < fp->machine->nr_cpus; i++) {
		const struct cpu *cpu = fp->machine->cpus[i];

		if (!READ_ONCE(cpu->busy))
			next = min(next, cpu_next_timer(cpu));
	}
	if (next > limit || next == KTIME_MAX)
		return false;
	fp->now = max(fp->now, next);
	return true;
}

static int park_loop(struct fake_platform *fp, struct task *t, ktime_t deadline)
{
	ktime_t patience = deadline == KTIME_MAX ? fp->now + FAKE_PATIENCE_NS
						 : KTIME_MAX;

	while (!READ_ONCE(t->woken) && fp->now < deadline) {
		if (fp->signal) {
			fp->signal = false;
			return -EINTR;
		}
		if (fp->now < patience && move_on(fp, deadline))
			continue;
		if (deadline == KTIME_MAX) {
			fp->stats.deadlocks++;
			return -EINTR;
		}
		fp->now = deadline;
	}
	return 0;
}

static int fake_park(struct platform *p, struct task *t, ktime_t deadline)
{
	struct cpu *home = this_cpu();
	int err;

	fake(p)->stats.parks++;
	cpu_put(home);
	err = park_loop(fake(p), t, deadline);
	occupy(home, t);
	return err;
}

static const struct platform_ops fake_ops = {
	.clock_mono = fake_clock_mono,
	.clock_real = fake_clock_real,
	.random = fake_random,
	.alloc = fake_alloc,
	.free = fake_free,
	.park = fake_park,
	.unpark = fake_unpark,
	.kick = fake_kick,
	.timer_program = fake_timer_program,
	.relax = fake_relax,
};

/* --- what tests call ----------------------------------------------------------- */

struct fake_platform *fake_platform_create_cpus(u64 seed, u32 nr_cpus)
{
	struct fake_platform *fp = calloc(1, sizeof(*fp));

	if (!fp)
		abort();
	fp->platform.ops = &fake_ops;
	fp->now = FAKE_START_NS;
	fp->random = seed;
	fp->machine = machine_create(&fp->platform, nr_cpus);
	if (!fp->machine) {
		faults_leaked("platform memory", fp->pieces);
		faults_stop();
		abort();
	}
	task_init(&fp->test, fp->machine, "test");
	task_init(&fp->event, fp->machine, "event");
	task_init(&fp->guest, fp->machine, "guest");
	for (u32 i = 0; i < nr_cpus; i++) {
		task_init(&fp->ksoftirqd[i], fp->machine, "ksoftirqd");
		fp->ksoftirqd[i].is_ksoftirqd = true;
		fp->machine->cpus[i]->ksoftirqd = &fp->ksoftirqd[i];
	}
	occupy(fp->machine->cpus[0], &fp->test);
	return fp;
}

struct fake_platform *fake_platform_create(u64 seed)
{
	return fake_platform_create_cpus(seed, FAKE_CPUS);
}

void fake_forget_events(struct fake_platform *fp)
{
	while (fp->events) {
		struct fake_event *e = fp->events;

		fp->events = e->next;
		free(e);
	}
}

size_t fake_platform_destroy(struct fake_platform *fp)
{
	size_t leaked;

	cpu_put(this_cpu());
	leaked = machine_destroy(fp->machine) + fp->pieces;
	fake_forget_events(fp);
	free(fp);
	faults_leaked("memory of the machine", leaked);
	return leaked;
}

bool fake_is_idle(struct fake_platform *fp)
{
	const struct cpu *cpu = this_cpu();

	return cpu && cpu->current == &fp->test && !cpu->bh_off &&
	       !cpu->irq_off && !cpu->in_softirq && !cpu->in_hardirq;
}

struct platform *fake_platform(struct fake_platform *fp)
{
	return &fp->platform;
}

struct machine *fake_machine(struct fake_platform *fp)
{
	return fp->machine;
}

struct fake_stats *fake_stats(struct fake_platform *fp)
{
	return &fp->stats;
}

ktime_t fake_now(struct fake_platform *fp)
{
	return fp->now;
}

void fake_clock_skip(struct fake_platform *fp, ktime_t ns)
{
	fp->now += ns;
}

void fake_clock_per_read(struct fake_platform *fp, ktime_t read_ns)
{
	fp->per_read = read_ns;
}

bool fake_run(struct fake_platform *fp)
{
	struct cpu *home = this_cpu();
	struct task *t = home->current;
	bool any = cpu_run_pending(home);

	cpu_put(home);
	while (run_cpus(fp) || run_event(fp) || run_pump(fp))
		any = true;
	occupy(home, t);
	return any;
}

void fake_advance(struct fake_platform *fp, ktime_t ns)
{
	struct cpu *home = this_cpu();
	struct task *t = home->current;
	ktime_t end = fp->now + ns;

	cpu_put(home);
	while (move_on(fp, end))
		;
	fp->now = max(fp->now, end);
	occupy(home, t);
}

bool fake_at(struct fake_platform *fp, ktime_t delay, void (*fn)(void *arg),
	     void *arg)
{
	struct fake_event *e = calloc(1, sizeof(*e)), **at = &fp->events;

	if (!e)
		return false;
	e->when = fp->now + delay;
	e->fn = fn;
	e->arg = arg;
	while (*at && (*at)->when <= e->when)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	return true;
}

void fake_set_pump(struct fake_platform *fp, bool (*pump)(void *arg), void *arg)
{
	fp->pump = pump;
	fp->pump_arg = arg;
}

void fake_on_cpu(struct fake_platform *fp, u32 cpu, void (*fn)(void *arg),
		 void *arg)
{
	struct cpu *home = this_cpu();
	struct task *t = home->current;

	cpu_put(home);
	occupy(fp->machine->cpus[cpu], &fp->guest);
	fn(arg);
	cpu_put(this_cpu());
	occupy(home, t);
}

void fake_off_cpu(struct fake_platform *fp, void (*fn)(void *arg), void *arg)
{
	struct cpu *home = this_cpu();
	struct task *t = home->current;

	cpu_put(home);
	fn(arg);
	occupy(home, t);
}

void fake_signal(struct fake_platform *fp)
{
	fp->signal = true;
}

void fake_fail_alloc(struct fake_platform *fp, u64 nth)
{
	fp->fail_in = nth;
}
