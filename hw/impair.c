/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See hw/impair.h. Each frame gets one verdict. A reordered frame is held
 * until another has overtaken it, or for IMPAIR_HOLD_NS if none comes.
 */
#include "hw/impair.h"
#include "hw/hw_drop.h"
#include "buf/iov_iter.h"

#define DECIDED		(1u << 31)	/* beside the bits of a verdict */

/* --- chance ---------------------------------------------------------------------- */

static u32 decide(struct impair_dir *d)
{
	u32 v = DECIDED | fault_judge(&d->fault);

	return d->held.f.len ? v & ~(u32)FAULT_REORDER : v;
}

static void lose(struct impair_dir *d, const struct hw_frame *f)
{
	d->lost++;
	hw_drop(SKB_DROP_REASON_IMPAIRMENT, f->packet, f->len);
}

static void damage(struct impair_dir *d, struct impair_frame *c)
{
	d->corrupted += fault_damage(&d->fault, c->data, c->f.len);
}

static void hold(const struct impair *im, struct impair_dir *d)
{
	d->reordered++;
	d->held_since = im->now(im->arg);
	WRITE_ONCE(d->holding, true);
}

static bool hold_is_over(const struct impair *im, const struct impair_dir *d)
{
	return d->held.f.len &&
	       im->now(im->arg) - d->held_since >= IMPAIR_HOLD_NS;
}

/* --- send ----------------------------------------------------------------------------- */

static void copy_vec(struct impair_frame *to, const struct hw_frame *f,
		     const struct hw_vec *v, u32 n)
{
	u32 i, off = 0;

	to->f = *f;
	for (i = 0; i < n; i++) {
		copy_bytes(to->data + off, v[i].base, v[i].len, COPY_DMA_TX);
		off += v[i].len;
	}
}

static int send_copy(struct impair *im, struct impair_frame *c)
{
	struct hw_vec v = { c->data, c->f.len };

	return im->lower->ops->xmit(im->lower, &c->f, &v, 1);
}

static void release_held(struct impair *im)
{
	struct impair_dir *d = &im->tx;

	if (!d->held.f.len)
		return;
	if (send_copy(im, &d->held))
		lose(d, &d->held.f);	/* the receiver is full */
	d->held.f.len = 0;
	WRITE_ONCE(d->holding, false);
}

/* 0 or what the lower link says. */
static int send_now(struct impair *im, struct hw_frame *f,
		    const struct hw_vec *v, u32 n, u32 verdict)
{
	struct impair_dir *d = &im->tx;
	int r;

	if (verdict & (FAULT_CORRUPT | FAULT_DOUBLE))
		copy_vec(&d->copy, f, v, n);
	if (verdict & FAULT_CORRUPT) {
		damage(d, &d->copy);
		r = send_copy(im, &d->copy);
		f->id = d->copy.f.id;
	} else {
		r = im->lower->ops->xmit(im->lower, f, v, n);
	}
	if (r)
		return r;
	d->passed++;
	if (verdict & FAULT_DOUBLE && !send_copy(im, &d->copy))
		d->doubled++;
	release_held(im);
	return 0;
}

static int impair_xmit(struct hw_link *l, struct hw_frame *f,
		       const struct hw_vec *v, u32 n)
{
	struct impair *im = (struct impair *)l;
	struct impair_dir *d = &im->tx;
	u32 verdict = im->tx_verdict;
	int r;

	if (f->gso_size || f->flags & HW_FRAME_CSUM_PARTIAL)
		return -EOPNOTSUPP;
	if (f->len > IMPAIR_FRAME_MAX)
		return -EINVAL;
	f->flags &= (u16)~HW_FRAME_CSUM_GOOD;
	if (!verdict)
		verdict = decide(d);
	im->tx_verdict = 0;
	if (verdict & FAULT_LOSE) {
		lose(d, f);
		return 0;
	}
	if (verdict & FAULT_REORDER) {
		copy_vec(&d->held, f, v, n);
		hold(im, d);
		return 0;
	}
	r = send_now(im, f, v, n, verdict);
	if (r == -EAGAIN)
		im->tx_verdict = verdict;
	return r;
}

static void impair_tx_begin(struct hw_link *l)
{
	struct impair *im = (struct impair *)l;

	im->lower->ops->tx_begin(im->lower);
}

static void impair_tx_end(struct hw_link *l)
{
	struct impair *im = (struct impair *)l;

	im->lower->ops->tx_end(im->lower);
}

/* Nobody overtook the held frame: it goes. */
static void tx_tick(struct impair *im)
{
	if (likely(!READ_ONCE(im->tx.holding)))
		return;
	impair_tx_begin(&im->link);
	if (hold_is_over(im, &im->tx))
		release_held(im);
	impair_tx_end(&im->link);
}

/* --- receive ----------------------------------------------------------------------------- */

static void copy_lower(struct impair *im, struct impair_frame *to)
{
	to->f = im->lower_frame;
	copy_bytes(to->data, im->lower_data, to->f.len, COPY_DMA_RX);
}

/* What the frame below becomes; IMPAIR_NONE: it is not shown (now). */
static enum impair_source judge(struct impair *im)
{
	const struct hw_link_ops *ops = im->lower->ops;
	struct impair_dir *d = &im->rx;
	u32 verdict = decide(d);

	if (verdict & FAULT_LOSE || im->lower_frame.len > IMPAIR_FRAME_MAX) {
		lose(d, &im->lower_frame);
		ops->rx_next(im->lower);
		return IMPAIR_NONE;
	}
	if (verdict & FAULT_REORDER) {
		copy_lower(im, &d->held);
		hold(im, d);
		ops->rx_next(im->lower);
		return IMPAIR_NONE;
	}
	d->passed++;
	if (verdict & FAULT_DOUBLE) {
		copy_lower(im, &d->copy);
		WRITE_ONCE(im->copy_due, true);
		d->doubled++;
		return IMPAIR_LOWER;
	}
	if (!(verdict & FAULT_CORRUPT))
		return IMPAIR_LOWER;
	copy_lower(im, &d->copy);
	damage(d, &d->copy);
	ops->rx_next(im->lower);
	return IMPAIR_COPY;
}

static enum impair_source next_source(struct impair *im)
{
	enum impair_source s;

	if (im->copy_due) {
		WRITE_ONCE(im->copy_due, false);
		return IMPAIR_COPY;
	}
	if (im->held_due) {
		im->held_due = false;
		return IMPAIR_HELD;
	}
	for (;;) {
		im->lower_data = im->lower->ops->rx_peek(im->lower,
							 &im->lower_frame);
		if (!im->lower_data)
			return hold_is_over(im, &im->rx) ? IMPAIR_HELD :
							   IMPAIR_NONE;
		im->lower_frame.flags &= (u16)~HW_FRAME_CSUM_GOOD;
		s = judge(im);
		if (s != IMPAIR_NONE)
			return s;
	}
}

static const u8 *impair_rx_peek(struct hw_link *l, struct hw_frame *f)
{
	struct impair *im = (struct impair *)l;

	if (im->current == IMPAIR_NONE) {
		tx_tick(im);
		WRITE_ONCE(im->current, next_source(im));
	}
	switch (im->current) {
	case IMPAIR_LOWER:
		*f = im->lower_frame;
		return im->lower_data;
	case IMPAIR_COPY:
		*f = im->rx.copy.f;
		return im->rx.copy.data;
	case IMPAIR_HELD:
		*f = im->rx.held.f;
		return im->rx.held.data;
	case IMPAIR_NONE:
		break;
	}
	return NULL;
}

static void impair_rx_next(struct hw_link *l)
{
	struct impair *im = (struct impair *)l;

	if (im->current == IMPAIR_LOWER)
		im->lower->ops->rx_next(im->lower);
	if (im->current == IMPAIR_HELD) {
		im->rx.held.f.len = 0;
		WRITE_ONCE(im->rx.holding, false);
	} else if (im->rx.held.f.len) {
		im->held_due = true;	/* it has been overtaken */
	}
	WRITE_ONCE(im->current, IMPAIR_NONE);
}

static void impair_rx_end(struct hw_link *l)
{
	struct impair *im = (struct impair *)l;

	im->lower->ops->rx_end(im->lower);
}

/* --- the rest goes through ------------------------------------------------------------------ */

/* While a frame is held somebody must stay awake to let it go. */
static bool impair_arm(struct hw_link *l, u32 events, u32 how)
{
	struct impair *im = (struct impair *)l;

	if (READ_ONCE(im->tx.holding) || READ_ONCE(im->rx.holding) ||
	    (events & HW_LINK_RX &&
	     (READ_ONCE(im->current) != IMPAIR_NONE ||
	      READ_ONCE(im->copy_due))))
		return false;
	return im->lower->ops->arm(im->lower, events, how);
}

static void impair_disarm(struct hw_link *l)
{
	struct impair *im = (struct impair *)l;

	im->lower->ops->disarm(im->lower);
}

static u32 *impair_futex(struct hw_link *l, u32 *value)
{
	struct impair *im = (struct impair *)l;

	return im->lower->ops->futex(im->lower, value);
}

static int impair_fd(struct hw_link *l)
{
	struct impair *im = (struct impair *)l;

	return im->lower->ops->fd(im->lower);
}

static const struct hw_link_ops impair_ops = {
	.tx_begin = impair_tx_begin,
	.xmit = impair_xmit,
	.tx_end = impair_tx_end,
	.rx_peek = impair_rx_peek,
	.rx_next = impair_rx_next,
	.rx_end = impair_rx_end,
	.arm = impair_arm,
	.disarm = impair_disarm,
	.futex = impair_futex,
	.fd = impair_fd,
};

void impair_init(struct impair *im, struct hw_link *lower,
		 const struct fault *fault, ktime_t (*now)(void *arg),
		 void *arg)
{
	memset(im, 0, sizeof(*im));
	im->link.ops = &impair_ops;
	im->lower = lower;
	im->now = now;
	im->arg = arg;
	im->tx.fault = im->rx.fault = *fault;
	im->rx.fault.seed = ~fault->seed;
}
