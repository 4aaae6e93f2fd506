/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TAP driver on a descriptor that is a list in memory: frames in, frames
 * out, and a virtio_net_hdr that lies (attack row 136). Loopback beside it.
 */
#include "buf/wire/ip.h"
#include "buf/wire/tcp.h"
#include "cpu/irq.h"
#include "drivers/loopback/loopback.h"
#include "drivers/tap/tap.h"
#include "drivers/tap/tap_vnet.h"
#include "tests/dev/dev_test.h"

#define MAX_FRAMES	200
#define MAX_BYTES	70000

struct frame {
	u8 bytes[MAX_BYTES];
	u32 len;
};

struct fake_tap {
	struct frame *in[MAX_FRAMES];
	u32 in_head, in_tail;
	struct frame out;
	u32 written;
	ssize_t write_error;
	bool closed, wants_room;
};

static ssize_t fake_readv(void *os, const struct iovec *iov, int n)
{
	struct fake_tap *t = os;
	struct frame *f;
	u32 at = 0;

	if (t->in_head == t->in_tail)
		return -EAGAIN;
	f = t->in[t->in_head++];
	for (int i = 0; i < n && at < f->len; i++) {
		u32 part = min_t(u32, f->len - at, (u32)iov[i].iov_len);

		memcpy(iov[i].iov_base, f->bytes + at, part);
		at += part;
	}
	test_free(f);
	return at;
}

static ssize_t fake_writev(void *os, const struct iovec *iov, int n)
{
	struct fake_tap *t = os;

	if (t->write_error)
		return t->write_error;
	t->out.len = 0;
	for (int i = 0; i < n; i++) {
		memcpy(t->out.bytes + t->out.len, iov[i].iov_base,
		       iov[i].iov_len);
		t->out.len += (u32)iov[i].iov_len;
	}
	t->written++;
	return t->out.len;
}

static bool fake_readable(void *os)
{
	struct fake_tap *t = os;

	return t->in_head != t->in_tail;
}

static bool fake_writable(void *os)
{
	return ((struct fake_tap *)os)->write_error != -EAGAIN;
}

static void fake_want_room(void *os, bool on)
{
	((struct fake_tap *)os)->wants_room = on;
}

static int fake_fd(void *os)
{
	return -1;
}

static void fake_close(void *os)
{
	((struct fake_tap *)os)->closed = true;
}

static const struct tap_os_ops fake_ops = {
	.readv = fake_readv, .writev = fake_writev, .readable = fake_readable,
	.writable = fake_writable, .want_room = fake_want_room,
	.fd = fake_fd, .close = fake_close,
};

struct tap_world {
	struct world w;
	struct fake_tap *os;
	struct net_device *tap;
	struct sink sink;
};

static void tap_begin(struct tap_world *tw)
{
	static const u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 7 };
	struct tap_config cfg = {
		.name = "tap%d", .ops = &fake_ops, .mac = mac,
		.offloads = TAP_OFFLOAD_CSUM | TAP_OFFLOAD_TSO,
	};

	world_begin(&tw->w, 0);
	tw->os = test_calloc(1, sizeof(*tw->os));
	cfg.os = tw->os;
	tw->tap = tap_create(tw->w.net, &cfg);
	assert_false(IS_ERR(tw->tap));
	assert_int_equal(dev_open(tw->tap), 0);
	sink_begin(&tw->sink, tw->w.net, ETH_P_IP);
}

static void tap_end(struct tap_world *tw)
{
	sink_end(&tw->sink);
	tap_destroy(tw->tap);
	assert_true(tw->os->closed);
	test_free(tw->os);
	world_end(&tw->w);
}

static struct frame *frame_in(struct tap_world *tw, const struct vnet_hdr *h,
			      u32 len)
{
	struct frame *f = test_calloc(1, sizeof(*f));

	memcpy(f->bytes, h, sizeof(*h));
	f->len = (u32)sizeof(*h) + len;
	tw->os->in[tw->os->in_tail++] = f;
	return f;
}

/* What the poller of a real platform does. */
static void device_moves(struct tap_world *tw)
{
	local_bh_disable();
	hw_step_all(tw->w.m);
	local_bh_enable();
	fake_run(tw->w.fp);
}

/* An IPv4 TCP frame for us with `payload` bytes. */
static struct frame *tcp_in(struct tap_world *tw, const struct vnet_hdr *h,
			    u32 payload)
{
	struct frame *f = frame_in(tw, h, ETH_HLEN + 40 + payload);
	struct ethhdr *eth = (struct ethhdr *)(f->bytes + sizeof(*h));
	struct iphdr *ih = (struct iphdr *)(eth + 1);
	u8 *tcp = (u8 *)(ih + 1);

	ether_addr_copy(eth->h_dest, tw->tap->dev_addr);
	eth->h_proto = cpu_to_be16(ETH_P_IP);
	ih->version_ihl = 0x45;
	ih->tot_len = cpu_to_be16(40 + payload);
	ih->ttl = 64;
	ih->protocol = IPPROTO_TCP;
	tcp[12] = 5 << 4;
	for (u32 i = 0; i < payload; i++)
		tcp[20 + i] = (u8)i;
	return f;
}

static struct vnet_hdr tso_hdr(u16 gso_size)
{
	return (struct vnet_hdr){
		.flags = VNET_F_NEEDS_CSUM, .gso_type = VNET_GSO_TCPV4,
		.hdr_len = 54, .gso_size = gso_size,
		.csum_start = ETH_HLEN + 20, .csum_offset = 16,
	};
}

static void frames_are_read_until_none_is_left(void **s)
{
	struct vnet_hdr h = { 0 };
	struct tap_world tw;

	tap_begin(&tw);
	for (u32 i = 0; i < 150; i++)
		tcp_in(&tw, &h, i);
	device_moves(&tw);
	assert_int_equal(tw.sink.got.qlen, 150);
	assert_int_equal(skb_peek_tail(&tw.sink.got)->len, 40 + 149);
	/* and the interrupt works again */
	tcp_in(&tw, &h, 1);
	device_moves(&tw);
	assert_int_equal(tw.sink.got.qlen, 151);
	tap_end(&tw);
}

static void interrupt_mode_goes_through_the_backlog(void **s)
{
	struct vnet_hdr h = { 0 };
	struct tap_world tw;

	tap_begin(&tw);
	tw.tap->rx_interrupt_mode = true;
	for (u32 i = 0; i < 3; i++)
		tcp_in(&tw, &h, i);
	device_moves(&tw);
	assert_int_equal(tw.sink.got.qlen, 3);
	assert_true(this_percpu()->stage_count[STAGE_netif_rx] == 3);
	tap_end(&tw);
}

static void a_64_KiB_frame_arrives_whole(void **s)
{
	struct vnet_hdr h = tso_hdr(1448);
	struct tap_world tw;
	struct sk_buff *skb;
	u8 last;

	tap_begin(&tw);
	tcp_in(&tw, &h, 65000);
	device_moves(&tw);
	assert_int_equal(tw.sink.got.qlen, 1);
	skb = skb_peek(&tw.sink.got);
	assert_int_equal(skb->len, 65040);
	assert_int_equal(skb_shinfo(skb)->gso_size, 1448);
	assert_int_equal(skb_shinfo(skb)->gso_segs, 45);
	assert_int_equal(skb_shinfo(skb)->gso_type, SKB_GSO_TCPV4);
	assert_int_equal(skb->ip_summed, CHECKSUM_PARTIAL);
	assert_int_equal(skb_copy_bits(skb, 65039, &last, 1, COPY_LINEARIZE), 0);
	assert_int_equal(last, (u8)64999);
	tap_end(&tw);
}

struct lie {
	const char *what;
	u8 flags, gso_type;
	u16 gso_size, csum_start, csum_offset;
	bool fragment;
};

static const struct lie lies[] = {
	{ "gso without size", 1, VNET_GSO_TCPV4, 0, 34, 16, 0 },
	{ "gso without checksum", 0, VNET_GSO_TCPV4, 100, 34, 16, 0 },
	{ "unknown type", 1, 2, 100, 34, 16, 0 },
	{ "type 0x7f", 1, 0x7f, 100, 34, 16, 0 },
	{ "ufo was not offered", 1, VNET_GSO_UDP, 100, 34, 6, 0 },
	{ "v6 on a v4 frame", 1, VNET_GSO_TCPV6, 100, 34, 16, 0 },
	{ "udp on a tcp frame", 1, VNET_GSO_UDP_L4, 100, 34, 6, 0 },
	{ "ecn alone", 1, VNET_GSO_ECN, 100, 34, 16, 0 },
	{ "segments of one byte", 1, VNET_GSO_TCPV4, 1, 34, 16, 0 },
	{ "csum_start in the ip header", 1, VNET_GSO_TCPV4, 100, 20, 16, 0 },
	{ "csum_offset elsewhere", 1, VNET_GSO_TCPV4, 100, 34, 4, 0 },
	{ "csum_start beyond the frame", 1, 0, 0, 65535, 0, 0 },
	{ "csum_offset beyond the frame", 1, 0, 0, 34, 65535, 0 },
	{ "csum_start before the payload", 1, 0, 0, 13, 2, 0 },
	{ "gso on a fragment", 1, VNET_GSO_TCPV4, 100, 34, 16, 1 },
};

static void a_header_that_lies_drops_the_frame(void **s)
{
	for (u32 i = 0; i < ARRAY_SIZE(lies); i++) {
		const struct lie *l = &lies[i];
		struct vnet_hdr h = {
			.flags = l->flags, .gso_type = l->gso_type,
			.gso_size = l->gso_size, .csum_start = l->csum_start,
			.csum_offset = l->csum_offset,
		};
		struct rtnl_link_stats64 st;
		struct tap_world tw;
		struct frame *f;

		tap_begin(&tw);
		f = tcp_in(&tw, &h, 5000);
		if (l->fragment)
			f->bytes[sizeof(h) + ETH_HLEN + 6] = 0x20;
		device_moves(&tw);
		dev_get_stats(tw.tap, &st);
		if (tw.sink.got.qlen || st.rx_frame_errors != 1)
			fail_msg("%s", l->what);
		assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_DEV_HDR],
				 1);
		tap_end(&tw);
	}
}

static void short_gso_frames_are_dropped(void **s)
{
	for (u32 cut = 0; cut <= 54; cut++) {
		struct vnet_hdr h = tso_hdr(100);
		struct tap_world tw;

		tap_begin(&tw);
		tcp_in(&tw, &h, 100)->len = (u32)sizeof(h) + cut;
		device_moves(&tw);
		assert_int_equal(tw.sink.got.qlen, 0);
		tap_end(&tw);
	}
}

static void a_packet_is_written_with_its_metadata(void **s)
{
	struct tap_world tw;
	struct vnet_hdr h;
	struct sk_buff *skb;

	tap_begin(&tw);
	skb = toy_frame(tw.tap, 1000, 0);
	skb->protocol = cpu_to_be16(ETH_P_IP);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)(skb_headroom(skb) + 34);
	skb->csum_offset = 16;
	skb_shinfo(skb)->gso_size = 300;
	skb_shinfo(skb)->gso_segs = 4;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	assert_int_equal(dev_queue_xmit(skb), NET_XMIT_SUCCESS);
	assert_int_equal(tw.os->written, 1);
	assert_int_equal(tw.os->out.len, sizeof(h) + ETH_HLEN + 1000);
	memcpy(&h, tw.os->out.bytes, sizeof(h));
	assert_int_equal(h.flags, VNET_F_NEEDS_CSUM);
	assert_int_equal(h.gso_type, VNET_GSO_TCPV4);
	assert_int_equal(h.gso_size, 300);
	assert_int_equal(h.csum_start, 34);
	assert_int_equal(h.csum_offset, 16);
	tap_end(&tw);
}

static void a_write_that_fails_is_counted(void **s)
{
	struct rtnl_link_stats64 st;
	struct tap_world tw;

	tap_begin(&tw);
	tw.os->write_error = -ENOBUFS;
	dev_queue_xmit(toy_frame(tw.tap, 50, 0));
	tw.os->write_error = -EIO;
	dev_queue_xmit(toy_frame(tw.tap, 50, 0));
	dev_get_stats(tw.tap, &st);
	assert_int_equal(st.tx_dropped, 1);
	assert_int_equal(st.tx_carrier_errors, 1);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_FULL_RING], 1);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_DEV_TX_ERROR], 1);
	tap_end(&tw);
}

static void without_room_frames_wait_in_the_queue(void **s)
{
	struct rtnl_link_stats64 st;
	struct tap_world tw;

	tap_begin(&tw);
	tw.os->write_error = -EAGAIN;
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(dev_queue_xmit(toy_frame(tw.tap, 50, 0)),
				 NET_XMIT_SUCCESS);
	assert_true(tw.os->wants_room);
	device_moves(&tw);
	assert_int_equal(tw.os->written, 0);
	tw.os->write_error = 0;
	device_moves(&tw);
	assert_int_equal(tw.os->written, 3);
	assert_false(tw.os->wants_room);
	dev_get_stats(tw.tap, &st);
	assert_int_equal(st.tx_packets, 3);
	assert_int_equal(st.tx_dropped, 0);
	tap_end(&tw);
}

static void memory_running_out_loses_frames_but_nothing_else(void **s)
{
	for (u64 nth = 1; nth < 12; nth++) {
		struct vnet_hdr h = tso_hdr(1448);
		struct tap_world tw;

		tap_begin(&tw);
		for (u32 i = 0; i < 4; i++)
			tcp_in(&tw, &h, 20000);
		slab_fail_nth(tw.w.m->depot, nth);
		device_moves(&tw);
		slab_fail_nth(tw.w.m->depot, 0);
		device_moves(&tw);
		assert_true(tw.sink.got.qlen >= 3);
		tap_end(&tw);
	}
}

static void loopback_gives_back_what_is_sent(void **s)
{
	struct net_device *lo;
	struct sk_buff *skb;
	struct sink sink;
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(loopback_net_ops.init(w.net), 0);
	lo = w.net->loopback_dev;
	assert_int_equal(dev_open(lo), 0);
	sink_begin(&sink, w.net, TOY_PROTO);
	skb = toy_frame(lo, 60000, 4);
	skb_shinfo(skb)->gso_size = 1000;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	skb->ip_summed = CHECKSUM_PARTIAL;
	assert_int_equal(dev_queue_xmit(skb), NET_XMIT_SUCCESS);
	assert_int_equal(sink.got.qlen, 1);
	assert_int_equal(skb_peek(&sink.got)->len, 60000);
	assert_int_equal(skb_peek(&sink.got)->pkt_type, PACKET_HOST);
	assert_int_equal(skb_peek(&sink.got)->ip_summed, CHECKSUM_UNNECESSARY);
	sink_end(&sink);
	loopback_net_ops.exit(w.net);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_until_none_is_left),
		cmocka_unit_test(interrupt_mode_goes_through_the_backlog),
		cmocka_unit_test(a_64_KiB_frame_arrives_whole),
		cmocka_unit_test(a_header_that_lies_drops_the_frame),
		cmocka_unit_test(short_gso_frames_are_dropped),
		cmocka_unit_test(a_packet_is_written_with_its_metadata),
		cmocka_unit_test(a_write_that_fails_is_counted),
		cmocka_unit_test(without_room_frames_wait_in_the_queue),
		cmocka_unit_test(memory_running_out_loses_frames_but_nothing_else),
		cmocka_unit_test(loopback_gives_back_what_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
