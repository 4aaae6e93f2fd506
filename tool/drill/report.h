/* SPDX-License-Identifier: BSD-2-Clause */
/* What `weir drill` says about the scripts that it has run. */
#ifndef WEIR_DRILL_REPORT_H
#define WEIR_DRILL_REPORT_H

#include "run.h"

enum report_form { REPORT_TEXT, REPORT_TAP, REPORT_JSON };

struct report {
	enum report_form form;
	bool verbose;			/* those that pass, too */
	bool quiet;			/* only a failure's first line */
	bool progress;			/* on standard error, which is a terminal */
	char *const *files;
	size_t n;
	enum run_verdict *verdicts;	/* n of them, the caller's */
	size_t count[RUN_NO_PYTHON + 1];
};

void report_begin(struct report *r);
void report_one(struct report *r, size_t i, const struct run_result *res);
/* What is worst of all: not parsed, without Python, failed. */
enum run_verdict report_end(struct report *r);

#endif
