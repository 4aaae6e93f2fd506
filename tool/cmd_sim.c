/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir sim: a network in virtual time, from a file that says what it is, who
 * does what, what goes wrong, and what is to be expected. tool/sim/scene.h has
 * the language, tool/sim/world.h how it comes to life.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/world.h"
#include "tool.h"

#define MAX_SETTINGS	64
#define MAX_FILE	(16u << 20)

static const struct tool_option options[] = {
	{ 's', "seed", "N", "of all that is random, instead of the file's",
	  false },
	{ 'u', "until", "TIME", "end at this virtual time: 10s", false },
	{ 'S', "set", "NAME=VALUE", "change a parameter (let) of the file",
	  true },
	{ 'c', "costs", "FILE", "cost table of CPU time, or free, instead of "
	  "the file's", false },
	{ 'r', "repeat", "N", "run it N times; all must give the same hash",
	  false },
	{ 'T', "trace", "DIR", "write each host's packets' ways there", true },
	{ 'P', "pcap", "DIR", "write each link's frames there, as pcapng",
	  true },
	{ 'j', "json", NULL, "the results as JSON", false },
	{ 'q', "quiet", NULL, "only what failed, and the last line", false },
	{ 'v', "verbose", NULL, "expectations that hold, too", false },
	{ 0 },
};

struct request {
	const struct command *c;
	struct world_options world;
	struct setting set[MAX_SETTINGS];
	size_t nr_set;
	uint64_t repeat;
	bool json, quiet, verbose;
	struct timespec shown;		/* when progress was */
	bool progress_is_shown;
};

static int bad_value(const struct request *r, const char *option,
		     const char *value, const char *allowed)
{
	return tool_fail(r->c, EXIT_USAGE, "--%s %s: %s is wanted", option,
			 value, allowed);
}

static int add_setting(struct request *r, const char *value)
{
	const char *eq = strchr(value, '=');
	struct setting *s = &r->set[r->nr_set];

	if (!eq || eq == value)
		return bad_value(r, "set", value, "NAME=VALUE");
	if (r->nr_set == MAX_SETTINGS)
		return tool_fail(r->c, EXIT_USAGE, "--set: at most %d of them",
				 MAX_SETTINGS);
	s->name = strndup(value, (size_t)(eq - value));
	s->value = eq + 1;
	r->nr_set++;
	return s->name ? EXIT_OK :
	       tool_fail(r->c, EXIT_REFUSED, "out of memory");
}

static int set_seed(struct request *r, const char *value)
{
	r->world.has_seed = true;
	return amount_parse(value, UNIT_COUNT, &r->world.seed) ?
	       bad_value(r, "seed", value, "a whole number") : EXIT_OK;
}

static int set_until(struct request *r, const char *value)
{
	uint64_t v;

	if (amount_parse(value, UNIT_TIME, &v) || !v || v > INT64_MAX / 4)
		return bad_value(r, "until", value, amount_allowed(UNIT_TIME));
	r->world.until_ns = (int64_t)v;
	return EXIT_OK;
}

static int set_repeat(struct request *r, const char *value)
{
	if (amount_parse(value, UNIT_COUNT, &r->repeat) || !r->repeat)
		return bad_value(r, "repeat", value, "a number above 0");
	return EXIT_OK;
}

static int set_option(void *ctx, char letter, const char *value)
{
	struct request *r = ctx;

	switch (letter) {
	case 's':
		return set_seed(r, value);
	case 'u':
		return set_until(r, value);
	case 'S':
		return add_setting(r, value);
	case 'r':
		return set_repeat(r, value);
	case 'c':
		r->world.costs = value;
		break;
	case 'T':
		r->world.trace_dir = value;
		break;
	case 'P':
		r->world.pcap_dir = value;
		break;
	case 'j':
		r->json = true;
		break;
	case 'q':
		r->quiet = true;
		break;
	case 'v':
		r->verbose = true;
		break;
	}
	return EXIT_OK;
}

/* --- progress ------------------------------------------------------------------------- */

static bool time_to_show(struct request *r)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (now.tv_sec - r->shown.tv_sec) * 1000 +
	     (now.tv_nsec - r->shown.tv_nsec) / 1000000;
	if (ms < 200)
		return false;
	r->shown = now;
	return true;
}

static void show_progress(void *arg, const struct scene *s, int64_t ns,
			  uint64_t frames)
{
	struct request *r = arg;
	char time[32];

	if (!time_to_show(r))
		return;
	amount_print(time, sizeof(time), UNIT_TIME, (uint64_t)ns);
	fprintf(stderr, "\r%s%s%s of virtual time, %" PRIu64 " frames   \b\b\b",
		s->name, *s->name ? ": " : "", time, frames);
	r->progress_is_shown = true;
}

static void clear_progress(struct request *r)
{
	if (r->progress_is_shown)
		fprintf(stderr, "\r%60s\r", "");
	r->progress_is_shown = false;
}

/* --- the file ---------------------------------------------------------------------------- */

/* Its content for free(), or NULL after saying why. */
static char *read_file(const struct request *r, const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;

	if (!f) {
		tool_fail(r->c, 0, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = malloc(MAX_FILE + 1);
	*len = text ? fread(text, 1, MAX_FILE + 1, f) : 0;
	if (!text || ferror(f) || *len > MAX_FILE) {
		tool_fail(r->c, 0, "%s: %s", path, !text ? "out of memory" :
			  ferror(f) ? strerror(errno) : "too large");
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

static int make_dir(const struct request *r, const char *dir)
{
	if (!dir || !mkdir(dir, 0777) || errno == EEXIST)
		return EXIT_OK;
	return tool_fail(r->c, EXIT_ENVIRON, "%s: %s", dir, strerror(errno));
}

/* --- running ------------------------------------------------------------------------------- */

static int run_all(struct request *r, struct drill_arena *a,
		   const struct scenario *s, struct report *reports)
{
	struct complaint c = { "" };
	size_t i;
	int code = EXIT_OK;

	for (i = 0; i < s->n && !code; i++)
		code = world_run(a, &s->scenes[i], &r->world, &reports[i], &c);
	clear_progress(r);
	return code ? tool_fail(r->c, code, "%s", c.text) : EXIT_OK;
}

/* The other runs, which must show the same; what they are written from and to
 * is given back. */
static int repeat(struct request *r, const struct scenario *s,
		  const struct report *reports)
{
	uint64_t i, hash = 0;
	int code = EXIT_OK;

	for (i = 1; i < r->repeat && !code; i++) {
		struct drill_arena a = { 0 };
		struct report *again = drill_alloc(&a, s->n * sizeof(*again));

		code = again ? run_all(r, &a, s, again) :
		       tool_fail(r->c, EXIT_REFUSED, "out of memory");
		if (!code)
			hash = report_hash(again, s->n);
		drill_arena_fini(&a);
		if (!code && hash != report_hash(reports, s->n))
			code = tool_fail(r->c, EXIT_EXPECT, "run %" PRIu64
					 " has another hash: %016" PRIx64
					 ", not %016" PRIx64, i + 1, hash,
					 report_hash(reports, s->n));
	}
	return code;
}

static int check_ends(const struct request *r, const struct scenario *s,
		      const struct report *reports)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (reports[i].end == END_SPIN)
			return tool_fail(r->c, EXIT_REFUSED, "%s%s%s: a program "
					 "runs in circles while time stands "
					 "still; give the links a rate or a "
					 "delay", s->source.path,
					 *s->scenes[i].name ? ": case " : "",
					 s->scenes[i].name);
	return EXIT_OK;
}

static int show(struct request *r, const struct scenario *s,
		const struct report *reports)
{
	FILE *out = r->json ? stderr : stdout;
	struct complaint c;
	int failed, code;

	if (!r->json && !r->quiet)
		report_print(reports, s->n, stdout);
	failed = expect_check(s, reports, out, r->verbose, &c);
	if (failed < 0)
		return tool_fail(r->c, EXIT_USAGE, "%s", c.text);
	code = check_ends(r, s, reports);
	if (r->json)
		report_print_json(s, reports, failed, stdout);
	else
		report_print_end(reports, s->n, stdout);
	if (fflush(stdout) && !code)
		code = tool_fail(r->c, EXIT_ENVIRON, "output: %s",
				 strerror(errno));
	return code ? code : failed ? EXIT_EXPECT : EXIT_OK;
}

static int run_file(struct request *r, struct drill_arena *a, const char *path)
{
	struct scenario s = { 0 };
	struct complaint c = { "out of memory" };
	struct report *reports;
	size_t len;
	char *text = read_file(r, path, &len);
	int err, code;

	if (!text)
		return EXIT_USAGE;
	err = scenario_read(a, &s, path, text, len, r->set, r->nr_set, &c);
	free(text);
	if (err)
		return tool_fail(r->c, err == -EINVAL ? EXIT_USAGE :
				 EXIT_REFUSED, "%s", c.text);
	reports = drill_alloc(a, s.n * sizeof(*reports));
	if (!reports)
		return tool_fail(r->c, EXIT_REFUSED, "out of memory");
	code = run_all(r, a, &s, reports);
	if (!code && r->repeat > 1)
		code = repeat(r, &s, reports);
	return code ? code : show(r, &s, reports);
}

static int sim(const struct command *c, int argc, char **argv)
{
	struct request r = { .c = c, .repeat = 1 };
	struct drill_arena a = { 0 };
	int at = tool_parse(c, argc, argv, set_option, &r), code = EXIT_OK;

	if (at < 0)
		code = -1 - at;
	else if (argc - at != 1)
		code = tool_fail(c, EXIT_USAGE, "one file is wanted; write "
				 "weir sim %s", c->args);
	else if (!make_dir(&r, r.world.trace_dir) &&
		 !make_dir(&r, r.world.pcap_dir)) {
		if (isatty(STDERR_FILENO) && !r.quiet) {
			r.world.progress = show_progress;
			r.world.arg = &r;
			clock_gettime(CLOCK_MONOTONIC, &r.shown);
		}
		code = run_file(&r, &a, argv[at]);
	} else {
		code = EXIT_ENVIRON;
	}
	drill_arena_fini(&a);
	while (r.nr_set)
		free((char *)r.set[--r.nr_set].name);
	return code;
}

const struct command cmd_sim = {
	.name = "sim",
	.args = "[OPTIONS] FILE",
	.what = "run a network in virtual time",
	.text = "FILE says which hosts and links there are, which programs "
		"run, what goes wrong\nwhen, and what is to be expected: see "
		"weir-sim(1), and examples/sim/. The same\nfile and seed give "
		"the same frames at the same times; the hash is theirs.",
	.options = options,
	.run = sim,
};
