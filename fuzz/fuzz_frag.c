/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fragments: any offset, length, order, overlap, repetition, of datagrams to
 * the UDP socket and to ICMP echo, with time passing in between.
 *
 * Input: records of 6 bytes { id, flags, offset (u16, units of 8), length (u16) }.
 * flags bit 0: more fragments; bit 1: options of 8 bytes; bit 2: UDP, else
 * ICMP; bit 3: of another source; bit 7: instead, time passes: offset ms.
 */
#include "fuzz/fuzz_world.h"

#include "buf/wire/ip.h"

static void fragment(struct fuzz_world *w, u8 id, u8 flags, u16 off, u16 len)
{
	u32 hlen = flags & 2 ? 28 : 20, payload = len % 1481;
	u8 p[1600] __aligned(4) = { 0 };
	struct iphdr *iph = (struct iphdr *)p;

	iph_set_len(iph, hlen);
	iph->id = cpu_to_be16(id);
	iph->frag_off = cpu_to_be16((u16)((flags & 1 ? IP_MF : 0) |
					  (off & IP_OFFSET)));
	iph->ttl = 64;
	iph->protocol = flags & 4 ? IPPROTO_UDP : IPPROTO_ICMP;
	iph->saddr = cpu_to_be32(FUZZ_PEER_ADDR + (flags >> 3 & 1));
	iph->daddr = cpu_to_be32(FUZZ_STACK_ADDR);
	memset(p + 20, 1, hlen - 20);		/* NOPs */
	if (!(off & IP_OFFSET) && flags & 4) {
		put_unaligned_be16(1000, p + hlen);
		put_unaligned_be16(FUZZ_UDP_PORT, p + hlen + 2);
		put_unaligned_be16((u16)(payload & ~1u), p + hlen + 4);
	} else if (!(off & IP_OFFSET)) {
		p[hlen] = 8;			/* echo request */
	}
	fuzz_packet(w, p, hlen + payload, true);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fuzz_world *w = fuzz_world_begin();

	for (int n = 0; in.left && n < 256; n++) {
		u8 id = fuzz_u8(&in), flags = fuzz_u8(&in);
		u16 off = fuzz_u16(&in), len = fuzz_u16(&in);

		if (flags & 0x80)
			fake_advance(w->fp, off * NSEC_PER_MSEC);
		else
			fragment(w, id & 3, flags, off, len);
	}
	fuzz_programs(w);
	fuzz_world_end(w);
	return 0;
}
