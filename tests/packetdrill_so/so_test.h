/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of libweir-packetdrill.so, which use it as the tool does: opened at run
 * time, with the test's thread in the tool's first part, and a second thread
 * for calls that block. Packets are written as in tests/support/segment.h.
 */
#ifndef WEIR_TESTS_PACKETDRILL_SO_SO_TEST_H
#define WEIR_TESTS_PACKETDRILL_SO_SO_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/support/segment.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "packetdrill/interface.h"

#define LOCAL		"192.168.0.1"
#define REMOTE		"192.0.2.1"
#define PORT		8080
#define PEER_PORT	4000

struct tool {
	void *lib;
	struct packetdrill_interface ifc;
	int init;			/* what the library said */
	long long start;		/* usecs on the library's clock */
	/* the second thread */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	void (*job)(struct tool *t);
	bool busy, end;
	int tid;
	int fd;				/* for the job, and what it found */
	long ret;
	int err;
	long long when;			/* usecs after start, when it returned */
	/* the peer */
	u32 seq, ack;
	u16 stack_port;
};

/* --- the library ---------------------------------------------------------------- */

static inline void so_path(char *path, size_t size)
{
	char self[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(path, size, "%s/../libweir-packetdrill.so", self);
}

static inline void tool_open(struct tool *t, const char *flags)
{
	int (*init)(const char *flags, struct packetdrill_interface *ifc);
	int how = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
	char path[PATH_MAX];

	memset(t, 0, sizeof(*t));
	/* a sanitizer's runtime does not bear to be passed by */
	if (dlsym(RTLD_DEFAULT, "__asan_init") ||
	    dlsym(RTLD_DEFAULT, "__tsan_init"))
		how &= ~RTLD_DEEPBIND;
	so_path(path, sizeof(path));
	t->lib = dlopen(path, how);
	if (!t->lib)
		fail_msg("%s", dlerror());
	*(void **)&init = dlsym(t->lib, "packetdrill_interface_init");
	assert_non_null(init);
	t->init = init(flags, &t->ifc);
	t->seq = 1000;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->cond, NULL);
}

static inline long long now(struct tool *t)
{
	struct timeval tv;

	assert_int_equal(t->ifc.gettimeofday(t->ifc.userdata, &tv, NULL), 0);
	return tv.tv_sec * 1000000LL + tv.tv_usec - t->start;
}

static inline void tool_start(struct tool *t, const char *flags)
{
	tool_open(t, flags);
	assert_int_equal(t->init, 0);
	t->start = now(t);
}

/* --- the thread for calls that block ------------------------------------------------ */

static inline void *second_thread(void *arg)
{
	struct tool *t = arg;

	pthread_mutex_lock(&t->lock);
	t->tid = gettid();
	while (!t->end) {
		pthread_cond_broadcast(&t->cond);
		while (!t->busy && !t->end)
			pthread_cond_wait(&t->cond, &t->lock);
		if (t->end)
			break;
		pthread_mutex_unlock(&t->lock);
		t->job(t);
		t->err = errno;
		t->when = now(t);
		pthread_mutex_lock(&t->lock);
		t->busy = false;
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static inline bool thread_sleeps(int tid)
{
	char path[64], text[256] = "", *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	p = strrchr(text, ')');
	return p && p[2] == 'S';
}

/* The job runs in the second thread; returns when it sleeps, or is done. */
static inline void tool_block(struct tool *t, void (*job)(struct tool *t))
{
	bool busy = true;

	pthread_mutex_lock(&t->lock);
	if (!t->thread) {
		assert_int_equal(pthread_create(&t->thread, NULL, second_thread,
						t), 0);
		while (!t->tid)
			pthread_cond_wait(&t->cond, &t->lock);
	}
	t->job = job;
	t->busy = true;
	pthread_cond_broadcast(&t->cond);
	pthread_mutex_unlock(&t->lock);
	while (busy && !thread_sleeps(t->tid)) {
		sched_yield();
		pthread_mutex_lock(&t->lock);
		busy = t->busy;
		pthread_mutex_unlock(&t->lock);
	}
}

/* Waits for the second thread, outside of the library. */
static inline void tool_join(struct tool *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->busy)
		pthread_cond_wait(&t->cond, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

static inline void tool_end_thread(struct tool *t)
{
	pthread_mutex_lock(&t->lock);
	t->end = true;
	pthread_cond_broadcast(&t->cond);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	t->thread = 0;
}

static inline void tool_end(struct tool *t)
{
	if (t->thread)
		tool_end_thread(t);
	if (t->ifc.userdata)
		t->ifc.free(t->ifc.userdata);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->cond);
	dlclose(t->lib);
}

/* --- packets ---------------------------------------------------------------------------- */

/* A packet of the peer to the stack: "S 0:0(0) win 65535 <mss 1460>"; the
 * numbers are relative to the peer's and the stack's first. */
static inline void inject(struct tool *t, const char *line, const void *data)
{
	u8 frame[2048] = { 0 };
	struct segment_line l;
	struct segment *s = &l.s;
	u32 len;

	segment_line_parse(&l, line);
	s->ether_type = ETH_P_IP;
	s->saddr = ntohl(inet_addr(REMOTE));
	s->daddr = ntohl(inet_addr(LOCAL));
	s->protocol = IPPROTO_TCP;
	s->ttl = 64;
	s->sport = t->stack_port == PORT ? PEER_PORT : PORT;
	s->dport = t->stack_port;
	s->seq += t->seq;
	if (l.has & SEG_HAS_ACK)
		s->ack += t->ack;
	if (!(l.has & SEG_HAS_WIN))
		s->win = 65535;
	if (l.has & SEG_HAS_OPTS)
		s->optlen = segment_opts_build(s->raw_opts, l.opts, t->ack);
	s->data = data;
	len = segment_build(s, frame, sizeof(frame));
	assert_int_equal(t->ifc.netdev_send(t->ifc.userdata, frame + ETH_HLEN,
					    len - ETH_HLEN), 0);
}

/* The next packet, as text, and when it came. Its payload is in `data`. */
static inline long long next_packet(struct tool *t, char *text, size_t room,
				    void *data)
{
	static const u8 eth[ETH_HLEN] = { [12] = 8 };
	u8 frame[ETH_HLEN + 65536];
	size_t len = sizeof(frame) - ETH_HLEN;
	struct segment s;
	long long when;

	memcpy(frame, eth, sizeof(eth));
	assert_int_equal(t->ifc.netdev_receive(t->ifc.userdata,
					       frame + ETH_HLEN, &len, &when),
			 0);
	snprintf(text, room, "none");
	if (!len)
		return when - t->start;
	if (!segment_parse(&s, frame, (u32)len + ETH_HLEN) || !s.ip_ok ||
	    !s.csum_ok)
		fail_msg("the stack sent no good packet");
	if (s.flags & TCPHDR_SYN)
		t->ack = s.seq;
	t->stack_port = s.sport;
	segment_tcp_text(&s, t->ack, t->seq, text, room);
	if (data)
		memcpy(data, s.data, s.len);
	return when - t->start;
}

/* The next packet begins with these words and comes at this time. */
static inline void expect(struct tool *t, long long usecs, const char *words)
{
	char text[400];
	long long when = next_packet(t, text, sizeof(text), NULL);

	if (strncmp(text, words, strlen(words)) || when != usecs)
		fail_msg("wanted at %lld: %s\ngot at %lld:    %s", usecs, words,
			 when, text);
}

/* --- sockets ------------------------------------------------------------------------------- */

static inline struct sockaddr_in address(const char *ip, u16 port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = inet_addr(ip),
	};
}

static inline int tcp_socket(struct tool *t, int type)
{
	int fd = t->ifc.socket(t->ifc.userdata, AF_INET, SOCK_STREAM | type,
			       IPPROTO_TCP);

	assert_true(fd >= 0);
	return fd;
}

static inline int listener(struct tool *t, int type)
{
	struct sockaddr_in a = address(LOCAL, PORT);
	int fd = tcp_socket(t, type);

	assert_int_equal(t->ifc.bind(t->ifc.userdata, fd,
				     (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(t->ifc.listen(t->ifc.userdata, fd, 1), 0);
	t->stack_port = PORT;
	return fd;
}

/* A connection that the peer has opened, now. */
static inline int accepted(struct tool *t, int lfd)
{
	long long at = now(t);
	int fd;

	inject(t, "S 0:0(0) win 65535 <mss 1000>", NULL);
	expect(t, at, "S. 0:0(0) ack 1");
	inject(t, ". 1:1(0) ack 1", NULL);
	fd = t->ifc.accept(t->ifc.userdata, lfd, NULL, NULL);
	assert_true(fd >= 0);
	return fd;
}

#endif
