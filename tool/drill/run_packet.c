/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines `<`: a packet goes to the stack. Lines `>`: one must come from it. */
#include "format.h"
#include "run.h"
#include "symbols.h"

#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>

/* How long after its time a packet is still waited for, to tell how late. */
#define LATE_NS		(70 * 1000000000LL)
#define DEFAULT_MSS	536

/* ------------------------------------------------------------ to the stack */

static void note_inbound(struct run *r, struct live_conn *c, const struct drill_packet *script)
{
	struct run_seen s = {
		.in = true, .conn = c, .w = { .when = run_now(r), .p = *script },
	};

	run_note_seen(r, &s);
}

int run_inbound(struct run *r, const struct drill_event *ev)
{
	uint8_t bytes[DRILL_PACKET_ROOM];
	struct drill_packet live;
	struct drill_path path;
	struct live_conn *c;
	const char *why = "";
	long len;
	int ret;

	if (live_inbound(&r->live, ev->packet, &live, &path, &c))
		return run_fail(r, ev, "out of memory");
	len = drill_packet_build(&live, &path, bytes, sizeof(bytes), &why);
	if (len < 0)
		return run_fail(r, ev, "this packet cannot be made: %s", why);
	note_inbound(r, c, ev->packet);
	ret = weir_sim_port_input(r->port, bytes, (size_t)len);
	if (ret)
		return run_fail(r, ev, "the device does not take this packet: %s",
				strerror(-ret));
	return 0;
}

/* ----------------------------------------------------------- what is shown */

/* Of the IP header only what tells something is shown. */
static char *show(const struct drill_packet *p, unsigned int wanted, char *buf, size_t size)
{
	struct drill_packet q = *p;

	q.ip.given &= wanted | (q.ip.ecn ? DRILL_IP_ECN : 0U);
	return drill_format_packet(&q, buf, size);
}

static void tell_packet(struct run *r, const struct run_seen *s)
{
	char text[DRILL_FORMAT_SIZE];
	struct drill_packet p;

	live_to_script(&r->live, s->conn, &s->w.p, &p);
	run_tell(r, "  %.6f %s%s", (double)(s->w.when - r->start) / 1e9,
		 show(s->in ? &s->w.p : &p, 0, text, sizeof(text)),
		 s->ignored ? "   (of another connection)" : "");
}

void run_tell_seen(struct run *r)
{
	unsigned int i = r->nr_seen > RUN_SEEN ? r->nr_seen - RUN_SEEN : 0;

	if (r->cfg.show_packets)
		return;
	if (i < r->nr_seen)
		run_tell(r, "the last packets:");
	for (; i < r->nr_seen; i++)
		tell_packet(r, &r->seen[i % RUN_SEEN]);
	run_tell_stages(r);
}

void run_note_seen(struct run *r, const struct run_seen *s)
{
	r->seen[r->nr_seen++ % RUN_SEEN] = *s;
	if (r->cfg.show_packets)
		tell_packet(r, s);
}

/* ---------------------------------------------------------- from the stack */

/* What the device would cut a large packet of the connection at. */
static unsigned int segment_size(struct run *r, const struct live_conn *c,
				 const struct drill_packet *p)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	unsigned int mss = c && c->mss ? c->mss : DEFAULT_MSS;
	int opts = drill_opts_size(&p->tcp);
	bool host;

	if (c && c->fd >= 0 &&
	    !weir_getsockopt(r->host, run_fd_live(r, c->fd, &host), IPPROTO_TCP, TCP_INFO,
			     &info, &len) && info.tcpi_snd_mss)
		return info.tcpi_snd_mss;
	if (mss > r->cfg.mtu - 40)
		mss = r->cfg.mtu - 40;
	return opts > 0 ? mss - ((unsigned int)opts + 3) / 4 * 4 : mss;
}

/* The next packet of the connection, waiting for it up to `until`. NULL: none
 * came, or the run has failed. */
static struct run_queued *await(struct run *r, const struct live_conn *c, int64_t until)
{
	struct run_queued *q;
	int64_t next, now;
	unsigned int idle = 0;

	for (;;) {
		q = run_dequeue(r, c);
		if (q)
			return q;
		now = run_now(r);
		next = weir_sim_next_event(r->sim);
		if (now >= until && next > now)
			return NULL;
		idle = next > now ? 0 : idle + 1;
		if (idle > 1000) {
			run_fail(r, r->event, "the stack has something to do again and again "
				 "and time does not move");
			return NULL;
		}
		if (run_until(r, next < until ? next : until))
			return NULL;
	}
}

struct outbound {
	struct run *r;
	const struct drill_event *ev;
	struct drill_packet script;	/* of the line, with ICMP names resolved */
	struct run_queued *q;		/* that was taken last */
	struct drill_packet actual;	/* all that were taken, as one */
	int64_t first, last;		/* when they came */
	int64_t until;			/* as long is waited for another */
};

static void tell_both(struct outbound *o)
{
	char text[DRILL_FORMAT_SIZE];

	run_tell(o->r, "expected: %s", drill_format_packet(&o->script, text, sizeof(text)));
	run_tell(o->r, "  actual: %s   at %.6f s",
		 show(&o->actual, o->script.ip.given, text, sizeof(text)),
		 (double)(o->last - o->r->start) / 1e9);
}

static int no_packet(struct run *r, const struct drill_event *ev, int64_t to)
{
	if (r->failed)
		return -1;
	run_fail(r, ev, "no packet comes");
	if (to != INT64_MAX)
		run_tell(r, "expected: at %.6f s", (double)(to - r->start) / 1e9);
	run_tell(r, "  actual: none until %.6f s", (double)(run_now(r) - r->start) / 1e9);
	run_tell_seen(r);
	return -1;
}

/* What of a packet lies behind the line's end is the next to come. */
static void put_back(struct outbound *o, const struct drill_packet *rest)
{
	struct drill_tcp *t = &o->q->w.p.tcp;
	uint32_t gone = t->len - rest->tcp.len;

	t->seq += gone;
	t->end = t->seq + rest->tcp.len;
	t->len -= gone;
	t->flags = rest->tcp.flags;
	run_requeue(o->r, o->q);
	o->q = NULL;
}

/* The packet o->q in the script's numbers; no more of it than the line still
 * wants, when it may be cut there. */
static void take(struct outbound *o, uint32_t got, struct drill_packet *piece)
{
	struct run *r = o->r;
	struct drill_packet want = o->script, rest;

	o->last = o->q->w.when;
	live_pair(&r->live, o->q->conn, &o->script, &o->q->w.p);
	live_to_script(&r->live, o->q->conn, &o->q->w.p, piece);
	want.tcp.seq += got;
	want.tcp.len -= got;
	rest = *piece;
	if (!r->cfg.strict_segments &&
	    drill_packet_cut(&want, &rest, segment_size(r, o->q->conn, piece), piece))
		put_back(o, &rest);
}

/* The line has more bytes than came, and this one continues them. */
static bool continues(const struct outbound *o, const struct drill_packet *piece)
{
	const struct drill_tcp *a = &o->actual.tcp, *p = &piece->tcp;

	return p->seq == a->end && p->len && p->ack == a->ack && !(p->flags & DRILL_SYN) &&
	       a->len + p->len <= o->script.tcp.len;
}

/* Several as one: what the first says, and the flags of both, but that only the
 * last pushes. */
static void append(struct outbound *o, const struct drill_packet *piece)
{
	struct drill_tcp *a = &o->actual.tcp;

	a->len += piece->tcp.len;
	a->end += piece->tcp.len;
	a->flags = (uint16_t)((a->flags & ~DRILL_PSH) | piece->tcp.flags);
}

/*
 * How large the packets are that a sender gives to its device depends on its
 * pace, which scripts do not mean to tell: unless segments are to be strict,
 * a line of many bytes may come in several packets.
 */
static int gather(struct outbound *o)
{
	const struct live_conn *c = o->q->conn;
	struct drill_packet piece;

	take(o, 0, &o->actual);
	o->first = o->last;
	while (!o->r->cfg.strict_segments && o->script.proto == DRILL_TCP &&
	       o->actual.proto == DRILL_TCP && o->actual.tcp.seq == o->script.tcp.seq &&
	       o->actual.tcp.len && o->actual.tcp.len < o->script.tcp.len) {
		free(o->q);
		o->q = await(o->r, c, o->until);
		if (!o->q)
			return o->r->failed ? -1 : 0;
		take(o, o->actual.tcp.len, &piece);
		if (!continues(o, &piece))
			return 0;
		append(o, &piece);
	}
	return 0;
}

static int compare(struct outbound *o)
{
	struct run *r = o->r;
	struct drill_compare how = { -1 };
	char buf[256];
	const char *what;

	if (r->cfg.ts_tick_usecs)
		how.ts_slack = r->cfg.tolerance_ns / 1000 / r->cfg.ts_tick_usecs;
	what = drill_packet_differs(&o->script, &o->actual, &how, buf, sizeof(buf));
	if (what)
		return run_fail(r, o->ev, "%s", what);
	if (o->q && o->q->w.bad_checksum)
		return run_fail(r, o->ev, "its checksum is wrong");
	return run_check_time(r, o->ev, o->first, "the packet") ? -1 :
	       run_check_time(r, o->ev, o->last, "the last part of the packet");
}

static int check(struct outbound *o)
{
	int ret = gather(o);

	if (!ret) {
		ret = compare(o);
		if (ret) {
			tell_both(o);
			run_tell_seen(o->r);
		}
	}
	free(o->q);
	return ret;
}

int run_outbound(struct run *r, const struct drill_event *ev)
{
	struct outbound o = { .r = r, .ev = ev, .script = *ev->packet };
	const char *bad;
	int64_t from, to;

	if (o.script.proto == DRILL_ICMP &&
	    !drill_icmp_resolve(&o.script.icmp, false, &o.script.icmp.type, &o.script.icmp.code,
				&bad))
		return run_fail(r, ev, "ICMP has no '%s'", bad);
	run_event_time(r, ev, &from, &to);
	o.until = to == INT64_MAX ? r->last + LATE_NS : to + run_tolerance(r, to - r->last);
	o.q = await(r, live_expected(&r->live, ev->packet), o.until + LATE_NS);
	return o.q ? check(&o) : no_packet(r, ev, to);
}
