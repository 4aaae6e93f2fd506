/* SPDX-License-Identifier: BSD-2-Clause */
/* Membership: what is reported when, in which version. */
#include "tests/inet/inet_test.h"

#include "buf/wire/igmp.h"

#define GROUP	0xe1010101u
#define HDR	24		/* IP header with router alert */

static struct sk_buff *next_igmp(struct inet_world *iw)
{
	struct sk_buff *skb;

	while ((skb = next_ip(iw))) {
		if (ip_hdr(skb)->protocol == IPPROTO_IGMP)
			return skb;
		consume_skb(skb);
	}
	return NULL;
}

/* The next report is of version 3, one record of `kind` for GROUP. */
static void expect_v3(struct inet_world *iw, u8 kind)
{
	struct sk_buff *skb = next_igmp(iw);
	const struct igmpv3_grec *rec;

	assert_non_null(skb);
	assert_int_equal(ip_hdr(skb)->ttl, 1);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), IGMPV3_ALL_MCR);
	assert_int_equal(skb->data[20], IPOPT_RA);
	assert_int_equal(skb->data[HDR], IGMPV3_HOST_MEMBERSHIP_REPORT);
	assert_int_equal(ip_compute_csum(skb->data + HDR, skb->len - HDR), 0);
	assert_int_equal(get_unaligned_be16(skb->data + HDR + 6), 1);
	rec = (const struct igmpv3_grec *)(skb->data + HDR + 8);
	assert_int_equal(rec->grec_type, kind);
	assert_int_equal(be32_to_cpu(rec->grec_mca), GROUP);
	consume_skb(skb);
}

static void expect_v2(struct inet_world *iw, u8 type, u32 to)
{
	struct sk_buff *skb = next_igmp(iw);

	assert_non_null(skb);
	assert_int_equal(skb->data[HDR], type);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), to);
	assert_int_equal(get_unaligned_be32(skb->data + HDR + 4), GROUP);
	consume_skb(skb);
}

static void query(struct inet_world *iw, u8 code, u32 group, u32 len)
{
	u8 q[12] = { IGMP_HOST_MEMBERSHIP_QUERY, code };
	struct pkt p = { .protocol = IPPROTO_IGMP, .data = q, .len = len,
			 .ttl = 1, .daddr = group ? group : IGMP_ALL_HOSTS };

	put_unaligned_be32(group, q + 4);
	memcpy(q + 2, &(__sum16){ ip_compute_csum(q, len) }, 2);
	inject_ip(iw, &p);
}

static void join(struct inet_world *iw)
{
	assert_int_equal(ip_mc_join(iw->dev, cpu_to_be32(GROUP)), 0);
}

static void leave(struct inet_world *iw)
{
	assert_int_equal(ip_mc_leave(iw->dev, cpu_to_be32(GROUP)), 0);
}

static void the_first_join_and_the_last_leave_are_reported_twice(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	join(&iw);
	expect_v3(&iw, IGMPV3_CHANGE_TO_EXCLUDE);
	join(&iw);
	assert_null(next_igmp(&iw));
	fake_advance(iw.w.fp, 2 * NSEC_PER_SEC);
	expect_v3(&iw, IGMPV3_CHANGE_TO_EXCLUDE);
	assert_null(next_igmp(&iw));
	leave(&iw);
	assert_true(ip_check_mc(iw.dev, cpu_to_be32(GROUP)));
	assert_null(next_igmp(&iw));
	leave(&iw);
	assert_false(ip_check_mc(iw.dev, cpu_to_be32(GROUP)));
	expect_v3(&iw, IGMPV3_CHANGE_TO_INCLUDE);
	fake_advance(iw.w.fp, 2 * NSEC_PER_SEC);
	expect_v3(&iw, IGMPV3_CHANGE_TO_INCLUDE);
	assert_int_equal(ip_mc_leave(iw.dev, cpu_to_be32(GROUP)),
			 -EADDRNOTAVAIL);
	inet_end(&iw);
}

static void a_general_query_is_answered_within_its_time(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	join(&iw);
	fake_advance(iw.w.fp, 2 * NSEC_PER_SEC);
	skb_queue_consume(&iw.w.toy->sent);
	query(&iw, 50, 0, 12);
	fake_advance(iw.w.fp, 5 * NSEC_PER_SEC + NSEC_PER_MSEC * 2);
	expect_v3(&iw, IGMPV3_MODE_IS_EXCLUDE);
	assert_null(next_igmp(&iw));
	leave(&iw);
	inet_end(&iw);
}

static void an_older_querier_is_answered_in_its_version(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	query(&iw, 100, 0, 8);
	join(&iw);
	expect_v2(&iw, IGMPV2_HOST_MEMBERSHIP_REPORT, GROUP);
	fake_advance(iw.w.fp, 11 * NSEC_PER_SEC);
	expect_v2(&iw, IGMPV2_HOST_MEMBERSHIP_REPORT, GROUP);
	query(&iw, 0, 0, 8);
	fake_advance(iw.w.fp, 11 * NSEC_PER_SEC);
	expect_v2(&iw, IGMP_HOST_MEMBERSHIP_REPORT, GROUP);
	/* version 1 knows no leave */
	leave(&iw);
	assert_null(next_igmp(&iw));
	inet_end(&iw);
}

static void anothers_report_makes_ours_unnecessary(void **s)
{
	u8 r[8] = { IGMPV2_HOST_MEMBERSHIP_REPORT };
	struct pkt p = { .protocol = IPPROTO_IGMP, .data = r, .len = 8,
			 .ttl = 1, .daddr = GROUP };
	struct inet_world iw;

	inet_begin(&iw);
	query(&iw, 100, 0, 8);
	join(&iw);
	fake_advance(iw.w.fp, 11 * NSEC_PER_SEC);
	skb_queue_consume(&iw.w.toy->sent);
	query(&iw, 100, 0, 8);
	put_unaligned_be32(GROUP, r + 4);
	memcpy(r + 2, &(__sum16){ ip_compute_csum(r, 8) }, 2);
	inject_ip(&iw, &p);
	fake_advance(iw.w.fp, 11 * NSEC_PER_SEC);
	assert_null(next_igmp(&iw));
	/* and who did not report last does not say that it leaves */
	leave(&iw);
	assert_null(next_igmp(&iw));
	inet_end(&iw);
}

static void groups_are_heard_only_by_members(void **s)
{
	struct pkt p = { .daddr = GROUP, .data = "x", .len = 1 };
	struct inet_world iw;

	inet_begin(&iw);
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 0);
	join(&iw);
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 1);
	assert_int_equal(STAT(&iw, IpExt, InMcastPkts), 1);
	leave(&iw);
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 1);
	inet_end(&iw);
}

static void malformed_messages_are_dropped(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	join(&iw);
	for (u32 len = 0; len < 12; len++)
		if (len != 8)
			query(&iw, 1, 0, len);
	assert_int_equal(drops(SKB_DROP_REASON_IGMP_HDR), 11);
	leave(&iw);
	inet_end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_join_and_the_last_leave_are_reported_twice),
		cmocka_unit_test(a_general_query_is_answered_within_its_time),
		cmocka_unit_test(an_older_querier_is_answered_in_its_version),
		cmocka_unit_test(anothers_report_makes_ours_unnecessary),
		cmocka_unit_test(groups_are_heard_only_by_members),
		cmocka_unit_test(malformed_messages_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
