/* SPDX-License-Identifier: BSD-2-Clause */
/* One stack, datagram sockets on its loopback device, virtual time. */
#ifndef WEIR_TESTS_USER_TEST_H
#define WEIR_TESTS_USER_TEST_H

#include "tests/support/world.h"

#define LOCALHOST	0x7f000001u

struct user_test {
	struct world w;
	struct net *net;
	int sender;			/* to send datagrams from */
};

static inline int user_setup(void **state)
{
	struct user_test *t = calloc(1, sizeof(*t));

	world_open(&t->w, NULL);
	t->net = t->w.a.net;
	t->sender = host_socket(&t->w.a, SOCK_DGRAM);
	*state = t;
	return 0;
}

static inline int user_teardown(void **state)
{
	struct user_test *t = *state;

	world_close(&t->w);
	free(t);
	return 0;
}

/* A socket that hears datagrams sent to `port`. */
static inline int user_listener(struct user_test *t, u16 port)
{
	int fd = host_socket(&t->w.a, SOCK_DGRAM);

	assert_int_equal(host_bind(&t->w.a, fd, LOCALHOST, port), 0);
	return fd;
}

static inline void user_send(struct user_test *t, u16 port, const char *text)
{
	struct sockaddr_in to = sa(LOCALHOST, port);

	assert_int_equal(sys_sendto(t->net, t->sender, text, strlen(text), 0,
				    (struct sockaddr *)&to, sizeof(to)),
			 strlen(text));
	fake_run(t->w.fp);
}

static inline void user_read(struct user_test *t, int fd)
{
	char buf[64];

	assert_true(sys_recvfrom(t->net, fd, buf, sizeof(buf), MSG_DONTWAIT,
				 NULL, NULL) >= 0);
}

#define user_unit(f) cmocka_unit_test_setup_teardown(f, user_setup, \
						     user_teardown)

#endif
