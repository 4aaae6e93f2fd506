/* SPDX-License-Identifier: BSD-2-Clause */
/* See lab.h. */
#include "tests/support/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define CHUNK	16384u

struct weir *lab_host(struct weir_sim *s, const char *name,
		      const struct weir_sim_host_options *ho)
{
	char err[200] = "";
	struct weir *h = weir_sim_host(s, name, ho, err, sizeof(err));

	if (!h)
		fail_msg("%s", err);
	return h;
}

void lab_addr(struct weir *h, const char *dev, const char *cidr)
{
	char err[200] = "";

	if (weir_addr_add(h, dev, cidr, err, sizeof(err)))
		fail_msg("%s", err);
}

void lab_open_alone(struct lab *lab, const struct weir_sim_options *o,
		    const struct weir_sim_host_options *ho)
{
	char err[200] = "";

	memset(lab, 0, sizeof(*lab));
	lab->s = weir_sim_create(o, err, sizeof(err));
	if (!lab->s)
		fail_msg("%s", err);
	lab->a = lab_host(lab->s, "a", ho);
}

void lab_open(struct lab *lab, const struct weir_sim_options *o,
	      const struct weir_sim_host_options *ho, const char *spec)
{
	char err[200] = "";

	lab_open_alone(lab, o, ho);
	lab->b = lab_host(lab->s, "b", ho);
	lab->l = weir_sim_link(lab->s, lab->a, lab->b, spec ? spec : "", err,
			       sizeof(err));
	if (!lab->l)
		fail_msg("%s", err);
	lab_addr(lab->a, "eth0", LAB_A "/24");
	lab_addr(lab->b, "eth0", LAB_B "/24");
}

void lab_close(struct lab *lab)
{
	assert_int_equal(weir_sim_destroy(lab->s), 0);
}

void lab_link_set(struct lab *lab, int direction, const char *spec)
{
	char err[200] = "";

	if (weir_sim_link_set(lab->l, direction, spec, err, sizeof(err)))
		fail_msg("%s", err);
}

void lab_neighbours(struct lab *lab)
{
	char mac[18], err[200] = "";

	assert_int_equal(weir_sim_link_mac(lab->l, 1, mac), 0);
	assert_int_equal(weir_neigh_set(lab->a, "eth0", LAB_B, mac, err,
					sizeof(err)), 0);
	assert_int_equal(weir_sim_link_mac(lab->l, 0, mac), 0);
	assert_int_equal(weir_neigh_set(lab->b, "eth0", LAB_A, mac, err,
					sizeof(err)), 0);
}

struct weir_sim_task *lab_spawn(struct weir *h,
				int (*fn)(struct weir *h, void *arg),
				void *arg)
{
	struct weir_sim_task *t = weir_sim_spawn(h, "task", fn, arg);

	assert_non_null(t);
	return t;
}

/* --- sockets -------------------------------------------------------------------- */

static struct sockaddr_in address(const char *addr, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port) };

	if (addr)
		assert_int_equal(inet_pton(AF_INET, addr, &a.sin_addr), 1);
	return a;
}

static int bound(struct weir *h, int type, const char *addr, uint16_t port)
{
	struct sockaddr_in a = address(addr, port);
	int fd = weir_socket(h, AF_INET, type, 0), one = 1;

	if (fd < 0)
		fail_msg("socket: %s", strerror(-fd));
	weir_setsockopt(h, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(weir_bind(h, fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

int lab_udp(struct weir *h, const char *addr, uint16_t port)
{
	return bound(h, SOCK_DGRAM, addr, port);
}

int lab_listen(struct weir *h, uint16_t port)
{
	int fd = bound(h, SOCK_STREAM, NULL, port);

	assert_int_equal(weir_listen(h, fd, 16), 0);
	return fd;
}

int lab_connect(struct weir *h, const char *addr, uint16_t port)
{
	struct sockaddr_in a = address(addr, port);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0), err;

	assert_true(fd >= 0);
	err = weir_connect(h, fd, (struct sockaddr *)&a, sizeof(a));
	if (err)
		fail_msg("connect to %s: %s", addr, strerror(-err));
	return fd;
}

int lab_accept(struct weir *h, int listener)
{
	int fd = weir_accept4(h, listener, NULL, NULL, 0);

	if (fd < 0)
		fail_msg("accept: %s", strerror(-fd));
	return fd;
}

ssize_t lab_sendto(struct weir *h, int fd, const void *data, size_t n,
		   const char *addr, uint16_t port)
{
	struct sockaddr_in a = address(addr, port);

	return weir_sendto(h, fd, data, n, 0, (struct sockaddr *)&a, sizeof(a));
}

void lab_pair(struct lab *lab, uint16_t port, int fd[2])
{
	int listener = lab_listen(lab->b, port);

	fd[0] = lab_connect(lab->a, LAB_B, port);
	fd[1] = lab_accept(lab->b, listener);
	assert_int_equal(weir_close(lab->b, listener), 0);
}

/* --- streams --------------------------------------------------------------------- */

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint8_t lab_byte(uint64_t key, uint64_t pos)
{
	return (uint8_t)(mix(mix(key + 1) + pos / 8) >> pos % 8 * 8);
}

void lab_fill(void *buf, size_t n, uint64_t key, uint64_t pos)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)buf)[i] = lab_byte(key, pos + i);
}

ssize_t lab_check(const void *buf, size_t n, uint64_t key, uint64_t pos)
{
	for (size_t i = 0; i < n; i++)
		if (((const uint8_t *)buf)[i] != lab_byte(key, pos + i))
			return (ssize_t)i;
	return -1;
}

int lab_send_stream(struct weir *h, int fd, uint64_t key, size_t n)
{
	uint8_t buf[CHUNK];
	size_t pos = 0;

	while (pos < n) {
		size_t now = n - pos < CHUNK ? n - pos : CHUNK;
		ssize_t done;

		lab_fill(buf, now, key, pos);
		done = weir_send(h, fd, buf, now, MSG_NOSIGNAL);
		if (done < 0)
			return (int)done;
		pos += (size_t)done;
	}
	return 0;
}

int lab_recv_stream(struct weir *h, int fd, uint64_t key, size_t n)
{
	uint8_t buf[CHUNK];
	size_t pos = 0;

	while (pos < n) {
		ssize_t got = weir_recv(h, fd, buf, n - pos < CHUNK ? n - pos :
					CHUNK, 0);

		if (got <= 0)
			return got ? (int)got : -EPIPE;
		if (lab_check(buf, (size_t)got, key, pos) >= 0)
			return -EBADMSG;
		pos += (size_t)got;
	}
	return 0;
}
