/* SPDX-License-Identifier: BSD-2-Clause */
/* The text that names a link: "wire:lab,loss=1%,mtu=9000", "tap:tap0". */
#ifndef WEIR_PLATFORM_LINUX_LINK_SPEC_H
#define WEIR_PLATFORM_LINUX_LINK_SPEC_H

#include "hw/fault.h"

enum link_kind { LINK_WIRE, LINK_TAP };

struct link_spec {
	enum link_kind kind;
	char name[33];
	bool has_mac;
	u8 mac[6];
	u32 mtu;			/* 0: default */
	u32 queues;			/* 0: default */
	bool plain;			/* frames as on a cable: "offload=off" */
	struct fault impair;
};

/* 0, or -EINVAL with one line in err. */
int link_spec_parse(struct link_spec *spec, const char *text, char *err,
		    size_t errlen);
static inline bool link_spec_impaired(const struct link_spec *s)
{
	return fault_any(&s->impair);
}

#endif
