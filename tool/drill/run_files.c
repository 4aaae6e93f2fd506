/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files the words of the command line name. */
#define _GNU_SOURCE
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH	32		/* of folders in folders */

struct list {
	char **files;
	size_t n, room;
	char *buf;		/* what is wrong */
	size_t size;
};

static int add(struct list *l, const char *path)
{
	char **more;

	if (l->n == l->room) {
		more = realloc(l->files, (2 * l->room + 16) * sizeof(*more));
		if (!more)
			goto no_memory;
		l->files = more;
		l->room = 2 * l->room + 16;
	}
	l->files[l->n] = strdup(path);
	if (!l->files[l->n])
		goto no_memory;
	l->n++;
	return 0;

no_memory:
	snprintf(l->buf, l->size, "out of memory");
	return -1;
}

static int complain(struct list *l, const char *path, int err)
{
	if (err == ENOENT && strpbrk(path, "*?["))
		snprintf(l->buf, l->size, "%s: no file matches this pattern; name a folder to "
			 "run all scripts below it", path);
	else
		snprintf(l->buf, l->size, "%s: %s", path, strerror(err));
	return -1;
}

static bool is_script(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ".pkt");
}

static int walk(struct list *l, const char *path, unsigned int depth)
{
	struct dirent **names;
	struct stat st;
	char *below;
	int i, n = scandir(path, &names, NULL, alphasort), ret = 0;

	if (n < 0)
		return complain(l, path, errno);
	for (i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' && !ret &&
		    asprintf(&below, "%s/%s", path, names[i]->d_name) > 0) {
			if (stat(below, &st))
				ret = 0;	/* gone, or a link to nowhere */
			else if (S_ISDIR(st.st_mode) && depth < DEPTH)
				ret = walk(l, below, depth + 1);
			else if (S_ISREG(st.st_mode) && is_script(below))
				ret = add(l, below);
			free(below);
		}
		free(names[i]);
	}
	free(names);
	return ret;
}

static int add_word(struct list *l, const char *word)
{
	char path[4096];
	size_t len = strlen(word), before = l->n;
	struct stat st;

	if (stat(word, &st))
		return complain(l, word, errno);
	if (!S_ISDIR(st.st_mode))
		return add(l, word);
	while (len > 1 && word[len - 1] == '/')
		len--;
	snprintf(path, sizeof(path), "%.*s", (int)len, word);
	if (walk(l, path, 0))
		return -1;
	if (l->n > before)
		return 0;
	snprintf(l->buf, l->size, "%s: there is no *.pkt in it", word);
	return -1;
}

char **run_files_find(char *const *words, size_t nwords, size_t *n, char *buf, size_t size)
{
	struct list l = { .buf = buf, .size = size };
	size_t i;

	for (i = 0; i < nwords; i++) {
		if (!add_word(&l, words[i]))
			continue;
		run_files_free(l.files, l.n);
		return NULL;
	}
	*n = l.n;
	return l.files;
}

void run_files_free(char **files, size_t n)
{
	while (n)
		free(files[--n]);
	free(files);
}
