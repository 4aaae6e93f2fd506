/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The igb driver on two 82576 models at the ends of a wire: what goes down
 * through dev_queue_xmit of one comes up through a packet_type of the other.
 */
#include "tests/hw/hw_test.h"
#include "tests/support/fake_platform.h"

#include "base/checksum.h"
#include "buf/wire/eth.h"
#include "dev/ptype.h"
#include "drivers/igb/igb.h"
#include "hw/nic.h"

#define HDR	54u		/* Ethernet, IPv4, TCP */

struct station {
	struct hw_nic *nic;
	struct net *net;
	struct net_device *dev;
	struct packet_type pt;
	struct sk_buff_head got;
};

struct bench {
	struct fake_platform *fp;
	struct machine *m;
	struct hw_test_wire *w;
	struct station s[2];
};

static int keep_packet(struct sk_buff *skb, struct net_device *dev,
		       struct packet_type *pt, struct net_device *orig)
{
	struct station *s = container_of(pt, struct station, pt);

	__skb_queue_tail(&s->got, skb);
	return 0;
}

static void station_up(struct bench *b, u32 i, u32 vectors)
{
	struct station *s = &b->s[i];
	u8 mac[6];

	hw_test_mac(mac, (u8)(i + 1));
	s->nic = hw_nic_create(b->m, &b->w->port[i].link, mac, vectors, true);
	assert_false(IS_ERR(s->nic));
	s->net = net_alloc(b->m, "t");
	assert_non_null(s->net);
	assert_int_equal(igb_probe(s->net, &s->nic->bus, "eth%d", 0, &s->dev),
			 0);
	assert_int_equal(dev_open(s->dev), 0);
	skb_queue_head_init(&s->got);
	s->pt.type = cpu_to_be16(ETH_P_IP);
	s->pt.func = keep_packet;
	s->pt.net = s->net;
	dev_add_pack(s->net, &s->pt);
}

static bool step(void *arg)
{
	return hw_step_all(arg);
}

static struct bench *bench_of_size(u32 vectors, u32 size_shift)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->fp = fake_platform_create(7);
	b->m = fake_machine(b->fp);
	b->m->size_shift = size_shift;
	fake_set_pump(b->fp, step, b->m);
	assert_int_equal(net_dev_init(b->m), 0);
	b->w = hw_test_wire_new(2);
	station_up(b, 0, vectors);
	station_up(b, 1, vectors);
	return b;
}

static struct bench *bench_new(u32 vectors)
{
	return bench_of_size(vectors, 0);
}

static void bench_free(struct bench *b)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		skb_queue_consume(&b->s[i].got);
		dev_remove_pack(&b->s[i].pt);
		igb_remove(b->s[i].dev);
		net_free(b->s[i].net);
		hw_nic_destroy(b->s[i].nic);
	}
	net_dev_exit(b->m);
	hw_test_wire_free(b->w);
	assert_int_equal(fake_platform_destroy(b->fp), 0);
	free(b);
}

static void run(struct bench *b)
{
	while (hw_step_all(b->m) || fake_run(b->fp))
		;
}

/* --- packets ---------------------------------------------------------------------- */

/* Ethernet, IPv4 and TCP headers of a segment with `payload` bytes; the TCP
 * checksum field holds the pseudo header's sum. */
static void put_headers(u8 *h, u32 payload)
{
	__sum16 sum;

	hw_test_frame(h, HDR, 2, 1, 0);
	h[14] = 0x45;
	put_unaligned_be16((u16)(40 + payload), h + 16);
	h[22] = 64;
	h[23] = IPPROTO_TCP;
	put_unaligned_be32(0x0a000001, h + 26);
	put_unaligned_be32(0x0a000002, h + 30);
	sum = ip_fast_csum(h + 14, 5);
	memcpy(h + 24, &sum, 2);
	put_unaligned_be16(1000, h + 34);
	put_unaligned_be16(2000, h + 36);
	h[46] = 5 << 4;
	h[47] = 0x18;
	sum = (__force __sum16)(u16)~(__force u16)csum_tcpudp_magic(
		(__force __be32)cpu_to_be32(0x0a000001),
		(__force __be32)cpu_to_be32(0x0a000002), 20 + payload,
		IPPROTO_TCP, 0);
	memcpy(h + 50, &sum, 2);
}

static u8 pattern(u32 i) { return (u8)(i * 31 + (i >> 8)); }

/* Payload in pages, as tcp_sendmsg makes it. */
static struct sk_buff *new_packet(struct net_device *dev, u32 payload, u16 mss)
{
	struct sk_buff *skb = alloc_skb(128 + HDR);
	u32 off = 0, n, k;

	assert_non_null(skb);
	skb_reserve(skb, 128);
	put_headers(skb_put(skb, HDR), payload);
	for (; off < payload; off += n) {
		struct page *pg = page_alloc(SKB_PAGE_SIZE);

		assert_non_null(pg);
		n = min(payload - off, SKB_PAGE_SIZE);
		for (k = 0; k < n; k++)
			pg->addr[k] = pattern(off + k);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, pg, 0, n,
				SKB_PAGE_SIZE);
	}
	skb->dev = dev;
	skb->protocol = cpu_to_be16(ETH_P_IP);
	skb_set_network_header(skb, 14);
	skb_set_transport_header(skb, 34);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)(skb_headroom(skb) + 34);
	skb->csum_offset = 16;
	if (mss) {
		skb_shinfo(skb)->gso_size = mss;
		skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
		skb_shinfo(skb)->gso_segs = (u16)DIV_ROUND_UP(payload, mss);
	}
	return skb;
}

/* skb->data is at the IP header. */
static void check_payload(struct sk_buff *skb, u32 first)
{
	u32 n = skb->len - 40, i;
	u8 *p = malloc(n + 1);

	assert_int_equal(skb_copy_bits(skb, 40, p, n, COPY_LINEARIZE), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(p[i], pattern(first + i));
	free(p);
}

static u16 tcp_residue(struct sk_buff *skb)
{
	u8 ip[20];
	__wsum sum;

	assert_int_equal(skb_copy_bits(skb, 0, ip, 20, COPY_LINEARIZE), 0);
	sum = csum_partial(ip + 12, 8, 0);
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(IPPROTO_TCP));
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(skb->len - 20));
	return (__force u16)csum_fold(skb_checksum(skb, 20, skb->len - 20,
						   sum));
}

/* --- tests ------------------------------------------------------------------------- */

static void a_small_packet_arrives(void **state)
{
	struct bench *b = bench_new(4);
	struct sk_buff *skb;

	dev_queue_xmit(new_packet(b->s[0].dev, 64, 0));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 1);
	skb = skb_peek(&b->s[1].got);
	assert_int_equal(skb->len, 40 + 64);
	assert_int_equal(skb->ip_summed, CHECKSUM_UNNECESSARY);
	assert_int_equal(skb->pkt_type, PACKET_HOST);
	assert_int_equal(skb->data_len, 0);
	assert_true(skb->hash && skb->l4_hash);
	assert_true(skb->wire_id != 0 || b->w->port[0].index == 0);
	check_payload(skb, 0);
	bench_free(b);
}

static void a_packet_arrives_through_one_interrupt_line(void **state)
{
	struct bench *b = bench_new(1);

	dev_queue_xmit(new_packet(b->s[0].dev, 1400, 0));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 1);
	check_payload(skb_peek(&b->s[1].got), 0);
	bench_free(b);
}

static void a_packet_arrives_without_napi(void **state)
{
	struct bench *b = bench_new(2);
	u32 i;

	b->s[1].dev->rx_interrupt_mode = true;
	for (i = 0; i < 3; i++) {
		dev_queue_xmit(new_packet(b->s[0].dev, 500, 0));
		run(b);
	}
	assert_int_equal(skb_queue_len(&b->s[1].got), 3);
	bench_free(b);
}

static void a_large_packet_goes_over_whole_and_its_payload_in_pages(void **state)
{
	struct bench *b = bench_new(2);
	struct sk_buff *skb;

	dev_queue_xmit(new_packet(b->s[0].dev, 60000, 1460));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 1);
	skb = skb_peek(&b->s[1].got);
	assert_int_equal(skb->len, 40 + 60000);
	assert_int_equal(skb_shinfo(skb)->gso_size, 1460);
	assert_int_equal(skb_shinfo(skb)->gso_type, SKB_GSO_TCPV4);
	assert_int_equal(skb_shinfo(skb)->gso_segs, DIV_ROUND_UP(60000, 1460));
	assert_int_equal(skb_headlen(skb), 40);
	assert_int_equal(skb->ip_summed, CHECKSUM_UNNECESSARY);
	check_payload(skb, 0);
	bench_free(b);
}

static void a_port_that_takes_no_large_frames_gets_correct_segments(void **state)
{
	struct bench *b = bench_new(2);
	struct sk_buff *skb;
	u32 off = 0, n = 0;

	wire_set_features(&b->w->port[1], 0);
	dev_queue_xmit(new_packet(b->s[0].dev, 20000, 1460));
	run(b);
	while ((skb = __skb_dequeue(&b->s[1].got))) {
		assert_int_equal(tcp_residue(skb), 0);
		assert_int_equal(skb->ip_summed, CHECKSUM_UNNECESSARY);
		check_payload(skb, off);
		off += skb->len - 40;
		n++;
		consume_skb(skb);
	}
	assert_int_equal(off, 20000);
	assert_int_equal(n, DIV_ROUND_UP(20000, 1460));
	bench_free(b);
}

static void thousands_of_packets_pass_in_order_both_ways(void **state)
{
	struct bench *b = bench_new(2);
	struct sk_buff *skb;
	u32 i, n = 0;

	for (i = 0; i < 3000; i++) {
		dev_queue_xmit(new_packet(b->s[0].dev, 1 + i % 1460, 0));
		if (i % 50 == 49)
			run(b);
	}
	run(b);
	while ((skb = __skb_dequeue(&b->s[1].got))) {
		assert_int_equal(skb->len - 40, 1 + n % 1460);
		n++;
		consume_skb(skb);
	}
	assert_int_equal(n, 3000);
	bench_free(b);
}

/* Nobody steps the receiver: its ring, the wire and the sender's ring fill
 * up; then all of it arrives. */
static void nothing_is_lost_when_the_receiver_is_slow(void **state)
{
	struct bench *b = bench_new(2);
	struct sk_buff *skb;
	u32 i, n = 0;

	for (i = 0; i < 60; i++)
		dev_queue_xmit(new_packet(b->s[0].dev, 60000, 1460));
	assert_int_equal(skb_queue_len(&b->s[1].got), 0);
	assert_true(b->w->port[0].stats.tx_waits > 0);
	run(b);
	while ((skb = __skb_dequeue(&b->s[1].got))) {
		check_payload(skb, 0);
		n++;
		consume_skb(skb);
	}
	assert_int_equal(n, 60);
	bench_free(b);
}

static void the_packet_has_one_id_from_the_wire_up(void **state)
{
	struct bench *b = bench_new(2);
	struct sk_buff *skb = new_packet(b->s[0].dev, 1000, 0);

	b->w->port[0].next_frame = 42;
	dev_queue_xmit(skb);
	run(b);
	skb = skb_peek(&b->s[1].got);
	assert_non_null(skb);
	assert_int_equal(skb->wire_id, 42);
	assert_true(skb->id != 0);
	bench_free(b);
}

static void a_device_can_be_closed_and_opened_with_traffic_inside(void **state)
{
	struct bench *b = bench_new(2);
	u32 i;

	for (i = 0; i < 60; i++)
		dev_queue_xmit(new_packet(b->s[0].dev, 60000, 1460));
	dev_close(b->s[0].dev);
	dev_close(b->s[1].dev);
	assert_int_equal(dev_open(b->s[0].dev), 0);
	assert_int_equal(dev_open(b->s[1].dev), 0);
	run(b);
	skb_queue_consume(&b->s[1].got);
	dev_queue_xmit(new_packet(b->s[0].dev, 700, 0));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 1);
	bench_free(b);
}

static void ring_sizes_and_channels_change_by_ethtool(void **state)
{
	struct bench *b = bench_new(4);
	struct net_device *dev = b->s[1].dev;
	struct ethtool_ringparam r = { .rx_pending = 100, .tx_pending = 64 };
	struct ethtool_channels c = { .combined_count = 1 };

	assert_int_equal(dev->ethtool_ops->set_ringparam(dev, &r), 0);
	dev->ethtool_ops->get_ringparam(dev, &r);
	assert_int_equal(r.rx_pending, 104);
	assert_int_equal(dev->ethtool_ops->set_channels(dev, &c), 0);
	dev_queue_xmit(new_packet(b->s[0].dev, 700, 0));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 1);
	c.combined_count = 17;
	assert_int_equal(dev->ethtool_ops->set_channels(dev, &c), -EINVAL);
	bench_free(b);
}

static struct igb_rx_ring *first_rx_ring(struct bench *b, u32 i)
{
	struct igb_adapter *a = b->s[i].dev->priv;

	return &a->q[0]->rx;
}

static u32 pages_in(const struct igb_rx_ring *r)
{
	u32 n = 0;

	for (u32 i = 0; i < r->count; i++)
		n += r->buf[i].page != NULL;
	return n;
}

static void a_usual_ring_is_full_of_buffers(void **state)
{
	struct bench *b = bench_new(2);

	assert_int_equal(pages_in(first_rx_ring(b, 1)), IGB_DEFAULT_RXD - 1);
	bench_free(b);
}

static void a_small_host_posts_few_buffers_and_keeps_them(void **state)
{
	struct bench *b = bench_of_size(1, 4);
	struct igb_rx_ring *r = first_rx_ring(b, 1);

	assert_int_equal(r->count, IGB_SMALL_RING);
	for (u32 i = 0; i < 200; i++) {
		dev_queue_xmit(new_packet(b->s[0].dev, 100 + i, 0));
		run(b);
		assert_int_equal(pages_in(r), IGB_RX_MIN_FILL);
	}
	assert_int_equal(skb_queue_len(&b->s[1].got), 200);
	bench_free(b);
}

static void more_buffers_are_posted_when_they_were_too_few(void **state)
{
	struct bench *b = bench_of_size(1, 4);
	struct igb_rx_ring *r = first_rx_ring(b, 1);

	for (u32 i = 0; i < 400; i++)
		dev_queue_xmit(new_packet(b->s[0].dev, 100, 0));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 400);
	assert_int_equal(r->fill, r->count - 1);
	assert_true(pages_in(r) >= r->fill);
	bench_free(b);
}

static void the_largest_frames_fit_in_few_buffers(void **state)
{
	struct bench *b = bench_of_size(1, 4);
	struct ethtool_ringparam ring = { .rx_pending = 24, .tx_pending = 64 };
	struct net_device *dev = b->s[1].dev;

	assert_int_equal(dev->ethtool_ops->set_ringparam(dev, &ring), 0);
	for (u32 i = 0; i < 40; i++) {
		dev_queue_xmit(new_packet(b->s[0].dev, 60 + i, 0));
		dev_queue_xmit(new_packet(b->s[0].dev, 65000, 1460));
	}
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 80);
	bench_free(b);
}

static void the_smallest_ring_receives(void **state)
{
	struct bench *b = bench_new(2);
	struct ethtool_ringparam ring = { .rx_pending = 1, .tx_pending = 1 };
	struct net_device *dev = b->s[1].dev;

	assert_int_equal(dev->ethtool_ops->set_ringparam(dev, &ring), 0);
	dev->ethtool_ops->get_ringparam(dev, &ring);
	assert_int_equal(ring.rx_pending, IGB_MIN_RXD);
	assert_int_equal(ring.tx_pending, IGB_MIN_TXD);
	for (u32 i = 0; i < 100; i++)
		dev_queue_xmit(new_packet(b->s[0].dev, 14000, 1460));
	run(b);
	assert_int_equal(skb_queue_len(&b->s[1].got), 100);
	bench_free(b);
}

static void statistics_count_packets_and_bytes(void **state)
{
	struct bench *b = bench_new(2);
	struct rtnl_link_stats64 s;

	dev_queue_xmit(new_packet(b->s[0].dev, 100, 0));
	run(b);
	dev_get_stats(b->s[0].dev, &s);
	assert_int_equal(s.tx_packets, 1);
	assert_int_equal(s.tx_bytes, HDR + 100);
	dev_get_stats(b->s[1].dev, &s);
	assert_int_equal(s.rx_packets, 1);
	assert_int_equal(s.rx_bytes, HDR + 100);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_packet_arrives),
		cmocka_unit_test(a_packet_arrives_through_one_interrupt_line),
		cmocka_unit_test(a_packet_arrives_without_napi),
		cmocka_unit_test(a_large_packet_goes_over_whole_and_its_payload_in_pages),
		cmocka_unit_test(a_port_that_takes_no_large_frames_gets_correct_segments),
		cmocka_unit_test(thousands_of_packets_pass_in_order_both_ways),
		cmocka_unit_test(nothing_is_lost_when_the_receiver_is_slow),
		cmocka_unit_test(the_packet_has_one_id_from_the_wire_up),
		cmocka_unit_test(a_device_can_be_closed_and_opened_with_traffic_inside),
		cmocka_unit_test(ring_sizes_and_channels_change_by_ethtool),
		cmocka_unit_test(a_usual_ring_is_full_of_buffers),
		cmocka_unit_test(a_small_host_posts_few_buffers_and_keeps_them),
		cmocka_unit_test(more_buffers_are_posted_when_they_were_too_few),
		cmocka_unit_test(the_largest_frames_fit_in_few_buffers),
		cmocka_unit_test(the_smallest_ring_receives),
		cmocka_unit_test(statistics_count_packets_and_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
