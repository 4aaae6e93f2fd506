/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A capture of one link as pcapng (draft-ietf-opsawg-pcapng): a section, one
 * Ethernet interface, and a block per frame with its direction (outbound: sent
 * by the first end) and its virtual time in ns.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
enum { OPT_END = 0, IF_NAME = 2, IF_TSRESOL = 9, EPB_FLAGS = 2 };
enum { INBOUND = 1, OUTBOUND = 2 };
#define SNAPLEN		262144u

struct pcapng {
	FILE *file;
	int error;
};

static void put(struct pcapng *p, const void *what, size_t len)
{
	static const char zeros[4];

	if (fwrite(what, 1, len, p->file) != len ||
	    fwrite(zeros, 1, -len & 3, p->file) != (-len & 3))
		p->error = errno ? errno : EIO;
}

static void put32(struct pcapng *p, uint32_t v)
{
	put(p, &v, sizeof(v));
}

static void put_option(struct pcapng *p, uint16_t code, const void *value,
		       uint16_t len)
{
	uint16_t head[2] = { code, len };

	put(p, head, sizeof(head));
	put(p, value, len);
}

static void put_section(struct pcapng *p)
{
	int64_t unknown = -1;

	put32(p, BLOCK_SECTION);
	put32(p, 28);
	put32(p, 0x1a2b3c4d);
	put32(p, 1);			/* version 1.0 */
	put(p, &unknown, sizeof(unknown));
	put32(p, 28);
}

static void put_interface(struct pcapng *p, const char *name)
{
	uint16_t len = (uint16_t)strlen(name);
	uint32_t block = 20 + 4 + ((len + 3u) & ~3u) + 8 + 4;
	uint8_t ns = 9;

	put32(p, BLOCK_INTERFACE);
	put32(p, block);
	put32(p, 1);			/* LINKTYPE_ETHERNET */
	put32(p, SNAPLEN);
	put_option(p, IF_NAME, name, len);
	put_option(p, IF_TSRESOL, &ns, 1);
	put_option(p, OPT_END, NULL, 0);
	put32(p, block);
}

struct pcapng *pcapng_open(const char *path, const char *interface)
{
	struct pcapng *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->file = fopen(path, "wb");
	if (!p->file) {
		free(p);
		return NULL;
	}
	put_section(p);
	put_interface(p, interface);
	return p;
}

void pcapng_frame(void *arg, int64_t now, int direction, const void *frame,
		  size_t len)
{
	struct pcapng *p = arg;
	uint32_t kept = len < SNAPLEN ? (uint32_t)len : SNAPLEN;
	uint32_t block = 28 + ((kept + 3u) & ~3u) + 8 + 4 + 4;
	uint32_t flags = direction ? INBOUND : OUTBOUND;

	put32(p, BLOCK_PACKET);
	put32(p, block);
	put32(p, 0);
	put32(p, (uint32_t)((uint64_t)now >> 32));
	put32(p, (uint32_t)now);
	put32(p, kept);
	put32(p, (uint32_t)len);
	put(p, frame, kept);
	put_option(p, EPB_FLAGS, &flags, sizeof(flags));
	put_option(p, OPT_END, NULL, 0);
	put32(p, block);
}

int pcapng_close(struct pcapng *p)
{
	int error = p->error;

	if (fclose(p->file) && !error)
		error = errno;
	free(p);
	return -error;
}
