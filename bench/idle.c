/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * idle [CONNECTIONS] [SECONDS]: two stacks with that many open connections do
 * nothing; prints the CPU time the process used meanwhile, in percent of one
 * core. Exit 3 when it is 1 % or more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "support/pair.h"

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 1000, fd[2], lfd;
	int seconds = argc > 2 ? atoi(argv[2]) : 10;
	struct timespec settle = { 2, 0 }, wait = { seconds, 0 };
	struct pair p;
	double used;

	pair_open(&p, "");
	lfd = pair_listen(p.b, 7200);
	for (i = 0; i < n; i++)
		pair_connect(p.a, p.b, &p.addr_b, 7200, lfd, fd);
	nanosleep(&settle, NULL);
	used = cpu_seconds();
	nanosleep(&wait, NULL);
	used = (cpu_seconds() - used) * 100 / seconds;
	printf("%d idle connections for %d s: %.2f %% of a core\n", n, seconds,
	       used);
	pair_close(&p);
	return used < 1 ? 0 : 3;
}
