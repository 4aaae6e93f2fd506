/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Python in scripts: one process that lives as long as the worker, fed over
 * a pipe. Each script has its own names; what a snippet sets, later ones of the
 * same script see.
 */
#ifndef WEIR_DRILL_CODE_H
#define WEIR_DRILL_CODE_H

#include <stdbool.h>
#include <stddef.h>

struct code;

/* Nothing is started before the first snippet. NULL: no memory. */
struct code *code_create(const char *program);
void code_destroy(struct code *c);
/* Forgets all names. */
void code_new_script(struct code *c);

enum code_end {
	CODE_DONE,
	CODE_RAISED,		/* an exception, as `text` says */
	CODE_NO_PYTHON,		/* it cannot be started */
	CODE_BROKEN,		/* it went away */
};

/*
 * Runs `vars` (assignments), then the snippet, as if its first line were line
 * `line` of the file `name`. *text (to be freed, or NULL): what it printed, and
 * the exception.
 */
enum code_end code_run(struct code *c, const char *name, unsigned int line, const char *vars,
		       const char *snippet, char **text);

#endif
