/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendfile and splice between a socket of the stack and a descriptor of the
 * host. The bytes pass through a buffer here; what was taken from one side
 * and does not fit the other is not lost: files are read at offsets, sockets
 * are peeked at, and of a pipe no more is taken than the socket has room for.
 */
#define _GNU_SOURCE
#include "platform/linux/weir_stack.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK	(128u << 10)

/* --- sendfile ------------------------------------------------------------------- */

/* n bytes of file `in` from *pos on. What was sent, or -errno if nothing. */
static ssize_t send_range(struct weir *w, int fd, int in, off_t *pos, size_t n,
			  void *buf)
{
	size_t done = 0;
	ssize_t got, sent;

	while (done < n) {
		size_t want = min_t(size_t, n - done, CHUNK);

		got = pread(in, buf, want, *pos);
		if (got < 0)
			return done ? (ssize_t)done : -errno;
		if (!got)
			break;
		sent = weir_send(w, fd, buf, (size_t)got,
				 done + (size_t)got < n ? MSG_MORE : 0);
		if (sent < 0)
			return done ? (ssize_t)done : sent;
		done += (size_t)sent;
		*pos += sent;
		if (sent < got)
			break;
	}
	return (ssize_t)done;
}

ssize_t weir_sendfile(struct weir *w, int fd, int in, off_t *off, size_t n)
{
	off_t pos = off ? *off : lseek(in, 0, SEEK_CUR);
	ssize_t ret;
	void *buf;

	if (!weir_owns(w, fd))
		return -EBADF;
	if (pos < 0)
		return off || errno == ESPIPE ? -EINVAL : -errno;
	buf = malloc(CHUNK);
	if (!buf)
		return -ENOMEM;
	ret = send_range(w, fd, in, &pos, n, buf);
	free(buf);
	if (off)
		*off = pos;
	else if (ret > 0)
		lseek(in, pos, SEEK_SET);
	return ret;
}

/* --- splice ------------------------------------------------------------------------ */

static bool wait_host(int fd, short events, bool nonblock)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, nonblock ? 0 : -1) > 0;
}

/* Into the pipe as much as fits now. */
static ssize_t write_pipe(int fd, void *buf, size_t n, bool nonblock)
{
	struct iovec v = { buf, n };
	ssize_t ret;

	for (;;) {
		ret = pwritev2(fd, &v, 1, -1, RWF_NOWAIT);
		if (ret < 0 && errno == EOPNOTSUPP)
			ret = write(fd, buf, n);
		if (ret >= 0)
			return ret;
		if (errno != EAGAIN || nonblock ||
		    fcntl(fd, F_GETFL) & O_NONBLOCK)
			return -errno;
		if (!wait_host(fd, POLLOUT, false))
			return -EINTR;
	}
}

/* The next byte is an urgent one that is there, but for nobody who reads in
 * order. */
static bool at_urgent_byte(struct weir *w, int fd)
{
	int mark = 0;
	char byte;

	return !weir_ioctl(w, fd, SIOCATMARK, &mark) && mark &&
	       weir_recv(w, fd, &byte, 1, MSG_OOB | MSG_PEEK | MSG_DONTWAIT) !=
	       -EAGAIN;
}

/* What there is, or 0 before an urgent byte: waiting would not bring more. */
static ssize_t peek_socket(struct weir *w, int fd, void *buf, size_t n,
			   bool nonblock)
{
	ssize_t got = weir_recv(w, fd, buf, n, MSG_PEEK | MSG_DONTWAIT);

	if (got != -EAGAIN)
		return got;
	if (at_urgent_byte(w, fd))
		return 0;
	return nonblock ? got : weir_recv(w, fd, buf, n, MSG_PEEK);
}

static ssize_t from_socket(struct weir *w, int in, int out, void *buf, size_t n,
			   bool nonblock)
{
	ssize_t got = peek_socket(w, in, buf, n, nonblock), put;

	if (got <= 0)
		return got;
	put = write_pipe(out, buf, (size_t)got, nonblock);
	return put <= 0 ? put : weir_recv(w, in, buf, (size_t)put,
					  MSG_DONTWAIT);
}

/* Bytes that the socket takes without waiting, about. */
static size_t room_of(struct weir *w, int fd)
{
	int sndbuf = 0, queued = 0;
	socklen_t len = sizeof(sndbuf);

	weir_getsockopt(w, fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, &len);
	weir_ioctl(w, fd, TIOCOUTQ, &queued);
	return sndbuf / 2 - queued > 4096 ? (size_t)(sndbuf / 2 - queued) :
	       4096;
}

/* What was taken from the pipe must go out: waits if the guess was wrong. */
static ssize_t send_all(struct weir *w, int fd, const u8 *buf, size_t n)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	size_t done = 0;

	while (done < n) {
		ssize_t sent = weir_send(w, fd, buf + done, n - done, 0);

		if (sent == -EAGAIN)
			weir_poll(w, &p, 1, -1);
		else if (sent < 0 && sent != -EINTR)
			return done ? (ssize_t)done : sent;
		else if (sent > 0)
			done += (size_t)sent;
	}
	return (ssize_t)done;
}

static ssize_t to_socket(struct weir *w, int in, int out, void *buf, size_t n,
			 bool nonblock)
{
	struct pollfd p = { .fd = out, .events = POLLOUT };
	bool out_nonblock = nonblock || weir_fcntl(w, out, F_GETFL, 0) &
			    O_NONBLOCK;
	ssize_t got;
	int ready;

	ready = weir_poll(w, &p, 1, out_nonblock ? 0 : -1);
	if (ready <= 0)
		return ready ? ready : -EAGAIN;
	if (nonblock && !wait_host(in, POLLIN, true))
		return -EAGAIN;
	got = read(in, buf, min(n, room_of(w, out)));
	if (got <= 0)
		return got ? -errno : 0;
	return send_all(w, out, buf, (size_t)got);
}

ssize_t weir_splice(struct weir *w, int in, int out, size_t n,
		    unsigned int flags)
{
	bool nonblock = flags & SPLICE_F_NONBLOCK, from = weir_owns(w, in);
	ssize_t ret;
	void *buf;

	if (from == !!weir_owns(w, out))
		return from ? -EINVAL : -EBADF;	/* one must be a pipe */
	if (fcntl(from ? out : in, F_GETFD) < 0)
		return -errno;
	if (fcntl(from ? out : in, F_GETPIPE_SZ) < 0)
		return -EINVAL;
	if (!n)
		return 0;
	buf = malloc(CHUNK);
	if (!buf)
		return -ENOMEM;
	n = min_t(size_t, n, CHUNK);
	ret = from ? from_socket(w, in, out, buf, n, nonblock) :
	      to_socket(w, in, out, buf, n, nonblock);
	free(buf);
	return ret;
}
