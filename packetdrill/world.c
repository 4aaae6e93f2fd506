/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack of one script: a host with an address on the device "tun0", whose
 * other end is the tool.
 */
#include "drill_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* The network of a dotted address, as "192.0.2.0/24". */
static void network(const char *addr, unsigned int prefix, char *to, size_t size)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	inet_pton(AF_INET, addr, &a);
	a.s_addr &= prefix ? htonl(UINT32_MAX << (32 - prefix)) : 0;
	inet_ntop(AF_INET, &a, text, sizeof(text));
	snprintf(to, size, "%s/%u", text, prefix);
}

static int set_addresses(struct pd *d)
{
	const struct pd_flags *f = &d->flags;
	char text[64];
	int ret;

	snprintf(text, sizeof(text), "%s/%u", f->local, f->prefix);
	ret = weir_addr_add(d->host, "tun0", text, d->err, sizeof(d->err));
	if (ret)
		return ret;
	network(f->remote, 24, text, sizeof(text));
	/* a gateway that is the host itself is none: the device is enough */
	return weir_route_add(d->host, text,
			      strcmp(f->gateway, f->local) ? f->gateway : NULL,
			      "tun0", d->err, sizeof(d->err));
}

static int set_sysctls(struct pd *d)
{
	const struct pd_flags *f = &d->flags;
	int ret = 0;

	for (unsigned int i = 0; i < f->nr_sysctls && !ret; i++)
		ret = weir_sysctl_set(d->host, f->sysctl[i].name,
				      f->sysctl[i].value, d->err,
				      sizeof(d->err));
	return ret;
}

/* How far the stack's wall clock is ahead of the world's: docs/trace-format.md. */
static int64_t wall_offset(struct weir *host)
{
	uint8_t header[32] = { 0 };
	int64_t both[2];

	weir_sim_trace_header(host, header, sizeof(header));
	memcpy(both, header + 16, sizeof(both));
	return both[1] - both[0];
}

int pd_world_create(struct pd *d)
{
	const struct weir_sim_port_options port = {
		.mtu = d->flags.mtu, .offload = d->flags.offload,
		.name = "tun0",
	};
	const struct weir_sim_options world = { .seed = d->flags.seed };

	d->sim = weir_sim_create(&world, d->err, sizeof(d->err));
	if (!d->sim)
		return -1;
	d->host = weir_sim_host(d->sim, "packetdrill", NULL, d->err,
				sizeof(d->err));
	if (!d->host)
		return -1;
	d->port = weir_sim_port(d->host, &port, d->err, sizeof(d->err));
	if (!d->port || set_addresses(d) || set_sysctls(d))
		return -1;
	d->wall_offset = wall_offset(d->host);
	return 0;
}

void pd_world_destroy(struct pd *d)
{
	if (d->sim)
		weir_sim_destroy(d->sim);
	d->sim = NULL;
}
