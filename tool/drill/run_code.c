/* SPDX-License-Identifier: BSD-2-Clause */
/* A %{ }% snippet: what it can read is taken from the socket, then it is run. */
#define _GNU_SOURCE
#include "code.h"
#include "code_info.h"
#include "run.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* By number: libc's headers may lack them. */
#define SOL_TCP_LEVEL		6
#define TCP_INFO_NAME		11
#define TCP_CONGESTION_NAME	13
#define TCP_CC_INFO_NAME	26
#define SO_MEMINFO_NAME		55

/* The socket of the connection that the script speaks of; before it has been
 * accepted and after it is closed, the last socket that the script made. */
static int socket_of(const struct run *r)
{
	bool host;
	int fd = r->live.current ? r->live.current->fd : -1;

	if (fd < 0)
		fd = r->last_socket;
	fd = fd < 0 ? -1 : run_fd_live(r, fd, &host);
	return fd >= 0 && weir_owns(r->host, fd) == 1 ? fd : -1;
}

static void tell_socket(struct run *r, int fd, FILE *to)
{
	_Alignas(8) uint8_t info[512] = { 0 };
	uint32_t mem[16] = { 0 };
	char control[32] = "";
	socklen_t len = sizeof(info);

	if (!weir_getsockopt(r->host, fd, SOL_TCP_LEVEL, TCP_INFO_NAME, info, &len))
		code_tell_tcp_info(to, info, len);
	len = sizeof(mem);
	if (!weir_getsockopt(r->host, fd, SOL_SOCKET, SO_MEMINFO_NAME, mem, &len))
		code_tell_meminfo(to, mem, len / sizeof(mem[0]));
	len = sizeof(control) - 1;
	if (weir_getsockopt(r->host, fd, SOL_TCP_LEVEL, TCP_CONGESTION_NAME, control, &len))
		return;
	len = sizeof(info);
	if (!weir_getsockopt(r->host, fd, SOL_TCP_LEVEL, TCP_CC_INFO_NAME, info, &len))
		code_tell_cc_info(to, control, info, len);
}

/* Assignments in Python, to be freed. NULL: no memory. */
static char *variables(struct run *r)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int fd = socket_of(r);

	if (!to)
		return NULL;
	code_tell_constants(to);
	if (fd >= 0)
		tell_socket(r, fd, to);
	fclose(to);
	return text;
}

static int told(struct run *r, const struct drill_event *ev, enum code_end end, const char *text)
{
	const char *at = text ? text : "", *nl;

	switch (end) {
	case CODE_DONE:
		return 0;
	case CODE_NO_PYTHON:
		r->no_python = true;
		return run_fail(r, ev, "%s cannot be started, and this script has code in "
				"Python; install it (apt-get install python3), or name one "
				"with --code_command", r->cfg.python);
	case CODE_BROKEN:
		return run_fail(r, ev, "%s ended while it ran this", r->cfg.python);
	case CODE_RAISED:
		break;
	}
	run_fail(r, ev, "the code fails");
	for (; *at; at = nl + 1) {
		nl = strchrnul(at, '\n');
		run_tell(r, "  %.*s", (int)(nl - at), at);
		if (!*nl)
			break;
	}
	run_tell_seen(r);
	return -1;
}

int run_code(struct run *r, const struct drill_event *ev)
{
	char *vars, *text = NULL;
	enum code_end end;
	int ret;

	if (!r->code)
		return 0;
	vars = variables(r);
	if (!vars)
		return run_fail(r, ev, "out of memory");
	end = code_run(r->code, r->script->name, ev->line, vars, ev->code, &text);
	ret = told(r, ev, end, text);
	free(vars);
	free(text);
	return ret;
}
