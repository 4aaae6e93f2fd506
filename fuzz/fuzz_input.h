/* SPDX-License-Identifier: BSD-2-Clause */
/* The fuzzer's bytes, taken from the front. Past the end all is 0. */
#ifndef WEIR_FUZZ_FUZZ_INPUT_H
#define WEIR_FUZZ_FUZZ_INPUT_H

#include "base/types.h"

struct fuzz_input {
	const u8 *p;
	size_t left;
};

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static inline u8 fuzz_u8(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static inline u16 fuzz_u16(struct fuzz_input *in)
{
	u16 hi = fuzz_u8(in);

	return (u16)(hi << 8 | fuzz_u8(in));
}

static inline u32 fuzz_u32(struct fuzz_input *in)
{
	u32 hi = fuzz_u16(in);

	return hi << 16 | fuzz_u16(in);
}

/* Up to n bytes; how many there were. */
static inline u32 fuzz_bytes(struct fuzz_input *in, void *to, u32 n)
{
	if (n > in->left)
		n = (u32)in->left;
	if (n)
		memcpy(to, in->p, n);
	in->p += n;
	in->left -= n;
	return n;
}

/* The input's bytes as a string in its own memory, so that a read beyond its
 * end is seen. free() it. */
char *fuzz_text(struct fuzz_input *in, size_t n);

#endif
