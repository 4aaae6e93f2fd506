// SPDX-License-Identifier: BSD-2-Clause
/*
 * A packet:
 *
 *	< [ect0] 8080 > 443 P. 1:1001(1000) ack 1 win 256 urg 5 <options>
 *	> udp (100)
 *	< [1:1001(1000)] icmp unreachable frag_needed mtu 1400
 *
 * The bracket and the ports may be missing; so may all that follows the range.
 */
#include "parse.h"

#include <string.h>

static const struct drill_packet *no_packet(struct drill_parser *p)
{
	drill_no_memory(p);
	return NULL;
}

/* ---------------------------------------------------------- IP header */

static bool parse_ecn(struct drill_parser *p, struct drill_ip *ip)
{
	static const char *const names[] = { "noecn", "ect1", "ect0", "ce" };

	for (uint8_t i = 0; i < 4; i++) {
		if (!drill_is_name(p, names[i]))
			continue;
		ip->given |= DRILL_IP_ECN;
		ip->ecn = i;
		drill_advance(p);
		return !p->failed;
	}
	return drill_expected(p, "noecn, ect0, ect1, ce, tos, ttl or flowlabel");
}

/* One thing in the bracket. */
static bool parse_ip_item(struct drill_parser *p, struct drill_ip *ip)
{
	uint64_t n;

	if (drill_is_name(p, "tos")) {
		drill_advance(p);
		if (!drill_number(p, 255, "a type of service", &n))
			return false;
		ip->given |= DRILL_IP_TOS;
		ip->tos = (uint8_t)n;
	} else if (drill_is_name(p, "ttl")) {
		drill_advance(p);
		if (!drill_number(p, 255, "a time to live", &n))
			return false;
		ip->given |= DRILL_IP_TTL;
		ip->ttl = (uint8_t)n;
	} else if (drill_is_name(p, "flowlabel")) {
		drill_advance(p);
		if (!drill_number(p, 0xfffff, "a flow label", &n))
			return false;
		ip->given |= DRILL_IP_FLOW;
		ip->flow_label = (uint32_t)n;
	} else {
		return parse_ecn(p, ip);
	}
	return true;
}

/* Behind `[`, up to and with `]`. */
static bool parse_ip(struct drill_parser *p, struct drill_ip *ip)
{
	do {
		if (!parse_ip_item(p, ip))
			return false;
	} while (drill_accept(p, ','));
	return drill_expect(p, ']', "`,` or `]`");
}

/* ---------------------------------------------------------------- TCP */

bool drill_parse_seq(struct drill_parser *p, uint32_t *start, uint32_t *end, uint32_t *len)
{
	struct drill_tok first = p->tok;
	uint64_t s, e, n;

	if (!drill_number(p, UINT32_MAX, "a range of sequence numbers start:end(length)", &s) ||
	    !drill_expect(p, ':', "`:` and the end of the range start:end(length)") ||
	    !drill_number(p, UINT32_MAX, "the end of a range of sequence numbers", &e) ||
	    !drill_expect(p, '(', "`(` and the length of the range start:end(length)") ||
	    !drill_number(p, UINT32_MAX, "a length", &n) ||
	    !drill_expect(p, ')', "`)` after the length"))
		return false;
	if ((uint32_t)(s + n) != e) {
		p->tok = first;
		return drill_fail(p, "a range of sequence numbers that is not as long as it says: "
				     "%u:%u(%u)", (unsigned int)s, (unsigned int)e,
				  (unsigned int)n);
	}
	*start = (uint32_t)s;
	*end = (uint32_t)e;
	*len = (uint32_t)n;
	return true;
}

static bool add_flag(struct drill_tcp *t, char c)
{
	static const char letters[] = "FSRP.UEWA";
	const char *at = c ? strchr(letters, c) : NULL;

	if (at)
		t->flags |= (uint16_t)(1u << (at - letters));
	return at != NULL;
}

static bool parse_flags(struct drill_parser *p, struct drill_tcp *t)
{
	static const char what[] = "TCP flags (of F S R P . U E W A, or - for none), udp or icmp";
	bool letters = false;

	p->tok = drill_lex_flags(&p->lex, &p->tok);
	if (p->tok.len == 0)
		return drill_expected(p, what);
	for (size_t i = 0; i < p->tok.len; i++) {
		char c = p->tok.text[i];

		if (c == '-' && p->tok.len == 1)
			break;
		if (c >= '0' && c <= '7' && !t->ace_digit) {
			t->ace_digit = true;
			t->flags |= (uint16_t)((c - '0') << DRILL_ACE_SHIFT);
		} else if (!add_flag(t, c)) {
			return drill_expected(p, what);
		}
		letters |= c == 'E' || c == 'W' || c == 'A';
	}
	if (letters && t->ace_digit)
		return drill_fail(p, "the ACE field is given twice: as a number and as E, W or A");
	drill_advance(p);
	return !p->failed;
}

/* `word N`; what is not there is left alone. */
static bool parse_word(struct drill_parser *p, const char *word, uint64_t max, const char *what,
		       bool *has, uint64_t *num)
{
	if (!drill_is_name(p, word))
		return true;
	drill_advance(p);
	*has = true;
	return drill_number(p, max, what, num);
}

static bool parse_tcp(struct drill_parser *p, struct drill_packet *k)
{
	struct drill_tcp *t = &k->tcp;
	uint64_t ack = 0, win = 0, urg = 0;

	if (!parse_flags(p, t) || !drill_parse_seq(p, &t->seq, &t->end, &t->len) ||
	    !parse_word(p, "ack", UINT32_MAX, "an acknowledgment number", &t->has_ack, &ack) ||
	    !parse_word(p, "win", UINT16_MAX, "a window", &t->has_win, &win) ||
	    !parse_word(p, "urg", UINT16_MAX, "an urgent pointer", &t->has_urg, &urg))
		return false;
	t->ack = (uint32_t)ack;
	t->win = (uint16_t)win;
	t->urg = (uint16_t)urg;
	if (drill_is_char(p, '<') && !drill_parse_opts(p, k->dir, t))
		return false;
	return !p->failed;
}

static bool parse_ports(struct drill_parser *p, struct drill_packet *k)
{
	uint64_t src, dst;

	if (!drill_number(p, UINT16_MAX, "a port", &src) ||
	    !drill_expect(p, '>', "`>` and the port of the receiver") ||
	    !drill_number(p, UINT16_MAX, "a port", &dst))
		return false;
	k->has_ports = true;
	k->src_port = (uint16_t)src;
	k->dst_port = (uint16_t)dst;
	return true;
}

/* ------------------------------------------------------ UDP and choice */

static bool parse_udp(struct drill_parser *p, struct drill_packet *k)
{
	uint64_t len;

	drill_advance(p);
	k->proto = DRILL_UDP;
	if (!drill_expect(p, '(', "`(` and the length of the payload") ||
	    !drill_number(p, UINT16_MAX, "a length", &len) ||
	    !drill_expect(p, ')', "`)` after the length"))
		return false;
	k->udp.len = (uint32_t)len;
	return true;
}

static bool is_quote(const struct drill_parser *p)
{
	return p->tok.kind == DRILL_TOK_NUMBER || drill_is_name(p, "udp") ||
	       drill_is_name(p, "tcp");
}

/* The brackets before the header: what IP says, what an ICMP error quotes. */
static bool parse_brackets(struct drill_parser *p, struct drill_ip *ip, struct drill_quote *q)
{
	while (drill_accept(p, '[')) {
		bool ok = is_quote(p) ? drill_parse_quote(p, q) : parse_ip(p, ip);

		if (!ok)
			return false;
	}
	return !p->failed;
}

static bool parse_header(struct drill_parser *p, struct drill_packet *k,
			 const struct drill_quote *q)
{
	if (drill_is_name(p, "icmp")) {
		drill_advance(p);
		k->proto = DRILL_ICMP;
		k->icmp.quote = *q;
		return drill_parse_icmp(p, &k->icmp);
	}
	if (q->given)
		return drill_expected(p, "icmp: only its errors quote a packet");
	if (p->tok.kind == DRILL_TOK_NUMBER && p->tok.whole && !parse_ports(p, k))
		return false;
	if (drill_is_name(p, "udp"))
		return parse_udp(p, k);
	return parse_tcp(p, k);
}

const struct drill_packet *drill_parse_packet(struct drill_parser *p)
{
	struct drill_packet *k = drill_alloc(p->arena, sizeof(*k));
	struct drill_quote quote = { 0 };

	if (!k)
		return no_packet(p);
	k->dir = drill_is_char(p, '<') ? DRILL_IN : DRILL_OUT;
	drill_advance(p);
	if (!parse_brackets(p, &k->ip, &quote) || !parse_header(p, k, &quote))
		return NULL;
	return p->failed ? NULL : k;
}
