/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets, options and calls in the language of the script again, for messages:
 *
 *	expected: > P. 1:1001(1000) ack 1 win 256 <nop,nop,TS val 10 ecr 2>
 *	  actual: > P. 1:1449(1448) ack 1 win 256 <nop,nop,TS val 10 ecr 2>
 *
 * All write at most size bytes into buf, always with a NUL (if size is not 0),
 * and return buf. What does not fit is cut off.
 */
#ifndef WEIR_DRILL_FORMAT_H
#define WEIR_DRILL_FORMAT_H

#include "script.h"

/* The longest packet that a script can have fits. */
#define DRILL_FORMAT_SIZE 1536

char *drill_format_packet(const struct drill_packet *p, char *buf, size_t size);
char *drill_format_flags(const struct drill_tcp *t, char *buf, size_t size);
char *drill_format_opt(const struct drill_opt *o, char *buf, size_t size);
/* `<mss 1460,nop,wscale 8>`, `<...>`, or nothing. */
char *drill_format_opts(const struct drill_tcp *t, char *buf, size_t size);
/* "+0.100000", "1.000000~1.200000", "*", "+0.000000...0.010000": µs, ns where they are not 0. */
char *drill_format_time(const struct drill_time *t, char *buf, size_t size);
char *drill_format_expr(const struct drill_expr *e, char *buf, size_t size);

#endif
