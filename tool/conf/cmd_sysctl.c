/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysctl [-n] [-q] [-e] [-w] NAME[=VALUE]..., sysctl -a. Names with dots or
 * slashes.
 */
#include "commands.h"

#include <errno.h>
#include <string.h>

struct options {
	bool quiet, values_only, ignore, write, all;
};

static char *normal_name(struct cmd *c, const char *name, size_t len)
{
	char *s = arena_strndup(&c->conf->arena, name, len), *p;

	if (!strchr(s, '.'))
		for (p = s; (p = strchr(p, '/')); )
			*p = '.';
	return s;
}

static int no_such(struct cmd *c, const struct options *o, const char *name)
{
	char *path, *p;

	if (o->ignore)
		return ST_OK;
	path = arena_strdup(&c->conf->arena, name);
	for (p = path; (p = strchr(p, '.')); )
		*p = '/';
	return cmd_fail(c, ST_FAIL, "cannot stat /proc/sys/%s: No such file or "
			"directory", path);
}

static int show(struct cmd *c, const struct options *o, const char *name)
{
	char value[1024];
	int n = weir_sysctl_get(c->conf->o.w, name, value, sizeof(value));

	if (n < 0)
		return no_such(c, o, name);
	if (o->values_only)
		cmd_out(c, "%s\n", value);
	else
		cmd_out(c, "%s = %s\n", name, value);
	return ST_OK;
}

static int set(struct cmd *c, const struct options *o, const char *name,
	       const char *value)
{
	char err[256];
	int ret = weir_sysctl_set(c->conf->o.w, name, value, err, sizeof(err));

	if (ret == -ENOENT)
		return no_such(c, o, name);
	if (ret)
		return cmd_fail(c, ST_FAIL, "setting key \"%s\": Invalid "
				"argument: \"%s\"", name, value);
	if (o->quiet)
		return ST_OK;
	if (o->values_only)
		cmd_out(c, "%s\n", value);
	else
		cmd_out(c, "%s = %s\n", name, value);
	return ST_OK;
}

static int show_all(struct cmd *c)
{
	const char *text = conf_view(c->conf, "sysctl");

	sink_add(&c->io->out, text, strlen(text));
	return ST_OK;
}

static int one(struct cmd *c, const struct options *o, const char *word)
{
	const char *eq = strchr(word, '=');
	const char *name;

	if (!eq) {
		if (o->write)
			return cmd_fail(c, ST_FAIL, "\"%s\" must be of the "
					"form name=value", word);
		return show(c, o, normal_name(c, word, strlen(word)));
	}
	name = normal_name(c, word, (size_t)(eq - word));
	return set(c, o, name, eq + 1);
}

int cmd_sysctl(struct cmd *c)
{
	struct options o = { false };
	int i, status = ST_OK, ret;
	const char *p;

	for (i = 1; i < c->argc && c->argv[i][0] == '-'; i++)
		for (p = c->argv[i] + 1; *p; p++) {
			o.quiet |= *p == 'q';
			o.values_only |= *p == 'n';
			o.ignore |= *p == 'e';
			o.write |= *p == 'w';
			o.all |= *p == 'a';
			if (!strchr("qnewa", *p))
				return cmd_fail(c, ST_FAIL, "option -%c is not "
						"there; there are -q -n -e -w "
						"-a", *p);
		}
	if (o.all)
		return show_all(c);
	if (i >= c->argc)
		return cmd_fail(c, ST_FAIL, "no variables specified");
	for (; i < c->argc; i++) {
		ret = one(c, &o, c->argv[i]);
		if (ret)
			status = ret;
	}
	return status;
}
