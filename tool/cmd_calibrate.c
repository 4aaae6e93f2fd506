/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir calibrate: a cost table for weir sim from a run on this machine. Two
 * stacks of this process are joined by two private wires and traced while all
 * kinds of traffic go between them; what the traces say of each stage is
 * printed as a table (docs/costs.md).
 */
#define _GNU_SOURCE
#include "calibrate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CPUS		4
#define ROOM		300		/* of an error's text */
#define FILM_MAX	(128 << 20)	/* bytes of a trace; then it is enough */

static const struct tool_option options[] = {
	{ 'o', "output", "FILE", "where the table goes (standard output)",
	  false },
	{ 's', "seconds", "N", "how long to measure (3)", false },
	{ 0 },
};

struct calibration {
	const struct command *c;
	const char *output;
	double seconds;
	struct load load;
	struct calibrated result;
	int film[2];			/* traces in memory: of a, of b */
};

static int set_option(void *ctx, char letter, const char *value)
{
	struct calibration *k = ctx;
	char *end;

	if (letter == 'o') {
		k->output = value;
		return EXIT_OK;
	}
	k->seconds = strtod(value, &end);
	if (*end || end == value || !(k->seconds > 0 && k->seconds <= 3600))
		return tool_fail(k->c, EXIT_USAGE, "--seconds %s: no number "
				 "of seconds; more than 0, at most 3600",
				 value);
	return EXIT_OK;
}

/* --- the two stacks --------------------------------------------------------------------- */

static void film_path(const struct calibration *k, int i, char *path, size_t room)
{
	snprintf(path, room, "/proc/self/fd/%d", k->film[i]);
}

static struct weir *make_stack(struct calibration *k, int i, char *err)
{
	char path[40];
	struct weir_options o = { .name = i ? "server" : "client",
				  .cpus = CPUS, .trace_file = path };

	k->film[i] = memfd_create("weir-trace", MFD_CLOEXEC);
	if (k->film[i] < 0) {
		snprintf(err, ROOM, "no memory file for a trace: %s",
			 strerror(errno));
		return NULL;
	}
	film_path(k, i, path, sizeof(path));
	return weir_create(&o, err, ROOM);
}

/* Device ethN of w on the private wire N, with its address. */
static int plug(struct calibration *k, struct weir *w, unsigned int link,
		unsigned int end, char *err)
{
	static const char *const impair[LOAD_LINKS] = {
		"", ",loss=0.5%,reorder=0.5%",
	};
	char spec[80], cidr[32], dev[16];
	int ret;

	snprintf(spec, sizeof(spec), "wire:calibrate-%d-%u%s", (int)getpid(),
		 link, end ? "" : impair[link]);
	snprintf(cidr, sizeof(cidr), "192.0.2.%u/28", link * 16 + end + 1);
	snprintf(dev, sizeof(dev), "eth%u", link);
	ret = weir_link_add(w, spec, err, ROOM);
	if (ret < 0)
		return ret;
	*strchr(cidr, '/') = '\0';
	inet_pton(AF_INET, cidr, &k->load.addr[link][end]);
	cidr[strlen(cidr)] = '/';
	return weir_addr_add(w, dev, cidr, err, ROOM);
}

static int environment_lacks(struct calibration *k, const char *err)
{
	return tool_fail(k->c, EXIT_ENVIRON, "%s; a calibration needs two "
			 "stacks joined by shared memory (/dev/shm)", err);
}

static int make_stacks(struct calibration *k)
{
	char err[ROOM] = "";
	unsigned int link;

	k->load.a = make_stack(k, 0, err);
	if (!k->load.a)
		return tool_fail(k->c, EXIT_ENVIRON, "%s", err);
	k->load.b = make_stack(k, 1, err);
	if (!k->load.b)
		return tool_fail(k->c, EXIT_ENVIRON, "%s", err);
	for (link = 0; link < LOAD_LINKS; link++)
		if (plug(k, k->load.a, link, 0, err) ||
		    plug(k, k->load.b, link, 1, err))
			return environment_lacks(k, err);
	return EXIT_OK;
}

static void end_stacks(struct calibration *k)
{
	if (k->load.a)
		weir_destroy(k->load.a);
	if (k->load.b)
		weir_destroy(k->load.b);
	k->load.a = k->load.b = NULL;
}

/* --- the run ------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void progress(double part)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (part < 1)
		fprintf(stderr, "\rmeasuring: %3.0f%%", part * 100);
	else
		fprintf(stderr, "\r%*s\r", 20, "");
	fflush(stderr);
}

static bool film_is_full(const struct calibration *k)
{
	struct stat a, b;

	return fstat(k->film[0], &a) || fstat(k->film[1], &b) ||
	       a.st_size > FILM_MAX || b.st_size > FILM_MAX;
}

static int run_load(struct calibration *k)
{
	double start = now(), end = start + k->seconds;
	int ret = load_start(&k->load);

	if (ret)
		return tool_fail(k->c, EXIT_REFUSED, "%s: %s", k->load.failed,
				 strerror(-k->load.error));
	do {
		progress((now() - start) / k->seconds);
		ret = load_round(&k->load);
		k->result.rounds++;
	} while (!ret && now() < end && !film_is_full(k));
	progress(1);
	load_stop(&k->load);
	if (ret)
		return tool_fail(k->c, EXIT_REFUSED, "%s failed in round %u: "
				 "%s; try again when the machine has less to "
				 "do", k->load.failed, k->result.rounds,
				 strerror(-k->load.error));
	return EXIT_OK;
}

static int read_films(struct calibration *k, struct trace t[2])
{
	char path[40];
	int i, ret;
	double syscall_ns = k->result.machine.syscall_ns;

	k->result.samples.syscall_ns = syscall_ns > 0 ? syscall_ns : 0;
	for (i = 0; i < 2; i++) {
		film_path(k, i, path, sizeof(path));
		ret = trace_read(k->c, &t[i], path);
		if (ret)
			return ret;
		k->result.lost += t[i].lost;
		if (!samples_add(&k->result.samples, &t[i]))
			return tool_fail(k->c, EXIT_REFUSED, "out of memory");
	}
	return EXIT_OK;
}

/* --- the table ------------------------------------------------------------------------------- */

static int cannot_write(const struct calibration *k)
{
	return tool_fail(k->c, EXIT_REFUSED, "cannot write %s: %s; give "
			 "another place", k->output ? k->output : "the table",
			 strerror(errno));
}

/* Before the work is done rather than after it. */
static int try_output(const struct calibration *k)
{
	FILE *f = k->output ? fopen(k->output, "ae") : NULL;

	if (k->output && !f)
		return cannot_write(k);
	if (f)
		fclose(f);
	return EXIT_OK;
}

static int write_table(struct calibration *k, const struct names *stages)
{
	FILE *f = k->output ? fopen(k->output, "we") : stdout;
	int err = 0;

	if (f) {
		calibrate_print(f, &k->result, stages);
		err = fflush(f) || ferror(f);
		if (k->output)
			err |= fclose(f);
	}
	return f && !err ? EXIT_OK : cannot_write(k);
}

/* --- all of it ----------------------------------------------------------------------------- */

static int calibrate_with(struct calibration *k)
{
	struct trace t[2] = { 0 };
	int ret = try_output(k);

	if (!ret)
		ret = make_stacks(k);
	if (!ret) {
		machine_measure(&k->result.machine, k->load.a);
		ret = run_load(k);
	}
	end_stacks(k);			/* the traces are complete now */
	if (!ret)
		ret = read_films(k, t);
	if (!ret)
		ret = write_table(k, &t[0].stages);
	trace_free(&t[0]);
	trace_free(&t[1]);
	samples_free(&k->result.samples);
	if (k->film[0] >= 0)
		close(k->film[0]);
	if (k->film[1] >= 0)
		close(k->film[1]);
	return ret;
}

static int calibrate(const struct command *c, int argc, char **argv)
{
	struct calibration *k = calloc(1, sizeof(*k));
	int at, ret;

	if (!k)
		return tool_fail(c, EXIT_REFUSED, "out of memory");
	k->c = c;
	k->seconds = 3;
	k->film[0] = k->film[1] = -1;
	at = tool_parse(c, argc, argv, set_option, k);
	if (at < 0)
		ret = -1 - at;
	else if (at < argc)
		ret = tool_fail(c, EXIT_USAGE, "%s: no such word; write weir "
				"calibrate %s", argv[at], c->args);
	else
		ret = calibrate_with(k);
	free(k);
	return ret;
}

const struct command cmd_calibrate = {
	.name = "calibrate",
	.args = "[OPTIONS]",
	.what = "measure what each stage costs here: a table for weir sim",
	.text = "Runs two stacks against each other for some seconds and "
		"prints the table;\nthe machine should have nothing else to "
		"do meanwhile.",
	.options = options,
	.run = calibrate,
};
