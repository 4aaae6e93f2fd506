// SPDX-License-Identifier: BSD-2-Clause
/*
 * The list of TCP options: <mss 1460,nop,wscale 7>, <...>, <>. A list that would
 * not fit in a header is an error of the script.
 */
#include "parse.h"

#include <string.h>

static bool opt_mss(struct drill_parser *p, struct drill_opt *o)
{
	uint64_t n;

	if (!drill_number(p, UINT16_MAX, "a segment size", &n))
		return false;
	o->mss = (uint16_t)n;
	return true;
}

static bool opt_wscale(struct drill_parser *p, struct drill_opt *o)
{
	uint64_t n;

	if (!drill_number(p, 255, "a window scale", &n))
		return false;
	o->wscale = (uint8_t)n;
	return true;
}

static bool opt_sack(struct drill_parser *p, struct drill_opt *o)
{
	while (p->tok.kind == DRILL_TOK_NUMBER) {
		uint64_t start, end;

		if (o->sack.n == DRILL_SACK_MAX)
			return drill_fail(p, "more than %d blocks do not fit in a SACK option",
					  DRILL_SACK_MAX);
		if (!drill_number(p, UINT32_MAX, "a sequence number", &start) ||
		    !drill_expect(p, ':', "`:` and the end of a SACK block") ||
		    !drill_number(p, UINT32_MAX, "the end of a SACK block", &end))
			return false;
		o->sack.blocks[o->sack.n].start = (uint32_t)start;
		o->sack.blocks[o->sack.n++].end = (uint32_t)end;
	}
	return true;
}

static bool expect_word(struct drill_parser *p, const char *word, const char *what)
{
	if (!drill_is_name(p, word))
		return drill_expected(p, what);
	drill_advance(p);
	return !p->failed;
}

static bool opt_ts(struct drill_parser *p, struct drill_opt *o)
{
	uint64_t val, ecr;

	if (!expect_word(p, "val", "val and the time stamp") ||
	    !drill_number(p, UINT32_MAX, "a time stamp", &val) ||
	    !expect_word(p, "ecr", "ecr and the echoed time stamp") ||
	    !drill_number(p, UINT32_MAX, "a time stamp", &ecr))
		return false;
	o->ts.val = (uint32_t)val;
	o->ts.ecr = (uint32_t)ecr;
	return true;
}

/* ECN e0b N ceb N e1b N, or from e1b to e0b, or the first of them, or none. */
static bool opt_accecn(struct drill_parser *p, struct drill_opt *o)
{
	static const char *const order[2][3] = { { "e0b", "ceb", "e1b" }, { "e1b", "ceb", "e0b" } };
	bool one = drill_is_name(p, "e1b");

	o->kind = one ? DRILL_OPT_ACCECN1 : DRILL_OPT_ACCECN0;
	while (p->tok.kind == DRILL_TOK_NAME) {
		uint64_t n;

		if (o->accecn.n == 3)
			return drill_expected(p, "`,` or `>`: the option has three counters");
		if (!expect_word(p, order[one][o->accecn.n],
				 one ? "the counters in the order e1b ceb e0b"
				     : "the counters in the order e0b ceb e1b") ||
		    !drill_number(p, 0xffffff, "a counter of 24 bits", &n))
			return false;
		o->accecn.bytes[o->accecn.n++] = (uint32_t)n;
	}
	return true;
}

/* -------------------------------------------------------- hexadecimal */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_word(const struct drill_parser *p)
{
	return p->tok.kind == DRILL_TOK_NAME || p->tok.kind == DRILL_TOK_WORD ||
	       (p->tok.kind == DRILL_TOK_NUMBER && p->tok.whole);
}

/* The token as bytes. */
static bool parse_hex(struct drill_parser *p, uint8_t *bytes, uint8_t *len)
{
	const struct drill_tok *t = &p->tok;

	if (!is_word(p))
		return drill_expected(p, "hexadecimal digits");
	for (size_t i = 0; i < t->len; i++)
		if (hex_value(t->text[i]) < 0)
			return drill_expected(p, "hexadecimal digits, or a name that is given by "
						 "-D NAME=DIGITS");
	if (t->len % 2 || t->len / 2 > DRILL_OPT_MAX - 2)
		return drill_fail(p, "%zu hexadecimal digits: an option takes an even number, at "
				     "most %d", t->len, 2 * (DRILL_OPT_MAX - 2));
	for (size_t i = 0; i < t->len; i += 2)
		bytes[i / 2] = (uint8_t)(hex_value(t->text[i]) << 4 | hex_value(t->text[i + 1]));
	*len = (uint8_t)(t->len / 2);
	drill_advance(p);
	return !p->failed;
}

static bool opt_cookie(struct drill_parser *p, struct drill_opt *o)
{
	return !is_word(p) || parse_hex(p, o->data.bytes, &o->data.len);
}

static bool opt_md5(struct drill_parser *p, struct drill_opt *o)
{
	struct drill_tok t = p->tok;

	if (!parse_hex(p, o->data.bytes, &o->data.len))
		return false;
	if (o->data.len == 16)
		return true;
	p->tok = t;
	return drill_fail(p, "an MD5 signature has 32 hexadecimal digits");
}

/* opt KIND HEX */
static bool opt_other(struct drill_parser *p, struct drill_opt *o)
{
	uint64_t kind;

	if (!drill_number(p, 255, "the kind of an option", &kind))
		return false;
	o->other.kind = (uint8_t)kind;
	return !is_word(p) || parse_hex(p, o->other.bytes, &o->other.len);
}

/* --------------------------------------------------------------- list */

static const struct {
	const char *name;
	enum drill_opt_kind kind;
	bool (*parse)(struct drill_parser *p, struct drill_opt *o);
} opt_names[] = {
	{ "nop", DRILL_OPT_NOP, NULL },
	{ "eol", DRILL_OPT_EOL, NULL },
	{ "mss", DRILL_OPT_MSS, opt_mss },
	{ "wscale", DRILL_OPT_WSCALE, opt_wscale },
	{ "sackOK", DRILL_OPT_SACKOK, NULL },
	{ "sack", DRILL_OPT_SACK, opt_sack },
	{ "TS", DRILL_OPT_TS, opt_ts },
	{ "FO", DRILL_OPT_FO, opt_cookie },
	{ "FOEXP", DRILL_OPT_FOEXP, opt_cookie },
	{ "ECN", DRILL_OPT_ACCECN0, opt_accecn },
	{ "md5", DRILL_OPT_MD5, opt_md5 },
	{ "opt", DRILL_OPT_OTHER, opt_other },
};

static bool parse_opt(struct drill_parser *p, struct drill_opt *o)
{
	for (size_t i = 0; i < sizeof(opt_names) / sizeof(opt_names[0]); i++) {
		if (!drill_is_name(p, opt_names[i].name))
			continue;
		o->kind = opt_names[i].kind;
		drill_advance(p);
		return p->failed ? false : !opt_names[i].parse || opt_names[i].parse(p, o);
	}
	return drill_expected(p, "a TCP option (mss, sackOK, nop, TS, …), or ...");
}

/* Bytes on the wire. */
static unsigned int opt_size(const struct drill_opt *o)
{
	switch (o->kind) {
	case DRILL_OPT_EOL:
	case DRILL_OPT_NOP:
		return 1;
	case DRILL_OPT_MSS:
		return 4;
	case DRILL_OPT_WSCALE:
		return 3;
	case DRILL_OPT_SACKOK:
		return 2;
	case DRILL_OPT_SACK:
		return 2 + 8 * o->sack.n;
	case DRILL_OPT_TS:
		return 10;
	case DRILL_OPT_ACCECN0:
	case DRILL_OPT_ACCECN1:
		return 2 + 3 * o->accecn.n;
	case DRILL_OPT_MD5:
	case DRILL_OPT_FO:
		return 2u + o->data.len;
	case DRILL_OPT_FOEXP:
		return 4u + o->data.len;
	case DRILL_OPT_OTHER:
		return 2u + o->other.len;
	}
	return 0;
}

static bool parse_list(struct drill_parser *p, struct drill_tcp *t)
{
	unsigned int size = 0;

	do {
		struct drill_tok first = p->tok;
		struct drill_opt o = { 0 };

		if (!parse_opt(p, &o))
			return false;
		size += opt_size(&o);
		if (size > DRILL_OPT_MAX) {
			p->tok = first;
			return drill_fail(p, "options of %u bytes: a TCP header has %d for them",
					  size, DRILL_OPT_MAX);
		}
		t->opts[t->nopts++] = o;
	} while (drill_accept(p, ','));
	return drill_expect(p, '>', "`,` or `>`");
}

bool drill_parse_opts(struct drill_parser *p, enum drill_dir dir, struct drill_tcp *t)
{
	drill_advance(p);
	if (drill_accept(p, '>'))
		return !p->failed;
	if (p->tok.kind != DRILL_TOK_ELLIPSIS)
		return parse_list(p, t);
	if (dir == DRILL_IN)
		return drill_expected(p, "TCP options: only those of outgoing packets can be left "
					 "open");
	t->any_opts = true;
	drill_advance(p);
	return drill_expect(p, '>', "`>` after ...");
}
