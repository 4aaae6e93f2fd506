/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir_route: a route in words, made a struct fib_config. Values that are too
 * large for what they are become the largest that fits, as `ip route` has it.
 */
#include "user/stack.h"

#include "dev/netdevice.h"
#include "inet/route.h"
#include "tcp/tcp.h"
#include "user/config_text.h"

#include <stdio.h>

#define MTU_MIN		68u		/* RFC 791 */
#define MTU_MAX		(65535u - 15)
#define ADVMSS_MAX	(65535u - 40)
#define PROTO_BOOT	3		/* by hand, as `ip route` does */
#define PROTO_STATIC	4

static const struct {
	const char *name;
	u8 type;
} types[] = {
	{ "unicast", RTN_UNICAST_ },
	{ "blackhole", RTN_BLACKHOLE_ },
	{ "unreachable", RTN_UNREACHABLE_ },
	{ "prohibit", RTN_PROHIBIT_ },
};

struct problem {
	char *err;
	size_t errlen;
};

static int refuse(const struct problem *p, int ret, const char *what,
		  const char *why)
{
	return config_refuse(p->err, p->errlen, ret, what, why);
}

static int set_type(struct fib_config *cfg, const char *name, bool del)
{
	u32 i;

	if (!name) {
		cfg->type = del ? 0 : RTN_UNICAST_;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].name, name)) {
			cfg->type = types[i].type;
			return 0;
		}
	return -EINVAL;
}

static int set_metrics(struct fib_config *cfg, const struct weir_route *r,
		       const struct problem *p)
{
	if (r->mtu && r->mtu < MTU_MIN)
		return refuse(p, -EINVAL, "mtu", "IPv4 needs 68 bytes");
	if (r->congctl && strlen(r->congctl) >= sizeof(cfg->congctl))
		return refuse(p, -EINVAL, r->congctl,
			      "no such congestion control");
	cfg->mtu = min(r->mtu, MTU_MAX);
	cfg->mtu_locked = r->mtu_lock && r->mtu;
	cfg->advmss = min(r->advmss, ADVMSS_MAX);
	cfg->window = r->window;
	cfg->initcwnd = r->initcwnd;
	cfg->initrwnd = r->initrwnd;
	cfg->rto_min_ms = r->rto_min_ms;
	cfg->hoplimit = (u8)min(r->hoplimit, 255u);
	cfg->quickack = r->quickack;
	cfg->ecn = r->ecn;
	if (r->congctl)
		strcpy(cfg->congctl, r->congctl);
	return 0;
}

/* All but the device, which only the stack knows. */
static int route_config(struct fib_config *cfg, const struct weir_route *r,
			bool del, const struct problem *p)
{
	if (!r->dst)
		return refuse(p, -EINVAL, "route", "no destination");
	if (strcmp(r->dst, "default") &&
	    cidr_parse(r->dst, &cfg->dst, &cfg->prefixlen))
		return refuse(p, -EINVAL, r->dst,
			      "not an IPv4 prefix, such as 10.1.0.0/16");
	if (r->via && ipv4_parse(r->via, &cfg->gateway))
		return refuse(p, -EINVAL, r->via,
			      "not an IPv4 address of a gateway");
	if (r->src && ipv4_parse(r->src, &cfg->prefsrc))
		return refuse(p, -EINVAL, r->src, "not an IPv4 address");
	if (set_type(cfg, r->type, del))
		return refuse(p, -EINVAL, r->type, "no such type of route; "
			      "there are unicast, blackhole, unreachable, "
			      "prohibit");
	if (r->onlink && !(r->via && r->dev))
		return refuse(p, -EINVAL, "onlink", "needs via and dev");
	cfg->priority = r->metric;
	cfg->onlink = r->onlink;
	return set_metrics(cfg, r, p);
}

/* On a CPU. */
static int route_apply(struct net *net, enum weir_route_op op,
		       struct fib_config *cfg, const char *name)
{
	struct net_device *dev;

	if (cfg->congctl[0] && !tcp_ca_find(net, cfg->congctl))
		return -EPROTONOSUPPORT;
	if (name) {
		dev = dev_get_by_name(net, name);
		if (!dev)
			return -ENODEV;
		cfg->oif = dev->ifindex;
	}
	switch (op) {
	case WEIR_ROUTE_ADD:
		return fib_add(net, cfg, false);
	case WEIR_ROUTE_REPLACE:
		return fib_add(net, cfg, true);
	case WEIR_ROUTE_CHANGE:
		return fib_change(net, cfg);
	case WEIR_ROUTE_DEL:
		return fib_del(net, cfg);
	}
	return -EINVAL;
}

static int route_failed(const struct weir_route *r, int ret,
			const struct problem *p)
{
	switch (ret) {
	case -EPROTONOSUPPORT:
		return refuse(p, -EINVAL, r->congctl,
			      "no such congestion control");
	case -ENODEV:
		return refuse(p, ret, r->dev ? r->dev : r->dst, r->dev ?
			      "no such device" : "needs a gateway or a device");
	case -ENETUNREACH:
		return refuse(p, ret, r->via ? r->via : r->dst,
			      "gateway is on none of the stack's networks; give "
			      "an address first, or say onlink");
	case -EEXIST:
		return refuse(p, ret, r->dst, "there is such a route");
	case -ENOENT:
	case -ESRCH:
		return refuse(p, ret, r->dst, "there is no such route");
	case -EINVAL:
		return refuse(p, ret, r->src ? r->src : r->via ? r->via : r->dst,
			      r->src ? "not an address of this host" :
			      "not possible as a route (host bits set, or no "
			      "neighbour's address)");
	}
	return refuse(p, ret, r->dst, errno_text(ret));
}

static int route_do(struct weir *w, enum weir_route_op op,
		    const struct weir_route *r, u8 protocol,
		    const struct problem *p)
{
	struct fib_config cfg = { .table = 254 };
	bool del = op == WEIR_ROUTE_DEL;
	int ret = route_config(&cfg, r, del, p);

	if (ret)
		return ret;
	cfg.protocol = del ? 0 : protocol;
	if (!stack_enter(w))
		return refuse(p, -EBADF, r->dst, errno_text(-EBADF));
	ret = route_apply(w->net, op, &cfg, r->dev);
	stack_leave(w);
	return ret ? route_failed(r, ret, p) : 0;
}

int weir_route(struct weir *w, enum weir_route_op op, const struct weir_route *r,
	       char *err, size_t errlen)
{
	struct problem p = { err, errlen };

	return route_do(w, op, r, PROTO_BOOT, &p);
}

int weir_route_add(struct weir *w, const char *dst, const char *gw,
		   const char *dev, char *err, size_t errlen)
{
	struct weir_route r = { .dst = dst, .via = gw, .dev = dev };
	struct problem p = { err, errlen };

	return route_do(w, WEIR_ROUTE_ADD, &r, PROTO_STATIC, &p);
}
