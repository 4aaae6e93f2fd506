/* SPDX-License-Identifier: BSD-2-Clause */
/* The stages' names, from stage.def. */
#include "base/stage.h"
#include "base/types.h"

struct stage_row {
	const char *name, *floor, *what;
};

static const struct stage_row rows[] = {
	[STAGE_NONE] = { "?", "?", "no stage" },
#define STAGE(name, floor, what) [STAGE_##name] = { #name, floor, what },
#include "base/stage.def"
#undef STAGE
};
static_assert(ARRAY_SIZE(rows) == STAGE_MAX, "one row per stage");

static const struct stage_row *row(unsigned int stage)
{
	return &rows[stage < STAGE_MAX ? stage : STAGE_NONE];
}

const char *stage_name(unsigned int stage) { return row(stage)->name; }
const char *stage_floor(unsigned int stage) { return row(stage)->floor; }
const char *stage_what(unsigned int stage) { return row(stage)->what; }
