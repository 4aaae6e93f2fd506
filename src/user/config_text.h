/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words of the configuration calls: addresses, prefixes, numbers, and errors
 * as text. Parsers return 0 or -EINVAL and leave the result alone then.
 */
#ifndef WEIR_USER_CONFIG_TEXT_H
#define WEIR_USER_CONFIG_TEXT_H

#include "base/types.h"

/* "10.0.0.1" */
int ipv4_parse(const char *text, __be32 *addr);
/* "10.0.0.1/24"; without a length: 32. */
int cidr_parse(const char *text, __be32 *addr, u8 *plen);
/* "02:00:00:00:00:01" */
int mac_parse(const char *text, u8 mac[6]);
/* Decimal, lo to hi. */
int u32_parse(const char *text, u32 lo, u32 hi, u32 *out);

/* What an errno of these calls means; never NULL. */
const char *errno_text(int err);
/* Writes "what: why" and returns ret. */
int config_refuse(char *err, size_t errlen, int ret, const char *what,
		  const char *why);

#endif
