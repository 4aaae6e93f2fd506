/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPv4 packets with all their options, and what hangs below: ICMP, IGMP, UDP,
 * TCP, unknown protocols. Checksums are made right, so that the mutation of a
 * byte gets past them; one packet in eight goes as it is.
 *
 * Input: records of { u16 length, u8 how, bytes from the IP header on }. how
 * bits 0-2 all set: as it is; bit 3: transport checksum made right; bit 4:
 * addresses set to peer -> stack; bit 5: some time passes afterwards.
 */
#include "fuzz/fuzz_world.h"

#include "buf/wire/ip.h"

/* Byte offset of the checksum in the transport header; 0: none known. */
static u32 check_offset(u8 protocol)
{
	return protocol == IPPROTO_TCP ? 16 : protocol == IPPROTO_UDP ? 6 :
	       protocol == IPPROTO_ICMP || protocol == IPPROTO_IGMP ? 2 : 0;
}

static void fix_transport(u8 *p, u32 len)
{
	struct iphdr *iph = (struct iphdr *)p;
	u32 hlen = clamp_t(u32, iph_len(iph), 20, 60), off;
	bool pseudo = iph->protocol == IPPROTO_TCP || iph->protocol == IPPROTO_UDP;
	__sum16 sum;

	off = check_offset(iph->protocol);
	if (!off || hlen + off + 2 > len)
		return;
	memset(p + hlen + off, 0, 2);
	sum = csum_fold(csum_partial(p + hlen, len - hlen, 0));
	if (pseudo)
		sum = csum_tcpudp_magic(iph->saddr, iph->daddr, len - hlen,
					iph->protocol,
					csum_partial(p + hlen, len - hlen, 0));
	memcpy(p + hlen + off, &sum, 2);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fuzz_world *w = fuzz_world_begin();
	u8 p[4096] __aligned(4);

	for (int n = 0; in.left && n < 64; n++) {
		u32 len = fuzz_u16(&in) % sizeof(p);
		u8 how = fuzz_u8(&in);

		len = fuzz_bytes(&in, p, len);
		if (len >= 20 && how & 16) {
			put_unaligned_be32(FUZZ_PEER_ADDR, p + 12);
			put_unaligned_be32(FUZZ_STACK_ADDR, p + 16);
		}
		if (len >= 20 && how & 8)
			fix_transport(p, len);
		fuzz_packet(w, p, len, (how & 7) != 7);
		if (how & 32)
			fake_advance(w->fp, NSEC_PER_SEC);
		fuzz_programs(w);
	}
	fuzz_world_end(w);
	return 0;
}
