/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket filters: any program that passes the check must end and stay in its
 * memory, on any packet. Input: { u8 instructions, u8 packet length, 8 bytes
 * per instruction, packet }.
 */
#include "fuzz/fuzz_input.h"

#include <stdlib.h>

#include "buf/skbuff.h"
#include "sock/filter.h"
#include "tests/support/fake_platform.h"

static void run(const struct sock_fprog *fp, const u8 *bytes, u32 len)
{
	struct sk_filter *f = sk_filter_create(fp);
	struct sk_buff *skb;

	if (IS_ERR(f))
		return;
	skb = alloc_skb(64 + len);
	if (!skb)
		abort();
	skb_reserve(skb, 64);
	if (len)
		memcpy(skb_put(skb, len), bytes, len);
	skb_set_network_header(skb, 0);
	skb_reset_mac_header(skb);
	bpf_run(f, skb);
	consume_skb(skb);
	sk_filter_free(f);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fake_platform *fp = fake_platform_create_cpus(1, 1);
	struct sock_filter insns[64];
	struct sock_fprog prog = { .filter = insns };
	u8 bytes[256];
	u32 len;

	prog.len = fuzz_u8(&in) % 65;
	len = fuzz_u8(&in);
	memset(insns, 0, sizeof(insns));
	fuzz_bytes(&in, insns, prog.len * (u32)sizeof(insns[0]));
	for (u32 i = 0; i < prog.len; i++)	/* near the known instructions */
		insns[i].code &= 0xff;
	len = fuzz_bytes(&in, bytes, len);
	run(&prog, bytes, len);
	if (fake_platform_destroy(fp))
		abort();
	return 0;
}
