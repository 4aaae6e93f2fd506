/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a tree. Everything of one run (tree, words, views) comes from the
 * arena and goes when the outermost run ends. A pipeline's commands run one
 * after the other, each with the whole output of the one before.
 */
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH	50
#define MAX_MEMORY	((size_t)256 << 20)	/* of one run */
#define MAX_VALUE	((size_t)1 << 20)	/* of a variable */

static int run_node(struct conf *c, const struct node *n, struct io *io);

static void complain(const struct io *io, const char *what, const char *why)
{
	sink_add(&io->err, "sh: ", 4);
	sink_add(&io->err, what, strlen(what));
	if (*why)
		sink_add(&io->err, ": ", 2);
	sink_add(&io->err, why, strlen(why));
	sink_add(&io->err, "\n", 1);
}

/* --- redirections ------------------------------------------------------------------ */

/* Output that goes to a file when the command is done. */
struct file_out {
	struct file_out *next;
	const char *path;
	bool append;
	struct text text;
};

static struct file_out *file_out_open(struct conf *c, struct file_out **list,
				      const char *path, bool append)
{
	struct file_out *f = arena_alloc(&c->arena, sizeof(*f));

	f->path = path;
	f->append = append;
	f->next = *list;
	*list = f;
	return f;
}

static int redirect_in(struct conf *c, const char *path, struct io *io)
{
	struct input *in = arena_alloc(&c->arena, sizeof(*in));

	in->s = file_read(c, path, &in->len);
	if (!in->s) {
		complain(io, path, "No such file or directory");
		return ST_FAIL;
	}
	io->in = in;
	return 0;
}

static int redirect(struct conf *c, const struct redir *r, struct io *io,
		    struct file_out **files)
{
	char *target = word_string(c, r->target, io);
	struct file_out *f;

	if (!target)
		return ST_USAGE;
	if (r->kind == REDIR_IN && r->fd == 0)
		return redirect_in(c, target, io);
	if (r->fd != 1 && r->fd != 2) {
		complain(io, target, "only descriptors 0, 1, 2 are there");
		return ST_USAGE;
	}
	if (r->kind == REDIR_DUP && (!strcmp(target, "1") ||
				     !strcmp(target, "2"))) {
		struct sink from = *target == '1' ? io->out : io->err;

		*(r->fd == 1 ? &io->out : &io->err) = from;
		return 0;
	}
	f = file_out_open(c, files, target, r->kind == REDIR_APPEND);
	*(r->fd == 1 ? &io->out : &io->err) = (struct sink){ &f->text, NULL };
	if (r->kind == REDIR_BOTH || r->kind == REDIR_DUP)
		io->err = io->out;
	return 0;
}

/* The first error in writing: its status. */
static int files_close(struct conf *c, struct file_out *list, struct io *io)
{
	char err[256];
	int status = 0;

	for (; list; list = list->next) {
		if (file_write(c, list->path, text_str(&list->text),
			       list->text.len, list->append, err,
			       sizeof(err))) {
			complain(io, err, "");
			status = ST_FAIL;
		}
		text_free(&list->text);
	}
	return status;
}

/* Runs fn(c, n, io) with the node's redirections. */
static int with_redirs(struct conf *c, const struct node *n, struct io *outer,
		       int (*fn)(struct conf *c, const struct node *n,
				 struct io *io))
{
	struct file_out *files = NULL;
	struct io io = *outer;
	const struct redir *r;
	int status = 0, closed;

	for (r = n->redirs; r && !status; r = r->next)
		status = redirect(c, r, &io, &files);
	if (!status)
		status = fn(c, n, &io);
	closed = files_close(c, files, outer);
	return status ? status : closed;
}

/* --- simple commands --------------------------------------------------------------- */

static bool too_many(struct conf *c, struct io *io)
{
	bool memory = c->arena.size > MAX_MEMORY || c->all.len > MAX_MEMORY;

	if (memory && c->commands < c->o.max_commands)
		c->commands = c->o.max_commands;
	if (c->exiting || ++c->commands <= c->o.max_commands)
		return false;
	complain(io, memory ? "too much text" : "too many commands",
		 "an endless loop?");
	c->exiting = true;
	return true;
}

int shell_command(struct conf *c, int argc, char **argv, struct io *io)
{
	struct cmd cmd = { c, argc, argv, io };
	const struct command_entry *e = command_find(argv[0]);

	if (too_many(c, io))
		return ST_FAIL;
	if (e)
		return e->run(&cmd);
	if (strchr(argv[0], '/'))
		return script_run(&cmd);
	complain(io, argv[0], "command not found");
	return ST_NOT_FOUND;
}

/* Assignments in front of a command last: commands have no environment. */
static int assign(struct conf *c, const struct word *w, size_t name_len,
		  struct io *io)
{
	struct word value = { NULL, w->raw + name_len + 1,
			      w->len - name_len - 1 };
	char *s = word_string(c, &value, io);

	if (!s)
		return ST_USAGE;
	if (strlen(s) > MAX_VALUE) {
		complain(io, "a value is longer than 1M", "");
		return ST_FAIL;
	}
	var_set(c, arena_strndup(&c->arena, w->raw, name_len), s);
	return 0;
}

/* `only`: there is no command, and the status is that of a $(...). */
static int run_assignments(struct conf *c, const struct word *w,
			   const struct word *end, bool only, struct io *io)
{
	if (only)
		c->status = 0;
	for (; w != end; w = w->next)
		if (assign(c, w, assignment_name(w), io))
			return ST_USAGE;
	return only ? c->status : 0;
}

static int run_simple(struct conf *c, const struct node *n, struct io *io)
{
	const struct word *w = n->words;
	struct fields f = { NULL, 0, 0 };
	int status;

	while (w && assignment_name(w))
		w = w->next;
	status = run_assignments(c, n->words, w, !w, io);
	for (; w && !status; w = w->next)
		status = word_fields(c, w, &f, io);
	if (f.n && !status)
		status = shell_command(c, f.n, f.v, io);
	if (status && c->errexit)
		c->exiting = true;
	return status;
}

/* --- the rest of the language ---------------------------------------------------------- */

static int run_pipe(struct conf *c, const struct node *n, struct io *io)
{
	struct text between = { NULL, 0, 0 };
	struct input in = { NULL, 0, 0 };
	struct io left = *io, right = *io;
	int status;

	left.out = (struct sink){ &between, NULL };
	run_node(c, n->a, &left);
	in.s = text_str(&between);
	in.len = between.len;
	right.in = &in;
	status = run_node(c, n->b, &right);
	text_free(&between);
	return status;
}

/* Failing is what a condition may do. */
static int run_condition(struct conf *c, const struct node *n, struct io *io)
{
	bool errexit = c->errexit;
	int status;

	c->errexit = false;
	status = run_node(c, n, io);
	c->errexit = errexit;
	return status;
}

static int run_loop(struct conf *c, const struct node *n, struct io *io)
{
	int want = n->kind == NODE_UNTIL, status = 0;

	while (!c->exiting && !too_many(c, io) &&
	       !!run_condition(c, n->a, io) == want && !c->exiting)
		status = run_node(c, n->b, io);
	return status;
}

static int run_for(struct conf *c, const struct node *n, struct io *io)
{
	const char *name = arena_strndup(&c->arena, n->words->raw,
					 n->words->len);
	struct fields f = { NULL, 0, 0 };
	const struct word *w;
	int i, status = 0;

	for (w = n->words->next; w; w = w->next)
		if (word_fields(c, w, &f, io))
			return ST_USAGE;
	for (i = 0; i < f.n && !c->exiting && !too_many(c, io); i++) {
		var_set(c, name, f.v[i]);
		status = run_node(c, n->b, io);
	}
	return status;
}

/* Its exit ends only itself. */
static int run_subshell(struct conf *c, const struct node *n, struct io *io)
{
	int status = run_node(c, n->a, io);

	if (c->commands <= c->o.max_commands)
		c->exiting = false;
	return status;
}

static int run_if(struct conf *c, const struct node *n, struct io *io)
{
	int status = run_condition(c, n->a, io);

	if (c->exiting)
		return status;
	if (!status)
		return run_node(c, n->b, io);
	return n->c ? run_node(c, n->c, io) : 0;
}

static int run_logic(struct conf *c, const struct node *n, struct io *io)
{
	int status = run_condition(c, n->a, io);

	if (c->exiting || !!status == (n->kind == NODE_AND))
		return status;
	return run_node(c, n->b, io);
}

static int run_kind(struct conf *c, const struct node *n, struct io *io)
{
	switch (n->kind) {
	case NODE_SIMPLE:
		return run_simple(c, n, io);
	case NODE_PIPE:
		return run_pipe(c, n, io);
	case NODE_AND:
	case NODE_OR:
		return run_logic(c, n, io);
	case NODE_NOT:
		return !run_condition(c, n->a, io);
	case NODE_SEQ:
		for (; n && !c->exiting; n = n->b)
			run_node(c, n->a, io);
		return c->status;
	case NODE_IF:
		return run_if(c, n, io);
	case NODE_WHILE:
	case NODE_UNTIL:
		return run_loop(c, n, io);
	case NODE_FOR:
		return run_for(c, n, io);
	case NODE_GROUP:
		return run_node(c, n->a, io);
	case NODE_SUBSHELL:
		return run_subshell(c, n, io);
	}
	return ST_FAIL;
}

static int run_node(struct conf *c, const struct node *n, struct io *io)
{
	if (!n)
		return 0;
	c->status = n->redirs ? with_redirs(c, n, io, run_kind)
			      : run_kind(c, n, io);
	return c->status;
}

int shell_text(struct conf *c, const char *text, struct io *io)
{
	const char *err;
	struct node *n;
	int status;

	if (c->depth >= MAX_DEPTH) {
		complain(io, "nested too deeply", "a script that runs itself?");
		return ST_USAGE;
	}
	n = shell_parse(c, text, &err);
	if (err) {
		complain(io, err, "");
		return ST_USAGE;
	}
	c->depth++;
	status = run_node(c, n, io);
	c->depth--;
	if (c->commands > c->o.max_commands)
		return ST_FAIL;
	c->exiting = false;
	return status;
}

/* --- the outermost run ------------------------------------------------------------------- */

static struct io begin_run(struct conf *c, struct input *in)
{
	arena_free(&c->arena);
	text_clear(&c->all);
	text_clear(&c->errs);
	c->commands = 0;
	c->exiting = c->errexit = false;
	return (struct io){ in, { &c->all, NULL }, { &c->all, &c->errs } };
}

static int end_run(struct conf *c, int status)
{
	while (c->errs.len && c->errs.s[c->errs.len - 1] == '\n')
		c->errs.s[--c->errs.len] = '\0';
	return status & 255;
}

int conf_shell_run(struct conf *c, const char *text)
{
	struct input in = { NULL, 0, 0 };
	struct io io = begin_run(c, &in);

	return end_run(c, shell_text(c, text, &io));
}

int conf_command(struct conf *c, int argc, char **argv)
{
	struct input in = { NULL, 0, 0 };
	struct io io = begin_run(c, &in);

	return end_run(c, argc > 0 ? shell_command(c, argc, argv, &io)
				   : ST_OK);
}
