/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inet_test.h's world with sockets and UDP in it: the calls of the system-call
 * boundary on struct socket, short. The loopback device is up, 127.0.0.1 and
 * 10.0.0.1 are the host's, 10.0.0.2 (PEER) answers for nothing.
 */
#ifndef WEIR_TESTS_SOCK_SOCK_TEST_H
#define WEIR_TESTS_SOCK_SOCK_TEST_H

#include "tests/inet/inet_test.h"

#include "dev/sysctl.h"
#include "sock/inet_common.h"
#include "sock/inet_hashtables.h"
#include "sock/sock_input.h"
#include "udp/udp_sock.h"

#define LO	0x7f000001u

static inline void sock_begin(struct inet_world *iw)
{
	inet_begin(iw);
	assert_int_equal(sock_net_ops.init(iw->net), 0);
	assert_int_equal(udp_net_ops.init(iw->net), 0);
	know_neighbour(iw, PEER);
}

static inline void sock_end(struct inet_world *iw)
{
	fake_run(iw->w.fp);
	skb_queue_consume(&iw->w.toy->sent);
	rcu_barrier(iw->w.m);
	udp_net_ops.exit(iw->net);
	sock_net_ops.exit(iw->net);
	inet_end(iw);
}

static inline struct socket *sk_open(struct inet_world *iw, int type, int proto)
{
	struct socket *s = NULL;

	assert_int_equal(sock_create(iw->net, AF_INET, type, proto, &s), 0);
	return s;
}

static inline struct sockaddr_in in_addr(u32 addr, u16 port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(addr),
	};
}

static inline int do_bind(struct socket *s, u32 addr, u16 port)
{
	struct sockaddr_in a = in_addr(addr, port);

	return s->ops->bind(s, (struct sockaddr *)&a, sizeof(a));
}

static inline int do_connect(struct socket *s, u32 addr, u16 port)
{
	struct sockaddr_in a = in_addr(addr, port);

	return s->ops->connect(s, (struct sockaddr *)&a, sizeof(a), 0);
}

static inline int set_int(struct socket *s, int level, int name, int v)
{
	return s->ops->setsockopt(s, level, name, &v, sizeof(v));
}

/* The value, or -errno. */
static inline int get_int(struct socket *s, int level, int name)
{
	u32 len = sizeof(int);
	int v = 0, err = s->ops->getsockopt(s, level, name, &v, &len);

	return err ? err : v;
}

static inline u16 local_port(struct socket *s)
{
	struct sockaddr_in a;

	assert_int_equal(s->ops->getname(s, (struct sockaddr *)&a,
					    GETNAME_OWN),
			 sizeof(a));
	return ntohs(a.sin_port);
}

/* addr 0: to the connected peer. Count or -errno. */
static inline ssize_t send_to(struct socket *s, u32 addr, u16 port,
			      const void *data, size_t len, int flags)
{
	struct sockaddr_in a = in_addr(addr, port);
	struct iovec iov;
	struct sockmsg m = { .flags = (u32)flags };

	iov_iter_single(&m.iter, &iov, (void *)data, len);
	if (addr) {
		m.name = &a;
		m.namelen = sizeof(a);
	}
	return s->ops->sendmsg(s, &m, len);
}

struct received {
	ssize_t ret;
	char data[2048];
	struct sockaddr_in from;
	u8 control[256];
	struct sockmsg m;
};

static inline ssize_t recv_all(struct socket *s, struct received *r, size_t len,
			       int flags)
{
	struct iovec iov;

	memset(r, 0, sizeof(*r));
	iov_iter_single(&r->m.iter, &iov, r->data, len);
	r->m.name = &r->from;
	r->m.namelen = sizeof(r->from);
	r->m.control = r->control;
	r->m.controllen = sizeof(r->control);
	r->ret = s->ops->recvmsg(s, &r->m, len, flags);
	return r->ret;
}

static inline ssize_t recv_now(struct socket *s, struct received *r)
{
	return recv_all(s, r, sizeof(r->data), MSG_DONTWAIT);
}

/* Data of the control message, or NULL. */
static inline const void *find_cmsg(struct received *r, int level, int type)
{
	size_t off = 0;

	while (off + sizeof(struct cmsghdr) <= r->m.control_used) {
		struct cmsghdr *c = (struct cmsghdr *)(r->control + off);

		if (c->cmsg_level == level && c->cmsg_type == type)
			return CMSG_DATA(c);
		off += CMSG_ALIGN(c->cmsg_len);
	}
	return NULL;
}

/* A UDP datagram from PEER as it comes by the wire; its checksum is right
 * unless `csum` is given. */
static inline void inject_udp(struct inet_world *iw, u32 daddr, u16 sport,
			      u16 dport, const void *data, u32 len, u16 csum)
{
	u8 buf[2000];
	struct udphdr *uh = (struct udphdr *)buf;
	struct pkt p = { .protocol = IPPROTO_UDP, .daddr = daddr, .data = buf,
			 .len = len + 8 };

	uh->source = cpu_to_be16(sport);
	uh->dest = cpu_to_be16(dport);
	uh->len = cpu_to_be16(len + 8);
	uh->check = 0;
	if (len)
		memcpy(buf + 8, data, len);
	uh->check = csum_tcpudp_magic(cpu_to_be32(PEER), cpu_to_be32(daddr),
				      len + 8, IPPROTO_UDP,
				      csum_partial(buf, len + 8, 0));
	if (csum)
		uh->check = (__force __sum16)csum;
	inject_ip(iw, &p);
}

/* ICMP error from GW about what we sent (`quoted`: from its IP header on). */
static inline void inject_icmp_error(struct inet_world *iw, u8 type, u8 code,
				     u16 mtu, const void *quoted, u32 len)
{
	u8 buf[200];
	struct icmphdr *h = (struct icmphdr *)buf;
	struct pkt p = { .protocol = IPPROTO_ICMP, .saddr = GW, .data = buf };

	len = min_t(u32, len, sizeof(buf) - sizeof(*h));
	memset(h, 0, sizeof(*h));
	h->type = type;
	h->code = code;
	h->un.frag.mtu = cpu_to_be16(mtu);
	memcpy(h + 1, quoted, len);
	p.len = (u32)sizeof(*h) + len;
	h->checksum = ip_compute_csum(buf, p.len);
	inject_ip(iw, &p);
}

static inline int world_setup(void **state)
{
	struct inet_world *iw = calloc(1, sizeof(*iw));

	sock_begin(iw);
	*state = iw;
	return 0;
}

static inline int world_teardown(void **state)
{
	sock_end(*state);
	free(*state);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

#endif
