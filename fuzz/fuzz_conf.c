/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell and its commands on a stack in virtual time. Input: the text. */
#include <stdlib.h>
#include <string.h>
#include <weir/sim.h>

#include "tool/conf/conf.h"

#define TEXT_MAX	4096

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct weir_sim *s;
	struct conf *c;
	char err[128], *text;

	if (size > TEXT_MAX)
		return -1;
	text = calloc(1, size + 1);
	if (size)
		memcpy(text, data, size);
	s = weir_sim_create(NULL, err, sizeof(err));
	c = conf_create(&(struct conf_options){
			.w = weir_sim_host(s, "h", NULL, err, sizeof(err)),
			.max_commands = 200 });
	conf_shell_run(c, text);
	conf_destroy(c);
	if (weir_sim_destroy(s))
		abort();
	free(text);
	return 0;
}
