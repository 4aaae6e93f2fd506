/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /dev/net/tun. The descriptor is non-blocking, closed on exec, and moved out
 * of the way of the program's own numbers. Offloads are asked for step by step:
 * what an old kernel does not know is left out. With the rights to do so the
 * host's interface is brought up; without them that is the administrator's.
 */
#include "platform/linux/tap_host.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "drivers/tap/tap_vnet.h"

#define TAP_FD_MIN	500	/* above what programs select() on */
#define TAP_USO4	0x20u	/* TUN_F_USO4, TUN_F_USO6: Linux 6.2 */
#define TAP_USO6	0x40u

struct tap_host {
	int fd;
	int epfd;		/* what a thread sleeps on: fd, to read or write */
	char name[IFNAMSIZ];
};

static ssize_t host_readv(void *os, const struct iovec *iov, int n)
{
	struct tap_host *h = os;
	ssize_t len = readv(h->fd, iov, n);

	return len < 0 ? -errno : len;
}

static ssize_t host_writev(void *os, const struct iovec *iov, int n)
{
	struct tap_host *h = os;
	ssize_t len = writev(h->fd, iov, n);

	return len < 0 ? -errno : len;
}

static bool host_readable(void *os)
{
	struct tap_host *h = os;
	struct pollfd p = { .fd = h->fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents & POLLIN;
}

static bool host_writable(void *os)
{
	struct tap_host *h = os;
	struct pollfd p = { .fd = h->fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && p.revents;
}

static void host_want_room(void *os, bool on)
{
	struct tap_host *h = os;
	struct epoll_event ev = { .events = on ? EPOLLIN | EPOLLOUT : EPOLLIN };

	epoll_ctl(h->epfd, EPOLL_CTL_MOD, h->fd, &ev);
}

static int host_fd(void *os)
{
	struct tap_host *h = os;

	return h->epfd;
}

void tap_host_close(void *os)
{
	struct tap_host *h = os;

	if (h->epfd >= 0)
		close(h->epfd);
	close(h->fd);
	free(h);
}

static const struct tap_os_ops host_ops = {
	.readv = host_readv,
	.writev = host_writev,
	.readable = host_readable,
	.writable = host_writable,
	.want_room = host_want_room,
	.fd = host_fd,
	.close = tap_host_close,
};

static int fail(char *why, int err, const char *name, const char *what)
{
	snprintf(why, TAP_HOST_ERR, "tap:%s: %s", name, what);
	return -err;
}

static int fail_attach(char *why, int err, const char *name)
{
	char what[TAP_HOST_ERR / 2];

	switch (err) {
	case EPERM:
	case EACCES:
		snprintf(what, sizeof(what),
			 "no permission: run as root, or: "
			 "ip tuntap add dev %s mode tap user $USER", name);
		break;
	case EBUSY:
		snprintf(what, sizeof(what),
			 "in use by another program (one per TAP)");
		break;
	case EINVAL:
		snprintf(what, sizeof(what),
			 "not a TAP interface, or made with other flags");
		break;
	default:
		snprintf(what, sizeof(what), "cannot attach: %s",
			 strerror(err));
	}
	return fail(why, err, name, what);
}

/* Out of the program's way. */
static int fd_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, TAP_FD_MIN);

	if (high < 0)		/* RLIMIT_NOFILE is lower than that */
		return fd;
	close(fd);
	return high;
}

static int open_tun(const char *name, char *why)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		if (errno == ENOENT || errno == ENODEV)
			return fail(why, errno, name,
				    "the host has no /dev/net/tun: load the "
				    "tun module (modprobe tun)");
		if (errno == EACCES || errno == EPERM)
			return fail(why, errno, name,
				    "no permission to open /dev/net/tun: "
				    "run as root");
		return fail(why, errno, name, strerror(errno));
	}
	return fd_high(fd);
}

static int open_epoll(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	if (epfd >= 0 && epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev)) {
		close(epfd);
		return -1;
	}
	return epfd < 0 ? epfd : fd_high(epfd);
}

static int attach(int fd, struct tap_host *h, char *why)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int len = sizeof(struct vnet_hdr);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", h->name);
	if (ioctl(fd, TUNSETIFF, &ifr) < 0)
		return fail_attach(why, errno, h->name);
	snprintf(h->name, sizeof(h->name), "%s", ifr.ifr_name);
	if (ioctl(fd, TUNSETVNETHDRSZ, &len) < 0)
		return fail(why, errno, h->name,
			    "the host does not do virtio_net_hdr on TAP");
	return 0;
}

static u32 negotiate_offloads(int fd)
{
	unsigned long tso = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 |
			    TUN_F_TSO_ECN;

	if (!ioctl(fd, TUNSETOFFLOAD, tso | TAP_USO4 | TAP_USO6))
		return TAP_OFFLOAD_CSUM | TAP_OFFLOAD_TSO | TAP_OFFLOAD_USO;
	if (!ioctl(fd, TUNSETOFFLOAD, tso))
		return TAP_OFFLOAD_CSUM | TAP_OFFLOAD_TSO;
	if (!ioctl(fd, TUNSETOFFLOAD, (unsigned long)TUN_F_CSUM))
		return TAP_OFFLOAD_CSUM;
	ioctl(fd, TUNSETOFFLOAD, 0ul);
	return 0;
}

/* Up if we may; its MTU, or 0 when that cannot be learnt. */
static u32 host_link(const struct tap_host *h)
{
	struct ifreq ifr = { .ifr_flags = 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	u32 mtu = 0;

	if (s < 0)
		return 0;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", h->name);
	if (!ioctl(s, SIOCGIFFLAGS, &ifr) && !(ifr.ifr_flags & IFF_UP)) {
		ifr.ifr_flags |= IFF_UP;
		ioctl(s, SIOCSIFFLAGS, &ifr);
	}
	if (!ioctl(s, SIOCGIFMTU, &ifr) && ifr.ifr_mtu > 0)
		mtu = (u32)ifr.ifr_mtu;
	close(s);
	return mtu;
}

int tap_host_open(const char *name, struct tap_config *cfg,
		  char why[TAP_HOST_ERR])
{
	struct tap_host *h;
	int err;

	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/ %"))
		return fail(why, EINVAL, name,
			    "not a name for an interface (1 to 15 characters)");
	h = calloc(1, sizeof(*h));
	if (!h)
		return fail(why, ENOMEM, name, "out of memory");
	snprintf(h->name, sizeof(h->name), "%s", name);
	h->epfd = -1;
	h->fd = open_tun(name, why);
	if (h->fd < 0) {
		err = h->fd;
		free(h);
		return err;
	}
	err = attach(h->fd, h, why);
	if (!err) {
		h->epfd = open_epoll(h->fd);
		if (h->epfd < 0)
			err = fail(why, errno, name, strerror(errno));
	}
	if (err) {
		tap_host_close(h);
		return err;
	}
	cfg->ops = &host_ops;
	cfg->os = h;
	cfg->offloads = negotiate_offloads(h->fd);
	cfg->mtu = host_link(h);
	return 0;
}
