/* SPDX-License-Identifier: BSD-2-Clause */
/* Same seed, same calls: the same frames, times and trace records, byte for
 * byte. And what may not matter does not. */
#include "tests/support/lab.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COSTS	"* 150 0.2\nsyscall 400\ncontext_switch 900\nwakeup 700\n" \
		"interrupt 500\nsoftirq 200\n"
#define BAD	"rate=50mbit,delay=2ms,jitter=500us,queue=50,loss=2%," \
		"reorder=1%,dup=1%"
#define STREAM	150000u
#define STREAMS	3
#define RECORDS	(1u << 16)
#define RECORD	40u

struct outcome {
	uint64_t hash, frames;		/* of the world */
	uint64_t link;			/* of the frames between a and b */
	uint64_t trace;			/* of both hosts' records */
	size_t records;
	int64_t end;
};

struct how {
	uint64_t seed;
	unsigned int trace_records;
	int others;			/* two more hosts that talk */
};

static uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const uint8_t *)p)[i]) * 0x100000001b3ULL;
	return h;
}

static void see(void *arg, int64_t now, int direction, const void *frame,
		size_t len)
{
	struct outcome *o = arg;

	o->link = hash_bytes(o->link, &now, sizeof(now));
	o->link = hash_bytes(o->link, &direction, sizeof(direction));
	o->link = hash_bytes(o->link, frame, len);
}

/* --- what the hosts do --------------------------------------------------------------- */

static int sends(struct weir *h, void *arg)
{
	uint64_t key = (uint64_t)(uintptr_t)arg;
	int fd = lab_connect(h, LAB_B, 80), ret;
	char c;

	ret = weir_send(h, fd, &key, sizeof(key), 0) != sizeof(key);
	if (!ret)
		ret = lab_send_stream(h, fd, key, STREAM);
	weir_shutdown(h, fd, 1);
	if (!ret)
		ret = (int)weir_recv(h, fd, &c, 1, 0);
	weir_close(h, fd);
	return ret;
}

static int receives(struct weir *h, void *arg)
{
	int fd = (int)(intptr_t)arg, ret;
	uint64_t key = 0;

	ret = weir_recv(h, fd, &key, sizeof(key), MSG_WAITALL) != sizeof(key);
	if (!ret)
		ret = lab_recv_stream(h, fd, key, STREAM);
	weir_sim_compute(h, 200 * LAB_US);
	weir_close(h, fd);
	return ret;
}

static int accepts(struct weir *h, void *arg)
{
	int listener = lab_listen(h, 80), ret = 0;
	struct weir_sim_task *t[STREAMS];

	for (int i = 0; i < STREAMS; i++)
		t[i] = weir_sim_spawn(h, "receives", receives, (void *)(intptr_t)
				      lab_accept(h, listener));
	for (int i = 0; i < STREAMS; i++)
		ret |= weir_sim_wait(t[i]);
	weir_close(h, listener);
	return ret;
}

/* Datagrams, fragmented ones too, until each got an answer. */
static int asks(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 53);
	char data[3000], back[3000];

	for (unsigned int i = 0; i < 60; i++) {
		size_t n = 20 + i * 977 % 2900;
		struct pollfd p = { .fd = fd, .events = POLLIN };

		lab_fill(data, n, i, 0);
		do {
			lab_sendto(h, fd, data, n, LAB_B, 53);
		} while (weir_poll(h, &p, 1, 50) == 0);
		if (weir_recv(h, fd, back, sizeof(back), 0) < 20)
			return 1;
	}
	weir_close(h, fd);
	return 0;
}

static int answers(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 53);
	char data[3000];

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n = weir_recvfrom(h, fd, data, sizeof(data), 0,
					  (struct sockaddr *)&from, &len);

		if (n < 0)
			return 0;
		weir_sendto(h, fd, data, (size_t)n, 0, (struct sockaddr *)&from,
			    len);
	}
}

static int pings(struct weir *h, void *arg)
{
	static const uint8_t echo[8] = { 8, 0, 0xf7, 0xfe, 0, 1, 0, 0 };
	int fd = weir_socket(h, AF_INET, SOCK_RAW, IPPROTO_ICMP);

	for (int i = 0; i < 20; i++) {
		lab_sendto(h, fd, echo, sizeof(echo), LAB_B, 0);
		weir_sim_sleep(h, 10 * LAB_MS);
	}
	weir_close(h, fd);
	return 0;
}

/* --- one run -------------------------------------------------------------------------- */

static void add_others(struct lab *l)
{
	struct weir *c = lab_host(l->s, "c", NULL), *d = lab_host(l->s, "d", NULL);
	char err[200] = "";

	assert_non_null(weir_sim_link(l->s, c, d, "delay=1ms,loss=1%", err,
				      sizeof(err)));
	lab_addr(c, "eth0", "10.0.0.1/24");
	lab_addr(d, "eth0", LAB_B "/24");
	lab_spawn(d, answers, NULL);
	lab_spawn(c, asks, NULL);
}

static void hash_trace(struct outcome *o, struct weir *h)
{
	uint8_t *r = malloc((size_t)RECORDS * 2 * RECORD);
	uint64_t lost = 0;
	size_t n;

	assert_non_null(r);
	n = weir_sim_trace(h, r, RECORDS * 2, &lost);
	o->trace = hash_bytes(o->trace, r, n * RECORD);
	o->records += n;
	free(r);
}

static struct outcome run(const struct how *how)
{
	struct weir_sim_host_options ho = { .cpus = 2 };
	struct weir_sim_options so = { .seed = how->seed, .costs = COSTS,
				       .trace_records = how->trace_records };
	struct weir_sim_task *t[STREAMS + 3];
	struct outcome o = { 0 };
	struct weir_sim_stats st;
	struct lab l;
	int n = 0;

	lab_open(&l, &so, &ho, BAD);
	weir_sim_link_tap(l.l, see, &o);
	if (how->others)
		add_others(&l);
	lab_spawn(l.b, answers, NULL);
	t[n++] = lab_spawn(l.b, accepts, NULL);
	for (intptr_t i = 0; i < STREAMS; i++)
		t[n++] = lab_spawn(l.a, sends, (void *)(i + 1));
	t[n++] = lab_spawn(l.a, asks, NULL);
	t[n++] = lab_spawn(l.a, pings, NULL);
	for (int i = 0; i < n; i++)
		assert_int_equal(weir_sim_wait(t[i]), 0);
	o.end = lab_ns(l.s);
	weir_sim_run(l.s, WEIR_SIM_START_NS + 100 * LAB_SEC);
	o.hash = weir_sim_hash(l.s);
	weir_sim_stats(l.s, &st);
	o.frames = st.frames;
	hash_trace(&o, l.a);
	hash_trace(&o, l.b);
	lab_close(&l);
	return o;
}

static void the_same_seed_gives_the_same_frames_and_records(void **state)
{
	struct how how = { .seed = 5, .trace_records = RECORDS };
	struct outcome x = run(&how), y = run(&how);

	assert_true(x.frames > 500);
	assert_true(x.records > 10000);
	assert_memory_equal(&x, &y, sizeof(x));
}

static void another_seed_gives_other_frames_and_right_data(void **state)
{
	struct outcome first = run(&(struct how){ .seed = 1 });

	for (uint64_t seed = 2; seed < 8; seed++) {
		struct outcome o = run(&(struct how){ .seed = seed });

		assert_int_not_equal(o.hash, first.hash);
		assert_int_not_equal(o.end, first.end);
	}
}

static void tracing_changes_nothing(void **state)
{
	struct outcome off = run(&(struct how){ .seed = 5 });
	struct outcome on = run(&(struct how){ .seed = 5, .trace_records = 64 });

	assert_int_equal(off.records, 0);
	assert_true(on.records > 0);
	assert_int_equal(off.hash, on.hash);
	assert_int_equal(off.end, on.end);
}

static void hosts_made_later_change_nothing_for_others(void **state)
{
	struct outcome alone = run(&(struct how){ .seed = 5 });
	struct outcome more = run(&(struct how){ .seed = 5, .others = 1 });

	assert_true(more.frames > alone.frames);
	assert_int_equal(more.link, alone.link);
	assert_int_not_equal(more.hash, alone.hash);
}

static void two_worlds_in_one_thread_do_not_meet(void **state)
{
	struct outcome o = run(&(struct how){ .seed = 9 });
	int64_t ns = 500 * LAB_MS;
	struct outcome again;
	struct lab other;

	lab_open(&other, &(struct weir_sim_options){ .seed = 9 }, NULL, BAD);
	weir_sim_pass(other.s, ns);
	again = run(&(struct how){ .seed = 9 });
	assert_int_equal(lab_ns(other.s), ns);
	assert_int_equal(o.hash, again.hash);
	lab_close(&other);
}

/* --- trace files ------------------------------------------------------------------------- */

/* path: a template for mkstemp. The file is made when the world is over: under
 * fault injection worlds are many, and each has its own file. */
static void write_trace(char *path)
{
	struct weir_sim_options so = { .costs = COSTS, .trace_records = 4096 };
	size_t n, len;
	uint64_t lost = 0;
	uint32_t block[6] = { 0 };
	char *text, *records;
	struct lab l;
	int fd[2];
	FILE *f;

	lab_open(&l, &so, NULL, "rate=1gbit,delay=10us");
	lab_pair(&l, 80, fd);
	assert_int_equal(lab_send_stream(l.a, fd[0], 1, 20000), 0);
	assert_int_equal(lab_recv_stream(l.b, fd[1], 1, 20000), 0);
	len = weir_sim_trace_header(l.b, NULL, 0);
	text = malloc(len + 1);
	records = malloc(4096 * RECORD);
	assert_int_equal(weir_sim_trace_header(l.b, text, len + 1), len);
	n = weir_sim_trace(l.b, records, 4096, &lost);
	assert_true(n > 100);
	lab_close(&l);
	block[2] = (uint32_t)n;
	memcpy(block, "tblk", 4);
	f = fdopen(mkstemp(path), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fwrite(block, sizeof(block), 1, f), 1);
	assert_int_equal(fwrite(records, RECORD, n, f), n);
	fclose(f);
	free(text);
	free(records);
}

static void the_tool_reads_a_written_trace(void **state)
{
	char path[] = "/tmp/weir-trace-XXXXXX", command[1200], tool[1000];
	char out[20000];
	ssize_t n = readlink("/proc/self/exe", tool, sizeof(tool) - 20);
	FILE *f;

	assert_true(n > 0);
	tool[n] = 0;
	strcpy(strrchr(tool, '/'), "/../weir");
	if (access(tool, X_OK))
		skip();
	write_trace(path);
	snprintf(command, sizeof(command), "'%s' trace --stages %s", tool, path);
	f = popen(command, "r");
	assert_non_null(f);
	out[fread(out, 1, sizeof(out) - 1, f)] = 0;
	assert_int_equal(pclose(f), 0);
	unlink(path);
	assert_non_null(strstr(out, "tcp_v4_rcv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_frames_and_records),
		cmocka_unit_test(another_seed_gives_other_frames_and_right_data),
		cmocka_unit_test(tracing_changes_nothing),
		cmocka_unit_test(hosts_made_later_change_nothing_for_others),
		cmocka_unit_test(two_worlds_in_one_thread_do_not_meet),
		cmocka_unit_test(the_tool_reads_a_written_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
