/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals. The program's handlers are wrapped: one that comes while its
 * thread is inside the stack (which may hold locks there) only ends the
 * thread's wait and is put off until the call has left the stack, just as a
 * kernel runs handlers on the way out of a system call. Then the call is
 * begun again if all handlers that ran had SA_RESTART. A handler may thus use
 * sockets, or leave by siglongjmp.
 *
 * Signals that the code itself provokes (SIGSEGV and its like) are not wrapped.
 *
 * SIGINT, SIGTERM and SIGHUP, where they would kill, are caught once there
 * is a stack: a thread waits for them, closes what is open, as a kernel would
 * for a killed process, and lets the signal kill.
 */
#include "shim.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <ucontext.h>

#define NR_SIGNALS	65
#define NR_DEFERRED	8

/* What the program asked for; two, so that a handler never reads half. */
struct wanted {
	struct sigaction act[2];
	unsigned int current;		/* atomic */
};

struct deferred {
	int sig;
	siginfo_t info;
	struct sigaction act;
};

static struct wanted wanted[NR_SIGNALS];
static _Thread_local struct deferred deferred[NR_DEFERRED]
	__attribute__((tls_model("initial-exec")));
static int guard_efd = -1;
static const int guarded[] = { SIGINT, SIGTERM, SIGHUP };

static const struct sigaction *wanted_now(int sig)
{
	struct wanted *s = &wanted[sig];

	return &s->act[__atomic_load_n(&s->current, __ATOMIC_ACQUIRE) & 1];
}

static void set_wanted(int sig, const struct sigaction *act)
{
	struct wanted *s = &wanted[sig];
	unsigned int next = s->current + 1;

	s->act[next & 1] = *act;
	__atomic_store_n(&s->current, next, __ATOMIC_RELEASE);
}

/* --- running handlers ------------------------------------------------------------- */

static void run(const struct sigaction *act, int sig, siginfo_t *info, void *uc)
{
	shim_self.ran = true;
	if (!(act->sa_flags & SA_RESTART))
		shim_self.no_restart = true;
	if (act->sa_flags & SA_SIGINFO)
		act->sa_sigaction(sig, info, uc);
	else
		act->sa_handler(sig);
}

/* False: no room. The same ordinary signal twice is once, as in a kernel. */
static bool defer(const struct sigaction *act, int sig, const siginfo_t *info)
{
	int i, n = shim_self.deferred;

	for (i = 0; i < n; i++)
		if (deferred[i].sig == sig && sig < SIGRTMIN)
			return true;
	if (n == NR_DEFERRED)
		return false;
	deferred[n].sig = sig;
	deferred[n].info = *info;
	deferred[n].act = *act;
	shim_self.deferred = n + 1;
	return true;
}

static void trampoline(int sig, siginfo_t *info, void *uc)
{
	const struct sigaction *act = wanted_now(sig);
	int saved = errno;

	if (shim_self.depth && defer(act, sig, info)) {
		if (shim.w)
			weir_signal_arrived(shim.w);
	} else {
		run(act, sig, info, uc);
	}
	errno = saved;
}

void shim_run_deferred(void)
{
	sigset_t all, old, during;
	struct deferred d;
	ucontext_t uc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (shim_self.deferred) {
		d = deferred[0];
		shim_self.deferred--;
		memmove(&deferred[0], &deferred[1],
			(size_t)shim_self.deferred * sizeof(d));
		sigorset(&during, &old, &d.act.sa_mask);
		if (!(d.act.sa_flags & SA_NODEFER))
			sigaddset(&during, d.sig);
		getcontext(&uc);
		pthread_sigmask(SIG_SETMASK, &during, NULL);
		run(&d.act, d.sig, &d.info, &uc);
		pthread_sigmask(SIG_SETMASK, &all, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* --- after -EINTR -------------------------------------------------------------------- */

bool shim_spurious(void)
{
	if (shim_self.ran)
		return false;
	pthread_testcancel();
	return true;
}

static bool has_timeout(int fd, int opt)
{
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);

	return shim.w && opt &&
	       !weir_getsockopt(shim.w, fd, SOL_SOCKET, opt, &tv, &len) &&
	       (tv.tv_sec || tv.tv_usec);
}

bool shim_restart(int fd, int opt)
{
	if (shim_spurious())
		return true;
	if (shim_self.no_restart || has_timeout(fd, opt))
		return false;
	shim_self.ran = false;
	return true;
}

void shim_broken_pipe(void)
{
	raise(SIGPIPE);
	errno = EPIPE;
}

/* The process ends in another thread: this one is not to see its sockets
 * closed. */
void shim_hold(void)
{
	sigset_t all;

	shim_self.depth = 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (;;)
		pause();
}

/* --- signals that kill ---------------------------------------------------------------- */

static void on_deadly(int sig)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	uint64_t n = (uint64_t)sig;
	int saved = errno;

	if (!shim.w) {			/* forked child: dies when we return */
		real(sigaction)(sig, &dfl, NULL);
		raise(sig);
	} else {
		(void)!real(write)(guard_efd, &n, sizeof(n));
	}
	errno = saved;
}

static void *guard(void *unused)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	uint64_t sig;

	while (real(read)(guard_efd, &sig, sizeof(sig)) != sizeof(sig))
		if (errno != EINTR)
			return NULL;
	shim_finish(false);
	if (sig >= NR_SIGNALS)		/* several at once: their sum */
		sig = SIGTERM;
	real(sigaction)((int)sig, &dfl, NULL);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	kill(getpid(), (int)sig);
	for (;;)
		pause();
}

static bool is_guarded(int sig)
{
	size_t i;

	for (i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
		if (guarded[i] == sig)
			return guard_efd >= 0;
	return false;
}

static void catch_deadly(int sig)
{
	struct sigaction act = { .sa_handler = on_deadly,
				 .sa_flags = SA_RESTART };

	sigfillset(&act.sa_mask);
	real(sigaction)(sig, &act, NULL);
}

void shim_guard_signals(void)
{
	struct sigaction now;
	sigset_t all, old;
	pthread_t thread;
	size_t i;
	int efd;

	efd = eventfd(0, EFD_CLOEXEC);
	if (efd < 0)
		return;
	guard_efd = real(fcntl)(efd, F_DUPFD_CLOEXEC, 200);
	if (guard_efd < 0)
		guard_efd = efd;
	else
		real(close)(efd);
	shim_set_kind(guard_efd, FD_OWN);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&thread, NULL, guard, NULL)) {
		guard_efd = -1;
	} else {
		pthread_setname_np(thread, "weir-guard");
		pthread_detach(thread);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	for (i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
		if (is_guarded(guarded[i]) &&
		    !real(sigaction)(guarded[i], NULL, &now) &&
		    now.sa_handler == SIG_DFL)
			catch_deadly(guarded[i]);
}

void shim_signals_after_fork(void)
{
	guard_efd = -1;
}

/* --- calls --------------------------------------------------------------------------------- */

static bool provoked(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
	       sig == SIGILL || sig == SIGTRAP || sig == SIGSYS ||
	       sig == SIGABRT || sig == SIGKILL || sig == SIGSTOP;
}

static int install(int sig, const struct sigaction *act)
{
	struct sigaction ours = *act;

	if (act->sa_handler == SIG_DFL && is_guarded(sig)) {
		catch_deadly(sig);
		return 0;
	}
	if (act->sa_handler == SIG_DFL || act->sa_handler == SIG_IGN)
		return real(sigaction)(sig, act, NULL);
	set_wanted(sig, act);
	ours.sa_sigaction = trampoline;
	ours.sa_flags |= SA_SIGINFO;
	return real(sigaction)(sig, &ours, NULL);
}

EXPORT int sigaction(int sig, const struct sigaction *act,
		     struct sigaction *old)
{
	struct sigaction new, now;

	if (sig <= 0 || sig >= NR_SIGNALS || provoked(sig))
		return real(sigaction)(sig, act, old);
	if (act)
		new = *act;		/* may be the same as old */
	if (real(sigaction)(sig, NULL, &now))
		return -1;
	if (now.sa_sigaction == trampoline) {
		now = *wanted_now(sig);
	} else if (now.sa_handler == on_deadly) {
		memset(&now, 0, sizeof(now));
		now.sa_handler = SIG_DFL;
	}
	if (old)
		*old = now;
	return act ? install(sig, &new) : 0;
}

EXPORT int __sigaction(int sig, const struct sigaction *act,
		       struct sigaction *old)
{
	return sigaction(sig, act, old);
}

static sighandler_t set_handler(int sig, sighandler_t handler, int flags)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
	struct sigaction old;

	sigemptyset(&act.sa_mask);
	if (!(flags & SA_NODEFER))
		sigaddset(&act.sa_mask, sig);
	return sigaction(sig, &act, &old) ? SIG_ERR : old.sa_handler;
}

EXPORT sighandler_t signal(int sig, sighandler_t handler)
{
	return set_handler(sig, handler, SA_RESTART);
}

EXPORT sighandler_t bsd_signal(int sig, sighandler_t handler)
{
	return signal(sig, handler);
}

EXPORT sighandler_t ssignal(int sig, sighandler_t handler)
{
	return signal(sig, handler);
}

EXPORT sighandler_t __sysv_signal(int sig, sighandler_t handler)
{
	return set_handler(sig, handler, SA_RESETHAND | SA_NODEFER);
}

EXPORT int siginterrupt(int sig, int interrupt)
{
	struct sigaction act;

	if (sigaction(sig, NULL, &act))
		return -1;
	if (interrupt)
		act.sa_flags &= ~SA_RESTART;
	else
		act.sa_flags |= SA_RESTART;
	return sigaction(sig, &act, NULL);
}
