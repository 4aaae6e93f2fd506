// SPDX-License-Identifier: BSD-2-Clause
/*
 * A script: options, commands, events with their times, commands that tidy up.
 * What stands inside an event is in parse_packet.c, parse_call.c and below.
 */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The script and the memory in which all of it lies, itself included. */
struct script_owner {
	struct drill_script script;
	struct drill_arena arena;
};

/* ------------------------------------------------- tokens and errors */

static unsigned int newlines(const char *from, const char *to)
{
	unsigned int n = 0;

	for (; from < to; from++)
		n += *from == '\n';
	return n;
}

void drill_advance(struct drill_parser *p)
{
	p->prev_end = p->tok.base_end;
	p->prev_line = p->tok.line + newlines(p->tok.from, p->tok.base_end);
	p->tok = drill_lex_next(&p->lex);
	if (p->tok.kind == DRILL_TOK_BAD)
		drill_fail(p, "%s", p->tok.why);
}

bool drill_is_char(const struct drill_parser *p, char c)
{
	return p->tok.kind == DRILL_TOK_CHAR && *p->tok.text == c;
}

bool drill_is_name(const struct drill_parser *p, const char *name)
{
	return p->tok.kind == DRILL_TOK_NAME && strlen(name) == p->tok.len &&
	       memcmp(name, p->tok.text, p->tok.len) == 0;
}

bool drill_accept(struct drill_parser *p, char c)
{
	if (!drill_is_char(p, c))
		return false;
	drill_advance(p);
	return true;
}

bool drill_expect(struct drill_parser *p, char c, const char *what)
{
	if (!drill_is_char(p, c))
		return drill_expected(p, what);
	drill_advance(p);
	return !p->failed;
}

/* The token as it stands in the script, up to its line's end, made printable. */
static void quote_token(const struct drill_tok *t, char *out, size_t size)
{
	size_t n = 0;
	const char *end = t->kind == DRILL_TOK_END ? t->start : t->text + t->len;

	if (t->kind == DRILL_TOK_END) {
		snprintf(out, size, "end of script");
		return;
	}
	for (const char *q = t->start; q < end && *q != '\n'; q++) {
		unsigned char c = (unsigned char)*q;
		int len = snprintf(out + n, size - n, c < ' ' || c > '~' ? "\\x%02x" : "%c", c);

		if (n + (size_t)len >= size) {
			out[n] = '\0';
			return;
		}
		n += (size_t)len;
	}
	out[n] = '\0';
}

bool drill_fail(struct drill_parser *p, const char *format, ...)
{
	va_list args;

	if (p->failed)
		return false;
	p->failed = true;
	p->error->line = p->tok.line;
	p->error->column = p->tok.column;
	quote_token(&p->tok, p->error->token, sizeof(p->error->token));
	va_start(args, format);
	vsnprintf(p->error->message, sizeof(p->error->message), format, args);
	va_end(args);
	return false;
}

bool drill_expected(struct drill_parser *p, const char *what)
{
	char token[64];

	if (p->tok.kind == DRILL_TOK_END)
		return drill_fail(p, "unexpected end of script, expected %s", what);
	quote_token(&p->tok, token, sizeof(token));
	return drill_fail(p, "unexpected '%s', expected %s", token, what);
}

bool drill_no_memory(struct drill_parser *p)
{
	return drill_fail(p, "no memory for the script");
}

bool drill_number(struct drill_parser *p, uint64_t max, const char *what, uint64_t *num)
{
	const struct drill_tok *t = &p->tok;

	if (t->kind != DRILL_TOK_NUMBER || !t->whole)
		return drill_expected(p, what);
	if (t->overflow || t->num > max)
		return drill_fail(p, "%.*s is too large for %s (at most %llu)",
				  (int)(t->len < 40 ? t->len : 40), t->text, what,
				  (unsigned long long)max);
	*num = t->num;
	drill_advance(p);
	return !p->failed;
}

/* ------------------------------------------------------------- times */

/* A time, after its sign. */
static bool parse_seconds(struct drill_parser *p, int64_t *ns)
{
	if (p->tok.kind != DRILL_TOK_NUMBER)
		return drill_expected(p, "a time in seconds");
	if (p->tok.ns_overflow)
		return drill_fail(p, "a time too large, or finer than a nanosecond");
	*ns = p->tok.ns;
	drill_advance(p);
	return !p->failed;
}

static bool parse_range(struct drill_parser *p, struct drill_time *t, bool relative)
{
	if (drill_is_char(p, '+') != relative)
		return drill_expected(p, relative ? "`+` and a time: both ends of a range count "
						    "from the same moment"
						  : "a time without `+`: both ends of a range "
						    "count from the same moment");
	drill_accept(p, '+');
	t->kind = relative ? DRILL_TIME_RELATIVE_RANGE : DRILL_TIME_RANGE;
	if (!parse_seconds(p, &t->until))
		return false;
	return t->until >= t->at || drill_fail(p, "the range of times ends before it begins");
}

static bool parse_end(struct drill_parser *p, struct drill_time *t, bool relative)
{
	if (relative)
		drill_accept(p, '+');
	t->has_end = true;
	if (!parse_seconds(p, &t->end))
		return false;
	return t->end >= t->at || drill_fail(p, "the call ends before it begins");
}

static bool parse_time(struct drill_parser *p, struct drill_time *t)
{
	bool relative;

	if (drill_accept(p, '*')) {
		t->kind = DRILL_TIME_ANY;
		return !p->failed;
	}
	relative = drill_accept(p, '+');
	if (!relative && p->tok.kind != DRILL_TOK_NUMBER)
		return drill_expected(p, "the time of an event (0.5, +0.1, +0~+0.2 or *)");
	t->kind = relative ? DRILL_TIME_RELATIVE : DRILL_TIME_ABSOLUTE;
	if (!parse_seconds(p, &t->at))
		return false;
	t->until = t->at;
	if (drill_accept(p, '~'))
		return parse_range(p, t, relative);
	if (p->tok.kind != DRILL_TOK_ELLIPSIS)
		return true;
	drill_advance(p);
	return parse_end(p, t, relative);
}

/* ------------------------------------------------------------ events */

/* The command or code that the token is. */
static char *take_block(struct drill_parser *p, size_t *len)
{
	char *text = drill_copy(p->arena, p->tok.text, p->tok.len);

	*len = p->tok.len;
	if (!text)
		drill_no_memory(p);
	drill_advance(p);
	return text;
}

static bool parse_action(struct drill_parser *p, struct drill_event *ev)
{
	switch (p->tok.kind) {
	case DRILL_TOK_COMMAND:
		ev->kind = DRILL_COMMAND;
		ev->command = take_block(p, &ev->text_len);
		return !p->failed;
	case DRILL_TOK_CODE:
		ev->kind = DRILL_CODE;
		ev->code = take_block(p, &ev->text_len);
		return !p->failed;
	case DRILL_TOK_NAME:
		ev->kind = DRILL_SYSCALL;
		ev->call = drill_parse_call(p);
		return ev->call != NULL;
	default:
		break;
	}
	if (!drill_is_char(p, '<') && !drill_is_char(p, '>'))
		return drill_expected(p, "a packet (< or >), a call, a `command` or %{ code }%");
	ev->kind = DRILL_PACKET;
	ev->packet = drill_parse_packet(p);
	return ev->packet != NULL;
}

/* Times that only some kinds of events can have. */
static bool check_time(struct drill_parser *p, const struct drill_event *ev)
{
	bool expected_packet = ev->kind == DRILL_PACKET && ev->packet->dir == DRILL_OUT;
	enum drill_time_kind kind = ev->time.kind;

	if (ev->time.has_end && ev->kind != DRILL_SYSCALL)
		return drill_fail(p, "a time with an end (0.1...0.2) is for system calls");
	if (kind != DRILL_TIME_ABSOLUTE && kind != DRILL_TIME_RELATIVE && !expected_packet)
		return drill_fail(p, "an uncertain time (* or a range) is for outgoing packets");
	return true;
}

static bool parse_event(struct drill_parser *p, struct drill_vec *events)
{
	const char *from = p->tok.from;
	struct drill_event ev = { .line = p->tok.line };
	struct drill_tok first = p->tok, next;

	if (!parse_time(p, &ev.time) || !parse_action(p, &ev) || p->failed)
		return false;
	next = p->tok;
	p->tok = first;		/* what is wrong with the event is said at its head */
	if (!check_time(p, &ev))
		return false;
	p->tok = next;
	ev.last_line = p->prev_line;
	ev.source = drill_copy(p->arena, from, (size_t)(p->prev_end - from));
	if (!ev.source || !drill_push(p->arena, events, &ev, sizeof(ev)))
		return drill_no_memory(p);
	return true;
}

/* ------------------------------------------------------------ script */

static bool parse_option(struct drill_parser *p, struct drill_vec *options)
{
	const struct drill_tok *t = &p->tok;
	const char *eq = memchr(t->text, '=', t->len);
	size_t name = eq ? (size_t)(eq - t->text) : t->len;
	struct drill_option o = {
		.line = t->line,
		.name = drill_copy(p->arena, t->text, name),
		.value = eq ? drill_copy(p->arena, eq + 1, t->len - name - 1) : "",
	};

	if (!o.name || !o.value || !drill_push(p->arena, options, &o, sizeof(o)))
		return drill_no_memory(p);
	drill_advance(p);
	return !p->failed;
}

static bool parse_command(struct drill_parser *p, struct drill_vec *commands)
{
	struct drill_command c = { .line = p->tok.line };

	c.text = take_block(p, &c.len);
	if (p->failed)
		return false;
	return drill_push(p->arena, commands, &c, sizeof(c)) || drill_no_memory(p);
}

static bool parse_script(struct drill_parser *p, struct drill_script *s)
{
	struct drill_vec options = { 0 }, init = { 0 }, events = { 0 }, cleanup = { 0 };

	while (p->tok.kind == DRILL_TOK_OPTION || p->tok.kind == DRILL_TOK_COMMAND)
		if (!(p->tok.kind == DRILL_TOK_OPTION ? parse_option(p, &options)
						      : parse_command(p, &init)))
			return false;
	while (p->tok.kind != DRILL_TOK_END && p->tok.kind != DRILL_TOK_COMMAND)
		if (p->failed || !parse_event(p, &events))
			return false;
	while (p->tok.kind == DRILL_TOK_COMMAND)
		if (!parse_command(p, &cleanup))
			return false;
	if (p->failed)
		return false;
	if (p->tok.kind != DRILL_TOK_END)
		return drill_fail(p, "an event after a command without a time: before it, give "
				     "the command a time (+0)");
	s->options = options.items;
	s->noptions = options.n;
	s->init = init.items;
	s->ninit = init.n;
	s->events = events.items;
	s->nevents = events.n;
	s->cleanup = cleanup.items;
	s->ncleanup = cleanup.n;
	return true;
}

/* A NUL would end the strings that the tree hands out. False: there is one. */
static bool check_text(const char *text, size_t len, struct drill_error *e)
{
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	const char *line = text;

	if (!nul)
		return true;
	for (const char *q = text; q < nul; q++)
		if (*q == '\n')
			line = q + 1;
	e->line = newlines(text, nul) + 1;
	e->column = (unsigned int)(nul - line) + 1;
	snprintf(e->token, sizeof(e->token), "\\x00");
	snprintf(e->message, sizeof(e->message), "a NUL byte: this is not a script");
	return false;
}

static struct script_owner *owner_create(const char *name)
{
	struct script_owner *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->script.name = drill_copy(&o->arena, name, strlen(name));
	if (!o->script.name) {
		drill_script_free(&o->script);
		return NULL;
	}
	return o;
}

struct drill_script *drill_parse(const char *name, const char *text, size_t len,
				 const struct drill_define *defs, size_t ndefs,
				 struct drill_error *e)
{
	struct drill_error unwanted;
	struct drill_parser p = { .error = e ? e : &unwanted };
	struct script_owner *o;

	memset(p.error, 0, sizeof(*p.error));
	if (!text)
		text = "";
	if (!check_text(text, len, p.error))
		return NULL;
	o = owner_create(name);
	if (!o) {
		snprintf(p.error->message, sizeof(p.error->message), "no memory for the script");
		return NULL;
	}
	p.arena = &o->arena;
	drill_lex_init(&p.lex, text, len, defs, ndefs);
	p.tok = (struct drill_tok){ .from = text, .base_end = text, .line = 1 };
	drill_advance(&p);
	if (!p.failed && parse_script(&p, &o->script))
		return &o->script;
	drill_script_free(&o->script);
	return NULL;
}

void drill_script_free(struct drill_script *s)
{
	struct script_owner *o = (struct script_owner *)s;

	if (!o)
		return;
	drill_arena_fini(&o->arena);
	free(o);
}

const char *drill_script_option(const struct drill_script *s, const char *name)
{
	for (size_t i = s->noptions; i-- > 0;)
		if (strcmp(s->options[i].name, name) == 0)
			return s->options[i].value;
	return NULL;
}
