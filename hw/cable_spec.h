/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text that describes a link of virtual time, as <weir/sim.h> has it:
 * "rate=10mbit,delay=20ms,loss=1%,mask=0x14,queue=1000,offload".
 */
#ifndef WEIR_HW_CABLE_SPEC_H
#define WEIR_HW_CABLE_SPEC_H

#include "hw/cable.h"

#define CABLE_BOTH	(-1)

/*
 * Changes the properties that spec names in dir[0] (from end 0) or dir[1], or
 * in both with CABLE_BOTH; spec NULL or empty: none. `seed` gives them
 * different seeds. 0, or -EINVAL with one line in err that says which word, and
 * what is allowed; then nothing is changed.
 */
int cable_spec_parse(struct cable_params dir[2], int direction,
		     const char *spec, char *err, size_t errlen);

#endif
