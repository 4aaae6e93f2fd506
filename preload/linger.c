/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting, after the program's sockets were closed, until the peers have
 * acknowledged what was written: connections that still owe something are
 * those in FIN-WAIT-1, CLOSING and LAST-ACK, and those that are closed with
 * unsent data before it. TIME-WAIT and FIN-WAIT-2 owe nothing. Datagrams may
 * still wait for the address of the next hop: those are waited for, too.
 */
#include "shim.h"

#include <string.h>
#include <time.h>

#define LINGER_MS	2000
#define NEIGH_US	200000	/* who has not answered by then is not there */
#define TABLE_ROOM	(1u << 16)

/* The numbers of /proc/net/tcp. */
enum { ESTABLISHED = 1, FIN_WAIT1 = 4, CLOSE_WAIT = 8, LAST_ACK = 9,
       CLOSING = 11 };

/* "   0: 0100007F:0050 0200007F:1234 01 00000000:00000000 ..." */
static bool line_owes(const char *line)
{
	unsigned int state, tx, rx;

	if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%*x %*[0-9A-Fa-f]:%*x %x %x:%x",
		   &state, &tx, &rx) != 3)
		return false;
	switch (state) {
	case FIN_WAIT1:
	case LAST_ACK:
	case CLOSING:
		return true;
	case ESTABLISHED:
	case CLOSE_WAIT:
		return tx > 0;
	default:
		return false;
	}
}

/* "10.0.0.1         0x1         0x0         00:00:00:00:00:00 ..." */
static bool line_unresolved(const char *line)
{
	unsigned int flags;

	return sscanf(line, "%*[0-9.] 0x%*x 0x%x", &flags) == 1 && !flags;
}

static bool any_line(struct weir *w, const char *view, char *table,
		     bool (*is)(const char *line))
{
	ssize_t n = weir_view(w, view, table, TABLE_ROOM);
	char *line, *next;

	if (n <= 0)
		return false;
	table[n < (ssize_t)TABLE_ROOM ? n : (ssize_t)TABLE_ROOM - 1] = '\0';
	for (line = table; *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		else
			next = line + strlen(line);
		if (is(line))
			return true;
	}
	return false;
}

static bool anything_owed(struct weir *w, char *table, int64_t waited_us)
{
	return any_line(w, "net/tcp", table, line_owes) ||
	       (waited_us < NEIGH_US &&
		any_line(w, "net/arp", table, line_unresolved));
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ll + ts.tv_nsec / 1000;
}

void shim_linger(struct weir *w)
{
	const char *setting = shim_setting("WEIR_LINGER_MS");
	int64_t start = now_us(), waited = 0;
	int64_t most = 1000ll * (setting ? atoi(setting) : LINGER_MS);
	struct timespec nap = { .tv_nsec = 100000 };
	static char table[TABLE_ROOM];	/* no malloc: see shim_finish */

	while (waited < most && anything_owed(w, table, waited)) {
		nanosleep(&nap, NULL);
		waited = now_us() - start;
		if (nap.tv_nsec < 5000000)
			nap.tv_nsec *= 2;
	}
}
