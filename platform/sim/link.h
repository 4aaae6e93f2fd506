/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of a world; link.c, switch.c. */
#ifndef WEIR_PLATFORM_SIM_LINK_H
#define WEIR_PLATFORM_SIM_LINK_H

#include "hw/cable.h"
#include "hw/nic.h"
#include "hw/switch.h"
#include "platform/sim/world.h"

#define SIM_VECTORS	8u		/* interrupts of a NIC */

struct net_device;

struct sim_vector {
	struct sim_event event;		/* its moderation is over */
	struct sim_end *end;
};

struct sim_end {
	struct weir_sim_link *link;
	u32 index;
	struct sim_event called;	/* the cable wants this end stepped */
	struct sim_event again;		/* the NIC wants to be stepped */
	/* a NIC in a host, or nothing */
	struct sim_host *host;
	struct hw_nic *nic;
	struct net_device *dev;
	struct sim_vector vector[SIM_VECTORS];
};

struct weir_sim_link {
	struct list_head list;		/* weir_sim.links */
	struct weir_sim *sim;
	u32 index;
	struct cable cable;
	struct sim_end end[2];
	struct switch_port port;	/* at end 1, if plugged */
	bool plugged;
	void (*tap)(void *arg, int64_t now, int direction, const void *frame,
		    size_t len);
	void *tap_arg;
};

/* A cable with nothing at its ends. NULL with err. */
struct weir_sim_link *sim_link_create(struct weir_sim *s, const char *spec,
				      char *err, size_t errlen);
void sim_link_destroy(struct weir_sim_link *l);
/* A NIC of w at an end. 0 or -errno with err. */
int sim_link_plug(struct weir_sim_link *l, u32 end, struct weir *w, char *err,
		  size_t errlen);

#endif
