/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs to the shell itself. */
#include "commands.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cmd_true(struct cmd *c)
{
	return ST_OK;
}

int cmd_false(struct cmd *c)
{
	return ST_FAIL;
}

/* The character that \X stands for at *s, which moves on; false: \c, the end. */
static bool escape(const char **s, struct text *out)
{
	static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
	const char *p = *s + 1, *at;
	int v = 0, n;

	if (*p == 'c')
		return false;
	at = *p ? strchr(from, *p) : NULL;
	if (at) {
		text_putc(out, to[at - from]);
		p++;
	} else if (*p >= '0' && *p <= '7') {
		p += *p == '0' && p[1] >= '0' && p[1] <= '7';
		for (n = 0; n < 3 && *p >= '0' && *p <= '7'; n++)
			v = v * 8 + *p++ - '0';
		text_putc(out, (char)v);
	} else if (*p == 'x' && isxdigit((unsigned char)p[1])) {
		for (p++, n = 0; n < 2 && isxdigit((unsigned char)*p); n++, p++)
			v = v * 16 + (isdigit((unsigned char)*p) ? *p - '0' :
				      tolower((unsigned char)*p) - 'a' + 10);
		text_putc(out, (char)v);
	} else {
		text_putc(out, '\\');
	}
	*s = p;
	return true;
}

static bool put_escaped(struct text *out, const char *s)
{
	while (*s) {
		if (*s != '\\')
			text_putc(out, *s++);
		else if (!escape(&s, out))
			return false;
	}
	return true;
}

/* [-n] [-e] words */
int cmd_echo(struct cmd *c)
{
	bool newline = true, escapes = false;
	struct text out = { NULL, 0, 0 };
	int i = 1;

	for (; i < c->argc && c->argv[i][0] == '-' && c->argv[i][1] &&
	       !c->argv[i][1 + strspn(c->argv[i] + 1, "neE")]; i++) {
		newline &= !strchr(c->argv[i], 'n');
		escapes |= !!strchr(c->argv[i], 'e');
	}
	for (; i < c->argc; i++) {
		if (!escapes)
			text_puts(&out, c->argv[i]);
		else if (!put_escaped(&out, c->argv[i]))
			newline = false;
		if (i + 1 < c->argc)
			text_putc(&out, ' ');
	}
	if (newline)
		text_putc(&out, '\n');
	sink_add(&c->io->out, text_str(&out), out.len);
	text_free(&out);
	return ST_OK;
}

/* One conversion at s (the '%'); behind it. NULL: not for this printf. */
static const char *convert(struct cmd *c, struct text *out, const char *s,
			   const char *arg)
{
	size_t n = strspn(s + 1, "-+ #0123456789.") + 1;
	char kind = s[n], spec[40], value[512];

	if (n > 30)
		return NULL;
	memcpy(spec, s, n);
	if (kind && strchr("dixXuo", kind)) {
		snprintf(spec + n, sizeof(spec) - n, "ll%c", kind);
		snprintf(value, sizeof(value), spec, strtoll(arg, NULL, 0));
	} else if (kind == 's' && n == 1) {
		text_puts(out, arg);
		return s + 2;
	} else if (kind == 's' || kind == 'c') {
		snprintf(spec + n, sizeof(spec) - n, kind == 's' ? "s" : ".1s");
		snprintf(value, sizeof(value), spec, arg);
	} else if (kind == 'b') {
		put_escaped(out, arg);
		return s + n + 1;
	} else if (kind == '%') {
		strcpy(value, "%");
	} else {
		return NULL;
	}
	text_puts(out, value);
	return s + n + 1;
}

/* The format once; *arg moves over what it took. */
static int print_once(struct cmd *c, struct text *out, int *arg)
{
	const char *s = c->argv[1], *next;

	while (*s) {
		if (*s == '\\') {
			if (!escape(&s, out))
				return ST_OK;
		} else if (*s == '%') {
			bool takes = s[1] != '%' && *arg < c->argc;

			next = convert(c, out, s, takes ? c->argv[*arg] : "");
			if (!next)
				return cmd_fail(c, ST_FAIL, "%s: this "
						"conversion is not there", s);
			*arg += takes;
			s = next;
		} else {
			text_putc(out, *s++);
		}
	}
	return ST_OK;
}

int cmd_printf(struct cmd *c)
{
	struct text out = { NULL, 0, 0 };
	int arg = 2, before, status;

	if (c->argc < 2)
		return cmd_fail(c, ST_USAGE, "a format is missing");
	do {	/* again while there are words left for it */
		before = arg;
		status = print_once(c, &out, &arg);
	} while (!status && arg < c->argc && arg > before);
	sink_add(&c->io->out, text_str(&out), out.len);
	text_free(&out);
	return status;
}

int cmd_export(struct cmd *c)
{
	int i;

	for (i = 1; i < c->argc; i++) {
		char *eq = strchr(c->argv[i], '=');

		if (!eq)
			continue;
		*eq = '\0';
		var_set(c->conf, c->argv[i], eq + 1);
	}
	return ST_OK;
}

int cmd_unset(struct cmd *c)
{
	int i;

	for (i = 1; i < c->argc; i++)
		if (var_get(c->conf, c->argv[i]))
			var_set(c->conf, c->argv[i], "");
	return ST_OK;
}

/* -e and +e; -u and -x change nothing that can be seen here. */
int cmd_set(struct cmd *c)
{
	int i;

	for (i = 1; i < c->argc; i++) {
		const char *a = c->argv[i];

		if ((*a != '-' && *a != '+') || !a[1] ||
		    a[1 + strspn(a + 1, "eux")])
			return cmd_fail(c, ST_USAGE, "%s: there are -e, -u, -x",
					a);
		if (strchr(a, 'e'))
			c->conf->errexit = *a == '-';
	}
	return ST_OK;
}

int cmd_exit(struct cmd *c)
{
	int status = c->argc > 1 ? atoi(c->argv[1]) & 255 : c->conf->status;

	c->conf->exiting = true;
	return status;
}

/* "0.5", "1s", "2m": ns of the stack's time */
static bool parse_sleep(const char *text, int64_t *ns)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || s < 0 || s > 1e9)
		return false;
	if (*end == 'm' || *end == 'h' || *end == 's')
		s *= *end == 'm' ? 60 : *end == 'h' ? 3600 : 1;
	else if (*end)
		return false;
	*ns = (int64_t)(s * 1e9 + 0.5);
	return !*end || !end[1];
}

int cmd_sleep(struct cmd *c)
{
	int64_t ns;

	if (c->argc != 2 || !parse_sleep(c->argv[1], &ns))
		return cmd_fail(c, ST_FAIL, "a number of seconds is needed");
	if (c->conf->o.sleep)
		c->conf->o.sleep(c->conf->o.arg, ns);
	return ST_OK;
}

/* The next line of the input into the variables; the last gets the rest. */
int cmd_read(struct cmd *c)
{
	struct input *in = c->io->in;
	const char *s = in->s ? in->s + in->pos : "", *end;
	size_t left = in->len - in->pos, n;
	int i = 1;

	if (i < c->argc && !strcmp(c->argv[i], "-r"))
		i++;
	end = left ? memchr(s, '\n', left) : NULL;
	n = end ? (size_t)(end - s) : left;
	in->pos += n + (end != NULL);
	s = arena_strndup(&c->conf->arena, s, n);
	for (; i < c->argc; i++) {
		s += strspn(s, " \t");
		n = i + 1 < c->argc ? strcspn(s, " \t") : strlen(s);
		var_set(c->conf, c->argv[i],
			arena_strndup(&c->conf->arena, s, n));
		s += n;
	}
	return end ? ST_OK : ST_FAIL;
}

/* sh -c TEXT, sh FILE, sh (its input) */
int cmd_sh(struct cmd *c)
{
	const char *text;
	size_t len;
	int i = 1;

	if (i < c->argc && (!strcmp(c->argv[i], "-e") ||
			    !strcmp(c->argv[i], "-x")))
		i++;
	if (i + 1 < c->argc && !strcmp(c->argv[i], "-c"))
		return shell_text(c->conf, c->argv[i + 1], c->io);
	if (i < c->argc && c->argv[i][0] == '-')
		return cmd_fail(c, ST_USAGE, "%s: there are -c, -e, -x",
				c->argv[i]);
	if (i < c->argc) {
		struct cmd script = { c->conf, c->argc - i, c->argv + i, c->io };

		return script_run(&script);
	}
	text = cmd_input(c, &len);
	return shell_text(c->conf, arena_strndup(&c->conf->arena, text, len),
			  c->io);
}
