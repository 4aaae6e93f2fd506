/* SPDX-License-Identifier: BSD-2-Clause */
/* weir: finds the subcommand and calls it. */
#include "tool.h"

#include <stdio.h>
#include <string.h>

const struct command *const commands[] = {
	&cmd_run, &cmd_record, &cmd_trace, &cmd_sim, &cmd_drill,
	&cmd_calibrate, &cmd_help, NULL,
};

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "help";
	int i;

	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		printf("weir %s\n", TOOL_VERSION);
		return EXIT_OK;
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		word = "help";
	for (i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, word))
			return commands[i]->run(commands[i],
						argc - (argc > 1),
						argv + (argc > 1));
	fprintf(stderr, "weir: no command \"%s\"; see weir help\n", word);
	return EXIT_USAGE;
}
