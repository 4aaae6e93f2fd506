/* SPDX-License-Identifier: BSD-2-Clause */
/* --stats: what the stack counted, at the end of the program, on stderr. */
#include "shim.h"

#include <string.h>

#define ROOM	(1u << 16)

static void print_view(struct weir *w, const char *name, char *text)
{
	ssize_t n = weir_view(w, name, text, ROOM);

	if (n <= 0)
		return;
	if (n >= (ssize_t)ROOM)
		n = ROOM - 1;
	text[n] = '\0';
	fprintf(stderr, "--- %s\n%s", name, text);
	if (text[n - 1] != '\n')
		fputc('\n', stderr);
}

/* Next blank-separated word; NULL at the end. *p moves behind it. */
static char *next_word(char **p)
{
	char *word = *p + strspn(*p, " ");

	if (!*word)
		return NULL;
	*p = word + strcspn(word, " ");
	if (**p)
		*(*p)++ = '\0';
	return word;
}

/* "Tcp: a b c" over "Tcp: 1 0 3": what is not 0. */
static void print_moved(char *names, char *values)
{
	char *group = next_word(&names), *name, *value;

	if (!group || !next_word(&values))
		return;
	group[strcspn(group, ":")] = '\0';
	while ((name = next_word(&names)) && (value = next_word(&values)))
		if (strcmp(value, "0"))
			fprintf(stderr, "%s%-*s %s\n", group,
				28 - (int)strlen(group), name, value);
}

static void print_snmp(struct weir *w, const char *name, char *text)
{
	ssize_t n = weir_view(w, name, text, ROOM - 1);
	char *line = text, *values, *next;

	if (n <= 0)
		return;
	text[n < (ssize_t)ROOM - 1 ? n : (ssize_t)ROOM - 2] = '\0';
	fprintf(stderr, "--- %s (not zero)\n", name);
	while ((values = strchr(line, '\n'))) {
		*values++ = '\0';
		next = strchr(values, '\n');
		if (next)
			*next++ = '\0';
		print_moved(line, values);
		if (!next)
			break;
		line = next;
	}
}

/* CPUs that were used: "cpu1 sys 12 us ..." with a figure other than 0. */
static void print_cpus(struct weir *w, char *text)
{
	ssize_t n = weir_view(w, "cpu", text, ROOM - 1);
	char *line, *save, *p;

	if (n <= 0)
		return;
	text[n < (ssize_t)ROOM - 1 ? n : (ssize_t)ROOM - 2] = '\0';
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		for (p = strchr(line, ' '); p; p = strchr(p + 1, ' '))
			if (p[1] >= '1' && p[1] <= '9')
				break;
		if (p)
			fprintf(stderr, "%s\n", line);
	}
}

void shim_stats(struct weir *w)
{
	char *text = malloc(ROOM);

	if (!text)
		return;
	print_snmp(w, "net/snmp", text);
	print_snmp(w, "net/netstat", text);
	print_view(w, "net/dev", text);
	print_view(w, "drops", text);
	print_view(w, "copies", text);
	print_cpus(w, text);
	free(text);
}
