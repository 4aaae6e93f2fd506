/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stages of a packet's way. One list (stage.def) makes the enum, the
 * names in traces, the accounting, the cost model and the documents.
 */
#ifndef WEIR_BASE_STAGE_H
#define WEIR_BASE_STAGE_H

enum stage {
	STAGE_NONE,
#define STAGE(name, floor, what) STAGE_##name,
#include "base/stage.def"
#undef STAGE
	STAGE_MAX
};

/* "tcp_v4_rcv"; "?" for a number that names no stage. */
const char *stage_name(unsigned int stage);
/* Folder of src/ or drivers/ that the stage belongs to. */
const char *stage_floor(unsigned int stage);
/* One line on what happens there. */
const char *stage_what(unsigned int stage);

#endif
