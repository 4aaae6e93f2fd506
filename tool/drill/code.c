/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Python process and what is said to it:
 *
 *	to it:   "new\n", or "run LINE NAMELEN VARSLEN CODELEN\n" and three texts
 *	from it: "OK LENGTH\n" and a text; OK is 1 or 0
 */
#define _GNU_SOURCE
#include "code.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char worker[] =
	"import sys, io, traceback\n"
	"inp, out = sys.stdin.buffer, sys.stdout.buffer\n"
	"def lines_of(code):\n"
	"    lines = code.split('\\n')\n"
	"    lines[0] = lines[0].strip()\n"
	"    rest = [l for l in lines[1:] if l.strip()]\n"
	"    if rest and not lines[0].endswith(':'):\n"
	"        n = min(len(l) - len(l.lstrip()) for l in rest)\n"
	"        lines[1:] = [l[n:] for l in lines[1:]]\n"
	"    return '\\n'.join(lines) + '\\n\\n'\n"
	"def run(name, line, sets, code):\n"
	"    exec(sets, names)\n"
	"    exec(compile('\\n' * (line - 1) + lines_of(code), name, 'exec'), names)\n"
	"def raised(name):\n"
	"    kind, value, where = sys.exc_info()\n"
	"    at = [f.lineno for f in traceback.extract_tb(where) if f.filename == name]\n"
	"    if isinstance(value, SyntaxError):\n"
	"        at = [value.lineno]\n"
	"    what = traceback.format_exception_only(kind, value)[-1].strip()\n"
	"    return ('line %s: ' % at[-1] if at else '') + what + '\\n'\n"
	"names = {}\n"
	"while True:\n"
	"    head = inp.readline().split()\n"
	"    if not head:\n"
	"        break\n"
	"    if head[0] == b'new':\n"
	"        names = {'__name__': '__main__'}\n"
	"        continue\n"
	"    line, *sizes = map(int, head[1:])\n"
	"    name, sets, code = (inp.read(n).decode(errors='replace') for n in sizes)\n"
	"    text = sys.stdout = sys.stderr = io.StringIO()\n"
	"    ok = 1\n"
	"    try:\n"
	"        run(name, line, sets, code)\n"
	"    except BaseException:\n"
	"        ok = 0\n"
	"        text.write(raised(name))\n"
	"    said = text.getvalue().encode()\n"
	"    out.write(b'%d %d\\n' % (ok, len(said)) + said)\n"
	"    out.flush()\n";

struct code {
	const char *program;
	pid_t pid;		/* 0: not started */
	FILE *to, *from;
	bool missing;
};

struct code *code_create(const char *program)
{
	struct code *c = calloc(1, sizeof(*c));

	if (c)
		c->program = program;
	return c;
}

static void stop(struct code *c)
{
	if (c->to)
		fclose(c->to);
	if (c->from)
		fclose(c->from);
	c->to = c->from = NULL;
	if (c->pid > 0)
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	c->pid = 0;
}

void code_destroy(struct code *c)
{
	stop(c);
	free(c);
}

/* In the child. `told` is closed by exec; what is written to it says why not. */
__attribute__((noreturn))
static void become_python(const char *program, int in, int out, int told)
{
	int err;

	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	execlp(program, program, "-I", "-S", "-c", worker, (char *)NULL);
	err = errno;
	if (write(told, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

static int spawn(struct code *c, int in[2], int out[2], int told[2])
{
	int err = 0;

	c->pid = fork();
	if (c->pid < 0)
		return -errno;
	if (!c->pid)
		become_python(c->program, in[0], out[1], told[1]);
	close(told[1]);
	told[1] = -1;
	while (read(told[0], &err, sizeof(err)) < 0 && errno == EINTR)
		;
	return -err;
}

static void close_all(int fds[6])
{
	int i;

	for (i = 0; i < 6; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int start(struct code *c)
{
	int fds[6] = { -1, -1, -1, -1, -1, -1 };	/* in, out, told */
	int ret;

	if (pipe2(fds, O_CLOEXEC) || pipe2(fds + 2, O_CLOEXEC) || pipe2(fds + 4, O_CLOEXEC)) {
		ret = -errno;
		close_all(fds);
		return ret;
	}
	ret = spawn(c, fds, fds + 2, fds + 4);
	if (!ret) {
		c->to = fdopen(fds[1], "w");
		c->from = fdopen(fds[2], "r");
		fds[1] = fds[2] = -1;
	}
	close_all(fds);
	if (ret || !c->to || !c->from)
		stop(c);
	return ret;
}

void code_new_script(struct code *c)
{
	if (c->pid)
		fputs("new\n", c->to);
}

static void say(struct code *c, const char *name, unsigned int line, const char *vars,
		const char *snippet)
{
	fprintf(c->to, "run %u %zu %zu %zu\n%s%s%s", line, strlen(name), strlen(vars),
		strlen(snippet), name, vars, snippet);
	fflush(c->to);
}

static enum code_end hear(struct code *c, char **text)
{
	size_t len;
	int ok;

	if (fscanf(c->from, "%d %zu", &ok, &len) != 2 || fgetc(c->from) != '\n')
		return CODE_BROKEN;
	*text = calloc(1, len + 1);
	if (!*text || fread(*text, 1, len, c->from) != len)
		return CODE_BROKEN;
	return ok ? CODE_DONE : CODE_RAISED;
}

enum code_end code_run(struct code *c, const char *name, unsigned int line, const char *vars,
		       const char *snippet, char **text)
{
	enum code_end end;

	*text = NULL;
	if (!c->pid && !c->missing) {
		c->missing = start(c);
		if (!c->missing)
			code_new_script(c);
	}
	if (c->missing)
		return CODE_NO_PYTHON;
	say(c, name, line, vars, snippet);
	end = hear(c, text);
	if (end == CODE_BROKEN)
		stop(c);
	return end;
}
