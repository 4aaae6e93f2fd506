/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the NIC does to frames that the receiver cannot take as they are:
 * checksums inserted (82576 7.2.5) and large frames cut into segments (7.2.4).
 *
 * Each segment gets the headers with length, IP identification, sequence
 * number and flags of its own: FIN and PSH only on the last, CWR only on the
 * first. The L4 checksum starts from the sum in its field, the pseudo
 * header's; whether that sum has the length in it VX_TSO_FULL_SUM says.
 *
 * Only headers are copied, to be changed. Payload goes from the driver's
 * memory to the link, in as many pieces as it lies in.
 */
#include "hw/e82576.h"
#include "base/checksum.h"
#include "buf/iov_iter.h"

#define ETH_HDR		14u
#define TCP_FIN		0x01
#define TCP_PSH		0x08
#define TCP_CWR		0x80

#define HEAD_MAX	1024u	/* a context's lengths add up to 893 */

/* A frame with headers of its own. */
struct rebuilt {
	u8 head[HEAD_MAX];
	u32 head_len;
	struct hw_vec v[HW_MAX_VEC + 1]; /* the first one is the head */
	u32 nr_vec, len;
};

static void vec_copy(u8 *to, const struct hw_vec *v, u32 n, u32 len)
{
	u32 i, k;

	for (i = 0; i < n && len; i++, to += k, len -= k) {
		k = min(v[i].len, len);
		copy_bytes(to, v[i].base, k, COPY_DMA_TX);
	}
}

/* The first head_len bytes of the frame as a head, then `len` bytes from
 * `off` on in place. */
static void rebuild(struct rebuilt *r, const struct e82576_tx_frame *t,
		    u32 head_len, u32 off, u32 len)
{
	u32 i, k;

	vec_copy(r->head, t->v, t->nr_vec, head_len);
	r->head_len = head_len;
	r->v[0] = (struct hw_vec){ r->head, head_len };
	r->nr_vec = 1;
	r->len = head_len + len;
	for (i = 0; i < t->nr_vec && len; i++) {
		if (off >= t->v[i].len) {
			off -= t->v[i].len;
			continue;
		}
		k = min(t->v[i].len - off, len);
		r->v[r->nr_vec++] = (struct hw_vec){ t->v[i].base + off, k };
		len -= k;
		off = 0;
	}
}

static void put_sum(u8 *field, __sum16 sum)
{
	memcpy(field, &sum, 2);
}

/* The field at l4 + offset holds a sum already, which is part of it. */
static void insert_l4_sum(struct rebuilt *r, u32 l4, u32 offset, bool udp)
{
	__wsum sum = csum_partial(r->head + l4, r->head_len - l4, 0);
	u32 i, pos = r->head_len - l4;
	__sum16 folded;

	for (i = 1; i < r->nr_vec; pos += r->v[i++].len)
		sum = csum_block_add(sum, csum_partial(r->v[i].base,
						       r->v[i].len, 0), pos);
	folded = csum_fold(sum);
	if (udp && !(__force u16)folded)
		folded = CSUM_MANGLED_0; /* 0 would mean "none" (RFC 768) */
	put_sum(r->head + l4 + offset, folded);
}

static void insert_ip_sum(struct rebuilt *r, const struct e82576_tx_ctx *c)
{
	u8 *ip = r->head + c->maclen;

	if (!(c->tucmd & TUCMD_IPV4) || c->iplen < 20 || c->iplen % 4 ||
	    (u32)c->maclen + c->iplen > r->head_len)
		return;
	memset(ip + 10, 0, 2);
	put_sum(ip + 10, ip_fast_csum(ip, c->iplen / 4u));
}

/* --- segments ------------------------------------------------------------------ */

struct segment {
	struct rebuilt r;
	u32 payload;			/* of this segment */
	u32 offset, total;		/* payload before it, of all */
	u32 number;
};

static void fix_ip(struct segment *s, const struct e82576_tx_ctx *c)
{
	u8 *ip = s->r.head + c->maclen;
	u32 len = s->r.len - c->maclen;

	if (c->tucmd & TUCMD_IPV4) {
		put_unaligned_be16((u16)len, ip + 2);
		put_unaligned_be16((u16)(get_unaligned_be16(ip + 4) +
					 s->number), ip + 4);
		insert_ip_sum(&s->r, c);
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

static void fix_headers(struct segment *s, const struct e82576_tx_frame *t,
			bool full_sum)
{
	u32 l4 = t->f.csum_start;
	bool udp = t->f.gso_type & HW_GSO_UDP_L4;
	u8 *h = s->r.head + l4;

	fix_ip(s, t->ctx);
	if (udp)
		put_unaligned_be16((u16)(t->ctx->l4len + s->payload), h + 4);
	else
		fix_tcp(s, h);
	fix_pseudo_sum(s, h + t->f.csum_offset, t->ctx->l4len, full_sum);
	insert_l4_sum(&s->r, l4, t->f.csum_offset, udp);
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

static int send_rebuilt(struct e82576 *hw, const struct e82576_tx_frame *t,
			const struct rebuilt *r)
{
	struct hw_frame f = {
		.len = r->len, .packet = t->f.packet,
		.flags = t->f.flags & HW_FRAME_CSUM_PARTIAL ?
			 HW_FRAME_CSUM_GOOD : 0,
	};
	int ret = hw->link->ops->xmit(hw->link, &f, r->v, r->nr_vec);

	if (!ret)
		e82576_tx_sent(hw, &f, r->head);
	return ret;
}

static int send_segments(struct e82576 *hw, struct e82576_txq *q,
			 struct e82576_tx_frame *t)
{
	bool full_sum = hw->vx_ctrl & VX_TSO_FULL_SUM;
	struct segment s;
	int r;

	s.total = t->f.len - t->f.hdr_len;
	for (; q->seg_done < s.total; q->seg_done += s.payload) {
		s.offset = q->seg_done;
		s.number = s.offset / t->f.gso_size;
		s.payload = min(s.total - s.offset, (u32)t->f.gso_size);
		rebuild(&s.r, t, t->f.hdr_len, t->f.hdr_len + s.offset,
			s.payload);
		fix_headers(&s, t, full_sum);
		r = send_rebuilt(hw, t, &s.r);
		if (r)
			return r;
	}
	e82576_count(hw, E1000_TSCTC, 1);
	return 0;
}

/* The headers with all that is changed. */
static u32 head_of(const struct e82576_tx_frame *t)
{
	u32 len = (u32)t->ctx->maclen + t->ctx->iplen;

	if (t->f.flags & HW_FRAME_CSUM_PARTIAL)
		len = t->f.csum_start + t->f.csum_offset + 2u;
	return min(max(len, ETH_HDR), t->f.len);
}

int e82576_tx_segment(struct e82576 *hw, struct e82576_txq *q,
		      struct e82576_tx_frame *t)
{
	struct rebuilt r;
	u32 head;

	if (t->f.gso_size)
		return headers_ok(t) ? send_segments(hw, q, t) : -EINVAL;
	if (t->f.len > E82576_MAX_JUMBO)
		return -EINVAL;
	head = head_of(t);
	rebuild(&r, t, head, head, t->f.len - head);
	if (t->olinfo & TXD_IXSM)
		insert_ip_sum(&r, t->ctx);
	if (t->f.flags & HW_FRAME_CSUM_PARTIAL)
		insert_l4_sum(&r, t->f.csum_start, t->f.csum_offset,
			      t->f.csum_offset == 6);
	return send_rebuilt(hw, t, &r);
}
