/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosts to measure, without a program around: a platform whose time stands
 * still until it is moved, hosts with one CPU and a NIC on it, pairs of them on
 * a cable. All on one depot of memory, as a world of virtual time is. Whatever
 * fails ends the process with a message and status 2.
 */
#ifndef WEIR_BENCH_WORLD_H
#define WEIR_BENCH_WORLD_H

#include "base/slab.h"
#include "cpu/task.h"
#include "dev/netdevice.h"
#include "hw/cable.h"
#include "hw/nic.h"
#include "user/sys.h"

struct world {
	struct platform platform;	/* must be first */
	ktime_t now;
	u64 random;
	size_t bytes;			/* of the platform, out */
	struct slab_depot *depot;
	struct slab_magazines *magazines;
};

struct host {
	struct machine *m;
	struct net *net;
	struct hw_nic *nic;
	struct net_device *dev;
	struct task task;
};

/* What making a host is made of, in this order. */
enum step { MACHINE, SOFTNET, STACK, LOOPBACK, NIC, DRIVER, OPEN, ADDRESS,
	    HOST_STEPS };

struct host_params {
	struct hw_link *link;
	u32 addr;			/* host order; and the end of its MAC */
	u8 prefix;
	u32 ring, size_shift;		/* see struct machine */
	void (*done)(void *arg, enum step step); /* or NULL */
	void *arg;
};

void world_init(struct world *w);
/* Objects that were not freed. */
size_t world_exit(struct world *w);
/* Of the stacks, without what lies ready in the depot. */
size_t world_bytes_in_use(struct world *w);
extern const struct cable_ops world_cable_ops;	/* arg: struct world * */

void host_start(struct host *h, struct world *w, const struct host_params *p);
void host_stop(struct host *h);
/* Between these the caller is a task of the host. */
void host_enter(struct host *h);
void host_leave(struct host *h);
void host_run(struct host *h);		/* what is due now */
/* Both run until `ns` have passed, in steps of 100 us. */
void hosts_pass(struct world *w, struct host h[2], ktime_t ns);

struct sockaddr_in world_address(u32 addr, u16 port);	/* host order */
void world_die(const char *what, int err) __attribute__((noreturn));
void world_check(const char *what, int err);		/* dies if err */

#endif
