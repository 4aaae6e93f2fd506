/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct socket: made by the table of families, freed by RCU because softirqs
 * that found its sock may still walk its wait queue. And the one place where
 * control messages for the program are laid out.
 */
#include "sock/socket.h"

#include "base/slab.h"
#include "sock/sock.h"

int sock_register_family(struct net *net, const struct net_proto_family *f)
{
	struct sock_net *sn = net->sock;
	int err = -EEXIST;

	if (f->family <= 0 || f->family >= (int)ARRAY_SIZE(sn->families))
		return -EINVAL;
	spin_lock_bh(&sn->lock);
	if (!sn->families[f->family]) {
		rcu_assign_pointer(sn->families[f->family], f);
		err = 0;
	}
	spin_unlock_bh(&sn->lock);
	return err;
}

struct socket *sock_alloc(struct net *net, int type)
{
	struct socket *s = kzalloc(sizeof(*s) + net->sock->file_room);

	if (!s)
		return NULL;
	s->state = SS_UNCONNECTED;
	s->type = (u16)type;
	s->net = net;
	init_waitqueue_head(&s->wq);
	return s;
}

static void socket_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct socket, rcu));
}

void sock_release(struct socket *s)
{
	if (s->ops)
		s->ops->release(s);
	s->ops = NULL;
	call_rcu(&s->rcu, socket_free_rcu);
}

int sock_create(struct net *net, int family, int type, int protocol,
		struct socket **out)
{
	const struct net_proto_family *f;
	struct socket *s;
	int err;

	if (family < 0 || family >= (int)ARRAY_SIZE(net->sock->families))
		return -EAFNOSUPPORT;
	if (type < 0 || type > SOCK_PACKET)
		return -EINVAL;
	f = rcu_dereference(net->sock->families[family]);
	if (!f)
		return -EAFNOSUPPORT;
	s = sock_alloc(net, type);
	if (!s)
		return -ENOMEM;
	err = f->create(net, s, protocol);
	if (err) {
		sock_release(s);
		return err;
	}
	*out = s;
	return 0;
}

/*
 * What does not fit is cut and MSG_CTRUNC says so; the header then tells the
 * cut length, as Linux does it.
 */
void put_cmsg(struct sockmsg *m, int level, int type, u32 len, const void *data)
{
	struct cmsghdr hdr = { .cmsg_level = level, .cmsg_type = type,
			       .cmsg_len = CMSG_LEN(len) };
	size_t used;

	if (!m->control || m->controllen < sizeof(hdr)) {
		m->flags |= MSG_CTRUNC;
		return;
	}
	if (m->controllen < hdr.cmsg_len) {
		m->flags |= MSG_CTRUNC;
		hdr.cmsg_len = m->controllen;
	}
	memcpy(m->control, &hdr, sizeof(hdr));
	memcpy(m->control + sizeof(hdr), data, hdr.cmsg_len - sizeof(hdr));
	used = min(m->controllen, CMSG_SPACE((size_t)len));
	if (used > hdr.cmsg_len)
		memset(m->control + hdr.cmsg_len, 0, used - hdr.cmsg_len);
	m->control += used;
	m->controllen -= used;
	m->control_used += used;
}
