/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole frames as the device delivers them, with its metadata: Ethernet, VLAN,
 * ARP, and virtio_net_hdr against the frame it speaks of.
 *
 * Input: records of { u16 length, u8 how, [10 bytes of virtio_net_hdr], bytes }.
 * how bit 0: a virtio_net_hdr follows; bit 1: destination is set to the
 * stack's MAC, so that not every frame is for somebody else.
 */
#include "fuzz/fuzz_world.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct fuzz_world *w = fuzz_world_begin();
	struct vnet_hdr h;
	u8 frame[4096];

	for (int n = 0; in.left && n < 64; n++) {
		u32 len = fuzz_u16(&in) % sizeof(frame);
		u8 how = fuzz_u8(&in);

		memset(&h, 0, sizeof(h));
		if (how & 1)
			fuzz_bytes(&in, &h, sizeof(h));
		len = fuzz_bytes(&in, frame, len);
		if (how & 2 && len >= 6)
			memcpy(frame, fuzz_stack_mac, 6);
		fuzz_frame(w, &h, frame, len);
		fuzz_programs(w);
	}
	fuzz_world_end(w);
	return 0;
}
