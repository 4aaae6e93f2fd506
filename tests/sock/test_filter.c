/* SPDX-License-Identifier: BSD-2-Clause */
/* Classic BPF: what the checker refuses, what programs do, filters on sockets. */
#include <stdlib.h>

#include "base/random.h"
#include "sock/filter.h"
#include "tests/sock/sock_test.h"

#define RET(k)		{ 0x06, 0, 0, k }
#define RET_A		{ 0x16, 0, 0, 0 }
#define LD_H_ABS(k)	{ 0x28, 0, 0, k }
#define LD_B_ABS(k)	{ 0x30, 0, 0, k }
#define LD_W_ABS(k)	{ 0x20, 0, 0, k }
#define LD_B_IND(k)	{ 0x50, 0, 0, k }
#define LD_LEN		{ 0x80, 0, 0, 0 }
#define LDX_MSH(k)	{ 0xb1, 0, 0, k }
#define LDX_IMM(k)	{ 0x01, 0, 0, k }
#define LD_IMM(k)	{ 0x00, 0, 0, k }
#define JEQ(k, t, f)	{ 0x15, t, f, k }
#define JA(k)		{ 0x05, 0, 0, k }
#define DIV_X		{ 0x3c, 0, 0, 0 }
#define DIV_K(k)	{ 0x34, 0, 0, k }
#define LSH_K(k)	{ 0x64, 0, 0, k }
#define ST(k)		{ 0x02, 0, 0, k }
#define LD_MEM(k)	{ 0x60, 0, 0, k }

struct bad {
	u32 len;
	struct sock_filter prog[4];
};

static const struct bad bad[] = {
	{ 0, { RET(0) } },				/* empty */
	{ 1, { LD_IMM(1) } },				/* no end */
	{ 2, { JA(1), RET(0) } },			/* jumps out */
	{ 2, { JA(0xffffffff), RET(0) } },		/* backward */
	{ 2, { JEQ(1, 1, 0), RET(0) } },
	{ 2, { JEQ(1, 0, 1), RET(0) } },
	{ 2, { ST(16), RET(0) } },			/* memory */
	{ 2, { LD_MEM(16), RET(0) } },
	{ 2, { DIV_K(0), RET(0) } },
	{ 2, { LSH_K(32), RET(0) } },
	{ 2, { { 0xffff, 0, 0, 0 }, RET(0) } },		/* no such thing */
	{ 2, { { 0x38, 0, 0, 0 }, RET(0) } },		/* size */
	{ 2, { { 0x0e, 0, 0, 0 }, RET(0) } },		/* ret X */
};

static void the_checker_refuses_what_could_go_wrong(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(bpf_check_classic(bad[i].prog, bad[i].len),
				 -EINVAL);
}

static const u8 codes[] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x0c, 0x14, 0x15, 0x1c, 0x1d,
	0x20, 0x24, 0x25, 0x28, 0x2c, 0x2d, 0x30, 0x34, 0x35, 0x3c, 0x3d, 0x40,
	0x45, 0x48, 0x4d, 0x50, 0x54, 0x60, 0x61, 0x64, 0x6c, 0x74, 0x7c, 0x80,
	0x81, 0x84, 0x87, 0x94, 0x9c, 0xa4, 0xac, 0xb1,
};

/* Any bytes as a program: refused, or runs to an end on any packet. */
static void random_programs_end_and_touch_nothing(void **state)
{
	struct inet_world *iw = *state;
	struct sk_buff *skb = payload(50);
	struct sk_filter *f = kmalloc(sizeof(*f) + 8 * sizeof(f->insns[0]));
	u32 ran = 0;

	assert_non_null(iw);
	assert_non_null(f);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	f->len = 8;
	for (u32 n = 0; n < 200000; n++) {
		for (u32 i = 0; i < 8; i++) {
			u64 r = get_random_u64();

			f->insns[i] = (struct sock_filter){
				.code = r % 50 ? codes[(r >> 20) %
						       sizeof(codes)] : r & 0xff,
				.jt = r >> 8 & 3, .jf = r >> 12 & 3,
				.k = r & 0x10000 ? (u32)(r >> 32) :
						   (u32)(r >> 58),
			};
		}
		f->insns[7] = (struct sock_filter)RET(1);
		if (bpf_check_classic(f->insns, f->len))
			continue;
		bpf_run(f, skb);
		ran++;
	}
	assert_true(ran > 100);
	kfree(f);
	consume_skb(skb);
}

static u32 run(const struct sock_filter *prog, u16 len, const struct sk_buff *skb)
{
	struct sock_fprog fp = { len, (struct sock_filter *)prog };
	struct sk_filter *f = sk_filter_create(&fp);
	u32 ret;

	assert_false(IS_ERR(f));
	ret = bpf_run(f, skb);
	sk_filter_free(f);
	return ret;
}
#define RUN(skb, ...) run((const struct sock_filter[]){ __VA_ARGS__ }, \
	ARRAY_SIZE(((const struct sock_filter[]){ __VA_ARGS__ })), skb)

static void programs_compute_what_they_say(void **state)
{
	struct sk_buff *skb = payload(50);	/* bytes count up */

	skb_reset_network_header(skb);
	assert_int_equal(RUN(skb, LD_W_ABS(1), RET_A), 0x01020304);
	assert_int_equal(RUN(skb, LD_H_ABS(48), RET_A), 0x3031);
	assert_int_equal(RUN(skb, LD_H_ABS(49), RET(1)), 0);	/* beyond */
	assert_int_equal(RUN(skb, LD_LEN, RET_A), 50);
	assert_int_equal(RUN(skb, LDX_MSH(5), LD_B_IND(2), RET_A), 22);
	assert_int_equal(RUN(skb, LDX_IMM(0), LD_IMM(8), DIV_X, RET(9)), 0);
	assert_int_equal(RUN(skb, LD_IMM(77), ST(3), LD_IMM(0), LD_MEM(3), RET_A),
			 77);
	assert_int_equal(RUN(skb, LD_B_ABS(7), JEQ(7, 1, 0), RET(1), RET(2)), 2);
	assert_int_equal(RUN(skb, LD_B_ABS(0xfff00003u), RET_A), 3); /* network */
	assert_int_equal(RUN(skb, LD_W_ABS(0xfffffff0u), RET(1)), 0);
	consume_skb(skb);
}

static void a_filter_on_a_socket_drops_and_cuts(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct sock_filter odd[] = {	/* source port 77: 10 bytes, else drop */
		LD_H_ABS(0), JEQ(77, 0, 1), RET(10), RET(0),
	};
	struct sock_fprog fp = { ARRAY_SIZE(odd), odd };
	struct received r;

	assert_int_equal(do_bind(s, 0, 5000), 0);
	assert_int_equal(s->ops->setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER,
					    &fp, sizeof(fp)), 0);
	inject_udp(iw, US, 78, 5000, "no", 2, 0);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	assert_int_equal(drops(SKB_DROP_REASON_SOCKET_FILTER), 1);
	inject_udp(iw, US, 77, 5000, "cut me", 6, 0);
	assert_int_equal(recv_now(s, &r), 2);
	set_int(s, SOL_SOCKET, SO_LOCK_FILTER, 1);
	assert_int_equal(set_int(s, SOL_SOCKET, SO_DETACH_FILTER, 0), -EPERM);
	assert_int_equal(s->ops->setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER,
					    &fp, sizeof(fp)), -EPERM);
	sock_release(s);
	s = sk_open(iw, SOCK_DGRAM, 0);
	assert_int_equal(set_int(s, SOL_SOCKET, SO_DETACH_FILTER, 0), -ENOENT);
	assert_int_equal(s->ops->setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER,
					    &fp, 3), -EINVAL);
	fp.filter = NULL;
	assert_int_equal(s->ops->setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER,
					    &fp, sizeof(fp)), -EFAULT);
	sock_release(s);
}

static int attach_reuseport(struct socket *s, struct sock_fprog *fp)
{
	return s->ops->setsockopt(s, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, fp,
				  sizeof(*fp));
}

/* before: the program is attached before its socket is bound */
static void choose_member(struct inet_world *iw, bool before)
{
	struct sock_filter prog[] = { LD_B_ABS(0), RET_A };	/* payload */
	struct sock_fprog fp = { ARRAY_SIZE(prog), prog };
	struct socket *s[3];
	struct received r;

	for (int i = 0; i < 3; i++) {
		s[i] = sk_open(iw, SOCK_DGRAM, 0);
		set_int(s[i], SOL_SOCKET, SO_REUSEPORT, 1);
		if (before)
			assert_int_equal(attach_reuseport(s[i], &fp), 0);
		assert_int_equal(do_bind(s[i], 0, 5000), 0);
	}
	if (!before)
		assert_int_equal(attach_reuseport(s[0], &fp), 0);
	for (u8 i = 0; i < 3; i++) {
		inject_udp(iw, US, 9, 5000, &i, 1, 0);
		assert_int_equal(recv_now(s[i], &r), 1);
	}
	for (int i = 0; i < 3; i++)
		sock_release(s[i]);
}

static void a_program_can_choose_the_member_of_a_group(void **state)
{
	choose_member(*state, false);
	choose_member(*state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_checker_refuses_what_could_go_wrong),
		TEST(random_programs_end_and_touch_nothing),
		TEST(programs_compute_what_they_say),
		TEST(a_filter_on_a_socket_drops_and_cuts),
		TEST(a_program_can_choose_the_member_of_a_group),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
