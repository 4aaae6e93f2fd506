/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer that does what the test says: the other end of the cable, without a
 * stack. It answers ARP for its addresses; all else is a conversation:
 *
 *	say(&t, "S 0:0(0) win 65535 <mss 1460>");
 *	hear(&t, "S. 0:0(0) ack 1 <mss 1460>");
 *	say(&t, ". 1:1(0) ack 1 win 65535");
 *
 * Lines are as in packetdrill scripts (tests/support/segment.h); sequence
 * numbers count from each side's SYN. What is heard is checked: flags (PSH
 * only when the line has it), numbers, lengths, checksums; ack, win, urg and
 * options only when the line has them; options are a shell pattern, such as
 * <mss *,*>. hear() wants the segment at once (within HEAR_NOW), hear_in()
 * within the given times, counted from the last thing said or heard.
 */
#ifndef WEIR_TESTS_PEER_H
#define WEIR_TESTS_PEER_H

#include "tests/support/segment.h"
#include "tests/support/world.h"

#define HEAR_NOW	(5 * NSEC_PER_MSEC)
#define PEER_FRAMES	2048
#define PEER_ISN	0x7ffff000u	/* data soon cross the sign bit */

struct peer_frame {
	ktime_t when;
	u32 len;
	u8 *bytes;
};

struct peer {
	struct world *w;
	struct hw_link *link;
	u8 mac[6];
	u32 addr;			/* 10.0.0.2, and it has all others */
	bool deaf_to_arp;
	bool forwarding;		/* the stack forwards what we sent: its
					 * own packets only are checked */
	u32 arp_requests;
	struct peer_frame queue[PEER_FRAMES];	/* heard, not asked for yet */
	u32 first, count;
	u16 next_id;
	struct segment last;		/* as heard; data is in last_frame */
	u8 *last_frame;
	u32 last_len;
	ktime_t last_when;
	ktime_t since;			/* last said or heard */
	/* for the next segment said only */
	struct {
		u8 tos, ttl;
		u16 frag_off;
		bool bad_csum, bad_ip_csum;
		bool quiet;		/* time does not pass after it */
	} next;
};

/* One TCP connection of the peer. */
struct talk {
	struct peer *p;
	u32 addr;			/* the peer's */
	u16 port, stack_port;
	u32 isn, stack_isn;
	bool stack_isn_known;
	struct segment *heard;		/* p->last */
};

/* By world_open_peer(), world_close() and the cable. */
void peer_init(struct peer *p, struct world *w, struct hw_link *link);
void peer_fini(struct peer *p);
void peer_step(struct peer *p);

/* Sends the frame made of *s: addresses and MACs are filled in when 0. */
void peer_send(struct peer *p, struct segment *s);
void peer_send_bytes(struct peer *p, const u8 *frame, u32 len);
/* The next frame (not ARP) within `limit`, in p->last; false: none came. */
bool peer_next(struct peer *p, ktime_t limit);
/* Fails the test when any frame comes within ns. */
void peer_quiet(struct peer *p, ktime_t ns);
/* Forgets what was heard. */
void peer_forget(struct peer *p);

void talk_init(struct talk *t, struct peer *p, u16 port, u16 stack_port);
void say(struct talk *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hear(struct talk *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hear_in(struct talk *t, ktime_t from, ktime_t to, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Nothing of this connection, nor anything else, for ns. */
static inline void silence(struct talk *t, ktime_t ns) { peer_quiet(t->p, ns); }

/* The peer connects to a listener at t->stack_port: three segments. The
 * peer's window is `win`, options as given (NULL: mss 1460). */
void talk_open(struct talk *t, u32 win, const char *opts);
/* Host a's nonblocking socket connects to the peer; its descriptor. */
int talk_accept(struct talk *t, u32 win, const char *opts);
/* talk_open, and accept() on host a: its nonblocking descriptor. */
int talk_serve(struct talk *t, struct peer *p, u16 port, u32 win,
	       const char *opts);

/* Datagrams and messages. */
void say_udp(struct peer *p, u16 from, u16 to, const void *data, u32 len);
/* from 0: any port */
void hear_udp(struct peer *p, u16 from, u16 to, u32 len);
/* An ICMP error about the frame heard last. */
void say_icmp_error(struct peer *p, u8 type, u8 code, u32 info);
void hear_icmp(struct peer *p, u8 type, u8 code);

#endif
