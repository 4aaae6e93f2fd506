/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments that processes of one user share: `wire:NAME`. The memory is a
 * file in /dev/shm, made by whoever comes first and removed by whoever leaves
 * last; the protocol in it is hw/wire.h.
 *
 * No root, no daemon: a port whose process died is freed by the next one that
 * attaches. Sleepers are woken by a futex in the shared memory, or, when they
 * sleep in epoll beside other descriptors, by a byte in a FIFO; both work
 * across network namespaces.
 */
#ifndef WEIR_PLATFORM_LINUX_WIRE_SEGMENT_H
#define WEIR_PLATFORM_LINUX_WIRE_SEGMENT_H

#include "hw/wire.h"

#define WIRE_NAME_MAX	32
#define WIRE_PATH_MAX	96

struct wire_segment {
	struct wire_port port;		/* its link is what a NIC plugs into */
	void *mem;
	size_t size;
	int shm_fd;			/* -1: memory of this process only */
	int fifo[WIRE_MAX_PORTS];	/* of each port, opened when needed */
	bool fifo_is_mine;
	char name[WIRE_NAME_MAX + 1];
	char shm_path[WIRE_PATH_MAX], fifo_dir[WIRE_PATH_MAX];
};

/*
 * Takes a port of segment `name` ([A-Za-z0-9._-], at most 32), making the
 * segment if there is none. seg is the caller's memory and must stay where it
 * is. `features`: WIRE_F_*. 0 or -errno, then err (of room `room`) has one
 * line that says what failed.
 */
int wire_segment_open(struct wire_segment *seg, const char *name, u32 features,
		      char *err, size_t room);
/* The port is freed, and the segment with its last port. */
void wire_segment_close(struct wire_segment *seg);

/*
 * A segment in this process's memory: `first` makes it, others join it. The
 * memory goes with `first`, which must be closed last.
 */
int wire_segment_anonymous(struct wire_segment *first, u32 features,
			   char *err, size_t room);
int wire_segment_join(struct wire_segment *seg, struct wire_segment *first,
		      u32 features, char *err, size_t room);

#endif
