/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * select and poll. A set without a socket of the stack is the host's affair
 * alone; otherwise the stack waits for both kinds, since it knows how to
 * sleep on the host's descriptors and the host does not know ours.
 */
#include "shim.h"

#include <pthread.h>
#include <time.h>

/* --- poll ------------------------------------------------------------------------ */

static bool pollfds_on_host(const struct pollfd *fds, nfds_t n)
{
	nfds_t i;

	if (!shim.w || !fds)
		return true;
	for (i = 0; i < n; i++)
		if (fd_kind(fds[i].fd) == FD_STACK)
			return false;
	return true;
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (pollfds_on_host(fds, n))
		return real(poll)(fds, n, timeout);
	pthread_testcancel();
	return (int)STACK_WAIT(weir_poll(w, fds, n, timeout));
}

EXPORT int __poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return poll(fds, n, timeout);
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room)
{
	if (room / sizeof(*fds) < n)
		__chk_fail();
	return poll(fds, n, timeout);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask)
{
	if (pollfds_on_host(fds, n))
		return real(ppoll)(fds, n, timeout, mask);
	pthread_testcancel();
	return (int)STACK_WAIT(weir_ppoll(w, fds, n, timeout, mask));
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
		       const struct timespec *timeout, const sigset_t *mask,
		       size_t room)
{
	if (room / sizeof(*fds) < n)
		__chk_fail();
	return ppoll(fds, n, timeout, mask);
}

/* --- select ------------------------------------------------------------------------ */

#define WORD_BITS	(8 * (int)sizeof(unsigned long))

/* The program's sets may be as short as n asks: read word by word. */
static bool set_on_host(int n, const fd_set *set)
{
	const unsigned long *words = (const unsigned long *)(const void *)set;
	int i;

	for (i = 0; set && i < n; i += WORD_BITS) {
		unsigned long bits = words[i / WORD_BITS];

		if (n - i < WORD_BITS)
			bits &= (1ul << (n - i)) - 1;
		for (; bits; bits &= bits - 1)
			if (fd_kind(i + __builtin_ctzl(bits)) == FD_STACK)
				return false;
	}
	return true;
}

static bool sets_on_host(int n, const fd_set *r, const fd_set *wr,
			 const fd_set *e)
{
	return !shim.w || (set_on_host(n, r) && set_on_host(n, wr) &&
			   set_on_host(n, e));
}

EXPORT int select(int n, fd_set *r, fd_set *wr, fd_set *e, struct timeval *t)
{
	if (sets_on_host(n, r, wr, e))
		return real(select)(n, r, wr, e, t);
	pthread_testcancel();
	return (int)STACK_WAIT(weir_select(w, n, r, wr, e, t));
}

EXPORT int __select(int n, fd_set *r, fd_set *wr, fd_set *e, struct timeval *t)
{
	return select(n, r, wr, e, t);
}

EXPORT int pselect(int n, fd_set *r, fd_set *wr, fd_set *e,
		   const struct timespec *t, const sigset_t *mask)
{
	if (sets_on_host(n, r, wr, e))
		return real(pselect)(n, r, wr, e, t, mask);
	pthread_testcancel();
	return (int)STACK_WAIT(weir_pselect(w, n, r, wr, e, t, mask));
}
