// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree as text. Everything is appended to a buffer that knows its room; what
 * the formatter writes, the parser reads as the same tree again (packets filled
 * from bytes excepted, where they hold what the language cannot say).
 */
#include "format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct out {
	char *buf;
	size_t n, size;
};

static struct out out_begin(char *buf, size_t size)
{
	if (size)
		*buf = '\0';
	return (struct out){ .buf = buf, .size = size };
}

__attribute__((format(printf, 2, 3)))
static void put(struct out *o, const char *format, ...)
{
	va_list args;
	int len;

	if (o->n + 1 >= o->size)
		return;
	va_start(args, format);
	len = vsnprintf(o->buf + o->n, o->size - o->n, format, args);
	va_end(args);
	o->n += (size_t)len;
	if (o->n >= o->size)
		o->n = o->size - 1;
}

static void put_hex(struct out *o, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(o, "%02x", bytes[i]);
}

/* ---------------------------------------------------------------- TCP */

/* In the order in which scripts have them: SEWA, EAP., FP., P.5 */
static void put_flags(struct out *o, const struct drill_tcp *t)
{
	static const struct {
		uint16_t flag;
		char letter;
	} order[] = {
		{ DRILL_SYN, 'S' }, { DRILL_FIN, 'F' }, { DRILL_RST, 'R' }, { DRILL_ECE, 'E' },
		{ DRILL_CWR, 'W' }, { DRILL_AE, 'A' },	{ DRILL_PSH, 'P' }, { DRILL_URG, 'U' },
		{ DRILL_ACK, '.' },
	};
	uint16_t flags = t->flags;

	if (t->ace_digit)
		flags &= (uint16_t)~DRILL_ACE;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (flags & order[i].flag)
			put(o, "%c", order[i].letter);
	if (t->ace_digit)
		put(o, "%u", (t->flags & DRILL_ACE) >> DRILL_ACE_SHIFT);
	else if (!flags)
		put(o, "-");
}

static void put_sack(struct out *o, const struct drill_opt *opt)
{
	put(o, "sack");
	for (unsigned int i = 0; i < opt->sack.n; i++)
		put(o, " %u:%u", opt->sack.blocks[i].start, opt->sack.blocks[i].end);
}

static void put_accecn(struct out *o, const struct drill_opt *opt)
{
	static const char *const names[2][3] = { { "e0b", "ceb", "e1b" }, { "e1b", "ceb", "e0b" } };

	put(o, "ECN");
	for (unsigned int i = 0; i < opt->accecn.n && i < 3; i++)
		put(o, " %s %u", names[opt->kind == DRILL_OPT_ACCECN1][i], opt->accecn.bytes[i]);
}

static void put_data(struct out *o, const char *name, const uint8_t *bytes, size_t len)
{
	put(o, len ? "%s " : "%s", name);
	put_hex(o, bytes, len);
}

static void put_other(struct out *o, const struct drill_opt *opt)
{
	put(o, opt->other.len ? "opt %u " : "opt %u", opt->other.kind);
	put_hex(o, opt->other.bytes, opt->other.len);
}

static void put_opt(struct out *o, const struct drill_opt *opt)
{
	switch (opt->kind) {
	case DRILL_OPT_EOL:
		return put(o, "eol");
	case DRILL_OPT_NOP:
		return put(o, "nop");
	case DRILL_OPT_MSS:
		return put(o, "mss %u", opt->mss);
	case DRILL_OPT_WSCALE:
		return put(o, "wscale %u", opt->wscale);
	case DRILL_OPT_SACKOK:
		return put(o, "sackOK");
	case DRILL_OPT_SACK:
		return put_sack(o, opt);
	case DRILL_OPT_TS:
		return put(o, "TS val %u ecr %u", opt->ts.val, opt->ts.ecr);
	case DRILL_OPT_MD5:
		return put_data(o, "md5", opt->data.bytes, opt->data.len);
	case DRILL_OPT_FO:
		return put_data(o, "FO", opt->data.bytes, opt->data.len);
	case DRILL_OPT_FOEXP:
		return put_data(o, "FOEXP", opt->data.bytes, opt->data.len);
	case DRILL_OPT_ACCECN0:
	case DRILL_OPT_ACCECN1:
		return put_accecn(o, opt);
	case DRILL_OPT_OTHER:
		return put_other(o, opt);
	}
}

static void put_opts(struct out *o, const struct drill_tcp *t)
{
	if (t->any_opts)
		put(o, "<...>");
	for (unsigned int i = 0; i < t->nopts && !t->any_opts; i++) {
		put(o, i ? "," : "<");
		put_opt(o, &t->opts[i]);
		put(o, i + 1 == t->nopts ? ">" : "");
	}
}

static void put_tcp(struct out *o, const struct drill_tcp *t)
{
	put_flags(o, t);
	put(o, " %u:%u(%u)", t->seq, t->end, t->len);
	if (t->has_ack)
		put(o, " ack %u", t->ack);
	if (t->has_win)
		put(o, " win %u", t->win);
	if (t->has_urg)
		put(o, " urg %u", t->urg);
	if (t->any_opts || t->nopts)
		put(o, " ");
	put_opts(o, t);
}

/* ----------------------------------------------------------- the others */

static void put_ip(struct out *o, const struct drill_ip *ip)
{
	static const char *const ecn[] = { "noecn", "ect1", "ect0", "ce" };
	const char *before = "[";

	if (ip->given & DRILL_IP_FLOW) {
		put(o, "%sflowlabel 0x%x", before, ip->flow_label);
		before = ",";
	}
	if (ip->given & DRILL_IP_TTL) {
		put(o, "%sttl %u", before, ip->ttl);
		before = ",";
	}
	if (ip->given & DRILL_IP_TOS) {
		put(o, "%stos 0x%x", before, ip->tos);
		before = ",";
	}
	if (ip->given & DRILL_IP_ECN)
		put(o, "%s%s", before, ecn[ip->ecn & 3]);
	if (ip->given)
		put(o, "] ");
}

static void put_quote(struct out *o, const struct drill_quote *q)
{
	if (q->proto == DRILL_UDP)
		put(o, " [udp (%u)]", q->len);
	else
		put(o, " [%u:%u(%u)]", q->seq, q->end, q->len);
}

static void put_icmp(struct out *o, const struct drill_icmp *m)
{
	if (*m->type_name)
		put(o, "icmp %s", m->type_name);
	else
		put(o, "icmp type_%u", m->type);
	if (*m->code_name)
		put(o, " %s", m->code_name);
	else if (!*m->type_name)
		put(o, " code_%u", m->code);
	if (m->has_mtu)
		put(o, " mtu %u", m->mtu);
	if (m->has_id)
		put(o, " id %u", m->id);
	if (m->has_seq)
		put(o, " seq %u", m->seq);
	if (m->quote.given)
		put_quote(o, &m->quote);
}

static void put_packet(struct out *o, const struct drill_packet *p)
{
	put(o, p->dir == DRILL_IN ? "< " : "> ");
	put_ip(o, &p->ip);
	if (p->has_ports)
		put(o, "%u > %u ", p->src_port, p->dst_port);
	switch (p->proto) {
	case DRILL_TCP:
		return put_tcp(o, &p->tcp);
	case DRILL_UDP:
		return put(o, "udp (%u)", p->udp.len);
	case DRILL_ICMP:
		return put_icmp(o, &p->icmp);
	}
}

/* --------------------------------------------------------- expressions */

static void put_expr(struct out *o, const struct drill_expr *e);

static void put_string(struct out *o, const struct drill_expr *e)
{
	put(o, "\"");
	for (size_t i = 0; i < e->len; i++) {
		unsigned char c = (unsigned char)e->text[i];

		if (c == '"' || c == '\\')
			put(o, "\\%c", c);
		else if (c < ' ' || c > '~')
			put(o, "\\x%02x", c);
		else
			put(o, "%c", c);
	}
	put(o, "\"");
}

static void put_items(struct out *o, const struct drill_expr *e, char open, char close)
{
	put(o, "%c", open);
	for (size_t i = 0; i < e->nitems; i++) {
		put(o, i ? ", " : "");
		put_expr(o, e->items[i]);
	}
	put(o, "%c", close);
}

static void put_struct(struct out *o, const struct drill_expr *e)
{
	put(o, "{");
	for (size_t i = 0; i < e->nfields; i++) {
		const struct drill_field *f = &e->fields[i];

		put(o, "%s%s", i ? ", " : "", f->name ? f->name : "");
		if (f->count) {
			put(o, "(");
			put_expr(o, f->count);
			put(o, ")");
		}
		put(o, f->name ? "=" : "");
		put_expr(o, f->value);
	}
	put(o, "}");
}

/* An operand, in parentheses if it is an operator's result itself. */
static void put_operand(struct out *o, const struct drill_expr *e)
{
	put(o, e->kind == DRILL_BINARY ? "(" : "");
	put_expr(o, e);
	put(o, e->kind == DRILL_BINARY ? ")" : "");
}

static void put_binary(struct out *o, const struct drill_expr *e)
{
	bool shift = e->op == '<' || e->op == '>';

	if (e->a->kind == DRILL_BINARY && e->a->op == e->op)
		put_expr(o, e->a);	/* a|b|c */
	else
		put_operand(o, e->a);
	put(o, shift ? "%c%c" : "%c", e->op, e->op);
	put_operand(o, e->b);
}

static void put_expr(struct out *o, const struct drill_expr *e)
{
	switch (e->kind) {
	case DRILL_ELLIPSIS:
		return put(o, "...");
	case DRILL_INT:
		return put(o, "%lld", (long long)e->num);
	case DRILL_SYMBOL:
		return put(o, "%s", e->text);
	case DRILL_STRING:
		return put_string(o, e);
	case DRILL_UNARY:
		put(o, "%c", e->op);
		return put_operand(o, e->a);
	case DRILL_BINARY:
		return put_binary(o, e);
	case DRILL_LIST:
		return put_items(o, e, '[', ']');
	case DRILL_STRUCT:
		return put_struct(o, e);
	case DRILL_CALL:
		put(o, "%s", e->text);
		return put_items(o, e, '(', ')');
	}
}

/* --------------------------------------------------------------- times */

/* Seconds: to the microsecond, finer where there is more. */
static void put_seconds(struct out *o, int64_t ns)
{
	long long sec = ns / 1000000000, frac = ns % 1000000000;

	if (frac % 1000)
		put(o, "%lld.%09lld", sec, frac);
	else
		put(o, "%lld.%06lld", sec, frac / 1000);
}

static void put_time(struct out *o, const struct drill_time *t)
{
	bool relative = t->kind == DRILL_TIME_RELATIVE || t->kind == DRILL_TIME_RELATIVE_RANGE;
	const char *sign = relative ? "+" : "";

	if (t->kind == DRILL_TIME_ANY)
		return put(o, "*");
	put(o, "%s", sign);
	put_seconds(o, t->at);
	if (t->kind == DRILL_TIME_RANGE || t->kind == DRILL_TIME_RELATIVE_RANGE) {
		put(o, "~%s", sign);
		put_seconds(o, t->until);
	}
	if (t->has_end) {
		put(o, "...");
		put_seconds(o, t->end);
	}
}

/* -------------------------------------------------------------- outside */

char *drill_format_packet(const struct drill_packet *p, char *buf, size_t size)
{
	struct out o = out_begin(buf, size);

	put_packet(&o, p);
	return buf;
}

char *drill_format_flags(const struct drill_tcp *t, char *buf, size_t size)
{
	struct out o = out_begin(buf, size);

	put_flags(&o, t);
	return buf;
}

char *drill_format_opt(const struct drill_opt *opt, char *buf, size_t size)
{
	struct out o = out_begin(buf, size);

	put_opt(&o, opt);
	return buf;
}

char *drill_format_opts(const struct drill_tcp *t, char *buf, size_t size)
{
	struct out o = out_begin(buf, size);

	put_opts(&o, t);
	return buf;
}

char *drill_format_time(const struct drill_time *t, char *buf, size_t size)
{
	struct out o = out_begin(buf, size);

	put_time(&o, t);
	return buf;
}

char *drill_format_expr(const struct drill_expr *e, char *buf, size_t size)
{
	struct out o = out_begin(buf, size);

	put_expr(&o, e);
	return buf;
}
