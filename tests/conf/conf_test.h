/* SPDX-License-Identifier: BSD-2-Clause */
/* A conf on a stack in virtual time with one port, tun0 (192.168.0.1/16). */
#ifndef WEIR_TESTS_CONF_CONF_TEST_H
#define WEIR_TESTS_CONF_CONF_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <weir/sim.h>

#include "tool/conf/conf.h"

struct conf_test {
	struct weir_sim *sim;
	struct weir *w;
	struct conf *c;
	int64_t slept;
};

static inline void test_slept(void *arg, int64_t ns)
{
	struct conf_test *t = arg;

	t->slept += ns;
}

static inline struct conf *new_conf(struct conf_test *t, const char *script)
{
	return conf_create(&(struct conf_options){ .w = t->w, .script = script,
			   .ppid = 77, .sleep = test_slept, .arg = t,
			   .max_commands = 1000 });
}

static inline int conf_setup(void **state)
{
	struct conf_test *t = calloc(1, sizeof(*t));
	char err[256] = "";

	t->sim = weir_sim_create(NULL, err, sizeof(err));
	t->w = weir_sim_host(t->sim, "h", NULL, err, sizeof(err));
	if (!t->w || !weir_sim_port(t->w, &(struct weir_sim_port_options){ 0 },
				    err, sizeof(err)) ||
	    weir_addr_add(t->w, "tun0", "192.168.0.1/16", err, sizeof(err)))
		fail_msg("%s", err);
	t->c = new_conf(t, NULL);
	*state = t;
	return 0;
}

static inline int conf_teardown(void **state)
{
	struct conf_test *t = *state;
	size_t left;

	conf_destroy(t->c);
	left = weir_sim_destroy(t->sim);
	free(t);
	return (int)left;
}

/* Runs it: this status and this output. */
static inline void runs(struct conf_test *t, const char *text, int status,
			const char *output)
{
	int got = conf_shell_run(t->c, text);

	if (got != status || strcmp(conf_output(t->c, NULL), output))
		fail_msg("%s\ngives %d:\n%s\ninstead of %d:\n%s", text, got,
			 conf_output(t->c, NULL), status, output);
}

/* It fails with this complaint (its beginning). */
static inline void fails(struct conf_test *t, const char *text, int status,
			 const char *error)
{
	int got = conf_shell_run(t->c, text);

	if (got != status || strncmp(conf_error(t->c), error, strlen(error)))
		fail_msg("%s\ngives %d: %s\ninstead of %d: %s", text, got,
			 conf_error(t->c), status, error);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, conf_setup, \
							conf_teardown)

#endif
