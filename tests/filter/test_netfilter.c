/* SPDX-License-Identifier: BSD-2-Clause */
/* Hooks: order, verdicts, coming and going. */
#include "filter/netfilter.h"
#include "tests/dev/dev_test.h"

/* RULE 9: the order in which hooks ran; one test runs at a time. */
static char order[32];
static u32 okfn_calls;

static int okfn(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	okfn_calls++;
	consume_skb(skb);
	return 77;
}

struct hook {
	struct nf_hook_ops ops;
	char letter;
	enum nf_verdict verdict;
};

static enum nf_verdict hook_run(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct hook *h = priv;
	size_t n = strlen(order);

	if (n < sizeof(order) - 1) {
		order[n] = h->letter;
		order[n + 1] = 0;
	}
	if (h->verdict == NF_STOLEN)
		consume_skb(skb);
	return h->verdict;
}

static struct hook make_hook(char letter, int priority, enum nf_verdict v)
{
	return (struct hook){
		.ops = { .hook = hook_run, .pf = NFPROTO_IPV4,
			 .hooknum = NF_INET_LOCAL_IN, .priority = priority },
		.letter = letter, .verdict = v,
	};
}

static void filter_begin(struct world *w)
{
	world_begin(w, 0);
	assert_int_equal(nf_net_ops.init(w->net), 0);
	order[0] = 0;
	okfn_calls = 0;
}

static void filter_end(struct world *w)
{
	rcu_barrier(w->m);
	nf_net_ops.exit(w->net);
	world_end(w);
}

static void hook_on(struct world *w, struct hook *h)
{
	h->ops.priv = h;
	assert_int_equal(nf_register_net_hook(w->net, &h->ops), 0);
}

static int pass(struct world *w)
{
	return nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_IN, w->net, NULL,
		       toy_frame(w->dev, 50, 0), w->dev, NULL, okfn);
}

static void without_hooks_the_packet_just_goes_on(void **s)
{
	struct world w;

	filter_begin(&w);
	assert_int_equal(pass(&w), 77);
	assert_int_equal(okfn_calls, 1);
	filter_end(&w);
}

static void hooks_run_by_priority_not_by_registration(void **s)
{
	struct hook b = make_hook('b', 0, NF_ACCEPT);
	struct hook c = make_hook('c', 100, NF_ACCEPT);
	struct hook a = make_hook('a', -400, NF_ACCEPT);
	struct world w;

	filter_begin(&w);
	hook_on(&w, &b);
	hook_on(&w, &c);
	hook_on(&w, &a);
	assert_int_equal(pass(&w), 77);
	assert_string_equal(order, "abc");
	nf_unregister_net_hook(w.net, &b.ops);
	pass(&w);
	assert_string_equal(order, "abcac");
	nf_unregister_net_hook(w.net, &a.ops);
	nf_unregister_net_hook(w.net, &c.ops);
	pass(&w);
	assert_string_equal(order, "abcac");
	filter_end(&w);
}

static void drop_ends_the_walk_and_names_the_reason(void **s)
{
	struct hook a = make_hook('a', 0, NF_DROP);
	struct hook b = make_hook('b', 1, NF_ACCEPT);
	struct world w;

	filter_begin(&w);
	hook_on(&w, &a);
	hook_on(&w, &b);
	assert_int_equal(pass(&w), -EPERM);
	assert_string_equal(order, "a");
	assert_int_equal(okfn_calls, 0);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_NETFILTER_DROP],
			 1);
	nf_unregister_net_hook(w.net, &a.ops);
	nf_unregister_net_hook(w.net, &b.ops);
	filter_end(&w);
}

static void a_stolen_packet_is_not_touched_any_more(void **s)
{
	struct hook a = make_hook('a', 0, NF_STOLEN);
	struct world w;

	filter_begin(&w);
	hook_on(&w, &a);
	assert_int_equal(pass(&w), 0);
	assert_int_equal(okfn_calls, 0);
	nf_unregister_net_hook(w.net, &a.ops);
	filter_end(&w);
}

static void repeat_without_end_drops(void **s)
{
	struct hook a = make_hook('a', 0, NF_REPEAT);
	struct world w;

	filter_begin(&w);
	hook_on(&w, &a);
	assert_int_equal(pass(&w), -EPERM);
	assert_int_equal(strlen(order), 8);
	nf_unregister_net_hook(w.net, &a.ops);
	filter_end(&w);
}

/* CVE-2024-1086: a verdict with an errno in its upper half. */
static void a_verdict_that_is_none_drops(void **s)
{
	struct hook a = make_hook('a', 0, (enum nf_verdict)0xffff0001);
	struct world w;

	filter_begin(&w);
	hook_on(&w, &a);
	assert_int_equal(pass(&w), -EPERM);
	assert_int_equal(okfn_calls, 0);
	nf_unregister_net_hook(w.net, &a.ops);
	filter_end(&w);
}

static void a_point_takes_no_more_than_its_maximum(void **s)
{
	struct hook h[NF_MAX_HOOKS + 1];
	struct world w;

	filter_begin(&w);
	for (u32 i = 0; i < NF_MAX_HOOKS; i++) {
		h[i] = make_hook('x', (int)i, NF_ACCEPT);
		hook_on(&w, &h[i]);
	}
	h[NF_MAX_HOOKS] = make_hook('y', 0, NF_ACCEPT);
	assert_int_equal(nf_register_net_hook(w.net, &h[NF_MAX_HOOKS].ops),
			 -ENOSPC);
	for (u32 i = 0; i < NF_MAX_HOOKS; i++)
		nf_unregister_net_hook(w.net, &h[i].ops);
	filter_end(&w);
}

static void unregistering_works_without_memory(void **s)
{
	struct hook a = make_hook('a', 0, NF_ACCEPT);
	struct hook b = make_hook('b', 1, NF_ACCEPT);
	struct world w;

	filter_begin(&w);
	hook_on(&w, &a);
	hook_on(&w, &b);
	slab_fail_nth(w.m->depot, 1);
	nf_unregister_net_hook(w.net, &a.ops);
	slab_fail_nth(w.m->depot, 0);
	assert_int_equal(pass(&w), 77);
	assert_string_equal(order, "b");
	nf_unregister_net_hook(w.net, &b.ops);
	filter_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_hooks_the_packet_just_goes_on),
		cmocka_unit_test(hooks_run_by_priority_not_by_registration),
		cmocka_unit_test(drop_ends_the_walk_and_names_the_reason),
		cmocka_unit_test(a_stolen_packet_is_not_touched_any_more),
		cmocka_unit_test(repeat_without_end_drops),
		cmocka_unit_test(a_verdict_that_is_none_drops),
		cmocka_unit_test(a_point_takes_no_more_than_its_maximum),
		cmocka_unit_test(unregistering_works_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
