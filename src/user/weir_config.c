/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's calls for configuring a stack: addresses, settings, views.
 * They take the words that administrators use; whatever is wrong with the words
 * themselves is told before the stack is entered. Routes and devices are in
 * config_route.c and config_dev.c.
 */
#include "user/stack.h"

#include "dev/netdevice.h"
#include "dev/sysctl.h"
#include "inet/route.h"
#include "user/config_text.h"
#include "user/view.h"

static int addr_change(struct weir *w, const char *name, const char *cidr,
		       bool add, char *err, size_t errlen)
{
	struct net_device *dev;
	__be32 addr;
	u8 plen;
	int ret;

	if (cidr_parse(cidr, &addr, &plen))
		return config_refuse(err, errlen, -EINVAL, cidr,
				     "not an IPv4 address with prefix length, "
				     "such as 10.0.0.1/24");
	if (!stack_enter(w))
		return -EBADF;
	dev = dev_get_by_name(w->net, name);
	if (!dev)
		ret = -ENODEV;
	else
		ret = add ? inet_addr_add(dev, addr, plen)
			  : inet_addr_del(dev, addr, plen);
	stack_leave(w);
	if (ret)
		config_refuse(err, errlen, ret, ret == -ENODEV ? name : cidr,
			      errno_text(ret));
	return ret;
}

int weir_addr_add(struct weir *w, const char *dev, const char *cidr, char *err,
		  size_t errlen)
{
	return addr_change(w, dev, cidr, true, err, errlen);
}

int weir_addr_del(struct weir *w, const char *dev, const char *cidr, char *err,
		  size_t errlen)
{
	return addr_change(w, dev, cidr, false, err, errlen);
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
