/* SPDX-License-Identifier: BSD-2-Clause */
/* The way up: backlog, demultiplexing, taps. */
#include "tests/dev/dev_test.h"

static struct sk_buff *arriving(struct net_device *dev, u8 first)
{
	struct sk_buff *skb = toy_frame(dev, 50, first);

	eth_type_trans(skb, dev);
	return skb;
}

static void a_frame_reaches_the_handler_of_its_type(void **s)
{
	struct world w;
	struct sink sink;

	world_begin(&w, 0);
	sink_begin(&sink, w.net, TOY_PROTO);
	local_bh_disable();
	netif_receive_skb(arriving(w.dev, 3));
	local_bh_enable();
	assert_int_equal(sink.got.qlen, 1);
	assert_int_equal(skb_peek(&sink.got)->len, 50);
	assert_int_equal(*skb_network_header(skb_peek(&sink.got)), 3);
	assert_int_equal(skb_peek(&sink.got)->skb_iif, w.dev->ifindex);
	sink_end(&sink);
	world_end(&w);
}

static void a_frame_of_an_unknown_type_is_dropped_and_counted(void **s)
{
	struct rtnl_link_stats64 st;
	struct world w;

	world_begin(&w, 0);
	local_bh_disable();
	netif_receive_skb(arriving(w.dev, 3));
	local_bh_enable();
	dev_get_stats(w.dev, &st);
	assert_int_equal(st.rx_nohandler, 1);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_UNHANDLED_PROTO],
			 1);
	world_end(&w);
}

static void taps_and_two_handlers_all_see_the_packet(void **s)
{
	struct world w;
	struct sink tap, a, b;

	world_begin(&w, 0);
	sink_begin(&tap, w.net, ETH_P_ALL);
	sink_begin(&a, w.net, TOY_PROTO);
	sink_begin(&b, w.net, TOY_PROTO);
	local_bh_disable();
	netif_receive_skb(arriving(w.dev, 3));
	local_bh_enable();
	assert_int_equal(tap.got.qlen, 1);
	assert_int_equal(a.got.qlen, 1);
	assert_int_equal(b.got.qlen, 1);
	sink_end(&tap);
	sink_end(&a);
	sink_end(&b);
	world_end(&w);
}

static void netif_rx_is_worked_off_in_softirq(void **s)
{
	struct world w;
	struct sink sink;

	world_begin(&w, 0);
	sink_begin(&sink, w.net, TOY_PROTO);
	local_bh_disable();
	assert_int_equal(netif_rx(arriving(w.dev, 1)), 0);
	assert_int_equal(netif_rx(arriving(w.dev, 2)), 0);
	assert_int_equal(sink.got.qlen, 0);
	local_bh_enable();
	assert_int_equal(sink.got.qlen, 2);
	assert_int_equal(*skb_peek(&sink.got)->data, 1);
	sink_end(&sink);
	world_end(&w);
}

static void a_full_backlog_drops_the_newest(void **s)
{
	struct world w;
	struct sink sink;

	world_begin(&w, 0);
	sink_begin(&sink, w.net, TOY_PROTO);
	w.net->netdev_max_backlog = 10;
	local_bh_disable();
	for (u8 i = 0; i < 10; i++)
		assert_int_equal(netif_rx(arriving(w.dev, i)), 0);
	assert_int_equal(netif_rx(arriving(w.dev, 99)), 1);
	local_bh_enable();
	assert_int_equal(sink.got.qlen, 10);
	assert_int_equal(this_softnet()->dropped, 1);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_CPU_BACKLOG], 1);
	sink_end(&sink);
	world_end(&w);
}

static void a_list_is_delivered_in_order(void **s)
{
	struct sk_buff_head list;
	struct world w;
	struct sink sink;

	world_begin(&w, 0);
	sink_begin(&sink, w.net, TOY_PROTO);
	skb_queue_head_init(&list);
	for (u8 i = 0; i < 5; i++)
		__skb_queue_tail(&list, arriving(w.dev, i));
	local_bh_disable();
	netif_receive_skb_list(&list);
	local_bh_enable();
	for (u8 i = 0; i < 5; i++) {
		struct sk_buff *skb = __skb_dequeue(&sink.got);

		assert_int_equal(*skb->data, i);
		consume_skb(skb);
	}
	sink_end(&sink);
	world_end(&w);
}

static void eth_type_trans_tells_whom_a_frame_is_for(void **s)
{
	static const struct { u8 dest[ETH_ALEN]; u8 type; } cases[] = {
		{ { 2, 0, 0, 0, 0, 1 }, PACKET_HOST },
		{ { 2, 0, 0, 0, 0, 9 }, PACKET_OTHERHOST },
		{ { 255, 255, 255, 255, 255, 255 }, PACKET_BROADCAST },
		{ { 1, 0, 0x5e, 0, 0, 1 }, PACKET_MULTICAST },
	};
	struct world w;

	world_begin(&w, 0);
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sk_buff *skb = toy_frame(w.dev, 50, 0);

		ether_addr_copy(skb->data, cases[i].dest);
		assert_int_equal(be16_to_cpu(eth_type_trans(skb, w.dev)),
				 TOY_PROTO);
		assert_int_equal(skb->pkt_type, cases[i].type);
		consume_skb(skb);
	}
	world_end(&w);
}

static u32 events_seen;
static int count_event(struct notifier_block *nb, unsigned long event, void *p)
{
	events_seen |= 1u << event;
	return 0;
}

static void a_late_notifier_hears_of_devices_that_are_there(void **s)
{
	struct notifier_block nb = { .call = count_event };
	struct world w;

	world_begin(&w, 0);
	events_seen = 0;
	register_netdevice_notifier(w.net, &nb);
	assert_int_equal(events_seen, 1u << NETDEV_REGISTER | 1u << NETDEV_UP);
	dev_set_mtu(w.dev, 1000);
	assert_true(events_seen & 1u << NETDEV_CHANGEMTU);
	assert_int_equal(dev_set_mtu(w.dev, 67), -EINVAL);
	unregister_netdevice_notifier(w.net, &nb);
	world_end(&w);
}

static void devices_are_named_by_the_lowest_free_number(void **s)
{
	struct net_device *second;
	struct world w;

	world_begin(&w, 0);
	second = toy_create(w.net, 0);
	assert_string_equal(w.dev->name, "toy0");
	assert_string_equal(second->name, "toy1");
	assert_ptr_equal(dev_get_by_name(w.net, "toy1"), second);
	assert_ptr_equal(dev_get_by_index(w.net, w.dev->ifindex), w.dev);
	toy_destroy(second);
	assert_null(dev_get_by_name(w.net, "toy1"));
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_reaches_the_handler_of_its_type),
		cmocka_unit_test(a_frame_of_an_unknown_type_is_dropped_and_counted),
		cmocka_unit_test(taps_and_two_handlers_all_see_the_packet),
		cmocka_unit_test(netif_rx_is_worked_off_in_softirq),
		cmocka_unit_test(a_full_backlog_drops_the_newest),
		cmocka_unit_test(a_list_is_delivered_in_order),
		cmocka_unit_test(eth_type_trans_tells_whom_a_frame_is_for),
		cmocka_unit_test(a_late_notifier_hears_of_devices_that_are_there),
		cmocka_unit_test(devices_are_named_by_the_lowest_free_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
