/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of a shell: in memory by path; /proc/net/NAME and /proc/NAME are
 * views of the stack; /proc/sys/A/B is the setting A.B. Nothing is the host's.
 */
#include "conf_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT	((size_t)64 << 20)

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

bool file_is_setting(const char *path, char *name, size_t room)
{
	static const char sys[] = "/proc/sys/", module[] = "/sys/module/";
	const char *rest, *param;
	char *p;

	if (starts(path, sys)) {
		snprintf(name, room, "%s", path + sizeof(sys) - 1);
		for (p = name; (p = strchr(p, '/')); )
			*p = '.';
		return true;
	}
	if (!starts(path, module))
		return false;
	rest = path + sizeof(module) - 1;
	param = strstr(rest, "/parameters/");
	if (!param)
		return false;
	snprintf(name, room, "%.*s.%s", (int)(param - rest), rest,
		 param + strlen("/parameters/"));
	return true;
}

static struct mem_file *file_find(const struct conf *c, const char *path)
{
	struct mem_file *f;

	for (f = c->files; f; f = f->next)
		if (!strcmp(f->path, path))
			return f;
	return NULL;
}

/* A setting's value as /proc/sys gives it, with a newline. */
static const char *setting_read(struct conf *c, const char *name, size_t *len)
{
	char *value = arena_alloc(&c->arena, 1024);
	int n = weir_sysctl_get(c->o.w, name, value, 1022);

	if (n < 0)
		return NULL;
	strcat(value, "\n");
	*len = strlen(value);
	return value;
}

const char *file_read(struct conf *c, const char *path, size_t *len)
{
	struct mem_file *f = file_find(c, path);
	const char *view;
	char name[256];

	*len = 0;
	if (f) {
		*len = f->text.len;
		return text_str(&f->text);
	}
	if (!strcmp(path, "/dev/null"))
		return "";
	if (file_is_setting(path, name, sizeof(name)))
		return setting_read(c, name, len);
	if (!starts(path, "/proc/"))
		return NULL;
	view = conf_view(c, path + strlen("/proc/"));
	if (view)
		*len = strlen(view);
	return view;
}

static int setting_write(struct conf *c, const char *name, const char *s,
			 size_t len, char *err, size_t errlen)
{
	char *value = arena_strndup(&c->arena, s, len);

	while (len && (value[len - 1] == '\n' || value[len - 1] == ' '))
		value[--len] = '\0';
	return weir_sysctl_set(c->o.w, name, value, err, errlen);
}

int file_write(struct conf *c, const char *path, const char *s, size_t len,
	       bool append, char *err, size_t errlen)
{
	struct mem_file *f;
	char name[256];

	if (!strcmp(path, "/dev/null"))
		return 0;
	if (file_is_setting(path, name, sizeof(name)))
		return len ? setting_write(c, name, s, len, err, errlen) : 0;
	if (starts(path, "/proc/") || starts(path, "/sys/") || !*path) {
		snprintf(err, errlen, "%s: cannot be written", path);
		return -EINVAL;
	}
	f = file_find(c, path);
	if (!f) {
		f = conf_alloc(sizeof(*f));
		f->path = conf_strdup(path);
		f->next = c->files;
		c->files = f;
	}
	if (!append)
		text_clear(&f->text);
	if (f->text.len + len > FILE_LIMIT) {
		snprintf(err, errlen, "%s: File too large", path);
		return -EFBIG;
	}
	text_add(&f->text, s, len);
	return 0;
}

int file_remove(struct conf *c, const char *path)
{
	struct mem_file **p = &c->files, *f;

	for (; (f = *p); p = &f->next) {
		if (strcmp(f->path, path))
			continue;
		*p = f->next;
		free(f->path);
		text_free(&f->text);
		free(f);
		return 0;
	}
	return -ENOENT;
}

const void *conf_file(struct conf *c, const char *path, size_t *len)
{
	struct mem_file *f = file_find(c, path);

	if (!f)
		return NULL;
	if (len)
		*len = f->text.len;
	return text_str(&f->text);
}

int conf_file_write(struct conf *c, const char *path, const void *data,
		    size_t len)
{
	char err[64];

	if (starts(path, "/proc/") || starts(path, "/sys/"))
		return -EINVAL;
	return file_write(c, path, data, len, false, err, sizeof(err));
}
