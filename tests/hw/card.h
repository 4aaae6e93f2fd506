/* SPDX-License-Identifier: BSD-2-Clause */
/* An 82576 on a wire, with one queue each way, for its tests. */
#ifndef WEIR_TESTS_CARD_H
#define WEIR_TESTS_CARD_H

#include "tests/hw/hw_test.h"

#include "hw/e82576.h"

#define RING	32u
#define BUFSZ	2048u
#define HDR	54u

struct card {
	struct hw_test_wire *w;		/* the card has port 0, we port 1 */
	struct e82576 *hw;
	union e1000_adv_rx_desc *rx;
	union e1000_adv_tx_desc *tx;
	u8 *buf;			/* RING buffers */
	u32 raised[E82576_VECTORS];
	u32 tdt;
	/* virtual time */
	ktime_t delay;			/* asked for last */
	u32 asked[E82576_VECTORS], wakes;
};

static inline void count_raise(void *arg, u32 vector)
{
	((struct card *)arg)->raised[vector]++;
}

static inline ktime_t card_now(void *arg)
{
	return ((struct card *)arg)->w->now;
}

static inline void note_delay(void *arg, u32 vector, ktime_t delay)
{
	struct card *c = arg;

	c->asked[vector]++;
	c->delay = delay;
}

static inline void count_wake(void *arg)
{
	((struct card *)arg)->wakes++;
}

static inline void ring_registers(struct card *c, u32 base, const void *ring)
{
	e82576_writel(c->hw, base + Q_BAL, (u32)(uintptr_t)ring);
	e82576_writel(c->hw, base + Q_BAH, (u32)((uintptr_t)ring >> 32));
	e82576_writel(c->hw, base + Q_LEN, RING * 16);
}

static inline void post_buffers(struct card *c, u32 first, u32 tail)
{
	for (; first != tail; first = (first + 1) % RING) {
		c->rx[first].read.pkt_addr = (uintptr_t)c->buf + first * BUFSZ;
		c->rx[first].read.hdr_addr = 0;
	}
	e82576_writel(c->hw, E1000_RX_Q(0, Q_TAIL), tail);
}

static inline struct card *card_new(void)
{
	struct card *c = calloc(1, sizeof(*c));
	struct e82576_config cfg = { .raise = count_raise, .arg = c };

	c->w = hw_test_wire_new(2);
	cfg.link = &c->w->port[0].link;
	hw_test_mac(cfg.mac, 1);
	c->hw = calloc(1, sizeof(*c->hw));
	e82576_init(c->hw, &cfg);
	c->rx = aligned_alloc(128, RING * 16);
	c->tx = aligned_alloc(128, RING * 16);
	c->buf = calloc(RING, BUFSZ);
	ring_registers(c, E1000_RX_Q(0, 0), c->rx);
	ring_registers(c, E1000_TX_Q(0, 0), c->tx);
	e82576_writel(c->hw, E1000_RX_Q(0, Q_SRRCTL), BUFSZ >> 10);
	e82576_writel(c->hw, E1000_RX_Q(0, Q_DCTL), DCTL_ENABLE);
	e82576_writel(c->hw, E1000_TX_Q(0, Q_DCTL), DCTL_ENABLE);
	e82576_writel(c->hw, E1000_RXCSUM, RXCSUM_IPOFL | RXCSUM_TUOFL);
	e82576_writel(c->hw, E1000_RCTL, RCTL_EN | RCTL_BAM | RCTL_LPE);
	e82576_writel(c->hw, E1000_TCTL, TCTL_EN);
	post_buffers(c, 0, RING - 1);
	return c;
}

static inline void card_free(struct card *c)
{
	hw_test_wire_free(c->w);
	free(c->hw);
	free(c->rx);
	free(c->tx);
	free(c->buf);
	free(c);
}

static inline u32 rx_status(const struct card *c, u32 i)
{
	return c->rx[i].wb.status_error;
}

/* To the card, from port 1. */
static inline void deliver(struct card *c, u8 *frame, u32 len, u16 flags)
{
	struct hw_frame f = { .len = len, .flags = flags, .csum_start = 34,
			      .csum_offset = 16 };

	assert_int_equal(hw_test_send(&c->w->port[1], frame, &f), 0);
	e82576_step(c->hw);
}

static inline void deliver_plain(struct card *c, u32 len, u8 dst)
{
	u8 frame[9000];

	hw_test_frame(frame, len, dst, 2, 0);
	deliver(c, frame, len, 0);
}

/* --- transmit helpers -------------------------------------------------------------- */

static inline u32 put_tx(struct card *c, const union e1000_adv_tx_desc *d)
{
	u32 at = c->tdt;

	c->tx[at] = *d;
	c->tdt = (c->tdt + 1) % RING;
	return at;
}

static inline void put_context(struct card *c, u32 l4_len, u32 mss)
{
	union e1000_adv_tx_desc d = { .ctx = {
		.vlan_macip_lens = 20 | 14 << CTX_MACLEN_SHIFT,
		.type_tucmd = TXD_DTYP_CTX | TXD_DEXT | TUCMD_IPV4 | TUCMD_TCP,
		.mss_l4len_idx = l4_len << CTX_L4LEN_SHIFT |
				 mss << CTX_MSS_SHIFT } };

	put_tx(c, &d);
}

static inline u32 put_data(struct card *c, const void *p, u32 len, u32 cmd, u32 olinfo)
{
	union e1000_adv_tx_desc d = { .read = {
		.addr = (uintptr_t)p,
		.cmd_type_len = TXD_DTYP_DATA | TXD_DEXT | TXD_IFCS | cmd | len,
		.olinfo_status = olinfo } };

	return put_tx(c, &d);
}

static inline void ring_tdt(struct card *c)
{
	e82576_writel(c->hw, E1000_TX_Q(0, Q_TAIL), c->tdt);
}

static inline bool tx_done(const struct card *c, u32 i)
{
	return c->tx[i].wb.status & TXD_STAT_DD;
}

#endif
