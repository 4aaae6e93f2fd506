// SPDX-License-Identifier: BSD-2-Clause
/*
 * ICMP: type, code, what belongs to some types (mtu, id, seq), and the packet
 * that an error quotes, which may stand before or behind. Names are kept; they
 * must be known to one of the two versions of ICMP.
 */
#include "parse.h"

#include "symbols.h"

#include <string.h>

bool drill_parse_quote(struct drill_parser *p, struct drill_quote *q)
{
	uint64_t len;

	if (q->given)
		return drill_expected(p, "no second quoted packet");
	q->given = true;
	q->proto = DRILL_TCP;
	if (drill_is_name(p, "udp")) {
		drill_advance(p);
		q->proto = DRILL_UDP;
		if (!drill_expect(p, '(', "`(` and the length of the payload") ||
		    !drill_number(p, UINT16_MAX, "a length", &len) ||
		    !drill_expect(p, ')', "`)` after the length"))
			return false;
		q->len = (uint32_t)len;
	} else {
		if (drill_is_name(p, "tcp"))
			drill_advance(p);
		if (!drill_parse_seq(p, &q->seq, &q->end, &q->len))
			return false;
	}
	return drill_expect(p, ']', "`]` after the quoted packet");
}

static bool take_name(struct drill_parser *p, char *name)
{
	if (p->tok.len >= DRILL_NAME_MAX)
		return drill_fail(p, "a name that is too long for ICMP");
	memcpy(name, p->tok.text, p->tok.len);
	name[p->tok.len] = '\0';
	drill_advance(p);
	return !p->failed;
}

/* Is the pair of names one of ICMP's or ICMPv6's? */
static bool is_known(const struct drill_icmp *m)
{
	uint8_t type, code;

	return drill_icmp_resolve(m, false, &type, &code, NULL) ||
	       drill_icmp_resolve(m, true, &type, &code, NULL);
}

static bool parse_code(struct drill_parser *p, struct drill_icmp *m)
{
	struct drill_tok t = p->tok, next;

	if (!take_name(p, m->code_name))
		return false;
	if (is_known(m))
		return true;
	next = p->tok;
	p->tok = t;
	drill_expected(p, "a code of the ICMP type, mtu, id, seq or a quoted packet in [ ]");
	p->tok = next;
	return false;
}

static bool parse_type(struct drill_parser *p, struct drill_icmp *m)
{
	struct drill_tok t = p->tok;

	if (t.kind != DRILL_TOK_NAME)
		return drill_expected(p, "an ICMP type");
	if (!take_name(p, m->type_name))
		return false;
	if (is_known(m))
		return true;
	p->tok = t;
	return drill_expected(p, "an ICMP type (unreachable, echo_request, type_3, …)");
}

/* `word N`. */
static bool parse_value(struct drill_parser *p, uint64_t max, const char *what, bool *has,
			uint64_t *num)
{
	drill_advance(p);
	*has = true;
	return drill_number(p, max, what, num);
}

static bool parse_item(struct drill_parser *p, struct drill_icmp *m)
{
	uint64_t n;

	if (drill_is_name(p, "mtu")) {
		if (!parse_value(p, UINT32_MAX, "an MTU", &m->has_mtu, &n))
			return false;
		m->mtu = (uint32_t)n;
	} else if (drill_is_name(p, "id")) {
		if (!parse_value(p, UINT16_MAX, "an identifier", &m->has_id, &n))
			return false;
		m->id = (uint16_t)n;
	} else if (drill_is_name(p, "seq")) {
		if (!parse_value(p, UINT16_MAX, "a sequence number of an echo", &m->has_seq, &n))
			return false;
		m->seq = (uint16_t)n;
	} else if (drill_accept(p, '[')) {
		return drill_parse_quote(p, &m->quote);
	} else {
		return parse_code(p, m);
	}
	return true;
}

bool drill_parse_icmp(struct drill_parser *p, struct drill_icmp *m)
{
	if (!parse_type(p, m))
		return false;
	while (!p->failed && (drill_is_char(p, '[') || p->tok.kind == DRILL_TOK_NAME)) {
		bool code = !drill_is_name(p, "mtu") && !drill_is_name(p, "id") &&
			    !drill_is_name(p, "seq") && p->tok.kind == DRILL_TOK_NAME;

		if (code && *m->code_name)
			return drill_expected(p, "mtu, id, seq, a quoted packet in [ ], or the "
						 "next event");
		if (!parse_item(p, m))
			return false;
	}
	return !p->failed;
}
