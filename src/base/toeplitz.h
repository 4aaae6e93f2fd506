/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Toeplitz hash with which a NIC spreads flows over its queues (RSS;
 * Microsoft's "RSS hashing functions", 82576 data sheet 7.1.2.8). Linear over
 * GF(2): every input bit that is set adds (xors) the 32 key bits that begin
 * at its own position. The key needs 4 bytes more than the input.
 */
#ifndef WEIR_BASE_TOEPLITZ_H
#define WEIR_BASE_TOEPLITZ_H

#include "base/types.h"

#define TOEPLITZ_KEY_LEN	40

/* len <= TOEPLITZ_KEY_LEN - 4 bytes, in the order of the wire. */
u32 toeplitz_hash(const u8 key[TOEPLITZ_KEY_LEN], const void *in, size_t len);
/* Input of 12 bytes: addresses, ports; 8 when the ports are left out. */
u32 toeplitz_ipv4(const u8 key[TOEPLITZ_KEY_LEN], __be32 saddr, __be32 daddr);
u32 toeplitz_ipv4_ports(const u8 key[TOEPLITZ_KEY_LEN], __be32 saddr,
			__be32 daddr, __be16 sport, __be16 dport);

#endif
