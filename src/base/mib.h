/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SNMP and netstat counters of one stack. One list (mib.def) makes the
 * enum, and the tables that /proc/net/snmp, netstat and nstat are printed
 * from. Names are Linux's and never change their meaning. Who counts, and
 * where (per CPU and stack), is in dev/net.h.
 */
#ifndef WEIR_BASE_MIB_H
#define WEIR_BASE_MIB_H

#include "base/types.h"

enum mib {
#define MIB(group, name) MIB_##group##_##name,
#define MIB_GAUGE(group, name) MIB_##group##_##name,
#include "base/mib.def"
#undef MIB
#undef MIB_GAUGE
	MIB_MAX
};

/* MIB(Tcp, InSegs) is MIB_Tcp_InSegs. */
#define MIB(group, name) MIB_##group##_##name

const char *mib_name(unsigned int i);	/* "InSegs" */
const char *mib_group(unsigned int i);	/* "Tcp" */
/* A figure to be asked for when printing, not a count. */
bool mib_is_gauge(unsigned int i);

#endif
