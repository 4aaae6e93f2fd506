/* SPDX-License-Identifier: BSD-2-Clause */
/* ehash, lhash and ports of connections; states of connect, listen, accept. */
#include <stdlib.h>

#include "tests/sock/toy_stream.h"

static struct sock_common *find(struct inet_world *iw, u32 from, u16 sport,
				u32 to, u16 dport)
{
	union inet_addr s = { .v4 = cpu_to_be32(from) };
	union inet_addr d = { .v4 = cpu_to_be32(to) };
	struct sock_common *c;

	c = __inet_lookup_established(iw->net, &s, cpu_to_be16(sport), &d,
				      dport, AF_INET, 1);
	if (c)
		sock_gen_put(c);
	return c;
}

static struct sock *find_listener(struct inet_world *iw, u32 from, u16 sport,
				  u32 to, u16 dport, u32 dif)
{
	union inet_addr s = { .v4 = cpu_to_be32(from) };
	union inet_addr d = { .v4 = cpu_to_be32(to) };

	return __inet_lookup_listener(iw->net, NULL, &s, cpu_to_be16(sport),
				      &d, dport, AF_INET, dif);
}

static u32 owners(const struct inet_bind_bucket *tb)
{
	const struct sock_common *c;
	u32 n = 0;

	hlist_for_each_entry(c, &tb->owners, bind_node)
		n++;
	return n;
}

static void a_connection_is_found_by_its_four_numbers_only(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_STREAM, 0);
	u16 port;

	assert_int_equal(do_connect(s, PEER, 80), 0);
	port = local_port(s);
	assert_ptr_equal(find(iw, PEER, 80, US, port), &s->sk->c);
	assert_null(find(iw, PEER, 81, US, port));
	assert_null(find(iw, FAR, 80, US, port));
	assert_null(find(iw, PEER, 80, US, (u16)(port + 1)));
	sock_release(s);
	assert_null(find(iw, PEER, 80, US, port));
}

static void ports_are_shared_between_different_peers(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s[6];

	sysctl_write(iw->net, "net.ipv4.ip_local_port_range", "40000 40001");
	for (int i = 0; i < 6; i++)
		s[i] = sk_open(iw, SOCK_STREAM, 0);
	assert_int_equal(do_connect(s[0], PEER, 80), 0);
	assert_int_equal(do_connect(s[1], PEER, 80), 0);
	assert_int_not_equal(local_port(s[0]), local_port(s[1]));
	assert_int_equal(do_connect(s[2], PEER, 80), -EADDRNOTAVAIL);
	assert_int_equal(do_connect(s[3], PEER, 81), 0);
	assert_int_equal(do_connect(s[4], FAR, 80), 0);
	sock_release(s[0]);
	assert_int_equal(do_connect(s[5], PEER, 80), 0);
	for (int i = 1; i < 6; i++)
		sock_release(s[i]);
}

static void ports_that_somebody_bound_are_left_to_him(void **state)
{
	struct inet_world *iw = *state;
	struct socket *l = sk_open(iw, SOCK_STREAM, 0);
	struct socket *s = sk_open(iw, SOCK_STREAM, 0);

	sysctl_write(iw->net, "net.ipv4.ip_local_port_range", "40000 40001");
	assert_int_equal(do_bind(l, 0, 40000), 0);
	assert_int_equal(do_connect(s, PEER, 80), 0);
	assert_int_equal(local_port(s), 40001);
	sock_release(l);
	sock_release(s);
}

static void the_most_exact_listener_gets_it(void **state)
{
	struct inet_world *iw = *state;
	struct socket *any = sk_open(iw, SOCK_STREAM, 0);
	struct socket *exact = sk_open(iw, SOCK_STREAM, 0);

	assert_int_equal(do_bind(exact, US, 80), 0);
	exact->ops->listen(exact, 1);
	assert_null(find_listener(iw, PEER, 9, LO, 80, 1));
	set_int(any, SOL_SOCKET, SO_REUSEPORT, 1);
	set_int(exact, SOL_SOCKET, SO_REUSEPORT, 1);
	assert_int_equal(do_bind(any, 0, 80), 0);
	any->ops->listen(any, 1);
	assert_ptr_equal(find_listener(iw, PEER, 9, US, 80, 1), exact->sk);
	assert_ptr_equal(find_listener(iw, PEER, 9, LO, 80, 1), any->sk);
	assert_null(find_listener(iw, PEER, 9, US, 81, 1));
	sock_release(exact);
	assert_ptr_equal(find_listener(iw, PEER, 9, US, 80, 1), any->sk);
	sock_release(any);
	assert_null(find_listener(iw, PEER, 9, US, 80, 1));
}

static void a_group_shares_its_flows_and_a_flow_stays(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s[40];
	u32 hits[40] = { 0 }, used = 0;

	for (int i = 0; i < 40; i++) {	/* more than a group's first room */
		s[i] = sk_open(iw, SOCK_STREAM, 0);
		set_int(s[i], SOL_SOCKET, SO_REUSEPORT, 1);
		assert_int_equal(do_bind(s[i], 0, 80), 0);
		assert_int_equal(s[i]->ops->listen(s[i], 1), 0);
	}
	for (u16 port = 1; port <= 2000; port++) {
		struct sock *sk = find_listener(iw, PEER, port, US, 80, 1);

		assert_ptr_equal(sk, find_listener(iw, PEER, port, US, 80, 1));
		for (int i = 0; i < 40; i++)
			hits[i] += s[i]->sk == sk;
	}
	for (int i = 0; i < 40; i++)
		used += hits[i] > 10;
	assert_int_equal(used, 40);
	for (int i = 0; i < 39; i++)
		sock_release(s[i]);
	assert_ptr_equal(find_listener(iw, PEER, 5, US, 80, 1), s[39]->sk);
	sock_release(s[39]);
}

static void a_full_sock_replaces_a_request_in_one_step(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_STREAM, 0);
	struct sock_common req;

	assert_int_equal(do_connect(s, PEER, 80), 0);
	inet_ehash_remove(&s->sk->c);
	memset(&req, 0, sizeof(req));
	req = s->sk->c;
	memset(&req.node, 0, sizeof(req.node));
	refcount_set(&req.refs, 1);
	req.state = TCP_NEW_SYN_RECV;
	assert_true(inet_ehash_insert(&req, NULL));
	assert_false(inet_ehash_insert(&s->sk->c, NULL));	/* taken */
	assert_true(inet_ehash_insert(&s->sk->c, &req));
	assert_true(hlist_unhashed(&req.node));
	assert_false(inet_ehash_insert(&s->sk->c, &req));	/* too late */
	assert_ptr_equal(find(iw, PEER, 80, US, local_port(s)), &s->sk->c);
	sock_release(s);
}

/* Connections from US to PEER:80, n of them, all different. */
static struct socket **connect_many(struct inet_world *iw, u32 n, u16 dport)
{
	struct socket **s = calloc(n, sizeof(*s));

	for (u32 i = 0; i < n; i++) {
		s[i] = sk_open(iw, SOCK_STREAM, 0);
		assert_int_equal(do_connect(s[i], PEER, dport), 0);
	}
	return s;
}

static void release_many(struct socket **s, u32 n)
{
	for (u32 i = 0; i < n; i++)
		sock_release(s[i]);
	free(s);
}

static void exhausted_ports_are_known_at_once_and_come_back_at_once(void **state)
{
	struct inet_world *iw = *state;
	struct inet_hashinfo *h = iw->net->sock->hashinfo;
	struct socket *bound = sk_open(iw, SOCK_STREAM, 0), **s, *last;
	u16 port;

	sysctl_write(iw->net, "net.ipv4.ip_local_port_range", "10000 14096");
	assert_int_equal(do_bind(bound, 0, 12000), 0);
	s = connect_many(iw, 4096, 80);
	last = sk_open(iw, SOCK_STREAM, 0);
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(do_connect(last, PEER, 80), -EADDRNOTAVAIL);
	assert_int_equal(h->ehash.count, 4096);
	/* another end is not concerned */
	assert_int_equal(do_connect(last, PEER, 81), 0);
	sock_release(last);
	/* nor is a port lost that came back a moment ago */
	for (u32 i = 0; i < 4096; i += 97) {
		port = local_port(s[i]);
		sock_release(s[i]);
		s[i] = sk_open(iw, SOCK_STREAM, 0);
		assert_int_equal(do_connect(s[i], PEER, 80), 0);
		assert_int_equal(local_port(s[i]), port);
		last = sk_open(iw, SOCK_STREAM, 0);
		assert_int_equal(do_connect(last, PEER, 80), -EADDRNOTAVAIL);
		sock_release(last);
	}
	/* or that its owner by bind() leaves */
	sock_release(bound);
	last = sk_open(iw, SOCK_STREAM, 0);
	assert_int_equal(do_connect(last, PEER, 80), 0);
	assert_int_equal(local_port(last), 12000);
	sock_release(last);
	release_many(s, 4096);
	assert_int_equal(h->ehash.count, 0);
	assert_int_equal(h->bhash.count, 0);
}

static u32 longest_chain(const struct inet_table *t)
{
	const struct hlist_node *n;
	u32 longest = 0, len;

	for (u32 i = 0; i < t->nr; i++) {
		len = 0;
		for (n = inet_table_slot(t, i)->chain.first; n; n = n->next)
			len++;
		longest = max(longest, len);
	}
	return longest;
}

static void tables_grow_with_what_they_hold(void **state)
{
	struct inet_world *iw = *state;
	struct inet_hashinfo *h = iw->net->sock->hashinfo;
	struct socket **s, **more;
	const u32 n = 25000;

	sysctl_write(iw->net, "net.ipv4.ip_local_port_range", "20000 59999");
	s = connect_many(iw, n, 80);
	more = connect_many(iw, n, 81);
	assert_in_range(h->ehash.nr, 2 * n, 2 * n + 2);
	assert_in_range(h->bhash.nr, n, 40000);
	assert_true(longest_chain(&h->ehash) <= 12);
	assert_true(longest_chain(&h->bhash) <= 12);
	for (u32 i = 0; i < n; i++) {
		assert_ptr_equal(find(iw, PEER, 80, US, local_port(s[i])),
				 &s[i]->sk->c);
		assert_ptr_equal(find(iw, PEER, 81, US, local_port(more[i])),
				 &more[i]->sk->c);
	}
	release_many(s, n);
	for (u32 i = 0; i < n; i += 7)
		assert_ptr_equal(find(iw, PEER, 81, US, local_port(more[i])),
				 &more[i]->sk->c);
	release_many(more, n);
	assert_int_equal(h->ehash.count, 0);
	assert_int_equal(h->bhash.count, 0);
}

static bool take_over(struct sock *sk, struct sock_common *tw)
{
	return tw->dport == cpu_to_be16(80);
}

static void time_wait_gives_its_tuple_up_when_asked(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_STREAM, 0);
	struct socket *b = sk_open(iw, SOCK_STREAM, 0);
	struct sock_common tw, *reused = NULL;

	assert_int_equal(do_connect(a, PEER, 80), 0);
	tw = a->sk->c;
	memset(&tw.node, 0, sizeof(tw.node));
	memset(&tw.bind_node, 0, sizeof(tw.bind_node));
	tw.state = TCP_TIME_WAIT;
	inet_twsk_bind(&tw, a->sk);
	assert_true(inet_ehash_insert(&tw, &a->sk->c));
	inet_put_port(a->sk);
	sysctl_write(iw->net, "net.ipv4.ip_local_port_range", "0 0");
	iw->net->sock->port_range[0] = iw->net->sock->port_range[1] = tw.num;
	b->sk->c.daddr = tw.daddr;
	b->sk->c.dport = tw.dport;
	b->sk->c.rcv_saddr = tw.rcv_saddr;
	assert_int_equal(inet_hash_connect(b->sk, NULL, NULL), -EADDRNOTAVAIL);
	assert_int_equal(inet_hash_connect(b->sk, take_over, &reused), 0);
	assert_ptr_equal(reused, &tw);
	assert_true(hlist_unhashed(&tw.node));
	inet_twsk_unbind(&tw);
	inet_twsk_unbind(&tw);	/* once is enough */
	sock_release(a);
	sock_release(b);
}

static void decide(void *arg)
{
	struct socket *s = arg;

	s->sk->sk_state = TCP_ESTABLISHED;
	s->sk->state_change(s->sk);
}

static void refuse(void *arg)
{
	struct socket *s = arg;

	s->sk->sk_state = TCP_CLOSE;
	s->sk->err = ECONNREFUSED;
	s->sk->state_change(s->sk);
}

static int connect_nb(struct socket *s)
{
	struct sockaddr_in a = in_addr(PEER, 1);

	return s->ops->connect(s, (void *)&a, sizeof(a), O_NONBLOCK);
}

static void connect_goes_through_its_states(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_STREAM, 0);

	assert_int_equal(connect_nb(s), -EINPROGRESS);
	assert_int_equal(connect_nb(s), -EALREADY);
	decide(s);
	assert_int_equal(connect_nb(s), 0);
	assert_int_equal(connect_nb(s), -EISCONN);
	sock_release(s);
	/* blocking: until it is decided */
	s = sk_open(iw, SOCK_STREAM, 0);
	fake_at(iw->w.fp, NSEC_PER_SEC, decide, s);
	assert_int_equal(do_connect(s, PEER, 1), 0);
	sock_release(s);
	s = sk_open(iw, SOCK_STREAM, 0);
	fake_at(iw->w.fp, NSEC_PER_SEC, refuse, s);
	assert_int_equal(do_connect(s, PEER, 1), -ECONNREFUSED);
	assert_int_equal(s->state, SS_UNCONNECTED);
	assert_int_equal(do_connect(s, PEER, 80), 0);
	sock_release(s);
}

static void connect_is_limited_by_the_send_timeout(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_STREAM, 0);
	struct timeval tv = { .tv_sec = 3 };

	s->ops->setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	assert_int_equal(do_connect(s, PEER, 1), -EINPROGRESS);
	assert_int_equal(fake_now(iw->w.fp) - FAKE_START_NS, 3 * NSEC_PER_SEC);
	sock_release(s);
}

static void a_clone_has_the_options_and_nothing_else(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_STREAM, 0);
	struct sock *n;

	set_int(s, SOL_SOCKET, SO_RCVBUF, 5000);
	assert_int_equal(do_bind(s, 0, 80), 0);
	s->ops->listen(s, 1);
	n = sk_clone(s->sk);
	assert_non_null(n);
	assert_int_equal(n->rcvbuf, 10000);
	assert_null(n->socket);
	assert_null(n->bind_bucket);
	assert_true(hlist_unhashed(&n->c.node));
	assert_int_not_equal(n->cookie, s->sk->cookie);
	inet_bind_bucket_add(n, 80);
	assert_int_equal(owners(s->sk->bind_bucket), 2);
	inet_put_port(n);
	sock_put(n);
	sock_release(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STEST(a_connection_is_found_by_its_four_numbers_only),
		STEST(ports_are_shared_between_different_peers),
		STEST(ports_that_somebody_bound_are_left_to_him),
		STEST(the_most_exact_listener_gets_it),
		STEST(a_group_shares_its_flows_and_a_flow_stays),
		STEST(a_full_sock_replaces_a_request_in_one_step),
		STEST(time_wait_gives_its_tuple_up_when_asked),
		STEST(exhausted_ports_are_known_at_once_and_come_back_at_once),
		STEST(tables_grow_with_what_they_hold),
		STEST(connect_goes_through_its_states),
		STEST(connect_is_limited_by_the_send_timeout),
		STEST(a_clone_has_the_options_and_nothing_else),
	};

	return cmocka_run_group_tests_name("hashtables", tests, NULL, NULL);
}
