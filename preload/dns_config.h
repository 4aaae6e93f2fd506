/* SPDX-License-Identifier: BSD-2-Clause */
/* resolv.conf(5), as far as the shim follows it. */
#ifndef WEIR_PRELOAD_DNS_CONFIG_H
#define WEIR_PRELOAD_DNS_CONFIG_H

#include "names.h"

#define DNS_MAX_SERVERS	3
#define DNS_MAX_SEARCH	6

struct dns_config {
	struct sockaddr_in server[DNS_MAX_SERVERS];
	int nr_servers;
	char search[DNS_MAX_SEARCH][NAME_ROOM];
	int nr_search;
	int ndots, timeout_s, attempts;
};

/* WEIR_DNS (addresses, comma between), else /etc/resolv.conf. */
void dns_config_read(struct dns_config *c);

#endif
