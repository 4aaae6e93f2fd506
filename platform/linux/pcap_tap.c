/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tap (packet_type for all protocols) that writes pcapng
 * (draft-ietf-opsawg-pcapng): a section header, an interface block when a
 * device is first seen, and an enhanced packet block per frame with its
 * direction and the packet's id, which is the one in traces.
 *
 * Frames are copied into one of two buffers by whoever carries them; the other
 * buffer is being written. Frames that find the buffer full are counted and
 * reported in the next block that goes in. Frames are seen as the stack sees
 * them: large ones uncut, checksums left to the device not yet there.
 */
#define _GNU_SOURCE
#include "platform/linux/pcap_tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dev/netdevice.h"
#include "dev/ptype.h"
#include "platform/linux/linux_platform.h"

#define BUFFER_BYTES	(8u << 20)
#define MAX_DEVICES	64
#define SNAPLEN		(GSO_MAX_SIZE + 128u)

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
enum { OPT_END = 0, SHB_USERAPPL = 4, IF_NAME = 2, IF_TSRESOL = 9,
       EPB_FLAGS = 2, EPB_DROPCOUNT = 4, EPB_PACKETID = 5 };
enum { INBOUND = 1, OUTBOUND = 2 };

struct buffer {
	u8 *bytes;
	u32 used;
};

struct pcap_tap {
	struct packet_type pt;		/* first */
	struct net *net;
	int fd;
	bool broken;
	spinlock_t lock;		/* buffer[active], devices, dropped */
	struct buffer buffer[2];
	u32 active;
	u32 ifindex[MAX_DEVICES];	/* of interface block i */
	u32 nr_devices;
	u64 dropped;
	pthread_mutex_t drain_lock;	/* fd and the other buffer */
};

/* --- pieces of blocks; room was checked by the caller ---------------------------- */

static void put(struct buffer *b, const void *p, u32 n)
{
	static const u8 zero[4];
	u32 pad = -n & 3;

	if (n)
		memcpy(b->bytes + b->used, p, n);
	memcpy(b->bytes + b->used + n, zero, pad);
	b->used += n + pad;
}

static void put32(struct buffer *b, u32 v)
{
	put(b, &v, sizeof(v));
}

static void put_option(struct buffer *b, u16 code, const void *p, u16 len)
{
	u16 head[2] = { code, len };

	put(b, head, sizeof(head));
	put(b, p, len);
}

/* Offset of the length to be filled in by end_block. */
static u32 begin_block(struct buffer *b, u32 type)
{
	put32(b, type);
	put32(b, 0);
	return b->used - 4;
}

static void end_block(struct buffer *b, u32 at)
{
	u32 len = b->used - at + 8;

	memcpy(b->bytes + at, &len, sizeof(len));
	put32(b, len);
}

static void section_block(struct buffer *b)
{
	static const char app[] = "weir";
	s64 unknown = -1;
	u32 at = begin_block(b, BLOCK_SECTION);

	put32(b, 0x1a2b3c4d);
	put32(b, 1);			/* version 1.0 */
	put(b, &unknown, sizeof(unknown));
	put_option(b, SHB_USERAPPL, app, sizeof(app) - 1);
	put_option(b, OPT_END, NULL, 0);
	end_block(b, at);
}

static void interface_block(struct buffer *b, const struct net_device *dev)
{
	u32 at = begin_block(b, BLOCK_INTERFACE);
	u8 nanoseconds = 9;

	put32(b, 1);			/* LINKTYPE_ETHERNET */
	put32(b, SNAPLEN);
	put_option(b, IF_NAME, dev->name, (u16)strlen(dev->name));
	put_option(b, IF_TSRESOL, &nanoseconds, 1);
	put_option(b, OPT_END, NULL, 0);
	end_block(b, at);
}

/* --- a frame ------------------------------------------------------------------------ */

/* Number of dev's interface block, which is made if need be. -1: none left. */
static int interface_of(struct pcap_tap *t, struct buffer *b,
			const struct net_device *dev)
{
	u32 i;

	for (i = 0; i < t->nr_devices; i++)
		if (t->ifindex[i] == dev->ifindex)
			return (int)i;
	if (t->nr_devices == MAX_DEVICES)
		return -1;
	interface_block(b, dev);
	t->ifindex[t->nr_devices++] = dev->ifindex;
	return (int)i;
}

/* Not counted as a copy of payload: the packet's way has none here. */
static void frame_bytes(u8 *to, const struct sk_buff *skb, u32 off, u32 len)
{
	const void *from = skb_header_pointer(skb, off, len, to);

	if (!from)
		memset(to, 0, len);
	else if (from != to)
		memcpy(to, from, len);
}

/* The frame from its link-layer header on, with its VLAN tag in place. */
static u32 copy_frame(u8 *to, struct sk_buff *skb)
{
	u32 tag = skb->vlan_present ? 4 : 0, len = min(skb->len, SNAPLEN - tag);
	__be16 words[2] = { cpu_to_be16(ETH_P_8021Q),
			    cpu_to_be16(skb->vlan_tci) };

	if (tag && len >= 12) {
		frame_bytes(to, skb, 0, 12);
		memcpy(to + 12, words, sizeof(words));
		frame_bytes(to + 16, skb, 12, len - 12);
	} else {
		frame_bytes(to, skb, 0, len);
		tag = 0;
	}
	return len + tag;
}

static void packet_block(struct pcap_tap *t, struct buffer *b,
			 struct sk_buff *skb, int interface)
{
	u64 when = (u64)(skb->tstamp ? skb->tstamp : ktime_get_real());
	u32 flags = skb->pkt_type == PACKET_OUTGOING ? OUTBOUND : INBOUND;
	u32 at = begin_block(b, BLOCK_PACKET), lengths, captured;

	put32(b, (u32)interface);
	put32(b, (u32)(when >> 32));
	put32(b, (u32)when);
	lengths = b->used;
	b->used += 8;
	captured = copy_frame(b->bytes + b->used, skb);
	memcpy(b->bytes + lengths, &captured, 4);
	memcpy(b->bytes + lengths + 4, &captured, 4);
	memset(b->bytes + b->used + captured, 0, -captured & 3);
	b->used += ALIGN_UP(captured, 4);
	put_option(b, EPB_FLAGS, &flags, sizeof(flags));
	put_option(b, EPB_PACKETID, &skb->id, sizeof(skb->id));
	if (t->dropped)
		put_option(b, EPB_DROPCOUNT, &t->dropped, sizeof(t->dropped));
	t->dropped = 0;
	put_option(b, OPT_END, NULL, 0);
	end_block(b, at);
}

#define BLOCKS_OVERHEAD	256u

static int capture(struct sk_buff *skb, struct net_device *dev,
		   struct packet_type *pt, struct net_device *orig_dev)
{
	struct pcap_tap *t = (struct pcap_tap *)pt;
	struct buffer *b;
	int interface;

	if (skb->pkt_type != PACKET_OUTGOING)
		skb_push(skb, (u32)(skb->data - skb_mac_header(skb)));
	spin_lock(&t->lock);
	b = &t->buffer[t->active];
	if (b->used + skb->len + BLOCKS_OVERHEAD > BUFFER_BYTES) {
		t->dropped++;
	} else {
		interface = interface_of(t, b, dev);
		if (interface >= 0)
			packet_block(t, b, skb, interface);
	}
	spin_unlock(&t->lock);
	consume_skb(skb);
	return 0;
}

/* --- the file ------------------------------------------------------------------------- */

static void write_buffer(struct pcap_tap *t, struct buffer *b)
{
	u32 at = 0;

	while (at < b->used && !t->broken) {
		ssize_t n = write(t->fd, b->bytes + at, b->used - at);

		if (n >= 0)
			at += (u32)n;
		else if (errno != EINTR)
			t->broken = true;
	}
	b->used = 0;
}

void pcap_tap_drain(struct pcap_tap *t)
{
	struct buffer *full;

	pthread_mutex_lock(&t->drain_lock);
	spin_lock(&t->lock);
	full = &t->buffer[t->active];
	t->active ^= 1;
	spin_unlock(&t->lock);
	write_buffer(t, full);
	pthread_mutex_unlock(&t->drain_lock);
}

static void free_tap(struct pcap_tap *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->buffer[0].bytes);
	free(t->buffer[1].bytes);
	pthread_mutex_destroy(&t->drain_lock);
	free(t);
}

struct pcap_tap *pcap_tap_open(struct net *net, const char *path, char *err,
			       size_t errlen)
{
	struct pcap_tap *t = calloc(1, sizeof(*t));

	if (!t) {
		snprintf(err, errlen, "no memory for a capture");
		return NULL;
	}
	t->net = net;
	spin_lock_init(&t->lock);
	pthread_mutex_init(&t->drain_lock, NULL);
	t->buffer[0].bytes = malloc(BUFFER_BYTES);
	t->buffer[1].bytes = malloc(BUFFER_BYTES);
	t->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (t->fd < 0 || !t->buffer[0].bytes || !t->buffer[1].bytes) {
		snprintf(err, errlen, "cannot write the capture file %s: %s; "
			 "give another place", path, strerror(errno));
		free_tap(t);
		return NULL;
	}
	t->fd = lx_high_fd(t->fd);
	section_block(&t->buffer[0]);
	t->pt.type = cpu_to_be16(ETH_P_ALL_);
	t->pt.func = capture;
	dev_add_pack(net, &t->pt);
	return t;
}

void pcap_tap_close(struct pcap_tap *t)
{
	dev_remove_pack(&t->pt);
	pcap_tap_drain(t);
	free_tap(t);
}
