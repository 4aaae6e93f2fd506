/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the program within the shim's reach? It is not when the loader does not
 * take part (static programs), ignores LD_PRELOAD (set-user-ID, file
 * capabilities), or would need another shim (32-bit); and not wholly when it
 * makes system calls by itself (Go).
 */
#define _GNU_SOURCE
#include "run.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct image {
	const unsigned char *bytes;
	size_t len;
};

/* --- finding it ---------------------------------------------------------------- */

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static char *in_path(const char *cmd)
{
	const char *dirs = getenv("PATH");
	char *path = NULL;

	if (strchr(cmd, '/'))
		return is_file(cmd) ? strdup(cmd) : NULL;
	if (!dirs)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	for (; *dirs; dirs += strcspn(dirs, ":"), dirs += *dirs == ':') {
		int n = (int)strcspn(dirs, ":");

		if (asprintf(&path, "%.*s%s%s", n, dirs, n ? "/" : "./", cmd) < 0)
			return NULL;
		if (is_file(path) && !access(path, X_OK))
			return path;
		free(path);
	}
	return NULL;
}

/* --- looking into it -------------------------------------------------------------- */

static bool has_interpreter(const struct image *im, const Elf64_Ehdr *e)
{
	const Elf64_Phdr *p;
	unsigned int i;

	for (i = 0; i < e->e_phnum; i++) {
		size_t at = e->e_phoff + (size_t)i * sizeof(*p);

		if (at + sizeof(*p) > im->len)
			return false;
		p = (const Elf64_Phdr *)(const void *)(im->bytes + at);
		if (p->p_type == PT_INTERP)
			return true;
	}
	return false;
}

static bool has_section(const struct image *im, const Elf64_Ehdr *e,
			const char *name)
{
	const Elf64_Shdr *s = (const void *)(im->bytes + e->e_shoff), *names;
	size_t need = e->e_shoff + (size_t)e->e_shnum * sizeof(*s);
	unsigned int i;

	if (!e->e_shoff || need > im->len || e->e_shstrndx >= e->e_shnum)
		return false;
	names = &s[e->e_shstrndx];
	for (i = 0; i < e->e_shnum; i++) {
		size_t at = names->sh_offset + s[i].sh_name;

		if (at + strlen(name) + 1 <= im->len &&
		    !strcmp((const char *)im->bytes + at, name))
			return true;
	}
	return false;
}

static int check_elf(const struct command *c, const char *path,
		     const struct image *im)
{
	const Elf64_Ehdr *e = (const void *)im->bytes;

	if (im->len < sizeof(*e) || e->e_ident[EI_CLASS] != ELFCLASS64)
		return tool_fail(c, EXIT_CANNOT_RUN, "%s: not a 64-bit "
				 "program; the shim is", path);
	if (!has_interpreter(im, e))
		return tool_fail(c, EXIT_CANNOT_RUN, "%s is statically linked: "
				 "the shim cannot reach it; use a dynamically "
				 "linked build", path);
	if (has_section(im, e, ".note.go.buildid"))
		tool_fail(c, 0, "warning: %s is a Go program, whose network "
			  "calls go to the host and not through the stack",
			  path);
	return EXIT_OK;
}

static int check_file(const struct command *c, const char *path, int depth);

/* "#!/usr/bin/env python3": the program that counts is the interpreter. */
static int check_script(const struct command *c, const struct image *im,
			int depth)
{
	char line[256], *save, *word, *path;
	size_t n = im->len - 2 < sizeof(line) - 1 ? im->len - 2 :
		   sizeof(line) - 1;
	int ret;

	memcpy(line, im->bytes + 2, n);
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	word = strtok_r(line, " \t", &save);
	if (!word || depth > 4)
		return EXIT_OK;
	ret = check_file(c, word, depth + 1);
	n = strlen(word);
	if (ret || n < 4 || strcmp(word + n - 4, "/env"))
		return ret;
	word = strtok_r(NULL, " \t", &save);
	path = word ? in_path(word) : NULL;
	if (path)
		ret = check_file(c, path, depth + 1);
	free(path);
	return ret;
}

static bool loader_distrusts(const char *path, const struct stat *st)
{
	if (st->st_mode & S_ISUID && st->st_uid != getuid())
		return true;
	if (st->st_mode & S_ISGID && st->st_mode & S_IXGRP &&
	    st->st_gid != getgid())
		return true;
	return getuid() &&
	       getxattr(path, "security.capability", NULL, 0) > 0;
}

static int check_content(const struct command *c, const char *path, int fd,
			 size_t len, int depth)
{
	struct image im = { .len = len };
	void *map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	int ret = EXIT_OK;

	if (map == MAP_FAILED)
		return EXIT_OK;
	im.bytes = map;
	if (len > SELFMAG && !memcmp(im.bytes, ELFMAG, SELFMAG))
		ret = check_elf(c, path, &im);
	else if (len > 2 && im.bytes[0] == '#' && im.bytes[1] == '!')
		ret = check_script(c, &im, depth);
	munmap(map, len);
	return ret;
}

static int check_file(const struct command *c, const char *path, int depth)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = EXIT_OK;
	struct stat st;

	if (fd < 0)
		return EXIT_OK;		/* execute-only: exec will tell */
	if (!fstat(fd, &st) && loader_distrusts(path, &st))
		ret = tool_fail(c, EXIT_CANNOT_RUN, "%s runs with other rights "
				"than yours (set-user-ID or file capabilities) "
				"and the loader keeps the shim out of it; run "
				"a copy without them, or as root", path);
	else if (st.st_size > 0)
		ret = check_content(c, path, fd, (size_t)st.st_size, depth);
	close(fd);
	return ret;
}

int run_program(const struct command *c, const char *cmd, char **path)
{
	int ret;

	*path = in_path(cmd);
	if (!*path)
		return tool_fail(c, EXIT_NOT_FOUND, "%s: not found%s", cmd,
				 strchr(cmd, '/') ? "" : " in PATH");
	if (access(*path, X_OK))
		ret = tool_fail(c, EXIT_CANNOT_RUN, "%s: %s", *path,
				strerror(errno));
	else
		ret = check_file(c, *path, 0);
	if (ret) {
		free(*path);
		*path = NULL;
	}
	return ret;
}
