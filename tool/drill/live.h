/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections as the script and the stack see them. A script counts sequence
 * numbers from each side's SYN and knows no ports; the stack has its own
 * numbers. This is the dictionary between both.
 *
 * Packets with SYN have the script's own initial number ("S 5678:5678(0)");
 * all others count from it. What scripts send keeps its numbers (the script's
 * initial number is the live one); the stack's initial number is learned from
 * its first SYN. Time stamps sent by scripts go out as they are; those of the
 * stack are remembered pairwise, so that an echo in the script finds the live
 * value.
 */
#ifndef WEIR_DRILL_LIVE_H
#define WEIR_DRILL_LIVE_H

#include "packet.h"

#define LIVE_STAMPS	64

struct live_side {
	bool known;		/* live is */
	uint32_t script, live;	/* the initial sequence number */
};

struct live_stamp {
	uint32_t script, live;
};

struct live_conn {
	struct live_conn *next;		/* older */
	enum drill_proto proto;
	bool active;			/* opened by a call, not by a packet */
	bool has_ports;			/* tuple is known */
	uint16_t local_port, remote_port;
	int fd;				/* the script's, -1: not yet accepted */
	bool reopened;			/* a call wants a new SYN */
	uint32_t read;			/* bytes that the program has read */
	bool read_unknown;		/* no more: by means that do not count */
	struct live_side local, remote;	/* of the stack; of the script's end */
	bool remote_fixed;		/* the stack has acknowledged remote's SYN */
	uint32_t last_syn, last_syn_len; /* that the script sent */
	unsigned int mss;		/* that the script's end announced; 0: none */
	struct live_stamp stamps[LIVE_STAMPS];	/* a ring */
	unsigned int nr_stamps;		/* ever */
	struct live_stamp first_stamp;
};

struct live {
	struct live_conn *conns;	/* newest first */
	struct live_conn *current;	/* that the script talks about */
	bool listening;			/* since the last passive connection */
	struct in_addr local_addr, remote_addr;
	uint16_t bind_port, connect_port, next_port;
	unsigned int ts_tick_usecs;	/* 0: TS values are not compared */
	bool ts_ecr_scaled;		/* the script's echoes count from its first TS
					 * value, whether it saw them or not */
};

void live_init(struct live *l);
void live_fini(struct live *l);

/* --- what calls tell ------------------------------------------------------------ */

void live_listen(struct live *l);
/* connect(fd) or a sendto(fd) with an address is about to be called. 0 or
 * -ENOMEM. */
int live_connect(struct live *l, int fd, enum drill_proto proto);
/* A socket that only has a local port, as of UDP after bind. */
int live_bind(struct live *l, int fd, enum drill_proto proto, uint16_t port);
void live_accepted(struct live *l, int fd, uint16_t remote_port);
void live_closed(struct live *l, int fd);
/* The connection of a descriptor, or NULL. */
struct live_conn *live_by_fd(struct live *l, int fd);
/* The program has read these bytes of the stream (peek: and they stay there). The
 * first that is not as the script has sent it, or n: all are. */
size_t live_read(struct live_conn *c, const uint8_t *bytes, size_t n, bool peek);

/* --- script to stack -------------------------------------------------------------- */

/*
 * A line `<` of the script: *live is the packet with live numbers, *path its
 * way. 0 or -ENOMEM. What the packet tells is remembered.
 */
int live_inbound(struct live *l, const struct drill_packet *script, struct drill_packet *live,
		 struct drill_path *path, struct live_conn **conn);

/* --- stack to script -------------------------------------------------------------- */

/* A packet has left the stack: whose it is; NULL: of none that the script has
 * to do with. */
struct live_conn *live_outbound(struct live *l, const struct drill_wire *w);
/* The connection of which a line `>` speaks. */
struct live_conn *live_expected(struct live *l, const struct drill_packet *script);
/* The line is about to be compared with the packet: what can be learned from
 * both together (the script's numbers for the stack's SYN and time stamps). */
void live_pair(struct live *l, struct live_conn *c, const struct drill_packet *script,
	       const struct drill_packet *live);
/* live in the script's numbers. c may be NULL: numbers stay. */
void live_to_script(const struct live *l, const struct live_conn *c,
		    const struct drill_packet *live, struct drill_packet *script);

#endif
