/* SPDX-License-Identifier: BSD-2-Clause */
/* struct weir as the Linux platform makes it. */
#ifndef WEIR_PLATFORM_LINUX_WEIR_STACK_H
#define WEIR_PLATFORM_LINUX_WEIR_STACK_H

#include "platform/linux/linux_platform.h"
#include "platform/linux/wire_segment.h"
#include "user/stack.h"

struct hw_nic;
struct impair;
struct trace_file;
struct pcap_tap;

#define WEIR_MAX_LINKS	8

struct linux_link {
	struct net_device *dev;
	/* wire */
	struct wire_segment *segment;
	struct impair *impair;
	struct hw_nic *nic;
};

struct linux_weir {
	struct weir w;			/* first */
	struct linux_platform *lp;
	struct linux_link links[WEIR_MAX_LINKS];
	u32 nr_links;
	pthread_mutex_t link_lock;	/* links, nr_links */
	struct trace_file *trace;
	struct pcap_tap *pcap;
};

/* Stacks of virtual time have no part in what is Linux's. */
static inline bool is_linux(const struct weir *w)
{
	return w->owner;
}

static inline struct linux_weir *to_linux(struct weir *w)
{
	return (struct linux_weir *)w;
}

/* observe.c: 0 or -errno with err; not yet / still on a CPU. */
int linux_observe(struct linux_weir *lw, const struct weir_options *o,
		  char *err, size_t errlen);
void linux_unobserve(struct linux_weir *lw);
/* weir_link.c; on a CPU. */
void linux_link_remove(struct linux_link *l);

#endif
