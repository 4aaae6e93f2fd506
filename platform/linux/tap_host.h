/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's end of a TAP link: /dev/net/tun behind the driver's ops. */
#ifndef WEIR_PLATFORM_LINUX_TAP_HOST_H
#define WEIR_PLATFORM_LINUX_TAP_HOST_H

#include "drivers/tap/tap.h"

struct tap_host;

#define TAP_HOST_ERR	256

/*
 * Opens (or makes, with the rights to) the host's TAP interface `name`. On
 * success *cfg has ops, os, offloads and mtu for tap_create; name and mac are
 * left alone. 0, or -errno with one line of what is wrong and what to do in
 * `why`. No CPU needed.
 */
int tap_host_open(const char *name, struct tap_config *cfg,
		  char why[TAP_HOST_ERR]);
/* If tap_create failed. */
void tap_host_close(void *os);

#endif
