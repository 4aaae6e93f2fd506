/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting programs, and what their tasks have in common. */
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t program_now(const struct program *p)
{
	return weir_sim_now(p->sim);
}

void program_mark(struct program *p)
{
	p->end = program_now(p);
	if (!p->begin)
		p->begin = p->end;
}

int64_t program_deadline(const struct program *p, int64_t since)
{
	return p->args.for_ns ? since + (int64_t)p->args.for_ns :
				WEIR_SIM_FOREVER;
}

int program_sleep_until(struct program *p, struct weir *w, int64_t when)
{
	int64_t now = program_now(p);

	return when > now ? weir_sim_sleep(w, when - now) : 0;
}

/* --- life ------------------------------------------------------------------------------ */

static int body(struct weir *w, void *arg)
{
	struct program *p = arg;
	int err = program_sleep_until(p, w, WEIR_SIM_START_NS +
				      (int64_t)p->args.start_ns);

	if (!err)
		err = p->kind->work(p, w);
	if (err < 0) {
		p->errors++;
		p->last_error = -err;
	}
	if (++p->finished == p->nr_tasks && p->on_end)
		p->on_end(p);
	return err;
}

int program_start(struct program *p, struct weir *w)
{
	uint64_t i;

	p->w = w;
	p->sim = weir_sim_of(w);
	p->nr_tasks = p->args.flows ? p->args.flows : 1;
	p->tasks = calloc(p->nr_tasks, sizeof(struct weir_sim_task *));
	if (!p->tasks)
		return -ENOMEM;
	for (i = 0; i < p->nr_tasks; i++) {
		p->tasks[i] = weir_sim_spawn(w, p->name, body, p);
		if (!p->tasks[i])
			return -ENOMEM;
	}
	return 0;
}

void program_fini(struct program *p)
{
	free(p->tasks);
	free(p->times.ns);
	p->tasks = NULL;
	p->times = (struct samples){ 0 };
}

/* --- sockets ---------------------------------------------------------------------------- */

struct sockaddr_in program_address(const struct program *p)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr = p->args.to,
		.sin_port = htons((uint16_t)p->args.port),
	};
}

int program_connect(struct program *p, struct weir *w)
{
	struct sockaddr_in to = program_address(p);
	int fd = weir_socket(w, AF_INET, SOCK_STREAM, 0), err;

	if (fd < 0)
		return fd;
	err = weir_connect(w, fd, (struct sockaddr *)&to, sizeof(to));
	if (!err)
		return fd;
	weir_close(w, fd);
	return err;
}

void program_limit(struct weir *w, int fd, int option, int64_t ns)
{
	struct timeval tv = {
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_usec = (suseconds_t)(ns % 1000000000 / 1000),
	};

	weir_setsockopt(w, fd, SOL_SOCKET, option, &tv, sizeof(tv));
}

int program_send_all(struct weir *w, int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = weir_send(w, fd, p, len, MSG_NOSIGNAL);
		if (n < 0)
			return (int)n;
	}
	return 0;
}

int program_recv_all(struct weir *w, int fd, void *buf, size_t len)
{
	char *p = buf;
	ssize_t n;

	for (; len; p += n, len -= (size_t)n) {
		n = weir_recv(w, fd, p, len, 0);
		if (n <= 0)
			return n ? (int)n : -EPIPE;
	}
	return 0;
}
