/* SPDX-License-Identifier: BSD-2-Clause */
/* A trace file into memory: header, name tables, blocks. Nothing in the file
 * is trusted. */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_MAGIC	0x6b6c6274u	/* "tblk" */
#define MAX_ROWS	4096u

struct header {
	char magic[8];
	uint32_t header_len, record_len;
	uint64_t start_mono_ns, start_real_ns;
	uint32_t pid, nr_cpus;
};

struct block {
	uint32_t magic, cpu, records, reserved;
	uint64_t lost;
};

const char *trace_name(const struct names *n, unsigned int code)
{
	return code < n->n && n->rows[code].name ? n->rows[code].name : "?";
}

const char *trace_what(const struct names *n, unsigned int code)
{
	return code < n->n && n->rows[code].what ? n->rows[code].what : "";
}

/* --- the file --------------------------------------------------------------------- */

static int read_file(const struct command *c, struct trace *t)
{
	int fd = open(t->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st))
		return tool_fail(c, EXIT_USAGE, "cannot read %s: %s", t->path,
				 strerror(errno));
	t->bytes = malloc((size_t)st.st_size + 1);
	while (t->bytes && t->size < (size_t)st.st_size) {
		n = read(fd, t->bytes + t->size, (size_t)st.st_size - t->size);
		if (n <= 0)
			break;
		t->size += (size_t)n;
	}
	close(fd);
	if (!t->bytes || n < 0)
		return tool_fail(c, EXIT_REFUSED, "%s: %s", t->path,
				 t->bytes ? strerror(errno) : "out of memory");
	return EXIT_OK;
}

/* --- names --------------------------------------------------------------------------- */

static struct names *table_of(struct trace *t, const char *word)
{
	if (!strcmp(word, "stage"))
		return &t->stages;
	if (!strcmp(word, "drop"))
		return &t->drops;
	if (!strcmp(word, "copy"))
		return &t->copies;
	if (!strcmp(word, "context"))
		return &t->contexts;
	return NULL;
}

static void set_row(struct names *n, unsigned int i, struct name_row row)
{
	struct name_row *bigger;

	if (i >= MAX_ROWS)
		return;
	if (i >= n->n) {
		bigger = realloc(n->rows, (i + 1) * sizeof(*bigger));
		if (!bigger)
			return;
		memset(bigger + n->n, 0, (i + 1 - n->n) * sizeof(*bigger));
		n->rows = bigger;
		n->n = i + 1;
	}
	n->rows[i] = row;
}

/* "stage\t12\ttcp_v4_rcv\ttcp\tTCP entry" */
static void read_name(struct trace *t, char *line)
{
	char *word[5] = { 0 }, *save = line;
	struct name_row row = { 0 };
	struct names *table;
	int i;

	for (i = 0; i < 5 && save; i++)
		word[i] = strsep(&save, "\t");
	if (!word[1] || !word[2])
		return;
	if (!strcmp(word[0], "name"))
		t->name = word[2];
	table = table_of(t, word[0]);
	if (!table)
		return;
	row.name = word[2];
	row.floor = table == &t->stages ? word[3] : NULL;
	row.what = table == &t->stages ? word[4] : word[3];
	set_row(table, (unsigned int)strtoul(word[1], NULL, 10), row);
}

static void read_names(struct trace *t, char *text, char *end)
{
	char *next;

	for (; text < end && (next = memchr(text, '\n', (size_t)(end - text)));
	     text = next + 1) {
		*next = '\0';
		read_name(t, text);
	}
}

/* --- blocks -------------------------------------------------------------------------- */

/* Walks the blocks: counts records, and copies them when `to` is there. A
 * block that is cut off (the program was killed) ends the walk. */
static size_t walk_blocks(struct trace *t, size_t at, struct record *to)
{
	size_t n = 0;
	struct block b;

	t->lost = 0;
	while (at + sizeof(b) <= t->size) {
		memcpy(&b, t->bytes + at, sizeof(b));
		at += sizeof(b);
		if (b.magic != BLOCK_MAGIC)
			break;
		if (b.records > (t->size - at) / sizeof(*to))
			b.records = (uint32_t)((t->size - at) / sizeof(*to));
		if (to)
			memcpy(to + n, t->bytes + at, b.records * sizeof(*to));
		n += b.records;
		at += b.records * sizeof(*to);
		t->lost += b.lost;
	}
	return n;
}

static void find_span(struct trace *t)
{
	size_t i;

	t->first_ns = UINT64_MAX;
	for (i = 0; i < t->nr_records; i++) {
		if (t->records[i].time_ns < t->first_ns)
			t->first_ns = t->records[i].time_ns;
		if (t->records[i].time_ns > t->last_ns)
			t->last_ns = t->records[i].time_ns;
	}
}

int trace_read(const struct command *c, struct trace *t, const char *path)
{
	struct header h;
	int ret;

	memset(t, 0, sizeof(*t));
	t->path = path;
	t->name = "weir";
	ret = read_file(c, t);
	if (ret)
		return ret;
	if (t->size < sizeof(h) || memcmp(t->bytes, "weirtrc1", 8))
		return tool_fail(c, EXIT_USAGE, "%s is not a trace of weir "
				 "record or weir run --trace", path);
	memcpy(&h, t->bytes, sizeof(h));
	if (h.record_len != sizeof(struct record) || h.header_len > t->size ||
	    h.header_len < sizeof(h))
		return tool_fail(c, EXIT_USAGE, "%s: a trace of another version"
				 " of weir", path);
	t->start_mono_ns = h.start_mono_ns;
	t->start_real_ns = h.start_real_ns;
	read_names(t, t->bytes + sizeof(h), t->bytes + h.header_len);
	t->nr_records = walk_blocks(t, h.header_len, NULL);
	t->records = malloc((t->nr_records + 1) * sizeof(*t->records));
	if (!t->records)
		return tool_fail(c, EXIT_REFUSED, "%s: out of memory", path);
	walk_blocks(t, h.header_len, t->records);
	find_span(t);
	return EXIT_OK;
}

int trace_load(const struct command *c, struct trace *t, const char *path)
{
	int ret = trace_read(c, t, path);

	if (!ret && trace_group(t))
		return tool_fail(c, EXIT_REFUSED, "%s: out of memory", path);
	return ret;
}

void trace_free(struct trace *t)
{
	free(t->bytes);
	free(t->records);
	free(t->packets);
	free(t->stages.rows);
	free(t->drops.rows);
	free(t->copies.rows);
	free(t->contexts.rows);
}
