/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text from the command line: link specifications, addresses, settings.
 * Input: { u8 which, text }; settings as NAME\nVALUE.
 */
#include "fuzz/fuzz_world.h"

#include <stdlib.h>

#include "dev/sysctl.h"
#include "platform/linux/link_spec.h"
#include "user/config_text.h"

static void setting(char *text)
{
	struct fuzz_world *w = fuzz_world_begin();
	char *value = strchr(text, '\n'), room[64];

	if (value) {
		*value++ = '\0';
		sysctl_write(w->net, text, value);
		sysctl_read(w->net, text, room, sizeof(room));
		sysctl_read(w->net, text, room, 1);
	}
	fuzz_world_end(w);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	u8 which = fuzz_u8(&in), plen;
	char *text = fuzz_text(&in, in.left), err[64];
	struct link_spec spec;
	__be32 addr;

	switch (which % 3) {
	case 0:
		link_spec_parse(&spec, text, err, sizeof(err));
		break;
	case 1:
		cidr_parse(text, &addr, &plen);
		break;
	default:
		setting(text);
	}
	free(text);
	return 0;
}
