/* SPDX-License-Identifier: BSD-2-Clause */
/* The shared segment between processes. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "platform/linux/wire_segment.h"

/* A segment name of this test run. */
static const char *test_name(char *buf, size_t room, const char *what)
{
	snprintf(buf, room, "test-%d-%s", getpid(), what);
	return buf;
}

static int broadcast(struct wire_segment *seg, u8 fill)
{
	u8 frame[60];
	struct hw_frame f = { .len = sizeof(frame) };
	struct hw_vec v = { frame, sizeof(frame) };
	struct hw_link *l = &seg->port.link;
	int r;

	memset(frame, fill, sizeof(frame));
	memset(frame, 0xff, 6);
	l->ops->tx_begin(l);
	r = l->ops->xmit(l, &f, &v, 1);
	l->ops->tx_end(l);
	return r;
}

/* The last byte of the next frame; -1: none. */
static int take(struct wire_segment *seg)
{
	struct hw_link *l = &seg->port.link;
	struct hw_frame f;
	const u8 *data = l->ops->rx_peek(l, &f);
	int last;

	if (!data)
		return -1;
	last = data[f.len - 1];
	l->ops->rx_next(l);
	l->ops->rx_end(l);
	return last;
}

static bool exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static void two_ports_share_a_segment_which_goes_with_the_last(void **state)
{
	struct wire_segment a, b;
	char name[64], err[200], path[WIRE_PATH_MAX];

	test_name(name, sizeof(name), "two");
	assert_int_equal(wire_segment_open(&a, name, 0, err, sizeof(err)), 0);
	assert_int_equal(wire_segment_open(&b, name, 0, err, sizeof(err)), 0);
	snprintf(path, sizeof(path), "%s", a.shm_path);
	assert_int_equal(broadcast(&a, 7), 0);
	assert_int_equal(take(&b), 7);
	wire_segment_close(&a);
	assert_true(exists(path));
	wire_segment_close(&b);
	assert_false(exists(path));
}

static void bad_names_are_refused_with_a_reason(void **state)
{
	static const char *const bad[] = { "", "a/b", "..", ".x", "a b",
		"123456789012345678901234567890123" };
	struct wire_segment seg;
	char err[200];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		err[0] = 0;
		assert_int_equal(wire_segment_open(&seg, bad[i], 0, err,
						   sizeof(err)), -EINVAL);
		assert_non_null(strstr(err, "name"));
	}
}

static void a_killed_process_leaves_its_port_to_the_next(void **state)
{
	struct wire_segment a, b;
	char name[64], err[200], byte;
	int up[2], status;
	pid_t pid;

	test_name(name, sizeof(name), "kill");
	assert_int_equal(pipe(up), 0);
	pid = fork();
	if (!pid) {
		byte = (char)wire_segment_open(&a, name, 0, err, sizeof(err));
		byte |= (char)write(up[1], &byte, 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(up[0], &byte, 1), 1);
	assert_int_equal(byte, 0);
	assert_int_equal(wire_segment_open(&a, name, 0, err, sizeof(err)), 0);
	assert_int_equal(a.port.index, 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(wire_segment_open(&b, name, 0, err, sizeof(err)), 0);
	assert_int_equal(b.port.index, 0);
	assert_int_equal(broadcast(&b, 9), 0);
	assert_int_equal(take(&a), 9);
	wire_segment_close(&a);
	wire_segment_close(&b);
	assert_false(exists(b.shm_path));
	close(up[0]);
	close(up[1]);
}

static void a_sleeper_on_the_descriptor_is_woken(void **state)
{
	struct wire_segment a, b;
	char name[64], err[200];
	struct hw_link *l = &b.port.link;
	struct pollfd p = { .events = POLLIN };

	test_name(name, sizeof(name), "fd");
	assert_int_equal(wire_segment_open(&a, name, 0, err, sizeof(err)), 0);
	assert_int_equal(wire_segment_open(&b, name, 0, err, sizeof(err)), 0);
	p.fd = l->ops->fd(l);
	assert_true(p.fd >= 500);
	assert_true(l->ops->arm(l, HW_LINK_RX, HW_LINK_FD));
	assert_int_equal(poll(&p, 1, 0), 0);
	broadcast(&a, 1);
	assert_int_equal(poll(&p, 1, 0), 1);
	l->ops->disarm(l);
	assert_int_equal(poll(&p, 1, 0), 0);
	broadcast(&a, 2);
	assert_int_equal(poll(&p, 1, 0), 0);
	wire_segment_close(&a);
	wire_segment_close(&b);
}

static void the_seventeenth_port_is_refused(void **state)
{
	struct wire_segment *s = calloc(WIRE_MAX_PORTS + 1, sizeof(*s));
	char name[64], err[200];
	u32 i;

	test_name(name, sizeof(name), "full");
	for (i = 0; i < WIRE_MAX_PORTS; i++)
		assert_int_equal(wire_segment_open(&s[i], name, 0, err,
						   sizeof(err)), 0);
	assert_int_equal(wire_segment_open(&s[i], name, 0, err, sizeof(err)),
			 -ENOSPC);
	assert_non_null(strstr(err, "ports"));
	while (i-- > 0)
		wire_segment_close(&s[i]);
	assert_false(exists(s[0].shm_path));
	free(s);
}

static void a_file_of_something_else_is_refused_and_left_alone(void **state)
{
	struct wire_segment seg;
	char name[64], err[200], path[WIRE_PATH_MAX], junk[4096];
	FILE *f;

	test_name(name, sizeof(name), "junk");
	snprintf(path, sizeof(path), "/dev/shm/weir-%u-%s", getuid(), name);
	memset(junk, 'x', sizeof(junk));
	f = fopen(path, "w");
	fchmod(fileno(f), 0600);
	fwrite(junk, 1, sizeof(junk), f);
	fclose(f);
	assert_int_equal(wire_segment_open(&seg, name, 0, err, sizeof(err)),
			 -EPROTO);
	assert_true(exists(path));
	unlink(path);
}

static void a_segment_can_be_in_one_process(void **state)
{
	struct wire_segment a, b;
	char err[200];

	assert_int_equal(wire_segment_anonymous(&a, 0, err, sizeof(err)), 0);
	assert_int_equal(wire_segment_join(&b, &a, 0, err, sizeof(err)), 0);
	broadcast(&b, 5);
	assert_int_equal(take(&a), 5);
	wire_segment_close(&b);
	wire_segment_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_ports_share_a_segment_which_goes_with_the_last),
		cmocka_unit_test(bad_names_are_refused_with_a_reason),
		cmocka_unit_test(a_killed_process_leaves_its_port_to_the_next),
		cmocka_unit_test(a_sleeper_on_the_descriptor_is_woken),
		cmocka_unit_test(the_seventeenth_port_is_refused),
		cmocka_unit_test(a_file_of_something_else_is_refused_and_left_alone),
		cmocka_unit_test(a_segment_can_be_in_one_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
