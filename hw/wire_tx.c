/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending on a wire port: the switch's half that runs in the sender. The
 * source address is learnt, the destination looked up (unknown, broadcast and
 * multicast go to every port), and the frame is copied once into the ring of
 * each receiver.
 *
 * A full ring makes a unicast frame wait (-EAGAIN), which models Ethernet's
 * pause (IEEE 802.3 annex 31B), while the receiver's process lives and for at
 * most WIRE_PAUSE_NS; one whose ring stays full longer loses frames until it
 * takes some, so that it cannot block its senders. A frame for several never
 * waits.
 */
#include "hw/wire.h"
#include "hw/hw_drop.h"
#include "buf/iov_iter.h"

#define ETHER_ADDRS	12u		/* destination and source */
#define PUBLISH_BYTES	(64u << 10)	/* let the receiver start early */
#define MAC_PROBES	4u

/* --- learnt addresses ------------------------------------------------------ */

/* The address in the upper 48 bits. */
static u64 mac_key(const u8 *mac)
{
	return ((u64)get_unaligned_be32(mac) << 16 |
		get_unaligned_be16(mac + 4)) << 16;
}

static u32 mac_hash(u64 key)
{
	return (u32)((key >> 16) * 0x9e3779b97f4a7c15ull >> 56);
}
static_assert(WIRE_MAC_SLOTS == 256, "mac_hash gives 8 bits");

/* The port of the address, or -1; *memo: where it stands. */
static int mac_search(const struct wire_port *p, u64 key,
		      struct wire_mac_memo *memo)
{
	u32 h = mac_hash(key), i;

	for (i = 0; i < MAC_PROBES; i++) {
		u32 at = (h + i) % WIRE_MAC_SLOTS;
		u64 e = READ_ONCE(p->shm->mac[at]);
		u32 port = (u32)(e & 0xffff) - 1;

		if ((e ^ key) >> 16 == 0 && port < p->nr_ports) {
			*memo = (struct wire_mac_memo){ key, e, at };
			return (int)port;
		}
	}
	return -1;
}

/* A flow's frames find the entry where it was. */
static bool memo_holds(const struct wire_port *p,
		       const struct wire_mac_memo *memo, u64 key)
{
	return memo->key == key &&
	       READ_ONCE(p->shm->mac[memo->at]) == memo->entry;
}

static int mac_lookup(struct wire_port *p, u64 key)
{
	if (likely(memo_holds(p, &p->dst, key)))
		return (int)(p->dst.entry & 0xffff) - 1;
	return mac_search(p, key, &p->dst);
}

/* Known, free or, when the neighbourhood is full, the first place. Two ports
 * that write at once may lose one entry: the next frame learns it again. */
static noinline void mac_store(struct wire_port *p, u64 key)
{
	u64 entry = key | (p->index + 1);
	u32 h = mac_hash(key), i, at = h;

	if (key & 1ull << 56)		/* group address: nobody's */
		return;
	for (i = MAC_PROBES; i-- > 0;) {
		u64 e = READ_ONCE(p->shm->mac[(h + i) % WIRE_MAC_SLOTS]);

		if (!e || (e ^ key) >> 16 == 0)
			at = h + i;
		if (e == entry)
			break;
	}
	at %= WIRE_MAC_SLOTS;
	if (READ_ONCE(p->shm->mac[at]) != entry)
		WRITE_ONCE(p->shm->mac[at], entry);
	p->src = (struct wire_mac_memo){ key, entry, at };
}

static void mac_learn(struct wire_port *p, u64 key)
{
	if (unlikely(!memo_holds(p, &p->src, key)))
		mac_store(p, key);
}

/* --- one ring --------------------------------------------------------------- */

/* Free bytes after looking at the consumer's index; 0 when it is nonsense. */
static u32 ring_space(struct wire_port *p, struct wire_tx_ring *t)
{
	u32 head = smp_load_acquire(&t->shm->head), used = t->tail - head;

	if (unlikely(used > p->ring_bytes || head % WIRE_SLOT_ALIGN))
		return 0;
	t->head = head;
	return p->ring_bytes - used;
}

/* True: there is room for `need`. False: the consumer has been asked to ring
 * our doorbell when there is. */
static bool ring_has_room(struct wire_port *p, struct wire_tx_ring *t, u32 need)
{
	if (likely(p->ring_bytes - (t->tail - t->head) >= need))
		return true;
	if (ring_space(p, t) >= need)
		return true;
	WRITE_ONCE(t->shm->want_space, 1);
	smp_mb();
	return ring_space(p, t) >= need;
}

/* The frames become visible. The next ones' lines, which the consumer read
 * when the ring came round last, are fetched back in the meantime. */
static void ring_publish(const struct wire_port *p, struct wire_tx_ring *t)
{
	u8 *next = t->data + (t->tail & (p->ring_bytes - 1));

	smp_store_release(&t->shm->tail, t->tail);
	t->published = t->tail;
	__builtin_prefetch(next, 1);
	__builtin_prefetch(next + 64, 1);
	__builtin_prefetch(next + 128, 1);
}

/* 0: wait, -ENOBUFS: it has stood full too long. */
static int ring_full(struct wire_port *p, u32 dst)
{
	struct wire_tx_ring *t = &p->tx[dst];
	ktime_t now = p->os.now(p->os.arg);

	if (!t->full_since) {
		t->full_since = now ? now : 1;
		p->stats.tx_waits++;
	}
	if (now - t->full_since < WIRE_DEAD_NS)
		return 0;
	if (!p->os.alive || p->os.alive(p->os.arg, &p->shm->port[dst]))
		return now - t->full_since < WIRE_PAUSE_NS ? 0 : -ENOBUFS;
	__atomic_fetch_and(&p->shm->up_mask, ~(1u << dst), __ATOMIC_SEQ_CST);
	return -ENOBUFS;
}

static u32 slot_size(u32 len)
{
	return ALIGN_UP((u32)sizeof(struct wire_slot) + len, WIRE_SLOT_ALIGN);
}

static void slot_copy(u8 *to, const struct hw_vec *v, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		copy_bytes(to, v[i].base, v[i].len, COPY_DMA_TX);
		to += v[i].len;
	}
}

static void slot_write(struct wire_tx_ring *t, u32 off, u32 size,
		       const struct hw_frame *f, const struct hw_vec *v, u32 n)
{
	struct wire_slot *s = (struct wire_slot *)(t->data + off);

	*s = (struct wire_slot){
		.size = size, .f = *f,
	};
	slot_copy((u8 *)(s + 1), v, n);
}

/* Its memory is taken when it is first used. */
static noinline bool ring_reserve(struct wire_port *p, struct wire_tx_ring *t)
{
	if (p->os.reserve &&
	    p->os.reserve(p->os.arg, (size_t)(t->data - (u8 *)p->shm),
			  p->ring_bytes))
		return false;
	t->reserved = true;
	return true;
}

/* 0, -EAGAIN (wait), -ENOBUFS (lost). */
static inline int ring_put(struct wire_port *p, u32 dst,
			   const struct hw_frame *f, const struct hw_vec *v,
			   u32 n)
{
	struct wire_tx_ring *t = &p->tx[dst];
	u32 size = slot_size(f->len), off = t->tail & (p->ring_bytes - 1);
	u32 pad = 0;

	if (unlikely(!t->reserved) && !ring_reserve(p, t))
		return -ENOBUFS;
	if (unlikely(size > p->ring_bytes - off))
		pad = p->ring_bytes - off;
	if (unlikely(!ring_has_room(p, t, pad + size)))
		return ring_full(p, dst) ? -ENOBUFS : -EAGAIN;
	t->full_since = 0;
	if (unlikely(pad)) {
		*(struct wire_slot *)(t->data + off) =
			(struct wire_slot){ .size = pad };
		off = 0;
	}
	slot_write(t, off, size, f, v, n);
	t->tail += pad + size;
	p->tx_dirty |= 1u << dst;
	if (unlikely(t->tail - t->published >= PUBLISH_BYTES))
		ring_publish(p, t);
	return 0;
}

/* --- the switch --------------------------------------------------------------- */

static u32 needs(const struct hw_frame *f)
{
	return (f->gso_size ? WIRE_F_GSO : 0) |
	       (f->flags & HW_FRAME_CSUM_PARTIAL ? WIRE_F_CSUM : 0);
}

static bool port_takes(const struct wire_port *p, u32 port, u32 need)
{
	return (READ_ONCE(p->shm->port[port].features) & need) == need;
}

static noinline int lose(struct wire_port *p, const struct hw_frame *f, u64 *counter)
{
	(*counter)++;
	hw_drop(SKB_DROP_REASON_FIFO_FULL, f->packet, f->len);
	return 0;
}

static inline int wire_unicast(struct wire_port *p, u32 dst,
			       const struct hw_frame *f,
			       const struct hw_vec *v, u32 n)
{
	int r;

	if (unlikely(dst == p->index ||
		     !(READ_ONCE(p->shm->up_mask) & 1u << dst)))
		return lose(p, f, &p->stats.tx_no_port);
	if (!port_takes(p, dst, needs(f)))
		return -EOPNOTSUPP;
	r = ring_put(p, dst, f, v, n);
	if (unlikely(r == -ENOBUFS))
		return lose(p, f, &p->stats.tx_full);
	return r;
}

/* With one other port there, nobody is held up if the frame waits for it. */
static noinline int wire_flood(struct wire_port *p, const struct hw_frame *f,
		      const struct hw_vec *v, u32 n)
{
	u32 to = READ_ONCE(p->shm->up_mask) & ~(1u << p->index), i;

	to &= (1u << p->nr_ports) - 1;
	if (!to)
		return lose(p, f, &p->stats.tx_no_port);
	if (!(to & (to - 1)))
		return wire_unicast(p, (u32)__builtin_ctz(to), f, v, n);
	for (i = 0; i < p->nr_ports; i++)
		if (to & 1u << i && !port_takes(p, i, needs(f)))
			return -EOPNOTSUPP;
	p->stats.tx_flooded++;
	for (i = 0; i < p->nr_ports; i++)
		if (to & 1u << i && ring_put(p, i, f, v, n))
			lose(p, f, &p->stats.tx_full);
	return 0;
}

static noinline void gather_addrs(u8 *to, const struct hw_vec *v, u32 n)
{
	u32 i, got = 0, k;

	for (i = 0; i < n && got < ETHER_ADDRS; i++, got += k) {
		k = min(v[i].len, ETHER_ADDRS - got);
		memcpy(to + got, v[i].base, k);
	}
}

int wire_xmit(struct hw_link *l, struct hw_frame *f, const struct hw_vec *v,
	      u32 n)
{
	struct wire_port *p = (struct wire_port *)l;
	u8 addrs[ETHER_ADDRS] = { 0 };
	int dst = -1, r;

	if (unlikely(f->len < ETHER_ADDRS + 2 || f->len > HW_MAX_FRAME))
		return -EINVAL;
	if (likely(v[0].len >= ETHER_ADDRS))
		memcpy(addrs, v[0].base, ETHER_ADDRS);
	else
		gather_addrs(addrs, v, n);
	mac_learn(p, mac_key(addrs + 6));
	f->id = p->next_frame;
	if (likely(!(addrs[0] & 1)))
		dst = mac_lookup(p, mac_key(addrs));
	r = unlikely(dst < 0) ? wire_flood(p, f, v, n) :
				wire_unicast(p, (u32)dst, f, v, n);
	if (unlikely(r))
		return r;
	p->next_frame++;
	p->stats.tx_frames++;
	p->stats.tx_bytes += f->len;
	return 0;
}

void wire_tx_begin(struct hw_link *l)
{
	spin_lock(&((struct wire_port *)l)->tx_lock);
}

/* Waking another process is a system call: not under the lock. */
void wire_tx_end(struct hw_link *l)
{
	struct wire_port *p = (struct wire_port *)l;
	u32 dirty = p->tx_dirty, m;

	p->tx_dirty = 0;
	for (m = dirty; m; m &= m - 1) {
		struct wire_tx_ring *t = &p->tx[__builtin_ctz(m)];

		if (likely(t->published != t->tail))
			ring_publish(p, t);
	}
	spin_unlock(&p->tx_lock);
	for (m = dirty; m; m &= m - 1)
		wire_ring_doorbell(p, (u32)__builtin_ctz(m));
}

/* Some ring that stood full has room, or has stood full too long. */
bool wire_tx_ready(struct wire_port *p)
{
	u32 i;

	for (i = 0; i < p->nr_ports; i++) {
		struct wire_tx_ring *t = &p->tx[i];
		u32 used;

		if (!READ_ONCE(t->full_since))
			continue;
		used = READ_ONCE(t->tail) - smp_load_acquire(&t->shm->head);
		if (used <= p->ring_bytes / 2 ||
		    p->os.now(p->os.arg) - t->full_since >= WIRE_DEAD_NS)
			return true;
	}
	return false;
}
