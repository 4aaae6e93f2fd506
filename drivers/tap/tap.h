/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux TAP as a network device. The driver asks the OS for nothing: frames
 * go through tap_os_ops, which platform/linux/tap_host.c fills for
 * /dev/net/tun, and tests fill with a fake.
 *
 * Every frame is preceded by a virtio_net_hdr (10 bytes, little-endian, as
 * IFF_VNET_HDR with TUNSETVNETHDRSZ 10 has it), so that checksums and
 * segmentation are left to whoever can do them cheapest.
 */
#ifndef WEIR_DRIVERS_TAP_TAP_H
#define WEIR_DRIVERS_TAP_TAP_H

#include "dev/netdevice.h"

struct tap_os_ops {
	/* One frame with its virtio_net_hdr. Bytes moved, -EAGAIN when there
	 * is none (no room), or -errno. Never blocks. Any context. */
	ssize_t (*readv)(void *os, const struct iovec *iov, int n);
	ssize_t (*writev)(void *os, const struct iovec *iov, int n);
	/* A frame is waiting. */
	bool (*readable)(void *os);
	/* There is room again after writev said -EAGAIN. */
	bool (*writable)(void *os);
	/* Descriptor that becomes readable with a frame or, while that is
	 * wanted, with room; -1: none. */
	int (*fd)(void *os);
	void (*want_room)(void *os, bool on);
	void (*close)(void *os);
};

/* What the other side takes (TUNSETOFFLOAD accepted it). */
#define TAP_OFFLOAD_CSUM	1u
#define TAP_OFFLOAD_TSO		2u	/* v4 and v6, with ECN */
#define TAP_OFFLOAD_USO		4u	/* UDP segmentation */

struct tap_config {
	const char *name;		/* of the device here; may hold "%d" */
	const struct tap_os_ops *ops;
	void *os;			/* handed to the ops; closed at destroy */
	u32 offloads;			/* TAP_OFFLOAD_* */
	u32 mtu;			/* 0: 1500 */
	const u8 *mac;			/* NULL: random, locally administered */
};

/* Registered, not up. ERR_PTR; then `os` is still the caller's. Task. */
struct net_device *tap_create(struct net *net, const struct tap_config *cfg);
void tap_destroy(struct net_device *dev);

#endif
