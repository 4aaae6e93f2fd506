/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of the rings: descriptors and side rings in DMA memory, the
 * driver's own notes beside them, the pool of receive pages. */
#include "drivers/igb/igb.h"
#include "base/slab.h"

static void igb_free_dma(struct igb_adapter *a, void *mem, size_t len, u64 addr)
{
	if (mem)
		a->bus->ops->dma_free(a->bus, mem, len, addr);
}

static void igb_free_tx_resources(struct igb_tx_ring *r)
{
	struct igb_adapter *a = r->adapter;

	igb_free_dma(a, r->desc, r->count * sizeof(*r->desc), r->dma);
	igb_free_dma(a, r->side, r->count * sizeof(*r->side), r->side_dma);
	kfree(r->buf);
	r->desc = NULL;
	r->side = NULL;
	r->buf = NULL;
}

static int igb_setup_tx_resources(struct igb_tx_ring *r)
{
	struct igb_adapter *a = r->adapter;

	r->count = a->tx_count;
	r->next_to_use = r->next_to_clean = 0;
	r->doorbell_due = false;
	memset(&r->ctx, 0, sizeof(r->ctx));
	spin_lock_init(&r->clean_lock);
	r->buf = kzalloc(r->count * sizeof(*r->buf));
	r->desc = a->bus->ops->dma_alloc(a->bus, r->count * sizeof(*r->desc),
					 &r->dma);
	if (a->virtual)
		r->side = a->bus->ops->dma_alloc(a->bus,
				r->count * sizeof(*r->side), &r->side_dma);
	if (r->buf && r->desc && (r->side || !a->virtual))
		return 0;
	igb_free_tx_resources(r);
	return -ENOMEM;
}

static void igb_free_rx_resources(struct igb_rx_ring *r)
{
	struct igb_adapter *a = r->adapter;
	u32 i;

	for (i = 0; r->buf && i < r->count; i++) {
		if (!r->buf[i].page)
			continue;
		hw_dma_unmap(a->bus, r->buf[i].dma, IGB_RX_BUFSZ);
		page_put(r->buf[i].page);
	}
	if (r->skb)
		kfree_skb_reason(r->skb, SKB_DROP_REASON_DEV_DOWN);
	r->skb = NULL;
	page_pool_destroy(r->pool);
	igb_free_dma(a, r->desc, r->count * sizeof(*r->desc), r->dma);
	igb_free_dma(a, r->side, r->count * sizeof(*r->side), r->side_dma);
	kfree(r->buf);
	r->pool = NULL;
	r->desc = NULL;
	r->side = NULL;
	r->buf = NULL;
}

/* All that fit, or a share of them in small hosts, see machine.size_shift. */
static u32 igb_rx_first_fill(const struct igb_adapter *a)
{
	u32 all = a->rx_count - 1;
	u32 share = all >> a->netdev->net->machine->size_shift;

	return min(all, max(share, IGB_RX_MIN_FILL));
}

static int igb_setup_rx_resources(struct igb_rx_ring *r)
{
	struct igb_adapter *a = r->adapter;

	r->count = a->rx_count;
	r->next_to_use = r->next_to_clean = 0;
	r->fill = igb_rx_first_fill(a);
	r->skipping = false;
	r->buf = kzalloc(r->count * sizeof(*r->buf));
	r->pool = page_pool_create(IGB_RX_BUFSZ, IGB_RX_POOL_PAGES);
	r->desc = a->bus->ops->dma_alloc(a->bus, r->count * sizeof(*r->desc),
					 &r->dma);
	if (a->virtual)
		r->side = a->bus->ops->dma_alloc(a->bus,
				r->count * sizeof(*r->side), &r->side_dma);
	if (r->buf && r->pool && r->desc && (r->side || !a->virtual))
		return 0;
	igb_free_rx_resources(r);
	return -ENOMEM;
}

int igb_setup_all_tx_resources(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->nr_queues; i++)
		if (igb_setup_tx_resources(&a->q[i]->tx))
			goto free_done;
	return 0;

free_done:
	while (i-- > 0)
		igb_free_tx_resources(&a->q[i]->tx);
	return -ENOMEM;
}

int igb_setup_all_rx_resources(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->nr_queues; i++)
		if (igb_setup_rx_resources(&a->q[i]->rx))
			goto free_done;
	return 0;

free_done:
	while (i-- > 0)
		igb_free_rx_resources(&a->q[i]->rx);
	return -ENOMEM;
}

void igb_free_all_tx_resources(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->nr_queues; i++)
		igb_free_tx_resources(&a->q[i]->tx);
}

void igb_free_all_rx_resources(struct igb_adapter *a)
{
	u32 i;

	for (i = 0; i < a->nr_queues; i++)
		igb_free_rx_resources(&a->q[i]->rx);
}
