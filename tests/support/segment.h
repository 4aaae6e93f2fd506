/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames as lines of text and back. TCP segments are written as in
 * packetdrill scripts:
 *
 *	S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 7>
 *	P. 1:1001(1000) ack 1 win 257 <nop,nop,sack 3001:4001 5001:6001>
 *
 * Flags: F S R P . U E W A (. is ACK, W is CWR, A is AE). After them, in any order: ack
 * N, win N, urg N. Options: mss N, wscale N, sackOK, nop, eol, TS val N ecr N,
 * sack N:N ..., ECN e1b N ceb N e0b N (kind 174), and any other as "kind N len N" (bytes 0).
 */
#ifndef WEIR_TESTS_SEGMENT_H
#define WEIR_TESTS_SEGMENT_H

#include "buf/wire/arp.h"
#include "buf/wire/eth.h"
#include "buf/wire/icmp.h"
#include "buf/wire/ip.h"
#include "buf/wire/tcp.h"
#include "buf/wire/udp.h"

#define SEGMENT_OPTS	160

/* A frame taken apart; numbers in host order, sequence numbers absolute. */
struct segment {
	u16 ether_type;
	u8 src_mac[6], dst_mac[6];
	/* IP */
	u32 saddr, daddr;
	u16 id, frag_off, tot_len;	/* frag_off with IP_DF, IP_MF */
	u8 protocol, tos, ttl;
	bool ip_ok, csum_ok;
	/* transport */
	u16 sport, dport;
	u32 seq, ack;
	u16 win, urg;
	u8 flags;			/* TCPHDR_* */
	bool ae;			/* the flag beyond them */
	u8 type, code;			/* ICMP */
	u32 info;			/* ICMP: second word */
	u8 raw_opts[40];
	u32 optlen;
	const u8 *data;			/* payload, within the frame */
	u32 len;
	u32 ts_val, ts_ecr;		/* 0 when absent */
	u32 mss;
	int wscale;			/* -1: absent */
};

/* false: not a whole frame of a kind that is known (ARP: only ether_type). */
bool segment_parse(struct segment *s, const u8 *frame, u32 len);
/* TCP options as text; `base` is subtracted from the edges of SACK blocks. */
void segment_opts_text(const struct segment *s, u32 base, char *text,
		       size_t room);
/* "S. 0:0(0) ack 1 win 65535 <...>" with numbers relative to seq0 and ack0. */
void segment_tcp_text(const struct segment *s, u32 seq0, u32 ack0, char *text,
		      size_t room);
/* Any frame, for people. */
void frame_text(const u8 *frame, u32 len, char *text, size_t room);

/* What a line of text says; which parts it has is in `has`. */
enum { SEG_HAS_ACK = 1, SEG_HAS_WIN = 2, SEG_HAS_URG = 4, SEG_HAS_OPTS = 8 };
struct segment_line {
	struct segment s;		/* numbers as written */
	u32 has;
	char opts[SEGMENT_OPTS];	/* text between < and > */
};
/* Fails the test with a message when the line cannot be understood. */
void segment_line_parse(struct segment_line *l, const char *line);
/* Text of options to bytes, padded to whole words; `base` is added to SACK
 * edges. Number of bytes. Fails the test if not understood. */
u32 segment_opts_build(u8 *to, const char *text, u32 base);

/* From s (payload at s->data) to a frame of at most `room` bytes with correct
 * lengths and checksums; its length. */
u32 segment_build(const struct segment *s, u8 *frame, u32 room);

#endif
