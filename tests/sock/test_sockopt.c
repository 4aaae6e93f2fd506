/* SPDX-License-Identifier: BSD-2-Clause */
/* Options as a table: what is set, what setsockopt answers, what getsockopt
 * says afterwards. Values are those of Linux. */
#include <stdlib.h>

#include "sock/filter.h"
#include "tests/sock/sock_test.h"

enum { ANY = 0, S = SOL_SOCKET, I = SOL_IP, U = SOL_UDP };
#define NO_GET	(-1000)

struct opt_row {
	int level, name;
	u32 len;			/* of what is given */
	int value;
	int want;			/* of setsockopt */
	int then;			/* getsockopt's value */
};

static const struct opt_row rows[] = {
	{ S, SO_REUSEADDR, 4, 5, 0, 1 },
	{ S, SO_REUSEADDR, 3, 1, -EINVAL, 0 },
	{ S, SO_REUSEPORT, 4, 1, 0, 1 },
	{ S, SO_BROADCAST, 4, 1, 0, 1 },
	{ S, SO_KEEPALIVE, 4, 1, 0, 1 },
	{ S, SO_OOBINLINE, 4, 1, 0, 1 },
	{ S, SO_DONTROUTE, 4, 1, 0, 1 },
	{ S, SO_TYPE, 4, 1, -ENOPROTOOPT, SOCK_DGRAM },
	{ S, SO_DOMAIN, 4, 1, -ENOPROTOOPT, AF_INET },
	{ S, SO_PROTOCOL, 4, 1, -ENOPROTOOPT, IPPROTO_UDP },
	{ S, SO_ERROR, 4, 1, -ENOPROTOOPT, 0 },
	{ S, SO_ACCEPTCONN, 4, 1, -ENOPROTOOPT, 0 },
	/* doubled, clamped from both sides */
	{ S, SO_SNDBUF, 4, 10000, 0, 20000 },
	{ S, SO_SNDBUF, 4, 1, 0, 4608 },
	{ S, SO_SNDBUF, 4, 100000000, 0, 8388608 },
	{ S, SO_RCVBUF, 4, 10000, 0, 20000 },
	{ S, SO_RCVBUF, 4, 0, 0, 2304 },
	{ S, SO_RCVBUF, 4, -1, 0, 8388608 },
	{ S, SO_RCVBUFFORCE, 4, 1000000, 0, NO_GET },
	{ S, SO_SNDBUFFORCE, 4, -5, 0, NO_GET },
	{ S, SO_RCVLOWAT, 4, 0, 0, 1 },
	{ S, SO_RCVLOWAT, 4, -1, 0, INT_MAX },
	{ S, SO_PRIORITY, 4, 6, 0, 6 },
	{ S, SO_MARK, 4, 77, 0, 77 },
	{ S, SO_NO_CHECK, 4, 1, 0, 1 },
	{ S, SO_TIMESTAMP, 4, 1, 0, 1 },
	{ S, SO_TIMESTAMPNS, 4, 1, 0, 1 },
	{ S, SO_TIMESTAMPNS, 4, 0, 0, 0 },
	{ S, SO_PEEK_OFF, 4, -2, -EINVAL, -1 },
	{ S, SO_PEEK_OFF, 4, 3, 0, 3 },
	{ S, SO_BUSY_POLL, 4, -1, -EINVAL, 0 },
	{ S, SO_BUSY_POLL, 4, 50, 0, 50 },
	{ S, SO_RXQ_OVFL, 4, 1, 0, 1 },
	{ S, SO_ZEROCOPY, 4, 2, -EINVAL, 0 },
	{ S, SO_ZEROCOPY, 4, 1, 0, 1 },
	{ S, SO_LOCK_FILTER, 4, 1, 0, 1 },
	{ S, SO_LOCK_FILTER, 4, 0, -EPERM, 1 },
	{ S, SO_DETACH_FILTER, 4, 0, -EPERM, NO_GET },
	{ S, SO_LINGER, 4, 1, -EINVAL, NO_GET },
	{ S, SO_RCVTIMEO, 8, 1, -EINVAL, NO_GET },
	{ S, SO_PASSCRED, 4, 1, -EOPNOTSUPP, -EOPNOTSUPP },
	{ S, SO_BINDTOIFINDEX, 4, 99, 0, 99 },
	{ S, SO_BINDTOIFINDEX, 4, -1, -EINVAL, 0 },
	{ S, SO_MAX_PACING_RATE, 4, 1000, 0, 1000 },
	{ S, 9999, 4, 1, -ENOPROTOOPT, -ENOPROTOOPT },
	{ I, IP_TOS, 4, 0x10, 0, 0x10 },
	{ I, IP_TOS, 1, 0x08, 0, 0x08 },
	{ I, IP_TTL, 4, 0, -EINVAL, 64 },
	{ I, IP_TTL, 4, 256, -EINVAL, 64 },
	{ I, IP_TTL, 4, 255, 0, 255 },
	{ I, IP_TTL, 4, -1, 0, 64 },
	{ I, IP_TTL, 0, 9, -EINVAL, 64 },
	{ I, IP_MTU_DISCOVER, 4, 6, -EINVAL, 1 },
	{ I, IP_MTU_DISCOVER, 4, 2, 0, 2 },
	{ I, IP_MTU, 4, 1, -ENOPROTOOPT, -ENOTCONN },
	{ I, IP_PKTINFO, 4, 1, 0, 1 },
	{ I, IP_RECVTTL, 4, 1, 0, 1 },
	{ I, IP_RECVTOS, 1, 1, 0, 1 },
	{ I, IP_RECVERR, 4, 1, 0, 1 },
	{ I, IP_HDRINCL, 4, 1, -ENOPROTOOPT, 0 },
	{ I, IP_MULTICAST_TTL, 4, -1, 0, 1 },
	{ I, IP_MULTICAST_TTL, 4, 256, -EINVAL, 1 },
	{ I, IP_MULTICAST_TTL, 1, 32, 0, 32 },
	{ I, IP_MULTICAST_LOOP, 4, 0, 0, 0 },
	{ I, IP_MULTICAST_ALL, 4, 2, -EINVAL, 1 },
	{ I, IP_FREEBIND, 4, 1, 0, 1 },
	{ I, IP_TRANSPARENT, 4, 1, 0, 1 },
	{ I, IP_MINTTL, 4, 300, -EINVAL, 0 },
	{ I, IP_MINTTL, 4, 255, 0, 255 },
	{ I, IP_LOCAL_PORT_RANGE, 4, 40000 << 16 | 41000, -EINVAL, 0 },
	{ I, IP_UNICAST_IF, 4, 0x63000000, -EADDRNOTAVAIL, 0 },
	{ I, IP_PROTOCOL, 4, 1, -ENOPROTOOPT, 0 },
	{ I, IP_ADD_MEMBERSHIP, 4, 1, -EINVAL, NO_GET },
	{ I, 9999, 4, 1, -ENOPROTOOPT, -ENOPROTOOPT },
	{ U, UDP_CORK, 4, 1, 0, 1 },
	{ U, UDP_SEGMENT, 4, 70000, -EINVAL, 0 },
	{ U, UDP_SEGMENT, 4, 1200, 0, 1200 },
	{ U, UDP_GRO, 4, 1, 0, 1 },
	{ U, UDP_CORK, 3, 1, -EINVAL, NO_GET },
	{ U, 9999, 4, 1, -ENOPROTOOPT, -ENOPROTOOPT },
	{ SOL_TCP, TCP_NODELAY, 4, 1, -ENOPROTOOPT, -EOPNOTSUPP },
};

static void the_table_of_options_holds(void **state)
{
	struct inet_world *iw = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct opt_row *r = &rows[i];
		struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
		int err;

		/* EPERM needs the lock that the row before has tested */
		if (r->want == -EPERM)
			set_int(s, SOL_SOCKET, SO_LOCK_FILTER, 1);
		err = s->ops->setsockopt(s, r->level, r->name, &r->value, r->len);
		if (err != r->want || (r->then != NO_GET &&
		    get_int(s, r->level, r->name) != r->then))
			print_error("row %zu: %d %d\n", i, err,
				    get_int(s, r->level, r->name));
		assert_int_equal(err, r->want);
		if (r->then != NO_GET)
			assert_int_equal(get_int(s, r->level, r->name), r->then);
		sock_release(s);
	}
}

static void values_with_structures_come_back(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct linger l = { 1, 7 }, l2;
	struct timeval tv = { 1, 250000 }, tv2, bad = { 0, 1000000 };
	u32 len = sizeof(l2), mem[SK_MEMINFO_VARS];
	u64 cookie;
	char name[16];

	assert_int_equal(s->ops->setsockopt(s, S, SO_LINGER, &l, sizeof(l)), 0);
	s->ops->getsockopt(s, S, SO_LINGER, &l2, &len);
	assert_memory_equal(&l, &l2, sizeof(l));
	s->ops->setsockopt(s, S, SO_RCVTIMEO, &tv, sizeof(tv));
	len = sizeof(tv2);
	s->ops->getsockopt(s, S, SO_RCVTIMEO, &tv2, &len);
	assert_int_equal(tv2.tv_usec, 250000);
	assert_int_equal(len, 16);
	assert_int_equal(s->ops->setsockopt(s, S, SO_SNDTIMEO, &bad,
					    sizeof(bad)), -EDOM);
	assert_int_equal(s->ops->setsockopt(s, S, SO_BINDTODEVICE, "nope", 5),
			 -ENODEV);
	assert_int_equal(s->ops->setsockopt(s, S, SO_BINDTODEVICE, "lo", 2), 0);
	len = sizeof(name);
	assert_int_equal(s->ops->getsockopt(s, S, SO_BINDTODEVICE, name, &len), 0);
	assert_string_equal(name, "lo");
	assert_int_equal(len, 3);
	len = 4;
	assert_int_equal(s->ops->getsockopt(s, S, SO_COOKIE, &cookie, &len),
			 -EINVAL);
	len = 8;
	assert_int_equal(s->ops->getsockopt(s, S, SO_COOKIE, &cookie, &len), 0);
	assert_int_not_equal(cookie, 0);
	len = sizeof(mem);
	s->ops->getsockopt(s, S, SO_MEMINFO, mem, &len);
	assert_int_equal(mem[SK_MEMINFO_RCVBUF], 212992);
	sock_release(s);
}

static void short_room_gets_the_first_bytes(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	u8 b[4] = { 0xee, 0xee, 0xee, 0xee };
	u32 len = 2;

	assert_int_equal(s->ops->getsockopt(s, S, SO_TYPE, b, &len), 0);
	assert_int_equal(len, 2);
	assert_int_equal(b[0], SOCK_DGRAM);
	assert_int_equal(b[2], 0xee);
	len = 1;	/* IPPROTO_IP: one byte is a value */
	assert_int_equal(s->ops->getsockopt(s, I, IP_TTL, b, &len), 0);
	assert_int_equal(len, 1);
	assert_int_equal(b[0], 64);
	len = (u32)-1;
	assert_int_equal(s->ops->getsockopt(s, S, SO_TYPE, b, &len), -EINVAL);
	sock_release(s);
}

static void socket_says_what_it_cannot_make(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s;

	assert_int_equal(sock_create(iw->net, 99, SOCK_DGRAM, 0, &s),
			 -EAFNOSUPPORT);
	assert_int_equal(sock_create(iw->net, AF_INET6, SOCK_DGRAM, 0, &s),
			 -EAFNOSUPPORT);
	assert_int_equal(sock_create(iw->net, AF_INET, 15, 0, &s), -EINVAL);
	assert_int_equal(sock_create(iw->net, AF_INET, SOCK_SEQPACKET, 0, &s),
			 -ESOCKTNOSUPPORT);
	assert_int_equal(sock_create(iw->net, AF_INET, SOCK_DGRAM, 99, &s),
			 -EPROTONOSUPPORT);
	assert_int_equal(sock_create(iw->net, AF_INET, SOCK_RAW, 0, &s),
			 -EPROTONOSUPPORT);
	assert_int_equal(sock_create(iw->net, AF_INET, SOCK_DGRAM, -1, &s),
			 -EINVAL);
}

static void devices_are_told_by_ioctl(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct ifreq r = { 0 }, list[4];
	struct ifconf c = { .ifc_len = sizeof(list), .ifc_req = list };
	struct sockaddr_in in;

	strcpy(r.ifr_name, "toy0");
	assert_int_equal(s->ops->ioctl(s, SIOCGIFADDR, &r), 0);
	memcpy(&in, &r.ifr_addr, sizeof(in));
	assert_int_equal(ntohl(in.sin_addr.s_addr), US);
	assert_int_equal(s->ops->ioctl(s, SIOCGIFNETMASK, &r), 0);
	memcpy(&in, &r.ifr_addr, sizeof(in));
	assert_int_equal(ntohl(in.sin_addr.s_addr), 0xffffff00);
	assert_int_equal(s->ops->ioctl(s, SIOCGIFFLAGS, &r), 0);
	assert_int_equal(r.ifr_flags & (IFF_UP | IFF_RUNNING),
			 IFF_UP | IFF_RUNNING);
	assert_int_equal(s->ops->ioctl(s, SIOCGIFMTU, &r), 0);
	assert_int_equal(r.ifr_mtu, 1500);
	assert_int_equal(s->ops->ioctl(s, SIOCGIFINDEX, &r), 0);
	assert_int_equal(s->ops->ioctl(s, SIOCGIFNAME, &r), 0);
	assert_string_equal(r.ifr_name, "toy0");
	strcpy(r.ifr_name, "none");
	assert_int_equal(s->ops->ioctl(s, SIOCGIFMTU, &r), -ENODEV);
	assert_int_equal(s->ops->ioctl(s, SIOCGIFCONF, &c), 0);
	assert_int_equal(c.ifc_len, 2 * sizeof(struct ifreq));
	assert_int_equal(s->ops->ioctl(s, 0x12345, &r), -ENOTTY);
	sock_release(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_table_of_options_holds),
		TEST(values_with_structures_come_back),
		TEST(short_room_gets_the_first_bytes),
		TEST(socket_says_what_it_cannot_make),
		TEST(devices_are_told_by_ioctl),
	};

	return cmocka_run_group_tests_name("sockopt", tests, NULL, NULL);
}
