/* SPDX-License-Identifier: BSD-2-Clause */
/* Between live.c and live_map.c only. */
#ifndef WEIR_DRILL_LIVE_MAP_H
#define WEIR_DRILL_LIVE_MAP_H

#include "live.h"

/* A line `<` in live numbers. */
void live_map_in(const struct live *l, const struct live_conn *c,
		 const struct drill_packet *script, struct drill_packet *live);

#endif
