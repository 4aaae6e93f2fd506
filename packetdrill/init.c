/* SPDX-License-Identifier: BSD-2-Clause */
/* The library's one symbol: a world is made, and the table filled in. */
#include "drill_world.h"

#include <stdio.h>
#include <stdlib.h>

static void pd_free(void *userdata)
{
	struct pd *d = userdata;

	if (d->running)
		pd_stop(d);
	pd_fds_fini(d);
	pd_flags_fini(&d->flags);
	pthread_cond_destroy(&d->work);
	pthread_cond_destroy(&d->answer);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static int start(struct pd *d, const char *flags)
{
	if (pd_flags_parse(&d->flags, flags, d->err, sizeof(d->err))) {
		fprintf(stderr, "weir: --so_flags: %s\n", d->err);
		return -1;
	}
	if (pd_start(d)) {
		fprintf(stderr, "weir: the stack cannot be started as "
			"--so_flags say: %s\n", d->err);
		return -1;
	}
	d->running = true;
	return 0;
}

__attribute__((visibility("default")))
int packetdrill_interface_init(const char *flags,
			       struct packetdrill_interface *ifc)
{
	struct pd *d = calloc(1, sizeof(*d));

	if (!d) {
		fprintf(stderr, "weir: out of memory\n");
		abort();	/* there is no table that would say so */
	}
	pd_init(d);
	ifc->userdata = d;
	ifc->free = pd_free;
	pd_socket_calls(ifc);
	pd_file_calls(ifc);
	pd_wait_calls(ifc);
	pd_netdev_calls(ifc);
	return start(d, flags);
}
