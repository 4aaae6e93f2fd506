/* SPDX-License-Identifier: BSD-2-Clause */
/* ethtool -K DEV FEATURE on|off ..., -k DEV, -G DEV rx N tx N */
#include "commands.h"

#include <string.h>

static int features_set(struct cmd *c)
{
	char err[256];
	int i;

	for (i = 3; i < c->argc; i += 2) {
		const char *value = i + 1 < c->argc ? c->argv[i + 1] : "";
		bool on = !strcmp(value, "on");

		if (!on && strcmp(value, "off"))
			return cmd_fail(c, ST_FAIL, "%s: on or off is expected",
					c->argv[i]);
		if (weir_feature_set(c->conf->o.w, c->argv[2], c->argv[i], on,
				     err, sizeof(err)))
			return cmd_fail(c, ST_FAIL, "%s", err);
	}
	return ST_OK;
}

static int features_show(struct cmd *c)
{
	static const char *const names[] = {
		"rx-checksumming", "tx-checksumming", "scatter-gather",
		"tcp-segmentation-offload", "generic-segmentation-offload",
		"generic-receive-offload", "large-receive-offload",
		"receive-hashing",
	};
	size_t i;
	int on;

	if (weir_feature_get(c->conf->o.w, c->argv[2], names[0]) < 0)
		return cmd_fail(c, ST_FAIL, "%s: No such device", c->argv[2]);
	cmd_out(c, "Features for %s:\n", c->argv[2]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		on = weir_feature_get(c->conf->o.w, c->argv[2], names[i]);
		cmd_out(c, "%s: %s\n", names[i], on > 0 ? "on" : "off");
	}
	return ST_OK;
}

static int rings_set(struct cmd *c)
{
	uint32_t rx = 0, tx = 0;
	char err[256];
	int i;

	for (i = 3; i + 1 < c->argc; i += 2) {
		bool is_rx = !strcmp(c->argv[i], "rx");

		if ((!is_rx && strcmp(c->argv[i], "tx")) ||
		    !parse_u32(c->argv[i + 1], is_rx ? &rx : &tx))
			return cmd_fail(c, ST_FAIL, "%s %s: rx N and tx N are "
					"expected", c->argv[i], c->argv[i + 1]);
	}
	if (weir_ring_set(c->conf->o.w, c->argv[2], rx, tx, err, sizeof(err)))
		return cmd_fail(c, ST_FAIL, "%s", err);
	return ST_OK;
}

int cmd_ethtool(struct cmd *c)
{
	const char *what = c->argc > 2 ? c->argv[1] : "";

	if (!strcmp(what, "-K") || !strcmp(what, "--features") ||
	    !strcmp(what, "--offload"))
		return features_set(c);
	if (!strcmp(what, "-k") || !strcmp(what, "--show-features") ||
	    !strcmp(what, "--show-offload"))
		return features_show(c);
	if (!strcmp(what, "-G") || !strcmp(what, "--set-ring"))
		return rings_set(c);
	return cmd_fail(c, ST_FAIL, "-K DEV FEATURE on|off, -k DEV and -G DEV "
			"rx N tx N are there");
}
