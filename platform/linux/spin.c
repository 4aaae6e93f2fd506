/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at the hardware without sleep: by a thread that waits for a while
 * before it sleeps, and by one that asks again and again without waiting.
 *
 * Most rounds look at the NIC's ring alone, a cache line that changes when
 * there is something. Clock, timers, work for vacant CPUs and the host's
 * descriptors come every few rounds.
 *
 * Who spins may stand in the way of the very peer that he waits for, on the
 * same core. So now and then the core is offered (sched_yield), and what
 * comes of that decides how soon it is the next time: at once, if somebody
 * took it and something had come when it was ours again; ever later, if
 * nobody wanted it, or whoever it was had nothing for us. Somebody who keeps
 * it for a whole time slice is not offered it again soon: sleep is better
 * then, since a wake-up interrupts him.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include <sched.h>

#define LOOK_ROUNDS	8u		/* idle rounds between looks around */
#define HOST_LOOKS	2		/* looks around between host's fds */
#define YIELD_MAX	256u		/* idle rounds, some 10 us */
#define YIELD_HOG	8192u		/* the same, longer than anybody spins */
#define HOG_NS		(200 * NSEC_PER_USEC)
#define ALONE_NS	600		/* longer: somebody else ran meanwhile */
#define BUSY_ROUNDS	32		/* with work, between looks around */

/* What comes all the time: frames, and what they raise on our own CPU. */
static bool attend_nic(struct linux_platform *lp)
{
	bool worked = hw_step_all(lp->machine);

	return cpu_run_raised(this_cpu()) || worked;
}

/* Timers, kicks, vacant CPUs. */
static bool look_around(struct linux_platform *lp, ktime_t now)
{
	bool worked;

	if (likely(now < READ_ONCE(lp->timer_hint) && !READ_ONCE(lp->kicked)))
		return false;
	worked = cpu_run_pending(this_cpu());
	worked |= lx_attend_vacant(lp);
	lx_timer_hint_update(lp);
	return worked;
}

/* Returns the time after it. `found`: whether that brought anything. */
static ktime_t offer_core(struct linux_platform *lp, struct lx_task *lt,
			  ktime_t now, bool *found)
{
	ktime_t after;

	sched_yield();
	after = ktime_get();
	*found = attend_nic(lp);
	if (after - now > HOG_NS)
		lt->yield_after = YIELD_HOG;
	else if (!*found)
		lt->yield_after = min(lt->yield_after * 2, YIELD_MAX);
	else if (after - now > ALONE_NS)
		lt->yield_after = 1;
	return after;
}

bool lx_spin(struct linux_platform *lp, struct lx_task *lt, ktime_t ns,
	     ktime_t deadline)
{
	ktime_t now, until = KTIME_MAX;
	u32 idle = 0, busy = 0, looks = 0;

	if (unlikely(lt->yield_after > YIELD_MAX))	/* forgotten by and by */
		lt->yield_after -= lt->yield_after / 64;
	for (;;) {
		bool worked = attend_nic(lp);

		if (lx_take_token(lt))
			return true;
		if (worked) {
			idle = 0;
			if (++busy % BUSY_ROUNDS)
				continue;
		} else if (ns && ++idle % LOOK_ROUNDS &&
			   idle < lt->yield_after) {
			cpu_relax_hint();
			continue;
		}
		now = ktime_get();
		worked |= look_around(lp, now);
		if (READ_ONCE(lp->nr_watches) && (!ns || looks++ % HOST_LOOKS == 0))
			worked |= lx_host_events(lp);
		if (!worked && idle >= lt->yield_after) {
			now = offer_core(lp, lt, now, &worked);
			idle = 0;
		}
		if (lx_take_token(lt))
			return true;
		if (until == KTIME_MAX)
			until = now + ns;
		if (now >= deadline || (!worked && now >= until))
			return false;
	}
}

/* Rounds as they come, one by one or a few together. */
static bool poll_idle(struct linux_platform *lp, struct lx_task *lt)
{
	ktime_t now = ktime_get();
	bool worked = look_around(lp, now);

	if (READ_ONCE(lp->nr_watches))
		worked |= lx_host_events(lp);
	if (!worked && lt->idle >= lt->yield_after) {
		offer_core(lp, lt, now, &worked);
		lt->idle = 0;
	}
	return worked;
}

/* Who has called so often that he will call again at once, may as well spin in
 * here a little, where a round is much shorter. */
static bool poll_some(struct linux_platform *lp, struct lx_task *lt)
{
	u32 end = lt->idle + min(1 + lt->idle / 4, LOOK_ROUNDS);

	do {
		if (attend_nic(lp)) {
			lt->idle = 0;
			return true;
		}
	} while (++lt->idle < end && lt->idle % LOOK_ROUNDS &&
		 lt->idle < lt->yield_after);
	return (lt->idle % LOOK_ROUNDS == 0 || lt->idle >= lt->yield_after) &&
	       poll_idle(lp, lt);
}

/*
 * Only the second call in a row that finds nothing says that somebody spins:
 * who reads until there is nothing more, and then waits, gets what it asked
 * for.
 */
bool lx_poll(struct platform *p)
{
	struct linux_platform *lp = to_lp(p);
	struct lx_task *lt = (struct lx_task *)current_task();
	bool polls, worked;

	if (++lt->empty_at != lt->calls) {
		lt->empty_at = lt->calls;
		lt->idle = 0;
		return false;
	}
	polls = lx_become_poller(lp, lt);
	if (!polls && !lx_thread_asleep(lp))
		return false;		/* it sees to it */
	worked = poll_some(lp, lt);
	if (polls)
		lx_stop_polling(lp);
	return worked && lt->parked_at != lt->calls;
}
