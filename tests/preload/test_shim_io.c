/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes between the stack and the host's files, streams; names; devices. */
#include "preload/shim_test.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static void success_leaves_errno_alone(void **state)
{
	int pair[2];
	char c;

	connected(pair);
	errno = ENOTTY;
	assert_int_equal(write(pair[0], "x", 1), 1);
	assert_int_equal(read(pair[1], &c, 1), 1);
	assert_int_equal(errno, ENOTTY);
	close_pair(pair);
}

static void streams_work_on_sockets(void **state)
{
	char line[64] = "";
	int pair[2], copy;
	FILE *in, *out;

	connected(pair);
	copy = pair[1];
	in = fdopen(pair[0], "r");
	out = fdopen(pair[1], "w");
	assert_non_null(in);
	assert_non_null(out);
	assert_int_equal(fileno(out), copy);
	fprintf(out, "line %d\n", 7);
	fflush(out);
	assert_non_null(fgets(line, sizeof(line), in));
	assert_string_equal(line, "line 7\n");
	dprintf(copy, "by %s", "number");
	fclose(out);
	assert_non_null(fgets(line, sizeof(line), in));
	assert_string_equal(line, "by number");
	assert_null(fgets(line, sizeof(line), in));
	fclose(in);
}

static void sendfile_sends_from_the_offset(void **state)
{
	FILE *f = tmpfile();
	char got[16] = "";
	off_t off = 2;
	int pair[2];

	fputs("0123456789", f);
	fflush(f);
	connected(pair);
	assert_int_equal(sendfile(pair[0], fileno(f), &off, 5), 5);
	assert_int_equal(off, 7);
	assert_int_equal(recv(pair[1], got, 5, MSG_WAITALL), 5);
	assert_string_equal(got, "23456");
	close_pair(pair);
	fclose(f);
}

static void splice_goes_both_ways(void **state)
{
	int pair[2], tube[2];
	char got[8] = "";

	connected(pair);
	assert_int_equal(pipe(tube), 0);
	assert_int_equal(write(tube[1], "abc", 3), 3);
	assert_int_equal(splice(tube[0], NULL, pair[0], NULL, 3, 0), 3);
	assert_int_equal(splice(pair[1], NULL, tube[1], NULL, 8, 0), 3);
	assert_int_equal(read(tube[0], got, 8), 3);
	assert_string_equal(got, "abc");
	close_pair(pair);
	close_pair(tube);
}

static void vectors_are_gathered_and_scattered(void **state)
{
	char a[3] = "", b[4] = "";
	struct iovec out[2] = { { "ab", 2 }, { "cde", 3 } };
	struct iovec in[2] = { { a, 2 }, { b, 3 } };
	int pair[2];

	connected(pair);
	assert_int_equal(writev(pair[0], out, 2), 5);
	assert_int_equal(readv(pair[1], in, 2), 5);
	assert_string_equal(a, "ab");
	assert_string_equal(b, "cde");
	close_pair(pair);
}

static void localhost_has_an_ipv4_address(void **state)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *res;
	const struct sockaddr_in *in;

	assert_int_equal(getaddrinfo("localhost", "80", &hints, &res), 0);
	in = (const struct sockaddr_in *)(const void *)res->ai_addr;
	assert_int_equal(res->ai_family, AF_INET);
	assert_int_equal(in->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(in->sin_port, htons(80));
	assert_null(res->ai_next);
	freeaddrinfo(res);
}

static void numbers_need_no_name_server(void **state)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *res;
	struct hostent *h = gethostbyname("192.0.2.7");

	assert_non_null(h);
	assert_int_equal(h->h_length, 4);
	assert_string_equal(inet_ntoa(*(struct in_addr *)
				      (void *)h->h_addr_list[0]), "192.0.2.7");
	assert_int_equal(getaddrinfo("192.0.2.7", NULL, &hints, &res), 0);
	freeaddrinfo(res);
	hints.ai_flags = AI_NUMERICHOST;
	assert_int_equal(getaddrinfo("localhost", NULL, &hints, &res),
			 EAI_NONAME);
}

static void the_passive_address_is_one_that_can_be_bound(void **state)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE }, *res;
	int fd;

	assert_int_equal(getaddrinfo(NULL, "0", &hints, &res), 0);
	fd = socket(res->ai_family, res->ai_socktype, res->ai_protocol);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, res->ai_addr, res->ai_addrlen), 0);
	close(fd);
	freeaddrinfo(res);
}

static void the_devices_are_the_stacks(void **state)
{
	struct ifaddrs *list, *i;
	char name[IF_NAMESIZE];
	bool found = false;

	assert_int_equal(if_nametoindex("lo"), 1);
	assert_string_equal(if_indextoname(1, name), "lo");
	assert_int_equal(getifaddrs(&list), 0);
	for (i = list; i; i = i->ifa_next) {
		assert_string_equal(i->ifa_name, "lo");
		if (i->ifa_addr->sa_family == AF_INET)
			found = true;
	}
	assert_true(found);
	freeifaddrs(list);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_leaves_errno_alone),
		cmocka_unit_test(streams_work_on_sockets),
		cmocka_unit_test(sendfile_sends_from_the_offset),
		cmocka_unit_test(splice_goes_both_ways),
		cmocka_unit_test(vectors_are_gathered_and_scattered),
		cmocka_unit_test(localhost_has_an_ipv4_address),
		cmocka_unit_test(numbers_need_no_name_server),
		cmocka_unit_test(the_passive_address_is_one_that_can_be_bound),
		cmocka_unit_test(the_devices_are_the_stacks),
	};

	under_the_shim(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
