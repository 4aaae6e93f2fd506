/* SPDX-License-Identifier: BSD-2-Clause */
/* The drop reasons' names, from drop_reason.def. */
#include "base/drop_reason.h"
#include "base/types.h"

struct reason_row {
	const char *name, *what;
};

static const struct reason_row rows[] = {
	[SKB_NOT_DROPPED_YET] = { "NOT_DROPPED_YET", "not dropped" },
#define DROP_REASON(name, what) [SKB_DROP_REASON_##name] = { #name, what },
#include "base/drop_reason.def"
#undef DROP_REASON
};
static_assert(ARRAY_SIZE(rows) == SKB_DROP_REASON_MAX, "one row per reason");

const char *drop_reason_name(unsigned int reason)
{
	return reason < SKB_DROP_REASON_MAX ? rows[reason].name : "?";
}

const char *drop_reason_what(unsigned int reason)
{
	return reason < SKB_DROP_REASON_MAX ? rows[reason].what : "?";
}
