/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The segment's memory and its ports: layout, attach, detach, doorbells.
 *
 * A port is claimed by compare-and-swap on its state, so that attaching needs
 * no lock either. A ring goes on from where its last user left it: the new
 * consumer starts at the producer's tail, the new producer at the published
 * tail, and neither ever writes the other's index.
 */
#include "hw/wire.h"

#define WIRE_PAGE	4096u

/* Indexes of all rings stand together, so that they take few pages. */
static size_t wire_ctl_off(u32 nr_ports, u32 src, u32 dst)
{
	return ALIGN_UP(sizeof(struct wire_shm), (size_t)64) +
	       ((size_t)src * nr_ports + dst) * sizeof(struct wire_ring_shm);
}

size_t wire_header_bytes(u32 nr_ports)
{
	return ALIGN_UP(wire_ctl_off(nr_ports, nr_ports, 0),
			(size_t)WIRE_PAGE);
}

static size_t wire_data_off(u32 nr_ports, u32 ring_bytes, u32 src, u32 dst)
{
	return wire_header_bytes(nr_ports) +
	       ((size_t)src * nr_ports + dst) * ring_bytes;
}

static bool wire_geometry_ok(u32 nr_ports, u32 ring_bytes)
{
	return nr_ports >= 2 && nr_ports <= WIRE_MAX_PORTS &&
	       ring_bytes >= WIRE_RING_MIN && ring_bytes <= 1u << 26 &&
	       !(ring_bytes & (ring_bytes - 1));
}

size_t wire_size(u32 nr_ports, u32 ring_bytes)
{
	if (!wire_geometry_ok(nr_ports, ring_bytes))
		return 0;
	return wire_data_off(nr_ports, ring_bytes, nr_ports, 0);
}

int wire_format(void *mem, size_t size, u32 nr_ports, u32 ring_bytes)
{
	struct wire_shm *shm = mem;
	size_t need = wire_size(nr_ports, ring_bytes);

	if (!need || size < need)
		return -EINVAL;
	shm->version = WIRE_VERSION;
	shm->nr_ports = nr_ports;
	shm->ring_bytes = ring_bytes;
	smp_store_release(&shm->magic, WIRE_MAGIC);
	return 0;
}

int wire_check(const void *mem, size_t size)
{
	const struct wire_shm *shm = mem;
	size_t need;

	if (size < sizeof(*shm) ||
	    smp_load_acquire(&shm->magic) != WIRE_MAGIC ||
	    READ_ONCE(shm->version) != WIRE_VERSION)
		return -EPROTO;
	need = wire_size(READ_ONCE(shm->nr_ports), READ_ONCE(shm->ring_bytes));
	return need && need <= size ? 0 : -EPROTO;
}

static int wire_claim(struct wire_port *p, s32 pid, u64 start_time)
{
	u32 i;

	for (i = 0; i < p->nr_ports; i++) {
		struct wire_port_shm *ps = &p->shm->port[i];
		u32 old = WIRE_PORT_FREE;

		if (!__atomic_compare_exchange_n(&ps->state, &old,
						 WIRE_PORT_CLAIMED, false,
						 __ATOMIC_ACQ_REL,
						 __ATOMIC_RELAXED))
			continue;
		WRITE_ONCE(ps->pid, pid);
		WRITE_ONCE(ps->start_time, start_time);
		WRITE_ONCE(ps->armed, 0);
		p->index = i;
		p->next_frame = (u64)i << 48 |
				(u64)(u16)++ps->generation << 32;
		return 0;
	}
	return -ENOSPC;
}

static void wire_map_rings(struct wire_port *p)
{
	u8 *base = (u8 *)p->shm;
	u32 i;

	for (i = 0; i < p->nr_ports; i++) {
		struct wire_tx_ring *t = &p->tx[i];
		struct wire_rx_ring *r = &p->rx[i];

		t->shm = (void *)(base + wire_ctl_off(p->nr_ports, p->index, i));
		t->data = base + wire_data_off(p->nr_ports, p->ring_bytes,
					       p->index, i);
		r->shm = (void *)(base + wire_ctl_off(p->nr_ports, i, p->index));
		r->data = base + wire_data_off(p->nr_ports, p->ring_bytes,
					       i, p->index);
	}
}

/* Rings start empty: mine to read at the producer's tail, mine to write at
 * the tail that my predecessor at this port published. */
static void wire_join_rings(struct wire_port *p, u32 peer)
{
	struct wire_tx_ring *t = &p->tx[peer];
	struct wire_rx_ring *r = &p->rx[peer];
	u32 mask = ~(WIRE_SLOT_ALIGN - 1);

	t->tail = t->published = READ_ONCE(t->shm->tail) & mask;
	t->head = READ_ONCE(t->shm->head) & mask;
	if (READ_ONCE(t->shm->tail) != t->tail)
		WRITE_ONCE(t->shm->tail, t->tail);
	r->head = r->published = r->tail = READ_ONCE(r->shm->tail) & mask;
	if (READ_ONCE(r->shm->head) != r->head)
		smp_store_release(&r->shm->head, r->head);
}

int wire_attach(struct wire_port *p, void *mem, size_t size,
		const struct wire_os *os, s32 pid, u64 start_time,
		u32 features)
{
	u32 i;
	int err = wire_check(mem, size);

	if (err)
		return err;
	memset(p, 0, sizeof(*p));
	p->link.ops = &wire_link_ops;
	p->shm = mem;
	p->size = size;
	p->os = *os;
	p->nr_ports = p->shm->nr_ports;
	p->ring_bytes = p->shm->ring_bytes;
	if (wire_size(p->nr_ports, p->ring_bytes) > size ||
	    !wire_geometry_ok(p->nr_ports, p->ring_bytes))
		return -EPROTO;
	spin_lock_init(&p->tx_lock);
	p->src.key = p->dst.key = ~0ull;	/* no address */
	err = wire_claim(p, pid, start_time);
	if (err)
		return err;
	wire_map_rings(p);
	for (i = 0; i < p->nr_ports; i++)
		if (i != p->index)
			wire_join_rings(p, i);
	wire_set_features(p, features);
	smp_store_release(&p->shm->port[p->index].state, WIRE_PORT_UP);
	__atomic_fetch_or(&p->shm->up_mask, 1u << p->index, __ATOMIC_SEQ_CST);
	return 0;
}

void wire_set_features(struct wire_port *p, u32 features)
{
	smp_store_release(&p->shm->port[p->index].features, features);
}

void wire_reclaim(struct wire_shm *shm, u32 index)
{
	u32 i;

	__atomic_fetch_and(&shm->up_mask, ~(1u << index), __ATOMIC_SEQ_CST);
	for (i = 0; i < WIRE_MAC_SLOTS; i++)
		if ((READ_ONCE(shm->mac[i]) & 0xffff) == index + 1)
			WRITE_ONCE(shm->mac[i], 0);
	WRITE_ONCE(shm->port[index].armed, 0);
	WRITE_ONCE(shm->port[index].pid, 0);
	smp_store_release(&shm->port[index].state, WIRE_PORT_FREE);
}

void wire_detach(struct wire_port *p)
{
	if (!p->shm)
		return;
	wire_reclaim(p->shm, p->index);
	p->shm = NULL;
}

u32 wire_ports_in_use(const struct wire_shm *shm)
{
	u32 i, used = 0;

	for (i = 0; i < WIRE_MAX_PORTS; i++)
		if (smp_load_acquire(&shm->port[i].state) != WIRE_PORT_FREE)
			used |= 1u << i;
	return used;
}

/* --- doorbells ----------------------------------------------------------- */

/*
 * The sleeper stores `armed` and then looks for events; the waker stores the
 * event and then looks at `armed`. With a full barrier between the two on
 * both sides, at least one sees the other.
 */
static noinline void wire_wake(struct wire_port *p, u32 port)
{
	u32 *word = &p->shm->port[port].armed;
	u32 how = __atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST);

	if (!how)
		return;
	__atomic_fetch_add(&p->stats.wakes, 1, __ATOMIC_RELAXED);
	p->os.wake(p->os.arg, port, word, how);
}

void wire_ring_doorbell(struct wire_port *p, u32 port)
{
	smp_mb();
	if (unlikely(READ_ONCE(p->shm->port[port].armed)))
		wire_wake(p, port);
}

static bool wire_arm(struct hw_link *l, u32 events, u32 how)
{
	struct wire_port *p = (struct wire_port *)l;
	u32 *word = &p->shm->port[p->index].armed;

	if (how & HW_LINK_FD)
		WRITE_ONCE(p->fd_armed, true);
	__atomic_fetch_or(word, how, __ATOMIC_SEQ_CST);
	smp_mb();
	if ((events & HW_LINK_RX && wire_rx_ready(p)) ||
	    (events & HW_LINK_TX && wire_tx_ready(p))) {
		__atomic_fetch_and(word, ~how, __ATOMIC_SEQ_CST);
		return false;
	}
	return true;
}

static void wire_disarm(struct hw_link *l)
{
	struct wire_port *p = (struct wire_port *)l;

	__atomic_exchange_n(&p->shm->port[p->index].armed, 0,
			    __ATOMIC_SEQ_CST);
	if (!READ_ONCE(p->fd_armed))
		return;
	WRITE_ONCE(p->fd_armed, false);
	if (p->os.drain)
		p->os.drain(p->os.arg);
}

static u32 *wire_futex(struct hw_link *l, u32 *value)
{
	struct wire_port *p = (struct wire_port *)l;
	u32 *word = &p->shm->port[p->index].armed;

	/* 0 would make the caller sleep although it has been woken. */
	*value = READ_ONCE(*word) | HW_LINK_FUTEX;
	return word;
}

static int wire_fd(struct hw_link *l)
{
	struct wire_port *p = (struct wire_port *)l;

	return p->os.fd ? p->os.fd(p->os.arg) : -1;
}

const struct hw_link_ops wire_link_ops = {
	.tx_begin = wire_tx_begin,
	.xmit = wire_xmit,
	.tx_end = wire_tx_end,
	.rx_peek = wire_rx_peek,
	.rx_next = wire_rx_next,
	.rx_end = wire_rx_end,
	.arm = wire_arm,
	.disarm = wire_disarm,
	.futex = wire_futex,
	.fd = wire_fd,
};
