/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of a link in virtual time. Input: { u8 direction, text }. What is
 * taken must lie within the limits of the properties, and a refused text must
 * change nothing and say why.
 */
#include "fuzz/fuzz_input.h"

#include <stdlib.h>

#include "hw/cable_spec.h"

/* In its own memory, so that a read beyond its end is seen. */
static char *spec_text(struct fuzz_input *in, size_t n)
{
	char *text = malloc(n + 1);

	if (!text)
		abort();
	text[fuzz_bytes(in, text, (u32)n)] = '\0';
	return text;
}

static void check(const struct cable_params *p)
{
	const struct fault *f = &p->fault;

	if (p->rate_bps > CABLE_MAX_RATE || p->queue > CABLE_MAX_QUEUE ||
	    p->delay < 0 || p->delay > CABLE_MAX_DELAY || p->jitter < 0 ||
	    p->jitter > CABLE_MAX_DELAY || p->mtu > 65535 ||
	    f->loss_ppm > FAULT_PPM || f->dup_ppm > FAULT_PPM ||
	    f->reorder_ppm > FAULT_PPM || f->corrupt_ppm > FAULT_PPM ||
	    f->burst_ppm > FAULT_PPM || f->calm_ppm > FAULT_PPM ||
	    f->burst_loss_ppm > FAULT_PPM)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	int direction = fuzz_u8(&in) % 3 - 1;
	char *text = spec_text(&in, in.left), err[200] = "";
	struct cable_params p[2] = { 0 }, before[2] = { 0 };

	if (!cable_spec_parse(p, direction, text, err, sizeof(err))) {
		check(&p[0]);
		check(&p[1]);
	} else if (memcmp(p, before, sizeof(p)) || !err[0]) {
		abort();
	}
	free(text);
	return 0;
}
