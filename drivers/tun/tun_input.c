/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receive: a packet is copied into an sk_buff where it is handed in, which is
 * this device's DMA; the interrupt puts all that came on the CPU's backlog.
 */
#include "base/trace.h"
#include "buf/wire/eth.h"
#include "cpu/irq.h"
#include "drivers/tun/tun_priv.h"

static __be16 protocol_of(const u8 *packet)
{
	u8 version = packet[0] >> 4;

	return version == 4 ? cpu_to_be16(ETH_P_IP) :
	       version == 6 ? cpu_to_be16(ETH_P_IPV6) : 0;
}

static struct sk_buff *build(struct net_device *dev, const void *packet,
			     u32 len)
{
	struct sk_buff *skb = alloc_skb(len + SKB_MAX_HEADROOM);

	if (!skb)
		return NULL;
	skb_reserve(skb, SKB_MAX_HEADROOM);
	copy_bytes(skb_put(skb, len), packet, len, COPY_DMA_RX);
	skb->dev = dev;
	skb->pkt_type = PACKET_HOST;
	skb->protocol = protocol_of(packet);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	return skb;
}

int tun_deliver(struct net_device *dev, const void *packet, u32 len)
{
	struct tun *tun = tun_priv(dev);
	struct sk_buff *skb;

	if (!len || len > TUN_MAX_PACKET || !protocol_of(packet))
		return -EINVAL;
	if (!netif_running(dev))
		return -ENETDOWN;
	skb = build(dev, packet, len);
	if (!skb) {
		dev_stats(dev)->rx_dropped++;
		return -ENOMEM;
	}
	spin_lock(&tun->in.lock);
	__skb_queue_tail(&tun->in, skb);
	spin_unlock(&tun->in.lock);
	irq_raise(dev->net->machine, tun->irq);
	return 0;
}

static struct sk_buff *next_in(struct tun *tun)
{
	struct sk_buff *skb;

	spin_lock(&tun->in.lock);
	skb = __skb_dequeue(&tun->in);
	spin_unlock(&tun->in.lock);
	return skb;
}

enum irqreturn tun_intr(int irq, void *arg)
{
	struct tun *tun = arg;
	struct rtnl_link_stats64 *st = dev_stats(tun->dev);
	struct sk_buff *skb;

	while ((skb = next_in(tun))) {
		skb_stage(skb, STAGE_tun_rx);
		st->rx_packets++;
		st->rx_bytes += skb->len;
		netif_rx(skb);
	}
	return IRQ_HANDLED;
}
