/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that move bytes from one descriptor to another, one of them (or both)
 * the stack's. */
#include "shim.h"

#include <pthread.h>

static ssize_t sent(ssize_t n)
{
	if (unlikely(n < 0 && errno == EPIPE))
		shim_broken_pipe();
	return n;
}

EXPORT ssize_t sendfile(int out, int in, off_t *off, size_t n)
{
	if (on_host(out) && on_host(in))
		return real(sendfile)(out, in, off, n);
	if (!on_host(in)) {		/* not from a socket: Linux, too */
		errno = fd_kind(in) == FD_STACK ? EINVAL : EBADF;
		return -1;
	}
	pthread_testcancel();
	return sent(STACK_RESTART(out, SO_SNDTIMEO,
				  weir_sendfile(w, out, in, off, n)));
}

EXPORT ssize_t sendfile64(int out, int in, off64_t *off, size_t n)
{
	return sendfile(out, in, off, n);
}

EXPORT ssize_t splice(int in, off64_t *off_in, int out, off64_t *off_out,
		      size_t n, unsigned int flags)
{
	if (on_host(in) && on_host(out))
		return real(splice)(in, off_in, out, off_out, n, flags);
	if ((!on_host(in) && off_in) || (!on_host(out) && off_out)) {
		errno = ESPIPE;
		return -1;
	}
	pthread_testcancel();
	return sent(STACK_RESTART(on_host(out) ? in : out,
				  on_host(out) ? SO_RCVTIMEO : SO_SNDTIMEO,
				  weir_splice(w, in, out, n, flags)));
}
