/* SPDX-License-Identifier: BSD-2-Clause */
/* Each allocation fails once, from the making of the floors to the last call:
 * nothing crashes, nothing is lost, and what failed says so. */
#include <stdlib.h>

#include "sock/filter.h"
#include "tests/sock/toy_stream.h"

#define GROUP	0xe9010203u

static struct socket *try_open(struct inet_world *iw, int type, int proto)
{
	struct socket *s = NULL;
	int err = sock_create(iw->net, AF_INET, type, proto, &s);

	if (err)
		assert_true(err == -ENOMEM || err == -ENOBUFS);
	return err ? NULL : s;
}

static void set_things(struct socket *s)
{
	struct ip_mreq m = { { htonl(GROUP) }, { htonl(US) } };
	struct ip_mreq_source src = { { htonl(GROUP) }, { htonl(US) },
				      { htonl(PEER) } };
	struct sock_filter all[] = { { 0x06, 0, 0, 0xffff } };
	struct sock_fprog fp = { 1, all };
	u8 opt[4] = { IPOPT_NOOP, IPOPT_NOOP, IPOPT_NOOP, IPOPT_NOOP };

	s->ops->setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m));
	s->ops->setsockopt(s, SOL_IP, IP_BLOCK_SOURCE, &src, sizeof(src));
	s->ops->setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &fp, sizeof(fp));
	s->ops->setsockopt(s, SOL_IP, IP_OPTIONS, opt, sizeof(opt));
	set_int(s, SOL_IP, IP_RECVERR, 1);
	set_int(s, SOL_SOCKET, SO_REUSEPORT, 1);
	set_int(s, SOL_SOCKET, SO_ZEROCOPY, 1);
}

static void datagrams(struct inet_world *iw)
{
	struct socket *a = try_open(iw, SOCK_DGRAM, 0);
	struct socket *b = try_open(iw, SOCK_DGRAM, 0);
	static u8 big[5000];
	struct received r;

	if (!a || !b)
		goto out;
	set_things(b);
	do_bind(b, 0, 5000);
	do_connect(a, LO, 5000);
	send_to(a, 0, 0, "x", 1, MSG_ZEROCOPY);
	send_to(a, 0, 0, big, sizeof(big), MSG_MORE);
	send_to(a, 0, 0, big, sizeof(big), 0);
	set_int(a, SOL_UDP, UDP_SEGMENT, 1000);
	send_to(a, LO, 5000, big, sizeof(big), 0);
	send_to(a, GROUP, 5000, "group", 5, 0);
	send_to(a, PEER, 7, big, sizeof(big), 0);
	set_int(b, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	send_to(b, PEER, 7, big, sizeof(big), 0);
	fake_run(iw->w.fp);
	inject_udp(iw, US, 9, 5000, "in", 2, 0);
	inject_udp(iw, US, 9, 5001, "nobody", 6, 0);
	while (recv_now(b, &r) > 0)
		;
	recv_all(b, &r, 10, MSG_ERRQUEUE);
out:
	if (a)
		sock_release(a);
	if (b)
		sock_release(b);
}

static void others(struct inet_world *iw)
{
	struct socket *p = try_open(iw, SOCK_DGRAM, IPPROTO_ICMP);
	struct socket *w = try_open(iw, SOCK_RAW, IPPROTO_ICMP);
	struct socket *s = try_open(iw, SOCK_STREAM, 0);
	struct socket *l = try_open(iw, SOCK_STREAM, 0);
	u8 echo[16] = { ICMP_ECHO };
	struct sock *child;

	if (p)
		send_to(p, LO, 0, echo, sizeof(echo), 0);
	if (w)
		send_to(w, LO, 0, echo, sizeof(echo), 0);
	fake_run(iw->w.fp);
	if (s)
		do_connect(s, PEER, 80);
	if (l) {
		set_int(l, SOL_SOCKET, SO_REUSEPORT, 1);
		do_bind(l, 0, 80);
		l->ops->listen(l, 1);
		child = sk_clone(l->sk);
		if (child)
			sock_put(child);
	}
	for (struct socket **i = (struct socket *[]){ p, w, s, l }, **e = i + 4;
	     i < e; i++)
		if (*i)
			sock_release(*i);
}

static void any_allocation_may_fail_under_the_calls(void **state)
{
	for (u64 n = 1; n < 260; n++) {
		struct inet_world iw;

		sock_begin(&iw);
		assert_int_equal(inet_register_protosw(iw.net, &toy_stream_sw), 0);
		slab_fail_nth(iw.w.m->depot, n);
		datagrams(&iw);
		others(&iw);
		slab_fail_nth(iw.w.m->depot, 0);
		fake_advance(iw.w.fp, 40 * NSEC_PER_SEC);
		sock_end(&iw);
	}
}

static void any_allocation_may_fail_when_the_floors_are_made(void **state)
{
	bool sock_up = false, udp_up = false;

	for (u64 n = 1; !udp_up; n++) {
		struct inet_world iw;

		inet_begin(&iw);
		slab_fail_nth(iw.w.m->depot, n);
		sock_up = !sock_net_ops.init(iw.net);
		udp_up = sock_up && !udp_net_ops.init(iw.net);
		slab_fail_nth(iw.w.m->depot, 0);
		if (udp_up)
			udp_net_ops.exit(iw.net);
		if (sock_up)
			sock_net_ops.exit(iw.net);
		inet_end(&iw);
		assert_true(n < 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_allocation_may_fail_under_the_calls),
		cmocka_unit_test(any_allocation_may_fail_when_the_floors_are_made),
	};

	return cmocka_run_group_tests_name("udp_nomem", tests, NULL, NULL);
}
