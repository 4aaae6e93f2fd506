/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies between a driver and its device: registers, DMA, interrupt lines.
 *
 * The driver holds a struct hw_bus and knows nothing else of its device, so
 * that the same driver can drive the model in this process or a real card
 * mapped by VFIO. The device reaches the host's memory through dma_ops.
 */
#ifndef WEIR_HW_BUS_H
#define WEIR_HW_BUS_H

#include "base/types.h"

#define HW_BUS_VECTORS	25u

struct hw_bus;

struct hw_bus_ops {
	u32 (*readl)(struct hw_bus *bus, u32 reg);
	void (*writel)(struct hw_bus *bus, u32 reg, u32 value);
	/* Bus address of host memory for the device; 0: cannot be mapped. */
	u64 (*dma_map)(struct hw_bus *bus, void *mem, size_t len);
	void (*dma_unmap)(struct hw_bus *bus, u64 addr, size_t len);
	/* Zeroed memory for rings, seen by both sides. NULL: none left. */
	void *(*dma_alloc)(struct hw_bus *bus, size_t len, u64 *addr);
	void (*dma_free)(struct hw_bus *bus, void *mem, size_t len, u64 addr);
};

struct hw_bus {
	const struct hw_bus_ops *ops;
	const char *name;		/* as in ethtool -i: bus-info */
	bool direct;			/* bus addresses are host addresses */
	u32 nr_vectors;			/* interrupts given to the device */
	int irq[HW_BUS_VECTORS];	/* machine's interrupt of each vector */
};

/* For drivers: no call where nothing has to be mapped. */
static inline u64 hw_dma_map(struct hw_bus *bus, void *mem, size_t len)
{
	if (likely(bus->direct))
		return (u64)(uintptr_t)mem;
	return bus->ops->dma_map(bus, mem, len);
}
static inline void hw_dma_unmap(struct hw_bus *bus, u64 addr, size_t len)
{
	if (unlikely(!bus->direct))
		bus->ops->dma_unmap(bus, addr, len);
}

/* The device's way to the host's memory. */
struct dma_ops {
	/* Host address of `len` bytes at bus address `addr`; NULL: the device
	 * must not touch them. */
	void *(*translate)(void *arg, u64 addr, size_t len);
	void *arg;
};

/* Bus addresses are host addresses. */
static inline void *dma_translate(const struct dma_ops *ops, u64 addr,
				  size_t len)
{
	if (likely(!ops))
		return (void *)(uintptr_t)addr;
	return ops->translate(ops->arg, addr, len);
}

#endif
