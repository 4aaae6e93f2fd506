/* SPDX-License-Identifier: BSD-2-Clause */
/* Initial sequence numbers, timestamp offsets, SYN cookies. */
#include "buf/wire/ip.h"
#include "tcp/tcp_test.h"
#include "tcp/tcp_out.h"

#define CLIENT	cpu_to_be32(0x0a000002u)
#define SERVER	cpu_to_be32(0x0a000001u)
#define CPORT	cpu_to_be16(40000)
#define SPORT	cpu_to_be16(80)

static void a_tuple_goes_on_with_the_clock(void **state)
{
	struct tcp_world w;
	u32 a, b;

	tcp_begin(&w);
	a = secure_tcp_seq(w.net, SERVER, CLIENT, SPORT, CPORT);
	tcp_pass(&w, 64);		/* us: 1000 steps of 64 ns */
	b = secure_tcp_seq(w.net, SERVER, CLIENT, SPORT, CPORT);
	assert_int_equal(b - a, 1000);
	tcp_end(&w);
}

static void tuples_and_stacks_have_nothing_in_common(void **state)
{
	struct tcp_world w;
	u32 a, b, c;

	tcp_begin(&w);
	a = secure_tcp_seq(w.net, SERVER, CLIENT, SPORT, CPORT);
	b = secure_tcp_seq(w.net, SERVER, CLIENT, SPORT, cpu_to_be16(40001));
	w.net->tcp->isn_secret[0] ^= 1;
	c = secure_tcp_seq(w.net, SERVER, CLIENT, SPORT, CPORT);
	assert_int_not_equal(a, b);
	assert_int_not_equal(a, c);
	tcp_end(&w);
}

static void the_timestamp_offset_is_of_the_hosts_and_can_be_off(void **state)
{
	struct tcp_world w;
	u32 a;

	tcp_begin(&w);
	a = secure_tcp_ts_off(w.net, SERVER, CLIENT);
	assert_int_equal(secure_tcp_ts_off(w.net, SERVER, CLIENT), a);
	assert_int_not_equal(secure_tcp_ts_off(w.net, CLIENT, SERVER), a);
	w.net->tcp->timestamps = 2;
	assert_int_equal(secure_tcp_ts_off(w.net, SERVER, CLIENT), 0);
	tcp_end(&w);
}

/* A segment of the client with an IP header before it. */
static struct sk_buff *from_client(u32 seq, u32 ack, u8 flags)
{
	struct sk_buff *skb = alloc_skb(100);
	struct tcphdr *th;
	struct iphdr *iph;

	assert_non_null(skb);
	skb_reset_network_header(skb);
	iph = (struct iphdr *)skb_put(skb, sizeof(*iph));
	memset(iph, 0, sizeof(*iph));
	iph->saddr = CLIENT;
	iph->daddr = SERVER;
	skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);
	th = (struct tcphdr *)skb_put(skb, sizeof(*th));
	memset(th, 0, sizeof(*th));
	th->source = CPORT;
	th->dest = SPORT;
	th->flags = flags;
	tcp_set_doff(th, sizeof(*th));
	memset(skb->cb, 0, sizeof(skb->cb));
	TCP_SKB_CB(skb)->seq = seq;
	TCP_SKB_CB(skb)->ack_seq = ack;
	TCP_SKB_CB(skb)->flags = flags;
	return skb;
}

/* The MSS that comes back in the ACK of a cookie made `ago_us` before. */
static u16 cookie_mss(struct tcp_world *w, u16 mss, u32 ago_us, u32 flip)
{
	struct sk_buff *syn = from_client(1000, 0, TCPHDR_SYN);
	struct sk_buff *ack;
	u32 isn = cookie_v4_init_sequence(syn, &mss, w->net);
	u16 got;

	tcp_pass(w, ago_us);
	ack = from_client(1001, (isn ^ flip) + 1, TCPHDR_ACK);
	got = cookie_v4_mss(w->net, ack, isn ^ flip);
	consume_skb(syn);
	consume_skb(ack);
	return got;
}

static void a_cookie_brings_the_mss_back_rounded_down(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	assert_int_equal(cookie_mss(&w, 1460, 0, 0), 1460);
	assert_int_equal(cookie_mss(&w, 1459, 0, 0), 1440);
	assert_int_equal(cookie_mss(&w, 1000, 0, 0), 536);
	assert_int_equal(cookie_mss(&w, 100, 0, 0), 536);
	tcp_end(&w);
}

static void a_cookie_lives_for_two_minutes_at_most(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	assert_int_equal(cookie_mss(&w, 1460, 59 * 1000000, 0), 1460);
	assert_int_equal(cookie_mss(&w, 1460, 121 * 1000000, 0), 0);
	tcp_end(&w);
}

static void a_guessed_cookie_is_none(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	for (u32 i = 3; i < 32; i++)
		assert_int_equal(cookie_mss(&w, 1460, 0, 1u << i), 0);
	tcp_end(&w);
}

static void options_come_back_in_the_timestamp(void **state)
{
	struct request_sock req = { .wscale_ok = 1, .snd_wscale = 9,
				    .sack_ok = 1, .ts_off = 7 };
	u32 now = 0x12345678, ts = cookie_ts_init(&req, now) - 7;

	assert_int_equal(ts & 0xf, 9);
	assert_true(ts & 0x10);
	assert_false(ts & 0x20);
	assert_true(ts <= now && now - ts < 128);	/* never ahead */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(a_tuple_goes_on_with_the_clock),
		TCP_TEST(tuples_and_stacks_have_nothing_in_common),
		TCP_TEST(the_timestamp_offset_is_of_the_hosts_and_can_be_off),
		TCP_TEST(a_cookie_brings_the_mss_back_rounded_down),
		TCP_TEST(a_cookie_lives_for_two_minutes_at_most),
		TCP_TEST(a_guessed_cookie_is_none),
		TCP_TEST(options_come_back_in_the_timestamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
