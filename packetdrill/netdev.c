/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets to and from the stack, and the tool's clock, which is the world's. */
#define _GNU_SOURCE
#include "drill_world.h"

static int pd_netdev_send(void *userdata, const void *packet, size_t len)
{
	struct pd_request r = {
		.kind = PD_SEND, .buf = (void *)packet, .len = len,
	};

	return (int)pd_errno(pd_ask(userdata, &r));
}

/* Never -1: the tool would ask again for ever. */
static int pd_netdev_receive(void *userdata, void *packet, size_t *len,
			     long long *time_usecs)
{
	struct pd_request r = {
		.kind = PD_RECEIVE, .buf = packet, .len = *len,
	};

	*len = pd_ask(userdata, &r) < 0 ? 0 : r.len;
	*time_usecs = r.when / 1000;
	return 0;
}

static int pd_usleep(void *userdata, unsigned int usecs)
{
	struct pd_request r = {
		.kind = PD_SLEEP, .deadline = (int64_t)usecs * 1000,
	};

	return (int)pd_errno(pd_ask(userdata, &r));
}

static int pd_gettimeofday(void *userdata, struct timeval *tv,
			   struct timezone *tz)
{
	struct pd_request r = { .kind = PD_CLOCK };
	int ret = (int)pd_errno(pd_ask(userdata, &r));

	if (ret)
		return ret;
	if (tv) {
		tv->tv_sec = r.when / 1000000000;
		tv->tv_usec = r.when % 1000000000 / 1000;
	}
	if (tz)
		*tz = (struct timezone){ 0 };
	return 0;
}

void pd_netdev_calls(struct packetdrill_interface *ifc)
{
	ifc->netdev_send = pd_netdev_send;
	ifc->netdev_receive = pd_netdev_receive;
	ifc->usleep = pd_usleep;
	ifc->gettimeofday = pd_gettimeofday;
}
