/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbours in virtual time: states, waiting packets, floods. */
#include "ether/neighbour.h"
#include "tests/dev/dev_test.h"

static const u8 MAC_A[MAX_ADDR_LEN] = { 2, 0, 0, 0, 0, 0xa };
static const u8 MAC_B[MAX_ADDR_LEN] = { 2, 0, 0, 0, 0, 0xb };

/* RULE 9: what the table's ops saw; a test program runs one test at a time. */
static u32 solicits, reports;
static enum neigh_state asked_in;

static void count_solicit(struct neighbour *n, struct sk_buff *skb)
{
	solicits++;
	asked_in = n->state;
}

static void count_report(struct neighbour *n, struct sk_buff *skb)
{
	reports++;
	kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
}

struct neigh_world {
	struct world w;
	struct neigh_table tbl;
};

static void neigh_begin(struct neigh_world *nw)
{
	world_begin(&nw->w, 0);
	assert_int_equal(neigh_net_ops.init(nw->w.net), 0);
	memset(&nw->tbl, 0, sizeof(nw->tbl));
	nw->tbl.family = AF_INET;
	nw->tbl.key_len = 4;
	nw->tbl.name = "test";
	nw->tbl.solicit = count_solicit;
	nw->tbl.error_report = count_report;
	solicits = reports = 0;
	assert_int_equal(neigh_table_init(nw->w.net, &nw->tbl), 0);
}

static void neigh_end(struct neigh_world *nw)
{
	neigh_table_clear(&nw->tbl);
	neigh_net_ops.exit(nw->w.net);
	world_end(&nw->w);
}

static struct neighbour *entry(struct neigh_world *nw, u32 addr)
{
	struct neighbour *n = neigh_create(&nw->tbl, &addr, nw->w.dev);

	assert_false(IS_ERR(n));
	return n;
}

static struct sk_buff *packet(struct neigh_world *nw, u8 first)
{
	struct sk_buff *skb = toy_frame(nw->w.dev, 50, first);

	skb_pull(skb, ETH_HLEN);
	return skb;
}

static u32 sent(struct neigh_world *nw)
{
	fake_run(nw->w.fp);
	return nw->w.toy->sent.qlen;
}

static void a_packet_waits_until_the_neighbour_answers(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	assert_int_equal(neigh_output(n, packet(&nw, 5)), 0);
	assert_int_equal(n->state, NUD_INCOMPLETE);
	assert_int_equal(solicits, 1);
	assert_int_equal(sent(&nw), 0);
	assert_int_equal(neigh_update(n, MAC_A, NUD_REACHABLE,
				      NEIGH_UPDATE_F_OVERRIDE), 0);
	assert_int_equal(sent(&nw), 1);
	assert_memory_equal(skb_peek(&nw.w.toy->sent)->data, MAC_A, ETH_ALEN);
	assert_int_equal(skb_peek(&nw.w.toy->sent)->data[ETH_HLEN], 5);
	assert_int_equal(nw.tbl.unres_bytes, 0);
	neigh_release(n);
	neigh_end(&nw);
}

static void silence_is_reported_after_three_questions(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_output(n, packet(&nw, 1));
	neigh_output(n, packet(&nw, 2));
	fake_advance(nw.w.fp, 2900 * NSEC_PER_MSEC);
	assert_int_equal(solicits, 3);
	assert_int_equal(reports, 0);
	fake_advance(nw.w.fp, 200 * NSEC_PER_MSEC);
	assert_int_equal(n->state, NUD_FAILED);
	assert_int_equal(reports, 2);
	assert_int_equal(solicits, 3);
	/* the next packet asks again */
	neigh_output(n, packet(&nw, 3));
	assert_int_equal(n->state, NUD_INCOMPLETE);
	assert_int_equal(solicits, 4);
	neigh_release(n);
	neigh_end(&nw);
}

static void an_unused_neighbour_turns_stale(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
	fake_advance(nw.w.fp, 29 * NSEC_PER_SEC);
	assert_int_equal(n->state, NUD_REACHABLE);
	fake_advance(nw.w.fp, 2 * NSEC_PER_SEC);
	assert_int_equal(n->state, NUD_STALE);
	neigh_release(n);
	neigh_end(&nw);
}

static void a_stale_neighbour_is_used_at_once_and_then_probed(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
	neigh_output(n, packet(&nw, 1));
	assert_int_equal(sent(&nw), 1);
	assert_int_equal(n->state, NUD_DELAY);
	fake_advance(nw.w.fp, 5100 * NSEC_PER_MSEC);
	assert_int_equal(n->state, NUD_PROBE);
	assert_int_equal(solicits, 1);
	assert_int_equal(asked_in, NUD_PROBE);
	/* packets go on meanwhile */
	neigh_output(n, packet(&nw, 2));
	assert_int_equal(sent(&nw), 2);
	neigh_update(n, MAC_A, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
	assert_int_equal(n->state, NUD_REACHABLE);
	neigh_release(n);
	neigh_end(&nw);
}

static void progress_above_saves_the_probe(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
	neigh_output(n, packet(&nw, 1));
	fake_advance(nw.w.fp, NSEC_PER_SEC);
	neigh_confirm(n);
	fake_advance(nw.w.fp, 5 * NSEC_PER_SEC);
	assert_int_equal(n->state, NUD_REACHABLE);
	assert_int_equal(solicits, 0);
	assert_true(n->proven);
	neigh_release(n);
	neigh_end(&nw);
}

static void a_probed_neighbour_that_is_silent_fails(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
	neigh_output(n, packet(&nw, 1));
	fake_advance(nw.w.fp, 9 * NSEC_PER_SEC);
	assert_int_equal(n->state, NUD_FAILED);
	assert_int_equal(solicits, 3);
	neigh_release(n);
	neigh_end(&nw);
}

static void another_address_needs_override(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
	neigh_update(n, MAC_B, NUD_REACHABLE, 0);
	assert_memory_equal(n->ha, MAC_A, ETH_ALEN);
	neigh_update(n, MAC_B, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
	assert_memory_equal(n->ha, MAC_B, ETH_ALEN);
	assert_int_equal(n->state, NUD_STALE);
	neigh_release(n);
	neigh_end(&nw);
}

static void a_permanent_entry_is_not_changed_from_outside(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_PERMANENT,
		     NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN);
	assert_int_equal(neigh_update(n, MAC_B, NUD_REACHABLE,
				      NEIGH_UPDATE_F_OVERRIDE), -EPERM);
	assert_memory_equal(n->ha, MAC_A, ETH_ALEN);
	fake_advance(nw.w.fp, 1000 * NSEC_PER_SEC);
	assert_int_equal(n->state, NUD_PERMANENT);
	neigh_release(n);
	neigh_end(&nw);
}

static void too_much_waiting_drops_the_oldest(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;
	u32 truesize;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_output(n, packet(&nw, 0));
	truesize = n->arp_queue_bytes;
	nw.tbl.unres_qlen_bytes = 3 * truesize;
	for (u8 i = 1; i < 6; i++)
		neigh_output(n, packet(&nw, i));
	assert_int_equal(n->arp_queue.qlen, 3);
	assert_int_equal(skb_peek(&n->arp_queue)->data[0], 3);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_NEIGH_QUEUEFULL],
			 3);
	neigh_release(n);
	neigh_end(&nw);
}

/* Attack row 8: with Linux no new host gets in while the flood lasts. */
static void a_flood_of_claims_leaves_partners_and_newcomers_alone(void **s)
{
	struct neigh_world nw;
	struct neighbour *partner, *n;
	u32 partner_key = 7, flood = 1u << 20, newcomers = 0;

	neigh_begin(&nw);
	partner = entry(&nw, partner_key);
	neigh_output(partner, packet(&nw, 1));
	neigh_update(partner, MAC_A, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
	neigh_release(partner);
	for (u32 i = 0; i < 5000; i++) {
		n = entry(&nw, flood + i);
		neigh_update(n, MAC_B, NUD_STALE, 0);
		neigh_release(n);
		if (i % 500 == 499) {	/* a host that we want to reach */
			n = entry(&nw, 100 + i);
			neigh_output(n, packet(&nw, 1));
			newcomers += n->state == NUD_INCOMPLETE;
			neigh_update(n, MAC_A, NUD_REACHABLE,
				     NEIGH_UPDATE_F_OVERRIDE);
			neigh_release(n);
		}
	}
	assert_true(nw.tbl.entries <= nw.tbl.gc_thresh3);
	assert_int_equal(newcomers, 10);
	assert_non_null(neigh_lookup_noref(&nw.tbl, &partner_key, nw.w.dev));
	for (u32 i = 499; i < 5000; i += 500) {
		u32 key = 100 + i;

		assert_non_null(neigh_lookup_noref(&nw.tbl, &key, nw.w.dev));
	}
	neigh_end(&nw);
}

static void an_unsolicited_answer_does_not_prove_a_neighbour(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_update(n, MAC_A, NUD_STALE, 0);
	neigh_update(n, MAC_A, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
	assert_int_equal(n->state, NUD_REACHABLE);
	assert_false(n->proven);
	neigh_release(n);
	neigh_end(&nw);
}

static void unused_entries_go_when_there_are_many(void **s)
{
	struct neigh_world nw;

	neigh_begin(&nw);
	for (u32 i = 1; i <= 200; i++) {
		struct neighbour *n = entry(&nw, i);

		neigh_update(n, MAC_A, NUD_STALE, 0);
		neigh_release(n);
	}
	fake_advance(nw.w.fp, 100 * NSEC_PER_SEC);
	assert_true(nw.tbl.entries <= nw.tbl.gc_thresh1);
	neigh_end(&nw);
}

static void a_table_with_few_entries_has_no_timer(void **s)
{
	struct neigh_world nw;

	neigh_begin(&nw);
	assert_false(timer_pending(&nw.tbl.gc_timer));
	for (u32 i = 1; i <= nw.tbl.gc_thresh1 + 1; i++) {
		struct neighbour *n = entry(&nw, i);

		assert_int_equal(timer_pending(&nw.tbl.gc_timer),
				 i > nw.tbl.gc_thresh1);
		neigh_update(n, MAC_A, NUD_STALE, 0);
		neigh_release(n);
	}
	fake_advance(nw.w.fp, 200 * NSEC_PER_SEC);
	assert_false(timer_pending(&nw.tbl.gc_timer));
	neigh_end(&nw);
}

static void the_time_of_being_reachable_changes_now_and_then(void **s)
{
	u32 first = 0, changes = 0;
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	for (int i = 0; i < 20; i++) {
		neigh_update(n, MAC_A, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
		neigh_update(n, MAC_A, NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE);
		assert_true(nw.tbl.reachable_ms >= 15000 &&
			    nw.tbl.reachable_ms < 45000);
		changes += nw.tbl.reachable_ms != first;
		first = nw.tbl.reachable_ms;
		fake_advance(nw.w.fp, 200 * NSEC_PER_SEC);
	}
	assert_true(changes >= 8 && changes <= 11);
	neigh_release(n);
	neigh_end(&nw);
}

static void entries_go_with_their_device(void **s)
{
	struct neigh_world nw;
	struct neighbour *n;

	neigh_begin(&nw);
	n = entry(&nw, 1);
	neigh_output(n, packet(&nw, 1));
	dev_close(nw.w.dev);
	assert_int_equal(nw.tbl.entries, 0);
	assert_true(n->dead);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_NEIGH_DEAD], 1);
	neigh_release(n);
	neigh_end(&nw);
}

static void a_tagged_frame_is_delivered_as_what_it_carries(void **s)
{
	struct neigh_world nw;
	struct sink sink;

	neigh_begin(&nw);
	sink_begin(&sink, nw.w.net, TOY_PROTO);
	for (u16 vid = 0; vid < 2; vid++) {
		struct sk_buff *skb = toy_frame(nw.w.dev, 54, 9);

		put_unaligned_be16(ETH_P_8021Q, skb->data + 12);
		put_unaligned_be16(vid, skb->data + 14);
		put_unaligned_be16(TOY_PROTO, skb->data + 16);
		eth_type_trans(skb, nw.w.dev);
		local_bh_disable();
		netif_receive_skb(skb);
		local_bh_enable();
	}
	assert_int_equal(sink.got.qlen, 2);
	assert_int_equal(skb_peek(&sink.got)->len, 50);
	assert_int_equal(skb_peek(&sink.got)->data[0], 9 + 4);
	assert_int_equal(skb_peek(&sink.got)->pkt_type, PACKET_HOST);
	assert_memory_equal(eth_hdr(skb_peek(&sink.got))->h_dest,
			    nw.w.dev->dev_addr, ETH_ALEN);
	assert_int_equal(skb_peek_tail(&sink.got)->pkt_type, PACKET_OTHERHOST);
	sink_end(&sink);
	neigh_end(&nw);
}

static void nested_and_cut_off_tags_are_dropped(void **s)
{
	struct neigh_world nw;

	neigh_begin(&nw);
	for (u32 len = 0; len < 16; len++) {
		struct sk_buff *skb = toy_frame(nw.w.dev, len, 0x81);

		for (u32 at = 12; at + 2 <= ETH_HLEN + len; at += 4)
			put_unaligned_be16(ETH_P_8021Q, skb->data + at);
		eth_type_trans(skb, nw.w.dev);
		local_bh_disable();
		netif_receive_skb(skb);
		local_bh_enable();
	}
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_HDR_TRUNC], 4);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_UNHANDLED_PROTO],
			 12);
	neigh_end(&nw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_waits_until_the_neighbour_answers),
		cmocka_unit_test(silence_is_reported_after_three_questions),
		cmocka_unit_test(an_unused_neighbour_turns_stale),
		cmocka_unit_test(a_stale_neighbour_is_used_at_once_and_then_probed),
		cmocka_unit_test(progress_above_saves_the_probe),
		cmocka_unit_test(a_probed_neighbour_that_is_silent_fails),
		cmocka_unit_test(another_address_needs_override),
		cmocka_unit_test(a_permanent_entry_is_not_changed_from_outside),
		cmocka_unit_test(too_much_waiting_drops_the_oldest),
		cmocka_unit_test(a_flood_of_claims_leaves_partners_and_newcomers_alone),
		cmocka_unit_test(an_unsolicited_answer_does_not_prove_a_neighbour),
		cmocka_unit_test(unused_entries_go_when_there_are_many),
		cmocka_unit_test(a_table_with_few_entries_has_no_timer),
		cmocka_unit_test(the_time_of_being_reachable_changes_now_and_then),
		cmocka_unit_test(entries_go_with_their_device),
		cmocka_unit_test(a_tagged_frame_is_delivered_as_what_it_carries),
		cmocka_unit_test(nested_and_cut_off_tags_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
