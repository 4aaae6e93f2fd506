/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack's devices: getifaddrs and the if_* functions, which in libc ask
 * the host over netlink. What they return is laid out as libc's, which frees
 * it: getifaddrs one block, if_nameindex a block and its strings. */
#include "shim.h"

#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>

#define MAX_DEVICES	64
#define MAX_ADDRS	256

struct device {
	struct ifreq name;		/* only the name */
	int index;
	unsigned int flags;
	struct sockaddr hwaddr;
};

struct entry {
	struct ifaddrs ifa;
	char name[IFNAMSIZ];
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_ll ll;
	} addr, mask, other;
};

static long ask(int fd, unsigned long cmd, struct ifreq *r)
{
	return STACK(weir_ioctl(w, fd, cmd, r));
}

/* A socket to ask with, or -1 and errno. */
static int ask_socket(void)
{
	if (!shim_stack())
		return -1;
	return (int)STACK(weir_socket(w, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
				      0));
}

static void done(int fd)
{
	int saved = errno;

	STACK(weir_close(w, fd));
	errno = saved;
}

static int list_devices(int fd, struct device *d)
{
	struct ifreq r;
	int index, n = 0;

	for (index = 1; index <= MAX_DEVICES; index++) {
		memset(&r, 0, sizeof(r));
		r.ifr_ifindex = index;
		if (ask(fd, SIOCGIFNAME, &r) < 0)
			continue;
		d[n].index = index;
		d[n].name = r;
		d[n].flags = ask(fd, SIOCGIFFLAGS, &r) < 0 ? 0 :
			     (unsigned short)r.ifr_flags;
		r = d[n].name;
		if (ask(fd, SIOCGIFHWADDR, &r) == 0)
			d[n].hwaddr = r.ifr_hwaddr;
		n++;
	}
	return n;
}

/* --- getifaddrs ---------------------------------------------------------------------- */

static void link_entry(struct entry *e, const struct device *d)
{
	memcpy(e->name, d->name.ifr_name, IFNAMSIZ);
	e->ifa.ifa_name = e->name;
	e->ifa.ifa_flags = d->flags;
	e->ifa.ifa_addr = &e->addr.sa;
	e->addr.ll.sll_family = AF_PACKET;
	e->addr.ll.sll_ifindex = d->index;
	e->addr.ll.sll_hatype = d->hwaddr.sa_family;
	e->addr.ll.sll_halen = 6;
	memcpy(e->addr.ll.sll_addr, d->hwaddr.sa_data, 6);
}

static void inet_entry(int fd, struct entry *e, const struct ifreq *conf,
		       const struct device *d, int n)
{
	struct ifreq r = *conf;
	int i;

	memcpy(e->name, conf->ifr_name, IFNAMSIZ);
	e->ifa.ifa_name = e->name;
	for (i = 0; i < n; i++)
		if (!strncmp(d[i].name.ifr_name, conf->ifr_name, IFNAMSIZ))
			e->ifa.ifa_flags = d[i].flags;
	e->addr.sa = conf->ifr_addr;
	e->ifa.ifa_addr = &e->addr.sa;
	if (!ask(fd, SIOCGIFNETMASK, &r)) {
		e->mask.sa = r.ifr_addr;
		e->ifa.ifa_netmask = &e->mask.sa;
	}
	r = *conf;
	if (e->ifa.ifa_flags & IFF_BROADCAST && !ask(fd, SIOCGIFBRDADDR, &r)) {
		e->other.sa = r.ifr_addr;
		e->ifa.ifa_broadaddr = &e->other.sa;
	}
}

static int fill(int fd, struct ifaddrs **list)
{
	static const size_t conf_bytes = MAX_ADDRS * sizeof(struct ifreq);
	struct device devices[MAX_DEVICES] = { 0 };
	struct ifconf conf = { .ifc_len = (int)conf_bytes };
	struct entry *e;
	int i, nr_devices, nr_addrs, total;

	conf.ifc_buf = malloc(conf_bytes);
	if (!conf.ifc_buf)
		return -1;
	nr_devices = list_devices(fd, devices);
	if (ask(fd, SIOCGIFCONF, (struct ifreq *)(void *)&conf) < 0)
		conf.ifc_len = 0;
	nr_addrs = conf.ifc_len / (int)sizeof(struct ifreq);
	total = nr_devices + nr_addrs;
	e = calloc((size_t)total + 1, sizeof(*e));
	for (i = 0; e && i < nr_devices; i++)
		link_entry(&e[i], &devices[i]);
	for (i = 0; e && i < nr_addrs; i++)
		inet_entry(fd, &e[nr_devices + i], &conf.ifc_req[i], devices,
			   nr_devices);
	for (i = 0; e && i < total - 1; i++)
		e[i].ifa.ifa_next = &e[i + 1].ifa;
	free(conf.ifc_buf);
	if (!e)
		return -1;
	if (!total)
		free(e);
	*list = total ? &e->ifa : NULL;
	return 0;
}

EXPORT int getifaddrs(struct ifaddrs **list)
{
	int fd = ask_socket(), ret;

	if (fd < 0)
		return -1;
	ret = fill(fd, list);
	done(fd);
	return ret;
}

EXPORT void freeifaddrs(struct ifaddrs *list)
{
	free(list);
}

/* --- if_* ------------------------------------------------------------------------------- */

EXPORT unsigned int if_nametoindex(const char *name)
{
	struct ifreq r = { 0 };
	int fd = ask_socket();
	long err;

	if (fd < 0)
		return 0;
	if (strlen(name) >= IFNAMSIZ) {
		err = -1;
		errno = ENODEV;
	} else {
		memcpy(r.ifr_name, name, strlen(name));
		err = ask(fd, SIOCGIFINDEX, &r);
	}
	done(fd);
	return err < 0 ? 0 : (unsigned int)r.ifr_ifindex;
}

EXPORT char *if_indextoname(unsigned int index, char name[IF_NAMESIZE])
{
	struct ifreq r = { .ifr_ifindex = (int)index };
	int fd = ask_socket();
	long err;

	if (fd < 0)
		return NULL;
	err = ask(fd, SIOCGIFNAME, &r);
	done(fd);
	if (err < 0) {
		if (errno == ENODEV)
			errno = ENXIO;
		return NULL;
	}
	return memcpy(name, r.ifr_name, IFNAMSIZ);
}

EXPORT struct if_nameindex *if_nameindex(void)
{
	struct device devices[MAX_DEVICES] = { 0 };
	struct if_nameindex *list;
	int i, n, fd = ask_socket();

	if (fd < 0)
		return NULL;
	n = list_devices(fd, devices);
	done(fd);
	list = calloc((size_t)n + 1, sizeof(*list));
	for (i = 0; list && i < n; i++) {
		list[i].if_index = (unsigned int)devices[i].index;
		list[i].if_name = strdup(devices[i].name.ifr_name);
	}
	return list;
}
