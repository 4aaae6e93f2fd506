/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole stacks in real time: byte streams over a wire, good and bad, exact to
 * the byte. WEIR_TEST_MB sets the size of each direction (4 by default; the
 * soak uses 200).
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"

#define PORT 7000

struct flow {
	struct weir *w;
	int fd;
	uint64_t key, bytes;
	int failed;
};

static uint64_t size_of_test(void)
{
	const char *mb = getenv("WEIR_TEST_MB");

	return (uint64_t)(mb ? atoi(mb) : 4) << 20;
}

static void *sender(void *arg)
{
	struct flow *f = arg;
	static const size_t sizes[] = { 1, 100, 1460, 4096, 16384, 65536, 200000 };
	uint8_t *buf = malloc(200000);
	uint64_t pos = 0;
	unsigned int turn = 0;

	while (pos < f->bytes) {
		size_t n = sizes[turn++ % 7];
		ssize_t ret;

		if (n > f->bytes - pos)
			n = f->bytes - pos;
		stream_fill(buf, n, f->key, pos);
		ret = weir_send(f->w, f->fd, buf, n, 0);
		if (ret <= 0) {
			f->failed = ret < 0 ? (int)-ret : 1;
			break;
		}
		pos += (uint64_t)ret;
	}
	weir_shutdown(f->w, f->fd, SHUT_WR);
	free(buf);
	return NULL;
}

static void *receiver(void *arg)
{
	struct flow *f = arg;
	uint8_t *buf = malloc(262144);
	uint64_t pos = 0;
	ssize_t n;

	while ((n = weir_recv(f->w, f->fd, buf, 262144, 0)) > 0) {
		if (stream_check(buf, (size_t)n, f->key, pos) >= 0) {
			f->failed = 2;
			break;
		}
		pos += (uint64_t)n;
	}
	if (n < 0 || (!f->failed && pos != f->bytes))
		f->failed = n < 0 ? (int)-n : 3;
	free(buf);
	return NULL;
}

static void both_ways(const char *options, uint64_t bytes)
{
	struct pair p;
	struct flow f[4];
	pthread_t t[4];
	int lfd, fd[2], i;

	pair_open(&p, options);
	lfd = pair_listen(p.b, PORT);
	pair_connect(p.a, p.b, &p.addr_b, PORT, lfd, fd);
	f[0] = (struct flow){ p.a, fd[0], 1, bytes, 0 };
	f[1] = (struct flow){ p.b, fd[1], 1, bytes, 0 };
	f[2] = (struct flow){ p.b, fd[1], 2, bytes, 0 };
	f[3] = (struct flow){ p.a, fd[0], 2, bytes, 0 };
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, i % 2 ? receiver : sender, &f[i]);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < 4; i++)
		assert_int_equal(f[i].failed, 0);
	weir_close(p.a, fd[0]);
	weir_close(p.b, fd[1]);
	pair_close(&p);
}

static void streams_are_exact_over_a_clean_wire(void **state)
{
	both_ways("", size_of_test());
}

static void streams_are_exact_over_a_bad_wire(void **state)
{
	both_ways(",loss=1%,reorder=1%,dup=1%,corrupt=0.1%,seed=42",
		  size_of_test());
}

static void datagrams_come_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 1472, 1473, 9000, 65507 };
	struct sockaddr_in to, from = { 0 };
	socklen_t len = sizeof(from);
	uint8_t *out = malloc(65536), *in = malloc(65536);
	struct pair p;
	unsigned int i;
	int a, b;

	pair_open(&p, "");
	a = weir_socket(p.a, AF_INET, SOCK_DGRAM, 0);
	b = weir_socket(p.b, AF_INET, SOCK_DGRAM, 0);
	to = p.addr_b;
	to.sin_port = htons(PORT);
	assert_int_equal(weir_bind(p.b, b, (struct sockaddr *)&to, sizeof(to)), 0);
	for (i = 0; i < 6; i++) {
		stream_fill(out, sizes[i], i, 0);
		assert_int_equal(weir_sendto(p.a, a, out, sizes[i], 0,
					     (struct sockaddr *)&to, sizeof(to)),
				 sizes[i]);
		assert_int_equal(weir_recvfrom(p.b, b, in, 65536, 0,
					       (struct sockaddr *)&from, &len),
				 sizes[i]);
		assert_memory_equal(in, out, sizes[i]);
		assert_int_equal(from.sin_addr.s_addr, p.addr_a.sin_addr.s_addr);
	}
	pair_close(&p);
	free(out);
	free(in);
}

static void a_stack_talks_to_itself(void **state)
{
	struct pair p;
	char buf[4];
	int lfd, fd[2];

	pair_open(&p, "");
	lfd = pair_listen(p.a, PORT);
	pair_connect(p.a, p.a, &p.addr_a, PORT, lfd, fd);
	assert_int_equal(weir_send(p.a, fd[0], "ping", 4, 0), 4);
	assert_int_equal(weir_recv(p.a, fd[1], buf, 4, 0), 4);
	assert_memory_equal(buf, "ping", 4);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagrams_come_whole),
		cmocka_unit_test(a_stack_talks_to_itself),
		cmocka_unit_test(streams_are_exact_over_a_clean_wire),
		cmocka_unit_test(streams_are_exact_over_a_bad_wire),
	};

	return cmocka_run_group_tests_name("wire stream", tests, NULL, NULL);
}
