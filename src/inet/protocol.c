/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables that transports register in. Written at set-up, one pointer
 * store each; read by every packet. */
#include "inet/protocol.h"

#include "inet/ipv4_net.h"

int inet_add_protocol(struct net *net, const struct net_protocol *p, u8 num)
{
	const struct net_protocol *none = NULL;

	return __atomic_compare_exchange_n(&net->ipv4->protos[num], &none, p,
					   false, __ATOMIC_RELEASE,
					   __ATOMIC_RELAXED) ? 0 : -EEXIST;
}

void inet_del_protocol(struct net *net, u8 num)
{
	rcu_assign_pointer(net->ipv4->protos[num], NULL);
}

int inet_add_offload(struct net *net, const struct inet_offload *o, u8 num)
{
	const struct inet_offload *none = NULL;

	return __atomic_compare_exchange_n(&net->ipv4->offloads[num], &none, o,
					   false, __ATOMIC_RELEASE,
					   __ATOMIC_RELAXED) ? 0 : -EEXIST;
}

void inet_set_raw_deliver(struct net *net,
			  bool (*fn)(struct sk_buff *skb, u8 protocol))
{
	rcu_assign_pointer(net->ipv4->raw_deliver, fn);
}

void inet_set_raw_err(struct net *net,
		      void (*fn)(struct sk_buff *skb, u8 protocol, u8 type,
				 u8 code, u32 info))
{
	rcu_assign_pointer(net->ipv4->raw_err, fn);
}
