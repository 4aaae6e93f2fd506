/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that there are. */
#include "commands.h"

#include <string.h>

static const struct command_entry commands[] = {
	/* the stack */
	{ "sysctl", cmd_sysctl },
	{ "ip", cmd_ip },
	{ "tc", cmd_tc },
	{ "ethtool", cmd_ethtool },
	{ "nstat", cmd_nstat },
	{ "ss", cmd_ss },
	/* the shell */
	{ ":", cmd_true },
	{ "true", cmd_true },
	{ "false", cmd_false },
	{ "echo", cmd_echo },
	{ "printf", cmd_printf },
	{ "test", cmd_test },
	{ "[", cmd_test },
	{ "export", cmd_export },
	{ "unset", cmd_unset },
	{ "set", cmd_set },
	{ "cd", cmd_true },
	{ "exit", cmd_exit },
	{ "sleep", cmd_sleep },
	{ "read", cmd_read },
	{ "sh", cmd_sh },
	{ "bash", cmd_sh },
	/* files and text */
	{ "cat", cmd_cat },
	{ "rm", cmd_rm },
	{ "mkdir", cmd_true },
	{ "dd", cmd_dd },
	{ "grep", cmd_grep },
	{ "wc", cmd_wc },
	{ "head", cmd_head },
	{ "tail", cmd_tail },
	{ "cut", cmd_cut },
	{ "tr", cmd_tr },
	{ "sort", cmd_sort },
	{ "sed", cmd_sed },
	{ "awk", cmd_awk },
};

static const char *const folders[] = { "/bin/", "/sbin/", "/usr/bin/",
				       "/usr/sbin/" };

const struct command_entry *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!strncmp(name, folders[i], strlen(folders[i]))) {
			name += strlen(folders[i]);
			break;
		}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}
