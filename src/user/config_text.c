/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of the configuration calls. */
#include "user/config_text.h"

#include "base/uapi.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

int ipv4_parse(const char *text, __be32 *addr)
{
	__be32 a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return -EINVAL;
	*addr = a;
	return 0;
}

int u32_parse(const char *text, u32 lo, u32 hi, u32 *out)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v < lo || v > hi)
		return -EINVAL;
	*out = (u32)v;
	return 0;
}

int cidr_parse(const char *text, __be32 *addr, u8 *plen)
{
	char copy[32], *slash;
	u32 len = 32;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash) {
		*slash++ = '\0';
		if (u32_parse(slash, 0, 32, &len))
			return -EINVAL;
	}
	if (ipv4_parse(copy, addr))
		return -EINVAL;
	*plen = (u8)len;
	return 0;
}

int mac_parse(const char *text, u8 mac[6])
{
	unsigned int b[6];
	int i, used = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2],
		   &b[3], &b[4], &b[5], &used) != 6 || text[used])
		return -EINVAL;
	for (i = 0; i < 6; i++)
		mac[i] = (u8)b[i];
	return 0;
}

/* Those that configuring can come back with, in the words of errno(3). */
static const struct {
	int err;
	const char *text;
} errnos[] = {
	{ EPERM, "Operation not permitted" },
	{ ENOENT, "No such file or directory" },
	{ ESRCH, "No such process" },
	{ EBADF, "the stack cannot be entered" },
	{ ENOMEM, "Cannot allocate memory" },
	{ EACCES, "Permission denied" },
	{ EBUSY, "Device or resource busy" },
	{ EEXIST, "File exists" },
	{ ENODEV, "no such device" },
	{ EINVAL, "Invalid argument" },
	{ ERANGE, "Numerical result out of range" },
	{ EOPNOTSUPP, "Operation not supported" },
	{ EADDRNOTAVAIL, "Cannot assign requested address" },
	{ ENETDOWN, "Network is down" },
	{ ENETUNREACH, "Network is unreachable" },
	{ ENOBUFS, "No buffer space available" },
	{ EHOSTUNREACH, "No route to host" },
};

const char *errno_text(int err)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		if (errnos[i].err == (err < 0 ? -err : err))
			return errnos[i].text;
	return "not possible";
}

int config_refuse(char *err, size_t errlen, int ret, const char *what,
		  const char *why)
{
	snprintf(err, errlen, "%s: %s", what, why);
	return ret;
}
