/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IP options: RFC 791 3.1, RFC 781 (timestamp), RFC 1122 3.2.1.8,
 * RFC 1812 4.2.2.1, RFC 2113 (router alert).
 *
 * ip_options_compile reads a received header and says where each option is;
 * it writes nothing. Our address and the time get into the packet when it is
 * passed on (ip_options_forward), sent (ip_options_build) or answered
 * (ip_options_echo).
 *
 * Offsets in struct ip_options count from the start of the IP header, so that
 * 0 means "not there". Pointers inside options (third octet) count from the
 * option's first octet and start with 1.
 */
#include "inet/ip.h"

#include "base/slab.h"
#include "inet/in_device.h"
#include "inet/ipv4_net.h"

#define OPT_BASE	sizeof(struct iphdr)

struct parse {
	struct ip_options *opt;
	const u8 *hdr;			/* IP header; options at OPT_BASE */
	u32 off;			/* of the present option */
	u32 fault;			/* offset of what is wrong */
	bool received;			/* from the wire */
};

/* RFC791 3.1, loose and strict source route: length, pointer, addresses. */
static bool parse_srr(struct parse *p, const u8 *o, u32 len)
{
	struct ip_options *opt = p->opt;

	p->fault = p->off;
	if (opt->srr)
		return false;		/* RFC1122 3.2.1.8 (c): at most one */
	p->fault = p->off + 1;
	if (len < 3)
		return false;
	p->fault = p->off + 2;
	if (o[2] < 4)
		return false;
	/* What we send starts with the first hop. */
	if (!p->received && (o[2] != 4 || len < 7 || (len - 3) & 3))
		return false;
	if (p->received && o[2] <= len && o[2] + 3u > len)
		return false;
	if (!p->received)
		memcpy(&opt->faddr, o + 3, 4);
	opt->is_strictroute = o[0] == IPOPT_SSRR;
	opt->srr = (u8)p->off;
	/* Used up: the packet has arrived. */
	opt->srr_is_hit = o[2] > len;
	return true;
}

static bool parse_rr(struct parse *p, const u8 *o, u32 len)
{
	p->fault = p->off;
	if (p->opt->rr)
		return false;
	p->fault = p->off + 1;
	if (len < 3)
		return false;
	p->fault = p->off + 2;
	if (o[2] < 4)
		return false;
	if (o[2] <= len) {
		if (o[2] + 3u > len)
			return false;
		p->opt->rr_needaddr = true;
	}
	p->opt->rr = (u8)p->off;
	return true;
}

/* Bytes of one entry by the flag; 0: flag unknown. */
static u32 ts_entry(u8 flags)
{
	switch (flags & 0xf) {
	case IPOPT_TS_TSONLY:
		return 4;
	case IPOPT_TS_TSANDADDR:
	case IPOPT_TS_PRESPEC:
		return 8;
	default:
		return 0;
	}
}

static bool parse_ts(struct parse *p, const u8 *o, u32 len)
{
	struct ip_options *opt = p->opt;
	u32 entry;

	p->fault = p->off;
	if (opt->ts)
		return false;
	p->fault = p->off + 1;
	if (len < 4)
		return false;
	p->fault = p->off + 2;
	if (o[2] < 5)
		return false;
	opt->ts = (u8)p->off;
	if (o[2] > len) {
		/* Full: only the overflow count can take note. RFC781: when
		 * that is full too, the packet is in error. */
		p->fault = p->off + 3;
		return o[3] >> 4 != 15;
	}
	p->fault = p->off + 3;
	entry = ts_entry(o[3]);
	if (!entry)
		return false;
	p->fault = p->off + 2;
	if (o[2] + entry - 1 > len)
		return false;
	opt->ts_needtime = true;
	opt->ts_needaddr = (o[3] & 0xf) != IPOPT_TS_TSONLY;
	return true;
}

static bool parse_ra(struct parse *p, const u8 *o, u32 len)
{
	p->fault = p->off + 1;
	if (len < 4)
		return false;
	if (!o[2] && !o[3])
		p->opt->router_alert = (u8)p->off;
	return true;
}

static bool parse_one(struct parse *p, const u8 *o, u32 len)
{
	switch (o[0]) {
	case IPOPT_SSRR:
	case IPOPT_LSRR:
		return parse_srr(p, o, len);
	case IPOPT_RR:
		return parse_rr(p, o, len);
	case IPOPT_TIMESTAMP:
		return parse_ts(p, o, len);
	case IPOPT_RA:
		return parse_ra(p, o, len);
	default:
		return true;		/* RFC1122 3.2.1.8: ignore */
	}
}

/* Over len bytes of options at hdr + OPT_BASE. 0 or -EINVAL, p->fault. */
static int parse_all(struct parse *p, u32 len)
{
	u32 end = OPT_BASE + len;

	p->off = OPT_BASE;
	while (p->off < end) {
		const u8 *o = p->hdr + p->off;

		if (o[0] == IPOPT_END)
			return 0;
		if (o[0] == IPOPT_NOOP) {
			p->off++;
			continue;
		}
		p->fault = p->off;
		if (end - p->off < 2)
			return -EINVAL;
		p->fault = p->off + 1;
		if (o[1] < 2 || o[1] > end - p->off)
			return -EINVAL;
		if (!parse_one(p, o, o[1]))
			return -EINVAL;
		p->off += o[1];
	}
	return 0;
}

int ip_options_compile(struct net *net, struct ip_options *opt,
		       struct sk_buff *skb, u8 *where)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 len = iph_len(iph) - OPT_BASE;
	struct parse p = { .opt = opt, .hdr = (const u8 *)iph,
			   .received = true };

	memset(opt, 0, offsetof(struct ip_options, data));
	if (parse_all(&p, len)) {
		*where = (u8)p.fault;
		return -EINVAL;
	}
	opt->optlen = (u8)len;
	return 0;
}

struct ip_options *ip_options_get(struct net *net, const u8 *data, u32 len)
{
	u8 hdr[IP_HLEN_MAX] = { 0 };
	struct ip_options *opt;
	struct parse p;

	if (len > MAX_IPOPTLEN)
		return ERR_PTR(-EINVAL);
	opt = kzalloc(sizeof(*opt));
	if (!opt)
		return ERR_PTR(-ENOMEM);
	memcpy(hdr + OPT_BASE, data, len);
	len = ALIGN_UP(len, 4u);	/* padded with IPOPT_END */
	p = (struct parse){ .opt = opt, .hdr = hdr };
	if (parse_all(&p, len)) {
		kfree(opt);
		return ERR_PTR(-EINVAL);
	}
	opt->optlen = (u8)len;
	memcpy(opt->data, hdr + OPT_BASE, len);
	return opt;
}

/* --- recording --------------------------------------------------------------------- */

/* RFC1122 3.2.2.8: milliseconds since midnight UT. */
static u32 ts_now(void)
{
	ktime_t now = ktime_get_real();

	return (u32)(now / NSEC_PER_MSEC % (24 * 3600 * 1000));
}

static void record_rr(u8 *o, __be32 addr)
{
	if (o[2] + 3u > o[1])
		return;
	memcpy(o + o[2] - 1, &addr, 4);
	o[2] = (u8)(o[2] + 4);
}

static void record_ts(struct net *net, u8 *o, __be32 addr)
{
	u32 entry = ts_entry(o[3]);
	u8 *slot = o + o[2] - 1;

	if (o[2] > o[1]) {
		if (o[3] >> 4 != 15)
			o[3] = (u8)(o[3] + 0x10);
		return;
	}
	if (!entry || o[2] + entry - 1 > o[1])
		return;
	if ((o[3] & 0xf) == IPOPT_TS_PRESPEC) {
		__be32 want;

		memcpy(&want, slot, 4);
		if (!inet_lookup_ifaddr(net, want))
			return;		/* for somebody farther on */
	} else if (entry == 8) {
		memcpy(slot, &addr, 4);
	}
	put_unaligned_be32(ts_now(), slot + entry - 4);
	o[2] = (u8)(o[2] + entry);
}

/* Our entries in a header whose options were parsed. */
static void record(struct net *net, u8 *hdr, u8 rr, u8 ts, __be32 addr)
{
	if (rr)
		record_rr(hdr + rr, addr);
	if (ts)
		record_ts(net, hdr + ts, addr);
}

void ip_options_forward(struct net *net, struct sk_buff *skb)
{
	struct inet_skb_parm *cb = IPCB(skb);
	struct iphdr *iph = ip_hdr(skb);

	record(net, (u8 *)iph, cb->opt.rr, cb->opt.ts,
	       inet_select_addr(skb->dst->dev, 0));
	ip_send_check(iph);
}

/* RFC791: the first hop is the destination, the others move up, the last
 * entry is where it is meant for. */
static void build_srr(struct iphdr *iph, u8 *o, __be32 faddr, __be32 daddr)
{
	memmove(o + 3, o + 7, o[1] - 7u);
	memcpy(o + o[1] - 4, &daddr, 4);
	iph->daddr = faddr;
}

void ip_options_build(struct net *net, struct iphdr *iph,
		      const struct ip_options *opt, __be32 daddr,
		      __be32 our_addr)
{
	u8 *hdr = (u8 *)iph;

	memcpy(hdr + OPT_BASE, opt->data, opt->optlen);
	if (opt->srr)
		build_srr(iph, hdr + opt->srr, opt->faddr, daddr);
	record(net, hdr, opt->rr_needaddr ? opt->rr : 0,
	       opt->ts_needtime ? opt->ts : 0, our_addr);
}

void ip_options_fragment(struct iphdr *iph)
{
	u8 *o = (u8 *)(iph + 1), *end = (u8 *)iph + iph_len(iph);

	while (o < end && *o != IPOPT_END) {
		u8 len = 1;

		if (*o != IPOPT_NOOP) {
			if (end - o < 2 || o[1] < 2 || o[1] > end - o)
				return;
			len = o[1];
			if (!IPOPT_COPIED(*o))
				memset(o, IPOPT_NOOP, len);
		}
		o += len;
	}
}

/* --- answering ------------------------------------------------------------------------- */

/* RFC1122 3.2.2.6, 4.1.3.2: the recorded route, walked backwards. The last
 * hop that it went through is our first. 0: nothing to reverse. */
static u32 echo_srr(u8 *to, const u8 *o)
{
	u32 used = o[2] > o[1] ? o[1] + 1u : o[2], hops = (used - 4) / 4;

	if (hops == 0)
		return 0;
	to[0] = o[0];
	to[1] = (u8)(3 + hops * 4);
	to[2] = 4;
	/* In front the first hop, as a program would give it; the source is
	 * added when the header is built. */
	for (u32 i = 0; i < hops; i++)
		memcpy(to + 3 + i * 4, o + 3 + (hops - 1 - i) * 4, 4);
	return to[1];
}

/* Appends one option of the received header. */
static void echo_copy(struct ip_options *to, const u8 *o)
{
	memcpy(to->data + to->optlen, o, o[1]);
	to->optlen = (u8)(to->optlen + o[1]);
}

/* Reads the header itself: skb->cb may be somebody else's by now. */
int ip_options_echo(struct net *net, struct ip_options *to,
		    struct sk_buff *skb)
{
	const u8 *hdr = skb_network_header(skb);
	struct parse p = { .opt = to };
	u8 buf[IP_HLEN_MAX] = { 0 }, where;
	struct ip_options from;
	u32 len;

	memset(to, 0, sizeof(*to));
	if (likely(ip_hdrlen(skb) <= OPT_BASE))
		return 0;
	if (ip_options_compile(net, &from, skb, &where))
		return -EINVAL;
	if (from.rr)
		echo_copy(to, hdr + from.rr);
	if (from.ts)
		echo_copy(to, hdr + from.ts);
	if (from.srr) {
		len = echo_srr(to->data + to->optlen, hdr + from.srr);
		to->optlen = (u8)(to->optlen + len);
	}
	to->optlen = (u8)ALIGN_UP((u32)to->optlen, 4u);
	/* Read it as if a program had given it: sets what is to be recorded. */
	memcpy(buf + OPT_BASE, to->data, to->optlen);
	len = to->optlen;
	p.hdr = buf;
	if (!parse_all(&p, len))
		return 0;
	to->optlen = 0;
	return -EINVAL;
}
