/* SPDX-License-Identifier: BSD-2-Clause */
/* What a %{ }% snippet can read: names and numbers of a socket. */
#ifndef WEIR_DRILL_CODE_INFO_H
#define WEIR_DRILL_CODE_INFO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes assignments in Python: `tcpi_rto = 201000`, for all members of struct
 * tcp_info that len bytes of info have (0: none, as when there is no socket).
 */
void code_tell_tcp_info(FILE *to, const uint8_t *info, size_t len);
/* SK_MEMINFO_*, as of SO_MEMINFO: n numbers. */
void code_tell_meminfo(FILE *to, const uint32_t *mem, size_t n);
/* As of TCP_CC_INFO under this congestion control. */
void code_tell_cc_info(FILE *to, const char *control, const uint8_t *info, size_t len);
/* Constants: TCP_CA_Open, TCPI_OPT_SACK, TCP_ESTABLISHED, ... */
void code_tell_constants(FILE *to);

#endif
