/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports: a tun device whose other end is the user's code. */
#include "platform/sim/world.h"

#include <stdlib.h>

#include "dev/netdevice.h"
#include "drivers/tun/tun.h"

struct sim_packet {
	struct sim_packet *next;
	ktime_t when;
	u32 len;
	u8 bytes[];
};

struct weir_sim_port {
	struct list_head list;		/* sim_host.ports */
	struct sim_host *host;
	struct net_device *dev;
	struct weir_sim_port_options opt;
	struct sim_packet *first, **tail;	/* kept for port_next */
	u64 lost;			/* no memory to keep them */
};

static void keep(struct weir_sim_port *p, const u8 *packet, u32 len)
{
	struct sim_packet *k = malloc(sizeof(*k) + len);

	if (!k) {
		p->lost++;
		return;
	}
	k->next = NULL;
	k->when = p->host->sim->now;
	k->len = len;
	memcpy(k->bytes, packet, len);
	*p->tail = k;
	p->tail = &k->next;
}

static void port_output(void *arg, const u8 *packet, u32 len)
{
	struct weir_sim_port *p = arg;

	if (p->opt.output)
		p->opt.output(p->opt.arg, p->host->sim->now, packet, len);
	else
		keep(p, packet, len);
}

static int plug(struct weir_sim_port *p)
{
	struct tun_config cfg = {
		.name = p->opt.name ? p->opt.name : "tun0",
		.mtu = p->opt.mtu,
		.offload = p->opt.offload,
		.output = port_output,
		.arg = p,
	};
	struct net_device *dev = tun_create(p->host->w.net, &cfg);
	int err;

	if (IS_ERR(dev))
		return (int)PTR_ERR(dev);
	err = dev_open(dev);
	if (err)
		tun_destroy(dev);
	else
		p->dev = dev;
	return err;
}

struct weir_sim_port *weir_sim_port(struct weir *w,
				    const struct weir_sim_port_options *o,
				    char *err, size_t errlen)
{
	static const struct weir_sim_port_options none;
	struct weir_sim_port *p = calloc(1, sizeof(*p));
	int ret = -ENOMEM;

	if (!p)
		goto failed;
	p->host = to_sim_host(w);
	p->opt = o ? *o : none;
	p->tail = &p->first;
	ret = -EBUSY;
	if (!w->platform->ops->enter(w->platform, w->machine))
		goto failed;
	ret = plug(p);
	w->platform->ops->leave(w->platform, w->machine);
	if (ret)
		goto failed;
	list_add_tail(&p->list, &p->host->ports);
	return p;

failed:
	free(p);
	sim_fail(err, errlen, ret, "%s: cannot make the port %s: %s",
		 weir_sim_host_name(w), o && o->name ? o->name : "tun0",
		 strerror(-ret));
	return NULL;
}

int weir_sim_port_input(struct weir_sim_port *p, const void *packet, size_t len)
{
	struct percpu *before = sim_hw_begin(p->host);
	int ret = len > TUN_MAX_PACKET ? -EINVAL :
		  tun_deliver(p->dev, packet, (u32)len);

	sim_hw_end(p->host, before);
	return ret;
}

ssize_t weir_sim_port_next(struct weir_sim_port *p, void *packet, size_t room,
			   int64_t *when)
{
	struct sim_packet *k = p->first;
	ssize_t len;

	if (!k)
		return -EAGAIN;
	p->first = k->next;
	if (!p->first)
		p->tail = &p->first;
	len = (ssize_t)k->len;
	memcpy(packet, k->bytes, min(room, (size_t)k->len));
	if (when)
		*when = k->when;
	free(k);
	return len;
}

void sim_ports_end(struct sim_host *h)
{
	struct weir_sim_port *p, *next;

	list_for_each_entry_safe(p, next, &h->ports, list) {
		tun_destroy(p->dev);
		while (p->first) {
			struct sim_packet *k = p->first;

			p->first = k->next;
			free(k);
		}
		list_del(&p->list);
		free(p);
	}
}
