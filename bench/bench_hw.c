/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_hw [ROW [once]]: what the model of the hardware and the wire cost a frame.
 * Two 82576 on a wire, each with the smallest driver there can be, which does
 * as igb does: one interrupt, one poll, one mask and one doorbell per burst.
 * Prints nanoseconds per frame, sent and received, best of five runs.
 *
 * With `once` a row does a fixed number of frames, for callgrind with
 * --toggle-collect=run_ROW.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hw/e82576.h"
#include "hw/wire.h"
#include "tests/support/percpu_fixture.h"

#define RING	256u
#define BUFSZ	4096u
#define SMALL	130u		/* 64 B by TCP */
#define LARGE	(54u + 65160u)

struct station {
	struct wire_port port;
	struct e82576 hw;
	union e1000_adv_rx_desc *rx;
	union e1000_adv_tx_desc *tx;
	struct e82576_rx_side *rx_side;
	struct e82576_tx_side *tx_side;
	u8 *buf;
	u32 rx_next, rx_posted, tx_next, tx_clean;
	bool irq;
	u64 received;
	u8 frame[LARGE];
};

struct lab {
	u8 *mem;
	struct station s[2];
};

static void on_wake(void *arg, u32 port, u32 *word, u32 how) { }
static ktime_t on_now(void *arg) { return 1; }
static void on_raise(void *arg, u32 vector) { ((struct station *)arg)->irq = true; }

static void wr(struct station *s, u32 reg, u32 value)
{
	e82576_writel(&s->hw, reg, value);
}

static void post(struct station *s, u32 n)
{
	for (; n; n--, s->rx_posted++) {
		u32 i = s->rx_posted % RING;

		s->rx[i].read.pkt_addr = (uintptr_t)s->buf + i * BUFSZ;
		s->rx[i].read.hdr_addr = 0;
	}
	wr(s, E1000_RX_Q(0, Q_TAIL), s->rx_posted % RING);
}

static void ring(struct station *s, u32 base, const void *mem, const void *side)
{
	wr(s, base + Q_BAL, (u32)(uintptr_t)mem);
	wr(s, base + Q_BAH, (u32)((uintptr_t)mem >> 32));
	wr(s, base + Q_XBAL, (u32)(uintptr_t)side);
	wr(s, base + Q_XBAH, (u32)((uintptr_t)side >> 32));
	wr(s, base + Q_LEN, RING * 16);
	if (base == E1000_RX_Q(0, 0))
		wr(s, base + Q_SRRCTL, BUFSZ >> 10);
	wr(s, base + Q_DCTL, DCTL_ENABLE |
	   (base == E1000_TX_Q(0, 0) ? 16u << DCTL_WTHRESH_SHIFT : 0));
}

static void headers(struct station *s, u32 from, u32 len)
{
	u8 *f = s->frame;

	memset(f, 0, len);
	f[0] = f[6] = 2;
	f[5] = (u8)(2 - from);
	f[11] = (u8)(1 + from);
	put_unaligned_be16(0x0800, f + 12);
	f[14] = 0x45;
	put_unaligned_be16((u16)(len - 14), f + 16);
	f[23] = 6;
	put_unaligned_be32(0x0a000001 + from, f + 26);
	put_unaligned_be32(0x0a000002 - from, f + 30);
	put_unaligned_be16(1000, f + 34);
	put_unaligned_be16(2000, f + 36);
	f[46] = 5 << 4;
}

static void station_up(struct lab *l, u32 i, size_t size)
{
	struct wire_os os = { .wake = on_wake, .now = on_now };
	struct station *s = &l->s[i];
	struct e82576_config cfg = { .link = &s->port.link, .raise = on_raise,
				     .arg = s, .mac = { 2, 0, 0, 0, 0, (u8)(i + 1) } };
	u32 k;

	if (wire_attach(&s->port, l->mem, size, &os, 1, 0,
			WIRE_F_CSUM | WIRE_F_GSO))
		exit(1);
	e82576_init(&s->hw, &cfg);
	s->rx = aligned_alloc(128, RING * 16);
	s->tx = aligned_alloc(128, RING * 16);
	s->rx_side = aligned_alloc(128, RING * sizeof(*s->rx_side));
	s->tx_side = aligned_alloc(128, RING * sizeof(*s->tx_side));
	s->buf = aligned_alloc(4096, RING * BUFSZ);
	wr(s, E1000_VX_CTRL, VX_SIDE_RINGS | VX_TSO_FULL_SUM | VX_RX_LARGE);
	for (k = 0; k < 10; k++)
		wr(s, E1000_RSSRK(k), 0x6d5a56da + k * 77);
	wr(s, E1000_MRQC, MRQC_RSS | MRQC_TCPV4 | MRQC_IPV4);
	wr(s, E1000_RXCSUM, RXCSUM_IPOFL | RXCSUM_TUOFL | RXCSUM_PCSD);
	ring(s, E1000_RX_Q(0, 0), s->rx, s->rx_side);
	ring(s, E1000_TX_Q(0, 0), s->tx, s->tx_side);
	wr(s, E1000_GPIE, GPIE_MULTI_MSIX);
	wr(s, E1000_IVAR(0), IVAR_VALID | IVAR_VALID << 8);
	wr(s, E1000_EIAC, 1);
	wr(s, E1000_EIAM, 1);
	wr(s, E1000_EIMS, 1);
	wr(s, E1000_RCTL, RCTL_EN | RCTL_BAM | RCTL_LPE);
	wr(s, E1000_TCTL, TCTL_EN);
	post(s, RING - 1);
	headers(s, i, SMALL);
}

static struct lab *lab_new(void)
{
	struct lab *l = calloc(1, sizeof(*l));
	size_t size = wire_size(2, WIRE_RING_BYTES);

	l->mem = aligned_alloc(4096, size);
	memset(l->mem, 0, size);
	wire_format(l->mem, size, 2, WIRE_RING_BYTES);
	station_up(l, 0, size);
	station_up(l, 1, size);
	return l;
}

/* --- the driver ------------------------------------------------------------- */

static void put_context(struct station *s, u32 mss)
{
	s->tx[s->tx_next++ % RING] = (union e1000_adv_tx_desc){ .ctx = {
		.vlan_macip_lens = 20 | 14 << CTX_MACLEN_SHIFT,
		.type_tucmd = TXD_DTYP_CTX | TXD_DEXT | TUCMD_IPV4 | TUCMD_TCP,
		.mss_l4len_idx = 20 << CTX_L4LEN_SHIFT | mss << CTX_MSS_SHIFT } };
}

static void put_piece(struct station *s, u32 off, u32 len, u32 cmd)
{
	s->tx[s->tx_next++ % RING] = (union e1000_adv_tx_desc){ .read = {
		.addr = (uintptr_t)s->frame + off,
		.cmd_type_len = TXD_DTYP_DATA | TXD_DEXT | TXD_IFCS | cmd | len,
		.olinfo_status = TXD_TXSM } };
}

static void doorbell(struct station *s)
{
	wr(s, E1000_TX_Q(0, Q_TAIL), s->tx_next % RING);
}

static void clean_tx(struct station *s)
{
	while (s->tx_clean != s->tx_next) {
		union e1000_adv_tx_desc *d = &s->tx[s->tx_clean % RING];

		if (d->read.cmd_type_len & TXD_RS &&
		    !(smp_load_acquire(&d->wb.status) & TXD_STAT_DD))
			break;
		s->tx_clean++;
	}
}

static void station_poll(struct station *s)
{
	union e1000_adv_rx_desc *d;

	wr(s, E1000_EICR, 1);
	clean_tx(s);
	for (;;) {
		d = &s->rx[s->rx_next % RING];
		if (!(smp_load_acquire(&d->wb.status_error) & RXD_STAT_DD))
			break;
		s->received += !!(d->wb.status_error & RXD_STAT_EOP);
		d->wb.status_error = 0;
		s->rx_next++;
		if (s->rx_next - s->rx_posted + RING >= 17)
			post(s, 16);
	}
	wr(s, E1000_EIMS, 1);
}

static bool attend(struct station *s)
{
	bool did = e82576_step(&s->hw);

	while (s->irq) {
		s->irq = false;
		station_poll(s);
		did = true;
	}
	return did;
}

/* --- rows ------------------------------------------------------------------- */

void run_rr(struct lab *l, u32 n);
void run_burst(struct lab *l, u32 n);
void run_more(struct lab *l, u32 n);
void run_idle(struct lab *l, u32 n);
void run_large(struct lab *l, u32 n);
void run_cut(struct lab *l, u32 n);

static void send_small(struct station *s)
{
	put_piece(s, 0, SMALL, TXD_EOP | TXD_RS);
	doorbell(s);
}

/* One at a time, to and fro: a frame there or back is one. */
noinline void run_rr(struct lab *l, u32 n)
{
	for (; n; n--) {
		send_small(&l->s[n & 1]);
		while (attend(&l->s[n & 1]))
			;
		while (attend(&l->s[~n & 1]))
			;
	}
}

/* One way, a doorbell each, received by 64. */
noinline void run_burst(struct lab *l, u32 n)
{
	u32 i;

	for (; n >= 64; n -= 64) {
		for (i = 0; i < 64; i++) {
			send_small(&l->s[0]);
			while (l->s[0].irq) {
				l->s[0].irq = false;
				station_poll(&l->s[0]);
			}
		}
		while (attend(&l->s[1]))
			;
	}
}

/* One way, a doorbell for 64. */
noinline void run_more(struct lab *l, u32 n)
{
	u32 i;

	for (; n >= 64; n -= 64) {
		for (i = 0; i < 64; i++)
			put_piece(&l->s[0], 0, SMALL, TXD_EOP | TXD_RS);
		doorbell(&l->s[0]);
		while (attend(&l->s[0]))
			;
		while (attend(&l->s[1]))
			;
	}
}

/* Nothing is there. */
noinline void run_idle(struct lab *l, u32 n)
{
	for (; n; n--)
		attend(&l->s[0]);
}

/* Large frames whole, in three pieces. */
noinline void run_large(struct lab *l, u32 n)
{
	struct station *s = &l->s[0];

	headers(s, 0, LARGE);
	for (; n; n--) {
		put_context(s, 1448);
		put_piece(s, 0, 54, TXD_TSE);
		put_piece(s, 54, 32768, TXD_TSE);
		put_piece(s, 54 + 32768, LARGE - 54 - 32768,
			  TXD_TSE | TXD_EOP | TXD_RS);
		doorbell(s);
		while (attend(s))
			;
		while (attend(&l->s[1]))
			;
	}
	headers(s, 0, SMALL);
}

/* Large frames cut and summed by the sender's card: by segment of 1448. */
noinline void run_cut(struct lab *l, u32 n)
{
	u32 segments = LARGE / 1448;

	wire_set_features(&l->s[1].port, 0);
	run_large(l, DIV_ROUND_UP(n, segments));
	wire_set_features(&l->s[1].port, WIRE_F_CSUM | WIRE_F_GSO);
}

static const struct {
	const char *name;
	void (*run)(struct lab *l, u32 n);
	u32 count;
} rows[] = {
	{ "rr", run_rr, 256000 },
	{ "burst", run_burst, 256000 },
	{ "more", run_more, 256000 },
	{ "idle", run_idle, 256000 },
	{ "large", run_large, 2560 },
	{ "cut", run_cut, 25600 },
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double best_of_five(struct lab *l, u32 row)
{
	double best = 1e18, start, each;
	u32 i;

	for (i = 0; i < 5; i++) {
		start = now_ns();
		rows[row].run(l, rows[row].count);
		each = (now_ns() - start) / rows[row].count;
		best = each < best ? each : best;
	}
	return best;
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	bool once = argc > 2;
	struct lab *l;
	void *state;
	u32 i;

	if (percpu_setup(&state))
		return 1;
	l = lab_new();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (only && strcmp(only, rows[i].name))
			continue;
		if (once)
			rows[i].run(l, 2560);
		else
			printf("%-8s %8.1f ns\n", rows[i].name,
			       best_of_five(l, i));
	}
	printf("received %llu %llu\n", (unsigned long long)l->s[0].received,
	       (unsigned long long)l->s[1].received);
	return 0;
}
