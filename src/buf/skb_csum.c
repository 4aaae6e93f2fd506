/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checksums of packets (RFC 1071): of a range, of a received packet, and in
 * place of the hardware on sending. Pieces are summed one by one; a piece
 * that begins at an odd offset is added with its bytes exchanged.
 */
#include "buf/skb_internal.h"

__wsum skb_checksum(const struct sk_buff *skb, u32 off, u32 len, __wsum csum)
{
	struct skb_seq s;
	u32 done = 0, n;
	u8 *p;

	skb_seq_init(&s, skb, off, len);
	while (skb_seq_next(&s, &p, &n)) {
		csum = csum_block_add(csum, csum_partial(p, n, 0), done);
		done += n;
	}
	return csum;
}

int skb_checksum_help(struct sk_buff *skb)
{
	int start = skb_checksum_start_offset(skb);
	u32 off, field;
	__wsum sum;
	__sum16 fold;

	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	if (start < 0)
		return -EINVAL;
	off = (u32)start;
	field = off + skb->csum_offset;
	if (field + sizeof(__sum16) > skb->len)
		return -EINVAL;
	if (!pskb_may_pull(skb, field + (u32)sizeof(__sum16)) ||
	    skb_cow_head(skb, 0))
		return -ENOMEM;
	sum = skb_checksum(skb, off, skb->len - off, 0);
	fold = csum_fold(sum);
	if (!fold)
		fold = CSUM_MANGLED_0;	/* UDP: 0 means none (RFC 768) */
	memcpy(skb->data + field, &fold, sizeof(fold));
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

__sum16 skb_checksum_complete(struct sk_buff *skb)
{
	__sum16 sum = csum_fold(skb_checksum(skb, 0, skb->len, skb->csum));

	if (likely(!sum)) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_valid = 1;
	}
	return sum;
}

__sum16 skb_checksum_validate(struct sk_buff *skb, __wsum pseudo)
{
	if (skb_csum_unnecessary(skb))
		return 0;
	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    !csum_fold(csum_add(skb->csum, pseudo))) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_valid = 1;
		return 0;
	}
	/* hardware is not believed when it says "wrong" */
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum = pseudo;
	return skb_checksum_complete(skb);
}

int skb_copy_and_csum_datagram_iter(struct sk_buff *skb, u32 off,
				    struct iov_iter *to)
{
	struct iov_iter start = *to;
	struct skb_seq s;
	u32 done = off, n;
	__wsum csum, part;
	u8 *p;

	if (unlikely(off > skb->len))
		return -EFAULT;
	csum = skb_checksum(skb, 0, off, skb->csum);
	trace_stage(STAGE_skb_copy_datagram, skb->id, skb->len - off);
	skb_seq_init(&s, skb, off, skb->len - off);
	while (skb_seq_next(&s, &p, &n)) {
		part = 0;
		if (csum_and_copy_to_iter(p, n, &part, to) != n)
			return -EFAULT;
		csum = csum_block_add(csum, part, done);
		done += n;
	}
	trace_event(TRACE_COPY, COPY_SKB_TO_USER, skb->id, skb->len - off,
		    0xffff, 0, 0);
	if (unlikely(csum_fold(csum))) {
		*to = start;
		return -EINVAL;
	}
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_valid = 1;
	return 0;
}
