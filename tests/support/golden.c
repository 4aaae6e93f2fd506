/* SPDX-License-Identifier: BSD-2-Clause */
/* See golden.h. */
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/stage.h"
#include "base/trace.h"
#include "tests/support/segment.h"

#define LINE		400u
#define MAX_RECORDS	10000u
#define EXCERPT		3		/* lines before the difference */

static void put(struct golden *g, const char *text)
{
	size_t n = strlen(text);

	if (g->len + n + 1 > g->room) {
		g->room = (g->len + n + 1) * 2;
		g->text = realloc(g->text, g->room);
		assert_non_null(g->text);
	}
	memcpy(g->text + g->len, text, n + 1);
	g->len += n;
}

/* --- frames ---------------------------------------------------------------------- */

static uint64_t lost_so_far(const struct golden *g, int direction)
{
	struct weir_sim_link_stats st;

	weir_sim_link_stats(g->lab->l, direction, &st);
	return st.lost + st.cut + st.queue_full + st.too_long;
}

/* What became of the frame is known only after it was seen. */
static void end_line(struct golden *g)
{
	if (g->last >= 0)
		put(g, lost_so_far(g, g->last) > g->lost ? "  (lost)\n" : "\n");
	g->last = -1;
}

static void put_time(struct golden *g, int64_t now)
{
	char text[40];

	now -= g->start;
	snprintf(text, sizeof(text), "%4lld.%09lld ", (long long)(now / LAB_SEC),
		 (long long)(now % LAB_SEC));
	put(g, text);
}

static void arp_text(const u8 *frame, char *text, size_t room)
{
	const u8 *from = frame + 28, *to = frame + 38;

	snprintf(text, room, "arp %s %u.%u.%u.%u from %u.%u.%u.%u",
		 frame[21] == 1 ? "who-has" : "reply to", to[0], to[1], to[2],
		 to[3], from[0], from[1], from[2], from[3]);
}

/* Time stamps count from a random number, too: val from the first of its
 * direction, ecr from the first of the other. */
static void relative_stamps(struct golden *g, int direction, char *text,
			    size_t room)
{
	char *at = strstr(text, "TS val "), *rest;
	char tail[LINE];
	unsigned int val, ecr;

	if (!at || sscanf(at, "TS val %u ecr %u", &val, &ecr) != 2)
		return;
	if (!g->has_ts[direction])
		g->ts[direction] = val;
	g->has_ts[direction] = true;
	rest = strpbrk(strstr(at, "ecr ") + 4, ",>");
	snprintf(tail, sizeof(tail), "%s", rest ? rest : "");
	snprintf(at, room - (size_t)(at - text), "TS val %u ecr %u%s",
		 val - g->ts[direction],
		 g->has_ts[!direction] ? ecr - g->ts[!direction] : ecr, tail);
}

static void tcp_text(struct golden *g, int direction, const struct segment *s,
		     char *text, size_t room)
{
	if (s->flags & TCPHDR_SYN)
		g->isn[direction] = s->seq;
	segment_tcp_text(s, g->isn[direction], g->isn[!direction], text, room);
	relative_stamps(g, direction, text, room);
}

static void see(void *arg, int64_t now, int direction, const void *frame,
		size_t len)
{
	struct golden *g = arg;
	char text[LINE];
	struct segment s;
	bool whole = segment_parse(&s, frame, (u32)len);

	end_line(g);
	put_time(g, now);
	put(g, direction ? "b > a  " : "a > b  ");
	if (whole && s.ether_type == ETH_P_ARP)
		arp_text(frame, text, sizeof(text));
	else if (whole && s.protocol == IPPROTO_TCP && s.data)
		tcp_text(g, direction, &s, text, sizeof(text));
	else
		frame_text(frame, (u32)len, text, sizeof(text));
	put(g, text);
	g->last = direction;
	g->lost = lost_so_far(g, direction);
}

void golden_note(struct golden *g, const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	end_line(g);
	put_time(g, weir_sim_now(g->lab->s));
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put(g, text);
	put(g, "\n");
}

/* --- stages --------------------------------------------------------------------------- */

static const char *const contexts[] = {
	[CTX_IDLE] = "-", [CTX_USER] = "user", [CTX_TASK] = "sys",
	[CTX_KSOFTIRQD] = "ksoftirqd", [CTX_SOFTIRQ] = "si",
	[CTX_HARDIRQ] = "hi",
};
static_assert(ARRAY_SIZE(contexts) == CTX_MAX, "a name per context");

void golden_stages(struct golden *g, struct weir *h)
{
	struct trace_record *r = calloc(MAX_RECORDS, sizeof(*r));
	uint64_t lost = 0;
	char text[LINE];
	size_t n;

	assert_non_null(r);
	end_line(g);
	n = weir_sim_trace(h, r, MAX_RECORDS, &lost);
	assert_int_equal(lost, 0);
	for (size_t i = 0; i < n; i++) {
		if (r[i].kind != TRACE_STAGE)
			continue;
		put_time(g, (int64_t)r[i].time_ns);
		snprintf(text, sizeof(text), "%s cpu%u %-9s %-24s %5u\n",
			 weir_sim_host_name(h), r[i].cpu,
			 contexts[r[i].context], stage_name(r[i].code),
			 r[i].len);
		put(g, text);
	}
	free(r);
}

/* --- comparing --------------------------------------------------------------------------- */

void golden_open(struct golden *g, struct lab *lab)
{
	*g = (struct golden){ .lab = lab, .last = -1,
			      .start = weir_sim_now(lab->s) };
	if (lab->l)
		weir_sim_link_tap(lab->l, see, g);
	put(g, "");
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &room, 0, f) < 0 && text)
		*text = 0;
	fclose(f);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		fail_msg("cannot write %s", path);
}

/* The n-th line, from 0. */
static const char *line_of(const char *text, int n)
{
	while (n-- > 0 && *text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text;
}

static void show(const char *mark, const char *text, int from, int lines)
{
	text = line_of(text, from);
	while (lines-- > 0 && *text) {
		int n = (int)strcspn(text, "\n");

		print_message("%s%.*s\n", mark, n, text);
		text += n;
		text += *text == '\n';
	}
}

static void show_difference(const char *want, const char *got)
{
	int line = 0, from;

	while (*line_of(want, line) && *line_of(got, line)) {
		const char *a = line_of(want, line), *b = line_of(got, line);
		size_t n = strcspn(a, "\n");

		if (n != strcspn(b, "\n") || memcmp(a, b, n))
			break;
		line++;
	}
	from = line > EXCERPT ? line - EXCERPT : 0;
	print_message("from line %d on:\n", line + 1);
	show("  ", want, from, line - from);
	show("- ", want, line, 2 * EXCERPT);
	show("+ ", got, line, 2 * EXCERPT);
}

void golden_check(struct golden *g, const char *name)
{
	const char *how = getenv("WEIR_GOLDEN");
	char path[1000], *want;
	int same;

	end_line(g);
	if (g->lab->l)
		weir_sim_link_tap(g->lab->l, NULL, NULL);
	snprintf(path, sizeof(path), "%s/%s.txt", GOLDEN_DIR, name);
	if (how && !strcmp(how, "write"))
		write_file(path, g->text);
	want = read_file(path);
	same = want && !strcmp(want, g->text);
	if (!same)
		show_difference(want ? want : "", g->text);
	free(want);
	free(g->text);
	if (!same)
		fail_msg("the trace is not that of tests/golden/%s.txt; if it "
			 "is right run with WEIR_GOLDEN=write and commit", name);
}
