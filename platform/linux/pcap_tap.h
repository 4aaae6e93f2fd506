/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture of all devices' frames in a pcapng file. */
#ifndef WEIR_PLATFORM_LINUX_PCAP_TAP_H
#define WEIR_PLATFORM_LINUX_PCAP_TAP_H

#include "dev/net.h"

struct pcap_tap;

/* On a CPU of the net's machine. NULL with one line in err. */
struct pcap_tap *pcap_tap_open(struct net *net, const char *path, char *err,
			       size_t errlen);
/* What was captured goes to the file. Any thread. */
void pcap_tap_drain(struct pcap_tap *t);
/* On a CPU. */
void pcap_tap_close(struct pcap_tap *t);

#endif
