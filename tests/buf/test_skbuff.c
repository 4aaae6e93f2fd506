/* SPDX-License-Identifier: BSD-2-Clause */
/* buf/skbuff.c: birth, clones, death, references. */
#include "buf/dst_ref.h"
#include "buf/skb_internal.h"
#include "tests/buf/skb_test.h"

static void a_new_packet_is_empty_with_room(void **state)
{
	struct sk_buff *skb = got(alloc_skb(1500));

	assert_int_equal(skb->len, 0);
	assert_true(skb_tailroom(skb) >= 1500);
	assert_int_equal((uintptr_t)skb_shinfo(skb) % 8, 0);
	assert_int_equal(skb->truesize, SKB_TRUESIZE(1500));
	skb_reserve(skb, 100);
	assert_int_equal(skb_headroom(skb), 100);
	memset(skb_put(skb, 1400), 1, 1400);
	memset(skb_push(skb, 20), 2, 20);
	assert_int_equal(skb->len, 1420);
	assert_int_equal(*skb_pull(skb, 20), 1);
	consume_skb(skb);
}

static void ids_are_unique_and_name_the_cpu(void **state)
{
	struct sk_buff *a = got(alloc_skb(10)), *b = got(alloc_skb(10));
	struct sk_buff *c = got(skb_clone(a));

	assert_true(a->id != b->id);
	assert_true(a->id == c->id);
	assert_int_equal(a->id >> 56, 1);
	consume_skb(a);
	consume_skb(b);
	consume_skb(c);
}

static void a_drop_counts_its_reason_once(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *skb = got(alloc_skb(10));

	skb_get(skb);
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(f->pc.drops[SKB_DROP_REASON_IP_CSUM], 0);
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(f->pc.drops[SKB_DROP_REASON_IP_CSUM], 1);
	kfree_skb_reason(NULL, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(f->pc.drops[SKB_DROP_REASON_IP_CSUM], 1);
}

static void a_list_of_drops_counts_each(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *a = got(alloc_skb(10)), *b = got(alloc_skb(10));

	a->next = b;
	kfree_skb_list_reason(a, SKB_DROP_REASON_QDISC_DROP);
	assert_int_equal(f->pc.drops[SKB_DROP_REASON_QDISC_DROP], 2);
}

static void a_drop_is_in_the_trace(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *skb = make_skb(60, 0, 0);
	struct trace_record r[4];
	u64 lost = 0, id = skb->id;
	u32 n;

	f->pc.trace = got(trace_ring_create(&f->platform, 16));
	trace_switch(&f->pc, true);
	kfree_skb_reason(skb, SKB_DROP_REASON_TCP_CSUM);
	n = trace_ring_read(f->pc.trace, r, 4, &lost);
	assert_int_equal(n, 2);
	assert_int_equal(r[0].code, STAGE_kfree_skb);
	assert_int_equal(r[1].kind, TRACE_DROP);
	assert_int_equal(r[1].code, SKB_DROP_REASON_TCP_CSUM);
	assert_true(r[1].packet == id);
	assert_int_equal(r[1].len, 60);
	trace_ring_destroy(&f->platform, f->pc.trace);
	f->pc.trace = NULL;
}

static void a_clone_keeps_the_bytes_alive(void **state)
{
	struct sk_buff *skb = make_skb(100, 3, 200), *c = got(skb_clone(skb));

	assert_true(skb_cloned(skb));
	assert_true(skb_cloned(c));
	consume_skb(skb);
	assert_false(skb_cloned(c));
	assert_pattern(c, 0, 700);
	consume_skb(c);
}

static void released_headers_may_be_written_by_one_clone(void **state)
{
	struct sk_buff *skb = make_skb(0, 1, 500), *c, *d;

	skb_header_release(skb);
	c = got(skb_clone(skb));
	assert_false(skb_header_cloned(c));
	assert_int_equal(skb_cow_head(c, 40), 0);
	assert_ptr_equal(c->head, skb->head);
	d = got(skb_clone(skb));
	assert_true(skb_header_cloned(d));
	assert_int_equal(skb_cow_head(d, 40), 0);
	assert_ptr_not_equal(d->head, skb->head);
	assert_pattern(d, 0, 500);
	consume_skb(skb);
	consume_skb(d);
	consume_skb(c);
}

static void count_release(struct dst_ref *ref)
{
	refcount_set(&ref->refs, -1);
}

static void the_route_is_given_back(void **state)
{
	struct dst_ref ref = { .release = count_release };
	struct sk_buff *skb = got(alloc_skb(10)), *c;

	refcount_set(&ref.refs, 1);
	skb->dst = (struct dst_entry *)&ref;
	c = got(skb_clone(skb));
	assert_int_equal(refcount_read(&ref.refs), 2);
	consume_skb(skb);
	assert_int_equal(refcount_read(&ref.refs), 1);
	skb_dst_drop(c);
	assert_int_equal(refcount_read(&ref.refs), -1);
	assert_null(c->dst);
	consume_skb(c);
}

static void a_route_without_reference_is_left_alone(void **state)
{
	struct dst_ref ref = { .release = count_release };
	struct sk_buff *skb = got(alloc_skb(10)), *c;

	refcount_set(&ref.refs, 1);
	skb->dst = (struct dst_entry *)&ref;
	skb->dst_noref = 1;
	c = got(skb_clone(skb));
	consume_skb(skb);
	consume_skb(c);
	assert_int_equal(refcount_read(&ref.refs), 1);
}

static void set_mark(struct sk_buff *skb)
{
	++*(u32 *)(void *)skb->sk;
}

static void the_destructor_runs_once(void **state)
{
	u32 count = 0;
	struct sk_buff *skb = got(alloc_skb(10)), *c;

	skb->sk = (struct sock *)(void *)&count;
	skb->destructor = set_mark;
	c = got(skb_clone(skb));
	assert_null(c->sk);
	consume_skb(c);
	assert_int_equal(count, 0);
	skb_orphan(skb);
	assert_int_equal(count, 1);
	consume_skb(skb);
	assert_int_equal(count, 1);
}

static void a_shared_packet_is_cloned_for_its_changer(void **state)
{
	struct sk_buff *skb = make_skb(10, 0, 0), *mine;

	assert_ptr_equal(skb_share_check(skb), skb);
	skb_get(skb);
	mine = skb_share_check(skb);
	assert_ptr_not_equal(mine, skb);
	assert_int_equal(refcount_read(&skb->users), 1);
	consume_skb(mine);
	consume_skb(skb);
}

/* In every order in which original, twin and buffer can end. */
static void a_pair_is_one_allocation(void **state)
{
	struct percpu_fixture *f = *state;
	size_t before = slab_in_use(f->depot);

	for (int order = 0; order < 8; order++) {
		struct sk_buff *skb = got(alloc_skb_pair(100)), *twin, *more;

		fill_pattern(skb_put(skb, 50), 0, 50);
		assert_int_equal(slab_in_use(f->depot), before + 1);
		twin = got(skb_clone(skb));
		assert_int_equal(slab_in_use(f->depot), before + 1);
		more = got(skb_clone(skb));	/* the place is taken */
		assert_int_equal(slab_in_use(f->depot), before + 2);
		if (order & 1)
			assert_int_equal(pskb_expand_head(skb, 64, 0), 0);
		if (order & 2)
			assert_int_equal(skb_unclone(twin), 0);
		consume_skb(order & 4 ? skb : twin);
		assert_pattern(more, 0, 50);
		assert_pattern(order & 4 ? twin : skb, 0, 50);
		consume_skb(more);
		assert_pattern(order & 4 ? twin : skb, 0, 50);
		consume_skb(order & 4 ? twin : skb);
		assert_int_equal(slab_in_use(f->depot), before);
	}
}

static void a_twin_is_made_again(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *skb = got(alloc_skb_pair(100)), *twin, *first = NULL;

	fill_pattern(skb_put(skb, 50), 0, 50);
	for (int i = 0; i < 3; i++) {
		twin = got(skb_clone(skb));
		assert_true(skb_cloned(skb));
		if (!first)
			first = twin;
		assert_ptr_equal(twin, first);
		slab_fail_nth(f->depot, 1);
		assert_null(skb_clone(twin));	/* it is no original */
		consume_skb(twin);
		assert_false(skb_cloned(skb));
	}
	consume_skb(skb);
}

static void no_memory_is_an_answer(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *skb;

	for (u64 n = 1; n <= 2; n++) {
		slab_fail_nth(f->depot, n);
		assert_null(alloc_skb(4000));
	}
	slab_fail_nth(f->depot, 1);
	assert_null(alloc_skb(100));
	slab_fail_nth(f->depot, 1);
	assert_null(alloc_skb_pair(100));
	skb = make_skb(10, 0, 0);
	slab_fail_nth(f->depot, 1);
	assert_null(skb_clone(skb));
	slab_fail_nth(f->depot, 1);
	assert_null(skb_copy(skb));
	skb_get(skb);
	slab_fail_nth(f->depot, 1);
	assert_null(skb_share_check(skb));
	assert_int_equal(f->pc.drops[SKB_DROP_REASON_NOMEM], 0);
	consume_skb(skb);
}

static void a_page_becomes_a_packet(void **state)
{
	struct page *pg = got(page_alloc(2048));
	struct sk_buff *skb = got(build_skb(pg, 0, 2048));

	skb_reserve(skb, 64);
	fill_pattern(skb_put(skb, 1514), 0, 1514);
	assert_pattern(skb, 0, 1514);
	assert_int_equal(refcount_read(&pg->refs), 1);
	consume_skb(skb);
}

static void pool_pages_come_back(void **state)
{
	struct page_pool *pp = got(page_pool_create(2048, 4));
	struct page *p[4];

	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < 4; i++) {
			p[i] = got(page_pool_alloc(pp));
			assert_non_null(p[i]);
			assert_int_equal(p[i]->size, 2048);
		}
		assert_null(page_pool_alloc(pp));
		for (u32 i = 0; i < 4; i++)
			page_put(p[i]);
	}
	page_pool_destroy(pp);
}

static void a_pool_outlives_its_owner_by_its_pages(void **state)
{
	struct percpu_fixture *f = *state;
	struct page_pool *pp = got(page_pool_create(4096, 4));
	struct page *a = got(page_pool_alloc(pp)), *b = got(page_pool_alloc(pp));

	page_get(a);
	page_put(b);
	page_pool_destroy(pp);
	page_put(a);
	assert_true(slab_in_use(f->depot) > 0);
	page_put(a);
	assert_int_equal(slab_in_use(f->depot), 0);
}

struct lent {
	struct page page;
	u8 bytes[100];
	bool back;
};

static void give_back(struct page *pg)
{
	container_of(pg, struct lent, page)->back = true;
}

/* 20 linear bytes and 80 of the program's memory. */
static struct sk_buff *lent_skb(struct lent *l)
{
	struct sk_buff *skb = make_skb(20, 0, 0);

	*l = (struct lent){ .page = { .addr = l->bytes, .size = 100,
				      .release = give_back } };
	refcount_set(&l->page.refs, 1);
	fill_pattern(l->bytes, 10, 100);
	skb_add_rx_frag(skb, 0, &l->page, 10, 80, 80);
	skb_shinfo(skb)->tx_flags |= SKB_TX_USER_FRAGS;
	return skb;
}

static void lent_memory_is_given_back_by_the_last_packet(void **state)
{
	struct sk_buff *rest = got(alloc_skb(64));
	struct sk_buff *half = got(alloc_skb(64));
	struct lent l;
	struct sk_buff *skb = lent_skb(&l);

	skb_split(skb, rest, 50);
	assert_int_equal(skb_splice_from(half, skb, 30, 20), 0);
	assert_true(skb_shinfo(rest)->tx_flags & SKB_TX_USER_FRAGS);
	assert_true(skb_shinfo(half)->tx_flags & SKB_TX_USER_FRAGS);
	consume_skb(skb);
	assert_pattern(rest, 50, 50);
	consume_skb(rest);
	assert_pattern(half, 30, 20);
	assert_false(l.back);
	consume_skb(half);
	assert_true(l.back);
	assert_false(l.page.copied);
}

static void an_orphan_has_its_own_copy_and_its_clone_the_memory(void **state)
{
	struct lent l;
	struct sk_buff *skb = lent_skb(&l), *clone = got(skb_clone(skb));

	assert_int_equal(skb_orphan_frags(clone), 0);
	assert_true(l.page.copied);
	l.bytes[10]++;
	assert_pattern(clone, 0, 100);
	assert_sane(clone);
	assert_int_equal(*(u8 *)skb_frag_address(&skb_shinfo(skb)->frags[0]),
			 pattern(20) + 1);
	consume_skb(skb);
	assert_true(l.back);
	assert_int_equal(skb_orphan_frags(clone), 0);
	consume_skb(clone);
}

static void without_memory_no_orphan_is_made(void **state)
{
	struct percpu_fixture *f = *state;
	struct lent l;
	struct sk_buff *skb = lent_skb(&l), *clone = got(skb_clone(skb));

	for (u64 n = 1; n <= 2; n++) {
		slab_fail_nth(f->depot, n);
		assert_int_equal(skb_orphan_frags(clone), -ENOMEM);
	}
	assert_false(l.page.copied);
	assert_pattern(clone, 0, 100);
	consume_skb(skb);
	assert_false(l.back);
	consume_skb(clone);
	assert_true(l.back);
}

static void nothing_is_added_to_lent_memory(void **state)
{
	struct lent l;
	struct sk_buff *skb = lent_skb(&l);
	u8 more[5] = { 1, 2, 3, 4, 5 };
	struct iov_iter it;
	struct iovec iov;

	iov_iter_single(&it, &iov, more, 5);
	assert_int_equal(skb_add_data(skb, &it, 5), 0);
	assert_int_equal(skb_shinfo(skb)->nr_frags, 2);
	assert_int_equal(l.bytes[90], pattern(100));
	consume_skb(skb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(a_new_packet_is_empty_with_room),
		WEIR_TEST(ids_are_unique_and_name_the_cpu),
		WEIR_TEST(a_drop_counts_its_reason_once),
		WEIR_TEST(a_list_of_drops_counts_each),
		WEIR_TEST(a_drop_is_in_the_trace),
		WEIR_TEST(a_clone_keeps_the_bytes_alive),
		WEIR_TEST(released_headers_may_be_written_by_one_clone),
		WEIR_TEST(the_route_is_given_back),
		WEIR_TEST(a_route_without_reference_is_left_alone),
		WEIR_TEST(the_destructor_runs_once),
		WEIR_TEST(a_shared_packet_is_cloned_for_its_changer),
		WEIR_TEST(a_pair_is_one_allocation),
		WEIR_TEST(a_twin_is_made_again),
		WEIR_TEST(no_memory_is_an_answer),
		WEIR_TEST(a_page_becomes_a_packet),
		WEIR_TEST(pool_pages_come_back),
		WEIR_TEST(a_pool_outlives_its_owner_by_its_pages),
		WEIR_TEST(lent_memory_is_given_back_by_the_last_packet),
		WEIR_TEST(an_orphan_has_its_own_copy_and_its_clone_the_memory),
		WEIR_TEST(without_memory_no_orphan_is_made),
		WEIR_TEST(nothing_is_added_to_lent_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
