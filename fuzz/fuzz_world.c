/* SPDX-License-Identifier: BSD-2-Clause */
/* See fuzz_world.h. */
#include "fuzz/fuzz_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/slab.h"
#include "buf/wire/arp.h"
#include "buf/wire/eth.h"
#include "buf/wire/ip.h"
#include "cpu/irq.h"
#include "cpu/rcu.h"
#include "dev/softnet.h"
#include "inet/route.h"
#include "user/sys.h"

const u8 fuzz_stack_mac[6] = { 2, 0, 0, 0, 0, 1 };
const u8 fuzz_peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

char *fuzz_text(struct fuzz_input *in, size_t n)
{
	char *s;

	if (n > in->left)
		n = in->left;
	s = malloc(n + 1);
	must(s, "out of memory");
	s[fuzz_bytes(in, s, (u32)n)] = '\0';
	return s;
}

/* --- the far end of the TAP device -------------------------------------------- */

static ssize_t world_readv(void *os, const struct iovec *iov, int n)
{
	struct fuzz_world *w = os;
	u32 done = 0, len;

	if (!w->in_len)
		return -EAGAIN;
	for (int i = 0; i < n && done < w->in_len; i++) {
		len = min_t(u32, (u32)iov[i].iov_len, w->in_len - done);
		memcpy(iov[i].iov_base, w->in + done, len);
		done += len;
	}
	w->in_len = 0;
	return done;
}

static ssize_t world_writev(void *os, const struct iovec *iov, int n)
{
	struct fuzz_world *w = os;
	size_t done = 0;

	for (int i = 0; i < n; i++) {
		must(done + iov[i].iov_len <= sizeof(w->out), "frame too long");
		memcpy(w->out + done, iov[i].iov_base, iov[i].iov_len);
		done += iov[i].iov_len;
	}
	must(done >= sizeof(struct vnet_hdr) + ETH_HLEN, "frame too short");
	if (w->sent)
		w->sent(w->sent_arg, w->out + sizeof(struct vnet_hdr),
			(u32)(done - sizeof(struct vnet_hdr)));
	return (ssize_t)done;
}

static bool world_readable(void *os)
{
	return ((struct fuzz_world *)os)->in_len;
}

static bool world_writable(void *os)
{
	return true;
}

static void world_want_room(void *os, bool on)
{
}

static int world_fd(void *os)
{
	return -1;
}

static void world_close(void *os)
{
}

static const struct tap_os_ops world_os = {
	.readv = world_readv,
	.writev = world_writev,
	.readable = world_readable,
	.writable = world_writable,
	.want_room = world_want_room,
	.fd = world_fd,
	.close = world_close,
};

static bool world_step(struct fuzz_world *w)
{
	bool any = false;

	while (hw_step_all(fake_machine(w->fp)) || fake_run(w->fp))
		any = true;
	return any;
}

static bool world_pump(void *arg)
{
	struct fuzz_world *w = arg;

	return hw_step_all(fake_machine(w->fp));
}

/* --- packets ---------------------------------------------------------------------- */

void fuzz_frame(struct fuzz_world *w, const struct vnet_hdr *h, const void *frame,
		u32 len)
{
	len = min_t(u32, len, FUZZ_FRAME_MAX);
	memset(w->in, 0, sizeof(struct vnet_hdr));
	if (h)
		memcpy(w->in, h, sizeof(*h));
	memcpy(w->in + sizeof(*h), frame, len);
	w->in_len = (u32)sizeof(*h) + len;
	world_step(w);
}

void fuzz_packet(struct fuzz_world *w, void *packet, u32 len, bool fix)
{
	u8 frame[FUZZ_FRAME_MAX];
	struct iphdr *iph = packet;

	len = min_t(u32, len, IPV4_MAX_LEN);
	if (fix && len >= sizeof(*iph)) {
		u32 hlen = clamp_t(u32, iph_len(iph), 20, len & ~3u);

		iph_set_len(iph, min_t(u32, hlen, 60));
		iph->tot_len = cpu_to_be16((u16)len);
		ip_send_check(iph);
	}
	memcpy(frame, fuzz_stack_mac, 6);
	memcpy(frame + 6, fuzz_peer_mac, 6);
	put_unaligned_be16(ETH_P_IP, frame + 12);
	memcpy(frame + ETH_HLEN, packet, len);
	fuzz_frame(w, NULL, frame, ETH_HLEN + len);
}

/* An ARP request of the peer: the stack learns its address from it. */
static void introduce_peer(struct fuzz_world *w)
{
	u8 f[42];

	memset(f, 0xff, 6);
	memcpy(f + 6, fuzz_peer_mac, 6);
	memcpy(f + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01", 10);
	memcpy(f + 22, fuzz_peer_mac, 6);
	put_unaligned_be32(FUZZ_PEER_ADDR, f + 28);
	memset(f + 32, 0, 6);
	put_unaligned_be32(FUZZ_STACK_ADDR, f + 38);
	fuzz_frame(w, NULL, f, sizeof(f));
}

/* --- programs -------------------------------------------------------------------------- */

static int bound_socket(struct fuzz_world *w, int type, u16 port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = sys_socket(w->net, AF_INET, type | SOCK_NONBLOCK, 0);

	put_unaligned_be16(port, &a.sin_port);
	must(fd >= 0, "no socket");
	must(!sys_bind(w->net, fd, (struct sockaddr *)&a, sizeof(a)), "no bind");
	if (type == SOCK_STREAM)
		must(!sys_listen(w->net, fd, 16), "no listen");
	return fd;
}

void fuzz_programs(struct fuzz_world *w)
{
	char buf[512];
	int fd;

	while (sys_recvfrom(w->net, w->udp, buf, sizeof(buf), MSG_DONTWAIT, NULL,
			    NULL) >= 0)
		;
	fd = sys_accept4(w->net, w->listener, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0)
		return;
	sys_recvfrom(w->net, fd, buf, sizeof(buf), MSG_DONTWAIT, NULL, NULL);
	sys_sendto(w->net, fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL,
		   NULL, 0);
	sys_close(w->net, fd);
	world_step(w);
}

/* --- life ---------------------------------------------------------------------------------- */

static void add_device(struct fuzz_world *w)
{
	struct tap_config cfg = {
		.name = "eth%d", .ops = &world_os, .os = w, .mac = fuzz_stack_mac,
		.offloads = TAP_OFFLOAD_CSUM | TAP_OFFLOAD_TSO,
	};

	w->dev = tap_create(w->net, &cfg);
	must(!IS_ERR(w->dev), "no device");
	must(!dev_open(w->dev), "device does not open");
	must(!inet_addr_add(w->dev, cpu_to_be32(FUZZ_STACK_ADDR), 24),
	     "no address");
}

struct fuzz_world *fuzz_world_begin(void)
{
	struct fuzz_world *w = calloc(1, sizeof(*w));
	const char *floor = "";

	must(w, "out of memory");
	w->fp = fake_platform_create_cpus(1, 1);
	fake_set_pump(w->fp, world_pump, w);
	must(!net_dev_init(fake_machine(w->fp)), "net_dev_init");
	must(!stack_init(fake_machine(w->fp), "fuzz", &w->net, &floor), floor);
	add_device(w);
	introduce_peer(w);
	w->listener = bound_socket(w, SOCK_STREAM, FUZZ_TCP_PORT);
	w->udp = bound_socket(w, SOCK_DGRAM, FUZZ_UDP_PORT);
	return w;
}

void fuzz_world_end(struct fuzz_world *w)
{
	fuzz_programs(w);
	sys_close(w->net, w->listener);
	sys_close(w->net, w->udp);
	w->sent = NULL;
	fake_advance(w->fp, 120 * NSEC_PER_SEC);
	world_step(w);
	tap_destroy(w->dev);
	stack_exit(w->net);
	rcu_barrier(fake_machine(w->fp));
	net_dev_exit(fake_machine(w->fp));
	must(!fake_platform_destroy(w->fp), "memory of the stack leaked");
	free(w);
}
