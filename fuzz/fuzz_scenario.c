/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenarios of weir sim, as read: nothing is run. Amounts in them that are
 * taken are printed, too. Input: the text of a file.
 */
#include "fuzz/fuzz_input.h"
#include "tool/sim/scene.h"

#include <errno.h>
#include <stdlib.h>

static void look_at_amount(const struct operand *o)
{
	char text[32];

	amount_print(text, sizeof(text), o->unit, o->amount);
}

static void look_at(const struct scene *s)
{
	for (size_t i = 0; i < s->nr_expects; i++) {
		look_at_amount(&s->expects[i].left);
		look_at_amount(&s->expects[i].right);
	}
	for (size_t i = 0; i < s->nr_steps; i++)
		if (!s->steps[i].name)
			abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct setting set = { "queue", "7", false };
	struct drill_arena a = { 0 };
	struct complaint c = { "" };
	struct scenario s = { 0 };
	int err = scenario_read(&a, &s, "f", (const char *)data, size, &set, 1,
				&c);

	for (size_t i = 0; !err && i < s.n; i++)
		look_at(&s.scenes[i]);
	if (err == -EINVAL && !c.text[0])
		abort();		/* it must say why */
	drill_arena_fini(&a);
	return 0;
}
