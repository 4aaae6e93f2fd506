/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams on sockets. libc's stdio reads and writes past the program's symbols,
 * so that fdopen of a socket makes a stream with functions of its own; the few
 * calls that ask a stream for its number are answered from a list of them.
 */
#include "shim.h"

#include <pthread.h>
#include <string.h>

struct stream {
	struct stream *next;
	FILE *file;
	int fd;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct stream *streams;

static ssize_t stream_read(void *cookie, char *buf, size_t n)
{
	return ours(read)(((struct stream *)cookie)->fd, buf, n);
}

/* 0, not -1, is how a cookie reports an error of write. */
static ssize_t stream_write(void *cookie, const char *buf, size_t n)
{
	ssize_t done = ours(write)(((struct stream *)cookie)->fd, buf, n);

	return done < 0 ? 0 : done;
}

static int stream_close(void *cookie)
{
	struct stream *s = cookie, **p;
	int fd = s->fd;

	pthread_mutex_lock(&lock);
	for (p = &streams; *p && *p != s; p = &(*p)->next)
		;
	if (*p)
		*p = s->next;
	pthread_mutex_unlock(&lock);
	free(s);
	return ours(close)(fd);
}

EXPORT FILE *fdopen(int fd, const char *mode)
{
	static const cookie_io_functions_t io = {
		.read = stream_read,
		.write = stream_write,
		.close = stream_close,
	};
	struct stream *s;

	if (on_host(fd))
		return real(fdopen)(fd, mode);
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->fd = fd;
	s->file = fopencookie(s, mode, io);
	if (!s->file) {
		free(s);
		return NULL;
	}
	pthread_mutex_lock(&lock);
	s->next = streams;
	__atomic_store_n(&streams, s, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock);
	return s->file;
}

/* -1: not one of ours. */
static int stream_fd(FILE *f)
{
	struct stream *s;
	int fd = -1;

	if (likely(!__atomic_load_n(&streams, __ATOMIC_ACQUIRE)))
		return -1;
	pthread_mutex_lock(&lock);
	for (s = streams; s; s = s->next)
		if (s->file == f)
			fd = s->fd;
	pthread_mutex_unlock(&lock);
	return fd;
}

EXPORT int fileno(FILE *f)
{
	int fd = stream_fd(f);

	return fd >= 0 ? fd : real(fileno)(f);
}

EXPORT int fileno_unlocked(FILE *f)
{
	int fd = stream_fd(f);

	return fd >= 0 ? fd : real(fileno_unlocked)(f);
}

void shim_streams_after_fork(void)
{
	pthread_mutex_init(&lock, NULL);
}

/* exit() flushes streams after destructors, when the stack is gone. */
void shim_flush_streams(void)
{
	struct stream *s;

	for (s = streams; s; s = s->next)
		fflush(s->file);
}

/* --- dprintf -------------------------------------------------------------------------- */

static int print_to_socket(int fd, const char *fmt, va_list ap)
{
	char *text = NULL;
	int n = vasprintf(&text, fmt, ap), done = 0;
	bool have = n >= 0;

	while (n >= 0 && done < n) {
		ssize_t k = ours(write)(fd, text + done, (size_t)(n - done));

		if (k < 0) {
			n = -1;
			break;
		}
		done += (int)k;
	}
	if (have)
		free(text);
	return n;
}

EXPORT int vdprintf(int fd, const char *fmt, va_list ap)
{
	if (on_host(fd))
		return real(vdprintf)(fd, fmt, ap);
	return print_to_socket(fd, fmt, ap);
}

EXPORT int dprintf(int fd, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vdprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}

EXPORT int __vdprintf_chk(int fd, int flag, const char *fmt, va_list ap)
{
	if (on_host(fd))
		return real(__vdprintf_chk)(fd, flag, fmt, ap);
	return print_to_socket(fd, fmt, ap);
}

EXPORT int __dprintf_chk(int fd, int flag, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = __vdprintf_chk(fd, flag, fmt, ap);
	va_end(ap);
	return n;
}
