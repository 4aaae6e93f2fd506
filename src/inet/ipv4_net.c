/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPv4's part of a stack: made, registered with the floors below (packet
 * types for IPv4 and ARP, neighbour table, offload, device events), and taken
 * down in reverse order.
 */
#include "inet/ipv4_net.h"

#include "base/random.h"
#include "base/slab.h"
#include "inet/in_device.h"
#include "inet/ip.h"
#include "inet/rtable.h"

static void ipv4_free(struct ipv4_net *ip)
{
	kfree(ip->addr_hash);
	kfree(ip->idents);
	kfree(ip);
}

static int ipv4_alloc_tables(struct net *net, struct ipv4_net *ip)
{
	ip->nr_addr_hash = net_table_size(net, INET_ADDR_HASH);
	ip->addr_hash = kcalloc(ip->nr_addr_hash, sizeof(*ip->addr_hash));
	ip->nr_idents = net_table_size(net, IP_IDENTS);
	ip->idents = kcalloc(ip->nr_idents, sizeof(*ip->idents));
	if (!ip->addr_hash || !ip->idents)
		return -ENOMEM;
	get_random_bytes(ip->idents, ip->nr_idents * sizeof(*ip->idents));
	return 0;
}

static int ipv4_alloc(struct net *net)
{
	struct ipv4_net *ip = kzalloc(sizeof(*ip));

	if (!ip)
		return -ENOMEM;
	if (ipv4_alloc_tables(net, ip)) {
		ipv4_free(ip);
		return -ENOMEM;
	}
	ip->net = net;
	ip->hash_seed = get_random_u32();
	ip->rt_genid = 1;
	spin_lock_init(&ip->cfg_lock);
	spin_lock_init(&ip->rt_lock);
	INIT_LIST_HEAD(&ip->rt_list);
	spin_lock_init(&ip->icmp_global.lock);
	ipv4_sysctl_defaults(&ip->sysctl);
	ip->icmp_global.credit = ip->sysctl.icmp_msgs_burst;
	ip->icmp_global.stamp = jiffies();
	net->ipv4 = ip;
	return 0;
}

static void ipv4_register(struct net *net)
{
	struct ipv4_net *ip = net->ipv4;

	inet_add_protocol(net, &icmp_protocol, IPPROTO_ICMP);
	inet_add_protocol(net, &igmp_protocol, IPPROTO_IGMP);
	ip_offload_init(ip);
	dev_add_offload(net, &ip->ip_offload);
	ip->arp_packet_type.type = cpu_to_be16(ETH_P_ARP);
	ip->arp_packet_type.func = arp_rcv;
	dev_add_pack(net, &ip->arp_packet_type);
	ip->ip_packet_type.type = cpu_to_be16(ETH_P_IP);
	ip->ip_packet_type.func = ip_rcv;
	dev_add_pack(net, &ip->ip_packet_type);
}

static int ipv4_net_init(struct net *net)
{
	int err = ipv4_alloc(net);

	if (err)
		return err;
	err = rt_exceptions_init(net);
	if (err)
		goto free_net;
	err = inet_peers_init(net, &net->ipv4->peers);
	if (err)
		goto free_exceptions;
	err = ip_frags_init(net);
	if (err)
		goto free_peers;
	err = arp_init(net);
	if (err)
		goto free_frags;
	err = devinet_init(net);
	if (err)
		goto free_arp;
	err = ipv4_sysctl_init(net);
	if (err)
		goto free_devinet;
	ipv4_register(net);
	return 0;

free_devinet:
	devinet_exit(net);
free_arp:
	arp_exit(net);
free_frags:
	ip_frags_exit(net);
free_peers:
	inet_peers_exit(&net->ipv4->peers);
free_exceptions:
	rt_exceptions_exit(net);
free_net:
	rcu_barrier(net->machine);
	ipv4_free(net->ipv4);
	net->ipv4 = NULL;
	return err;
}

static void ipv4_net_exit(struct net *net)
{
	struct ipv4_net *ip = net->ipv4;

	dev_remove_pack(&ip->ip_packet_type);
	dev_remove_pack(&ip->arp_packet_type);
	dev_remove_offload(net, &ip->ip_offload);
	ipv4_sysctl_exit(net);
	ip_frags_exit(net);
	rt_exceptions_exit(net);
	devinet_exit(net);
	fib_exit(net);
	arp_exit(net);
	/* The end by RCU has four steps: what has slots for routes, the slots'
	 * references, the routes, their neighbours. */
	for (int i = 0; i < 4; i++)
		rcu_barrier(net->machine);
	inet_peers_exit(&ip->peers);
	ipv4_free(net->ipv4);
	net->ipv4 = NULL;
}

const struct pernet_operations ipv4_net_ops = {
	.name = "ipv4",
	.init = ipv4_net_init,
	.exit = ipv4_net_exit,
};
