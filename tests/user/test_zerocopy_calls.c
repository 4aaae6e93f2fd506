/* SPDX-License-Identifier: BSD-2-Clause */
/* Received bytes on loan, and sends by reference that one waits for. */
#include "tests/support/peer.h"

#include "base/slab.h"
#include "sock/zerocopy.h"
#include "tests/support/pair.h"

#define ROOM	8

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	int fd;				/* on host a: TCP with the peer */
	int pair[2];			/* or from b to a */
	struct iovec iov[ROOM];
	struct msghdr m;
};

static int setup_peer(void **state)
{
	struct setup *s = calloc(1, sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	s->fd = talk_serve(&s->t, &s->p, 80, 65535, NULL);
	*state = s;
	return 0;
}

static int setup_hosts(void **state)
{
	struct setup *s = calloc(1, sizeof(*s));

	world_open(&s->w, NULL);
	world_connect(&s->w, 80, s->pair);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	world_close(&s->w);
	free(s);
	return 0;
}

static ssize_t borrow(struct setup *s, struct host *h, int fd, size_t len,
		      u64 *loan)
{
	s->m.msg_iov = s->iov;
	s->m.msg_iovlen = ROOM;
	return sys_recvmsg_zc(h->net, fd, &s->m, len, MSG_DONTWAIT, loan);
}

static ssize_t borrow_here(struct setup *s, size_t len, u64 *loan)
{
	return borrow(s, &s->w.a, s->fd, len, loan);
}

static int give_back(struct setup *s, u64 loan)
{
	return sys_recv_return(s->w.a.net, loan);
}

static struct sock *sock_of(struct host *h, int fd)
{
	struct file *f = fget(h->net, fd);
	struct sock *sk = sock_from_file(f)->sk;

	fput(f);
	return sk;
}

static u32 lent_memory(struct setup *s)
{
	return sk_rmem_alloc_get(sock_of(&s->w.a, s->fd));
}

/* --- loans of a stream ------------------------------------------------------------ */

static void borrowed_bytes_are_those_that_came(void **state)
{
	struct setup *s = *state;
	u64 loan = 0;
	char text[8];

	say(&s->t, "P. 1:1001(1000) ack 1 win 65535");
	assert_int_equal(borrow_here(s, 5000, &loan), 1000);
	assert_int_not_equal(loan, 0);
	assert_int_equal(s->m.msg_iovlen, 1);
	assert_int_equal(s->iov[0].iov_len, 1000);
	assert_int_equal(host_recv(&s->w.a, s->fd, text, 8), -EAGAIN);
	assert_int_equal(give_back(s, loan), 0);
}

static void what_is_lent_counts_as_received_memory(void **state)
{
	struct setup *s = *state;
	u64 loan;
	u32 queued;

	say(&s->t, "P. 1:1001(1000) ack 1 win 65535");
	queued = lent_memory(s);
	assert_true(queued >= 1000);
	borrow_here(s, 5000, &loan);
	assert_int_equal(lent_memory(s), queued);
	give_back(s, loan);
	assert_int_equal(lent_memory(s), 0);
}

static void loans_come_back_in_any_order(void **state)
{
	struct setup *s = *state;
	u64 loan[40];
	u32 i;

	for (i = 0; i < 40; i++) {
		say(&s->t, "P. %u:%u(10) ack 1 win 65535", 1 + i * 10,
		    11 + i * 10);
		assert_int_equal(borrow_here(s, 10, &loan[i]), 10);
	}
	for (i = 1; i < 40; i += 2)
		assert_int_equal(give_back(s, loan[i]), 0);
	for (i = 40; i > 0; i -= 2)
		assert_int_equal(give_back(s, loan[i - 2]), 0);
	assert_int_equal(lent_memory(s), 0);
}

static void a_packet_counts_until_its_last_byte_is_back(void **state)
{
	struct setup *s = *state;
	u64 first, second;
	u32 queued;

	say(&s->t, "P. 1:1001(1000) ack 1 win 65535");
	queued = lent_memory(s);
	assert_int_equal(borrow_here(s, 300, &first), 300);
	assert_int_equal(borrow_here(s, 3000, &second), 700);
	give_back(s, second);
	assert_int_equal(lent_memory(s), queued);
	give_back(s, first);
	assert_int_equal(lent_memory(s), 0);
}

static void what_has_no_room_stays_queued(void **state)
{
	struct setup *s = *state;
	u64 loan[2];

	/* Apart from each other, so that they stay two packets. */
	say(&s->t, ". 1:1001(1000) ack 1 win 65535");
	say(&s->t, "P. 1001:1501(500) ack 1 win 65535");
	s->m = (struct msghdr){ .msg_iov = s->iov, .msg_iovlen = 1 };
	assert_int_equal(sys_recvmsg_zc(s->w.a.net, s->fd, &s->m, 5000,
					MSG_DONTWAIT, &loan[0]), 1000);
	assert_int_equal(borrow_here(s, 5000, &loan[1]), 500);
	give_back(s, loan[0]);
	give_back(s, loan[1]);
	assert_int_equal(lent_memory(s), 0);
}

static void the_end_of_the_stream_lends_nothing(void **state)
{
	struct setup *s = *state;
	u64 loan = 7;

	say(&s->t, "FP. 1:101(100) ack 1 win 65535");
	assert_int_equal(borrow_here(s, 5000, &loan), 100);
	give_back(s, loan);
	assert_int_equal(borrow_here(s, 5000, &loan), 0);
	assert_int_equal(loan, 0);
	assert_int_equal(give_back(s, loan), 0);
}

static void say_later(void *arg)
{
	say(&((struct setup *)arg)->t, "P. 1:501(500) ack 1 win 65535");
}

static void a_borrower_waits(void **state)
{
	struct setup *s = *state;
	u64 loan;

	fake_at(s->w.fp, 20 * MSEC, say_later, s);
	s->m = (struct msghdr){ .msg_iov = s->iov, .msg_iovlen = ROOM };
	sys_fcntl(s->w.a.net, s->fd, F_SETFL, O_RDWR);
	assert_int_equal(sys_recvmsg_zc(s->w.a.net, s->fd, &s->m, 5000, 0,
					&loan), 500);
	give_back(s, loan);
}

/* --- misuse ------------------------------------------------------------------------- */

static void a_loan_comes_back_once(void **state)
{
	struct setup *s = *state;
	u64 loan, other;

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	borrow_here(s, 5000, &loan);
	assert_int_equal(give_back(s, loan), 0);
	assert_int_equal(give_back(s, loan), -EINVAL);
	say(&s->t, "P. 101:201(100) ack 1 win 65535");
	borrow_here(s, 5000, &other);
	assert_int_not_equal(other, loan);
	assert_int_equal(give_back(s, loan), -EINVAL);
	assert_int_equal(give_back(s, other + 1), -EINVAL);
	assert_int_equal(give_back(s, ~0ull), -EINVAL);
	assert_int_equal(give_back(s, other), 0);
}

static void a_loan_outlives_its_socket(void **state)
{
	struct setup *s = *state;
	u64 loan;

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	assert_int_equal(borrow_here(s, 5000, &loan), 100);
	host_close(&s->w.a, s->fd);
	hear(&s->t, ". 1:1(0) ack 101");
	hear(&s->t, "F. 1:1(0) ack 101");
	say(&s->t, "F. 101:101(0) ack 2 win 65535");
	world_pass(&s->w, 100 * SEC);
	((volatile u8 *)s->iov[0].iov_base)[99];
	assert_int_equal(give_back(s, loan), 0);
	assert_int_equal(give_back(s, loan), -EINVAL);
}

/* The fixture's end finds what would have leaked. */
static void loans_end_with_the_stack(void **state)
{
	struct setup *s = *state;
	u64 loan;

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	assert_int_equal(borrow_here(s, 50, &loan), 50);
}

static void what_cannot_be_is_refused(void **state)
{
	struct setup *s = *state;
	struct net *net = s->w.a.net;
	u64 loan;
	int raw;

	assert_int_equal(borrow_here(s, 10, &loan), -EAGAIN);
	assert_int_equal(borrow(s, &s->w.a, 77, 10, &loan), -EBADF);
	assert_int_equal(borrow(s, &s->w.a, s->fd, 10, NULL), -EFAULT);
	s->m.msg_iovlen = 0;
	assert_int_equal(sys_recvmsg_zc(net, s->fd, &s->m, 9, 0, &loan), -EINVAL);
	s->m.msg_iovlen = UIO_MAXIOV + 1;
	assert_int_equal(sys_recvmsg_zc(net, s->fd, &s->m, 9, 0, &loan),
			 -EMSGSIZE);
	s->m.msg_iovlen = 1;
	assert_int_equal(sys_recvmsg_zc(net, s->fd, &s->m, 9, MSG_PEEK, &loan),
			 -EINVAL);
	raw = sys_socket(net, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	assert_int_equal(borrow(s, &s->w.a, raw, 10, &loan), -EOPNOTSUPP);
}

/* --- the window ----------------------------------------------------------------------- */

static size_t send_all(struct setup *s, size_t sent)
{
	ssize_t n;

	do {
		n = host_send_stream(&s->w.a, s->pair[0], 5, sent, 4096);
		if (n > 0)
			sent += (size_t)n;
		world_pass(&s->w, MSEC);
	} while (n > 0);
	world_pass(&s->w, SEC);
	return sent;
}

static void a_borrower_who_keeps_all_stops_the_sender(void **state)
{
	struct setup *s = *state;
	struct host *b = &s->w.b;
	u64 loan[512];
	u32 n = 0, i = 1;	/* as many as before: no more come */
	size_t lent = 0, sent = 0;
	ssize_t got;

	host_setsockopt(b, s->pair[1], SOL_SOCKET, SO_RCVBUF, 16384);
	while (i != n) {
		sent = send_all(s, sent);
		i = n;
		while (n < 512 && (got = borrow(s, b, s->pair[1], 4096,
						&loan[n])) > 0) {
			lent += (size_t)got;
			n++;
		}
	}
	/* the window of the handshake, and the buffer */
	assert_in_range(lent, 4096, 131072);
	assert_true(sent > lent);
	assert_int_equal(borrow(s, b, s->pair[1], 4096, &loan[n]), -EAGAIN);
	while (n--)
		assert_int_equal(sys_recv_return(b->net, loan[n]), 0);
	world_pass(&s->w, 5 * SEC);
	while ((got = host_recv_stream(b, s->pair[1], 5, lent, 4096)) > 0) {
		lent += (size_t)got;
		world_pass(&s->w, 5 * SEC);
	}
	assert_int_equal(lent, sent);
}

/* --- datagrams -------------------------------------------------------------------------- */

static int listener(struct setup *s, u16 port)
{
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);

	host_bind(&s->w.a, fd, 0, port);
	return fd;
}

static void one_datagram_is_lent_with_its_name(void **state)
{
	struct setup *s = *state;
	int fd = listener(s, 99);
	struct sockaddr_in from;
	u64 loan;

	say_udp(&s->p, 1234, 99, "hello", 5);
	say_udp(&s->p, 1234, 99, "second", 6);
	s->m.msg_name = &from;
	s->m.msg_namelen = sizeof(from);
	assert_int_equal(borrow(s, &s->w.a, fd, 100, &loan), 5);
	assert_memory_equal(s->iov[0].iov_base, "hello", 5);
	assert_int_equal(from.sin_port, htons(1234));
	assert_false(s->m.msg_flags & MSG_TRUNC);
	assert_true(sk_rmem_alloc_get(sock_of(&s->w.a, fd)) > 0);
	give_back(s, loan);
	assert_int_equal(borrow(s, &s->w.a, fd, 3, &loan), 3);
	assert_true(s->m.msg_flags & MSG_TRUNC);
	give_back(s, loan);
	assert_int_equal(sk_rmem_alloc_get(sock_of(&s->w.a, fd)), 0);
	assert_int_equal(borrow(s, &s->w.a, fd, 100, &loan), -EAGAIN);
}

static void an_empty_datagram_lends_nothing(void **state)
{
	struct setup *s = *state;
	int fd = listener(s, 99);
	u64 loan = 1;

	say_udp(&s->p, 1234, 99, "", 0);
	assert_int_equal(borrow(s, &s->w.a, fd, 100, &loan), 0);
	assert_int_equal(loan, 0);
	assert_int_equal(sk_rmem_alloc_get(sock_of(&s->w.a, fd)), 0);
}

static void datagrams_on_loan_fill_the_buffer(void **state)
{
	struct setup *s = *state;
	int fd = listener(s, 99);
	static u8 data[1000];
	u64 loan[64], one;
	u32 n = 0;

	host_setsockopt(&s->w.a, fd, SOL_SOCKET, SO_RCVBUF, 4096);
	do
		say_udp(&s->p, 1234, 99, data, 1000);
	while (n < 64 && borrow(s, &s->w.a, fd, 1000, &loan[n]) == 1000 && ++n);
	assert_in_range(n, 2, 20);
	host_close(&s->w.a, fd);
	while (n--)
		assert_int_equal(give_back(s, loan[n]), 0);
	fd = listener(s, 99);
	say_udp(&s->p, 1234, 99, data, 1000);
	assert_int_equal(borrow(s, &s->w.a, fd, 1000, &one), 1000);
	give_back(s, one);
}

/* --- sends by reference ------------------------------------------------------------------- */

static ssize_t send_zc(struct setup *s, int fd, void *p, size_t n, u32 *id)
{
	struct iovec iov = { p, n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	return sys_sendmsg_zc(s->w.a.net, fd, &m, MSG_DONTWAIT, id);
}

static int completed(struct setup *s, ktime_t timeout, struct zerocopy_range *r)
{
	return sys_send_completed(s->w.a.net, s->fd, r, timeout);
}

static void ack_later(void *arg)
{
	say(&((struct setup *)arg)->t, ". 1:1(0) ack 13 win 65535");
}

static void a_sender_waits_for_its_memory(void **state)
{
	struct setup *s = *state;
	struct zerocopy_range r;
	char data[] = "before";
	u32 id = 9;

	host_setsockopt(&s->w.a, s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	assert_int_equal(send_zc(s, s->fd, data, 6, &id), 6);
	assert_int_equal(id, 0);
	assert_int_equal(send_zc(s, s->fd, data, 6, &id), 6);
	assert_int_equal(id, 1);
	assert_int_equal(completed(s, 0, &r), 0);
	assert_int_equal(completed(s, MSEC, &r), 0);
	fake_at(s->w.fp, 20 * MSEC, ack_later, s);
	assert_int_equal(completed(s, KTIME_MAX, &r), 1);
	assert_int_equal(r.lo, 0);
	if (r.hi == 0) {
		assert_int_equal(completed(s, 0, &r), 1);
		assert_int_equal(r.lo, 1);
	}
	assert_int_equal(r.hi, 1);
	assert_false(r.copied);
	assert_int_equal(completed(s, 0, &r), 0);
}

static void a_send_of_nothing_has_no_number(void **state)
{
	struct setup *s = *state;
	struct zerocopy_range r;
	u32 id = 9;
	int raw = sys_socket(s->w.a.net, AF_INET, SOCK_RAW, IPPROTO_ICMP);

	assert_int_equal(send_zc(s, s->fd, NULL, 0, &id), -EINVAL);
	assert_int_equal(send_zc(s, 77, "x", 1, &id), -EBADF);
	assert_true(send_zc(s, raw, "x", 1, &id) < 0);
	assert_int_equal(id, 9);
	assert_int_equal(completed(s, MSEC, &r), 0);
	assert_int_equal(send_zc(s, s->fd, "x", 1, &id), 1);
	assert_int_equal(id, 0);
}

static void other_messages_stay_on_the_error_queue(void **state)
{
	struct setup *s = *state;
	struct sockaddr_in to = sa(HOST_B, 99);
	char control[256];
	struct msghdr m = { .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct zerocopy_range r;
	u32 id;

	s->fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);
	host_setsockopt(&s->w.a, s->fd, SOL_IP, IP_RECVERR, 1);
	sys_connect(s->w.a.net, s->fd, (struct sockaddr *)&to, sizeof(to));
	host_send(&s->w.a, s->fd, "x", 1);
	hear_udp(&s->p, 0, 99, 1);
	say_icmp_error(&s->p, 3, 3, 0);
	host_getsockopt(&s->w.a, s->fd, SOL_SOCKET, SO_ERROR);
	assert_int_equal(send_zc(s, s->fd, "y", 1, &id), 1);
	assert_int_equal(completed(s, SEC, &r), 1);
	assert_int_equal(r.lo, id);
	assert_true(sys_recvmsg(s->w.a.net, s->fd, &m, MSG_ERRQUEUE) >= 0);
	assert_int_equal(completed(s, 0, &r), 0);
}

/* --- without memory --------------------------------------------------------------------------- */

static bool each_allocation(u64 nth)
{
	struct setup *s = calloc(1, sizeof(*s));
	struct host *b = &s->w.b;
	u64 left, loan[40];
	int fd[2];
	u32 id;

	world_open(&s->w, NULL);
	world_connect(&s->w, 80, fd);
	slab_fail_nth(s->w.m->depot, nth);
	for (u32 i = 0; i < 40; i++) {
		loan[i] = 0;
		send_zc(s, fd[0], "something", 10, &id);
		world_pass(&s->w, MSEC);
		borrow(s, b, fd[1], 10, &loan[i]);
	}
	left = slab_fail_nth(s->w.m->depot, 0);
	host_close(b, fd[1]);
	for (u32 i = 0; i < 20; i++)
		assert_int_equal(sys_recv_return(b->net, loan[i]), 0);
	world_close(&s->w);
	free(s);
	return left;
}

static void no_failed_allocation_loses_anything(void **state)
{
	u64 n = 1;

	(void)state;
	while (!each_allocation(n))
		n += n < 100 ? 1 : 7;
	assert_in_range(n, 20, 2000);
}

#define P(f) cmocka_unit_test_setup_teardown(f, setup_peer, teardown)
#define H(f) cmocka_unit_test_setup_teardown(f, setup_hosts, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(borrowed_bytes_are_those_that_came),
		P(what_is_lent_counts_as_received_memory),
		P(loans_come_back_in_any_order),
		P(a_packet_counts_until_its_last_byte_is_back),
		P(what_has_no_room_stays_queued),
		P(the_end_of_the_stream_lends_nothing),
		P(a_borrower_waits),
		P(a_loan_comes_back_once),
		P(a_loan_outlives_its_socket),
		P(loans_end_with_the_stack),
		P(what_cannot_be_is_refused),
		H(a_borrower_who_keeps_all_stops_the_sender),
		P(one_datagram_is_lent_with_its_name),
		P(an_empty_datagram_lends_nothing),
		P(datagrams_on_loan_fill_the_buffer),
		P(a_sender_waits_for_its_memory),
		P(a_send_of_nothing_has_no_number),
		P(other_messages_stay_on_the_error_queue),
		cmocka_unit_test(no_failed_allocation_loses_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
