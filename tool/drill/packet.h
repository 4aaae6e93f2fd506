/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets as bytes, and as the script's tree. A struct drill_packet may stand
 * in two worlds: in the script's numbers (sequence numbers from 0) or in live
 * ones (as on the wire). Here all are live; live.h changes between them.
 */
#ifndef WEIR_DRILL_PACKET_H
#define WEIR_DRILL_PACKET_H

#include "script.h"

#include <netinet/in.h>

#define DRILL_PACKET_ROOM	65535

/* One packet that passed the device. */
struct drill_wire {
	int64_t when;			/* ns of the world's clock */
	struct in_addr src, dst;
	uint16_t src_port, dst_port;	/* of an ICMP error: of what it quotes */
	bool quoted;			/* the ports are those of a quote */
	bool bad_checksum;		/* of IP, TCP, UDP or ICMP */
	struct drill_packet p;		/* live numbers; dir is set by the caller */
};

/* Where a packet comes from and goes to. An ICMP error quotes a packet of the
 * other direction: from dst:dst_port to src:src_port. */
struct drill_path {
	struct in_addr src, dst;
	uint16_t src_port, dst_port;
};

/*
 * p as an IPv4 packet in buf, with checksums. Payload is the pattern of
 * drill_pattern(). Length, or -1 with why: p cannot be written (options that
 * do not fit, too long, an ICMP name of the other version).
 */
long drill_packet_build(const struct drill_packet *p, const struct drill_path *path,
			uint8_t *buf, size_t room, const char **why);

/* The other way. 0, or -1 with why: this is no packet of IPv4 with TCP, UDP or
 * ICMP. */
int drill_packet_parse(const uint8_t *buf, size_t len, struct drill_wire *w, const char **why);

/* What stands at a sequence number of a stream that scripts send. */
static inline uint8_t drill_pattern(uint32_t seq)
{
	return (uint8_t)(seq ^ seq >> 8 ^ seq >> 16);
}

/* Bytes that the options take on the wire, without padding; -1: one of them has
 * a length that cannot be. */
int drill_opts_size(const struct drill_tcp *t);

/* NULL: actual is what the line of the script says, both in the script's
 * numbers; else the first difference, in words, in buf. */
struct drill_compare {
	int64_t ts_slack;	/* ticks a TS value may be off; < 0: any value */
};
const char *drill_packet_differs(const struct drill_packet *script,
				 const struct drill_packet *actual,
				 const struct drill_compare *how, char *buf, size_t size);

/*
 * A large packet that the device would cut (TSO) may stand in the script as
 * several lines, cut where the device does: at multiples of mss bytes. True:
 * actual is one, longer than the line; *head is its part that is as long as the
 * line, and actual what is left.
 */
bool drill_packet_cut(const struct drill_packet *script, struct drill_packet *actual,
		      unsigned int mss, struct drill_packet *head);

#endif
