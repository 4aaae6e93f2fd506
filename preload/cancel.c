/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pthread_cancel of a thread that sleeps in the stack. libc would note the
 * wish and leave the thread asleep, as it is in no call of libc's; a signal
 * ends the sleep, and the thread looks at the wish before it goes on waiting.
 */
#include "shim.h"

#include <pthread.h>

#define WAKE	(SIGRTMAX - 5)

static void on_wake(int sig)
{
	int saved = errno;

	if (shim_self.depth && shim.w)
		weir_signal_arrived(shim.w);
	errno = saved;
}

/* False: the program uses the signal itself. */
static bool have_wake(void)
{
	struct sigaction act = { .sa_handler = on_wake, .sa_flags = SA_RESTART };
	struct sigaction now;

	if (real(sigaction)(WAKE, NULL, &now))
		return false;
	if (now.sa_handler == on_wake)
		return true;
	if (now.sa_handler != SIG_DFL)
		return false;
	sigfillset(&act.sa_mask);
	return !real(sigaction)(WAKE, &act, NULL);
}

EXPORT int pthread_cancel(pthread_t thread)
{
	int err = real(pthread_cancel)(thread);

	if (!err && shim.w && !pthread_equal(thread, pthread_self()) &&
	    have_wake())
		pthread_kill(thread, WAKE);
	return err;
}
