/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP as a transport: its proto, its part of a stack, its registration. */
#include "udp/udp_sock.h"

#include "base/slab.h"
#include "sock/inet_common.h"

#define UDP_TABLE_SIZE	1024

static void udp_destruct(struct sock *sk)
{
	struct udp_sock *up = udp_sk(sk);

	udp_flush_receive(sk);
	dst_release(up->rx_dst);
	up->rx_dst = NULL;
	ip_mc_drop_socket(sk);
}

static int udp_init_sock(struct sock *sk)
{
	sk->destruct = udp_destruct;
	sk->flow.protocol = IPPROTO_UDP;
	return 0;
}

static void udp_destroy_sock(struct sock *sk)
{
	lock_sock(sk);
	udp_flush_pending(sk);
	udp_gro_off(sk);
	release_sock(sk);
}

/* Nothing to say to the peer: unhash, and what is queued goes with the sock. */
static void udp_close(struct sock *sk, ktime_t timeout)
{
	sk_common_release(sk);
}

static void udp_shutdown(struct sock *sk, int how)
{
}

const struct proto udp_prot = {
	.name = "UDP",
	.obj_size = sizeof(struct udp_sock),
	.protocol = IPPROTO_UDP,
	.type = SOCK_DGRAM,
	.mem_index = SK_MEM_UDP,
	.init = udp_init_sock,
	.destroy = udp_destroy_sock,
	.close = udp_close,
	.connect = ip4_datagram_connect,
	.disconnect = inet_dgram_disconnect,
	.shutdown = udp_shutdown,
	.ioctl = udp_ioctl,
	.setsockopt = udp_setsockopt,
	.getsockopt = udp_getsockopt,
	.sendmsg = udp_sendmsg,
	.recvmsg = udp_recvmsg,
	.loan_returned = udp_loan_returned,
	.poll = udp_poll,
	.unhash = udp_unhash,
	.rehash = udp_rehash,
	.get_port = udp_get_port,
};

static const struct net_protocol udp_protocol = {
	.handler = udp_rcv,
	.err_handler = udp_err,
	.early_demux = udp_early_demux,
};

static const struct inet_protosw udp_protosw = {
	.type = SOCK_DGRAM, .protocol = IPPROTO_UDP,
	.prot = &udp_prot, .ops = &inet_dgram_ops,
};

static int udp_register(struct net *net)
{
	int err = inet_add_protocol(net, &udp_protocol, IPPROTO_UDP);

	if (err)
		return err;
	err = inet_add_offload(net, &udp_offload, IPPROTO_UDP);
	if (!err)
		err = inet_register_protosw(net, &udp_protosw);
	if (err)
		inet_del_protocol(net, IPPROTO_UDP);
	return err;
}

static int udp_net_init(struct net *net)
{
	struct udp_net *un = kzalloc(sizeof(*un));
	int err = -ENOMEM;

	if (!un)
		return err;
	err = udp_table_init(&un->table, net_table_size(net, UDP_TABLE_SIZE));
	if (err)
		goto free_net;
	net->udp = un;
	err = udp_register(net);
	if (!err)
		return 0;
	net->udp = NULL;
	udp_table_fini(&un->table);
free_net:
	kfree(un);
	return err;
}

static void udp_net_exit(struct net *net)
{
	inet_del_protocol(net, IPPROTO_UDP);
	rcu_barrier(net->machine);	/* sockets that still die */
	udp_table_fini(&net->udp->table);
	kfree(net->udp);
	net->udp = NULL;
}

const struct pernet_operations udp_net_ops = {
	.name = "udp",
	.init = udp_net_init,
	.exit = udp_net_exit,
};
