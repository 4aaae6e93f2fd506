/* SPDX-License-Identifier: BSD-2-Clause */
/* SIOCGIF*: what netdevice(7) tells about devices and their addresses. */
#include "inet/in_device.h"
#include "inet/route.h"
#include "sock/inet_common.h"

static void put_addr(struct sockaddr *to, __be32 addr)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_addr.s_addr = (__force in_addr_t)addr;
	memcpy(to, &in, sizeof(in));
}

struct ifconf_walk {
	char *to;
	u32 room, used;
};

static void ifconf_one(void *arg, struct net_device *dev, __be32 addr, u8 plen)
{
	struct ifconf_walk *w = arg;
	struct ifreq r = { 0 };

	if (w->to) {
		if (w->room - w->used < sizeof(r))
			return;
		memcpy(r.ifr_name, dev->name, sizeof(r.ifr_name));
		put_addr(&r.ifr_addr, addr);
		memcpy(w->to + w->used, &r, sizeof(r));
	}
	w->used += sizeof(r);
}

static int get_ifconf(struct net *net, void *arg)
{
	struct ifconf_walk w = { 0 };
	struct ifconf c;

	memcpy(&c, arg, sizeof(c));
	if (c.ifc_len < 0)
		return -EINVAL;
	w.to = c.ifc_buf;
	w.room = (u32)c.ifc_len;
	inet_addr_for_each(net, ifconf_one, &w);
	c.ifc_len = (int)w.used;
	memcpy(arg, &c, sizeof(c));
	return 0;
}

static int get_name(struct net *net, void *arg)
{
	struct net_device *dev;
	struct ifreq r;

	memcpy(&r, arg, sizeof(r));
	dev = dev_get_by_index(net, (u32)r.ifr_ifindex);
	if (!dev)
		return -ENODEV;
	memcpy(r.ifr_name, dev->name, sizeof(r.ifr_name));
	memcpy(arg, &r, sizeof(r));
	return 0;
}

static u32 dev_flags(const struct net_device *dev)
{
	u32 f = dev->flags & ~(u32)(IFF_RUNNING | IFF_LOWER_UP);

	if (netif_running(dev))
		f |= IFF_UP;
	if (netif_running(dev) && netif_carrier_ok(dev))
		f |= IFF_RUNNING;
	return f;
}

static int get_address(const struct net_device *dev, unsigned long cmd,
		       struct ifreq *r)
{
	const struct in_device *in_dev = in_dev_get(dev);
	const struct in_ifaddr *ifa = in_dev ?
		rcu_dereference(((struct in_device *)in_dev)->ifa_list) : NULL;

	if (!ifa)
		return -EADDRNOTAVAIL;
	if (cmd == SIOCGIFNETMASK)
		put_addr(&r->ifr_addr, ifa->mask);
	else if (cmd == SIOCGIFBRDADDR)
		put_addr(&r->ifr_addr, ifa->broadcast);
	else
		put_addr(&r->ifr_addr, ifa->local);
	return 0;
}

static int get_one(const struct net_device *dev, unsigned long cmd,
		   struct ifreq *r)
{
	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		return get_address(dev, cmd, r);
	case SIOCGIFFLAGS:
		r->ifr_flags = (short)dev_flags(dev);
		return 0;
	case SIOCGIFMETRIC:
		r->ifr_metric = 0;
		return 0;
	case SIOCGIFMTU:
		r->ifr_mtu = (int)dev->mtu;
		return 0;
	case SIOCGIFHWADDR:
		memset(&r->ifr_hwaddr, 0, sizeof(r->ifr_hwaddr));
		r->ifr_hwaddr.sa_family = dev->type;
		memcpy(r->ifr_hwaddr.sa_data, dev->dev_addr, dev->addr_len);
		return 0;
	case SIOCGIFINDEX:
		r->ifr_ifindex = (int)dev->ifindex;
		return 0;
	case SIOCGIFTXQLEN:
		r->ifr_qlen = (int)dev->tx_queue_len;
		return 0;
	default:
		return -ENOTTY;
	}
}

static bool is_dev_ioctl(unsigned long cmd)
{
	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFFLAGS:
	case SIOCGIFMETRIC:
	case SIOCGIFMTU:
	case SIOCGIFHWADDR:
	case SIOCGIFINDEX:
	case SIOCGIFTXQLEN:
		return true;
	default:
		return false;
	}
}

int dev_ioctl(struct net *net, unsigned long cmd, void *arg)
{
	struct net_device *dev;
	struct ifreq r;
	char *colon;
	int err;

	if (cmd == SIOCGIFCONF)
		return get_ifconf(net, arg);
	if (cmd == SIOCGIFNAME)
		return get_name(net, arg);
	if (!is_dev_ioctl(cmd))
		return -ENOTTY;
	memcpy(&r, arg, sizeof(r));
	r.ifr_name[sizeof(r.ifr_name) - 1] = '\0';
	colon = strchr(r.ifr_name, ':');	/* eth0:1 is an address of eth0 */
	if (colon)
		*colon = '\0';
	dev = dev_get_by_name(net, r.ifr_name);
	if (!dev)
		return -ENODEV;
	if (colon)
		*colon = ':';
	err = get_one(dev, cmd, &r);
	if (!err)
		memcpy(arg, &r, sizeof(r));
	return err;
}
