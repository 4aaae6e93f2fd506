/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor numbers of the stack among those of the host. */
#include "preload/shim_test.h"

#include <sys/stat.h>
#include <sys/syscall.h>

static void numbers_are_the_lowest_free(void **state)
{
	int file = open("/dev/null", O_RDONLY), fd;

	close(file);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(fd, file);
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(fd, file);
	close(fd);
}

static void a_socket_looks_like_one(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	assert_return_code(fstat(fd, &st), errno);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), -1);
	assert_int_equal(errno, ESPIPE);
	assert_false(isatty(fd));
	close(fd);
}

static void nonblock_is_shared_by_copies(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), copy = dup(fd);
	char c;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	assert_true(fcntl(copy, F_GETFL) & O_NONBLOCK);
	assert_int_equal(recv(copy, &c, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd);
	close(copy);
}

static void a_copy_keeps_the_connection_open(void **state)
{
	int pair[2], copy;
	char c = 'x';

	connected(pair);
	copy = dup(pair[0]);
	close(pair[0]);
	assert_int_equal(write(copy, "a", 1), 1);
	assert_int_equal(read(pair[1], &c, 1), 1);
	assert_int_equal(c, 'a');
	close(copy);
	assert_int_equal(read(pair[1], &c, 1), 0);
	close(pair[1]);
}

static void dup2_puts_a_socket_over_a_file_and_back(void **state)
{
	int file = open("/dev/null", O_RDWR), pair[2];
	char c = 'x';

	connected(pair);
	assert_int_equal(dup2(pair[0], file), file);
	assert_int_equal(write(file, "b", 1), 1);
	assert_int_equal(read(pair[1], &c, 1), 1);
	close(pair[0]);
	pair[0] = open("/dev/null", O_RDWR);
	assert_int_equal(dup2(pair[0], file), file);
	assert_int_equal(read(file, &c, 1), 0);		/* /dev/null again */
	assert_int_equal(read(pair[1], &c, 1), 0);	/* and the socket gone */
	close(file);
	close_pair(pair);
}

static void f_dupfd_takes_the_number_asked_for(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 77);
	int type = 0;
	socklen_t len = sizeof(type);

	assert_int_equal(high, 77);
	assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
	assert_int_equal(getsockopt(high, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	assert_int_equal(type, SOCK_DGRAM);
	close(fd);
	close(high);
}

static void close_range_leaves_the_stack_working(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), pair[2];

	assert_int_equal(close_range((unsigned int)fd, ~0u, 0), 0);
	assert_int_equal(listen(fd, 1), -1);
	assert_int_equal(errno, EBADF);
	connected(pair);
	close_pair(pair);
}

static void the_stacks_own_numbers_are_not_there(void **state)
{
	int fd;

	for (fd = 3; fd < 1024; fd++)
		close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(fd, 3);
	close(fd);
}

static void a_forked_child_has_dead_sockets(void **state)
{
	int pair[2], status;
	char c;
	pid_t pid;

	connected(pair);
	pid = fork();
	if (!pid) {
		int bad = read(pair[0], &c, 1) == -1 && errno == EBADF &&
			  write(pair[0], "c", 1) == -1 && errno == EBADF;
		int closed = close(pair[0]) == 0;

		_exit(bad && closed ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(write(pair[0], "d", 1), 1);	/* ours lives */
	assert_int_equal(read(pair[1], &c, 1), 1);
	close_pair(pair);
}

static void what_a_vforked_child_closes_stays_open_here(void **state)
{
	int pair[2], status;
	pid_t pid;

	connected(pair);
	pid = vfork();
	if (!pid) {
		close(pair[0]);
		close(pair[1]);
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(write(pair[0], "d", 1), 1);
	close_pair(pair);
}

static void other_families_are_the_hosts(void **state)
{
	int pair[2];
	char c;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], "u", 1), 1);
	assert_int_equal(read(pair[1], &c, 1), 1);
	close_pair(pair);
}

static void calls_by_number_are_the_stacks_too(void **state)
{
	long fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);

	assert_true(fd >= 0);
	assert_int_equal(syscall(SYS_getsockname, fd, &addr, &len), 0);
	assert_int_equal(addr.sin_family, AF_INET);
	assert_int_equal(syscall(SYS_close, fd), 0);
	assert_int_equal(syscall(SYS_io_uring_setup, 1, NULL), -1);
	assert_int_equal(errno, ENOSYS);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_lowest_free),
		cmocka_unit_test(a_socket_looks_like_one),
		cmocka_unit_test(nonblock_is_shared_by_copies),
		cmocka_unit_test(a_copy_keeps_the_connection_open),
		cmocka_unit_test(dup2_puts_a_socket_over_a_file_and_back),
		cmocka_unit_test(f_dupfd_takes_the_number_asked_for),
		cmocka_unit_test(close_range_leaves_the_stack_working),
		cmocka_unit_test(the_stacks_own_numbers_are_not_there),
		cmocka_unit_test(a_forked_child_has_dead_sockets),
		cmocka_unit_test(what_a_vforked_child_closes_stays_open_here),
		cmocka_unit_test(other_families_are_the_hosts),
		cmocka_unit_test(calls_by_number_are_the_stacks_too),
	};

	under_the_shim(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
