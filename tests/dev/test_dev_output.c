/* SPDX-License-Identifier: BSD-2-Clause */
/* The way down: queue, discipline, driver. */
#include "tests/dev/dev_test.h"

static void send_n(struct world *w, u32 n, u32 priority)
{
	for (u32 i = 0; i < n; i++) {
		struct sk_buff *skb = toy_frame(w->dev, 50, (u8)i);

		skb->priority = priority;
		dev_queue_xmit(skb);
	}
}

static void a_packet_on_an_idle_queue_goes_straight_to_the_driver(void **s)
{
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(dev_queue_xmit(toy_frame(w.dev, 50, 7)),
			 NET_XMIT_SUCCESS);
	assert_int_equal(w.toy->sent.qlen, 1);
	assert_int_equal(skb_peek(&w.toy->sent)->data[ETH_HLEN], 7);
	world_end(&w);
}

static void a_refused_packet_is_sent_first_when_the_queue_is_woken(void **s)
{
	struct world w;

	world_begin(&w, 0);
	w.toy->busy = true;
	send_n(&w, 3, 0);
	assert_int_equal(w.toy->refused, 1);
	assert_int_equal(w.dev->tx[0].qdisc->qlen, 3);
	w.toy->busy = false;
	netif_tx_wake_queue(&w.dev->tx[0]);
	fake_run(w.fp);
	assert_int_equal(w.toy->sent.qlen, 3);
	for (u8 i = 0; i < 3; i++) {
		struct sk_buff *skb = __skb_dequeue(&w.toy->sent);

		assert_int_equal(skb->data[ETH_HLEN], i);
		consume_skb(skb);
	}
	assert_int_equal(w.dev->tx[0].qdisc->requeues, 1);
	assert_int_equal(w.dev->tx[0].qdisc->backlog, 0);
	world_end(&w);
}

static void pfifo_fast_sends_interactive_before_bulk(void **s)
{
	static const u32 order[] = { 6, 0, 2 };	/* interactive, best effort, bulk */
	struct world w;

	world_begin(&w, 0);
	netif_tx_stop_queue(&w.dev->tx[0]);
	send_n(&w, 1, 2);
	send_n(&w, 1, 0);
	send_n(&w, 1, 6);
	netif_tx_wake_queue(&w.dev->tx[0]);
	fake_run(w.fp);
	for (u32 i = 0; i < 3; i++) {
		struct sk_buff *skb = __skb_dequeue(&w.toy->sent);

		assert_non_null(skb);
		assert_int_equal(skb->priority, order[i]);
		consume_skb(skb);
	}
	world_end(&w);
}

static void a_full_band_drops_and_counts(void **s)
{
	struct world w;
	struct sk_buff *skb;

	world_begin(&w, 0);
	netif_tx_stop_queue(&w.dev->tx[0]);
	send_n(&w, 1000, 0);
	skb = toy_frame(w.dev, 50, 0);
	assert_int_equal(dev_queue_xmit(skb), NET_XMIT_DROP);
	assert_int_equal(w.dev->tx[0].qdisc->drops, 1);
	assert_int_equal(w.dev->tx[0].tx_dropped, 1);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_QDISC_DROP], 1);
	world_end(&w);
}

static void one_run_sends_no_more_than_its_quota(void **s)
{
	struct world w;

	world_begin(&w, 0);
	netif_tx_stop_queue(&w.dev->tx[0]);
	send_n(&w, 200, 0);
	local_bh_disable();	/* NET_TX has to wait */
	netif_tx_start_all_queues(w.dev);
	send_n(&w, 1, 0);
	assert_in_range(w.toy->sent.qlen, 1, 64);
	local_bh_enable();
	fake_run(w.fp);
	assert_int_equal(w.toy->sent.qlen, 201);
	assert_true(w.toy->more_seen > 100);
	world_end(&w);
}

static void pfifo_replaces_the_default_with_its_own_limit(void **s)
{
	struct qdisc_params p = { .limit = 2 };
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(dev_qdisc_change(w.dev, &pfifo_qdisc_ops, &p), 0);
	netif_tx_stop_queue(&w.dev->tx[0]);
	send_n(&w, 4, 0);
	assert_int_equal(w.dev->tx[0].qdisc->drops, 2);
	netif_tx_wake_queue(&w.dev->tx[0]);
	fake_run(w.fp);
	assert_int_equal(w.toy->sent.qlen, 2);
	world_end(&w);
}

static void a_device_that_is_down_refuses(void **s)
{
	struct world w;

	world_begin(&w, 0);
	dev_close(w.dev);
	assert_int_equal(dev_queue_xmit(toy_frame(w.dev, 50, 0)), -ENETDOWN);
	assert_int_equal(w.toy->sent.qlen, 0);
	world_end(&w);
}

static void packets_that_wait_die_when_the_device_closes(void **s)
{
	struct world w;

	world_begin(&w, 0);
	w.toy->busy = true;
	send_n(&w, 10, 0);
	dev_close(w.dev);
	assert_int_equal(w.dev->tx[0].qdisc->qlen, 0);
	world_end(&w);
}

static void a_device_that_sends_to_itself_is_stopped(void **s)
{
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(dev_qdisc_change(w.dev, &noqueue_qdisc_ops, NULL), 0);
	w.dev->features |= NETIF_F_LLTX;
	w.toy->forward_to_self = true;
	dev_queue_xmit(toy_frame(w.dev, 50, 0));
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_RECURSION_LIMIT],
			 1);
	world_end(&w);
}

static void a_tap_sees_what_is_sent(void **s)
{
	struct world w;
	struct sink tap;

	world_begin(&w, 0);
	sink_begin(&tap, w.net, ETH_P_ALL);
	send_n(&w, 2, 0);
	assert_int_equal(tap.got.qlen, 2);
	assert_int_equal(skb_peek(&tap.got)->pkt_type, PACKET_OUTGOING);
	assert_int_equal(skb_peek(&tap.got)->len, ETH_HLEN + 50);
	sink_end(&tap);
	world_end(&w);
}

static void a_vlan_tag_is_put_into_the_frame(void **s)
{
	struct world w;
	struct sk_buff *skb;

	world_begin(&w, 0);
	skb = toy_frame(w.dev, 50, 9);
	skb->vlan_tci = 0x2005;
	skb->vlan_present = 1;
	dev_queue_xmit(skb);
	skb = skb_peek(&w.toy->sent);
	assert_non_null(skb);
	assert_int_equal(skb->len, ETH_HLEN + VLAN_HLEN + 50);
	assert_int_equal(get_unaligned_be16(skb->data + 12), ETH_P_8021Q);
	assert_int_equal(get_unaligned_be16(skb->data + 14), 0x2005);
	assert_int_equal(get_unaligned_be16(skb->data + 16), TOY_PROTO);
	assert_int_equal(skb->data[18], 9);
	assert_memory_equal(skb->data, w.dev->dev_addr, ETH_ALEN);
	world_end(&w);
}

static void a_hung_queue_is_reported_to_the_driver(void **s)
{
	struct world w;

	world_begin(&w, 0);
	w.toy->busy = true;
	send_n(&w, 1, 0);
	fake_advance(w.fp, 4 * NSEC_PER_SEC);
	assert_int_equal(w.toy->timeouts, 0);
	fake_advance(w.fp, 8 * NSEC_PER_SEC);
	assert_true(w.toy->timeouts >= 1);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_on_an_idle_queue_goes_straight_to_the_driver),
		cmocka_unit_test(a_refused_packet_is_sent_first_when_the_queue_is_woken),
		cmocka_unit_test(pfifo_fast_sends_interactive_before_bulk),
		cmocka_unit_test(a_full_band_drops_and_counts),
		cmocka_unit_test(one_run_sends_no_more_than_its_quota),
		cmocka_unit_test(pfifo_replaces_the_default_with_its_own_limit),
		cmocka_unit_test(a_device_that_is_down_refuses),
		cmocka_unit_test(packets_that_wait_die_when_the_device_closes),
		cmocka_unit_test(a_device_that_sends_to_itself_is_stopped),
		cmocka_unit_test(a_tap_sees_what_is_sent),
		cmocka_unit_test(a_vlan_tag_is_put_into_the_frame),
		cmocka_unit_test(a_hung_queue_is_reported_to_the_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
