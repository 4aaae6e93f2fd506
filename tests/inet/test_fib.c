/* SPDX-License-Identifier: BSD-2-Clause */
/* Longest-prefix match against a list that is searched from end to end; what
 * a configuration may say. */
#include "tests/inet/inet_test.h"

#include "base/random.h"

#define ROUTES	600

struct oracle {
	u32 key;
	u8 plen;
	u32 gw;				/* identifies the route */
	bool present;
};

static const struct oracle *oracle_lookup(const struct oracle *o, u32 addr)
{
	const struct oracle *best = NULL;

	for (int i = 0; i < ROUTES; i++)
		if (o[i].present && !((addr ^ o[i].key) & plen_mask(o[i].plen)) &&
		    (!best || o[i].plen > best->plen))
			best = &o[i];
	return best;
}

static void check(struct inet_world *iw, const struct oracle *o, u32 addr)
{
	const struct oracle *want = oracle_lookup(o, addr);
	struct fib_key k = { .daddr = cpu_to_be32(addr) };
	struct fib_info *fi =
		fib_trie_lookup(&iw->net->ipv4->tables[FIB_MAIN], &k);

	assert_int_equal(!!want, !!fi);
	if (want && (fi->cfg.prefixlen != want->plen ||
		     be32_to_cpu(fi->cfg.dst) != want->key))
		fail_msg("%08x: %08x/%u, not %08x/%u", addr,
			 be32_to_cpu(fi->cfg.dst), fi->cfg.prefixlen,
			 want->key, want->plen);
}

static struct fib_config config_of(const struct inet_world *iw,
				   const struct oracle *o)
{
	return (struct fib_config){
		.dst = cpu_to_be32(o->key), .prefixlen = o->plen,
		.type = RTN_UNICAST_, .oif = iw->dev->ifindex,
	};
}

static void random_add(struct inet_world *iw, struct oracle *o)
{
	struct fib_config cfg;

	o->plen = (u8)get_random_u32_below(33);
	/* few bits differ, so that prefixes nest */
	o->key = (get_random_u32() & 0xc0c0c0c7) & plen_mask(o->plen);
	cfg = config_of(iw, o);
	o->present = !fib_add(iw->net, &cfg, false);
}

static void random_del(struct inet_world *iw, struct oracle *o)
{
	struct fib_config cfg = config_of(iw, o);

	assert_int_equal(fib_del(iw->net, &cfg), 0);
	o->present = false;
}

static void lookups_agree_with_a_search_through_the_list(void **s)
{
	static struct oracle o[ROUTES];
	struct fib_config def = { .type = RTN_UNICAST_ }, conn = {
		.type = RTN_UNICAST_, .dst = cpu_to_be32(US & ~0xffu),
		.prefixlen = 24 };
	struct inet_world iw;

	inet_begin(&iw);
	memset(o, 0, sizeof(o));
	assert_int_equal(fib_del(iw.net, &def), 0);
	assert_int_equal(fib_del(iw.net, &conn), 0);
	for (int round = 0; round < 6000; round++) {
		struct oracle *r = &o[get_random_u32_below(ROUTES)];

		if (r->present)
			random_del(&iw, r);
		else
			random_add(&iw, r);
		for (int i = 0; i < 5; i++)
			check(&iw, o, get_random_u32() & 0xc0c0c0c7);
		if (r->present)
			check(&iw, o, r->key);
	}
	/* all gone: nothing is left of the trie */
	for (int i = 0; i < ROUTES; i++)
		if (o[i].present)
			random_del(&iw, &o[i]);
	assert_null(iw.net->ipv4->tables[FIB_MAIN].root);
	assert_int_equal(iw.net->ipv4->tables[FIB_MAIN].routes, 0);
	inet_end(&iw);
}

static int try_add(struct inet_world *iw, struct fib_config cfg)
{
	return fib_add(iw->net, &cfg, false);
}

static void configurations_that_make_no_sense_are_refused(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
#define ADD(...) try_add(&iw, (struct fib_config){ __VA_ARGS__ })
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000001), .prefixlen = 8,
			     .oif = iw.dev->ifindex), -EINVAL);
	assert_int_equal(ADD(.prefixlen = 33), -EINVAL);
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000000), .prefixlen = 8),
			 -ENODEV);
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000000), .prefixlen = 8,
			     .oif = 99), -ENODEV);
	/* gateway not on a link; gateway is ourselves; a broadcast */
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000000), .prefixlen = 8,
			     .gateway = cpu_to_be32(FAR)), -ENETUNREACH);
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000000), .prefixlen = 8,
			     .gateway = cpu_to_be32(US)), -EINVAL);
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000000), .prefixlen = 8,
			     .gateway = cpu_to_be32(0x0a0000ff)), -EINVAL);
	/* a source that is not ours */
	assert_int_equal(ADD(.dst = cpu_to_be32(0x0b000000), .prefixlen = 8,
			     .oif = iw.dev->ifindex,
			     .prefsrc = cpu_to_be32(PEER)), -EINVAL);
	assert_int_equal(ADD(.gateway = cpu_to_be32(GW)), -EEXIST);
#undef ADD
	inet_end(&iw);
}

static void lower_priority_and_matching_tos_win(void **s)
{
	struct inet_world iw;
	struct fib_config c = { .gateway = cpu_to_be32(0x0a000005),
				.priority = 10 };
	struct fib_key k = { .daddr = cpu_to_be32(FAR) };
	struct fib_info *fi;

	inet_begin(&iw);
	assert_int_equal(fib_add(iw.net, &c, false), 0);
	assert_int_equal(fib_lookup(iw.net, &k, &fi), 0);
	assert_int_equal(be32_to_cpu(fi->cfg.gateway), GW);
	c.tos = 0x10;
	assert_int_equal(fib_add(iw.net, &c, false), 0);
	k.tos = 0x10;
	assert_int_equal(fib_lookup(iw.net, &k, &fi), 0);
	assert_int_equal(be32_to_cpu(fi->cfg.gateway), 0x0a000005);
	inet_end(&iw);
}

static void refusing_routes_give_their_error(void **s)
{
	static const struct {
		u8 type;
		int err;
	} t[] = { { RTN_BLACKHOLE_, -EINVAL }, { RTN_PROHIBIT_, -EACCES },
		  { RTN_UNREACHABLE_, -EHOSTUNREACH } };
	struct fib_config c = { .dst = cpu_to_be32(FAR & ~0xffu),
				.prefixlen = 24 };
	struct flowi4 fl = { .daddr = cpu_to_be32(FAR) };
	struct inet_world iw;

	inet_begin(&iw);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		c.type = t[i].type;
		assert_int_equal(fib_add(iw.net, &c, false), 0);
		assert_int_equal(PTR_ERR(ip_route_output(iw.net, &fl)),
				 t[i].err);
		assert_int_equal(fib_del(iw.net, &c), 0);
	}
	inet_end(&iw);
}

static void negative_advice_chooses_another_gateway(void **s)
{
	struct fib_config c = { .gateway = cpu_to_be32(0x0a000005),
				.priority = 10 };
	struct inet_flow fl = flow_to(FAR);
	struct inet_world iw;
	int err;

	inet_begin(&iw);
	assert_int_equal(fib_add(iw.net, &c, false), 0);
	assert_non_null(inet_flow_route(iw.net, &fl, &err));
	assert_int_equal(be32_to_cpu(((struct rtable *)fl.dst)->gateway), GW);
	fl.dst->ops->negative_advice(fl.dst);
	assert_non_null(inet_flow_route(iw.net, &fl, &err));
	assert_int_equal(be32_to_cpu(((struct rtable *)fl.dst)->gateway),
			 0x0a000005);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void count_route(void *arg, const struct fib_config *cfg)
{
	(*(int *)arg)++;
}

static int routes(struct inet_world *iw)
{
	int n = 0;

	fib_for_each(iw->net, count_route, &n);
	return n;
}

static void addresses_bring_and_take_their_routes(void **s)
{
	struct inet_world iw;
	int before;

	inet_begin(&iw);
	before = routes(&iw);
	assert_int_equal(inet_addr_add(iw.dev, cpu_to_be32(0xac100001), 16), 0);
	assert_int_equal(routes(&iw), before + 3);
	assert_int_equal(inet_addr_add(iw.dev, cpu_to_be32(0xac100001), 16),
			 -EEXIST);
	/* the second of a subnet brings only itself */
	assert_int_equal(inet_addr_add(iw.dev, cpu_to_be32(0xac100002), 16), 0);
	assert_int_equal(routes(&iw), before + 4);
	assert_int_equal(inet_addr_type(iw.net, cpu_to_be32(0xac10ffff)),
			 RTN_BROADCAST_);
	/* the first goes: the subnet stays reachable, from the second */
	assert_int_equal(inet_addr_del(iw.dev, cpu_to_be32(0xac100001), 16), 0);
	assert_int_equal(routes(&iw), before + 3);
	assert_int_equal(be32_to_cpu(inet_select_addr(iw.dev,
				     cpu_to_be32(0xac100077))), 0xac100002);
	assert_int_equal(inet_addr_del(iw.dev, cpu_to_be32(0xac100002), 16), 0);
	assert_int_equal(routes(&iw), before);
	inet_end(&iw);
}

static void a_device_that_goes_down_takes_its_routes_along(void **s)
{
	struct flowi4 fl = { .daddr = cpu_to_be32(PEER) };
	struct inet_world iw;
	struct rtable *rt;

	inet_begin(&iw);
	dev_close(iw.dev);
	assert_int_equal(PTR_ERR(ip_route_output(iw.net, &fl)), -ENETUNREACH);
	assert_int_equal(dev_open(iw.dev), 0);
	rt = ip_route_output(iw.net, &fl);
	assert_false(IS_ERR(rt));
	dst_release(&rt->dst);
	inet_end(&iw);
}

static void source_addresses_must_be_ours(void **s)
{
	struct flowi4 fl = { .daddr = cpu_to_be32(PEER),
			     .saddr = cpu_to_be32(FAR) };
	struct inet_world iw;
	struct rtable *rt;

	inet_begin(&iw);
	assert_int_equal(PTR_ERR(ip_route_output(iw.net, &fl)), -ENETUNREACH);
	fl.anysrc = true;
	rt = ip_route_output(iw.net, &fl);
	assert_false(IS_ERR(rt));
	dst_release(&rt->dst);
	inet_end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookups_agree_with_a_search_through_the_list),
		cmocka_unit_test(configurations_that_make_no_sense_are_refused),
		cmocka_unit_test(lower_priority_and_matching_tos_win),
		cmocka_unit_test(refusing_routes_give_their_error),
		cmocka_unit_test(negative_advice_chooses_another_gateway),
		cmocka_unit_test(addresses_bring_and_take_their_routes),
		cmocka_unit_test(a_device_that_goes_down_takes_its_routes_along),
		cmocka_unit_test(source_addresses_must_be_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
