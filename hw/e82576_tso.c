/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the NIC does to frames that the receiver cannot take as they are:
 * checksums inserted (82576 7.2.5) and large frames cut into segments (7.2.4).
 *
 * Each segment gets the headers with length, IP identification, sequence
 * number and flags of its own: FIN and PSH only on the last, CWR only on the
 * first. The L4 checksum starts from the sum in its field, the pseudo
 * header's; whether that sum has the length in it VX_TSO_FULL_SUM says.
 */
#include "hw/e82576.h"
#include "base/checksum.h"
#include "buf/iov_iter.h"

#define TCP_FIN		0x01
#define TCP_PSH		0x08
#define TCP_CWR		0x80

/* Bytes [off, off + len) of the pieces. */
static void vec_copy(u8 *to, const struct hw_vec *v, u32 n, u32 off, u32 len)
{
	u32 i, k;

	for (i = 0; i < n && len; i++) {
		if (off >= v[i].len) {
			off -= v[i].len;
			continue;
		}
		k = min(v[i].len - off, len);
		copy_bytes(to, v[i].base + off, k, COPY_DMA_TX);
		to += k;
		len -= k;
		off = 0;
	}
}

static void put_sum(u8 *field, __sum16 sum)
{
	memcpy(field, &sum, 2);
}

/* The field at l4 + offset holds a sum already, which is part of it. */
static void insert_l4_sum(u8 *frame, u32 len, u32 l4, u32 offset, bool udp)
{
	__sum16 sum = csum_fold(csum_partial(frame + l4, len - l4, 0));

	if (udp && !(__force u16)sum)
		sum = CSUM_MANGLED_0;	/* 0 would mean "none" (RFC 768) */
	put_sum(frame + l4 + offset, sum);
}

static void insert_ip_sum(u8 *frame, u32 len, const struct e82576_tx_ctx *c)
{
	u8 *ip = frame + c->maclen;

	if (!(c->tucmd & TUCMD_IPV4) || c->iplen < 20 || c->iplen % 4 ||
	    (u32)c->maclen + c->iplen > len)
		return;
	memset(ip + 10, 0, 2);
	put_sum(ip + 10, ip_fast_csum(ip, c->iplen / 4u));
}

/* --- segments ------------------------------------------------------------------ */

struct segment {
	u8 *frame;			/* headers are in place */
	u32 hdr_len, payload;		/* of this segment */
	u32 offset, total;		/* payload before it, of all */
	u32 number;
};

static void fix_ip(const struct segment *s, const struct e82576_tx_ctx *c)
{
	u8 *ip = s->frame + c->maclen;
	u32 len = s->hdr_len - c->maclen + s->payload;

	if (c->tucmd & TUCMD_IPV4) {
		put_unaligned_be16((u16)len, ip + 2);
		put_unaligned_be16((u16)(get_unaligned_be16(ip + 4) +
					 s->number), ip + 4);
		insert_ip_sum(s->frame, s->hdr_len, c);
	} else {
		put_unaligned_be16((u16)(len - 40), ip + 4);
	}
}

static void fix_tcp(const struct segment *s, u8 *tcp)
{
	put_unaligned_be32(get_unaligned_be32(tcp + 4) + s->offset, tcp + 4);
	if (s->offset + s->payload < s->total)
		tcp[13] &= (u8)~(TCP_FIN | TCP_PSH);
	if (s->offset)
		tcp[13] &= (u8)~TCP_CWR;
}

/* From the sum for the large frame to the one for this segment. */
static void fix_pseudo_sum(const struct segment *s, u8 *field, u32 l4_len,
			   bool full_sum)
{
	__sum16 old;
	__wsum sum;

	memcpy(&old, field, 2);
	sum = csum_unfold(old);
	if (full_sum)
		sum = csum_sub(sum, (__force __wsum)cpu_to_be32(l4_len +
								s->total));
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(l4_len + s->payload));
	put_sum(field, (__force __sum16)(u16)~(__force u16)csum_fold(sum));
}

static void fix_headers(const struct segment *s, const struct e82576_tx_frame *t,
			bool full_sum)
{
	u32 l4 = t->f.csum_start;
	bool udp = t->f.gso_type & HW_GSO_UDP_L4;
	u8 *h = s->frame + l4;

	fix_ip(s, t->ctx);
	if (udp)
		put_unaligned_be16((u16)(t->ctx->l4len + s->payload), h + 4);
	else
		fix_tcp(s, h);
	fix_pseudo_sum(s, h + t->f.csum_offset, t->ctx->l4len, full_sum);
	insert_l4_sum(s->frame, s->hdr_len + s->payload, l4, t->f.csum_offset,
		      udp);
}

/* csum_start + offset lie within headers that have room for what is fixed. */
static bool headers_ok(const struct e82576_tx_frame *t)
{
	const struct e82576_tx_ctx *c = t->ctx;
	bool udp = t->f.gso_type & HW_GSO_UDP_L4;

	return c->maclen >= 14 && c->l4len >= (udp ? 8 : 20) &&
	       c->iplen >= (c->tucmd & TUCMD_IPV4 ? 20 : 40) &&
	       t->f.hdr_len + (u32)c->mss <= E82576_MAX_JUMBO;
}

static int send_bounce(struct e82576 *hw, struct e82576_tx_frame *t, u32 len)
{
	struct hw_frame f = { .len = len, .packet = t->f.packet };
	struct hw_vec v = { hw->bounce, len };
	int r = hw->link->ops->xmit(hw->link, &f, &v, 1);

	if (!r)
		e82576_tx_sent(hw, &f, hw->bounce);
	return r;
}

static int send_segments(struct e82576 *hw, struct e82576_txq *q,
			 struct e82576_tx_frame *t)
{
	bool full_sum = hw->vx_ctrl & VX_TSO_FULL_SUM;
	struct segment s = {
		.frame = hw->bounce, .hdr_len = t->f.hdr_len,
		.total = t->f.len - t->f.hdr_len,
	};
	int r;

	for (; q->seg_done < s.total; q->seg_done += s.payload) {
		s.offset = q->seg_done;
		s.number = s.offset / t->f.gso_size;
		s.payload = min(s.total - s.offset, (u32)t->f.gso_size);
		vec_copy(s.frame, t->v, t->nr_vec, 0, s.hdr_len);
		vec_copy(s.frame + s.hdr_len, t->v, t->nr_vec,
			 s.hdr_len + s.offset, s.payload);
		fix_headers(&s, t, full_sum);
		r = send_bounce(hw, t, s.hdr_len + s.payload);
		if (r)
			return r;
	}
	e82576_count(hw, E1000_TSCTC, 1);
	return 0;
}

int e82576_tx_segment(struct e82576 *hw, struct e82576_txq *q,
		      struct e82576_tx_frame *t)
{
	if (t->f.gso_size)
		return headers_ok(t) ? send_segments(hw, q, t) : -EINVAL;
	if (t->f.len > E82576_MAX_JUMBO)
		return -EINVAL;
	vec_copy(hw->bounce, t->v, t->nr_vec, 0, t->f.len);
	if (t->olinfo & TXD_IXSM)
		insert_ip_sum(hw->bounce, t->f.len, t->ctx);
	if (t->f.flags & HW_FRAME_CSUM_PARTIAL)
		insert_l4_sum(hw->bounce, t->f.len, t->f.csum_start,
			      t->f.csum_offset, t->f.csum_offset == 6);
	return send_bounce(hw, t, t->f.len);
}
