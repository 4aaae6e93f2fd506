/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time by the time stamp counter, where the kernel itself keeps time by it.
 *
 * A reader multiplies the cycles since tsc0 by a rate. The line through
 * (tsc0, ns0) holds for `span` cycles; who comes later draws the next one:
 * he reads both clocks, takes the rate between this reading and the one
 * before, and goes on from the line's end or from CLOCK_MONOTONIC, whichever
 * is later. The first line is drawn some milliseconds after the start, and a
 * line lasts twice as long as its rate was measured, about a second at most.
 * Both clocks are read some 30 ns apart, so the lines stay within 0.1 us or so
 * of CLOCK_MONOTONIC, however long the program sleeps in between, and whatever
 * NTP does to its rate.
 *
 * Time does not go back: a line begins where the one before ended or above
 * it, and a reader who comes too late for his line does not use it. A line
 * that is ahead of CLOCK_MONOTONIC is drawn flatter, to meet it at its end.
 *
 * When the counter is seen to be anything but steady, it is given up for good.
 */
#define _GNU_SOURCE
#include "platform/linux/tsc_clock.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define FIRST_SPAN_NS	(4 * NSEC_PER_MSEC)
#define MAX_SPAN	(1ULL << 31)	/* cycles: times mult it fits a u64 */
#define READINGS	8		/* of both clocks, the closest is taken */
#define UNSTEADY	100		/* 1 / n off: not a clock */
#define CLOSE_CYCLES	400		/* close enough */

/* Nothing that was loaded before is younger than the counter's value; read
 * early, it may be as old as the processor looks ahead. */
#if defined(__x86_64__)
static inline u64 read_tsc_early(void)
{
	return __builtin_ia32_rdtsc();
}

static inline u64 read_tsc(void)
{
	__builtin_ia32_lfence();
	return __builtin_ia32_rdtsc();
}

static bool tsc_allowed(void)
{
	int mode;

	return !prctl(PR_GET_TSC, &mode) && mode == PR_TSC_ENABLE;
}
#else
static inline u64 read_tsc_early(void)
{
	return 0;
}

static inline u64 read_tsc(void)
{
	return 0;
}

static bool tsc_allowed(void)
{
	return false;
}
#endif

static ktime_t system_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* The kernel has found the counters steady, and the same on all processors. */
static bool kernel_uses_tsc(void)
{
	char name[8] = "";
	int fd = open("/sys/devices/system/clocksource/clocksource0/"
		      "current_clocksource", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, name, sizeof(name) - 1) < 0)
		name[0] = '\0';
	close(fd);
	return !strcmp(name, "tsc\n");
}

/* Both at the same time, nearly: the counter's value is the earlier one. */
static ktime_t read_both(u64 *tsc)
{
	u64 best = ~0ULL;
	ktime_t ns = 0;

	for (int i = 0; i < READINGS && best > CLOSE_CYCLES; i++) {
		u64 before = read_tsc();
		ktime_t now = system_clock();
		u64 width = read_tsc() - before;

		if (width < best) {
			best = width;
			*tsc = before;
			ns = now;
		}
	}
	return ns;
}

void tsc_clock_init(struct tsc_clock *c, bool wanted)
{
	memset(c, 0, sizeof(*c));
	c->usable = wanted && tsc_allowed() && kernel_uses_tsc();
	if (c->usable)
		c->seen_ns = read_both(&c->seen_tsc);
}

struct line {
	u32 mult;
	u64 tsc0, span;
	ktime_t ns0;
};

static void set_line(struct tsc_clock *c, const struct line *l)
{
	__atomic_store_n(&c->seq, c->seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	WRITE_ONCE(c->mult, l->mult);
	WRITE_ONCE(c->tsc0, l->tsc0);
	WRITE_ONCE(c->span, l->span);
	WRITE_ONCE(c->ns0, l->ns0);
	__atomic_store_n(&c->seq, c->seq + 1, __ATOMIC_RELEASE);
}

/* False: it is being changed. */
static inline bool get_line(const struct tsc_clock *c, struct line *l)
{
	u32 seq = smp_load_acquire(&c->seq);

	l->mult = READ_ONCE(c->mult);
	l->tsc0 = READ_ONCE(c->tsc0);
	l->span = READ_ONCE(c->span);
	l->ns0 = READ_ONCE(c->ns0);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return likely(!(seq & 1) && READ_ONCE(c->seq) == seq);
}

static inline ktime_t at(const struct line *l, u64 cycles)
{
	return l->ns0 + (ktime_t)(cycles * l->mult >> 32);
}

/* The rate between the last reading and this one; 0: that is no clock. */
static u32 measure(struct tsc_clock *c, u64 tsc, ktime_t ns)
{
	s64 cycles = (s64)(tsc - c->seen_tsc), passed = ns - c->seen_ns;
	__extension__ unsigned __int128 rate;

	if (cycles <= 0 || passed <= 0)
		return 0;
	rate = ((__extension__ (unsigned __int128)passed << 32) + cycles / 2) /
	       (u64)cycles;
	if (rate >= 1ULL << 32 || rate < 1ULL << 24)
		return 0;	/* slower than 1 GHz: at() would overflow */
	if (c->rate && (rate > c->rate + c->rate / UNSTEADY ||
			rate < c->rate - c->rate / UNSTEADY))
		return 0;
	return (u32)rate;
}

/* By the calibrator: from `end` on, where the line in use ends. */
static ktime_t next_line(struct tsc_clock *c, ktime_t end)
{
	struct line l = { 0 };
	ktime_t now = read_both(&l.tsc0), span_ns;
	u32 rate = measure(c, l.tsc0, now);
	u64 ahead;

	l.ns0 = max(now, end);
	if (unlikely(!rate)) {
		c->floor = l.ns0;
		smp_store_release(&c->usable, false);
		set_line(c, &l);	/* of no length */
		return l.ns0;
	}
	l.span = min_t(u64, 2 * (l.tsc0 - c->seen_tsc), MAX_SPAN);
	span_ns = (ktime_t)(l.span * rate >> 32);
	ahead = min_t(u64, (u64)(l.ns0 - now), (u64)span_ns / 2);
	l.mult = rate - (u32)(ahead * rate / (u64)span_ns);
	c->rate = rate;
	c->seen_tsc = l.tsc0;
	WRITE_ONCE(c->seen_ns, now);
	set_line(c, &l);
	return l.ns0;
}

static ktime_t by_system(struct tsc_clock *c)
{
	return max(system_clock(), c->floor);
}

/* One thread draws the next line; others stand still at the end of this one. */
static ktime_t calibrate(struct tsc_clock *c, ktime_t end)
{
	ktime_t now = end;
	struct line l;

	if (__atomic_exchange_n(&c->busy, 1, __ATOMIC_ACQUIRE))
		return end;
	get_line(c, &l);
	if (unlikely(!c->usable))
		now = by_system(c);
	else if (!l.mult)
		now = next_line(c, end);
	else if (read_tsc() - l.tsc0 >= l.span)
		now = next_line(c, at(&l, l.span));
	else
		now = max(end, l.ns0);	/* somebody else was here */
	__atomic_store_n(&c->busy, 0, __ATOMIC_RELEASE);
	return now;
}

static noinline ktime_t read_slowly(struct tsc_clock *c)
{
	struct line l;
	u64 cycles;
	ktime_t now;

	while (!get_line(c, &l))
		sched_yield();
	if (!smp_load_acquire(&c->usable))
		return by_system(c);
	if (!l.mult) {
		now = system_clock();
		return now - READ_ONCE(c->seen_ns) < FIRST_SPAN_NS ? now :
		       calibrate(c, now);
	}
	cycles = read_tsc() - l.tsc0;
	if ((s64)cycles < 0 && (s64)cycles > -(s64)MAX_SPAN)
		return l.ns0;	/* drawn by a processor a bit ahead of ours */
	if (cycles < l.span)
		return at(&l, cycles);
	return calibrate(c, at(&l, l.span));
}

ktime_t tsc_clock_read(struct tsc_clock *c)
{
	struct line l;
	u64 cycles;

	if (unlikely(!get_line(c, &l)))
		return read_slowly(c);
	cycles = read_tsc() - l.tsc0;
	if (unlikely(cycles >= l.span))
		return read_slowly(c);
	return at(&l, cycles);
}

ktime_t tsc_clock_read_early(struct tsc_clock *c)
{
	struct line l;
	u64 cycles;

	if (unlikely(!get_line(c, &l)))
		return read_slowly(c);
	cycles = read_tsc_early() - l.tsc0;
	if (unlikely(cycles >= l.span))
		return read_slowly(c);
	return at(&l, cycles);
}
