/* SPDX-License-Identifier: BSD-2-Clause */
/* The 82576 model, driven as a driver would: registers and rings. */
#include "tests/hw/card.h"

#include "base/checksum.h"

/* --- frames ---------------------------------------------------------------------- */

/* A TCP segment from station `src` to `dst`; checksum: pseudo header's sum,
 * with the length in it or without. */
static void tcp_frame(u8 *h, u8 dst, u8 src, u32 payload, bool length_in_sum)
{
	__sum16 sum;
	u32 i;

	hw_test_frame(h, HDR + payload, dst, src, 0);
	for (i = 0; i < payload; i++)
		h[HDR + i] = (u8)(i * 13 + (i >> 7));
	h[14] = 0x45;
	put_unaligned_be16((u16)(40 + payload), h + 16);
	put_unaligned_be16(0xfffe, h + 18);
	h[22] = 64;
	h[23] = 6;
	put_unaligned_be32(0x0a000001, h + 26);
	put_unaligned_be32(0x0a000002, h + 30);
	sum = ip_fast_csum(h + 14, 5);
	memcpy(h + 24, &sum, 2);
	put_unaligned_be16(1000, h + 34);
	put_unaligned_be16(2000, h + 36);
	put_unaligned_be32(0xfffffff0, h + 38);
	h[46] = 5 << 4;
	h[47] = 0x80 | 0x10 | 0x08 | 0x01;	/* CWR ACK PSH FIN */
	sum = (__force __sum16)(u16)~(__force u16)csum_tcpudp_magic(
		(__force __be32)cpu_to_be32(0x0a000001),
		(__force __be32)cpu_to_be32(0x0a000002),
		length_in_sum ? 20 + payload : 0, 6, 0);
	memcpy(h + 50, &sum, 2);
}

/* 0: right. */
static u16 tcp_residue(const u8 *h, u32 len)
{
	__wsum sum = csum_partial(h + 26, 8, 0);

	sum = csum_add(sum, (__force __wsum)cpu_to_be32(6));
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(len - 34));
	return (__force u16)csum_fold(csum_partial(h + 34, len - 34, sum));
}

static void finish_tcp(u8 *h, u32 len)
{
	__sum16 sum = csum_fold(csum_partial(h + 34, len - 34, 0));

	memcpy(h + 50, &sum, 2);
}

/* --- receive ------------------------------------------------------------------------- */

static void a_frame_is_written_into_the_first_buffer(void **state)
{
	struct card *c = card_new();
	u8 frame[200];

	hw_test_frame(frame, 200, 1, 2, 0x77);
	deliver(c, frame, 200, 0);
	assert_int_equal(rx_status(c, 0) & 3, RXD_STAT_DD | RXD_STAT_EOP);
	assert_int_equal(c->rx[0].wb.length, 200);
	assert_memory_equal(c->buf, frame, 200);
	assert_int_equal(e82576_readl(c->hw, E1000_RX_Q(0, Q_HEAD)), 1);
	card_free(c);
}

static void a_long_frame_takes_several_buffers_the_last_with_eop(void **state)
{
	struct card *c = card_new();

	e82576_writel(c->hw, E1000_RLPML, 9000);
	deliver_plain(c, 5000, 1);
	assert_int_equal(rx_status(c, 0) & 3, RXD_STAT_DD);
	assert_int_equal(rx_status(c, 1) & 3, RXD_STAT_DD);
	assert_int_equal(rx_status(c, 2) & 3, RXD_STAT_DD | RXD_STAT_EOP);
	assert_int_equal(c->rx[2].wb.length, 5000 - 2 * BUFSZ);
	card_free(c);
}

static void frames_for_others_are_filtered(void **state)
{
	struct card *c = card_new();

	deliver_plain(c, 60, 9);
	assert_int_equal(rx_status(c, 0), 0);
	deliver_plain(c, 60, 0xff);
	assert_int_equal(rx_status(c, 0) & 1, 1);
	e82576_writel(c->hw, E1000_RCTL, RCTL_EN | RCTL_UPE);
	deliver_plain(c, 60, 9);
	assert_int_equal(rx_status(c, 1) & 1, 1);
	assert_int_equal(e82576_readl(c->hw, E1000_GPRC), 2);
	assert_int_equal(e82576_readl(c->hw, E1000_GPRC), 0);
	card_free(c);
}

static void a_multicast_frame_passes_by_its_bit_in_the_table(void **state)
{
	static const u8 group[6] = { 1, 0, 0x5e, 0, 0x12, 0x34 };
	u32 bit = (0x12 >> 4 | 0x34 << 4) & 0xfff;
	struct card *c = card_new();
	u8 frame[60];

	hw_test_frame(frame, 60, 1, 2, 0);
	memcpy(frame, group, 6);
	deliver(c, frame, 60, 0);
	assert_int_equal(rx_status(c, 0), 0);
	e82576_writel(c->hw, E1000_MTA(bit / 32), 1u << bit % 32);
	deliver(c, frame, 60, 0);
	assert_int_equal(rx_status(c, 0) & 1, 1);
	card_free(c);
}

static void a_frame_that_is_too_long_is_dropped_and_counted(void **state)
{
	struct card *c = card_new();

	e82576_writel(c->hw, E1000_RLPML, 1522);
	deliver_plain(c, 1523, 1);
	assert_int_equal(rx_status(c, 0), 0);
	assert_int_equal(e82576_readl(c->hw, E1000_ROC), 1);
	card_free(c);
}

static void without_descriptors_frames_wait_on_the_wire(void **state)
{
	struct card *c = card_new();
	u32 i;

	for (i = 0; i < RING + 10; i++)
		deliver_plain(c, 60, 1);
	assert_int_equal(e82576_readl(c->hw, E1000_RX_Q(0, Q_HEAD)), RING - 1);
	assert_int_equal(e82576_readl(c->hw, E1000_MPC), 0);
	/* it does not help to be woken for them */
	assert_true(e82576_arm(c->hw, HW_LINK_FUTEX));
	post_buffers(c, RING - 1, 20);
	assert_false(e82576_arm(c->hw, HW_LINK_FUTEX));
	e82576_step(c->hw);
	assert_int_equal(e82576_readl(c->hw, E1000_RX_Q(0, Q_HEAD)), 10);
	card_free(c);
}

static void in_virtual_time_it_asks_to_be_stepped_when_it_has_some(void **state)
{
	struct card *c = card_new();
	u32 i;

	c->hw->cfg.wake = count_wake;
	for (i = 0; i < RING - 1; i++)
		deliver_plain(c, 60, 1);
	post_buffers(c, RING - 1, 0);
	assert_int_equal(c->wakes, 0);
	for (i = 0; i < 2; i++)
		deliver_plain(c, 60, 1);
	post_buffers(c, 0, 1);
	assert_int_equal(c->wakes, 1);
	e82576_step(c->hw);
	assert_int_equal(e82576_readl(c->hw, E1000_RX_Q(0, Q_HEAD)), 1);
	card_free(c);
}

static void with_drop_enable_they_are_missed(void **state)
{
	struct card *c = card_new();
	u32 i;

	e82576_writel(c->hw, E1000_RX_Q(0, Q_SRRCTL), BUFSZ >> 10 |
		      SRRCTL_DROP_EN);
	e82576_writel(c->hw, E1000_RX_Q(0, Q_DCTL), DCTL_ENABLE);
	for (i = 0; i < RING + 10; i++)
		deliver_plain(c, 60, 1);
	assert_int_equal(e82576_readl(c->hw, E1000_MPC), 11);
	assert_int_equal(e82576_readl(c->hw, E1000_RX_Q(0, Q_RQDPC)), 11);
	card_free(c);
}

static void checksums_are_verified(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 100];

	tcp_frame(frame, 1, 2, 100, true);
	deliver(c, frame, sizeof(frame), HW_FRAME_CSUM_PARTIAL);
	finish_tcp(frame, sizeof(frame));
	deliver(c, frame, sizeof(frame), 0);
	frame[HDR + 50] ^= 1;
	deliver(c, frame, sizeof(frame), 0);
	frame[HDR + 50] ^= 1;
	frame[22] ^= 1;
	deliver(c, frame, sizeof(frame), 0);
	assert_int_equal(rx_status(c, 0) & RXD_ERR_L4E, 0);
	assert_true(rx_status(c, 0) & RXD_STAT_L4CS);
	assert_true(rx_status(c, 1) & RXD_STAT_L4CS);
	assert_int_equal(rx_status(c, 1) & (RXD_ERR_L4E | RXD_ERR_IPE), 0);
	assert_true(rx_status(c, 2) & RXD_ERR_L4E);
	assert_true(rx_status(c, 3) & RXD_ERR_IPE);
	card_free(c);
}

static void a_checksum_that_the_other_card_put_in_is_not_summed_again(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 100];

	tcp_frame(frame, 1, 2, 100, true);
	finish_tcp(frame, sizeof(frame));
	frame[HDR + 50] ^= 1;
	deliver(c, frame, sizeof(frame), HW_FRAME_CSUM_GOOD);
	assert_true(rx_status(c, 0) & RXD_STAT_L4CS);
	assert_int_equal(rx_status(c, 0) & RXD_ERR_L4E, 0);
	card_free(c);
}

/* --- transmit ------------------------------------------------------------------------ */

static void a_frame_in_pieces_leaves_as_one(void **state)
{
	struct card *c = card_new();
	u8 frame[300], got[300];
	u32 last;

	hw_test_frame(frame, 300, 2, 1, 0x5a);
	put_data(c, frame, 14, 0, 0);
	put_data(c, frame + 14, 100, 0, 0);
	last = put_data(c, frame + 114, 186, TXD_EOP | TXD_RS, 0);
	ring_tdt(c);
	assert_int_equal(hw_test_take(&c->w->port[1], got, NULL), 300);
	assert_memory_equal(got, frame, 300);
	assert_true(tx_done(c, last));
	assert_int_equal(e82576_readl(c->hw, E1000_TX_Q(0, Q_HEAD)), 3);
	assert_int_equal(e82576_readl(c->hw, E1000_GPTC), 1);
	card_free(c);
}

static void a_frame_without_its_end_waits_for_it(void **state)
{
	struct card *c = card_new();
	u8 frame[100];

	hw_test_frame(frame, 100, 2, 1, 0);
	put_data(c, frame, 50, 0, 0);
	ring_tdt(c);
	assert_int_equal(hw_test_take(&c->w->port[1], NULL, NULL), 0);
	put_data(c, frame + 50, 50, TXD_EOP, 0);
	ring_tdt(c);
	assert_int_equal(hw_test_take(&c->w->port[1], NULL, NULL), 100);
	card_free(c);
}

static void the_ring_wraps(void **state)
{
	struct card *c = card_new();
	u8 frame[100];
	u32 i, at;

	hw_test_frame(frame, 100, 2, 1, 0);
	for (i = 0; i < 3 * RING; i++) {
		put_data(c, frame, 60, 0, 0);
		at = put_data(c, frame + 60, 40, TXD_EOP | TXD_RS, 0);
		ring_tdt(c);
		assert_true(tx_done(c, at));
		assert_int_equal(hw_test_take(&c->w->port[1], NULL, NULL), 100);
	}
	card_free(c);
}

static void a_checksum_is_left_to_a_port_that_takes_it_so(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 33], got[HDR + 33];
	struct hw_frame f;

	tcp_frame(frame, 2, 1, 33, true);
	put_context(c, 0, 0);
	put_data(c, frame, sizeof(frame), TXD_EOP | TXD_RS, TXD_TXSM);
	ring_tdt(c);
	assert_int_equal(hw_test_take(&c->w->port[1], got, &f), sizeof(frame));
	assert_int_equal(f.flags, HW_FRAME_CSUM_PARTIAL);
	assert_int_equal(f.csum_start, 34);
	assert_memory_equal(got, frame, sizeof(frame));
	card_free(c);
}

static void a_checksum_is_inserted_for_a_port_that_does_not(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 33], got[HDR + 33];
	struct hw_frame f;

	wire_set_features(&c->w->port[1], 0);
	tcp_frame(frame, 2, 1, 33, true);
	put_context(c, 0, 0);
	put_data(c, frame, sizeof(frame), TXD_EOP | TXD_RS, TXD_TXSM);
	ring_tdt(c);
	assert_int_equal(hw_test_take(&c->w->port[1], got, &f), sizeof(frame));
	assert_int_equal(f.flags, HW_FRAME_CSUM_GOOD);
	assert_int_equal(tcp_residue(got, sizeof(frame)), 0);
	card_free(c);
}

/* Descriptors that end at odd bytes, in the headers and behind. */
static u32 put_odd_pieces(struct card *c, const u8 *frame, u32 len, u32 cmd,
			  u32 olinfo)
{
	static const u32 cut[] = { 0, 15, 16, 51, 200, 331, 1332, 1333 };
	u32 i;

	for (i = 0; i + 1 < ARRAY_SIZE(cut) && cut[i + 1] < len; i++)
		put_data(c, frame + cut[i], cut[i + 1] - cut[i], cmd, olinfo);
	return put_data(c, frame + cut[i], len - cut[i],
			cmd | TXD_EOP | TXD_RS, olinfo);
}

static void a_checksum_of_odd_pieces_is_right(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 401], got[HDR + 401];

	wire_set_features(&c->w->port[1], 0);
	tcp_frame(frame, 2, 1, 401, true);
	put_context(c, 0, 0);
	put_odd_pieces(c, frame, sizeof(frame), 0, TXD_TXSM | TXD_IXSM);
	ring_tdt(c);
	assert_int_equal(hw_test_take(&c->w->port[1], got, NULL),
			 sizeof(frame));
	assert_int_equal(tcp_residue(got, sizeof(frame)), 0);
	assert_int_equal((__force u16)ip_fast_csum(got + 14, 5), 0);
	assert_memory_equal(got + HDR, frame + HDR, 401);
	card_free(c);
}

/* Segment i of a frame of `total` payload bytes, cut at 1000. */
static void check_segment(const u8 *got, const u8 *frame, u32 i, u32 total)
{
	u32 n = min(total - i * 1000, 1000u), len = HDR + n;
	u8 flags = 0x10;

	if (!i)
		flags |= 0x80;
	if (i * 1000 + n == total)
		flags |= 0x09;
	assert_int_equal(get_unaligned_be16(got + 16), 40 + n);
	assert_int_equal(get_unaligned_be16(got + 18), (u16)(0xfffe + i));
	assert_int_equal((__force u16)ip_fast_csum(got + 14, 5), 0);
	assert_int_equal(get_unaligned_be32(got + 38), 0xfffffff0 + i * 1000);
	assert_int_equal(got[47], flags);
	assert_int_equal(tcp_residue(got, len), 0);
	assert_memory_equal(got + HDR, frame + HDR + i * 1000, n);
}

static void segment_test(bool full_sum)
{
	struct card *c = card_new();
	u8 frame[HDR + 4321], got[HDR + 1000];
	u32 i, at;

	wire_set_features(&c->w->port[1], 0);
	e82576_writel(c->hw, E1000_VX_CTRL, full_sum ? VX_TSO_FULL_SUM : 0);
	tcp_frame(frame, 2, 1, 4321, full_sum);
	put_context(c, 20, 1000);
	put_data(c, frame, 1000, TXD_TSE, TXD_TXSM | TXD_IXSM);
	at = put_data(c, frame + 1000, sizeof(frame) - 1000,
		      TXD_TSE | TXD_EOP | TXD_RS, TXD_TXSM | TXD_IXSM);
	ring_tdt(c);
	assert_true(tx_done(c, at));
	for (i = 0; i < 5; i++) {
		assert_int_equal(hw_test_take(&c->w->port[1], got, NULL),
				 HDR + (i < 4 ? 1000 : 321));
		check_segment(got, frame, i, 4321);
	}
	assert_int_equal(hw_test_take(&c->w->port[1], NULL, NULL), 0);
	assert_int_equal(e82576_readl(c->hw, E1000_TSCTC), 1);
	card_free(c);
}

static void a_large_frame_is_cut_as_the_datasheet_says(void **state)
{
	segment_test(false);
}

static void a_large_frame_with_the_full_sum_is_cut_the_same(void **state)
{
	segment_test(true);
}

static void a_large_frame_of_odd_pieces_is_cut_the_same(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 4321], got[HDR + 1000];
	u32 i, at;

	wire_set_features(&c->w->port[1], 0);
	tcp_frame(frame, 2, 1, 4321, false);
	put_context(c, 20, 1000);
	at = put_odd_pieces(c, frame, sizeof(frame), TXD_TSE,
			    TXD_TXSM | TXD_IXSM);
	ring_tdt(c);
	assert_true(tx_done(c, at));
	for (i = 0; hw_test_take(&c->w->port[1], got, NULL); i++)
		check_segment(got, frame, i, 4321);
	assert_int_equal(i, 5);
	card_free(c);
}

/* The wire fills in the middle of a large frame. */
static void segmentation_goes_on_where_it_had_to_wait(void **state)
{
	struct card *c = card_new();
	u32 total = 60000, n = 0, len;
	u8 *frame = malloc(HDR + total), *got = malloc(9000);

	wire_set_features(&c->w->port[1], 0);
	e82576_writel(c->hw, E1000_VX_CTRL, VX_TSO_FULL_SUM);
	tcp_frame(frame, 2, 1, total, true);
	while (hw_test_send_plain(&c->w->port[0], 9000, 2, 1, 0) == 0)
		;
	hw_test_take(&c->w->port[1], NULL, NULL);
	put_context(c, 20, 1000);
	put_data(c, frame, HDR + total, TXD_TSE | TXD_EOP | TXD_RS,
		 TXD_TXSM | TXD_IXSM);
	ring_tdt(c);
	assert_false(tx_done(c, 1));
	do {
		while ((len = hw_test_take(&c->w->port[1], got, NULL)))
			if (len != 9000)
				check_segment(got, frame, n++, total);
	} while (e82576_step(c->hw));
	assert_int_equal(n, total / 1000);
	assert_true(tx_done(c, 1));
	free(frame);
	free(got);
	card_free(c);
}

static void bad_descriptors_are_counted_and_skipped(void **state)
{
	struct card *c = card_new();
	u8 frame[100];

	hw_test_frame(frame, 100, 2, 1, 0);
	put_data(c, NULL, 100, TXD_EOP | TXD_RS, 0);
	put_data(c, frame, 0, TXD_EOP | TXD_RS, 0);
	put_data(c, frame, 13, TXD_EOP | TXD_RS, 0);
	put_context(c, 20, 0);
	put_data(c, frame, 100, TXD_EOP | TXD_RS | TXD_TSE, TXD_TXSM);
	put_data(c, frame, 100, TXD_EOP | TXD_RS, 0);
	ring_tdt(c);
	assert_int_equal(c->hw->bad_descriptors, 4);
	assert_int_equal(hw_test_take(&c->w->port[1], NULL, NULL), 100);
	assert_int_equal(hw_test_take(&c->w->port[1], NULL, NULL), 0);
	e82576_writel(c->hw, E1000_TX_Q(0, Q_TAIL), RING + 7);
	assert_int_equal(c->hw->bad_descriptors, 5);
	card_free(c);
}

/* --- RSS -------------------------------------------------------------------------------- */

/* The verification suite that the datasheet repeats (82576 7.1.1.7.3). */
static const u8 rss_test_key[RSS_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static void toeplitz_gives_the_published_hashes(void **state)
{
	static const struct { u8 in[12]; u32 ip, tcp; } v4[] = {
		{ { 66, 9, 149, 187, 161, 142, 100, 80, 10, 234, 6, 230 },
		  0x323e8fc2, 0x51ccc178 },
		{ { 199, 92, 111, 2, 65, 69, 140, 83, 55, 150, 18, 131 },
		  0xd718262a, 0xc626b0ea },
	};
	static const u8 v6[36] = {
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff,
		0, 0, 0, 0, 0, 0, 0, 7,
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03,
		0, 0, 0, 0, 0, 0, 0, 1, 10, 234, 6, 230,
	};
	struct rss_key k;
	u32 i;

	memcpy(k.key, rss_test_key, sizeof(k.key));
	rss_key_ready(&k);
	for (i = 0; i < ARRAY_SIZE(v4); i++) {
		assert_int_equal(rss_toeplitz(&k, v4[i].in, 8), v4[i].ip);
		assert_int_equal(rss_toeplitz(&k, v4[i].in, 12), v4[i].tcp);
	}
	assert_int_equal(rss_toeplitz(&k, v6, 32), 0x2cc18cd5);
	assert_int_equal(rss_toeplitz(&k, v6, 36), 0x40207d3d);
}

static void rss_writes_hash_and_type_and_picks_the_queue(void **state)
{
	struct card *c = card_new();
	u8 frame[HDR + 10];
	u32 i, v;

	for (i = 0; i < 10; i++) {
		memcpy(&v, rss_test_key + 4 * i, 4);
		e82576_writel(c->hw, E1000_RSSRK(i), v);
	}
	e82576_writel(c->hw, E1000_MRQC, MRQC_RSS | MRQC_TCPV4);
	tcp_frame(frame, 1, 2, 10, true);
	deliver(c, frame, sizeof(frame), 0);
	assert_int_equal(c->rx[0].wb.pkt_info & RXD_RSS_TYPE, RSS_TCPV4);
	assert_int_equal(c->rx[0].wb.rss,
			 rss_toeplitz(&c->hw->rss, frame + 26, 12));
	/* all entries to queue 5, which is not enabled */
	for (i = 0; i < 32; i++)
		e82576_writel(c->hw, E1000_RETA(i), 0x05050505);
	deliver(c, frame, sizeof(frame), 0);
	assert_int_equal(rx_status(c, 1), 0);
	assert_int_equal(e82576_readl(c->hw, E1000_RX_Q(5, Q_RQDPC)), 1);
	card_free(c);
}

static void the_parser_reads_nothing_beyond_the_frame(void **state)
{
	u8 frame[HDR + 40];
	struct hw_parsed p;
	u32 len;

	tcp_frame(frame, 1, 2, 40, true);
	for (len = 0; len < sizeof(frame); len++) {
		u8 *exact = malloc(len ? len : 1);

		memcpy(exact, frame, len);
		hw_parse(&p, exact, len);
		assert_int_equal(p.l4, 0);
		free(exact);
	}
	hw_parse(&p, frame, sizeof(frame));
	assert_int_equal(p.l4, 6);
	assert_int_equal(p.l4_len, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_written_into_the_first_buffer),
		cmocka_unit_test(a_long_frame_takes_several_buffers_the_last_with_eop),
		cmocka_unit_test(frames_for_others_are_filtered),
		cmocka_unit_test(a_multicast_frame_passes_by_its_bit_in_the_table),
		cmocka_unit_test(a_frame_that_is_too_long_is_dropped_and_counted),
		cmocka_unit_test(without_descriptors_frames_wait_on_the_wire),
		cmocka_unit_test(in_virtual_time_it_asks_to_be_stepped_when_it_has_some),
		cmocka_unit_test(with_drop_enable_they_are_missed),
		cmocka_unit_test(a_checksum_of_odd_pieces_is_right),
		cmocka_unit_test(a_large_frame_of_odd_pieces_is_cut_the_same),
		cmocka_unit_test(checksums_are_verified),
		cmocka_unit_test(a_checksum_that_the_other_card_put_in_is_not_summed_again),
		cmocka_unit_test(a_frame_in_pieces_leaves_as_one),
		cmocka_unit_test(a_frame_without_its_end_waits_for_it),
		cmocka_unit_test(the_ring_wraps),
		cmocka_unit_test(a_checksum_is_left_to_a_port_that_takes_it_so),
		cmocka_unit_test(a_checksum_is_inserted_for_a_port_that_does_not),
		cmocka_unit_test(a_large_frame_is_cut_as_the_datasheet_says),
		cmocka_unit_test(a_large_frame_with_the_full_sum_is_cut_the_same),
		cmocka_unit_test(segmentation_goes_on_where_it_had_to_wait),
		cmocka_unit_test(bad_descriptors_are_counted_and_skipped),
		cmocka_unit_test(toeplitz_gives_the_published_hashes),
		cmocka_unit_test(rss_writes_hash_and_type_and_picks_the_queue),
		cmocka_unit_test(the_parser_reads_nothing_beyond_the_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
