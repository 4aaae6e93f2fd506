/* SPDX-License-Identifier: BSD-2-Clause */
/* Names to addresses and back: files first, then the DNS through the stack.
 * libc's own resolver would ask the host's network. */
#ifndef WEIR_PRELOAD_NAMES_H
#define WEIR_PRELOAD_NAMES_H

#include "shim.h"

#include <netinet/in.h>

#define NAME_MAX_ADDRS	16
#define NAME_ROOM	256

struct name_answer {
	int n;
	struct in_addr addr[NAME_MAX_ADDRS];
	char canon[NAME_ROOM];
};

/* Number of addresses found. */
int hosts_by_name(const char *name, struct name_answer *a);
bool hosts_by_addr(struct in_addr addr, char *name, size_t room);

/* dns.c: 0, EAI_NONAME, EAI_NODATA, EAI_AGAIN (nobody answers), EAI_FAIL. */
int dns_by_name(const char *name, struct name_answer *a);
int dns_by_addr(struct in_addr addr, char *name, size_t room);

/* resolve.c: files, then DNS. */
int name_to_addrs(const char *name, struct name_answer *a);
int addr_to_name(struct in_addr addr, char *name, size_t room);

#endif
