/* SPDX-License-Identifier: BSD-2-Clause */
/* Send: the packet is made flat, its checksum completed, and handed over. */
#include "base/checksum.h"
#include "base/trace.h"
#include "dev/tx_stamp.h"
#include "drivers/tun/tun_priv.h"

/* What CHECKSUM_PARTIAL leaves to the device: the field holds the sum of the
 * pseudo header. A large packet gets the checksum it would have as one. */
static void complete_checksum(const struct sk_buff *skb, u8 *flat)
{
	u32 start = (u32)skb_checksum_start_offset(skb);
	u32 at = start + skb->csum_offset;
	__sum16 sum = csum_fold(csum_partial(flat + start, skb->len - start, 0));

	if (!sum)
		sum = (__force __sum16)0xffff;
	memcpy(flat + at, &sum, sizeof(sum));
}

netdev_tx_t tun_xmit(struct sk_buff *skb, struct net_device *dev, bool more)
{
	struct tun *tun = tun_priv(dev);
	struct rtnl_link_stats64 *st = dev_stats(dev);
	u32 len = skb->len;

	skb_stage(skb, STAGE_tun_xmit);
	if (unlikely(!len || len > TUN_MAX_PACKET ||
		     skb_copy_bits(skb, 0, tun->flat, len, COPY_DMA_TX))) {
		st->tx_errors++;
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_TX_ERROR);
		return NETDEV_TX_OK;
	}
	skb_frags_copied(skb);
	skb_sent_stamp(skb, dev);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		complete_checksum(skb, tun->flat);
	st->tx_packets++;
	st->tx_bytes += len;
	tun->cfg.output(tun->cfg.arg, tun->flat, len);
	consume_skb(skb);
	return NETDEV_TX_OK;
}
