/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A transfer that no socket call copies: the sender lends the stack its buffer
 * until told that it may write there again, the receiver borrows the stack's.
 *
 *	cc zerocopy.c $(pkg-config --cflags --libs weir) && ./a.out
 *
 * In virtual time; the calls are the same in real time.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <weir/sim.h>

#define BLOCK	65536
#define BLOCKS	16

static struct sockaddr_in address(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };

	inet_pton(AF_INET, "10.0.0.2", &a.sin_addr);
	return a;
}

static int server(struct weir *h, void *arg)
{
	struct sockaddr_in at = address();
	int listener = weir_socket(h, AF_INET, SOCK_STREAM, 0), fd;
	unsigned long *sum = arg;
	struct iovec piece[64];
	uint64_t loan;

	weir_bind(h, listener, (struct sockaddr *)&at, sizeof(at));
	weir_listen(h, listener, 1);
	fd = weir_accept4(h, listener, NULL, NULL, 0);
	for (;;) {
		struct msghdr m = { .msg_iov = piece, .msg_iovlen = 64 };
		ssize_t n = weir_recvmsg_zc(h, fd, &m, BLOCK, 0, &loan);

		if (n <= 0)
			return (int)n;
		for (size_t i = 0; i < m.msg_iovlen; i++)
			for (size_t j = 0; j < piece[i].iov_len; j++)
				*sum += ((uint8_t *)piece[i].iov_base)[j];
		weir_recv_return(h, loan);	/* the window opens again */
	}
}

static int client(struct weir *h, void *arg)
{
	struct sockaddr_in to = address();
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);
	static uint8_t block[BLOCK];
	struct iovec iov = { block, BLOCK };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	int err = weir_connect(h, fd, (struct sockaddr *)&to, sizeof(to));
	struct weir_completion done = { 0 };
	uint32_t id;

	for (int i = 0; !err && i < BLOCKS; i++) {
		memset(block, i, BLOCK);
		if (weir_sendmsg_zc(h, fd, &m, 0, &id) != BLOCK)
			return -1;
		do {			/* until the block is ours again */
			if (weir_send_completed(h, fd, &done, -1) != 1)
				return -1;
		} while (done.last != id);
		*(int *)arg += done.copied;
	}
	return err | weir_close(h, fd);
}

int main(void)
{
	unsigned long sum = 0, want = BLOCK * (BLOCKS * (BLOCKS - 1ul) / 2);
	char err[256] = "";
	struct weir_sim *s = weir_sim_create(NULL, err, sizeof(err));
	struct weir *a = weir_sim_host(s, "a", NULL, err, sizeof(err));
	struct weir *b = weir_sim_host(s, "b", NULL, err, sizeof(err));
	int copied = 0;

	if (!weir_sim_link(s, a, b, "rate=1gbit,delay=1ms", err, sizeof(err)) ||
	    weir_addr_add(a, "eth0", "10.0.0.1/24", err, sizeof(err)) ||
	    weir_addr_add(b, "eth0", "10.0.0.2/24", err, sizeof(err))) {
		fprintf(stderr, "zerocopy: %s\n", err);
		return 1;
	}
	weir_sim_spawn(b, "server", server, &sum);
	weir_sim_spawn(a, "client", client, &copied);
	weir_sim_run(s, WEIR_SIM_FOREVER);
	printf("%d blocks sent, %d of them copied; sum %lu\n", BLOCKS, copied,
	       sum);
	return weir_sim_destroy(s) || sum != want;
}
