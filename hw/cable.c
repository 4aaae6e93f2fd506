/* SPDX-License-Identifier: BSD-2-Clause */
/* See hw/cable.h. One thread moves it: no locks. */
#include "hw/cable.h"
#include "hw/hw_drop.h"
#include "buf/iov_iter.h"

struct cable_frame {
	struct cable_frame *next;
	ktime_t arrives;
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

/* How long the frame occupies the sender's end. */
static ktime_t frame_time(const struct cable *c, u32 len)
{
	u64 bits = (u64)(max(len, CABLE_MIN_FRAME) + CABLE_OVERHEAD) * 8;

	if (!c->params.rate_bps)
		return 0;
	return (ktime_t)(bits * (u64)NSEC_PER_SEC / c->params.rate_bps);
}

/* --- send ---------------------------------------------------------------------- */

static bool occupied(struct cable_end *e, ktime_t now)
{
	if (now >= e->busy_until)
		return false;
	if (!e->wake_due) {
		e->wake_due = true;
		e->cable->ops->at(e->cable->arg, e->index, e->busy_until);
	}
	return true;
}

static void put_in(struct cable_end *to, struct cable_frame *cf)
{
	cf->next = NULL;
	*to->tail = cf;
	to->tail = &cf->next;
	to->queued++;
	to->cable->ops->at(to->cable->arg, to->index, cf->arrives);
}

static struct cable_frame *copy_frame(struct cable *c, const struct hw_frame *f,
				      const struct hw_vec *v, u32 n)
{
	struct cable_frame *cf = c->ops->alloc(c->arg, sizeof(*cf) + f->len);
	u32 i, off = 0;

	if (!cf)
		return NULL;
	cf->f = *f;
	for (i = 0; i < n; i++) {
		copy_bytes(cf->data + off, v[i].base, v[i].len, COPY_DMA_TX);
		off += v[i].len;
	}
	return cf;
}

static int cable_xmit(struct hw_link *l, struct hw_frame *f,
		      const struct hw_vec *v, u32 n)
{
	struct cable_end *e = end_of(l), *to = &e->cable->end[!e->index];
	struct cable *c = e->cable;
	ktime_t now = cable_now(c);
	struct cable_frame *cf;

	if (f->len < 14 || f->len > HW_MAX_FRAME)
		return -EINVAL;
	if ((f->gso_size || f->flags & HW_FRAME_CSUM_PARTIAL) &&
	    !c->params.offload)
		return -EOPNOTSUPP;
	if (occupied(e, now))
		return -EAGAIN;
	e->wake_due = false;
	e->busy_until = now + frame_time(c, f->len);
	f->id = e->next_frame++;
	cf = copy_frame(c, f, v, n);
	if (!cf) {
		e->lost++;
		hw_drop(SKB_DROP_REASON_NOMEM, f->packet, f->len);
		return 0;
	}
	e->sent++;
	e->sent_bytes += f->len;
	cf->arrives = e->busy_until + c->params.delay;
	put_in(to, cf);
	return 0;
}

static void cable_tx_begin(struct hw_link *l)
{
}

static void cable_tx_end(struct hw_link *l)
{
}

/* --- receive ---------------------------------------------------------------------- */

static const u8 *cable_rx_peek(struct hw_link *l, struct hw_frame *f)
{
	struct cable_end *e = end_of(l);
	struct cable_frame *cf = e->first;

	if (!cf || cf->arrives > cable_now(e->cable))
		return NULL;
	*f = cf->f;
	return cf->data;
}

static void cable_rx_next(struct hw_link *l)
{
	struct cable_end *e = end_of(l);
	struct cable_frame *cf = e->first;

	e->first = cf->next;
	if (!e->first)
		e->tail = &e->first;
	e->queued--;
	e->cable->ops->free(e->cable->arg, cf, sizeof(*cf) + cf->f.len);
}

static void cable_rx_end(struct hw_link *l)
{
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
	c->params = *params;
	c->ops = ops;
	c->arg = arg;
	for (i = 0; i < 2; i++) {
		c->end[i].link.ops = &cable_link_ops;
		c->end[i].cable = c;
		c->end[i].index = i;
		c->end[i].tail = &c->end[i].first;
		c->end[i].next_frame = first_id + ((u64)i << 40);
	}
}

void cable_fini(struct cable *c)
{
	u32 i;

	for (i = 0; i < 2; i++)
		while (c->end[i].first)
			cable_rx_next(&c->end[i].link);
}
