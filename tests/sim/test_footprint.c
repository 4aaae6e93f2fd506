/* SPDX-License-Identifier: BSD-2-Clause */
/* What hosts in virtual time cost in memory: ten thousand have to fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <weir/sim.h>

#define FEW	200u
#define MANY	1000u
#define LIMIT	(150u << 10)	/* bytes per host, with two connection ends */
#define PORT	80
#define SECOND	1000000000LL

static struct sockaddr_in address(uint32_t addr)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(PORT),
				     .sin_addr.s_addr = htonl(addr) };
}

/* The first host of pair i is 10.x.x.(4i + 1)/30, the second the next. */
static uint32_t host_address(unsigned int i)
{
	return 0x0a000000u + i / 2 * 4 + i % 2 + 1;
}

static struct weir *new_host(struct weir_sim *s, unsigned int i)
{
	const struct weir_sim_host_options small = { .small = 1 };
	char name[32], err[200] = "";
	struct weir *h;

	snprintf(name, sizeof(name), "host%u", i);
	h = weir_sim_host(s, name, &small, err, sizeof(err));
	if (!h)
		fail_msg("%s", err);
	return h;
}

static void give_address(struct weir *h, unsigned int i)
{
	uint32_t a = host_address(i);
	char text[40], err[200] = "";

	snprintf(text, sizeof(text), "%u.%u.%u.%u/30", a >> 24, a >> 16 & 255,
		 a >> 8 & 255, a & 255);
	if (weir_addr_add(h, "eth0", text, err, sizeof(err)))
		fail_msg("%s", err);
}

static int listen_on(struct weir *h)
{
	struct sockaddr_in any = address(0);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(weir_bind(h, fd, (struct sockaddr *)&any,
				   sizeof(any)), 0);
	assert_int_equal(weir_listen(h, fd, 16), 0);
	return fd;
}

static void connect_to(struct weir *h, uint32_t addr, struct weir *to,
		       int listener)
{
	struct sockaddr_in peer = address(addr);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(weir_connect(h, fd, (struct sockaddr *)&peer,
				      sizeof(peer)), 0);
	assert_true(weir_accept4(to, listener, NULL, NULL, 0) >= 0);
}

/* Two hosts, a cable, two connections: each host has two ends. */
static void add_pair(struct weir_sim *s, unsigned int i)
{
	struct weir *a = new_host(s, i), *b = new_host(s, i + 1);
	char err[200] = "";
	int listener;

	if (!weir_sim_link(s, a, b, "delay=1ms", err, sizeof(err)))
		fail_msg("%s", err);
	give_address(a, i);
	give_address(b, i + 1);
	listener = listen_on(b);
	connect_to(a, host_address(i + 1), b, listener);
	connect_to(a, host_address(i + 1), b, listener);
}

static void a_host_with_connections_takes_less_than_150_kib(void **state)
{
	char err[200] = "";
	struct weir_sim *s = weir_sim_create(NULL, err, sizeof(err));
	struct weir_sim_stats few, many;
	uint64_t bytes;

	assert_non_null(s);
	for (unsigned int i = 0; i < FEW; i += 2)
		add_pair(s, i);
	weir_sim_stats(s, &few);
	for (unsigned int i = FEW; i < MANY; i += 2)
		add_pair(s, i);
	weir_sim_pass(s, SECOND);
	weir_sim_stats(s, &many);
	assert_int_equal(many.hosts, MANY);
	bytes = (many.mem_bytes - few.mem_bytes) / (MANY - FEW);
	if (bytes >= LIMIT)
		fail_msg("a host takes %llu bytes", (unsigned long long)bytes);
	assert_int_equal(weir_sim_destroy(s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_with_connections_takes_less_than_150_kib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
