/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real-time platform: threads that wait in a stack for each other, for
 * time, for the host's descriptors and for signals. A wake-up that is lost
 * makes a test hang, which its runner's time limit finds.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/linux/weir_stack.h"

#include <cmocka.h>

#include "tests/support/pair.h"

#define PORT 7300

static struct weir *make_stack(unsigned int cpus)
{
	struct weir_options o = { .name = "test", .cpus = cpus };
	char err[256] = "";
	struct weir *w = weir_create(&o, err, sizeof(err));

	if (!w)
		fail_msg("%s", err);
	return w;
}

static struct sockaddr_in local(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(0x7f000001);
	return a;
}

static int listener(struct weir *w, int port)
{
	struct sockaddr_in a = local(port);
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(weir_bind(w, fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int send_to(struct weir *w, int fd, struct sockaddr_in to)
{
	return weir_sendto(w, fd, "x", 1, 0, (struct sockaddr *)&to,
			   sizeof(to)) == 1 ? 0 : -1;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void until_a_poller_sleeps(struct weir *w)
{
	while (!lx_thread_asleep(to_linux(w)->lp))
		sched_yield();
}

/* It, or ksoftirqd in its place: a thread may have handed the role over. */
static void until_somebody_sleeps(struct weir *w)
{
	struct linux_platform *lp = to_linux(w)->lp;

	while (!lx_thread_asleep(lp) && READ_ONCE(lp->ks_state) != KS_DOZING)
		sched_yield();
}

/* --- waiting for each other --------------------------------------------------------- */

#define RING	6
#define LAPS	400

struct member {
	struct weir *w;
	int fd, number, failed;
};

static void *pass_on(void *arg)
{
	struct member *m = arg;
	char c;
	int i;

	for (i = 0; i < LAPS && !m->failed; i++) {
		m->failed |= weir_recv(m->w, m->fd, &c, 1, 0) != 1;
		m->failed |= send_to(m->w, m->fd, local(PORT + (m->number + 1) %
							RING));
	}
	return NULL;
}

static void run_ring(unsigned int cpus, int tokens)
{
	struct weir *w = make_stack(cpus);
	struct member m[RING];
	pthread_t t[RING];
	int i;

	for (i = 0; i < RING; i++)
		m[i] = (struct member){ w, listener(w, PORT + i), i, 0 };
	for (i = 0; i < RING; i++)
		pthread_create(&t[i], NULL, pass_on, &m[i]);
	for (i = 0; i < tokens; i++)
		send_to(w, m[0].fd, local(PORT + i));
	for (i = 0; i < RING; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < RING; i++)
		assert_false(m[i].failed);
	weir_destroy(w);
}

static void a_datagram_goes_round_a_ring_of_threads(void **state)
{
	run_ring(0, 1);
}

static void more_threads_than_cpus_get_their_turns(void **state)
{
	run_ring(1, 3);
	run_ring(2, RING);
}

/* --- waiting for time ------------------------------------------------------------------ */

static void *time_out(void *arg)
{
	struct member *m = arg;
	struct pollfd p = { .fd = m->fd, .events = POLLIN };
	int i;

	for (i = 0; i < 30; i++) {
		int ms = 1 + (m->number + i) % 5;
		int64_t start = now_ns();

		m->failed |= weir_poll(m->w, &p, 1, ms) != 0;
		m->failed |= now_ns() - start < ms * 1000000;
	}
	return NULL;
}

static void timeouts_of_many_threads_come_and_none_too_early(void **state)
{
	struct weir *w = make_stack(0);
	struct member m[8];
	pthread_t t[8];
	int i;

	for (i = 0; i < 8; i++) {
		m[i] = (struct member){ w, listener(w, PORT + i), i, 0 };
		pthread_create(&t[i], NULL, time_out, &m[i]);
	}
	for (i = 0; i < 8; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < 8; i++)
		assert_false(m[i].failed);
	weir_destroy(w);
}

static void a_receive_timeout_ends_a_read(void **state)
{
	struct weir *w = make_stack(0);
	struct timeval tv = { 0, 20000 };
	int fd = listener(w, PORT);
	int64_t start = now_ns();
	char c;

	assert_int_equal(weir_setsockopt(w, fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
					 sizeof(tv)), 0);
	assert_int_equal(weir_recv(w, fd, &c, 1, 0), -EAGAIN);
	assert_true(now_ns() - start >= 20000000);
	weir_destroy(w);
}

static int64_t cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

/* Less than half of it: a service thread that spins would need all. */
static void a_sleeping_thread_and_pending_timers_need_no_cpu(void **state)
{
	struct pair p;
	struct pollfd pfd = { .events = POLLIN };
	int64_t cpu, start;
	int lfd, fd[2];

	pair_open(&p, "");
	lfd = pair_listen(p.b, PORT);
	pair_connect(p.a, p.b, &p.addr_b, PORT, lfd, fd);
	pfd.fd = fd[0];
	weir_poll(p.a, &pfd, 1, 100);
	start = now_ns();
	cpu = cpu_ns();
	assert_int_equal(weir_poll(p.a, &pfd, 1, 400), 0);
	assert_true(cpu_ns() - cpu < (now_ns() - start) / 2);
	pair_close(&p);
}

/* Sockets on both stacks of a new pair; b's is bound to the result. */
static struct sockaddr_in open_datagrams(struct pair *p, int *a, int *b)
{
	struct sockaddr_in to;

	pair_open(p, "");
	to = p->addr_b;
	to.sin_port = htons(PORT);
	*a = weir_socket(p->a, AF_INET, SOCK_DGRAM, 0);
	*b = weir_socket(p->b, AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(weir_bind(p->b, *b, (struct sockaddr *)&to, sizeof(to)),
			 0);
	return to;
}

/* --- nobody in the stack ------------------------------------------------------------------ */

static void packets_are_taken_in_while_nobody_waits(void **state)
{
	struct pair p;
	struct sockaddr_in to;
	int a, b, i;
	char c;

	to = open_datagrams(&p, &a, &b);
	for (i = 0; i < 60; i++) {
		int flags = i % 3 ? MSG_DONTWAIT : 0;

		assert_int_equal(send_to(p.a, a, to), 0);
		while (weir_recv(p.b, b, &c, 1, flags) != 1)
			sched_yield();
	}
	pair_close(&p);
}

/* The second call that finds nothing fetches it, without waiting for
 * ksoftirqd; one that was there first may be what is waited for, though. */
static void a_program_that_spins_moves_the_hardware_by_it(void **state)
{
	struct sockaddr_in to;
	int a, b, i, quick = 0;
	struct pair p;
	char c;

	to = open_datagrams(&p, &a, &b);
	for (i = 0; i < 100; i++) {
		int calls = 1;

		assert_int_equal(send_to(p.a, a, to), 0);
		while (weir_recv(p.b, b, &c, 1, MSG_DONTWAIT) != 1)
			calls++;
		quick += calls <= 3;
	}
	assert_true(quick > 50);
	pair_close(&p);
}

struct late {
	struct weir *w;
	int fd;
	ssize_t ret;
};

static void *wait_for_one(void *arg)
{
	struct late *l = arg;
	char c;

	l->ret = weir_recv(l->w, l->fd, &c, 1, 0);
	return NULL;
}

static void a_device_that_comes_late_wakes_who_sleeps_already(void **state)
{
	struct weir *w = make_stack(0);
	struct late l = { w, weir_socket(w, AF_INET, SOCK_DGRAM, 0), 0 };
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(PORT) }, to;
	char err[256], link[64];
	struct weir *peer = make_stack(0);
	pthread_t t;
	int fd;

	snprintf(link, sizeof(link), "wire:late-%d", (int)getpid());
	assert_true(weir_link_add(peer, link, err, sizeof(err)) > 0);
	assert_int_equal(weir_addr_add(peer, "eth0", "10.9.0.2/24", err,
				       sizeof(err)), 0);
	assert_int_equal(weir_bind(w, l.fd, (struct sockaddr *)&any,
				   sizeof(any)), 0);
	pthread_create(&t, NULL, wait_for_one, &l);
	until_a_poller_sleeps(w);
	assert_true(weir_link_add(w, link, err, sizeof(err)) > 0);
	assert_int_equal(weir_addr_add(w, "eth0", "10.9.0.1/24", err,
				       sizeof(err)), 0);
	until_a_poller_sleeps(w);
	fd = weir_socket(peer, AF_INET, SOCK_DGRAM, 0);
	to = any;
	to.sin_addr.s_addr = htonl(0x0a090001);
	assert_int_equal(send_to(peer, fd, to), 0);
	pthread_join(t, NULL);
	assert_int_equal(l.ret, 1);
	weir_destroy(w);
	weir_destroy(peer);
}

static void *echo(void *arg)
{
	struct late *l = arg;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char c = 'x';

	while (c != 'q' && weir_recvfrom(l->w, l->fd, &c, 1, 0,
					 (struct sockaddr *)&from, &len) == 1)
		weir_sendto(l->w, l->fd, &c, 1, 0, (struct sockaddr *)&from,
			    len);
	return NULL;
}

/* Seen from outside: with the idle thread as poller there always is one. */
static void who_gets_the_packets_becomes_the_poller(void **state)
{
	struct late idle, peer;
	struct sockaddr_in to;
	pthread_t t[2];
	struct pair p;
	int fd, rounds;
	char c;

	pair_open(&p, "");
	to = p.addr_b;
	to.sin_port = htons(PORT);
	idle = (struct late){ p.a, listener(p.a, PORT), 0 };
	peer = (struct late){ p.b, weir_socket(p.b, AF_INET, SOCK_DGRAM, 0), 0 };
	weir_bind(p.b, peer.fd, (struct sockaddr *)&to, sizeof(to));
	pthread_create(&t[0], NULL, wait_for_one, &idle);
	until_a_poller_sleeps(p.a);
	pthread_create(&t[1], NULL, echo, &peer);
	fd = weir_socket(p.a, AF_INET, SOCK_DGRAM, 0);
	for (rounds = 0; rounds < 5000; rounds++) {
		assert_int_equal(send_to(p.a, fd, to), 0);
		assert_int_equal(weir_recv(p.a, fd, &c, 1, 0), 1);
		if (!lx_thread_polls(to_linux(p.a)->lp))
			break;
	}
	assert_true(rounds < 5000);
	send_to(p.a, fd, local(PORT));
	weir_sendto(p.a, fd, "q", 1, 0, (struct sockaddr *)&to, sizeof(to));
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	assert_int_equal(idle.ret, 1);
	pair_close(&p);
}

/* --- the host's descriptors ------------------------------------------------------------------ */

#define TURNS	150

/* Even turns: a datagram, odd turns: a byte in the pipe; each when asked. */
struct source {
	struct weir *w;
	int fd, pipe, ask;
};

static void *provide(void *arg)
{
	struct source *s = arg;
	char turn;

	while (read(s->ask, &turn, 1) == 1)
		if (turn % 2 ? write(s->pipe, &turn, 1) != 1 :
		    send_to(s->w, s->fd, local(PORT)))
			break;
	return NULL;
}

struct mixed {
	struct weir *w;
	struct source s;
	pthread_t thread;
	int sock, pipe[2], ask[2];
};

static void mixed_open(struct mixed *m)
{
	m->w = make_stack(0);
	m->sock = listener(m->w, PORT);
	assert_int_equal(pipe2(m->pipe, O_NONBLOCK), 0);
	assert_int_equal(pipe(m->ask), 0);
	/* numbers of both kinds must differ: the host's are used as they are */
	assert_int_equal(weir_dup3(m->w, m->sock, 1000, 0), 1000);
	weir_close(m->w, m->sock);
	m->sock = 1000;
	m->s = (struct source){ m->w, -1, m->pipe[1], m->ask[0] };
	m->s.fd = weir_socket(m->w, AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(weir_dup3(m->w, m->s.fd, 1001, 0), 1001);
	weir_close(m->w, m->s.fd);
	m->s.fd = 1001;
	pthread_create(&m->thread, NULL, provide, &m->s);
}

static void mixed_close(struct mixed *m)
{
	close(m->ask[1]);
	pthread_join(m->thread, NULL);
	close(m->ask[0]);
	close(m->pipe[0]);
	close(m->pipe[1]);
	weir_destroy(m->w);
}

static void mixed_ask(struct mixed *m, int turn)
{
	char c = (char)(turn % 2);

	assert_int_equal(write(m->ask[1], &c, 1), 1);
}

static void mixed_take(struct mixed *m, int turn)
{
	char c;

	if (turn % 2)
		assert_int_equal(read(m->pipe[0], &c, 1), 1);
	else
		assert_int_equal(weir_recv(m->w, m->sock, &c, 1, MSG_DONTWAIT),
				 1);
}

static void poll_waits_for_sockets_and_pipes(void **state)
{
	struct mixed m;
	int i;

	mixed_open(&m);
	for (i = 0; i < TURNS; i++) {
		struct pollfd p[2] = { { m.sock, POLLIN, 0 },
				       { m.pipe[0], POLLIN, 0 } };

		mixed_ask(&m, i);
		assert_int_equal(weir_poll(m.w, p, 2, -1), 1);
		assert_int_equal(p[i % 2].revents, POLLIN);
		mixed_take(&m, i);
	}
	mixed_close(&m);
}

static void select_waits_for_sockets_and_pipes(void **state)
{
	struct mixed m;
	int i;

	mixed_open(&m);
	for (i = 0; i < TURNS; i++) {
		fd_set r;

		FD_ZERO(&r);
		FD_SET(m.sock, &r);
		FD_SET(m.pipe[0], &r);
		mixed_ask(&m, i);
		assert_int_equal(weir_select(m.w, 1001, &r, NULL, NULL, NULL),
				 1);
		assert_true(FD_ISSET(i % 2 ? m.pipe[0] : m.sock, &r));
		mixed_take(&m, i);
	}
	mixed_close(&m);
}

static void epoll_waits(uint32_t how)
{
	struct epoll_event in = { .events = EPOLLIN | how }, out[4];
	struct mixed m;
	int i, ep;

	mixed_open(&m);
	ep = weir_epoll_create1(m.w, 0);
	assert_int_equal(weir_dup3(m.w, ep, 1002, 0), 1002);
	weir_close(m.w, ep);
	ep = 1002;
	in.data.fd = m.sock;
	assert_int_equal(weir_epoll_ctl(m.w, ep, EPOLL_CTL_ADD, m.sock, &in),
			 0);
	in.data.fd = m.pipe[0];
	assert_int_equal(weir_epoll_ctl(m.w, ep, EPOLL_CTL_ADD, m.pipe[0], &in),
			 0);
	for (i = 0; i < TURNS; i++) {
		mixed_ask(&m, i);
		assert_int_equal(weir_epoll_wait(m.w, ep, out, 4, -1), 1);
		assert_int_equal(out[0].data.fd, i % 2 ? m.pipe[0] : m.sock);
		mixed_take(&m, i);
	}
	assert_int_equal(weir_epoll_wait(m.w, ep, out, 4, 0), 0);
	mixed_close(&m);
}

static void epoll_waits_for_sockets_and_pipes(void **state)
{
	epoll_waits(0);
	epoll_waits(EPOLLET);
}

static void a_sleeping_poller_watches_what_others_begin_to_wait_for(
		void **state)
{
	struct mixed m;
	struct late l;
	pthread_t t;
	int i;

	mixed_open(&m);
	l = (struct late){ m.w, listener(m.w, PORT + 1), 0 };
	pthread_create(&t, NULL, wait_for_one, &l);
	for (i = 1; i < 41; i += 2) {
		struct pollfd p = { m.pipe[0], POLLIN, 0 };

		until_somebody_sleeps(m.w);
		mixed_ask(&m, i);
		assert_int_equal(weir_poll(m.w, &p, 1, -1), 1);
		mixed_take(&m, i);
	}
	send_to(m.w, 1001, local(PORT + 1));
	pthread_join(t, NULL);
	mixed_close(&m);
}

static void epoll_refuses_regular_files_and_poll_finds_them_ready(void **state)
{
	struct weir *w = make_stack(0);
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = weir_epoll_create1(w, 0), file = memfd_create("t", 0);
	int efd = eventfd(0, 0);
	struct pollfd p = { file, POLLIN | POLLOUT, 0 };

	assert_true(file > ep && efd > ep);
	assert_int_equal(weir_epoll_ctl(w, ep, EPOLL_CTL_ADD, file, &ev),
			 -EPERM);
	assert_int_equal(weir_poll(w, &p, 1, -1), 1);
	assert_int_equal(p.revents, POLLIN | POLLOUT);
	assert_int_equal(weir_epoll_ctl(w, ep, EPOLL_CTL_MOD, efd, &ev),
			 -ENOENT);
	assert_int_equal(weir_epoll_ctl(w, ep, EPOLL_CTL_ADD, efd, &ev), 0);
	assert_int_equal(weir_epoll_ctl(w, ep, EPOLL_CTL_ADD, efd, &ev),
			 -EEXIST);
	close(file);
	assert_int_equal(weir_epoll_ctl(w, ep, EPOLL_CTL_ADD, file, &ev),
			 -EBADF);
	weir_host_closed(w, efd);
	assert_int_equal(weir_epoll_ctl(w, ep, EPOLL_CTL_MOD, efd, &ev),
			 -ENOENT);
	close(efd);
	weir_destroy(w);
}

/* --- signals ------------------------------------------------------------------------------- */

static struct weir *signalled;

static void arrived(int sig)
{
	weir_signal_arrived(signalled);
}

static void ignore_it(int sig)
{
}

struct victim {
	struct weir *w;
	int fd, ret, done, masked;
};

static void *be_interrupted(void *arg)
{
	struct victim *v = arg;
	struct pollfd p = { .fd = v->fd, .events = POLLIN };
	sigset_t usr1, none;

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	if (v->masked) {
		pthread_sigmask(SIG_BLOCK, &usr1, NULL);
		v->ret = weir_ppoll(v->w, &p, 1, NULL, &none);
	} else {
		v->ret = weir_poll(v->w, &p, 1, -1);
	}
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	__atomic_store_n(&v->done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Two at a time: one waits as poller, one beside it. */
static void interrupt_two(void (*handler)(int), int masked)
{
	struct sigaction act = { .sa_handler = handler }, old;
	struct weir *w = make_stack(0);
	struct victim v[2];
	pthread_t t[2];
	int i;

	signalled = w;
	sigaction(SIGUSR1, &act, &old);
	for (i = 0; i < 2; i++) {
		v[i] = (struct victim){ w, listener(w, PORT + i), 0, 0, masked };
		pthread_create(&t[i], NULL, be_interrupted, &v[i]);
	}
	until_a_poller_sleeps(w);
	for (i = 0; i < 2; i++) {
		while (!__atomic_load_n(&v[i].done, __ATOMIC_SEQ_CST)) {
			pthread_kill(t[i], SIGUSR1);
			sched_yield();
		}
		pthread_join(t[i], NULL);
		assert_int_equal(v[i].ret, -EINTR);
	}
	sigaction(SIGUSR1, &old, NULL);
	weir_destroy(w);
}

static void a_handler_that_tells_ends_a_wait(void **state)
{
	interrupt_two(arrived, 0);
}

static void a_signal_that_ppolls_mask_lets_through_ends_it(void **state)
{
	interrupt_two(ignore_it, 1);
}

static void a_signal_in_a_call_that_does_not_wait_is_not_kept(void **state)
{
	struct weir *w = make_stack(0);
	struct pollfd p = { .fd = listener(w, PORT), .events = POLLIN };

	/* as from a handler that ran while the call was inside */
	assert_true(stack_enter(w));
	weir_signal_arrived(w);
	w->platform->ops->leave(w->platform, w->machine);
	assert_int_equal(weir_poll(w, &p, 1, 5), 0);
	weir_destroy(w);
}

/* --- life ---------------------------------------------------------------------------------------- */

static void a_forked_child_leaves_the_stack_alone(void **state)
{
	struct pair p;
	int lfd, fd[2], status;
	char buf[8], err[64];
	pid_t pid;

	pair_open(&p, "");
	lfd = pair_listen(p.b, PORT);
	pair_connect(p.a, p.b, &p.addr_b, PORT, lfd, fd);
	pid = fork();
	if (!pid) {
		weir_after_fork_child(p.a);
		weir_after_fork_child(p.b);
		_exit(weir_send(p.a, fd[0], "no", 2, 0) != -EBADF ||
		      weir_socket(p.b, AF_INET, SOCK_DGRAM, 0) != -EBADF ||
		      weir_view(p.a, "cpu", buf, 8) != -EBADF ||
		      weir_link_add(p.a, "wire:x", err, 64) != -EBADF ||
		      weir_owns(p.a, fd[0]) || (pair_close(&p), 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(weir_send(p.a, fd[0], "yes", 3, 0), 3);
	assert_int_equal(weir_recv(p.b, fd[1], buf, 3, MSG_WAITALL), 3);
	pair_close(&p);
}

static void *use_briefly(void *arg)
{
	struct weir *w = arg;
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	weir_poll(w, &p, 1, 1);
	return NULL;
}

static void stacks_end_when_their_threads_are_gone(void **state)
{
	int i, k;

	for (i = 0; i < 10; i++) {
		struct weir *w = make_stack(3);
		pthread_t t[5];

		for (k = 0; k < 5; k++)
			pthread_create(&t[k], NULL, use_briefly, w);
		for (k = 0; k < 5; k++)
			pthread_join(t[k], NULL);
		weir_destroy(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_goes_round_a_ring_of_threads),
		cmocka_unit_test(more_threads_than_cpus_get_their_turns),
		cmocka_unit_test(timeouts_of_many_threads_come_and_none_too_early),
		cmocka_unit_test(a_receive_timeout_ends_a_read),
		cmocka_unit_test(a_sleeping_thread_and_pending_timers_need_no_cpu),
		cmocka_unit_test(packets_are_taken_in_while_nobody_waits),
		cmocka_unit_test(a_program_that_spins_moves_the_hardware_by_it),
		cmocka_unit_test(a_device_that_comes_late_wakes_who_sleeps_already),
		cmocka_unit_test(who_gets_the_packets_becomes_the_poller),
		cmocka_unit_test(poll_waits_for_sockets_and_pipes),
		cmocka_unit_test(select_waits_for_sockets_and_pipes),
		cmocka_unit_test(epoll_waits_for_sockets_and_pipes),
		cmocka_unit_test(a_sleeping_poller_watches_what_others_begin_to_wait_for),
		cmocka_unit_test(epoll_refuses_regular_files_and_poll_finds_them_ready),
		cmocka_unit_test(a_handler_that_tells_ends_a_wait),
		cmocka_unit_test(a_signal_that_ppolls_mask_lets_through_ends_it),
		cmocka_unit_test(a_signal_in_a_call_that_does_not_wait_is_not_kept),
		cmocka_unit_test(a_forked_child_leaves_the_stack_alone),
		cmocka_unit_test(stacks_end_when_their_threads_are_gone),
	};

	return cmocka_run_group_tests_name("threads that wait", tests, NULL,
					   NULL);
}
