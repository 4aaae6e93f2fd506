/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the constants of socket programming, and back: the values are those
 * of the system's headers, which weir's calls use too.
 */
#ifndef WEIR_DRILL_SYMBOLS_H
#define WEIR_DRILL_SYMBOLS_H

#include "script.h"

/* Families, for the way back from a number to names. */
enum drill_family {
	DRILL_FAM_ERRNO,	/* EAGAIN */
	DRILL_FAM_AF,		/* AF_INET */
	DRILL_FAM_SOCK,		/* SOCK_STREAM and flags */
	DRILL_FAM_IPPROTO,
	DRILL_FAM_LEVEL,	/* SOL_SOCKET */
	DRILL_FAM_SO,		/* SO_REUSEADDR */
	DRILL_FAM_TCP,		/* TCP_NODELAY */
	DRILL_FAM_IP,
	DRILL_FAM_IPV6,
	DRILL_FAM_UDP,
	DRILL_FAM_MSG,		/* flags: MSG_PEEK */
	DRILL_FAM_POLL,		/* flags: POLLIN */
	DRILL_FAM_EPOLL,	/* flags: EPOLLIN */
	DRILL_FAM_O,		/* flags: O_NONBLOCK */
	DRILL_FAM_STATE,	/* TCP_ESTABLISHED … */
	DRILL_FAM_CA,		/* TCP_CA_Open … */
	DRILL_FAM_OTHER,	/* found by name only */
};

/* True and *value, if the name is one of them. */
bool drill_symbol_value(const char *name, int64_t *value);
/* A name of value in the family, NULL: none. */
const char *drill_symbol_name(enum drill_family family, int64_t value);
/*
 * value as names joined by `|`, what has no name in hex, "0" for nothing:
 * "POLLIN|POLLHUP|0x4000". At most size bytes with the NUL; returns buf.
 */
char *drill_symbol_flags(enum drill_family family, uint64_t value, char *buf, size_t size);

/*
 * The numbers of m's names (type_name, code_name) in ICMP or ICMPv6, or its
 * type and code if it has no names. False: that version has no such name (and
 * *bad, if not NULL, points at the name).
 */
bool drill_icmp_resolve(const struct drill_icmp *m, bool ipv6, uint8_t *type, uint8_t *code,
			const char **bad);
/* Names for messages; "type_N" and "code_N" where there is none (in buf). */
const char *drill_icmp_type_name(bool ipv6, uint8_t type, char *buf, size_t size);
const char *drill_icmp_code_name(bool ipv6, uint8_t type, uint8_t code, char *buf, size_t size);

#endif
