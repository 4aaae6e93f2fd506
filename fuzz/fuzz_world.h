/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole stack on the fake platform, with a TAP device whose other end is the
 * fuzzer. Deterministic: the same bytes give the same run.
 *
 * The stack is 10.0.0.1/24 with the MAC 02:00:00:00:00:01; the fuzzer's side
 * is 10.0.0.2 with 02:00:00:00:00:02, and is in the neighbour table already.
 * A TCP socket listens on port 80, a UDP socket is bound to 53.
 *
 * At the end everything must have been freed; what was not aborts the run.
 */
#ifndef WEIR_FUZZ_FUZZ_WORLD_H
#define WEIR_FUZZ_FUZZ_WORLD_H

#include "base/uapi.h"
#include "drivers/tap/tap.h"
#include "drivers/tap/tap_vnet.h"
#include "fuzz/fuzz_input.h"
#include "tests/support/fake_platform.h"
#include "user/stack.h"

#define FUZZ_STACK_ADDR	0x0a000001u
#define FUZZ_PEER_ADDR	0x0a000002u
#define FUZZ_TCP_PORT	80
#define FUZZ_UDP_PORT	53
#define FUZZ_FRAME_MAX	(65536u + 256u)

extern const u8 fuzz_stack_mac[6], fuzz_peer_mac[6];

struct fuzz_world {
	struct fake_platform *fp;
	struct net *net;
	struct net_device *dev;
	int listener, udp;		/* descriptors */
	/* a frame on its way in: header and bytes */
	u8 in[sizeof(struct vnet_hdr) + FUZZ_FRAME_MAX];
	u32 in_len;			/* 0: none */
	/* called with each frame that the stack sends; may be NULL */
	void (*sent)(void *arg, const u8 *frame, u32 len);
	void *sent_arg;
	u8 out[sizeof(struct vnet_hdr) + FUZZ_FRAME_MAX];
};

struct fuzz_world *fuzz_world_begin(void);
/* Closes all, lets two minutes pass, checks that nothing leaked. */
void fuzz_world_end(struct fuzz_world *w);

/* The frame arrives and everything it sets off happens. h NULL: all zero. */
void fuzz_frame(struct fuzz_world *w, const struct vnet_hdr *h, const void *frame,
		u32 len);
/* The same for an IPv4 packet: Ethernet header before it. With `fix`, version,
 * lengths and header checksum are made right first. */
void fuzz_packet(struct fuzz_world *w, void *packet, u32 len, bool fix);
/* Sends, reads, accepts a little on all sockets, as a program would. */
void fuzz_programs(struct fuzz_world *w);

#endif
