/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the bytes of a packet to the script's tree, in live numbers: what
 * packet_build.c does, backwards, and without trust in any length.
 */
#include "packet.h"

#include <arpa/inet.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#define FOEXP_ID	0xf989

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | get16(p + 1);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint32_t sum_bytes(const uint8_t *p, size_t n, uint32_t sum)
{
	for (; n > 1; n -= 2, p += 2)
		sum += get16(p);
	return n ? sum + ((uint32_t)p[0] << 8) : sum;
}

static bool sum_is_good(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static bool transport_sum_is_good(const struct drill_wire *w, int protocol, const uint8_t *p,
				  size_t n)
{
	uint32_t sum = (uint32_t)protocol + (uint32_t)n;

	sum = sum_bytes((const uint8_t *)&w->src, 4, sum);
	sum = sum_bytes((const uint8_t *)&w->dst, 4, sum);
	return sum_is_good(sum_bytes(p, n, sum));
}

/* ------------------------------------------------------------------ options */

static void set_data(struct drill_opt *o, const uint8_t *from, unsigned int n)
{
	o->data.len = (uint8_t)n;
	memcpy(o->data.bytes, from, n);
}

static void set_other(struct drill_opt *o, unsigned int kind, const uint8_t *body, unsigned int n)
{
	o->kind = DRILL_OPT_OTHER;
	o->other.kind = (uint8_t)kind;
	o->other.len = (uint8_t)n;
	memcpy(o->other.bytes, body, n);
}

static bool set_sack(struct drill_opt *o, const uint8_t *body, unsigned int n)
{
	unsigned int i;

	if (n % 8 || n / 8 > DRILL_SACK_MAX)
		return false;
	o->sack.n = n / 8;
	for (i = 0; i < o->sack.n; i++) {
		o->sack.blocks[i].start = get32(body + 8 * i);
		o->sack.blocks[i].end = get32(body + 8 * i + 4);
	}
	return true;
}

static bool set_accecn(struct drill_opt *o, const uint8_t *body, unsigned int n)
{
	unsigned int i;

	if (n % 3 || n > 9)
		return false;
	o->accecn.n = n / 3;
	for (i = 0; i < o->accecn.n; i++)
		o->accecn.bytes[i] = get24(body + 3 * i);
	return true;
}

/* An option of a kind that the language has, with a fitting length. */
static bool set_known(struct drill_opt *o, unsigned int kind, const uint8_t *body, unsigned int n)
{
	o->kind = (enum drill_opt_kind)kind;
	switch (kind) {
	case DRILL_OPT_MSS:
		o->mss = n == 2 ? (uint16_t)get16(body) : 0;
		return n == 2;
	case DRILL_OPT_WSCALE:
		o->wscale = n == 1 ? body[0] : 0;
		return n == 1;
	case DRILL_OPT_SACKOK:
		return n == 0;
	case DRILL_OPT_SACK:
		return set_sack(o, body, n);
	case DRILL_OPT_TS:
		if (n != 8)
			return false;
		o->ts.val = get32(body);
		o->ts.ecr = get32(body + 4);
		return true;
	case DRILL_OPT_MD5:
	case DRILL_OPT_FO:
		set_data(o, body, n);
		return true;
	case DRILL_OPT_ACCECN0:
	case DRILL_OPT_ACCECN1:
		return set_accecn(o, body, n);
	case DRILL_OPT_FOEXP:
		if (n < 2 || get16(body) != FOEXP_ID)
			return false;
		set_data(o, body + 2, n - 2);
		return true;
	}
	return false;
}

static int parse_opts(struct drill_tcp *t, const uint8_t *p, const uint8_t *end)
{
	struct drill_opt *o;
	unsigned int len;

	for (; p < end; p += len) {
		o = &t->opts[t->nopts++];
		memset(o, 0, sizeof(*o));
		if (p[0] == DRILL_OPT_NOP || p[0] == DRILL_OPT_EOL) {
			o->kind = p[0] ? DRILL_OPT_NOP : DRILL_OPT_EOL;
			len = 1;
			continue;
		}
		if (end - p < 2 || p[1] < 2 || p[1] > end - p)
			return -1;
		len = p[1];
		if (!set_known(o, p[0], p + 2, len - 2))
			set_other(o, p[0], p + 2, len - 2);
	}
	return 0;
}

/* ---------------------------------------------------------------- transports */

static int parse_tcp(struct drill_wire *w, const uint8_t *p, size_t n, const char **why)
{
	struct drill_tcp *t = &w->p.tcp;
	size_t header = n >= 20 ? (size_t)(p[12] >> 4) * 4 : 0;

	*why = "its TCP header is cut off";
	if (header < 20 || header > n)
		return -1;
	w->src_port = (uint16_t)get16(p);
	w->dst_port = (uint16_t)get16(p + 2);
	t->seq = get32(p + 4);
	t->ack = get32(p + 8);
	t->flags = get16(p + 12) & 0x1ff;
	t->has_ack = t->flags & DRILL_ACK;
	t->win = (uint16_t)get16(p + 14);
	t->has_win = true;
	t->urg = (uint16_t)get16(p + 18);
	t->has_urg = t->flags & DRILL_URG;
	t->len = (uint32_t)(n - header);
	t->end = t->seq + t->len;
	w->bad_checksum |= !transport_sum_is_good(w, IPPROTO_TCP, p, n);
	*why = "its TCP options have impossible lengths";
	return parse_opts(t, p + 20, p + header);
}

static int parse_udp(struct drill_wire *w, const uint8_t *p, size_t n, const char **why)
{
	*why = "its UDP header is cut off, or has another length than IP says";
	if (n < 8 || get16(p + 4) != n)
		return -1;
	w->src_port = (uint16_t)get16(p);
	w->dst_port = (uint16_t)get16(p + 2);
	w->p.udp.len = (uint32_t)n - 8;
	if (get16(p + 6))
		w->bad_checksum |= !transport_sum_is_good(w, IPPROTO_UDP, p, n);
	return 0;
}

static void parse_quote(struct drill_wire *w, struct drill_quote *q, const uint8_t *p, size_t n)
{
	size_t header = n >= 20 ? (size_t)(p[0] & 15) * 4 : 0;
	uint32_t len, transport;

	if (header < 20 || n < header + 8 || get16(p + 2) < header + 8 ||
	    (p[9] != IPPROTO_TCP && p[9] != IPPROTO_UDP))
		return;
	q->given = true;
	q->proto = p[9] == IPPROTO_TCP ? DRILL_TCP : DRILL_UDP;
	len = get16(p + 2) - (uint32_t)header;
	w->src_port = (uint16_t)get16(p + header + 2);
	w->dst_port = (uint16_t)get16(p + header);
	w->quoted = true;
	q->len = len - 8;
	if (q->proto == DRILL_UDP)
		return;
	q->seq = get32(p + header + 4);
	transport = n >= header + 13 ? (p[header + 12] >> 4) * 4U : 20;
	q->len = len > transport ? len - transport : 0;
	q->end = q->seq + q->len;
}

static int parse_icmp(struct drill_wire *w, const uint8_t *p, size_t n, const char **why)
{
	struct drill_icmp *m = &w->p.icmp;

	*why = "its ICMP header is cut off";
	if (n < 8)
		return -1;
	m->type = p[0];
	m->code = p[1];
	w->bad_checksum |= !sum_is_good(sum_bytes(p, n, 0));
	if (m->type == ICMP_ECHO || m->type == ICMP_ECHOREPLY) {
		m->has_id = m->has_seq = true;
		m->id = (uint16_t)get16(p + 4);
		m->seq = (uint16_t)get16(p + 6);
		return 0;
	}
	m->has_mtu = m->type == ICMP_DEST_UNREACH && m->code == ICMP_FRAG_NEEDED;
	m->mtu = m->has_mtu ? get16(p + 6) : 0;
	if (m->type == ICMP_DEST_UNREACH || m->type == ICMP_TIME_EXCEEDED ||
	    m->type == ICMP_PARAMETERPROB || m->type == ICMP_REDIRECT ||
	    m->type == ICMP_SOURCE_QUENCH)
		parse_quote(w, &m->quote, p + 8, n - 8);
	return 0;
}

/* ------------------------------------------------------------------------ IP */

static void parse_ip(struct drill_wire *w, const uint8_t *p, size_t header)
{
	struct drill_ip *ip = &w->p.ip;

	ip->given = DRILL_IP_ECN | DRILL_IP_TOS | DRILL_IP_TTL;
	ip->tos = p[1];
	ip->ecn = p[1] & 3;
	ip->ttl = p[8];
	memcpy(&w->src, p + 12, 4);
	memcpy(&w->dst, p + 16, 4);
	w->bad_checksum = !sum_is_good(sum_bytes(p, header, 0));
}

int drill_packet_parse(const uint8_t *buf, size_t len, struct drill_wire *w, const char **why)
{
	size_t header = len >= 20 ? (size_t)(buf[0] & 15) * 4 : 0;
	size_t total;

	memset(w, 0, sizeof(*w));
	*why = "it is no IPv4 packet, or cut off";
	if (header < 20 || header > len || buf[0] >> 4 != 4)
		return -1;
	total = get16(buf + 2);
	if (total < header || total > len)
		return -1;
	parse_ip(w, buf, header);
	switch (buf[9]) {
	case IPPROTO_TCP:
		w->p.proto = DRILL_TCP;
		return parse_tcp(w, buf + header, total - header, why);
	case IPPROTO_UDP:
		w->p.proto = DRILL_UDP;
		return parse_udp(w, buf + header, total - header, why);
	case IPPROTO_ICMP:
		w->p.proto = DRILL_ICMP;
		return parse_icmp(w, buf + header, total - header, why);
	}
	*why = "it is neither TCP, UDP nor ICMP";
	return -1;
}
