/* SPDX-License-Identifier: BSD-2-Clause */
/* What the shim is told goes through the environment: WEIR_*, LD_PRELOAD, and
 * what keeps programs from going round it. */
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const known[] = {
	"WEIR_LINK", "WEIR_ADDR", "WEIR_GW", "WEIR_SET", "WEIR_FEATURE", "WEIR_TRACE",
	"WEIR_TRACE_RECORDS", "WEIR_PCAP", "WEIR_STATS", "WEIR_NAME",
	"WEIR_DNS", "WEIR_LINGER_MS", "WEIR_QUIET", "WEIR_PRELOAD",
};

static bool is_known(const char *var)
{
	size_t i, n = strcspn(var, "=");

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == n && !memcmp(known[i], var, n))
			return true;
	return false;
}

static void warn_unknown(const struct command *c)
{
	char **e;

	for (e = environ; *e; e++)
		if (!strncmp(*e, "WEIR_", 5) && !is_known(*e))
			tool_fail(c, 0, "warning: nothing reads the variable "
				  "%.*s", (int)strcspn(*e, "="), *e);
}

/* --- the shim's file ------------------------------------------------------------ */

/* Beside the command (build tree), or where it is installed. */
static const char *const places[] = {
	"libweir-preload.so",
	"../lib/weir/libweir-preload.so",
	"../lib/x86_64-linux-gnu/weir/libweir-preload.so",
	"../lib/aarch64-linux-gnu/weir/libweir-preload.so",
	"../lib64/weir/libweir-preload.so",
};

static bool find_shim(char *path, size_t room)
{
	char self[PATH_MAX];
	const char *given = getenv("WEIR_PRELOAD");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (given) {
		snprintf(path, room, "%s", given);
		return !access(path, R_OK);
	}
	if (n < 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(path, room, "%s/%s", self, places[i]) < (int)room &&
		    !access(path, R_OK))
			return true;
	}
	return false;
}

/* --- setting it --------------------------------------------------------------------- */

static void put(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
}

static int put_lines(const char *name, const char *const *lines, int n)
{
	size_t room = 1;
	char *all;
	int i;

	if (!n)
		return 0;
	for (i = 0; i < n; i++)
		room += strlen(lines[i]) + 1;
	all = calloc(1, room);
	if (!all)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (i)
			strcat(all, "\n");
		strcat(all, lines[i]);
	}
	setenv(name, all, 1);
	free(all);
	return 0;
}

/* Files of an earlier run give way; the program may change directories. */
static int put_file(const struct run_request *r, const char *name,
		    const char *file)
{
	char path[PATH_MAX], dir[PATH_MAX];
	FILE *f;

	if (!file)
		return EXIT_OK;
	f = fopen(file, "we");
	if (!f)
		return tool_fail(r->command, EXIT_REFUSED, "cannot write %s: "
				 "%s; give another place", file,
				 strerror(errno));
	fclose(f);
	if (!realpath(file, path)) {
		if (!getcwd(dir, sizeof(dir)) ||
		    snprintf(path, sizeof(path), "%s/%s", dir, file) >=
		    (int)sizeof(path))
			return tool_fail(r->command, EXIT_REFUSED,
					 "%s: path too long", file);
	}
	unlink(path);
	setenv(name, path, 1);
	return EXIT_OK;
}

static int put_preload(const struct run_request *r)
{
	const char *before = getenv("LD_PRELOAD");
	char shim[PATH_MAX], *all;

	if (!find_shim(shim, sizeof(shim)))
		return tool_fail(r->command, EXIT_ENVIRON, "libweir-preload.so "
				 "is not beside the command nor in the "
				 "library's directory; build or install it, or "
				 "set WEIR_PRELOAD to its path");
	if (strpbrk(shim, " :"))
		return tool_fail(r->command, EXIT_ENVIRON, "%s: the loader "
				 "takes no path with blanks or colons", shim);
	if (asprintf(&all, "%s%s%s", shim, before && *before ? ":" : "",
		     before ? before : "") < 0)
		return tool_fail(r->command, EXIT_REFUSED, "out of memory");
	setenv("LD_PRELOAD", all, 1);
	free(all);
	return EXIT_OK;
}

int run_environment(const struct run_request *r)
{
	int ret;

	warn_unknown(r->command);
	if (put_lines("WEIR_LINK", r->link, r->nr_links) ||
	    put_lines("WEIR_ADDR", r->addr, r->nr_addrs) ||
	    put_lines("WEIR_SET", r->set, r->nr_sets) ||
	    put_lines("WEIR_FEATURE", r->feature, r->nr_features))
		return tool_fail(r->command, EXIT_REFUSED, "out of memory");
	put("WEIR_GW", r->gw);
	put("WEIR_DNS", r->dns);
	put("WEIR_NAME", r->name);
	put("WEIR_TRACE_RECORDS", r->records);
	put("WEIR_STATS", r->stats ? "1" : NULL);
	put("WEIR_QUIET", r->quiet ? "1" : NULL);
	put("UV_USE_IO_URING", "0");
	ret = put_file(r, "WEIR_TRACE", r->trace);
	if (!ret)
		ret = put_file(r, "WEIR_PCAP", r->pcap);
	return ret ? ret : put_preload(r);
}
