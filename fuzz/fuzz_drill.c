/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packetdrill scripts. What parses is printed and parsed again: a packet must
 * come out as it went in. Input: the text of a script.
 */
#include "fuzz/fuzz_input.h"
#include "tool/drill/format.h"
#include "tool/drill/script.h"
#include "tool/drill/symbols.h"

#include <stdio.h>
#include <stdlib.h>

static const struct drill_define defs[] = {
	{ "COOKIE", "3021b9d889017eeb" },
	{ "LEVEL", "SOL_IP" },
	{ "TWO", "LEVEL COOKIE" },
};

static void reparse(const struct drill_packet *p)
{
	char text[DRILL_FORMAT_SIZE + 2] = "0 ";
	struct drill_script *s;

	drill_format_packet(p, text + 2, DRILL_FORMAT_SIZE);
	s = drill_parse("again", text, strlen(text), NULL, 0, NULL);
	if (!s || s->nevents != 1 || s->events[0].kind != DRILL_PACKET ||
	    memcmp(s->events[0].packet, p, sizeof(*p)) != 0) {
		fprintf(stderr, "fuzz: does not come back: %s\n", text);
		abort();
	}
	drill_script_free(s);
}

static void look_at_call(const struct drill_syscall *c)
{
	char buf[256];
	int64_t num;
	struct drill_why why;

	for (size_t i = 0; i < c->nargs; i++) {
		drill_expr_int(c->args[i], &num, &why);
		drill_format_expr(c->args[i], buf, sizeof(buf));
		drill_expr_field(c->args[i], "fd");
	}
	if (c->result)
		drill_expr_int(c->result, &num, NULL);
}

static void look_at(const struct drill_event *ev)
{
	uint8_t type, code;
	char buf[80];

	drill_format_time(&ev->time, buf, sizeof(buf));
	if (ev->kind == DRILL_SYSCALL)
		look_at_call(ev->call);
	if (ev->kind != DRILL_PACKET)
		return;
	reparse(ev->packet);
	if (ev->packet->proto == DRILL_ICMP)
		drill_icmp_resolve(&ev->packet->icmp, true, &type, &code, NULL);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = malloc(size ? size : 1);	/* of its own size, not a NUL more */
	struct drill_error e;
	struct drill_script *s;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	s = drill_parse("fuzz", text, size, defs, sizeof(defs) / sizeof(defs[0]), &e);
	free(text);
	for (size_t i = 0; s && i < s->nevents; i++)
		look_at(&s->events[i]);
	drill_script_free(s);
	return 0;
}
