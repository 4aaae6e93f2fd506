/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir_create and weir_destroy on Linux: platform, machine, floors, service
 * thread; and the configuration calls.
 */
#include "platform/linux/weir_stack.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "dev/netdevice.h"
#include "dev/sysctl.h"
#include "inet/route.h"
#include "platform/linux/link_spec.h"
#include "user/view.h"

#define DEFAULT_CPUS	16u

static int reserve_fd(void *ctx, bool cloexec)
{
	const struct weir_fd_ops *ops = ctx;

	return ops->reserve(ops->ctx, cloexec);
}

static void release_fd(void *ctx, int fd)
{
	const struct weir_fd_ops *ops = ctx;

	ops->release(ops->ctx, fd);
}

static int bring_up_loopback(struct net *net)
{
	struct net_device *lo = net->loopback_dev;

	return lo ? dev_open(lo) : -ENODEV;
}

/* The floors, on a CPU of the machine. */
static int start_net(struct linux_weir *lw, const char *name, char *err,
		     size_t errlen)
{
	const char *failed = "platform";
	struct weir *w = &lw->w;
	int ret = -ENOMEM;

	if (!w->platform->ops->enter(w->platform, w->machine))
		goto say;
	ret = net_dev_init(w->machine);
	if (!ret) {
		ret = stack_init(w->machine, name, &w->net, &failed);
		if (ret)
			net_dev_exit(w->machine);
	}
	if (!ret) {
		failed = "loopback";
		ret = bring_up_loopback(w->net);
	}
	w->platform->ops->leave(w->platform, w->machine);
say:
	if (ret)
		snprintf(err, errlen, "cannot start the stack's floor \"%s\": "
			 "%s", failed, strerror(-ret));
	return ret;
}

static int set_fd_ops(struct linux_weir *lw, const struct weir_options *o)
{
	struct weir_fd_ops *copy;

	if (!o->fd_ops)
		return 0;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *o->fd_ops;
	lw->w.fd_ops = (struct fd_ops){ reserve_fd, release_fd, copy };
	lw->w.net->user->fd_ops = &lw->w.fd_ops;
	return 0;
}

struct weir *weir_create(const struct weir_options *o, char *err, size_t errlen)
{
	static const struct weir_options none;
	struct linux_weir *lw = calloc(1, sizeof(*lw));
	u32 cpus;

	if (!o)
		o = &none;
	cpus = o->cpus ? min_t(u32, o->cpus + 1, NR_CPUS) : DEFAULT_CPUS;
	if (!lw)
		goto no_memory;
	pthread_mutex_init(&lw->link_lock, NULL);
	lw->lp = lx_create();
	if (!lw->lp)
		goto no_memory;
	lw->w.platform = &lw->lp->p;
	lw->w.machine = machine_create(lw->w.platform, cpus);
	if (!lw->w.machine)
		goto no_memory;
	lw->lp->machine = lw->w.machine;
	if (start_net(lw, o->name ? o->name : "weir", err, errlen))
		goto fail;
	if (set_fd_ops(lw, o))
		goto no_memory;
	if (linux_observe(lw, o, err, errlen))
		goto fail;
	if (lx_start(lw->lp, lw->w.machine)) {
		snprintf(err, errlen, "cannot start ksoftirqd: no thread left");
		goto fail;
	}
	return &lw->w;

no_memory:
	snprintf(err, errlen, "cannot start the stack: out of memory");
fail:
	if (lw)
		weir_destroy(&lw->w);
	return NULL;
}

static void stop_net(struct linux_weir *lw)
{
	struct weir *w = &lw->w;
	u32 i;

	if (!w->net || !w->platform->ops->enter(w->platform, w->machine))
		return;
	fd_close_all(w->net);
	for (i = lw->nr_links; i--;)
		linux_link_remove(&lw->links[i]);
	linux_unobserve(lw);
	stack_exit(w->net);
	net_dev_exit(w->machine);
	w->platform->ops->leave(w->platform, w->machine);
}

void weir_destroy(struct weir *w)
{
	struct linux_weir *lw = to_linux(w);

	if (w->dead)		/* its threads and wires are our parent's */
		return;
	if (lw->lp)
		lx_stop(lw->lp);
	stop_net(lw);
	if (w->machine)
		machine_destroy(w->machine);
	free(w->fd_ops.ctx);
	pthread_mutex_destroy(&lw->link_lock);
	if (lw->lp)
		lx_destroy(lw->lp);
	free(lw);
}

void weir_after_fork_child(struct weir *w)
{
	w->dead = true;
	to_linux(w)->lp->pid = 0;
}

void weir_signal_arrived(struct weir *w)
{
	if (!w->dead)
		lx_signal(to_linux(w)->lp);
}

/* --- configuration -------------------------------------------------------------- */

static int refuse(char *err, size_t errlen, int ret, const char *what,
		  const char *why)
{
	snprintf(err, errlen, "%s: %s", what, why);
	return ret;
}

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
		return refuse(err, errlen, -EINVAL, cidr, "not an IPv4 address "
			      "with prefix length, such as 10.0.0.1/24");
	if (!linux_enter(w))
		return -EBADF;
	ret = addr_add(w, dev, addr, plen);
	w->platform->ops->leave(w->platform, w->machine);
	if (ret)
		refuse(err, errlen, ret, cidr, ret == -ENODEV ?
		       "no such device" : strerror(-ret));
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
		return refuse(err, errlen, -EINVAL, dst,
			      "not an IPv4 prefix, such as 10.1.0.0/16");
	if (gw && inet_pton(AF_INET, gw, &cfg.gateway) != 1)
		return refuse(err, errlen, -EINVAL, gw,
			      "not an IPv4 address of a gateway");
	if (!gw)
		cfg.scope = 253;	/* on the link */
	if (!linux_enter(w))
		return -EBADF;
	ret = route_add(w, &cfg, dev);
	w->platform->ops->leave(w->platform, w->machine);
	if (ret)
		refuse(err, errlen, ret, gw ? gw : dst, ret == -ENETUNREACH ?
		       "gateway is on none of the stack's networks; give an "
		       "address with --addr first" : strerror(-ret));
	return ret;
}

int weir_sysctl_set(struct weir *w, const char *name, const char *value,
		    char *err, size_t errlen)
{
	int ret;

	if (!linux_enter(w))
		return -EBADF;
	ret = sysctl_write(w->net, name, value);
	w->platform->ops->leave(w->platform, w->machine);
	if (ret == -ENOENT)
		refuse(err, errlen, ret, name, "no such setting");
	else if (ret)
		refuse(err, errlen, ret, name, "value not accepted");
	return ret;
}

int weir_sysctl_get(struct weir *w, const char *name, char *value, size_t room)
{
	int ret;

	if (!linux_enter(w))
		return -EBADF;
	ret = sysctl_read(w->net, name, value, room);
	w->platform->ops->leave(w->platform, w->machine);
	return ret;
}

ssize_t weir_view(struct weir *w, const char *name, char *text, size_t room)
{
	ssize_t ret;

	if (!linux_enter(w))
		return -EBADF;
	ret = net_view(w->net, name, text, room);
	w->platform->ops->leave(w->platform, w->machine);
	return ret;
}
