/* SPDX-License-Identifier: BSD-2-Clause */
/* The owner, the backlog, what keeps a sock in memory, wake-ups. */
#include <stdlib.h>

#include "sock/sock_mem.h"
#include "tests/sock/sock_test.h"

struct toy_sock {
	struct sock sk;
	u32 got;
	u64 order;			/* a digit per packet */
	u32 released;
};

static int toy_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct toy_sock *t = (struct toy_sock *)sk;

	t->got++;
	t->order = t->order * 10 + skb->len;
	consume_skb(skb);
	return 0;
}

static void toy_release_cb(struct sock *sk)
{
	((struct toy_sock *)sk)->released++;
}

static const struct proto toy_prot = {
	.name = "TOYSOCK", .obj_size = sizeof(struct toy_sock),
	.mem_index = SK_MEM_OTHER, .backlog_rcv = toy_backlog_rcv,
	.release_cb = toy_release_cb,
};

static struct toy_sock *toy_sock(struct inet_world *iw, struct socket **s)
{
	struct sock *sk = sk_alloc(iw->net, AF_INET, &toy_prot);

	*s = sock_alloc(iw->net, SOCK_DGRAM);
	assert_non_null(*s);
	assert_non_null(sk);
	sock_init_data(*s, sk);
	return (struct toy_sock *)sk;
}

static void toy_gone(struct toy_sock *t, struct socket *s)
{
	sock_orphan(&t->sk);
	sock_put(&t->sk);
	sock_release(s);
}

/* What a softirq does with a packet of `len` bytes. */
static int arrive(struct toy_sock *t, u32 len)
{
	struct sk_buff *skb = payload(len);
	int err = 0;

	local_bh_disable();
	bh_lock_sock(&t->sk);
	if (sock_owned_by_user(&t->sk))
		err = sk_add_backlog(&t->sk, skb, 5000);
	else
		toy_backlog_rcv(&t->sk, skb);
	bh_unlock_sock(&t->sk);
	local_bh_enable();
	if (err)
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_BACKLOG);
	return err;
}

static void packets_wait_for_the_owner_and_keep_their_order(void **state)
{
	struct socket *s;
	struct toy_sock *t = toy_sock(*state, &s);

	assert_int_equal(arrive(t, 1), 0);
	assert_int_equal(t->got, 1);
	lock_sock(&t->sk);
	arrive(t, 2);
	arrive(t, 3);
	assert_int_equal(t->got, 1);
	assert_true(sk_flush_backlog(&t->sk));
	assert_int_equal(t->got, 3);
	assert_false(sk_flush_backlog(&t->sk));
	arrive(t, 4);
	release_sock(&t->sk);
	assert_int_equal(t->order, 1234);
	assert_int_equal(t->released, 1);
	assert_false(sock_owned_by_user(&t->sk));
	toy_gone(t, s);
}

static void the_backlog_is_limited(void **state)
{
	struct socket *s;
	struct toy_sock *t = toy_sock(*state, &s);
	int err = 0, n = 0;

	lock_sock(&t->sk);
	while (!err && n < 100) {
		err = arrive(t, 9);
		n += !err;
	}
	assert_int_equal(err, -ENOBUFS);
	assert_in_range(n, 2, 20);
	release_sock(&t->sk);
	assert_int_equal(t->got, n);
	assert_int_equal(t->sk.backlog.len, 0);
	assert_int_equal(arrive(t, 1), 0);
	toy_gone(t, s);
}

static void count_destruct(struct sock *sk)
{
	sk->flow.mc_addr = 0;	/* touches it: still there */
}

static void a_packet_below_keeps_its_sock(void **state)
{
	struct inet_world *iw = *state;
	struct sk_buff *skb = payload(10);
	struct socket *s;
	struct toy_sock *t = toy_sock(iw, &s);

	t->sk.destruct = count_destruct;
	skb_set_owner_w(skb, &t->sk);
	assert_int_equal(sk_wmem_alloc_get(&t->sk), skb->truesize);
	toy_gone(t, s);
	rcu_barrier(iw->w.m);
	assert_int_equal(skb->sk->sk_family, AF_INET);
	consume_skb(skb);
}

static void writers_wait_for_room_and_are_told_once(void **state)
{
	struct inet_world *iw = *state;
	struct sk_buff *q[64];
	struct socket *s;
	struct toy_sock *t = toy_sock(iw, &s);
	int n = 0, err;

	t->sk.sndbuf = 8192;
	while (n < 64 && (q[n] = sock_alloc_send_skb(&t->sk, 500, true, &err)))
		n++;
	assert_int_equal(err, -EAGAIN);
	assert_in_range(n, 4, 20);
	assert_int_equal(s->flags & SOCK_F_NOSPACE, SOCK_F_NOSPACE);
	consume_skb(q[--n]);	/* less than half is free: not yet */
	assert_int_equal(s->flags & SOCK_F_NOSPACE, SOCK_F_NOSPACE);
	assert_int_equal(sock_poll_writeable(&t->sk), 0);
	while (n)
		consume_skb(q[--n]);
	assert_int_equal(s->flags & SOCK_F_NOSPACE, 0);
	assert_int_not_equal(sock_poll_writeable(&t->sk) & EPOLLOUT, 0);
	toy_gone(t, s);
}

static void free_it(void *arg)
{
	consume_skb(arg);
}

static void a_blocked_writer_is_woken_by_freed_packets(void **state)
{
	struct inet_world *iw = *state;
	struct sk_buff *first, *second;
	struct socket *s;
	struct toy_sock *t = toy_sock(iw, &s);
	int err;

	t->sk.sndbuf = 1000;
	first = sock_alloc_send_skb(&t->sk, 500, false, &err);
	assert_non_null(first);
	fake_at(iw->w.fp, NSEC_PER_SEC, free_it, first);
	second = sock_alloc_send_skb(&t->sk, 500, false, &err);
	assert_non_null(second);
	assert_int_equal(fake_now(iw->w.fp), FAKE_START_NS + NSEC_PER_SEC);
	t->sk.sndtimeo = NSEC_PER_MSEC;
	assert_null(sock_alloc_send_skb(&t->sk, 500, false, &err));
	assert_int_equal(err, -EAGAIN);
	t->sk.shutdown = SEND_SHUTDOWN;
	assert_null(sock_alloc_send_skb(&t->sk, 500, false, &err));
	assert_int_equal(err, -EPIPE);
	consume_skb(second);
	toy_gone(t, s);
}

static const struct proto toy_stream = {
	.name = "TOYMEM", .obj_size = sizeof(struct toy_sock),
	.mem_index = SK_MEM_OTHER, .connection_based = true,
};

static void a_stream_reserves_pages_within_its_protocols_limits(void **state)
{
	struct inet_world *iw = *state;
	struct sock_net *sn = iw->net->sock;
	struct sock *sk = sk_alloc(iw->net, AF_INET, &toy_stream);
	s64 *used = &sn->memory_allocated[SK_MEM_OTHER];

	assert_non_null(sk);
	sock_init_data(NULL, sk);
	sn->sysctl_mem[SK_MEM_OTHER][0] = 4;
	sn->sysctl_mem[SK_MEM_OTHER][1] = 6;
	sn->sysctl_mem[SK_MEM_OTHER][2] = 8;
	assert_true(sk_wmem_schedule(sk, 5000));
	assert_int_equal(*used, 2);
	sk_mem_charge(sk, 5000);
	sk->wmem_queued = 5000;
	assert_true(sk_wmem_schedule(sk, 3000));	/* reserved already */
	assert_int_equal(*used, 2);
	assert_true(sk_wmem_schedule(sk, 4 * 4096));	/* its fair share */
	assert_int_equal(*used, 6);
	sk_mem_charge(sk, 4 * 4096);
	assert_false(sk_rmem_schedule(sk, 4 * 4096));	/* beyond all */
	assert_true(sk_under_memory_pressure(sk));
	assert_int_equal(*used, 6);
	sk_mem_uncharge(sk, 5000 + 4 * 4096);
	sk_mem_reclaim(sk);
	assert_int_equal(*used, 0);
	assert_false(sk_under_memory_pressure(sk));
	sock_put(sk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packets_wait_for_the_owner_and_keep_their_order),
		TEST(the_backlog_is_limited),
		TEST(a_packet_below_keeps_its_sock),
		TEST(writers_wait_for_room_and_are_told_once),
		TEST(a_blocked_writer_is_woken_by_freed_packets),
		TEST(a_stream_reserves_pages_within_its_protocols_limits),
	};

	return cmocka_run_group_tests_name("sock_lock", tests, NULL, NULL);
}
