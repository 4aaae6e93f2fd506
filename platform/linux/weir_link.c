/* SPDX-License-Identifier: BSD-2-Clause */
/* weir_link_add: the hardware is plugged in, its driver probed and opened. */
#include "platform/linux/weir_stack.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "drivers/igb/igb.h"
#include "drivers/tap/tap.h"
#include "hw/impair.h"
#include "hw/nic.h"
#include "platform/linux/link_spec.h"
#include "platform/linux/tap_host.h"

#define MSIX_VECTORS	8u
#define TX_BURST	16u	/* descriptors written back together */

static void choose_mac(const struct link_spec *s, u8 mac[6])
{
	if (s->has_mac) {
		memcpy(mac, s->mac, 6);
		return;
	}
	get_random_bytes(mac, 6);
	mac[0] = (u8)((mac[0] & 0xfe) | 0x02);	/* locally administered */
}

static int open_segment(struct linux_link *l, const struct link_spec *s,
			char *err, size_t errlen)
{
	u32 features = link_spec_impaired(s) || s->plain ? 0 :
		       WIRE_F_CSUM | WIRE_F_GSO;
	int ret;

	l->segment = calloc(1, sizeof(*l->segment));
	if (!l->segment) {
		snprintf(err, errlen, "wire:%s: out of memory", s->name);
		return -ENOMEM;
	}
	ret = wire_segment_open(l->segment, s->name, features, err, errlen);
	if (ret) {
		free(l->segment);
		l->segment = NULL;
	}
	return ret;
}

/* In real time a thread that sends looks after the completions itself, when
 * it waits: an interrupt for each would only be in its way. */
static void complete_in_bursts(struct net_device *dev)
{
	struct ethtool_coalesce c = { 0 };

	dev->ethtool_ops->get_coalesce(dev, &c);
	c.tx_max_coalesced_frames = TX_BURST;
	dev->ethtool_ops->set_coalesce(dev, &c);
}

static int plug_nic(struct linux_weir *lw, struct linux_link *l,
		    const struct link_spec *s, struct hw_link *link)
{
	u8 mac[6];
	int ret;

	choose_mac(s, mac);
	l->nic = hw_nic_create(lw->w.machine, link, mac, MSIX_VECTORS, true);
	if (IS_ERR(l->nic)) {
		ret = (int)PTR_ERR(l->nic);
		l->nic = NULL;
		return ret;
	}
	ret = igb_probe(lw->w.net, &l->nic->bus, "eth%d",
			s->queues ? s->queues : 1, &l->dev);
	if (!ret)
		complete_in_bursts(l->dev);
	return ret;
}

static ktime_t link_clock(void *arg)
{
	struct platform *p = arg;

	return p->ops->clock_mono(p);
}

static int add_wire(struct linux_weir *lw, struct linux_link *l,
		    const struct link_spec *s, char *err, size_t errlen)
{
	struct hw_link *link;
	int ret = open_segment(l, s, err, errlen);

	if (ret)
		return ret;
	link = &l->segment->port.link;
	if (link_spec_impaired(s)) {
		l->impair = calloc(1, sizeof(*l->impair));
		if (!l->impair)
			return -ENOMEM;
		impair_init(l->impair, link, &s->impair, link_clock,
			    lw->w.platform);
		link = &l->impair->link;
	}
	ret = plug_nic(lw, l, s, link);
	if (ret)
		snprintf(err, errlen, "wire:%s: cannot set the NIC up: %s",
			 s->name, strerror(-ret));
	return ret;
}

static int add_tap(struct linux_weir *lw, struct linux_link *l,
		   const struct link_spec *s, char *err, size_t errlen)
{
	struct tap_config cfg = { 0 };
	char why[TAP_HOST_ERR];
	int ret;

	if (link_spec_impaired(s) || s->plain) {
		snprintf(err, errlen, "tap:%s: offload, loss, burst, mask, "
			 "reorder, dup and corrupt are options of wire links",
			 s->name);
		return -EINVAL;
	}
	ret = tap_host_open(s->name, &cfg, why);
	if (ret) {
		snprintf(err, errlen, "%s", why);
		return ret;
	}
	cfg.name = "eth%d";
	if (s->mtu)
		cfg.mtu = s->mtu;
	if (s->has_mac)
		cfg.mac = s->mac;
	l->dev = tap_create(lw->w.net, &cfg);
	if (!IS_ERR(l->dev))
		return 0;
	ret = (int)PTR_ERR(l->dev);
	l->dev = NULL;
	tap_host_close(cfg.os);
	snprintf(err, errlen, "tap:%s: %s", s->name, strerror(-ret));
	return ret;
}

void linux_link_remove(struct linux_link *l)
{
	if (l->dev && l->segment)
		igb_remove(l->dev);
	else if (l->dev)
		tap_destroy(l->dev);
	if (l->nic)
		hw_nic_destroy(l->nic);
	if (l->segment) {
		wire_segment_close(l->segment);
		free(l->segment);
	}
	free(l->impair);
	memset(l, 0, sizeof(*l));
}

static int add_link(struct linux_weir *lw, const struct link_spec *s, char *err,
		    size_t errlen)
{
	struct linux_link *l = &lw->links[lw->nr_links];
	int ret;

	ret = s->kind == LINK_WIRE ? add_wire(lw, l, s, err, errlen) :
	      add_tap(lw, l, s, err, errlen);
	if (ret)
		goto remove;
	if (s->mtu && dev_set_mtu(l->dev, s->mtu)) {
		snprintf(err, errlen, "%s: MTU %u is not possible here", s->name,
			 s->mtu);
		ret = -EINVAL;
		goto remove;
	}
	ret = dev_open(l->dev);
	if (ret) {
		snprintf(err, errlen, "%s: cannot bring the device up: %s",
			 s->name, strerror(-ret));
		goto remove;
	}
	lw->nr_links++;
	return (int)l->dev->ifindex;

remove:
	linux_link_remove(l);
	return ret;
}

static int add_link_on_cpu(struct weir *w, const struct link_spec *spec,
			   const char *text, char *err, size_t errlen)
{
	struct linux_weir *lw = to_linux(w);
	int ret;

	if (lw->nr_links == WEIR_MAX_LINKS) {
		snprintf(err, errlen, "%s: at most %d links", text,
			 WEIR_MAX_LINKS);
		return -ENOSPC;
	}
	if (!stack_enter(w)) {
		snprintf(err, errlen, "%s: not possible in this process", text);
		return -EBADF;
	}
	ret = add_link(lw, spec, err, errlen);
	w->platform->ops->leave(w->platform, w->machine);
	return ret;
}

int weir_link_add(struct weir *w, const char *text, char *err, size_t errlen)
{
	struct linux_weir *lw = to_linux(w);
	struct link_spec spec;
	int ret;

	if (!is_linux(w)) {
		snprintf(err, errlen, "%s: links of virtual time are made by "
			 "weir_sim_link()", text);
		return -EOPNOTSUPP;
	}
	ret = link_spec_parse(&spec, text, err, errlen);
	if (ret)
		return ret;
	pthread_mutex_lock(&lw->link_lock);
	ret = add_link_on_cpu(w, &spec, text, err, errlen);
	pthread_mutex_unlock(&lw->link_lock);
	/* Whoever sleeps on the devices does not know this one. */
	lx_poke(lw->lp);
	lx_rouse_ksoftirqd(lw->lp);
	return ret;
}
