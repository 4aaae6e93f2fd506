/* SPDX-License-Identifier: BSD-2-Clause */
/* See source.h. */
#include "source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int complain(struct complaint *c, const struct source *s, int line,
	     const char *word, const char *fmt, ...)
{
	size_t room = sizeof(c->text);
	int n = snprintf(c->text, room, "%s:%d: %.60s%s", s->path, line,
			 word ? word : "", word ? ": " : "");
	va_list ap;

	va_start(ap, fmt);
	if (n >= 0 && (size_t)n < room)
		vsnprintf(c->text + n, room - (size_t)n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* Length of the line without its comment: a # at its start or after a blank,
 * outside of quotes. */
static size_t without_comment(const char *s, size_t len)
{
	char quote = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (quote) {
			if (s[i] == quote)
				quote = 0;
		} else if (s[i] == '\'' || s[i] == '"') {
			quote = s[i];
		} else if (s[i] == '#' && (!i || strchr(" \t", s[i - 1]))) {
			break;
		}
	}
	while (i && strchr(" \t\r", s[i - 1]))
		i--;
	return i;
}

static int append(struct drill_arena *a, struct line *l, const char *s,
		  size_t len)
{
	size_t had = l->text ? strlen(l->text) : 0;
	char *joined = drill_alloc(a, had + len + 2);

	if (!joined)
		return -ENOMEM;
	if (had)
		memcpy(joined, l->text, had);
	memcpy(joined + had, s, len);
	l->text = joined;
	return 0;
}

int source_read(struct drill_arena *a, struct source *s, const char *path,
		const char *text, size_t len, struct complaint *c)
{
	struct drill_vec lines = { 0 };
	const char *p = text, *end = text + len;
	struct line l = { 0 };
	int no = 0;

	*s = (struct source){ .path = path };
	for (; p < end; ) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);
		bool more;

		no++;
		if (memchr(p, '\0', n))
			return complain(c, s, no, NULL, "a NUL byte: this is "
					"no text");
		if (!l.text)
			l.no = no;
		n = without_comment(p, n);
		more = n && p[n - 1] == '\\';
		if (n + (l.text ? strlen(l.text) : 0) > SOURCE_LINE_MAX)
			return complain(c, s, no, NULL, "the line is longer "
					"than %d characters", SOURCE_LINE_MAX);
		if (append(a, &l, p, n - more))
			return -ENOMEM;
		p = nl ? nl + 1 : end;
		if (more && p < end)
			continue;
		if (l.text[strspn(l.text, " \t")] &&
		    !drill_push(a, &lines, &l, sizeof(l)))
			return -ENOMEM;
		l.text = NULL;
	}
	s->lines = lines.items;
	s->n = lines.n;
	return 0;
}

int words_split(struct drill_arena *a, const char *text, struct words *out)
{
	struct drill_vec v = { 0 };
	const char *end = NULL;
	char *word;

	for (;;) {
		text += strspn(text, " \t");
		if (!*text)
			break;
		word = drill_copy(a, text, strcspn(text, " \t"));
		if (!word || !drill_push(a, &v, &word, sizeof(word)))
			return -ENOMEM;
		text += strlen(word);
	}
	if (!drill_push(a, &v, &end, sizeof(end)))
		return -ENOMEM;
	*out = (struct words){ v.items, v.n - 1 };
	return 0;
}
