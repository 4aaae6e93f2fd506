/* SPDX-License-Identifier: BSD-2-Clause */
/* All commands by their functions; and what several of them need. */
#ifndef WEIR_TOOL_CONF_COMMANDS_H
#define WEIR_TOOL_CONF_COMMANDS_H

#include "conf_priv.h"

int cmd_sysctl(struct cmd *c);		/* cmd_sysctl.c */
int cmd_ip(struct cmd *c);		/* cmd_ip.c */
int cmd_ip_route(struct cmd *c);	/* cmd_ip_route.c */
int cmd_tc(struct cmd *c);		/* cmd_tc.c */
int cmd_ethtool(struct cmd *c);		/* cmd_ethtool.c */
int cmd_nstat(struct cmd *c);		/* cmd_nstat.c */
int cmd_ss(struct cmd *c);		/* cmd_ss.c */

int cmd_true(struct cmd *c);		/* cmd_shell.c */
int cmd_false(struct cmd *c);
int cmd_echo(struct cmd *c);
int cmd_printf(struct cmd *c);
int cmd_export(struct cmd *c);
int cmd_unset(struct cmd *c);
int cmd_set(struct cmd *c);
int cmd_exit(struct cmd *c);
int cmd_sleep(struct cmd *c);
int cmd_read(struct cmd *c);
int cmd_sh(struct cmd *c);
int cmd_test(struct cmd *c);		/* cmd_test.c */

int cmd_cat(struct cmd *c);		/* cmd_file.c */
int cmd_rm(struct cmd *c);
int cmd_dd(struct cmd *c);
int cmd_grep(struct cmd *c);		/* cmd_grep.c */
int cmd_wc(struct cmd *c);		/* cmd_text.c */
int cmd_head(struct cmd *c);
int cmd_tail(struct cmd *c);
int cmd_cut(struct cmd *c);
int cmd_tr(struct cmd *c);
int cmd_sort(struct cmd *c);
int cmd_sed(struct cmd *c);		/* cmd_sed.c */
int cmd_awk(struct cmd *c);

/* --- cmd_file.c: reading the files that are named, or the input --- */

/* Calls fn with each line, without its newline, of the files argv[first] ...,
 * or of the input when there are none. fn: 0 to go on. Missing files are
 * complained of; ST_OK, or ST_FAIL when one was. */
int each_line(struct cmd *c, int first,
	      int (*fn)(void *arg, const char *file, const char *line,
			size_t len), void *arg);
/* All of them one after the other, arena. NULL with a complaint. */
const char *all_text(struct cmd *c, int first, size_t *len);

/* --- words of the ip and tc family: cmd_ip.c --- */

/* `word` is `full`, or begins it, as ip lets one write "addr" or "a". */
bool word_is(const char *word, const char *full);
/* "5ms", "2s", "200": ms. false: no time. */
bool parse_ms(const char *text, uint32_t *ms);
bool parse_u32(const char *text, uint32_t *v);

#endif
