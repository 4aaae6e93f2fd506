/* SPDX-License-Identifier: BSD-2-Clause */
/* sendfile and splice between a stack's stream sockets and the host's files. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <errno.h>
#include <cmocka.h>

#include "tests/support/pair.h"

#define PORT	7400
#define KEY	5
#define SIZE	300000

struct copy {
	struct pair p;
	int lfd, fd[2], file, pipe[2];
	size_t want;
	int failed;
};

/* Numbers of the stack are far above those of the host here. */
static int high(struct weir *w, int fd, int to)
{
	assert_int_equal(weir_dup3(w, fd, to, 0), to);
	weir_close(w, fd);
	return to;
}

static int setup(void **state)
{
	struct copy *c = calloc(1, sizeof(*c));
	uint8_t *bytes = malloc(SIZE);

	pair_open(&c->p, "");
	c->lfd = pair_listen(c->p.b, PORT);
	pair_connect(c->p.a, c->p.b, &c->p.addr_b, PORT, c->lfd, c->fd);
	c->fd[0] = high(c->p.a, c->fd[0], 1000);
	c->fd[1] = high(c->p.b, c->fd[1], 1000);
	stream_fill(bytes, SIZE, KEY, 0);
	c->file = memfd_create("file", 0);
	assert_int_equal(write(c->file, bytes, SIZE), SIZE);
	assert_int_equal(lseek(c->file, 0, SEEK_SET), 0);
	assert_int_equal(pipe(c->pipe), 0);
	free(bytes);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct copy *c = *state;

	close(c->file);
	close(c->pipe[0]);
	close(c->pipe[1]);
	pair_close(&c->p);
	free(c);
	return 0;
}

static void *receive(void *arg)
{
	struct copy *c = arg;
	uint8_t buf[65536];
	size_t got = 0;
	ssize_t n;

	while ((n = weir_recv(c->p.b, c->fd[1], buf, sizeof(buf), 0)) > 0) {
		c->failed |= stream_check(buf, (size_t)n, KEY, got) >= 0;
		got += (size_t)n;
	}
	c->failed |= n != 0 || got != c->want;
	return NULL;
}

static void a_file_is_sent_from_its_position_to_its_end(void **state)
{
	struct copy *c = *state;
	size_t sent = 0;
	pthread_t t;
	ssize_t n;

	c->want = SIZE;
	pthread_create(&t, NULL, receive, c);
	while ((n = weir_sendfile(c->p.a, c->fd[0], c->file, NULL,
				  SIZE)) > 0)
		sent += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(sent, SIZE);
	assert_int_equal(lseek(c->file, 0, SEEK_CUR), SIZE);
	weir_shutdown(c->p.a, c->fd[0], SHUT_WR);
	pthread_join(t, NULL);
	assert_false(c->failed);
}

static void an_offset_leaves_the_position_alone(void **state)
{
	struct copy *c = *state;
	uint8_t buf[1000];
	off_t off = 5000;

	assert_int_equal(weir_sendfile(c->p.a, c->fd[0], c->file, &off, 1000),
			 1000);
	assert_int_equal(off, 6000);
	assert_int_equal(lseek(c->file, 0, SEEK_CUR), 0);
	assert_int_equal(weir_recv(c->p.b, c->fd[1], buf, 1000, MSG_WAITALL),
			 1000);
	assert_int_equal(stream_check(buf, 1000, KEY, 5000), -1);
}

static void a_full_socket_that_must_not_wait_takes_a_part(void **state)
{
	struct copy *c = *state;
	off_t off = 0;
	ssize_t n, sum = 0;
	pthread_t t;

	weir_fcntl(c->p.a, c->fd[0], F_SETFL, O_NONBLOCK);
	do {
		off = sum % SIZE;
		n = weir_sendfile(c->p.a, c->fd[0], c->file, &off, SIZE);
		if (n > 0) {
			assert_int_equal(off, sum % SIZE + n);
			sum += n;
		}
	} while (n > 0 && sum < SIZE);
	if (sum < SIZE)
		assert_int_equal(n, -EAGAIN);
	c->want = (size_t)sum;
	pthread_create(&t, NULL, receive, c);
	weir_shutdown(c->p.a, c->fd[0], SHUT_WR);
	pthread_join(t, NULL);
	assert_false(c->failed);
}

static void a_pipe_flows_into_a_socket_and_a_socket_into_a_pipe(void **state)
{
	struct copy *c = *state;
	uint8_t buf[5000], back[5000];
	ssize_t n;

	stream_fill(buf, sizeof(buf), KEY, 0);
	assert_int_equal(write(c->pipe[1], buf, sizeof(buf)), sizeof(buf));
	assert_int_equal(weir_splice(c->p.a, c->pipe[0], c->fd[0], 3000, 0),
			 3000);
	assert_int_equal(weir_splice(c->p.a, c->pipe[0], c->fd[0], 9000, 0),
			 2000);
	for (n = 0; n < (ssize_t)sizeof(buf); ) {
		ssize_t k = weir_splice(c->p.b, c->fd[1], c->pipe[1], 9000, 0);

		assert_true(k > 0);
		n += k;
	}
	assert_int_equal(n, sizeof(buf));
	assert_int_equal(read(c->pipe[0], back, sizeof(back)), sizeof(back));
	assert_memory_equal(buf, back, sizeof(buf));
}

static void splice_that_must_not_wait_does_not(void **state)
{
	struct copy *c = *state;

	assert_int_equal(weir_splice(c->p.a, c->pipe[0], c->fd[0], 100,
				     SPLICE_F_NONBLOCK), -EAGAIN);
	assert_int_equal(weir_splice(c->p.b, c->fd[1], c->pipe[1], 100,
				     SPLICE_F_NONBLOCK), -EAGAIN);
}

static void splice_stops_before_an_urgent_byte(void **state)
{
	struct copy *c = *state;

	assert_int_equal(weir_send(c->p.a, c->fd[0], "data!", 5, MSG_OOB), 5);
	assert_int_equal(weir_splice(c->p.b, c->fd[1], c->pipe[1], 100, 0), 4);
	assert_int_equal(weir_splice(c->p.b, c->fd[1], c->pipe[1], 100, 0), 0);
}

static void splice_says_the_end(void **state)
{
	struct copy *c = *state;

	weir_shutdown(c->p.a, c->fd[0], SHUT_WR);
	assert_int_equal(weir_splice(c->p.b, c->fd[1], c->pipe[1], 100, 0), 0);
	close(c->pipe[1]);
	assert_int_equal(weir_splice(c->p.b, c->pipe[0], c->fd[1], 100, 0), 0);
	c->pipe[1] = dup(c->pipe[0]);
}

static void wrong_descriptors_are_refused(void **state)
{
	struct copy *c = *state;
	struct weir *a = c->p.a;

	assert_int_equal(weir_sendfile(a, 999, c->file, NULL, 1), -EBADF);
	assert_int_equal(weir_sendfile(a, c->fd[0], 999, NULL, 1), -EBADF);
	assert_int_equal(weir_sendfile(a, c->fd[0], c->pipe[0], NULL, 1),
			 -EINVAL);
	assert_int_equal(weir_splice(a, c->fd[0], c->fd[0], 1, 0), -EINVAL);
	assert_int_equal(weir_splice(a, c->file, c->fd[0], 1, 0), -EINVAL);
	assert_int_equal(weir_splice(a, 999, c->fd[0], 1, 0), -EBADF);
	assert_int_equal(weir_splice(a, c->pipe[0], c->fd[0], 0, 0), 0);
}

#define copy_unit(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		copy_unit(a_file_is_sent_from_its_position_to_its_end),
		copy_unit(an_offset_leaves_the_position_alone),
		copy_unit(a_full_socket_that_must_not_wait_takes_a_part),
		copy_unit(a_pipe_flows_into_a_socket_and_a_socket_into_a_pipe),
		copy_unit(splice_that_must_not_wait_does_not),
		copy_unit(splice_stops_before_an_urgent_byte),
		copy_unit(splice_says_the_end),
		copy_unit(wrong_descriptors_are_refused),
	};

	return cmocka_run_group_tests_name("sendfile and splice", tests, NULL,
					   NULL);
}
