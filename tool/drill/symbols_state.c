// SPDX-License-Identifier: BSD-2-Clause
/* States of TCP, which the kernel's own header does not export. */
#define _GNU_SOURCE
#include "symbols_table.h"

#include <netinet/tcp.h>

static const struct drill_symbol symbols[] = {
	DRILL_SYMBOL(LEVEL, SOL_TCP),
	DRILL_SYMBOL(STATE, TCP_ESTABLISHED),
	DRILL_SYMBOL(STATE, TCP_SYN_SENT),
	DRILL_SYMBOL(STATE, TCP_SYN_RECV),
	DRILL_SYMBOL(STATE, TCP_FIN_WAIT1),
	DRILL_SYMBOL(STATE, TCP_FIN_WAIT2),
	DRILL_SYMBOL(STATE, TCP_TIME_WAIT),
	DRILL_SYMBOL(STATE, TCP_CLOSE),
	DRILL_SYMBOL(STATE, TCP_CLOSE_WAIT),
	DRILL_SYMBOL(STATE, TCP_LAST_ACK),
	DRILL_SYMBOL(STATE, TCP_LISTEN),
	DRILL_SYMBOL(STATE, TCP_CLOSING),
};

const struct drill_symbol_table drill_symbols_state = DRILL_TABLE(symbols);
