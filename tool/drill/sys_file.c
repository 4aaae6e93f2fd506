/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fcntl, ioctl, open, pipe, splice, sendfile. Pipes and files are those of this
 * process, put where no number of the stack is in their way; a file's content
 * is what a command of the script has written to it.
 */
#define _GNU_SOURCE
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Descriptors of this process that scripts use are from here up. */
#define HOST_FDS	4096

int call_fcntl(struct call *c)
{
	int64_t cmd, arg;
	bool host;
	int fd, ret;

	if (call_fd_any(c, 0, &fd, &host) || call_int(c, 1, &cmd) ||
	    call_int_or(c, 2, 0, &arg))
		return -1;
	if (!host)
		return call_result(c, weir_fcntl(c->r->host, fd, (int)cmd, (long)arg));
	ret = fcntl(fd, (int)cmd, arg);
	return call_result(c, ret < 0 ? -errno : ret);
}

int call_ioctl(struct call *c)
{
	int64_t cmd, number = 0;
	int fd, value, ret;

	if (call_fd(c, 0, &fd) || call_int(c, 1, &cmd))
		return -1;
	if (!expr_is_any(expr_inner(call_arg(c, 2))) && !expr_is_null(call_arg(c, 2)) &&
	    call_int(c, 2, &number))
		return -1;
	value = (int)number;
	ret = call_result(c, weir_ioctl(c->r->host, fd, (unsigned long)cmd,
					expr_is_null(call_arg(c, 2)) ? NULL : &value));
	if (ret || expr_is_null(call_arg(c, 2)))
		return ret;
	return call_check_int(c, "the value", expr_inner(call_arg(c, 2)), value);
}

/* Out of the way of the stack's numbers. */
static int move_up(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, HOST_FDS);
	int err = errno;

	close(fd);
	return up < 0 ? -err : up;
}

static int file_in_memory(const void *content, size_t len)
{
	int fd = memfd_create("drill", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (write(fd, content, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET)) {
		close(fd);
		return -ENOSPC;
	}
	return move_up(fd);
}

int call_open(struct call *c)
{
	const struct drill_expr *path = call_arg(c, 0);
	const void *content;
	size_t len;

	if (path->kind != DRILL_STRING)
		return call_wrong(c, "argument 1 of open is a path");
	content = conf_file(c->r->conf, path->text, &len);
	return call_result_fd(c, content ? file_in_memory(content, len) : -ENOENT, true);
}

int call_pipe(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 0);
	int64_t number;
	int fds[2], i, ret;

	if (e->kind != DRILL_LIST || e->nitems != 2)
		return call_wrong(c, "argument 1 of pipe is [read end, write end]");
	ret = call_result(c, pipe2(fds, O_CLOEXEC | O_NONBLOCK) ? -errno : 0);
	for (i = 0; i < 2 && !ret; i++) {
		if (expr_int(c, e->items[i], &number))
			return -1;
		if (run_fd_set(c->r, (int)number, move_up(fds[i]), true))
			return call_wrong(c, "the script has too many descriptors");
	}
	return ret;
}

int call_splice(struct call *c)
{
	int64_t len, flags;
	bool in_host, out_host;
	int in, out;

	if (call_fd_any(c, 0, &in, &in_host) || call_fd_any(c, 2, &out, &out_host) ||
	    call_int(c, 4, &len) || call_int(c, 5, &flags))
		return -1;
	if (!expr_is_null(call_arg(c, 1)) || !expr_is_null(call_arg(c, 3)))
		return call_wrong(c, "the offsets of splice are NULL");
	if (in_host && out_host)
		return call_wrong(c, "one end of splice has to be a socket");
	if (!in_host)
		call_lose_stream(c);
	return call_result(c, weir_splice(c->r->host, in, out, (size_t)len,
					  (unsigned int)flags));
}

int call_sendfile(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 2);
	int64_t at = 0, len;
	bool host;
	off_t off;
	int fd, in;

	if (call_fd(c, 0, &fd) || call_fd_any(c, 1, &in, &host) || call_int(c, 3, &len) ||
	    (!expr_is_null(e) && !expr_is_any(e) && call_int(c, 2, &at)))
		return -1;
	if (!host)
		return call_wrong(c, "argument 2 of sendfile is not a file");
	off = (off_t)at;
	return call_result(c, weir_sendfile(c->r->host, fd, in, expr_is_null(e) ? NULL : &off,
					    (size_t)len));
}
