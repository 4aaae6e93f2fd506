/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the shim: ordinary programs' calls, made with the shim before libc.
 * A test program starts itself anew with LD_PRELOAD set. */
#ifndef WEIR_TESTS_PRELOAD_SHIM_TEST_H
#define WEIR_TESTS_PRELOAD_SHIM_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* In words that the test runner understands (TAP). */
static inline void skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/* Returns when the shim is loaded; else starts the program anew with it. */
static inline void under_the_shim(char **argv)
{
	char self[PATH_MAX - 64], shim[PATH_MAX];
	const char *now = getenv("LD_PRELOAD");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (now && strstr(now, "libweir-preload.so"))
		return;
	if (dlsym(RTLD_DEFAULT, "__asan_init") ||
	    dlsym(RTLD_DEFAULT, "__tsan_init"))
		skip_all("a sanitizer's runtime must be loaded first");
	if (n < 0)
		skip_all("no /proc/self/exe");
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(shim, sizeof(shim), "%s/../libweir-preload.so", self);
	if (access(shim, R_OK))
		skip_all("libweir-preload.so is not built");
	setenv("LD_PRELOAD", shim, 1);
	execv("/proc/self/exe", argv);
	skip_all("cannot start anew");
}

/* A listener on a free port of the loopback device. */
static inline int listener(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_return_code(bind(fd, (struct sockaddr *)addr, len), errno);
	assert_return_code(listen(fd, 8), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)addr, &len),
			   errno);
	return fd;
}

/* Two connected sockets. */
static inline void connected(int pair[2])
{
	struct sockaddr_in addr;
	int ls = listener(&addr);

	pair[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_return_code(connect(pair[0], (struct sockaddr *)&addr,
				   sizeof(addr)), errno);
	pair[1] = accept(ls, NULL, NULL);
	assert_true(pair[1] >= 0);
	close(ls);
}

static inline void close_pair(int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

#endif
