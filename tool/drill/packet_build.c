/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a packet of the script, in live numbers, to bytes: IPv4 with TCP (all
 * options of the language), UDP or ICMP, with correct checksums. RFC 791, 792,
 * 768, 9293, 7323, 2018, 7413, 9768.
 */
#include "packet.h"
#include "symbols.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#define FOEXP_ID	0xf989
#define QUOTED_TCP	20	/* bytes of the transport header in an ICMP error */

struct writer {
	uint8_t *at;
};

static void put8(struct writer *w, unsigned int v)
{
	*w->at++ = (uint8_t)v;
}

static void put16(struct writer *w, unsigned int v)
{
	put8(w, v >> 8);
	put8(w, v);
}

static void put24(struct writer *w, uint32_t v)
{
	put8(w, v >> 16);
	put16(w, v);
}

static void put32(struct writer *w, uint32_t v)
{
	put16(w, v >> 16);
	put16(w, v);
}

static void put_bytes(struct writer *w, const uint8_t *from, size_t n)
{
	memcpy(w->at, from, n);
	w->at += n;
}

/* ---------------------------------------------------------------- checksums */

static uint32_t sum_bytes(const uint8_t *p, size_t n, uint32_t sum)
{
	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return n ? sum + ((uint32_t)p[0] << 8) : sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static uint16_t transport_checksum(const struct drill_path *path, int protocol,
				   const uint8_t *p, size_t n)
{
	uint32_t sum = (uint32_t)protocol + (uint32_t)n;

	sum = sum_bytes((const uint8_t *)&path->src, 4, sum);
	sum = sum_bytes((const uint8_t *)&path->dst, 4, sum);
	return sum_fold(sum_bytes(p, n, sum));
}

/* ------------------------------------------------------------------ options */

static int opt_size(const struct drill_opt *o)
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
		return 2 + 8 * (int)o->sack.n;
	case DRILL_OPT_TS:
		return 10;
	case DRILL_OPT_MD5:
	case DRILL_OPT_FO:
		return 2 + o->data.len;
	case DRILL_OPT_FOEXP:
		return 4 + o->data.len;
	case DRILL_OPT_ACCECN0:
	case DRILL_OPT_ACCECN1:
		return 2 + 3 * (int)o->accecn.n;
	case DRILL_OPT_OTHER:
		return 2 + o->other.len;
	}
	return -1;
}

int drill_opts_size(const struct drill_tcp *t)
{
	unsigned int i;
	int size = 0, n;

	for (i = 0; i < t->nopts; i++) {
		n = opt_size(&t->opts[i]);
		if (n < 0)
			return -1;
		size += n;
	}
	return size;
}

static void put_opt_body(struct writer *w, const struct drill_opt *o)
{
	unsigned int i;

	switch (o->kind) {
	case DRILL_OPT_EOL:
	case DRILL_OPT_NOP:
	case DRILL_OPT_SACKOK:
		break;
	case DRILL_OPT_MSS:
		put16(w, o->mss);
		break;
	case DRILL_OPT_WSCALE:
		put8(w, o->wscale);
		break;
	case DRILL_OPT_SACK:
		for (i = 0; i < o->sack.n; i++) {
			put32(w, o->sack.blocks[i].start);
			put32(w, o->sack.blocks[i].end);
		}
		break;
	case DRILL_OPT_TS:
		put32(w, o->ts.val);
		put32(w, o->ts.ecr);
		break;
	case DRILL_OPT_FOEXP:
		put16(w, FOEXP_ID);
		put_bytes(w, o->data.bytes, o->data.len);
		break;
	case DRILL_OPT_MD5:
	case DRILL_OPT_FO:
		put_bytes(w, o->data.bytes, o->data.len);
		break;
	case DRILL_OPT_ACCECN0:
	case DRILL_OPT_ACCECN1:
		for (i = 0; i < o->accecn.n; i++)
			put24(w, o->accecn.bytes[i]);
		break;
	case DRILL_OPT_OTHER:
		put_bytes(w, o->other.bytes, o->other.len);
		break;
	}
}

static void put_opt(struct writer *w, const struct drill_opt *o)
{
	put8(w, o->kind == DRILL_OPT_OTHER ? o->other.kind : (unsigned int)o->kind);
	if (o->kind == DRILL_OPT_EOL || o->kind == DRILL_OPT_NOP)
		return;
	put8(w, (unsigned int)opt_size(o));
	put_opt_body(w, o);
}

/* ---------------------------------------------------------------- transports */

static void put_tcp_header(struct writer *w, const struct drill_tcp *t,
			   const struct drill_path *path, unsigned int header)
{
	put16(w, path->src_port);
	put16(w, path->dst_port);
	put32(w, t->seq);
	put32(w, t->has_ack || t->flags & DRILL_ACK ? t->ack : 0);
	put16(w, header / 4 << 12 | t->flags);
	put16(w, t->win);
	put16(w, 0);
	put16(w, t->urg);
}

static void put_payload(struct writer *w, uint32_t offset, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		put8(w, drill_pattern(offset + i));
}

static void set_checksum(uint8_t *at, uint16_t sum)
{
	memcpy(at, &sum, sizeof(sum));
}

static long build_tcp(const struct drill_tcp *t, const struct drill_path *path, uint8_t *buf,
		      size_t room, const char **why)
{
	struct writer w = { buf };
	int opts = drill_opts_size(t);
	unsigned int i, header;

	*why = "its TCP options take more than 40 bytes";
	if (opts < 0 || opts > DRILL_OPT_MAX)
		return -1;
	header = 20 + ((unsigned int)opts + 3) / 4 * 4;
	*why = "it is longer than an IP packet can be";
	if (header + (size_t)t->len > room)
		return -1;
	put_tcp_header(&w, t, path, header);
	for (i = 0; i < t->nopts; i++)
		put_opt(&w, &t->opts[i]);
	while (w.at < buf + header)
		put8(&w, DRILL_OPT_EOL);
	put_payload(&w, t->seq + !!(t->flags & DRILL_SYN), t->len);
	set_checksum(buf + 16, transport_checksum(path, IPPROTO_TCP, buf, header + t->len));
	return header + (long)t->len;
}

static long build_udp(const struct drill_udp *u, const struct drill_path *path, uint8_t *buf,
		      size_t room, const char **why)
{
	struct writer w = { buf };
	uint16_t sum;

	*why = "it is longer than an IP packet can be";
	if (8 + (size_t)u->len > room)
		return -1;
	put16(&w, path->src_port);
	put16(&w, path->dst_port);
	put16(&w, 8 + u->len);
	put16(&w, 0);
	put_payload(&w, 0, u->len);
	sum = transport_checksum(path, IPPROTO_UDP, buf, 8 + u->len);
	set_checksum(buf + 6, sum ? sum : 0xffff);
	return 8 + (long)u->len;
}

/* ------------------------------------------------------------------------ IP */

static void put_ip(uint8_t *buf, const struct drill_ip *ip, const struct drill_path *path,
		   int protocol, size_t len)
{
	struct writer w = { buf };
	uint8_t tos = ip->given & DRILL_IP_TOS ? ip->tos :
		      ip->given & DRILL_IP_ECN ? ip->ecn : 0;

	put8(&w, 0x45);
	put8(&w, tos);
	put16(&w, (unsigned int)len);
	put16(&w, 0);			/* identification */
	put16(&w, 0);			/* not a fragment */
	put8(&w, ip->given & DRILL_IP_TTL ? ip->ttl : 255);
	put8(&w, (unsigned int)protocol);
	put16(&w, 0);
	put_bytes(&w, (const uint8_t *)&path->src, 4);
	put_bytes(&w, (const uint8_t *)&path->dst, 4);
	set_checksum(buf + 10, sum_fold(sum_bytes(buf, 20, 0)));
}

/* The packet that an ICMP error is about: it went from path's end to its start. */
static size_t put_quote(uint8_t *buf, const struct drill_quote *q, const struct drill_path *path)
{
	static const struct drill_ip plain;
	const struct drill_path back = {
		.src = path->dst, .dst = path->src,
		.src_port = path->dst_port, .dst_port = path->src_port,
	};
	struct drill_tcp tcp = { .flags = DRILL_ACK, .seq = q->seq };
	struct writer w = { buf + 20 };

	if (q->proto == DRILL_UDP) {
		put_ip(buf, &plain, &back, IPPROTO_UDP, 28 + q->len);
		put16(&w, back.src_port);
		put16(&w, back.dst_port);
		put16(&w, 8 + q->len);
		put16(&w, 0);
		return 28;
	}
	put_ip(buf, &plain, &back, IPPROTO_TCP, 40 + q->len);
	put_tcp_header(&w, &tcp, &back, QUOTED_TCP);
	return 20 + QUOTED_TCP;
}

static void put_icmp_rest(struct writer *w, const struct drill_icmp *m, uint8_t type)
{
	if (type == ICMP_ECHO || type == ICMP_ECHOREPLY) {
		put16(w, m->id);
		put16(w, m->seq);
	} else {
		put16(w, 0);
		put16(w, m->mtu);
	}
}

static long build_icmp(const struct drill_icmp *m, const struct drill_path *path, uint8_t *buf,
		       const char **why)
{
	struct writer w = { buf };
	uint8_t type, code;
	size_t len = 8;

	if (!drill_icmp_resolve(m, false, &type, &code, why))
		return -1;
	put8(&w, type);
	put8(&w, code);
	put16(&w, 0);
	put_icmp_rest(&w, m, type);
	if (m->quote.given)
		len += put_quote(buf + len, &m->quote, path);
	set_checksum(buf + 2, sum_fold(sum_bytes(buf, len, 0)));
	return (long)len;
}

long drill_packet_build(const struct drill_packet *p, const struct drill_path *path,
			uint8_t *buf, size_t room, const char **why)
{
	static const int protocols[] = {
		[DRILL_TCP] = IPPROTO_TCP, [DRILL_UDP] = IPPROTO_UDP,
		[DRILL_ICMP] = IPPROTO_ICMP,
	};
	uint8_t *body = buf + 20;
	long len = -1;

	*why = "there is no room for it";
	if (room < 128)
		return -1;
	switch (p->proto) {
	case DRILL_TCP:
		len = build_tcp(&p->tcp, path, body, room - 20, why);
		break;
	case DRILL_UDP:
		len = build_udp(&p->udp, path, body, room - 20, why);
		break;
	case DRILL_ICMP:
		len = build_icmp(&p->icmp, path, body, why);
		break;
	}
	if (len < 0)
		return -1;
	put_ip(buf, &p->ip, path, protocols[p->proto], 20 + (size_t)len);
	return 20 + len;
}
