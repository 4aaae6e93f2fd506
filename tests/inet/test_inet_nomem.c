/* SPDX-License-Identifier: BSD-2-Clause */
/* Each allocation fails once: nothing crashes, nothing is lost. */
#include "tests/inet/inet_test.h"

#include "buf/wire/igmp.h"

static u8 data[3000];

static void some_fragments(struct inet_world *iw, u16 id)
{
	for (u32 off = 0; off < 2960; off += 1480) {
		struct pkt p = { .id = id, .data = data + off, .len = 1480,
				 .frag_off = (u16)(off / 8) };

		if (!off)
			p.frag_off |= IP_MF;
		inject_ip(iw, &p);
	}
}

static void some_icmp(struct inet_world *iw)
{
	u8 echo[8] = { ICMP_ECHO };
	struct pkt ping = { .protocol = IPPROTO_ICMP, .data = echo, .len = 8 };
	struct pkt unknown = { .protocol = 200, .data = data, .len = 30 };

	memcpy(echo + 2, &(__sum16){ ip_compute_csum(echo, 8) }, 2);
	inject_ip(iw, &ping);
	inject_ip(iw, &unknown);
}

/* A bit of everything; errors are fine. */
static void traffic(struct inet_world *iw)
{
	struct inet_flow near = flow_to(PEER), far = flow_to(FAR),
			 self = flow_to(US), group = flow_to(0xe1010101);
	struct fib_config cfg = { .dst = cpu_to_be32(0x0b000000),
				  .prefixlen = 8, .oif = iw->dev->ifindex };

	ip_mc_join(iw->dev, group.daddr.v4);
	group.oif = iw->dev->ifindex;
	near.pmtudisc = IP_PMTUDISC_DONT_;
	ip_queue_xmit(iw->net, NULL, payload(2000), &near, 0);
	inject_arp(iw, ARPOP_REPLY, peer_mac, PEER, US);
	ip_queue_xmit(iw->net, NULL, payload(2000), &near, 0);
	ip_queue_xmit(iw->net, NULL, payload(20), &far, 0);
	ip_queue_xmit(iw->net, NULL, payload(20), &self, 0);
	ip_queue_xmit(iw->net, NULL, payload(20), &group, 0);
	fake_run(iw->w.fp);
	ip_update_pmtu(iw->net, cpu_to_be32(FAR), 1000);
	ip_queue_xmit(iw->net, NULL, payload(20), &far, 0);
	fib_add(iw->net, &cfg, false);
	inet_addr_add(iw->dev, cpu_to_be32(0x0c000001), 24);
	some_fragments(iw, 1);
	some_icmp(iw);
	inject_arp(iw, ARPOP_REQUEST, peer_mac, 0x0a000033, US);
	fake_advance(iw->w.fp, 2 * NSEC_PER_SEC);
	ip_mc_leave(iw->dev, group.daddr.v4);
	fib_del(iw->net, &cfg);
	inet_addr_del(iw->dev, cpu_to_be32(0x0c000001), 24);
	inet_flow_drop_route(&near);
	inet_flow_drop_route(&far);
	inet_flow_drop_route(&self);
	inet_flow_drop_route(&group);
}

/* What payload() and inject() allocate for the test may fail as well; then
 * there is one packet less. */
static void any_allocation_may_fail_under_traffic(void **s)
{
	for (u64 n = 1; n < 300; n++) {
		struct inet_world iw;

		inet_begin(&iw);
		slab_fail_nth(iw.w.m->depot, n);
		traffic(&iw);
		slab_fail_nth(iw.w.m->depot, 0);
		fake_advance(iw.w.fp, 40 * NSEC_PER_SEC);
		skb_queue_consume(&iw.w.toy->sent);
		inet_end(&iw);
	}
}

static void any_allocation_may_fail_at_set_up(void **s)
{
	bool done = false;

	for (u64 n = 1; !done; n++) {
		struct fake_platform *fp = fake_platform_create(1);
		struct machine *m = fake_machine(fp);
		struct net *net;

		assert_true(n < 1000);
		assert_int_equal(net_dev_init(m), 0);
		net = net_alloc(m, "test");
		assert_non_null(net);
		assert_int_equal(neigh_net_ops.init(net), 0);
		assert_int_equal(nf_net_ops.init(net), 0);
		slab_fail_nth(m->depot, n);
		done = !ipv4_net_ops.init(net);
		slab_fail_nth(m->depot, 0);
		if (done)
			ipv4_net_ops.exit(net);
		nf_net_ops.exit(net);
		neigh_net_ops.exit(net);
		net_free(net);
		rcu_barrier(m);
		net_dev_exit(m);
		assert_int_equal(fake_platform_destroy(fp), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_allocation_may_fail_under_traffic),
		cmocka_unit_test(any_allocation_may_fail_at_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
