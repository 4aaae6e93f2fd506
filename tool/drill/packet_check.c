/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is this packet the one of the script's line? What the line leaves out is not
 * asked for: the IP header, the window, the urgent pointer, and with `<...>`
 * the options. The first difference is told, in the order of a reader.
 */
#include "format.h"
#include "packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct verdict {
	char *buf;
	size_t size;
};

__attribute__((format(printf, 2, 3)))
static const char *differs(const struct verdict *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->buf, v->size, fmt, ap);
	va_end(ap);
	return v->buf;
}

static const char *check_ip(const struct drill_ip *s, const struct drill_ip *a,
			    const struct verdict *v)
{
	static const char *const ecn[] = { "noecn", "ect1", "ect0", "ce" };

	if (s->given & DRILL_IP_TOS && s->tos != a->tos)
		return differs(v, "the TOS byte is 0x%02x, not 0x%02x", a->tos, s->tos);
	if (s->given & DRILL_IP_ECN && s->ecn != a->ecn)
		return differs(v, "the ECN bits are %s, not %s", ecn[a->ecn & 3],
			       ecn[s->ecn & 3]);
	if (s->given & DRILL_IP_TTL && s->ttl != a->ttl)
		return differs(v, "the TTL is %u, not %u", a->ttl, s->ttl);
	return NULL;
}

/* ------------------------------------------------------------------ options */

static bool same_ts(const struct drill_opt *s, const struct drill_opt *a, int64_t slack)
{
	int64_t off = (int32_t)(a->ts.val - s->ts.val);

	if (s->ts.ecr != a->ts.ecr)
		return false;
	return slack < 0 || (off <= slack && off >= -slack);
}

static bool same_sack(const struct drill_opt *s, const struct drill_opt *a)
{
	unsigned int i;

	for (i = 0; i < s->sack.n && s->sack.n == a->sack.n; i++)
		if (s->sack.blocks[i].start != a->sack.blocks[i].start ||
		    s->sack.blocks[i].end != a->sack.blocks[i].end)
			return false;
	return s->sack.n == a->sack.n;
}

static bool same_opt(const struct drill_opt *s, const struct drill_opt *a, int64_t slack)
{
	if (s->kind != a->kind)
		return false;
	switch (s->kind) {
	case DRILL_OPT_EOL:
	case DRILL_OPT_NOP:
	case DRILL_OPT_SACKOK:
		return true;
	case DRILL_OPT_MSS:
		return s->mss == a->mss;
	case DRILL_OPT_WSCALE:
		return s->wscale == a->wscale;
	case DRILL_OPT_SACK:
		return same_sack(s, a);
	case DRILL_OPT_TS:
		return same_ts(s, a, slack);
	case DRILL_OPT_MD5:
	case DRILL_OPT_FO:
	case DRILL_OPT_FOEXP:
		return s->data.len == a->data.len &&
		       !memcmp(s->data.bytes, a->data.bytes, s->data.len);
	case DRILL_OPT_ACCECN0:
	case DRILL_OPT_ACCECN1:
		return s->accecn.n == a->accecn.n &&
		       !memcmp(s->accecn.bytes, a->accecn.bytes,
			       s->accecn.n * sizeof(s->accecn.bytes[0]));
	case DRILL_OPT_OTHER:
		return s->other.kind == a->other.kind && s->other.len == a->other.len &&
		       !memcmp(s->other.bytes, a->other.bytes, s->other.len);
	}
	return false;
}

static const char *check_opts(const struct drill_tcp *s, const struct drill_tcp *a,
			      int64_t slack, const struct verdict *v)
{
	char want[128], have[128];
	unsigned int i;

	for (i = 0; i < s->nopts && i < a->nopts; i++)
		if (!same_opt(&s->opts[i], &a->opts[i], slack))
			return differs(v, "TCP option %u is %s, not %s", i + 1,
				       drill_format_opt(&a->opts[i], have, sizeof(have)),
				       drill_format_opt(&s->opts[i], want, sizeof(want)));
	if (i < a->nopts)
		return differs(v, "a TCP option is there that the script does not list: %s",
			       drill_format_opt(&a->opts[i], have, sizeof(have)));
	if (i < s->nopts)
		return differs(v, "a TCP option is missing: %s",
			       drill_format_opt(&s->opts[i], want, sizeof(want)));
	return NULL;
}

/* ---------------------------------------------------------------- transports */

static const char *check_tcp(const struct drill_tcp *s, const struct drill_tcp *a,
			     const struct drill_compare *how, const struct verdict *v)
{
	char want[16], have[16];

	if (s->flags != a->flags)
		return differs(v, "the flags are %s, not %s",
			       drill_format_flags(a, have, sizeof(have)),
			       drill_format_flags(s, want, sizeof(want)));
	if (s->seq != a->seq)
		return differs(v, "the sequence number is %u, not %u", a->seq, s->seq);
	if (s->len != a->len)
		return differs(v, "the payload has %u bytes, not %u", a->len, s->len);
	if (s->has_ack && s->ack != a->ack)
		return differs(v, "the acknowledgment is %u, not %u", a->ack, s->ack);
	if (s->has_win && s->win != a->win)
		return differs(v, "the window is %u, not %u", a->win, s->win);
	if (s->has_urg && s->urg != a->urg)
		return differs(v, "the urgent pointer is %u, not %u", a->urg, s->urg);
	return s->any_opts ? NULL : check_opts(s, a, how->ts_slack, v);
}

static const char *check_quote(const struct drill_quote *s, const struct drill_quote *a,
			       const struct verdict *v)
{
	if (s->given && (!a->given || s->proto != a->proto))
		return differs(v, "it quotes %s, not a %s packet",
			       !a->given ? "nothing" : a->proto == DRILL_TCP ? "TCP" : "UDP",
			       s->proto == DRILL_TCP ? "TCP" : "UDP");
	if (s->given && (s->len != a->len || (s->proto == DRILL_TCP && s->seq != a->seq)))
		return differs(v, "it quotes [%u:%u(%u)], not [%u:%u(%u)]", a->seq, a->end,
			       a->len, s->seq, s->end, s->len);
	return NULL;
}

static const char *check_icmp(const struct drill_icmp *s, const struct drill_icmp *a,
			      const struct verdict *v)
{
	if (s->type != a->type || s->code != a->code)
		return differs(v, "the ICMP type and code are %u and %u, not %u and %u",
			       a->type, a->code, s->type, s->code);
	if (s->has_mtu && s->mtu != a->mtu)
		return differs(v, "the MTU told is %u, not %u", a->mtu, s->mtu);
	if (s->has_id && s->id != a->id)
		return differs(v, "the id is %u, not %u", a->id, s->id);
	if (s->has_seq && s->seq != a->seq)
		return differs(v, "the sequence number is %u, not %u", a->seq, s->seq);
	return check_quote(&s->quote, &a->quote, v);
}

const char *drill_packet_differs(const struct drill_packet *script,
				 const struct drill_packet *actual,
				 const struct drill_compare *how, char *buf, size_t size)
{
	static const char *const names[] = {
		[DRILL_TCP] = "TCP", [DRILL_UDP] = "UDP", [DRILL_ICMP] = "ICMP",
	};
	const struct verdict v = { buf, size };
	const char *what;

	if (script->proto != actual->proto)
		return differs(&v, "it is %s, not %s", names[actual->proto],
			       names[script->proto]);
	what = check_ip(&script->ip, &actual->ip, &v);
	if (what)
		return what;
	switch (script->proto) {
	case DRILL_TCP:
		return check_tcp(&script->tcp, &actual->tcp, how, &v);
	case DRILL_UDP:
		if (script->udp.len != actual->udp.len)
			return differs(&v, "the payload has %u bytes, not %u",
				       actual->udp.len, script->udp.len);
		return NULL;
	case DRILL_ICMP:
		return check_icmp(&script->icmp, &actual->icmp, &v);
	}
	return NULL;
}

bool drill_packet_cut(const struct drill_packet *script, struct drill_packet *actual,
		      unsigned int mss, struct drill_packet *head)
{
	const struct drill_tcp *s = &script->tcp;
	struct drill_tcp *a = &actual->tcp;

	if (script->proto != DRILL_TCP || actual->proto != DRILL_TCP || !mss ||
	    s->seq != a->seq || !s->len || a->len <= s->len || s->len % mss ||
	    a->flags & DRILL_SYN)
		return false;
	*head = *actual;
	head->tcp.len = s->len;
	head->tcp.end = a->seq + s->len;
	/* as segmentation does it: the end is told by the last, CWR by the first */
	head->tcp.flags &= (uint16_t)~(DRILL_PSH | DRILL_FIN);
	a->seq += s->len;
	a->len -= s->len;
	a->flags &= (uint16_t)~DRILL_CWR;
	return true;
}
