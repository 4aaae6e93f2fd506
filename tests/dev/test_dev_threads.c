/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Senders on several CPUs meet at one transmit queue, in real threads, so that
 * TSan can look on: while the driver refuses now and then, the discipline is
 * replaced and neighbours change their addresses, every packet is sent or
 * dropped exactly once and nothing is left over.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/slab.h"
#include "buf/wire/eth.h"
#include "cpu/rcu.h"
#include "dev/ptype.h"
#include "dev/qdisc/sch_generic.h"
#include "ether/neighbour.h"
#include "platform/linux/linux_platform.h"

#define THREADS	3
#define PACKETS	4000
#define PROTO	0x88b5

struct bed {
	struct linux_platform *lp;
	struct machine *m;
	struct net *net;
	struct net_device *dev;
	struct neigh_table tbl;
	struct packet_type sink;
	u32 sent, received, calls;	/* atomic */
};

static netdev_tx_t bed_xmit(struct sk_buff *skb, struct net_device *dev,
			    bool more)
{
	struct bed *b = *(struct bed **)dev->priv;

	/* full at every eleventh call, room again at once */
	if (__atomic_add_fetch(&b->calls, 1, __ATOMIC_RELAXED) % 11 == 0) {
		netif_tx_stop_queue(&dev->tx[0]);
		netif_tx_wake_queue(&dev->tx[0]);
		return NETDEV_TX_BUSY;
	}
	__atomic_add_fetch(&b->sent, 1, __ATOMIC_RELAXED);
	eth_type_trans(skb, dev);
	netif_rx(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops bed_ops = { .ndo_start_xmit = bed_xmit };

static int bed_receive(struct sk_buff *skb, struct net_device *dev,
		       struct packet_type *pt, struct net_device *orig)
{
	struct bed *b = container_of(pt, struct bed, sink);

	__atomic_add_fetch(&b->received, 1, __ATOMIC_RELAXED);
	consume_skb(skb);
	return 0;
}

static void bed_solicit(struct neighbour *n, struct sk_buff *skb)
{
	neigh_update(n, n->dev->dev_addr, NUD_REACHABLE,
		     NEIGH_UPDATE_F_OVERRIDE);
}

static void bed_devices(struct bed *b)
{
	static const u8 mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };

	b->net = net_alloc(b->m, "threads");
	assert_non_null(b->net);
	b->net->netdev_max_backlog = 1 << 20;
	assert_int_equal(neigh_net_ops.init(b->net), 0);
	b->tbl = (struct neigh_table){ .family = AF_INET, .key_len = 4,
		.name = "test", .solicit = bed_solicit, .gc_thresh3 = 8 };
	assert_int_equal(neigh_table_init(b->net, &b->tbl), 0);
	b->dev = alloc_netdev(b->net, sizeof(b), "bed", 1);
	assert_non_null(b->dev);
	*(struct bed **)b->dev->priv = b;
	ether_setup(b->dev);
	ether_addr_copy(b->dev->dev_addr, mac);
	b->dev->netdev_ops = &bed_ops;
	assert_int_equal(register_netdev(b->dev), 0);
	assert_int_equal(dev_open(b->dev), 0);
	b->sink.type = cpu_to_be16(PROTO);
	b->sink.func = bed_receive;
	dev_add_pack(b->net, &b->sink);
}

static void send_one(struct bed *b, u32 i)
{
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + 64);
	u32 key = 1 + i % 16;
	struct neighbour *n;

	assert_non_null(skb);
	skb_reserve(skb, SKB_MAX_HEADROOM);
	memset(skb_put(skb, 64), (int)i, 64);
	skb_reset_network_header(skb);
	skb->protocol = cpu_to_be16(PROTO);
	skb->priority = i % 16;
	n = neigh_create(&b->tbl, &key, b->dev);
	assert_false(IS_ERR(n));
	neigh_output(n, skb);
	neigh_release(n);
}

static void *sender(void *arg)
{
	struct bed *b = arg;

	for (u32 i = 0; i < PACKETS; i++) {
		lx_enter(&b->lp->p, b->m);
		send_one(b, i);
		lx_leave(&b->lp->p, b->m);
	}
	return NULL;
}

static void *administrator(void *arg)
{
	struct bed *b = arg;

	for (u32 i = 0; i < 50; i++) {
		lx_enter(&b->lp->p, b->m);
		assert_int_equal(dev_qdisc_change(b->dev, i % 2 ?
						  &pfifo_fast_ops :
						  &pfifo_qdisc_ops, NULL), 0);
		lx_leave(&b->lp->p, b->m);
		sched_yield();
	}
	return NULL;
}

static void every_packet_is_sent_or_dropped_once(void **state)
{
	pthread_t t[THREADS + 1];
	struct bed b = { 0 };
	u64 dropped = 0;

	b.lp = lx_create();
	assert_non_null(b.lp);
	b.m = machine_create(&b.lp->p, 4);
	assert_non_null(b.m);
	assert_int_equal(lx_start(b.lp, b.m), 0);
	lx_enter(&b.lp->p, b.m);
	assert_int_equal(net_dev_init(b.m), 0);
	bed_devices(&b);
	lx_leave(&b.lp->p, b.m);

	for (u32 i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, sender, &b);
	pthread_create(&t[THREADS], NULL, administrator, &b);
	for (u32 i = 0; i <= THREADS; i++)
		pthread_join(t[i], NULL);

	lx_enter(&b.lp->p, b.m);
	unregister_netdev(b.dev);
	free_netdev(b.dev);
	dev_remove_pack(&b.sink);
	neigh_table_clear(&b.tbl);
	neigh_net_ops.exit(b.net);
	net_free(b.net);
	rcu_barrier(b.m);
	for (u32 c = 0; c < b.m->nr_cpus; c++)
		for (u32 r = 0; r < SKB_DROP_REASON_MAX; r++)
			dropped += b.m->cpus[c]->pc.drops[r];
	net_dev_exit(b.m);
	lx_leave(&b.lp->p, b.m);
	lx_stop(b.lp);
	assert_int_equal(b.received, b.sent);
	assert_int_equal(b.sent + dropped, THREADS * PACKETS);
	assert_int_equal(machine_destroy(b.m), 0);
	lx_destroy(b.lp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_is_sent_or_dropped_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
