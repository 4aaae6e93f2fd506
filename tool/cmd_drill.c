/* SPDX-License-Identifier: BSD-2-Clause */
/* weir drill: runs packetdrill scripts against the stack, in virtual time. */
#include "tool.h"
#include "drill/report.h"
#include "drill/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What has a letter of its own; the others are the names of run_config.c, whose
 * `letter` is their index from FIRST_NAME on. */
static const struct tool_option own[] = {
	{ 'D', "define", "NAME=VALUE", "what NAME stands for in scripts", false },
	{ 'v', "verbose", NULL, "name the scripts that pass, too", false },
	{ 'q', "quiet", NULL, "one line for each that fails", false },
	{ 'p', "packets", NULL, "show every packet", false },
	{ 'n', "dry_run", NULL, "parse only", false },
	{ 't', "tap", NULL, "write TAP", false },
	{ 'j', "json", NULL, "write JSON", false },
	{ 'J', "jobs", "N", "processes at once (one for each CPU); 0: all in this one", false },
};

#define OWN		(sizeof(own) / sizeof(own[0]))
#define FIRST_NAME	1
#define OPTIONS_MAX	48

static struct tool_option options[OPTIONS_MAX];

struct request {
	const struct command *c;
	struct run_arguments args;
	struct report report;
	unsigned int jobs;
};

static bool is_own(const char *name)
{
	size_t i;

	for (i = 0; i < OWN; i++)
		if (!strcmp(own[i].name, name))
			return true;
	return false;
}

/* Options with a letter, then those without. */
static void make_options(void)
{
	const struct run_option *o;
	size_t i, n = OWN;

	memcpy(options, own, sizeof(own));
	for (i = 0; (o = run_config_option(i)) && n < OPTIONS_MAX - 1; i++)
		if (!is_own(o->name))
			options[n++] = (struct tool_option){
				(char)(FIRST_NAME + i), o->name, o->arg,
				o->what ? o->what : "accepted, without meaning here", true,
			};
}

static int set_jobs(struct request *r, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (!*value || *end || *value == '-' || n > 64)
		return tool_fail(r->c, EXIT_USAGE, "--jobs %s: not a number from 0 to 64", value);
	r->jobs = (unsigned int)n;
	return EXIT_OK;
}

static int set_named(struct request *r, const char *name, const char *value)
{
	char buf[160];
	const char *err = run_arguments_add(&r->args, name, value ? value : "", buf, sizeof(buf));

	return err ? tool_fail(r->c, EXIT_USAGE, "%s", err) : EXIT_OK;
}

static int set_option(void *ctx, char letter, const char *value)
{
	struct request *r = ctx;

	switch (letter) {
	case 'v':
		r->report.verbose = true;
		return EXIT_OK;
	case 'q':
		r->report.quiet = true;
		return EXIT_OK;
	case 't':
		r->report.form = REPORT_TAP;
		return EXIT_OK;
	case 'j':
		r->report.form = REPORT_JSON;
		return EXIT_OK;
	case 'J':
		return set_jobs(r, value);
	case 'D':
		return set_named(r, "define", value);
	case 'p':
		return set_named(r, "packets", value);
	case 'n':
		return set_named(r, "dry_run", value);
	}
	return set_named(r, run_config_option((size_t)(letter - FIRST_NAME))->name, value);
}

static void done(void *arg, size_t i, const struct run_result *res)
{
	report_one(arg, i, res);
}

static int exit_code(enum run_verdict worst)
{
	switch (worst) {
	case RUN_PASSED:
	case RUN_SKIPPED:
		return EXIT_OK;
	case RUN_FAILED:
		return EXIT_EXPECT;
	case RUN_UNPARSED:
		return EXIT_USAGE;
	case RUN_NO_PYTHON:
		return EXIT_ENVIRON;
	}
	return EXIT_REFUSED;
}

static int run_all(struct request *r, char **files, size_t n)
{
	int ret;

	r->report.progress = n > 1 && isatty(STDERR_FILENO);
	r->report.files = files;
	r->report.n = n;
	r->report.verdicts = calloc(n, sizeof(*r->report.verdicts));
	if (!r->report.verdicts)
		return tool_fail(r->c, EXIT_REFUSED, "out of memory");
	report_begin(&r->report);
	ret = run_jobs(&r->args, files, n, r->jobs, done, &r->report);
	ret = ret ? tool_fail(r->c, EXIT_REFUSED, "the scripts cannot be run: %s",
			      strerror(-ret)) : exit_code(report_end(&r->report));
	free(r->report.verdicts);
	return ret;
}

static int drill(const struct command *c, int argc, char **argv)
{
	struct request r = { .c = c };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	char **files, buf[512];
	size_t n = 0;
	int at, ret;

	make_options();
	run_config_init(&r.args.base);
	r.jobs = cpus > 0 ? (unsigned int)cpus : 1;
	at = tool_parse(c, argc, argv, set_option, &r);
	if (at < 0)
		return -1 - at;
	if (at == argc)
		return tool_fail(c, EXIT_USAGE, "no script; write weir drill %s", c->args);
	files = run_files_find(argv + at, (size_t)(argc - at), &n, buf, sizeof(buf));
	if (!files)
		return tool_fail(c, EXIT_USAGE, "%s", buf);
	ret = run_all(&r, files, n);
	run_files_free(files, n);
	return ret;
}

const struct command cmd_drill = {
	.name = "drill",
	.args = "[OPTIONS] FILE...",
	.what = "run packetdrill scripts against the stack, in virtual time",
	.text = "FILE is a script, or a folder with *.pkt below it. A script's own options\n"
		"hold unless the command line says otherwise. Exit codes: 0 all pass, 3 one\n"
		"fails, 1 one cannot be parsed, 4 Python is missing.",
	.options = options,
	.run = drill,
};
