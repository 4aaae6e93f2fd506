/* SPDX-License-Identifier: BSD-2-Clause */
/* See hw/nic.h. RULE 6: hw/ may not know the stack; this file alone knows the
 * machine (cpu/irq.h), to which the model is wired here. */
#include "hw/nic.h"
#include "base/slab.h"

#define HW_RING_ALIGN	128u

static struct hw_nic *nic_of_bus(struct hw_bus *bus)
{
	return container_of(bus, struct hw_nic, bus);
}

static u32 nic_readl(struct hw_bus *bus, u32 reg)
{
	return e82576_readl(&nic_of_bus(bus)->hw, reg);
}

static void nic_writel(struct hw_bus *bus, u32 reg, u32 value)
{
	e82576_writel(&nic_of_bus(bus)->hw, reg, value);
}

static u64 nic_dma_map(struct hw_bus *bus, void *mem, size_t len)
{
	return (u64)(uintptr_t)mem;
}

static void nic_dma_unmap(struct hw_bus *bus, u64 addr, size_t len)
{
}

/* The allocation's start is kept in front of the aligned ring. */
static void *nic_dma_alloc(struct hw_bus *bus, size_t len, u64 *addr)
{
	u8 *raw = kzalloc(len + HW_RING_ALIGN + sizeof(void *)), *mem;

	if (!raw)
		return NULL;
	mem = (u8 *)ALIGN_UP((uintptr_t)raw + sizeof(void *), HW_RING_ALIGN);
	memcpy(mem - sizeof(void *), &raw, sizeof(void *));
	*addr = (u64)(uintptr_t)mem;
	return mem;
}

static void nic_dma_free(struct hw_bus *bus, void *mem, size_t len, u64 addr)
{
	void *raw;

	if (!mem)
		return;
	memcpy(&raw, (u8 *)mem - sizeof(void *), sizeof(void *));
	kfree(raw);
}

static const struct hw_bus_ops nic_bus_ops = {
	.readl = nic_readl,
	.writel = nic_writel,
	.dma_map = nic_dma_map,
	.dma_unmap = nic_dma_unmap,
	.dma_alloc = nic_dma_alloc,
	.dma_free = nic_dma_free,
};

static void nic_raise(void *arg, u32 vector)
{
	struct hw_nic *nic = arg;

	if (vector < nic->bus.nr_vectors)
		irq_raise(nic->machine, nic->bus.irq[vector]);
}

/* --- virtual time --------------------------------------------------------------- */

static ktime_t nic_now(void *arg)
{
	struct hw_nic_clock *clock = &((struct hw_nic *)arg)->clock;

	return clock->now(clock->arg);
}

static void nic_moderate(void *arg, u32 vector, ktime_t delay)
{
	struct hw_nic_clock *clock = &((struct hw_nic *)arg)->clock;

	clock->after(clock->arg, vector, delay);
}

static void nic_wake(void *arg)
{
	struct hw_nic_clock *clock = &((struct hw_nic *)arg)->clock;

	clock->step(clock->arg);
}

void hw_nic_set_clock(struct hw_nic *nic, const struct hw_nic_clock *clock)
{
	nic->clock = *clock;
	nic->hw.cfg.now = clock->now ? nic_now : NULL;
	nic->hw.cfg.moderate = clock->after ? nic_moderate : NULL;
	nic->hw.cfg.wake = clock->step ? nic_wake : NULL;
}

void hw_nic_moderation_over(struct hw_nic *nic, u32 vector)
{
	e82576_moderation_over(&nic->hw, vector);
}

/* --- struct hw_device --------------------------------------------------------- */

static bool nic_step(struct hw_device *dev)
{
	return e82576_step(&((struct hw_nic *)dev)->hw);
}

static bool nic_arm(struct hw_device *dev, enum hw_arm how)
{
	return e82576_arm(&((struct hw_nic *)dev)->hw,
			  how == HW_ARM_FD ? HW_LINK_FD : HW_LINK_FUTEX);
}

static void nic_disarm(struct hw_device *dev)
{
	e82576_disarm(&((struct hw_nic *)dev)->hw);
}

static int nic_fd(struct hw_device *dev)
{
	struct hw_link *link = ((struct hw_nic *)dev)->hw.link;

	return link->ops->fd(link);
}

static u32 *nic_futex(struct hw_device *dev, u32 *value)
{
	struct hw_link *link = ((struct hw_nic *)dev)->hw.link;

	return link->ops->futex(link, value);
}

/* --- life ------------------------------------------------------------------------ */

static int nic_alloc_vectors(struct hw_nic *nic, u32 vectors)
{
	int irq;

	while (nic->bus.nr_vectors < vectors) {
		irq = irq_alloc(nic->machine);
		if (irq < 0)
			return irq;
		nic->bus.irq[nic->bus.nr_vectors++] = irq;
	}
	return 0;
}

static void nic_free_vectors(struct hw_nic *nic)
{
	while (nic->bus.nr_vectors)
		irq_free(nic->machine, nic->bus.irq[--nic->bus.nr_vectors]);
}

static void nic_init(struct hw_nic *nic, struct hw_link *link, const u8 mac[6])
{
	struct e82576_config cfg = {
		.link = link, .raise = nic_raise, .arg = nic,
	};

	memcpy(cfg.mac, mac, 6);
	e82576_init(&nic->hw, &cfg);
	nic->bus.ops = &nic_bus_ops;
	nic->bus.direct = true;
	nic->bus.name = "weir:82576";
	nic->dev.step = nic_step;
	nic->dev.arm = nic_arm;
	nic->dev.disarm = nic_disarm;
	nic->dev.fd = nic_fd;
	nic->dev.futex = link->ops->futex ? nic_futex : NULL;
	nic->dev.name = "82576";
}

struct hw_nic *hw_nic_create(struct machine *m, struct hw_link *link,
			     const u8 mac[6], u32 vectors, bool real_time)
{
	struct hw_nic *nic = kzalloc(sizeof(*nic));
	int err;

	if (!nic)
		return ERR_PTR(-ENOMEM);
	nic->machine = m;
	vectors = max(vectors, 1u);
	vectors = min(vectors, HW_BUS_VECTORS);
	nic_init(nic, link, mac);
	err = nic_alloc_vectors(nic, vectors);
	if (!err && real_time)
		err = hw_device_register(m, &nic->dev);
	if (err) {
		nic_free_vectors(nic);
		kfree(nic);
		return ERR_PTR(err);
	}
	return nic;
}

void hw_nic_destroy(struct hw_nic *nic)
{
	hw_device_unregister(nic->machine, &nic->dev);
	nic_free_vectors(nic);
	kfree(nic);
}
