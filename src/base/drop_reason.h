/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a packet died. One list (drop_reason.def) makes the enum, the names,
 * the counters and the man page. Names are the kernel's SKB_DROP_REASON_*
 * where it has one; a name never changes its meaning.
 */
#ifndef WEIR_BASE_DROP_REASON_H
#define WEIR_BASE_DROP_REASON_H

enum skb_drop_reason {
	SKB_NOT_DROPPED_YET,
#define DROP_REASON(name, what) SKB_DROP_REASON_##name,
#include "base/drop_reason.def"
#undef DROP_REASON
	SKB_DROP_REASON_MAX
};

const char *drop_reason_name(unsigned int reason);	/* "TCP_CSUM" */
const char *drop_reason_what(unsigned int reason);	/* one line */

#endif
