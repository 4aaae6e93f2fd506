/* SPDX-License-Identifier: BSD-2-Clause */
/* The floors of a stack, bottom to top. */
#include "user/stack.h"

#include "drivers/loopback/loopback.h"
#include "ether/neighbour.h"
#include "filter/netfilter.h"
#include "inet/route.h"
#include "sock/sock.h"
#include "tcp/tcp.h"
#include "udp/udp_sock.h"
#include "user/loan.h"

static const struct pernet_operations *const floors[] = {
	&neigh_net_ops,
	&nf_net_ops,
	&ipv4_net_ops,
	&sock_net_ops,
	&tcp_net_ops,
	&udp_net_ops,
	&user_net_ops,
	&loopback_net_ops,
};

static void floors_exit(struct net *net, u32 n)
{
	while (n--)
		floors[n]->exit(net);
}

int stack_init(struct machine *m, const char *name, struct net **out,
	       const char **failed)
{
	struct net *net;
	u32 i;
	int err;

	*failed = "dev";
	net = net_alloc(m, name);
	if (!net)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(floors); i++) {
		*failed = floors[i]->name;
		err = floors[i]->init(net);
		if (err) {
			floors_exit(net, i);
			net_free(net);
			return err;
		}
	}
	*out = net;
	return 0;
}

void stack_exit(struct net *net)
{
	fd_close_all(net);
	loan_return_all(net);
	rcu_barrier(net->machine);
	floors_exit(net, ARRAY_SIZE(floors));
	rcu_barrier(net->machine);
	net_free(net);
}
