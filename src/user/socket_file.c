/* SPDX-License-Identifier: BSD-2-Clause */
/* A socket as a file: what the descriptor table sees of it. */
#include "user/file.h"

#include "user/sys_common.h"

static u32 socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->private;

	/* Queue before looking, or what comes between is lost. */
	if (unlikely(pt && pt->queue)) {
		pt->queue(f, &s->wq, pt);
		smp_mb();
	}
	return s->ops->poll(s);
}

static int socket_ioctl(struct file *f, unsigned long cmd, void *arg)
{
	struct socket *s = f->private;

	return s->ops->ioctl(s, cmd, arg);
}

static void socket_release(struct file *f)
{
	sock_release(f->private);
}

const struct file_operations socket_file_ops = {
	.poll = socket_poll,
	.read_iter = socket_read_iter,
	.write_iter = socket_write_iter,
	.ioctl = socket_ioctl,
	.release = socket_release,
	.embedded = true,
};
