/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar, by recursive descent:
 *
 *	list	  and_or { (";" | newline) and_or }
 *	and_or	  pipeline { ("&&" | "||") pipeline }
 *	pipeline  ["!"] command { "|" command }
 *	command	  if | while | until | for | "{" list "}" | "(" list ")"
 *		  | words and redirections
 */
#include "shell.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAX_NESTING	64

struct parser {
	struct conf *c;
	const char *s, *end;
	const char *err;
	int depth;
};

static struct node *parse_list(struct parser *p);

static struct node *bad(struct parser *p, const char *why)
{
	const char *line = p->s;
	char *text;
	int n;

	if (p->err)
		return NULL;
	n = (int)strcspn(line, "\n");
	text = arena_alloc(&p->c->arena, strlen(why) + (size_t)n + 32);
	sprintf(text, "syntax error: %s%s%.*s", why, n ? " near: " : "", n,
		line);
	p->err = text;
	return NULL;
}

static struct node *new_node(struct parser *p, enum node_kind kind,
			     struct node *a, struct node *b)
{
	struct node *n = arena_alloc(&p->c->arena, sizeof(*n));

	n->kind = kind;
	n->a = a;
	n->b = b;
	return n;
}

/* Blanks, joined lines, comments. */
static void skip_blanks(struct parser *p)
{
	for (;;) {
		while (p->s < p->end && (*p->s == ' ' || *p->s == '\t' ||
					 *p->s == '\r'))
			p->s++;
		if (p->end - p->s >= 2 && p->s[0] == '\\' && p->s[1] == '\n') {
			p->s += 2;
			continue;
		}
		if (p->s < p->end && *p->s == '#')
			while (p->s < p->end && *p->s != '\n')
				p->s++;
		return;
	}
}

static void skip_newlines(struct parser *p)
{
	for (skip_blanks(p); p->s < p->end && *p->s == '\n'; skip_blanks(p))
		p->s++;
}

/* Takes an operator if it is next. */
static bool take(struct parser *p, const char *op)
{
	size_t len = strlen(op);

	skip_blanks(p);
	if ((size_t)(p->end - p->s) < len || strncmp(p->s, op, len))
		return false;
	p->s += len;
	return true;
}

static bool at_keyword(struct parser *p, const char *name)
{
	size_t len = strlen(name);

	skip_blanks(p);
	if ((size_t)(p->end - p->s) < len || strncmp(p->s, name, len))
		return false;
	return p->s + len == p->end || strchr(" \t\n;&|<>()", p->s[len]);
}

static bool take_keyword(struct parser *p, const char *name)
{
	if (!at_keyword(p, name))
		return false;
	p->s += strlen(name);
	return true;
}

static bool expect(struct parser *p, const char *name)
{
	skip_newlines(p);
	if (take_keyword(p, name))
		return true;
	if (!p->err) {
		char *why = arena_alloc(&p->c->arena, 64);

		snprintf(why, 64, "\"%s\" is missing", name);
		bad(p, why);
	}
	return false;
}

/* NULL: none here, or an error. */
static struct word *parse_word(struct parser *p)
{
	const char *end;
	struct word *w;

	skip_blanks(p);
	if (p->s >= p->end || strchr("\n;&|<>()", *p->s))
		return NULL;
	end = skip_word(p->s, p->end);
	if (!end) {
		bad(p, "a quote or parenthesis is not closed");
		return NULL;
	}
	w = arena_alloc(&p->c->arena, sizeof(*w));
	w->raw = p->s;
	w->len = (size_t)(end - p->s);
	p->s = end;
	return w;
}

/* --- redirections ---------------------------------------------------------------- */

static const struct {
	const char *op;
	enum redir_kind kind;
	int fd;
} redirs[] = {	/* longest first */
	{ "&>>", REDIR_BOTH, 1 },
	{ "&>", REDIR_BOTH, 1 },
	{ ">&", REDIR_DUP, 1 },
	{ ">>", REDIR_APPEND, 1 },
	{ ">|", REDIR_OUT, 1 },
	{ ">", REDIR_OUT, 1 },
	{ "<", REDIR_IN, 0 },
};

static struct redir *parse_redir(struct parser *p)
{
	const char *start;
	struct redir *r;
	int fd = -1;
	size_t i;

	skip_blanks(p);
	start = p->s;
	if (p->end - p->s > 1 && isdigit((unsigned char)*p->s) &&
	    (p->s[1] == '<' || p->s[1] == '>'))
		fd = *p->s++ - '0';
	for (i = 0; i < sizeof(redirs) / sizeof(redirs[0]); i++)
		if (take(p, redirs[i].op))
			break;
	if (i == sizeof(redirs) / sizeof(redirs[0])) {
		p->s = start;
		return NULL;
	}
	if (p->s < p->end && (*p->s == '<' || (redirs[i].kind == REDIR_IN &&
					       strchr("&>", *p->s)))) {
		bad(p, "this redirection is not for this shell");
		return NULL;
	}
	r = arena_alloc(&p->c->arena, sizeof(*r));
	r->kind = redirs[i].kind;
	r->fd = fd < 0 ? redirs[i].fd : fd;
	r->target = parse_word(p);
	if (!r->target)
		bad(p, "a redirection without a target");
	return r;
}

static void parse_redirs(struct parser *p, struct node *n)
{
	struct redir **tail = &n->redirs, *r;

	while (*tail)
		tail = &(*tail)->next;
	while (!p->err && (r = parse_redir(p))) {
		*tail = r;
		tail = &r->next;
	}
}

/* --- commands ---------------------------------------------------------------------- */

static struct node *parse_simple(struct parser *p)
{
	struct node *n = new_node(p, NODE_SIMPLE, NULL, NULL);
	struct word **tail = &n->words, *w;

	do {
		parse_redirs(p, n);
		w = p->err ? NULL : parse_word(p);
		if (w) {
			*tail = w;
			tail = &w->next;
		}
	} while (w);
	if (p->err)
		return NULL;
	skip_blanks(p);
	if (p->s < p->end && *p->s == '(')
		return bad(p, "functions are not for this shell");
	if (!n->words && !n->redirs)
		return bad(p, "a command is missing");
	return n;
}

static struct node *parse_if(struct parser *p)
{
	struct node *n = new_node(p, NODE_IF, parse_list(p), NULL);

	if (!p->err && expect(p, "then"))
		n->b = parse_list(p);
	if (p->err)
		return NULL;
	skip_newlines(p);
	if (take_keyword(p, "elif")) {
		if (++p->depth > MAX_NESTING)
			return bad(p, "nested too deeply");
		n->c = parse_if(p);
		p->depth--;
		return n;		/* took the one "fi" */
	}
	if (take_keyword(p, "else"))
		n->c = parse_list(p);
	return p->err || !expect(p, "fi") ? NULL : n;
}

static struct node *parse_body(struct parser *p, struct node *n)
{
	if (!p->err && expect(p, "do"))
		n->b = parse_list(p);
	return p->err || !expect(p, "done") ? NULL : n;
}

static struct node *parse_for(struct parser *p)
{
	struct node *n = new_node(p, NODE_FOR, NULL, NULL);
	struct word **tail = &n->words;

	*tail = parse_word(p);		/* the name */
	if (!*tail)
		return bad(p, "for without a name");
	skip_newlines(p);
	if (take_keyword(p, "in"))
		while (*tail) {
			tail = &(*tail)->next;
			*tail = parse_word(p);
		}
	take(p, ";");
	return parse_body(p, n);
}

static struct node *parse_group(struct parser *p, enum node_kind kind,
				const char *close)
{
	struct node *n = new_node(p, kind, parse_list(p), NULL);

	if (p->err)
		return NULL;
	skip_newlines(p);
	return take(p, close) ? n : bad(p, "a group is not closed");
}

static struct node *parse_compound(struct parser *p)
{
	if (take_keyword(p, "if"))
		return parse_if(p);
	if (take_keyword(p, "while"))
		return parse_body(p, new_node(p, NODE_WHILE, parse_list(p),
					      NULL));
	if (take_keyword(p, "until"))
		return parse_body(p, new_node(p, NODE_UNTIL, parse_list(p),
					      NULL));
	if (take_keyword(p, "for"))
		return parse_for(p);
	if (take_keyword(p, "{"))
		return parse_group(p, NODE_GROUP, "}");
	if (take(p, "("))
		return parse_group(p, NODE_SUBSHELL, ")");
	return NULL;
}

static struct node *parse_command(struct parser *p)
{
	const char *start;
	struct node *n;

	if (at_keyword(p, "case") || at_keyword(p, "function"))
		return bad(p, "case and function are not for this shell");
	skip_blanks(p);
	start = p->s;
	if (++p->depth > MAX_NESTING)
		return bad(p, "nested too deeply");
	n = parse_compound(p);
	p->depth--;
	if (p->err)
		return NULL;
	if (!n && p->s == start)
		return parse_simple(p);
	parse_redirs(p, n);
	return p->err ? NULL : n;
}

static struct node *parse_pipeline(struct parser *p)
{
	bool not = take_keyword(p, "!");
	struct node *n = parse_command(p);

	for (;;) {
		skip_blanks(p);
		if (p->err || p->s >= p->end || *p->s != '|' ||
		    (p->s + 1 < p->end && p->s[1] == '|'))
			break;
		p->s++;
		skip_newlines(p);
		n = new_node(p, NODE_PIPE, n, parse_command(p));
	}
	return not ? new_node(p, NODE_NOT, n, NULL) : n;
}

static struct node *parse_and_or(struct parser *p)
{
	struct node *n = parse_pipeline(p);

	while (!p->err) {
		enum node_kind kind = NODE_AND;

		if (take(p, "||"))
			kind = NODE_OR;
		else if (!take(p, "&&"))
			break;
		skip_newlines(p);
		n = new_node(p, kind, n, parse_pipeline(p));
	}
	return n;
}

/* A word that ends the list in which it stands as a command. */
static bool at_list_end(struct parser *p)
{
	static const char *const ends[] = { "then", "else", "elif", "fi", "do",
					    "done", "}" };
	size_t i;

	if (p->s >= p->end || *p->s == ')')
		return true;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (at_keyword(p, ends[i]))
			return true;
	return false;
}

static struct node *parse_list(struct parser *p)
{
	struct node *list = NULL, **tail = &list, *n;

	for (;;) {
		skip_newlines(p);
		if (p->err || at_list_end(p))
			return list;
		n = parse_and_or(p);
		if (p->err)
			return NULL;
		*tail = new_node(p, NODE_SEQ, n, NULL);
		tail = &(*tail)->b;
		skip_blanks(p);
		if (p->s < p->end && *p->s == '&')
			return bad(p, "jobs in the background are not for this "
				   "shell");
		if (p->s < p->end && *p->s == ';')
			p->s++;
		else if (p->s < p->end && *p->s != '\n' && !at_list_end(p))
			return bad(p, "unexpected");
	}
}

struct node *shell_parse(struct conf *c, const char *text, const char **err)
{
	struct parser p = { c, text, text + strlen(text), NULL, 0 };
	struct node *n = parse_list(&p);

	if (!p.err && p.s < p.end)
		bad(&p, "unexpected");
	*err = p.err;
	return p.err ? NULL : n;
}
