/* SPDX-License-Identifier: BSD-2-Clause */
/* See peer.h. */
#include "tests/support/peer.h"

#include <fnmatch.h>
#include <stdio.h>

#include "tests/support/pair.h"

#define LINE	400

/* --- frames in and out ------------------------------------------------------------- */

void peer_init(struct peer *p, struct world *w, struct hw_link *link)
{
	memset(p, 0, sizeof(*p));
	p->w = w;
	p->link = link;
	memcpy(p->mac, "\x02\0\0\0\0\x02", 6);
	p->addr = HOST_B;
	p->next_id = 1;
	p->since = world_now(w);
}

void peer_fini(struct peer *p)
{
	peer_forget(p);
	free(p->last_frame);
	p->last_frame = NULL;
}

static void xmit(struct peer *p, const u8 *frame, u32 len)
{
	struct hw_frame f = { .len = max(len, 14u) };
	struct hw_vec v = { frame, len };
	struct segment s;
	int ret;

	/* larger than a frame: as a card that cuts and joins hands it on */
	if (p->w->params.offload && len > ETH_HLEN + 1500 &&
	    segment_parse(&s, frame, len) && s.protocol == IPPROTO_TCP) {
		f.gso_type = HW_GSO_TCPV4;
		f.hdr_len = (u16)(len - s.len);
		f.gso_size = (u16)(1500 - (f.hdr_len - ETH_HLEN));
	}
	p->link->ops->tx_begin(p->link);
	ret = p->link->ops->xmit(p->link, &f, &v, 1);
	p->link->ops->tx_end(p->link);
	assert_int_equal(ret, 0);
}

static void answer_arp(struct peer *p, const u8 *frame, u32 len)
{
	u8 reply[42];

	if (len < 42 || get_unaligned_be16(frame + 20) != ARPOP_REQUEST)
		return;
	p->arp_requests++;
	if (p->deaf_to_arp || get_unaligned_be32(frame + 38) == HOST_A)
		return;
	memcpy(reply, frame, 42);
	memcpy(reply, frame + 6, 6);
	memcpy(reply + 6, p->mac, 6);
	put_unaligned_be16(ARPOP_REPLY, reply + 20);
	memcpy(reply + 22, p->mac, 6);
	memcpy(reply + 28, frame + 38, 4);
	memcpy(reply + 32, frame + 22, 10);
	xmit(p, reply, sizeof(reply));
}

/* On a link with offload the card left the checksum to whoever needs it. */
static void finish_checksum(u8 *bytes, const struct hw_frame *hf)
{
	__sum16 sum;

	if (!(hf->flags & HW_FRAME_CSUM_PARTIAL))
		return;
	sum = csum_fold(csum_partial(bytes + hf->csum_start,
				     hf->len - hf->csum_start, 0));
	memcpy(bytes + hf->csum_start + hf->csum_offset, &sum, 2);
}

static void keep(struct peer *p, const u8 *frame, const struct hw_frame *hf)
{
	u32 len = hf->len;
	struct peer_frame *f;

	if (p->count == PEER_FRAMES)
		fail_msg("the peer was sent %u frames that nobody asked for",
			 PEER_FRAMES);
	f = &p->queue[(p->first + p->count++) % PEER_FRAMES];
	f->when = world_now(p->w);
	f->len = len;
	f->bytes = malloc(len);
	memcpy(f->bytes, frame, len);
	finish_checksum(f->bytes, hf);
}

void peer_step(struct peer *p)
{
	struct hw_frame f;
	const u8 *frame;

	while ((frame = p->link->ops->rx_peek(p->link, &f))) {
		if (f.len >= ETH_HLEN &&
		    get_unaligned_be16(frame + 12) == ETH_P_ARP)
			answer_arp(p, frame, f.len);
		else
			keep(p, frame, &f);
		p->link->ops->rx_next(p->link);
	}
	p->link->ops->rx_end(p->link);
}

static void take_first(struct peer *p)
{
	struct peer_frame *f = &p->queue[p->first];

	free(p->last_frame);
	p->last_frame = f->bytes;
	p->last_len = f->len;
	p->last_when = f->when;
	p->first = (p->first + 1) % PEER_FRAMES;
	p->count--;
	if (!segment_parse(&p->last, p->last_frame, p->last_len) &&
	    !p->forwarding)
		fail_msg("the stack sent a frame that makes no sense");
	if ((!p->last.ip_ok || !p->last.csum_ok) &&
	    (!p->forwarding || p->last.saddr == HOST_A))
		fail_msg("the stack sent a wrong checksum");
}

static bool something_heard(void *arg)
{
	struct peer *p = arg;

	return p->count;
}

bool peer_next(struct peer *p, ktime_t limit)
{
	if (!world_until(p->w, limit, something_heard, p))
		return false;
	take_first(p);
	return true;
}

void peer_quiet(struct peer *p, ktime_t ns)
{
	char text[LINE];

	p->since = world_now(p->w);
	if (!peer_next(p, ns)) {
		p->since = world_now(p->w);
		return;
	}
	frame_text(p->last_frame, p->last_len, text, sizeof(text));
	fail_msg("silence was expected for %.3f ms, after %.3f ms came\n  %s",
		 (double)ns / MSEC, (double)(p->last_when - p->since) / MSEC,
		 text);
}

void peer_forget(struct peer *p)
{
	for (; p->count; p->count--) {
		free(p->queue[p->first].bytes);
		p->first = (p->first + 1) % PEER_FRAMES;
	}
}

void peer_send_bytes(struct peer *p, const u8 *frame, u32 len)
{
	xmit(p, frame, len);
	if (!p->next.quiet)
		world_pass(p->w, p->w->cable.dir[1].params.delay);
	memset(&p->next, 0, sizeof(p->next));
	p->since = world_now(p->w);
}

void peer_send(struct peer *p, struct segment *s)
{
	static u8 frame[HW_MAX_FRAME];
	u32 len;

	memcpy(s->src_mac, p->mac, 6);
	if (is_zero_ether_addr(s->dst_mac))
		memcpy(s->dst_mac, p->w->a.dev->dev_addr, 6);
	s->ether_type = ETH_P_IP;
	s->saddr = s->saddr ? s->saddr : p->addr;
	s->daddr = s->daddr ? s->daddr : HOST_A;
	s->id = s->id ? s->id : p->next_id++;
	s->ttl = p->next.ttl ? p->next.ttl : 64;
	s->tos = p->next.tos;
	if (p->next.frag_off)
		s->frag_off = p->next.frag_off;
	len = segment_build(s, frame, sizeof(frame));
	if (p->next.bad_ip_csum)
		frame[ETH_HLEN + 10] ^= 1;
	if (p->next.bad_csum)
		frame[len - 1] ^= 1;
	peer_send_bytes(p, frame, len);
}

/* --- TCP ------------------------------------------------------------------------------- */

void talk_init(struct talk *t, struct peer *p, u16 port, u16 stack_port)
{
	*t = (struct talk){ .p = p, .addr = p->addr, .port = port,
			    .stack_port = stack_port, .isn = PEER_ISN,
			    .heard = &p->last };
}

void say(struct talk *t, const char *fmt, ...)
{
	static u8 payload[65536];
	struct segment_line l;
	char line[LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	segment_line_parse(&l, line);
	l.s.protocol = IPPROTO_TCP;
	l.s.saddr = t->addr;
	l.s.sport = t->port;
	l.s.dport = t->stack_port;
	stream_fill(payload, l.s.len, t->port, l.s.seq - 1);
	l.s.data = payload;
	l.s.seq += t->isn;
	if (l.s.flags & TCPHDR_ACK)
		l.s.ack += t->stack_isn;
	l.s.optlen = segment_opts_build(l.s.raw_opts, l.opts, t->stack_isn);
	peer_send(t->p, &l.s);
}

static bool is_of(const struct talk *t, const struct segment *s)
{
	return s->protocol == IPPROTO_TCP && s->dport == t->port &&
	       (!t->stack_port || s->sport == t->stack_port);
}

static void learn(struct talk *t, const struct segment *s)
{
	if (!(s->flags & TCPHDR_SYN) || t->stack_isn_known)
		return;
	t->stack_isn = s->seq;
	t->stack_isn_known = true;
	t->stack_port = s->sport;
}

static bool matches(const struct talk *t, const struct segment_line *l)
{
	const struct segment *s = &t->p->last;
	u8 care = l->s.flags & TCPHDR_PSH ? 0xff : 0xff & ~TCPHDR_PSH;
	char opts[SEGMENT_OPTS];

	if (!is_of(t, s) || (s->flags & care) != l->s.flags ||
	    s->ae != l->s.ae)
		return false;
	if (s->seq - t->stack_isn != l->s.seq || s->len != l->s.len)
		return false;
	if (l->has & SEG_HAS_ACK && s->ack - t->isn != l->s.ack)
		return false;
	if (l->has & SEG_HAS_WIN && s->win != l->s.win)
		return false;
	if (l->has & SEG_HAS_URG && s->urg != l->s.urg)
		return false;
	if (!(l->has & SEG_HAS_OPTS))
		return true;
	segment_opts_text(s, t->isn, opts, sizeof(opts));
	return !fnmatch(l->opts, opts, 0);
}

static void vhear(struct talk *t, ktime_t from, ktime_t to, const char *fmt,
		  va_list ap)
{
	struct peer *p = t->p;
	char line[LINE], got[LINE];
	struct segment_line l;
	double after;

	vsnprintf(line, sizeof(line), fmt, ap);
	segment_line_parse(&l, line);
	if (!peer_next(p, to - (world_now(p->w) - p->since) + 1))
		fail_msg("nothing came within %.3f ms, expected\n  %s",
			 (double)to / MSEC, line);
	after = (double)(p->last_when - p->since) / MSEC;
	learn(t, &p->last);
	if (p->last.protocol == IPPROTO_TCP)
		segment_tcp_text(&p->last, t->stack_isn, t->isn, got,
				 sizeof(got));
	else
		frame_text(p->last_frame, p->last_len, got, sizeof(got));
	if (!matches(t, &l))
		fail_msg("expected\n  %s\ncame after %.3f ms\n  %s", line, after,
			 got);
	/* what came while something was said came "at once" */
	if ((from && p->last_when - p->since < from) ||
	    p->last_when - p->since > to)
		fail_msg("\n  %s\ncame after %.3f ms, expected between %.3f and "
			 "%.3f", got, after, (double)from / MSEC,
			 (double)to / MSEC);
	p->since = p->last_when;
}

void hear(struct talk *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vhear(t, 0, HEAR_NOW, fmt, ap);
	va_end(ap);
}

void hear_in(struct talk *t, ktime_t from, ktime_t to, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vhear(t, from, to, fmt, ap);
	va_end(ap);
}

void talk_open(struct talk *t, u32 win, const char *opts)
{
	say(t, "S 0:0(0) win %u <%s>", min(win, 65535u),
	    opts ? opts : "mss 1460");
	hear(t, "S. 0:0(0) ack 1");
	say(t, ". 1:1(0) ack 1 win %u", win);
}

int talk_accept(struct talk *t, u32 win, const char *opts)
{
	struct host *a = &t->p->w->a;
	int fd = host_socket(a, SOCK_STREAM | SOCK_NONBLOCK);
	int err = host_connect(a, fd, t->addr, t->port);

	if (err != -EINPROGRESS)
		fail_msg("connect: %s", strerror(-err));
	hear(t, "S 0:0(0)");
	say(t, "S. 0:0(0) ack 1 win %u <%s>", win, opts ? opts : "mss 1460");
	hear(t, ". 1:1(0) ack 1");
	assert_int_equal(host_tcp_state(a, fd), TCP_ESTABLISHED);
	return fd;
}

int talk_serve(struct talk *t, struct peer *p, u16 port, u32 win,
	       const char *opts)
{
	struct host *a = &p->w->a;
	int lfd = host_listen(a, port, 16), fd;

	talk_init(t, p, 40000, port);
	talk_open(t, win, opts);
	fd = sys_accept4(a->net, lfd, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0)
		fail_msg("accept: %s", strerror(-fd));
	assert_int_equal(host_close(a, lfd), 0);
	return fd;
}

/* --- datagrams and messages ------------------------------------------------------------ */

void say_udp(struct peer *p, u16 from, u16 to, const void *data, u32 len)
{
	struct segment s = { .protocol = IPPROTO_UDP, .sport = from,
			     .dport = to, .data = data, .len = len };

	peer_send(p, &s);
}

static void next_now(struct peer *p, const char *what)
{
	if (!peer_next(p, HEAR_NOW))
		fail_msg("nothing came, expected %s", what);
	p->since = p->last_when;
}

void hear_udp(struct peer *p, u16 from, u16 to, u32 len)
{
	char text[LINE];

	next_now(p, "a datagram");
	frame_text(p->last_frame, p->last_len, text, sizeof(text));
	if (p->last.protocol != IPPROTO_UDP || p->last.dport != to ||
	    (from && p->last.sport != from) || p->last.len != len)
		fail_msg("expected udp %u>%u (%u), came\n  %s", from, to, len,
			 text);
}

void say_icmp_error(struct peer *p, u8 type, u8 code, u32 info)
{
	struct segment s = { .protocol = IPPROTO_ICMP, .type = type,
			     .code = code, .info = info };
	u8 quoted[576];

	s.len = min(p->last_len - ETH_HLEN, 28u + 20u);
	memcpy(quoted, p->last_frame + ETH_HLEN, s.len);
	s.data = quoted;
	peer_send(p, &s);
}

void hear_icmp(struct peer *p, u8 type, u8 code)
{
	char text[LINE];

	next_now(p, "an ICMP message");
	frame_text(p->last_frame, p->last_len, text, sizeof(text));
	if (p->last.protocol != IPPROTO_ICMP || p->last.type != type ||
	    p->last.code != code)
		fail_msg("expected ICMP type %u code %u, came\n  %s", type, code,
			 text);
}
