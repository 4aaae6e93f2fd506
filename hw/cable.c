/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See hw/cable.h. One thread moves it: no locks.
 *
 * A frame's times are known when it is taken: when it starts on the wire, and
 * when it arrives. So a queue needs no events of its own: a frame waits as
 * long as its start lies in the future. All frames of a direction are in one
 * list by arrival; those that wait are in a second one by start, so that they
 * can be counted, and laid out anew when properties change.
 */
#include "hw/cable.h"
#include "hw/hw_drop.h"
#include "buf/iov_iter.h"

struct cable_frame {
	struct cable_frame *next;	/* by arrival */
	struct cable_frame *later;	/* by start, while it waits */
	ktime_t starts, arrives;
	bool overtakes;			/* has no delay */
	bool second;			/* of a double: takes no wire time */
	struct hw_frame f;
	u8 data[];
};

static struct cable_end *end_of(struct hw_link *l)
{
	return (struct cable_end *)l;
}

static ktime_t cable_now(const struct cable *c)
{
	return c->ops->now(c->arg);
}

static ktime_t add_time(ktime_t a, ktime_t b)
{
	ktime_t sum;

	return __builtin_add_overflow(a, b, &sum) ? KTIME_MAX : sum;
}

static void ask(struct cable_end *e, ktime_t when)
{
	if (e->asked <= when)
		return;
	e->asked = when;
	e->cable->ops->at(e->cable->arg, e->index, when);
}

/* --- the wire -------------------------------------------------------------------- */

static u64 octets(u64 len)
{
	return max(len, (u64)CABLE_MIN_FRAME) + CABLE_OVERHEAD;
}

static u64 wire_octets(const struct hw_frame *f)
{
	u32 payload, segments;

	if (likely(!f->gso_size || f->len <= f->hdr_len))
		return octets(f->len);
	payload = f->len - f->hdr_len;
	segments = DIV_ROUND_UP(payload, f->gso_size);
	return (segments - 1) * octets(f->hdr_len + (u32)f->gso_size) +
	       octets(f->hdr_len + payload - (segments - 1) * f->gso_size);
}

/* How long the frame occupies the sender's end. What is left of a nanosecond
 * is kept for the next, so that the rate is exact. */
static ktime_t frame_time(struct cable_dir *d, const struct hw_frame *f)
{
	u64 rate = d->params.rate_bps, n;

	if (!rate)
		return 0;
	n = wire_octets(f) * 8 * (u64)NSEC_PER_SEC + d->busy_rest;
	d->busy_rest = n % rate;
	return (ktime_t)(n / rate);
}

/* The frame's start; the wire is busy to its end. */
static ktime_t take_wire(struct cable_dir *d, ktime_t now,
			 const struct hw_frame *f)
{
	ktime_t start = max(now, d->busy_until);

	d->busy_until = add_time(start, frame_time(d, f));
	return start;
}

static ktime_t travel_time(struct cable_dir *d)
{
	const struct cable_params *p = &d->params;

	if (likely(!p->jitter))
		return p->delay;
	return max(p->delay - p->jitter +
		   (ktime_t)fault_random_below(&d->params.fault,
					       2 * (u64)p->jitter + 1), 0);
}

/* --- the frames of a direction ------------------------------------------------------ */

/* Forgets those that have started as waiting. */
static void count_waiting(struct cable_dir *d, ktime_t now)
{
	struct cable_frame *cf;

	while (unlikely(d->waiting) && d->waiting->starts <= now) {
		cf = d->waiting;
		d->waiting = cf->later;
		d->stats.queued -= !cf->second;
	}
}

static void put_waiting(struct cable_dir *d, struct cable_frame *cf)
{
	cf->later = NULL;
	if (d->waiting)
		d->last_waiting->later = cf;
	else
		d->waiting = cf;
	d->last_waiting = cf;
	d->stats.queued += !cf->second;
	d->stats.queued_max = max(d->stats.queued_max, d->stats.queued);
}

static void put_by_arrival(struct cable_dir *d, struct cable_frame *cf)
{
	struct cable_frame **at = d->tail;

	if (unlikely(cf->overtakes))
		for (at = &d->first; *at && (*at)->arrives <= cf->arrives;)
			at = &(*at)->next;
	cf->next = *at;
	*at = cf;
	if (at == d->tail)
		d->tail = &cf->next;
}

/* The frame leaves at `starts`, when the wire is busy to its end. */
static void launch(struct cable *c, u32 from, struct cable_frame *cf,
		   ktime_t starts, ktime_t now)
{
	struct cable_dir *d = &c->dir[from];

	cf->starts = starts;
	cf->arrives = d->busy_until;
	if (likely(!cf->overtakes)) {
		cf->arrives = max(add_time(cf->arrives, travel_time(d)),
				  d->last_arrival);
		d->last_arrival = cf->arrives;
	}
	put_by_arrival(d, cf);
	if (starts > now)
		put_waiting(d, cf);
	ask(&c->end[!from], d->first->arrives);
}

/* --- send ---------------------------------------------------------------------- */

/* True: the frame is lost. */
static bool lose(const struct hw_frame *f, u64 *counter,
		 enum skb_drop_reason why)
{
	(*counter)++;
	hw_drop(why, f->packet, f->len);
	return true;
}

static struct cable_frame *new_frame(struct cable *c, const struct hw_frame *f)
{
	struct cable_frame *cf = c->ops->alloc(c->arg, sizeof(*cf) + f->len);

	if (likely(cf)) {
		cf->f = *f;
		cf->f.flags &= (u16)~HW_FRAME_CSUM_GOOD;
		cf->overtakes = cf->second = false;
	}
	return cf;
}

static void free_frame(struct cable *c, struct cable_frame *cf)
{
	c->ops->free(c->arg, cf, sizeof(*cf) + cf->f.len);
}

static struct cable_frame *copy_frame(struct cable *c, const struct hw_frame *f,
				      const struct hw_vec *v, u32 n)
{
	struct cable_frame *cf = new_frame(c, f);
	u32 i, off = 0;

	if (unlikely(!cf))
		return NULL;
	for (i = 0; i < n; i++) {
		copy_bytes(cf->data + off, v[i].base, v[i].len, COPY_DMA_TX);
		off += v[i].len;
	}
	return cf;
}

static bool is_complete(const struct hw_frame *f)
{
	return !f->gso_size && !(f->flags & HW_FRAME_CSUM_PARTIAL);
}

static bool is_too_long(const struct cable_params *p, const struct hw_frame *f)
{
	u32 len = f->gso_size ? f->hdr_len + (u32)f->gso_size : f->len;

	return p->mtu && min(len, f->len) > p->mtu + CABLE_ETH_HLEN;
}

/* The frame that has the wire from `starts` on does not get through. */
static bool is_lost(struct cable_dir *d, const struct hw_frame *f, u32 verdict)
{
	struct cable_stats *st = &d->stats;

	if (unlikely(d->params.cut))
		return lose(f, &st->cut, SKB_DROP_REASON_IMPAIRMENT);
	if (unlikely(is_too_long(&d->params, f)))
		return lose(f, &st->too_long, SKB_DROP_REASON_PKT_TOO_BIG);
	if (likely(!verdict))
		return false;
	if (verdict & FAULT_LOSE)
		return lose(f, &st->lost, SKB_DROP_REASON_IMPAIRMENT);
	if (verdict & FAULT_CORRUPT && !is_complete(f))
		return lose(f, &st->corrupted, SKB_DROP_REASON_IMPAIRMENT);
	return false;
}

/* What the verdict does to a frame that arrives. Its double, or NULL. */
static struct cable_frame *apply(struct cable *c, struct cable_dir *d,
				 struct cable_frame *cf, u32 verdict)
{
	struct cable_frame *second = NULL;

	if (verdict & FAULT_REORDER) {
		cf->overtakes = true;
		d->stats.reordered++;
	}
	if (verdict & FAULT_DOUBLE)
		second = new_frame(c, &cf->f);
	if (second) {
		second->second = true;
		second->overtakes = cf->overtakes;
		copy_bytes(second->data, cf->data, cf->f.len, COPY_DMA_TX);
		d->stats.duplicated++;
	}
	if (verdict & FAULT_CORRUPT &&
	    fault_damage(&d->params.fault, cf->data, cf->f.len))
		d->stats.corrupted++;
	return second;
}

static void put_on(struct cable *c, u32 from, const struct hw_frame *f,
		  const struct hw_vec *v, u32 n)
{
	struct cable_dir *d = &c->dir[from];
	struct cable_frame *cf, *second = NULL;
	ktime_t now = cable_now(c), starts;
	u32 verdict = 0;

	if (unlikely(fault_any(&d->params.fault)))
		verdict = fault_judge(&d->params.fault);
	if (now < d->busy_until && d->stats.queued >= d->params.queue) {
		lose(f, &d->stats.queue_full, SKB_DROP_REASON_FIFO_FULL);
		return;
	}
	starts = take_wire(d, now, f);
	if (is_lost(d, f, verdict))
		return;
	cf = copy_frame(c, f, v, n);
	if (unlikely(!cf)) {
		lose(f, &d->stats.lost, SKB_DROP_REASON_NOMEM);
		return;
	}
	if (unlikely(verdict))
		second = apply(c, d, cf, verdict);
	launch(c, from, cf, starts, now);
	if (unlikely(second))
		launch(c, from, second, starts, now);
}

static int cable_xmit(struct hw_link *l, struct hw_frame *f,
		      const struct hw_vec *v, u32 n)
{
	struct cable_end *e = end_of(l);
	struct cable *c = e->cable;
	struct cable_dir *d = &c->dir[e->index];
	ktime_t now = cable_now(c);

	if (f->len < CABLE_ETH_HLEN || f->len > HW_MAX_FRAME)
		return -EINVAL;
	if (!is_complete(f) && !d->params.offload)
		return -EOPNOTSUPP;
	if (now < d->busy_until && !d->params.queue) {
		ask(e, d->busy_until);
		return -EAGAIN;
	}
	count_waiting(d, now);
	f->id = d->next_frame++;
	d->stats.frames++;
	d->stats.bytes += f->len;
	if (c->ops->tap)
		c->ops->tap(c->arg, e->index, f, v, n);
	put_on(c, e->index, f, v, n);
	return 0;
}

static void cable_tx_begin(struct hw_link *l)
{
}

static void cable_tx_end(struct hw_link *l)
{
}

/* --- receive ---------------------------------------------------------------------- */

static struct cable_dir *dir_to(const struct cable_end *e)
{
	return &e->cable->dir[!e->index];
}

static const u8 *cable_rx_peek(struct hw_link *l, struct hw_frame *f)
{
	struct cable_end *e = end_of(l);
	struct cable_frame *cf = dir_to(e)->first;

	if (!cf)
		return NULL;
	if (cf->arrives > cable_now(e->cable)) {
		ask(e, cf->arrives);
		return NULL;
	}
	*f = cf->f;
	return cf->data;
}

static void take_first(struct cable *c, struct cable_dir *d)
{
	struct cable_frame *cf = d->first;

	d->first = cf->next;
	if (!d->first)
		d->tail = &d->first;
	free_frame(c, cf);
}

static void cable_rx_next(struct hw_link *l)
{
	struct cable_end *e = end_of(l);
	struct cable_dir *d = dir_to(e);

	/* what has arrived must not be remembered as waiting */
	if (unlikely(d->waiting))
		count_waiting(d, cable_now(e->cable));
	d->stats.delivered++;
	take_first(e->cable, d);
}

static void cable_rx_end(struct hw_link *l)
{
}

bool cable_called(struct cable *c, u32 end)
{
	if (c->end[end].asked > cable_now(c))
		return false;
	c->end[end].asked = KTIME_MAX;
	return true;
}

u32 cable_overrun(struct cable *c, u32 end, u32 room)
{
	struct cable_dir *d = dir_to(&c->end[end]);
	struct cable_frame **at = &d->first, *cf;
	ktime_t now = cable_now(c);
	u64 bytes = 0;
	u32 lost = 0;

	if (likely(!*at))
		return 0;
	count_waiting(d, now);
	while ((cf = *at) && cf->arrives <= now) {
		bytes += cf->f.len;
		if (bytes <= room || at == &d->first) {
			at = &cf->next;
			continue;
		}
		bytes -= cf->f.len;
		*at = cf->next;
		lose(&cf->f, &d->stats.overrun, SKB_DROP_REASON_RX_NO_BUFFER);
		free_frame(c, cf);
		lost++;
	}
	if (cf)
		ask(&c->end[end], cf->arrives);
	else
		d->tail = at;
	return lost;
}

/* --- changes ------------------------------------------------------------------------ */

/* Takes the frames that wait out of the list by arrival. */
static void withdraw(struct cable_dir *d, ktime_t now)
{
	struct cable_frame **at = &d->first, *cf;

	d->last_arrival = 0;
	while ((cf = *at)) {
		if (cf->starts > now) {
			*at = cf->next;
			continue;
		}
		d->last_arrival = cf->arrives;
		at = &cf->next;
	}
	d->tail = at;
}

/* The frames that wait, as if they were put on the wire only now. */
static void lay_out_again(struct cable *c, u32 from, ktime_t now)
{
	struct cable_dir *d = &c->dir[from];
	struct cable_frame *cf = d->waiting, *later;
	ktime_t starts = cf->starts;

	withdraw(d, now);
	d->busy_until = starts;		/* the end of what is on the wire */
	d->waiting = NULL;
	d->stats.queued = 0;
	for (; cf; cf = later) {
		later = cf->later;
		if (!cf->second)
			starts = take_wire(d, now, &cf->f);
		if (is_lost(d, &cf->f, 0))
			free_frame(c, cf);
		else
			launch(c, from, cf, starts, now);
	}
}

void cable_set(struct cable *c, u32 from, const struct cable_params *params)
{
	struct cable_dir *d = &c->dir[from];
	ktime_t now = cable_now(c);

	if (params->rate_bps != d->params.rate_bps)
		d->busy_rest = 0;
	d->params = *params;
	count_waiting(d, now);
	if (d->waiting)
		lay_out_again(c, from, now);
}

void cable_stats(struct cable *c, u32 from, struct cable_stats *st)
{
	count_waiting(&c->dir[from], cable_now(c));
	*st = c->dir[from].stats;
}

/* --- nobody sleeps in virtual time ----------------------------------------------------- */

static bool cable_arm(struct hw_link *l, u32 events, u32 how)
{
	return true;
}

static void cable_disarm(struct hw_link *l)
{
}

static int cable_fd(struct hw_link *l)
{
	return -1;
}

static const struct hw_link_ops cable_link_ops = {
	.tx_begin = cable_tx_begin,
	.xmit = cable_xmit,
	.tx_end = cable_tx_end,
	.rx_peek = cable_rx_peek,
	.rx_next = cable_rx_next,
	.rx_end = cable_rx_end,
	.arm = cable_arm,
	.disarm = cable_disarm,
	.fd = cable_fd,
};

void cable_init(struct cable *c, const struct cable_params *params,
		const struct cable_ops *ops, void *arg, u64 first_id)
{
	u32 i;

	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->arg = arg;
	for (i = 0; i < 2; i++) {
		c->end[i].link.ops = &cable_link_ops;
		c->end[i].cable = c;
		c->end[i].index = i;
		c->end[i].asked = KTIME_MAX;
		c->dir[i].params = *params;
		c->dir[i].params.fault.seed = cable_seed(params->fault.seed, i);
		c->dir[i].tail = &c->dir[i].first;
		c->dir[i].next_frame = first_id + ((u64)i << 40);
	}
}

void cable_fini(struct cable *c)
{
	u32 i;

	for (i = 0; i < 2; i++)
		while (c->dir[i].first)
			take_first(c, &c->dir[i]);
}
