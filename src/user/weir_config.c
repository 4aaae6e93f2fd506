/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's calls for configuring a stack: addresses, routes, settings,
 * views. They take the words that administrators use; whatever is wrong with
 * them is told before the stack is entered.
 */
#include "user/stack.h"

#include "dev/netdevice.h"
#include "dev/sysctl.h"
#include "inet/route.h"
#include "user/config_text.h"
#include "user/view.h"

static int addr_add(struct weir *w, const char *name, __be32 addr, u8 plen)
{
	struct net_device *dev = dev_get_by_name(w->net, name);

	return dev ? inet_addr_add(dev, addr, plen) : -ENODEV;
}

int weir_addr_add(struct weir *w, const char *dev, const char *cidr, char *err,
		  size_t errlen)
{
	__be32 addr;
	u8 plen;
	int ret;

	if (cidr_parse(cidr, &addr, &plen))
		return config_refuse(err, errlen, -EINVAL, cidr,
				     "not an IPv4 address with prefix length, "
				     "such as 10.0.0.1/24");
	if (!stack_enter(w))
		return -EBADF;
	ret = addr_add(w, dev, addr, plen);
	stack_leave(w);
	if (ret)
		config_refuse(err, errlen, ret, cidr, errno_text(ret));
	return ret;
}

static int route_add(struct weir *w, struct fib_config *cfg, const char *name)
{
	struct net_device *dev;

	if (name) {
		dev = dev_get_by_name(w->net, name);
		if (!dev)
			return -ENODEV;
		cfg->oif = dev->ifindex;
	}
	return fib_add(w->net, cfg, false);
}

int weir_route_add(struct weir *w, const char *dst, const char *gw,
		   const char *dev, char *err, size_t errlen)
{
	struct fib_config cfg = { .type = RTN_UNICAST_, .table = 254,
				  .protocol = 4 /* static */ };
	int ret;

	if (strcmp(dst, "default") &&
	    cidr_parse(dst, &cfg.dst, &cfg.prefixlen))
		return config_refuse(err, errlen, -EINVAL, dst,
				     "not an IPv4 prefix, such as 10.1.0.0/16");
	if (gw && ipv4_parse(gw, &cfg.gateway))
		return config_refuse(err, errlen, -EINVAL, gw,
				     "not an IPv4 address of a gateway");
	if (!gw)
		cfg.scope = 253;	/* on the link */
	if (!stack_enter(w))
		return -EBADF;
	ret = route_add(w, &cfg, dev);
	stack_leave(w);
	if (ret)
		config_refuse(err, errlen, ret, gw ? gw : dst,
			      ret == -ENETUNREACH ?
			      "gateway is on none of the stack's networks; give "
			      "an address with --addr first" : errno_text(ret));
	return ret;
}

int weir_sysctl_set(struct weir *w, const char *name, const char *value,
		    char *err, size_t errlen)
{
	int ret;

	if (!stack_enter(w))
		return -EBADF;
	ret = sysctl_write(w->net, name, value);
	stack_leave(w);
	if (ret == -ENOENT)
		config_refuse(err, errlen, ret, name, "no such setting");
	else if (ret)
		config_refuse(err, errlen, ret, name, "value not accepted");
	return ret;
}

int weir_sysctl_get(struct weir *w, const char *name, char *value, size_t room)
{
	int ret;

	if (!stack_enter(w))
		return -EBADF;
	ret = sysctl_read(w->net, name, value, room);
	stack_leave(w);
	return ret;
}

ssize_t weir_view(struct weir *w, const char *name, char *text, size_t room)
{
	ssize_t ret;

	if (!stack_enter(w))
		return -EBADF;
	ret = net_view(w->net, name, text, room);
	stack_leave(w);
	return ret;
}
