/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir_create and weir_destroy on Linux: platform, machine, floors, service
 * thread.
 */
#include "platform/linux/weir_stack.h"

#include <stdio.h>
#include <stdlib.h>

#include "dev/netdevice.h"

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
	lw->w.owner = lw;
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

	if (w->dead || !is_linux(w))	/* its threads and wires are our
					 * parent's; or it is a simulated one */
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
	if (!is_linux(w))
		return;
	w->dead = true;
	to_linux(w)->lp->pid = 0;
}

void weir_signal_arrived(struct weir *w)
{
	if (!w->dead && is_linux(w))
		lx_signal(to_linux(w)->lp);
}
