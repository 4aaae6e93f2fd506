/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts. The top half does the least there is: the device has masked the
 * vector by itself (EIAM, 82576 7.3.2.4), so it only schedules NAPI. In the
 * device's rx_interrupt_mode there is no NAPI: each interrupt takes what the
 * rings hold and puts it on the CPU's backlog, the model of 4.4BSD.
 */
#include "drivers/igb/igb.h"
#include "cpu/irq.h"

#include <stdio.h>

void igb_ring_irq_enable(struct igb_q_vector *q)
{
	struct igb_adapter *a = q->adapter;

	if (a->msix)
		igb_wr32(a, E1000_EIMS, q->bit);
	else
		igb_wr32(a, E1000_IMS, ICR_RXDW | ICR_TXDW | ICR_FER);
}

static noinline void igb_rx_interrupt(struct igb_q_vector *q)
{
	igb_clean_tx_irq(q, false);
	igb_clean_rx_irq(q, ~0u);
	igb_ring_irq_enable(q);
}

static void igb_top_half(struct igb_q_vector *q)
{
	trace_stage(STAGE_igb_intr, 0, 0);
	q->adapter->interrupts++;
	if (unlikely(q->adapter->netdev->rx_interrupt_mode))
		igb_rx_interrupt(q);
	else
		napi_schedule(&q->napi);
}

/* One vector per queue pair. */
static enum irqreturn igb_msix_ring(int irq, void *data)
{
	igb_top_half(data);
	return IRQ_HANDLED;
}

/* One vector for all: reading ICR says whether it was us, and clears it. */
static enum irqreturn igb_intr(int irq, void *data)
{
	struct igb_adapter *a = data;
	u32 icr = igb_rd32(a, E1000_ICR);

	if (!icr)
		return IRQ_NONE;
	igb_top_half(a->q[0]);
	return IRQ_HANDLED;
}

int igb_request_irq(struct igb_adapter *a)
{
	struct machine *m = a->netdev->net->machine;
	u32 i;
	int err;

	if (!a->msix)
		return request_irq(m, a->bus->irq[0], igb_intr, IRQF_SHARED,
				   a->netdev->name, a);
	for (i = 0; i < a->nr_queues; i++) {
		struct igb_q_vector *q = a->q[i];

		/* the device has its name only since it was registered */
		snprintf(q->name, sizeof(q->name), "%s-TxRx-%u",
			 a->netdev->name, i);
		err = request_irq(m, a->bus->irq[i], igb_msix_ring, 0, q->name,
				  q);
		if (err)
			goto free_requested;
	}
	return 0;

free_requested:
	while (i-- > 0)
		free_irq(m, a->bus->irq[i], a->q[i]);
	return err;
}

void igb_free_irq(struct igb_adapter *a)
{
	struct machine *m = a->netdev->net->machine;
	u32 i;

	if (!a->msix) {
		free_irq(m, a->bus->irq[0], a);
		return;
	}
	for (i = 0; i < a->nr_queues; i++)
		free_irq(m, a->bus->irq[i], a->q[i]);
}

/* 82576 7.3.2: with MSI-X the vector's bit clears (EIAC) and masks (EIAM)
 * itself when its message goes out. */
void igb_irq_enable(struct igb_adapter *a)
{
	u32 all = (1u << a->nr_queues) - 1;

	if (a->msix) {
		igb_wr32(a, E1000_EIAC, all);
		igb_wr32(a, E1000_EIAM, all);
		igb_wr32(a, E1000_EIMS, all);
	} else {
		igb_wr32(a, E1000_IAM, ~0u);
		igb_wr32(a, E1000_IMS, ICR_RXDW | ICR_TXDW | ICR_FER);
	}
}

void igb_irq_disable(struct igb_adapter *a)
{
	igb_wr32(a, E1000_EIMC, ~0u);
	igb_wr32(a, E1000_IMC, ~0u);
	igb_wr32(a, E1000_EICR, ~0u);
	igb_wr32(a, E1000_ICR, ~0u);
}
