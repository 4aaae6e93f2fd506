/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may bind what: the rules of SO_REUSEADDR and SO_REUSEPORT as a table,
 * for streams and datagrams; errors of bind. */
#include <stdlib.h>

#include "tests/sock/toy_stream.h"

enum { R = 1, P = 2, L = 4, DEV = 8 };	/* reuse, reuseport, listen, lo only */

struct bind_row {
	int type;
	u32 addr1;
	int how1;
	u32 addr2;
	int how2;
	int want;
};

#define ST SOCK_STREAM
#define DG SOCK_DGRAM
static const struct bind_row rows[] = {
	/* nothing said: overlapping addresses collide */
	{ ST, 0, 0, 0, 0, -EADDRINUSE },
	{ ST, 0, 0, LO, 0, -EADDRINUSE },
	{ ST, LO, 0, 0, 0, -EADDRINUSE },
	{ ST, LO, 0, US, 0, 0 },
	{ ST, LO, 0, LO, 0, -EADDRINUSE },
	{ DG, 0, 0, 0, 0, -EADDRINUSE },
	{ DG, LO, 0, US, 0, 0 },
	{ DG, LO, 0, 0, 0, -EADDRINUSE },
	/* SO_REUSEADDR: both, and nobody listens */
	{ ST, 0, R, 0, R, 0 },
	{ ST, 0, R, 0, 0, -EADDRINUSE },
	{ ST, 0, 0, 0, R, -EADDRINUSE },
	{ ST, 0, R | L, 0, R, -EADDRINUSE },
	{ ST, 0, R | L, LO, R, -EADDRINUSE },
	{ ST, LO, R | L, US, R, 0 },
	{ DG, 0, R, 0, R, 0 },
	{ DG, 0, R, 0, 0, -EADDRINUSE },
	/* SO_REUSEPORT: both, listening or not */
	{ ST, 0, P | L, 0, P | L, 0 },
	{ ST, 0, P | L, 0, 0, -EADDRINUSE },
	{ ST, 0, P, 0, R, -EADDRINUSE },
	{ ST, 0, P | R, 0, R, 0 },
	{ DG, 0, P, 0, P, 0 },
	{ DG, 0, P, 0, R, -EADDRINUSE },
	/* different devices do not meet, any device meets all */
	{ ST, 0, DEV, 0, 0, -EADDRINUSE },
	{ DG, 0, DEV, 0, 0, -EADDRINUSE },
	{ ST, LO, DEV, US, 0, 0 },
};

static struct socket *prepared(struct inet_world *iw, int type, int how)
{
	struct socket *s = sk_open(iw, type, 0);

	set_int(s, SOL_SOCKET, SO_REUSEADDR, !!(how & R));
	set_int(s, SOL_SOCKET, SO_REUSEPORT, !!(how & P));
	if (how & DEV)
		assert_int_equal(s->ops->setsockopt(s, SOL_SOCKET,
				 SO_BINDTODEVICE, "lo", 3), 0);
	return s;
}

static void the_table_of_shared_ports_holds(void **state)
{
	struct inet_world *iw = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct bind_row *r = &rows[i];
		struct socket *a = prepared(iw, r->type, r->how1);
		struct socket *b = prepared(iw, r->type, r->how2);
		int err;

		assert_int_equal(do_bind(a, r->addr1, 4000), 0);
		if (r->how1 & L)
			assert_int_equal(a->ops->listen(a, 5), 0);
		err = do_bind(b, r->addr2, 4000);
		if (err != r->want)
			print_error("row %zu\n", i);
		assert_int_equal(err, r->want);
		if (!err && r->how2 & L)
			assert_int_equal(b->ops->listen(b, 5), 0);
		sock_release(a);
		/* the port is free again as soon as its owner is gone */
		if (err)
			assert_int_equal(do_bind(b, r->addr2, 4000), 0);
		sock_release(b);
	}
}

static void two_that_share_by_reuseaddr_cannot_both_listen(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = prepared(iw, ST, R), *b = prepared(iw, ST, R);

	assert_int_equal(do_bind(a, 0, 4000), 0);
	assert_int_equal(do_bind(b, 0, 4000), 0);
	assert_int_equal(a->ops->listen(a, 1), 0);
	assert_int_equal(b->ops->listen(b, 1), -EADDRINUSE);
	sock_release(a);
	sock_release(b);
}

static void bind_says_what_is_wrong_as_linux_does(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, DG, 0);
	struct sockaddr_in a = in_addr(0, 5);

	assert_int_equal(do_bind(s, FAR, 80), -EADDRNOTAVAIL);
	assert_int_equal(s->ops->bind(s, (void *)&a, 8), -EINVAL);
	a.sin_family = AF_INET6;
	assert_int_equal(s->ops->bind(s, (void *)&a, sizeof(a)), -EAFNOSUPPORT);
	a.sin_family = AF_UNSPEC;	/* anything, by old programs */
	assert_int_equal(s->ops->bind(s, (void *)&a, sizeof(a)), 0);
	assert_int_equal(do_bind(s, 0, 6), -EINVAL);	/* twice */
	sock_release(s);
	s = sk_open(iw, DG, 0);
	set_int(s, SOL_IP, IP_FREEBIND, 1);
	assert_int_equal(do_bind(s, FAR, 80), 0);
	sock_release(s);
	sysctl_write(iw->net, "net.ipv4.ip_unprivileged_port_start", "1024");
	s = sk_open(iw, DG, 0);
	assert_int_equal(do_bind(s, 0, 1023), -EACCES);
	assert_int_equal(do_bind(s, 0, 1024), 0);
	sock_release(s);
}

static void port_0_is_any_free_port_of_the_range(void **state)
{
	struct inet_world *iw = *state;
	const int types[] = { ST, DG };
	struct socket *s[11];

	assert_int_equal(sysctl_write(iw->net, "net.ipv4.ip_local_port_range",
				      "40000 40009"), 0);
	for (int t = 0; t < 2; t++) {
		u32 seen = 0;

		for (int i = 0; i < 10; i++) {
			s[i] = sk_open(iw, types[t], 0);
			/* reuse does not make the stack choose a taken one */
			set_int(s[i], SOL_SOCKET, SO_REUSEADDR, 1);
			assert_int_equal(do_bind(s[i], 0, 0), 0);
			assert_in_range(local_port(s[i]), 40000, 40009);
			seen |= 1u << (local_port(s[i]) - 40000);
		}
		assert_int_equal(seen, 0x3ff);
		s[10] = sk_open(iw, types[t], 0);
		assert_int_equal(do_bind(s[10], 0, 0), -EADDRINUSE);
		assert_int_equal(do_bind(s[10], 0, 50000), 0);
		for (int i = 0; i < 11; i++)
			sock_release(s[i]);
	}
}

static void autobind_without_ports_left_is_eagain(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, DG, 0), *b = sk_open(iw, DG, 0);

	sysctl_write(iw->net, "net.ipv4.ip_local_port_range", "40000 40000");
	assert_int_equal(send_to(a, LO, 1, "x", 1, 0), 1);
	assert_int_equal(local_port(a), 40000);
	assert_int_equal(send_to(b, LO, 1, "x", 1, 0), -EAGAIN);
	sock_release(a);
	sock_release(b);
}

static void no_port_is_taken_when_the_program_says_so(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, ST, 0);

	set_int(s, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	assert_int_equal(do_bind(s, US, 0), 0);
	assert_int_equal(local_port(s), 0);
	assert_int_equal(do_connect(s, PEER, 80), 0);
	assert_int_not_equal(local_port(s), 0);
	sock_release(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STEST(the_table_of_shared_ports_holds),
		STEST(two_that_share_by_reuseaddr_cannot_both_listen),
		STEST(bind_says_what_is_wrong_as_linux_does),
		STEST(port_0_is_any_free_port_of_the_range),
		STEST(autobind_without_ports_left_is_eagain),
		STEST(no_port_is_taken_when_the_program_says_so),
	};

	return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
