/* SPDX-License-Identifier: BSD-2-Clause */
/* weir help [COMMAND] */
#include "tool.h"

#include <stdio.h>
#include <string.h>

static int help(const struct command *c, int argc, char **argv)
{
	int i;

	for (i = 0; argc > 1 && commands[i]; i++) {
		if (!strcmp(commands[i]->name, argv[1]) &&
		    commands[i] != &cmd_help) {
			tool_help(commands[i]);
			return EXIT_OK;
		}
	}
	if (argc > 1 && strcmp(argv[1], "help"))
		return tool_fail(c, EXIT_USAGE, "no command \"%s\"", argv[1]);
	printf("Usage: weir COMMAND [OPTIONS]\n\n"
	       "Runs programs on a TCP/IP stack of their own and shows every "
	       "packet's way\nthrough it.\n\nCommands:\n");
	for (i = 0; commands[i]; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->what);
	printf("\nOptions:\n  -h, --help     this text\n"
	       "  -V, --version  version number\n\n"
	       "weir COMMAND --help tells more. Manual pages: weir(1), "
	       "weir-COMMAND(1).\n");
	return EXIT_OK;
}

const struct command cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.what = "what there is, and how it is used",
	.run = help,
};
