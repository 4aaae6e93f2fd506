/* SPDX-License-Identifier: BSD-2-Clause */
/* Results as text with a table by folder, as TAP, and as JSON. */
#define _GNU_SOURCE
#include "report.h"

#include <string.h>

static const char *const words[] = {
	[RUN_PASSED] = "passed", [RUN_FAILED] = "failed", [RUN_SKIPPED] = "skipped",
	[RUN_UNPARSED] = "not parsed", [RUN_NO_PYTHON] = "without python",
};

/* ------------------------------------------------------------------ one script */

static void text_one(const struct report *r, const char *file, const struct run_result *res)
{
	const char *text = res->text ? res->text : "";

	if (r->verbose)
		printf("%-10s %s\n", words[res->verdict], file);
	if (res->verdict == RUN_SKIPPED && !r->verbose)
		return;
	if (r->quiet)
		printf("%.*s", (int)(strchrnul(text, '\n') - text + (*text != '\0')), text);
	else
		fputs(text, stdout);
	fflush(stdout);
}

static void tap_one(size_t i, const char *file, const struct run_result *res)
{
	const char *at = res->text ? res->text : "", *nl;
	bool good = res->verdict == RUN_PASSED || res->verdict == RUN_SKIPPED;

	printf("%sok %zu - %s%s\n", good ? "" : "not ", i + 1, file,
	       res->verdict == RUN_SKIPPED ? " # SKIP another IP version" : "");
	for (; *at && !good; at = nl + 1) {
		nl = strchrnul(at, '\n');
		printf("# %.*s\n", (int)(nl - at), at);
		if (!*nl)
			break;
	}
	fflush(stdout);
}

static void json_string(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	putchar('"');
	for (; *p; p++) {
		if (*p == '"' || *p == '\\')
			printf("\\%c", *p);
		else if (*p == '\n')
			fputs("\\n", stdout);
		else if (*p < ' ')
			printf("\\u%04x", *p);
		else
			putchar(*p);
	}
	putchar('"');
}

static void json_one(size_t i, const char *file, const struct run_result *res)
{
	fputs(i ? ",\n  {\"file\": " : "  {\"file\": ", stdout);
	json_string(file);
	fputs(", \"verdict\": ", stdout);
	json_string(words[res->verdict]);
	if (res->text && *res->text) {
		fputs(", \"text\": ", stdout);
		json_string(res->text);
	}
	putchar('}');
}

void report_begin(struct report *r)
{
	if (r->form == REPORT_TAP)
		printf("TAP version 13\n1..%zu\n", r->n);
	else if (r->form == REPORT_JSON)
		printf("{\"schema\": \"weir.drill/1\", \"scripts\": [\n");
}

/* A line that the next output replaces. */
static void progress(const struct report *r, size_t done)
{
	if (!r->progress)
		return;
	fprintf(stderr, "\r%*s\r", 40, "");
	if (done < r->n)
		fprintf(stderr, "%zu of %zu, %zu failed", done, r->n, r->count[RUN_FAILED]);
	fflush(stderr);
}

void report_one(struct report *r, size_t i, const struct run_result *res)
{
	r->verdicts[i] = res->verdict;
	r->count[res->verdict]++;
	progress(r, r->n);
	if (r->form == REPORT_TAP)
		tap_one(i, r->files[i], res);
	else if (r->form == REPORT_JSON)
		json_one(i, r->files[i], res);
	else
		text_one(r, r->files[i], res);
	progress(r, i + 1);
}

/* ------------------------------------------------------------------ by folder */

struct folder {
	const char *name;
	int len;
	size_t count[RUN_NO_PYTHON + 1];
};

static int folder_len(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? (int)(slash - file) : 0;
}

/* The folder of files from *at on, which moves behind them. */
static struct folder next_folder(const struct report *r, size_t *at)
{
	struct folder f = { r->files[*at], folder_len(r->files[*at]), { 0 } };

	while (*at < r->n && folder_len(r->files[*at]) == f.len &&
	       !strncmp(r->files[*at], f.name, (size_t)f.len))
		f.count[r->verdicts[(*at)++]]++;
	return f;
}

static void table(const struct report *r)
{
	struct folder f;
	size_t at;
	int width = 6;

	for (at = 0; at < r->n;) {
		f = next_folder(r, &at);
		width = f.len > width ? f.len : width;
	}
	printf("\n%-*s  passed  failed  skipped  not parsed\n", width, "folder");
	for (at = 0; at < r->n;) {
		f = next_folder(r, &at);
		printf("%-*.*s  %6zu  %6zu  %7zu  %10zu\n", width, f.len ? f.len : 1,
		       f.len ? f.name : ".", f.count[RUN_PASSED],
		       f.count[RUN_FAILED] + f.count[RUN_NO_PYTHON], f.count[RUN_SKIPPED],
		       f.count[RUN_UNPARSED]);
	}
	putchar('\n');
}

static void json_end(const struct report *r)
{
	struct folder f;
	size_t at;
	char name[4096];

	fputs("\n], \"folders\": [\n", stdout);
	for (at = 0; at < r->n;) {
		fputs(at ? ",\n  {\"folder\": " : "  {\"folder\": ", stdout);
		f = next_folder(r, &at);
		snprintf(name, sizeof(name), "%.*s", f.len ? f.len : 1, f.len ? f.name : ".");
		json_string(name);
		printf(", \"passed\": %zu, \"failed\": %zu, \"skipped\": %zu, "
		       "\"not_parsed\": %zu}", f.count[RUN_PASSED],
		       f.count[RUN_FAILED] + f.count[RUN_NO_PYTHON], f.count[RUN_SKIPPED],
		       f.count[RUN_UNPARSED]);
	}
	printf("\n], \"passed\": %zu, \"failed\": %zu, \"skipped\": %zu, \"not_parsed\": %zu}\n",
	       r->count[RUN_PASSED], r->count[RUN_FAILED] + r->count[RUN_NO_PYTHON],
	       r->count[RUN_SKIPPED], r->count[RUN_UNPARSED]);
}

static void summary(const struct report *r)
{
	printf("%s%zu passed, %zu failed", r->form == REPORT_TAP ? "# " : "",
	       r->count[RUN_PASSED], r->count[RUN_FAILED] + r->count[RUN_NO_PYTHON]);
	if (r->count[RUN_SKIPPED])
		printf(", %zu skipped", r->count[RUN_SKIPPED]);
	if (r->count[RUN_UNPARSED])
		printf(", %zu not parsed", r->count[RUN_UNPARSED]);
	putchar('\n');
}

enum run_verdict report_end(struct report *r)
{
	if (r->form == REPORT_TEXT && r->n > 1 && !r->quiet)
		table(r);
	if (r->form == REPORT_JSON)
		json_end(r);
	else
		summary(r);
	if (r->count[RUN_UNPARSED])
		return RUN_UNPARSED;
	if (r->count[RUN_NO_PYTHON])
		return RUN_NO_PYTHON;
	return r->count[RUN_FAILED] ? RUN_FAILED : RUN_PASSED;
}
