/* SPDX-License-Identifier: BSD-2-Clause */
/* A TAP device's state, for the files of the driver. */
#ifndef WEIR_DRIVERS_TAP_TAP_PRIV_H
#define WEIR_DRIVERS_TAP_TAP_PRIV_H

#include "cpu/irq.h"
#include "drivers/tap/tap.h"
#include "drivers/tap/tap_vnet.h"

#define TAP_NAPI_WEIGHT	64
/* Receive buffers: the first takes a frame of the usual MTU with headroom and
 * skb_shared_info, the others what a GSO frame has more. */
#define TAP_HEAD_SIZE	2048u
#define TAP_HEADROOM	66u		/* aligns the IP header to 16 */
#define TAP_BODY_SIZE	16384u
#define TAP_BODIES	4
#define TAP_POOL_PAGES	4096

static_assert(TAP_BODIES * TAP_BODY_SIZE >= 65536, "largest frame fits");
static_assert(TAP_HEAD_SIZE - TAP_HEADROOM - SKB_SHINFO_SIZE >= 1518,
	      "usual frames are linear");

/* The buffers that the next frame is read into. */
struct tap_rx {
	struct page_pool *heads, *bodies;
	struct page *head, *body[TAP_BODIES];
};

struct tap {
	struct net_device *dev;
	const struct tap_os_ops *ops;
	void *os;
	struct napi_struct napi;
	struct hw_device hw;
	int irq;
	bool masked;			/* the interrupt; atomic */
	bool full;			/* the queue is stopped for that; atomic */
	struct tap_rx rx;		/* NAPI's owner */
};

static inline struct tap *tap_priv(struct net_device *dev)
{
	return dev->priv;
}

/* tap_input.c */
int tap_rx_init(struct tap *tap);	/* 0 or -ENOMEM */
void tap_rx_fini(struct tap *tap);
int tap_poll(struct napi_struct *n, int budget);
/* The fallback path: up to `budget` frames by netif_rx. */
void tap_rx_interrupt(struct tap *tap, int budget);
/* tap_output.c */
/* Lets the queue run again if it stood for room and there is some. */
void tap_tx_wake(struct tap *tap);
static inline bool tap_tx_ready(struct tap *tap)
{
	return unlikely(__atomic_load_n(&tap->full, __ATOMIC_ACQUIRE)) &&
	       tap->ops->writable(tap->os);
}
netdev_tx_t tap_xmit(struct sk_buff *skb, struct net_device *dev, bool more);

#endif
