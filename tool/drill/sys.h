/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls of a script. Each is a function that runs in a task of the host:
 * it makes C values of the script's arguments, calls the stack, compares the
 * result with `= ...`, and then what the call has written with what the script
 * shows. It gives 0, or -1 after call_wrong() has said what is wrong.
 */
#ifndef WEIR_DRILL_SYS_H
#define WEIR_DRILL_SYS_H

#include "run.h"

struct call_memory;

struct call {
	struct call *next;
	struct run *r;
	const struct drill_event *ev;
	const struct drill_syscall *s;
	const struct sys *sys;
	struct weir_sim_task *task;
	int64_t latest, earliest;	/* of its return; world's clock */
	int64_t returned;		/* when it has */
	bool done;
	bool wrong;
	char why[320];
	struct call_memory *memory;
	bool lent;			/* MSG_ZEROCOPY: the stack may go on reading it */
};

struct sys {
	const char *name;
	int (*fn)(struct call *c);
	size_t min_args, max_args;
};

/* NULL: there is no such call. */
const struct sys *sys_find(const char *name);

/* What is wrong with it; the first time counts. Returns -1. */
int call_wrong(struct call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Zeroed memory that lasts as long as the call; NULL after call_wrong(). */
void *call_memory(struct call *c, size_t n);
void call_memory_free(struct call *c);

/* --- arguments ------------------------------------------------------------------- */

/* The i-th argument; NULL: there is none. */
const struct drill_expr *call_arg(const struct call *c, size_t i);
/* It is `...`, or is not there. */
bool expr_is_any(const struct drill_expr *e);
bool expr_is_null(const struct drill_expr *e);
/* `[e]`: e; others: themselves. */
const struct drill_expr *expr_inner(const struct drill_expr *e);

int call_int(struct call *c, size_t i, int64_t *v);
/* `...`, or not there: `other`. */
int call_int_or(struct call *c, size_t i, int64_t other, int64_t *v);
int expr_int(struct call *c, const struct drill_expr *e, int64_t *v);
/* A field's integer, or `other` when there is no such field or it is `...`. */
int field_int_or(struct call *c, const struct drill_expr *e, const char *name, int64_t other,
		 int64_t *v);
/* A descriptor: the stack's number for it. _any: *host when it is one of this
 * process. */
int call_fd(struct call *c, size_t i, int *fd);
int call_fd_any(struct call *c, size_t i, int *fd, bool *host);
/* len bytes to be sent: the string, or the pattern for `...`; NULL for NULL. */
int call_data(struct call *c, const struct drill_expr *e, size_t len, void **data);
/* [{..., 100}, {"abc", 3}]: out: with data in them, else zeroed. */
int call_vectors(struct call *c, const struct drill_expr *e, bool out, struct iovec **to,
		 size_t *n);
/* A datagram, or Fast Open: it opens what the script speaks of from now on. */
int call_opens(struct call *c, int fd, int64_t flags);
/* An address: `...` is addr:port. *len 0: none. */
int call_addr(struct call *c, size_t i, struct in_addr addr, uint16_t port,
	      struct sockaddr_in *a, socklen_t *len);

/* --- results --------------------------------------------------------------------- */

/* ret is as the script says. 0: it is, and the call has succeeded; 1: it is,
 * and was to fail; -1: it is not. */
int call_result(struct call *c, long ret);
/* The same for a new descriptor: the script's number now means ret. */
int call_result_fd(struct call *c, long ret, bool host);
/* What a call wrote is as the script shows it, `...` being anything. */
int call_check_int(struct call *c, const char *what, const struct drill_expr *e, int64_t v);
int call_check_data(struct call *c, const struct drill_expr *e, const void *data, size_t len);
/* The n bytes that were read from the descriptor of argument 0 are those that the
 * script's packets have brought. */
int call_check_stream(struct call *c, const struct iovec *v, size_t n, int64_t flags);
/* Bytes were taken from its stream that nobody has seen. */
void call_lose_stream(struct call *c);

/* --- calls ----------------------------------------------------------------------- */

int call_socket(struct call *c);
int call_bind(struct call *c);
int call_listen(struct call *c);
int call_accept(struct call *c);
int call_accept4(struct call *c);
int call_connect(struct call *c);
int call_shutdown(struct call *c);
int call_close(struct call *c);

int call_read(struct call *c);
int call_readv(struct call *c);
int call_recv(struct call *c);
int call_recvfrom(struct call *c);
int call_write(struct call *c);
int call_writev(struct call *c);
int call_send(struct call *c);
int call_sendto(struct call *c);

int call_recvmsg(struct call *c);
int call_sendmsg(struct call *c);
/* The control messages that recvmsg gave, against msg_control of the script. */
int cmsg_check(struct call *c, const struct drill_expr *e, struct msghdr *m);

int call_getsockopt(struct call *c);
int call_setsockopt(struct call *c);

int call_fcntl(struct call *c);
int call_ioctl(struct call *c);
int call_open(struct call *c);
int call_pipe(struct call *c);
int call_splice(struct call *c);
int call_sendfile(struct call *c);

int call_poll(struct call *c);
int call_epoll_create(struct call *c);
int call_epoll_create1(struct call *c);
int call_epoll_ctl(struct call *c);
int call_epoll_wait(struct call *c);

#endif
