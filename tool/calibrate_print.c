/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The result of a calibration as a cost table: what it was measured on, the
 * machine's rows, and a row for each stage of software in the order of the
 * trace's list, with the number of samples behind it.
 */
#include "calibrate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROW	"%-24s %6.0f"

static void print_head(FILE *f, const struct calibrated *r,
		       const struct fit_line *trace)
{
	char machine[256];

	machine_describe(machine, sizeof(machine));
	fprintf(f, "# Costs of CPU time in virtual time: weir sim --costs "
		"FILE; see docs/costs.md.\n"
		"# Made by weir calibrate %s on: %s.\n"
		"# %u rounds of load, %" PRIu64 " records, %" PRIu64 " lost; a "
		"record took %.0f ns, which\n"
		"# are taken off.\n#\n"
		"# name                       ns  ns/byte\n\n", TOOL_VERSION,
		machine, r->rounds, r->samples.records, r->lost, trace->ns);
}

static void print_machine_row(FILE *f, const char *name, double ns,
			      const char *how)
{
	if (ns >= 0)
		fprintf(f, ROW "           # %s\n", name, ns, how);
	else
		fprintf(f, ROW "           # not seen\n", name, 0.0);
}

static double seen_ns(const struct fit *f)
{
	struct fit_line l = fit_solve(f);

	return l.samples < FIT_ENOUGH ? -1 : l.ns;
}

static void print_machine(FILE *f, const struct calibrated *r)
{
	const struct machine_costs *m = &r->machine;

	print_machine_row(f, "syscall", m->syscall_ns,
			  "a call into the stack and out of it");
	print_machine_row(f, "context_switch", m->context_switch_ns,
			  "between threads on one core");
	print_machine_row(f, "wakeup", m->wakeup_ns, "of a sleeping thread");
	print_machine_row(f, "interrupt", seen_ns(&r->samples.interrupt),
			  "from the line to the handler; no hardware in it");
	print_machine_row(f, "softirq", seen_ns(&r->samples.softirq),
			  "from its being raised to its action");
	fputc('\n', f);
}

static bool has_row(const struct name_row *row)
{
	return row->name && row->floor && strcmp(row->floor, "hw") &&
	       strcmp(row->floor, "?");
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* For stages that were not seen: the median of those that were. */
static double usual_ns(const struct fit_line *line, const struct names *stages)
{
	double ns[SAMPLE_STAGES];
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < stages->n && i < SAMPLE_STAGES; i++)
		if (has_row(&stages->rows[i]) &&
		    line[i].samples >= FIT_ENOUGH)
			ns[n++] = line[i].ns;
	qsort(ns, n, sizeof(ns[0]), by_value);
	return n ? ns[n / 2] : 0;
}

static void print_stage(FILE *f, const char *name, const struct fit_line *l,
			double usual)
{
	if (l->samples < FIT_ENOUGH && !strcmp(name, "napi_schedule")) {
		fprintf(f, ROW "           # part of the row softirq\n", name, 0.0);
		return;
	}
	if (l->samples < FIT_ENOUGH) {
		fprintf(f, ROW "           # not seen (%" PRIu64 "): the "
			"median of the others\n", name, usual, l->samples);
		return;
	}
	fprintf(f, ROW, name, l->ns);
	if (l->ns_per_byte >= 0.0005)
		fprintf(f, " %8.3f", l->ns_per_byte);
	else
		fprintf(f, " %8s", "");
	fprintf(f, "  # %" PRIu64 "\n", l->samples);
}

void calibrate_print(FILE *f, const struct calibrated *r,
		     const struct names *stages)
{
	struct fit_line line[SAMPLE_STAGES], trace = fit_solve(&r->samples.trace);
	unsigned int i, n = stages->n < SAMPLE_STAGES ? stages->n :
			    SAMPLE_STAGES;
	double usual;

	for (i = 0; i < n; i++)
		line[i] = fit_solve(&r->samples.stage[i]);
	usual = usual_ns(line, stages);
	print_head(f, r, &trace);
	print_machine(f, r);
	for (i = 0; i < n; i++)
		if (has_row(&stages->rows[i]))
			print_stage(f, stages->rows[i].name, &line[i], usual);
}
