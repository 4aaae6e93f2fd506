/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands given by a path.
 *
 * defaults.sh is what the suites of packetdrill scripts run first. Where it is
 * at hand, relative to the script's folder, it is run; else its settings are
 * those below, which two suites share but for fast open: the kernel's own
 * (which tests/net/packetdrill or a folder named "linux" is taken to be) lets
 * clients and listeners that ask use it, the other every listener.
 *
 * set_sysctls.py writes settings and leaves a script that restores them.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX	((size_t)1 << 20)

static const char defaults[] =
	"ip tcp_metrics flush all > /dev/null 2>&1\n"
	"sysctl -q"
	" net.ipv4.tcp_rmem='4096 540000 15728640'"
	" net.ipv4.tcp_wmem='4096 262144 4194304'"
	" net.ipv4.tcp_timestamps=1"
	" net.ipv4.tcp_syn_retries=5"
	" net.ipv4.tcp_synack_retries=5"
	" net.ipv4.tcp_frto=2"
	" net.ipv4.tcp_sack=1"
	" net.ipv4.tcp_dsack=1"
	" net.ipv4.tcp_fack=0"
	" net.ipv4.tcp_reordering=3"
	" net.ipv4.tcp_congestion_control=cubic"
	" net.ipv4.tcp_slow_start_after_idle=0"
	" net.ipv4.tcp_early_retrans=4"
	" net.ipv4.tcp_recovery=1"
	" net.ipv4.tcp_tso_win_divisor=3"
	" net.ipv4.tcp_ecn=0"
	" net.ipv4.tcp_ecn_option=2"
	" net.ipv4.tcp_pacing_ss_ratio=200"
	" net.ipv4.tcp_pacing_ca_ratio=120"
	" net.ipv4.tcp_notsent_lowat=4294967295"
	" net.ipv4.tcp_fastopen_key=a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4"
	" net.ipv4.tcp_syncookies=1\n"
	/* Only the script's device, if it is there already. */
	"if tc qdisc show dev tun0 | grep -q tun0; then\n"
	"	tc qdisc replace dev tun0 root pfifo\n"
	"fi\n";

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool has_folder(const char *path, const char *name)
{
	size_t len = strlen(name);
	const char *s;

	for (s = path; (s = strstr(s, name)); s += len)
		if ((s == path || s[-1] == '/') && s[len] == '/')
			return true;
	return false;
}

/* A host file next to the script; arena, NULL: there is none. */
static char *host_script(struct conf *c, const char *name)
{
	const char *script = c->o.script;
	struct text path = { NULL, 0, 0 };
	char *text = NULL;
	size_t n;
	FILE *f;

	if (!script)
		return NULL;
	if (*name != '/')
		text_add(&path, script, (size_t)(base_name(script) - script));
	text_puts(&path, name);
	f = fopen(path.s, "re");
	text_free(&path);
	if (!f)
		return NULL;
	text = arena_alloc(&c->arena, SCRIPT_MAX + 1);
	n = fread(text, 1, SCRIPT_MAX, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static int run_defaults(struct cmd *c)
{
	const char *text = host_script(c->conf, c->argv[0]);
	const char *script = c->conf->o.script ? c->conf->o.script : "";
	char line[64];
	int status;

	if (text)
		return shell_text(c->conf, text, c->io);
	status = shell_text(c->conf, defaults, c->io);
	if (status)
		return status;
	snprintf(line, sizeof(line), "sysctl -q net.ipv4.tcp_fastopen=%s",
		 has_folder(script, "linux") || has_folder(script, "net/packetdrill") ?
		 "0x3" : "0x70403");
	return shell_text(c->conf, line, c->io);
}

/* PATH=VALUE: a line that restores the old value goes to *restore. */
static int set_one(struct cmd *c, const char *word, struct text *restore)
{
	const char *eq = strchr(word, '='), *old;
	char name[256], err[256];
	char *path;
	size_t len;

	if (!eq)
		return cmd_fail(c, ST_FAIL, "%s: PATH=VALUE is expected", word);
	path = arena_strndup(&c->conf->arena, word, (size_t)(eq - word));
	if (!file_is_setting(path, name, sizeof(name)))
		return cmd_fail(c, ST_FAIL, "%s: not below /proc/sys", path);
	old = file_read(c->conf, path, &len);
	if (!old)
		return cmd_fail(c, ST_FAIL, "%s: No such file or directory",
				path);
	text_puts(restore, "echo '");
	text_add(restore, old, len - 1);
	text_puts(restore, "' > ");
	text_puts(restore, path);
	text_puts(restore, "\n");
	if (file_write(c->conf, path, eq + 1, strlen(eq + 1), false, err,
		       sizeof(err)))
		return cmd_fail(c, ST_FAIL, "%s", err);
	return ST_OK;
}

static int set_sysctls(struct cmd *c)
{
	struct text restore = { NULL, 0, 0 };
	char path[64], err[256];
	int i, status = ST_OK;

	for (i = 1; i < c->argc && !status; i++)
		status = set_one(c, c->argv[i], &restore);
	snprintf(path, sizeof(path), "/tmp/sysctl_restore_%u.sh",
		 c->conf->o.ppid);
	if (file_write(c->conf, path, text_str(&restore), restore.len, false,
		       err, sizeof(err)))
		status = cmd_fail(c, ST_FAIL, "%s", err);
	text_free(&restore);
	return status;
}

/* A file in memory with its words as $1 ... */
static int run_file(struct cmd *c, const char *text, size_t len)
{
	struct conf *conf = c->conf;
	char **args = conf->args;
	const char *name = conf->name;
	int status;

	conf->args = c->argv + 1;
	conf->name = c->argv[0];
	status = shell_text(conf, arena_strndup(&conf->arena, text, len),
			    c->io);
	conf->args = args;
	conf->name = name;
	return status;
}

int script_run(struct cmd *c)
{
	const char *name = base_name(c->argv[0]), *text;
	size_t len;

	text = file_read(c->conf, c->argv[0], &len);
	if (text)
		return run_file(c, text, len);
	if (!strcmp(name, "defaults.sh"))
		return run_defaults(c);
	if (!strcmp(name, "set_sysctls.py"))
		return set_sysctls(c);
	return cmd_fail(c, ST_NOT_FOUND, "%s: No such file or directory among "
			"those in memory", c->argv[0]);
}
