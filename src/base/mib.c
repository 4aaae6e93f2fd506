/* SPDX-License-Identifier: BSD-2-Clause */
/* The counters' names, from mib.def. */
#include "base/mib.h"

#undef MIB

struct mib_row {
	const char *group, *name;
	bool gauge;
};

static const struct mib_row rows[] = {
#define MIB(group, name) { #group, #name, false },
#define MIB_GAUGE(group, name) { #group, #name, true },
#include "base/mib.def"
#undef MIB
#undef MIB_GAUGE
};
static_assert(ARRAY_SIZE(rows) == MIB_MAX, "one row per counter");

const char *mib_name(unsigned int i)
{
	return i < MIB_MAX ? rows[i].name : "?";
}

const char *mib_group(unsigned int i)
{
	return i < MIB_MAX ? rows[i].group : "?";
}

bool mib_is_gauge(unsigned int i)
{
	return i < MIB_MAX && rows[i].gauge;
}
