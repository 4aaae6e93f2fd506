/* SPDX-License-Identifier: BSD-2-Clause */
/* See segment.h. */
#include "tests/support/segment.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TCP_FLAG_LETTERS "FSRP.UEW"	/* bit 0 first */

/* --- a frame taken apart ------------------------------------------------------------ */

static void parse_ts(struct segment *s)
{
	const u8 *o = s->raw_opts, *end = o + s->optlen;

	s->wscale = -1;
	while (o < end && *o != 0) {
		if (*o == 1) {
			o++;
			continue;
		}
		if (end - o < 2 || o[1] < 2 || o[1] > end - o)
			return;
		if (o[0] == 8 && o[1] == 10) {
			s->ts_val = get_unaligned_be32(o + 2);
			s->ts_ecr = get_unaligned_be32(o + 6);
		} else if (o[0] == 2 && o[1] == 4) {
			s->mss = get_unaligned_be16(o + 2);
		} else if (o[0] == 3 && o[1] == 3) {
			s->wscale = o[2];
		}
		o += o[1];
	}
}

static bool parse_tcp(struct segment *s, const u8 *p, u32 len)
{
	u32 hlen;

	if (len < 20)
		return false;
	hlen = (p[12] >> 4) * 4u;
	if (hlen < 20 || hlen > len)
		return false;
	s->sport = get_unaligned_be16(p);
	s->dport = get_unaligned_be16(p + 2);
	s->seq = get_unaligned_be32(p + 4);
	s->ack = get_unaligned_be32(p + 8);
	s->flags = p[13];
	s->ae = p[12] & 1;
	s->win = get_unaligned_be16(p + 14);
	s->urg = get_unaligned_be16(p + 18);
	s->optlen = hlen - 20;
	memcpy(s->raw_opts, p + 20, s->optlen);
	s->data = p + hlen;
	s->len = len - hlen;
	parse_ts(s);
	return true;
}

static bool parse_udp(struct segment *s, const u8 *p, u32 len)
{
	if (len < 8)
		return false;
	s->sport = get_unaligned_be16(p);
	s->dport = get_unaligned_be16(p + 2);
	s->len = get_unaligned_be16(p + 4) - 8u;
	s->data = p + 8;
	if (!p[6] && !p[7])
		s->csum_ok = true;	/* none */
	return s->len <= len - 8;
}

static bool parse_icmp(struct segment *s, const u8 *p, u32 len)
{
	if (len < 8)
		return false;
	s->type = p[0];
	s->code = p[1];
	s->info = get_unaligned_be32(p + 4);
	s->data = p + 8;
	s->len = len - 8;
	s->csum_ok = !ip_compute_csum(p, len);
	return true;
}

static bool parse_transport(struct segment *s, const u8 *p, u32 len)
{
	s->data = p;
	s->len = len;
	if (s->frag_off & (IP_MF | IP_OFFSET)) {
		s->csum_ok = true;
		return true;
	}
	if (s->protocol == IPPROTO_TCP || s->protocol == IPPROTO_UDP)
		s->csum_ok = !csum_tcpudp_magic(cpu_to_be32(s->saddr),
						cpu_to_be32(s->daddr), len,
						s->protocol,
						csum_partial(p, len, 0));
	switch (s->protocol) {
	case IPPROTO_TCP: return parse_tcp(s, p, len);
	case IPPROTO_UDP: return parse_udp(s, p, len);
	case IPPROTO_ICMP: return parse_icmp(s, p, len);
	}
	s->csum_ok = true;
	return true;
}

bool segment_parse(struct segment *s, const u8 *frame, u32 len)
{
	const u8 *ip = frame + ETH_HLEN;
	u32 hlen;

	memset(s, 0, sizeof(*s));
	if (len < ETH_HLEN)
		return false;
	memcpy(s->dst_mac, frame, 6);
	memcpy(s->src_mac, frame + 6, 6);
	s->ether_type = get_unaligned_be16(frame + 12);
	if (s->ether_type == ETH_P_ARP)
		return true;
	if (s->ether_type != ETH_P_IP || len < ETH_HLEN + 20)
		return false;
	hlen = (ip[0] & 15u) * 4;
	s->tos = ip[1];
	s->tot_len = get_unaligned_be16(ip + 2);
	s->id = get_unaligned_be16(ip + 4);
	s->frag_off = get_unaligned_be16(ip + 6);
	s->ttl = ip[8];
	s->protocol = ip[9];
	s->saddr = get_unaligned_be32(ip + 12);
	s->daddr = get_unaligned_be32(ip + 16);
	if (ip[0] >> 4 != 4 || hlen < 20 || s->tot_len < hlen ||
	    s->tot_len > len - ETH_HLEN)
		return false;
	s->ip_ok = !ip_fast_csum(ip, hlen / 4);
	return parse_transport(s, ip + hlen, s->tot_len - hlen);
}

/* --- to text ------------------------------------------------------------------------------ */

static char *put(char *at, char *end, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(at, (size_t)(end - at), fmt, ap);
	va_end(ap);
	return n < 0 || n >= end - at ? end - 1 : at + n;
}

static u32 get24(const u8 *p)
{
	return (u32)p[0] << 16 | get_unaligned_be16(p + 1);
}

static char *put_option(char *at, char *end, const u8 *o, u32 base)
{
	switch (o[0]) {
	case 2: return put(at, end, "mss %u", get_unaligned_be16(o + 2));
	case 3: return put(at, end, "wscale %u", o[2]);
	case 4: return put(at, end, "sackOK");
	case 8: return put(at, end, "TS val %u ecr %u",
			   get_unaligned_be32(o + 2), get_unaligned_be32(o + 6));
	case 5:
		at = put(at, end, "sack");
		for (u32 i = 2; i + 8 <= o[1]; i += 8)
			at = put(at, end, " %u:%u",
				 get_unaligned_be32(o + i) - base,
				 get_unaligned_be32(o + i + 4) - base);
		return at;
	case 174:
		if (o[1] != 11)
			break;
		return put(at, end, "ECN e1b %u ceb %u e0b %u", get24(o + 2),
			   get24(o + 5), get24(o + 8));
	}
	return put(at, end, "kind %u len %u", o[0], o[1]);
}

void segment_opts_text(const struct segment *s, u32 base, char *text,
		       size_t room)
{
	const u8 *o = s->raw_opts, *stop = o + s->optlen;
	char *at = text, *end = text + room;

	*text = 0;
	while (o < stop) {
		if (at > text)
			at = put(at, end, ",");
		if (*o < 2) {
			at = put(at, end, *o ? "nop" : "eol");
			if (!*o)
				break;
			o++;
			continue;
		}
		if (stop - o < 2 || o[1] < 2 || o[1] > stop - o) {
			put(at, end, "bad");
			return;
		}
		at = put_option(at, end, o, base);
		o += o[1];
	}
}

void segment_tcp_text(const struct segment *s, u32 seq0, u32 ack0, char *text,
		      size_t room)
{
	char *at = text, *end = text + room, opts[SEGMENT_OPTS];
	static const char order[] = "SFRPEW.U";

	for (const char *c = order; *c; c++)
		if (s->flags & 1u << (strchr(TCP_FLAG_LETTERS, *c) -
				      TCP_FLAG_LETTERS))
			at = put(at, end, "%c", *c);
	if (s->ae)
		at = put(at, end, "A");
	else if (!s->flags)
		at = put(at, end, "-");
	at = put(at, end, " %u:%u(%u)", s->seq - seq0, s->seq - seq0 + s->len,
		 s->len);
	if (s->flags & TCPHDR_ACK)
		at = put(at, end, " ack %u", s->ack - ack0);
	at = put(at, end, " win %u", s->win);
	if (s->flags & TCPHDR_URG)
		at = put(at, end, " urg %u", s->urg);
	segment_opts_text(s, ack0, opts, sizeof(opts));
	if (*opts)
		at = put(at, end, " <%s>", opts);
	if (!s->csum_ok)
		put(at, end, " BAD CHECKSUM");
}

void frame_text(const u8 *frame, u32 len, char *text, size_t room)
{
	char *at = text, *end = text + room;
	struct segment s;

	if (!segment_parse(&s, frame, len)) {
		put(at, end, "type %04x, %u bytes", s.ether_type, len);
		return;
	}
	if (s.ether_type == ETH_P_ARP) {
		put(at, end, "ARP %s", frame[21] == 1 ? "request" : "reply");
		return;
	}
	at = put(at, end, "%u.%u>%u.%u ", s.saddr & 255, s.sport, s.daddr & 255,
		 s.dport);
	if (s.frag_off & (IP_MF | IP_OFFSET))
		put(at, end, "fragment %u+%u%s", (s.frag_off & IP_OFFSET) * 8,
		    s.len, s.frag_off & IP_MF ? " more" : "");
	else if (s.protocol == IPPROTO_TCP)
		segment_tcp_text(&s, 0, 0, at, (size_t)(end - at));
	else if (s.protocol == IPPROTO_UDP)
		put(at, end, "udp (%u)", s.len);
	else if (s.protocol == IPPROTO_ICMP)
		put(at, end, "icmp type %u code %u info %u", s.type, s.code,
		    s.info);
	else
		put(at, end, "protocol %u (%u)", s.protocol, s.len);
}

/* --- from text --------------------------------------------------------------------------- */

static u8 parse_flags(const char **at, bool *ae, const char *line)
{
	u8 flags = 0;
	const char *c;

	for (; **at && **at != ' '; (*at)++) {
		if (**at == 'A')
			*ae = true;
		if (**at == '-' || **at == 'A')
			continue;
		c = strchr(TCP_FLAG_LETTERS, **at);
		if (!c)
			fail_msg("flag '%c' in \"%s\"", **at, line);
		flags |= (u8)(1u << (c - TCP_FLAG_LETTERS));
	}
	return flags;
}

static void parse_word(struct segment_line *l, const char *word, u32 value,
		       const char *line)
{
	if (!strcmp(word, "ack")) {
		l->s.ack = value;
		l->has |= SEG_HAS_ACK;
	} else if (!strcmp(word, "win")) {
		l->s.win = (u16)value;
		l->has |= SEG_HAS_WIN;
	} else if (!strcmp(word, "urg")) {
		l->s.urg = (u16)value;
		l->has |= SEG_HAS_URG;
	} else {
		fail_msg("word '%s' in \"%s\"", word, line);
	}
}

void segment_line_parse(struct segment_line *l, const char *line)
{
	const char *at = line, *close;
	u32 value, to;
	char word[8];
	int n = 0;

	memset(l, 0, sizeof(*l));
	l->s.flags = parse_flags(&at, &l->s.ae, line);
	if (sscanf(at, " %u:%u(%u)%n", &l->s.seq, &to, &l->s.len, &n) != 3 || !n)
		fail_msg("no seq:end(len) in \"%s\"", line);
	if (to - l->s.seq != l->s.len)
		fail_msg("length of \"%s\" is wrong", line);
	at += n;
	while (sscanf(at, " %7[a-z] %u%n", word, &value, &n) == 2) {
		parse_word(l, word, value, line);
		at += n;
	}
	at += strspn(at, " ");
	if (*at == '<') {
		close = strrchr(at, '>');
		if (!close || close[1] || close - at > SEGMENT_OPTS)
			fail_msg("no '>' at the end of \"%s\"", line);
		memcpy(l->opts, at + 1, (size_t)(close - at - 1));
		l->has |= SEG_HAS_OPTS;
	} else if (*at) {
		fail_msg("'%s' in \"%s\"", at, line);
	}
}

static u8 *sack_build(u8 *to, const char *text, u32 base)
{
	u8 *len = to + 1;
	u32 from, end;
	int n;

	*to = 5;
	to += 2;
	while (sscanf(text, " %u:%u%n", &from, &end, &n) == 2) {
		put_unaligned_be32(from + base, to);
		put_unaligned_be32(end + base, to + 4);
		to += 8;
		text += n;
	}
	*len = (u8)(to - len + 1);
	return to;
}

static u8 *put24(u8 *p, u32 n)
{
	*p++ = (u8)(n >> 16);
	put_unaligned_be16((u16)n, p);
	return p + 2;
}

static u8 *option_build(u8 *to, const char *text, u32 base)
{
	u32 a, b, c;

	if (!strncmp(text, "nop", 3)) {
		*to++ = 1;
	} else if (!strncmp(text, "eol", 3)) {
		*to++ = 0;
	} else if (!strncmp(text, "sackOK", 6)) {
		*to++ = 4;
		*to++ = 2;
	} else if (!strncmp(text, "sack", 4)) {
		return sack_build(to, text + 4, base);
	} else if (sscanf(text, "mss %u", &a) == 1) {
		*to++ = 2;
		*to++ = 4;
		put_unaligned_be16((u16)a, to);
		to += 2;
	} else if (sscanf(text, "wscale %u", &a) == 1) {
		*to++ = 3;
		*to++ = 3;
		*to++ = (u8)a;
	} else if (sscanf(text, "TS val %u ecr %u", &a, &b) == 2) {
		*to++ = 8;
		*to++ = 10;
		put_unaligned_be32(a, to);
		put_unaligned_be32(b, to + 4);
		to += 8;
	} else if (sscanf(text, "ECN e1b %u ceb %u e0b %u", &a, &b, &c) == 3) {
		*to++ = 174;
		*to++ = 11;
		to = put24(put24(put24(to, a), b), c);
	} else if (sscanf(text, "kind %u len %u", &a, &b) == 2) {
		memset(to, 0, max(b, 2u));
		to[0] = (u8)a;
		to[1] = (u8)b;
		to += max(b, 2u);
	} else {
		fail_msg("option '%s'", text);
	}
	return to;
}

u32 segment_opts_build(u8 *to, const char *text, u32 base)
{
	u8 *at = to;

	while (*text) {
		at = option_build(at, text, base);
		text += strcspn(text, ",");
		text += *text == ',';
	}
	while ((at - to) % 4)
		*at++ = 0;
	if (at - to > 40)
		fail_msg("too many TCP options");
	return (u32)(at - to);
}

static u32 build_tcp(const struct segment *s, u8 *p)
{
	u32 hlen = 20 + s->optlen;

	put_unaligned_be16(s->sport, p);
	put_unaligned_be16(s->dport, p + 2);
	put_unaligned_be32(s->seq, p + 4);
	put_unaligned_be32(s->ack, p + 8);
	p[12] = (u8)(hlen / 4 << 4 | s->ae);
	p[13] = s->flags;
	put_unaligned_be16(s->win, p + 14);
	put_unaligned_be16(s->urg, p + 18);
	memcpy(p + 20, s->raw_opts, s->optlen);
	return hlen;
}

static u32 build_header(const struct segment *s, u8 *p)
{
	switch (s->protocol) {
	case IPPROTO_TCP:
		return build_tcp(s, p);
	case IPPROTO_UDP:
		put_unaligned_be16(s->sport, p);
		put_unaligned_be16(s->dport, p + 2);
		put_unaligned_be16((u16)(s->len + 8), p + 4);
		return 8;
	case IPPROTO_ICMP:
		p[0] = s->type;
		p[1] = s->code;
		put_unaligned_be32(s->info, p + 4);
		return 8;
	}
	return 0;
}

static void checksum(const struct segment *s, u8 *p, u32 len)
{
	__sum16 sum;

	if (s->protocol == IPPROTO_ICMP) {
		sum = ip_compute_csum(p, len);
		memcpy(p + 2, &sum, 2);
		return;
	}
	sum = csum_tcpudp_magic(cpu_to_be32(s->saddr), cpu_to_be32(s->daddr),
				len, s->protocol, csum_partial(p, len, 0));
	if (s->protocol == IPPROTO_TCP)
		memcpy(p + 16, &sum, 2);
	else if (s->protocol == IPPROTO_UDP)
		memcpy(p + 6, &sum, 2);
}

u32 segment_build(const struct segment *s, u8 *frame, u32 room)
{
	u8 *ip = frame + ETH_HLEN, *p = ip + 20;
	bool plain = s->frag_off & (IP_MF | IP_OFFSET);
	__sum16 sum;
	u32 len;

	if (s->len + 100 > room)
		fail_msg("payload of %u bytes is too long", s->len);
	memset(frame, 0, ETH_HLEN + 80);
	memcpy(frame, s->dst_mac, 6);
	memcpy(frame + 6, s->src_mac, 6);
	put_unaligned_be16(s->ether_type, frame + 12);
	len = plain ? 0 : build_header(s, p);
	if (s->len)
		memcpy(p + len, s->data, s->len);
	len += s->len;
	if (!plain)
		checksum(s, p, len);
	ip[0] = 0x45;
	ip[1] = s->tos;
	put_unaligned_be16((u16)(len + 20), ip + 2);
	put_unaligned_be16(s->id, ip + 4);
	put_unaligned_be16(s->frag_off, ip + 6);
	ip[8] = s->ttl;
	ip[9] = s->protocol;
	put_unaligned_be32(s->saddr, ip + 12);
	put_unaligned_be32(s->daddr, ip + 16);
	sum = ip_fast_csum(ip, 5);
	memcpy(ip + 10, &sum, 2);
	return ETH_HLEN + 20 + len;
}
