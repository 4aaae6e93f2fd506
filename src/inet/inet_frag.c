/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembly queues: finding them, sharing memory among them, ending them.
 * RFC 1122 3.3.2 (time), RFC 6274 4.1 (memory).
 *
 * ipfrag_high_thresh bounds all queues of a stack. Linux refuses new datagrams
 * when it is reached, so that whoever fills it with first fragments once in
 * 30 s stops everybody's reassembly. Here queues are also listed by source (a
 * keyed hash of it), a source may hold ipfrag_source_max, and when memory is
 * short the oldest queues of whoever holds most go: a datagram that is being
 * received makes progress in milliseconds, a flood's never.
 *
 * One lock for all: fragments are the slow path. All queues live equally
 * long, therefore the list by age is the list by expiry too, and one timer is
 * enough.
 */
#include "inet/inet_frag.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/slab.h"
#include "inet/ipv4_net.h"

#define EXPIRE_BATCH	256		/* queues per timer run */

/* --- queues; frags->lock held --------------------------------------------------- */

static u32 ipq_hash(const struct ip_frags *f, const struct iphdr *iph, u32 user)
{
	u32 misc = (u32)(__force u16)iph->id << 16 | (u32)iph->protocol << 8 |
		   user;

	return hash_3((__force u32)iph->saddr, (__force u32)iph->daddr, misc,
		      f->seed) & (f->nr_hash - 1);
}

struct ipq *ipq_find(struct ip_frags *f, const struct iphdr *iph, u32 user)
{
	struct ipq *q;

	hlist_for_each_entry(q, &f->hash[ipq_hash(f, iph, user)], hash)
		if (q->id == iph->id && q->saddr == iph->saddr &&
		    q->daddr == iph->daddr && q->protocol == iph->protocol &&
		    q->user == user)
			return q;
	return NULL;
}

void ipq_charge(struct ip_frags *f, struct ipq *q, u32 n)
{
	q->mem += n;
	q->source->mem += n;
	f->mem += n;
}

void ipq_uncharge(struct ip_frags *f, struct ipq *q, u32 n)
{
	q->mem -= n;
	q->source->mem -= n;
	f->mem -= n;
}

struct ipq *ipq_create(struct net *net, const struct iphdr *iph, u32 user)
{
	struct ip_frags *f = &net->ipv4->frags;
	u32 src = hash_1((__force u32)iph->saddr, f->seed) &
		  (f->nr_sources - 1);
	u32 lifetime = net->ipv4->sysctl.ipfrag_time * HZ;
	struct ipq *q = kzalloc(sizeof(*q));

	if (!q)
		return NULL;
	q->saddr = iph->saddr;
	q->daddr = iph->daddr;
	q->id = iph->id;
	q->protocol = iph->protocol;
	q->user = user;
	q->source = &f->sources[src];
	q->rid = q->source->rid;
	q->frags = RB_ROOT;
	/* RFC1122 3.3.2: fixed, from the first fragment's arrival. */
	q->expires = jiffies() + lifetime;
	hlist_add_head(&q->hash, &f->hash[ipq_hash(f, iph, user)]);
	list_add_tail(&q->of_source, &q->source->queues);
	list_add_tail(&q->lru, &f->lru);
	f->nr_queues++;
	ipq_charge(f, q, sizeof(*q));
	if (!timer_pending(&f->timer))
		mod_timer(&f->timer, q->expires);
	return q;
}

void ipq_drop_frags(struct ipq *q, enum skb_drop_reason why)
{
	struct rb_node *node;

	while ((node = q->frags.rb_node)) {
		struct sk_buff *skb = rb_to_skb(node);

		rb_erase(node, &q->frags);
		skb->next = skb->prev = NULL;
		skb->dev = NULL;
		kfree_skb_reason(skb, why);
	}
}

/* Out of all lists; only the caller knows it now. */
static void ipq_unlink(struct ip_frags *f, struct ipq *q)
{
	hlist_del_init(&q->hash);
	list_del(&q->of_source);
	list_del(&q->lru);
	f->nr_queues--;
}

void ipq_kill(struct ip_frags *f, struct ipq *q, enum skb_drop_reason why)
{
	ipq_unlink(f, q);
	ipq_drop_frags(q, why);
	ipq_uncharge(f, q, q->mem);
	kfree(q);
}

/* --- sharing memory ---------------------------------------------------------------- */

static struct ip_frag_source *heaviest_source(struct ip_frags *f)
{
	struct ip_frag_source *most = f->sources;

	for (u32 i = 1; i < f->nr_sources; i++)
		if (f->sources[i].mem > most->mem)
			most = &f->sources[i];
	return most;
}

/* Oldest first, until the source holds at most `mem`. */
static void source_shrink(struct net *net, struct ip_frag_source *src, u32 mem)
{
	struct ip_frags *f = &net->ipv4->frags;

	while (src->mem > mem && !list_empty(&src->queues)) {
		NET_INC_STATS(net, Ip, ReasmFails);
		ipq_kill(f, list_first_entry(&src->queues, struct ipq,
					     of_source),
			 SKB_DROP_REASON_FRAG_MEM_LIMIT);
	}
}

void ip_frags_make_room(struct net *net, struct ip_frag_source *src)
{
	const struct ipv4_sysctl *ctl = &net->ipv4->sysctl;
	struct ip_frags *f = &net->ipv4->frags;
	u32 low = min(ctl->ipfrag_low_thresh, ctl->ipfrag_high_thresh);

	if (ctl->ipfrag_source_max && src->mem > ctl->ipfrag_source_max)
		source_shrink(net, src, ctl->ipfrag_source_max);
	if (likely(f->mem <= ctl->ipfrag_high_thresh))
		return;
	while (f->mem > low && f->nr_queues) {
		struct ip_frag_source *most = heaviest_source(f);
		u32 over = f->mem - low, half = most->mem - most->mem / 2;

		source_shrink(net, most, most->mem - min(over, half));
	}
}

/* --- time ------------------------------------------------------------------------------------ */

/* RFC1122 3.3.2: tell the source, if the first fragment is here. It is on no
 * device any more; whoever it came from may be gone. */
static void ipq_time_exceeded(struct net *net, struct ipq *q)
{
	struct sk_buff *head = skb_rb_first(&q->frags);
	struct net_device *dev;

	if (!(q->last_in & IPQ_FIRST_IN) || !head ||
	    q->user != IP_DEFRAG_LOCAL_DELIVER)
		return;
	rb_erase(&head->rbnode, &q->frags);
	head->next = head->prev = NULL;
	rcu_read_lock();
	dev = dev_get_by_index(net, IPCB(head)->iif);
	head->dev = dev;
	if (dev)
		icmp_send(head, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
	rcu_read_unlock();
	kfree_skb_reason(head, SKB_DROP_REASON_FRAG_REASM_TIMEOUT);
}

/* Queues that are due, out of all lists; their charge is given back. */
static void frags_take_expired(struct ip_frags *f, struct list_head *due)
{
	jiffies_t now = jiffies();

	for (int i = 0; i < EXPIRE_BATCH && !list_empty(&f->lru); i++) {
		struct ipq *q = list_first_entry(&f->lru, struct ipq, lru);

		if (q->expires > now)
			break;
		ipq_unlink(f, q);
		ipq_uncharge(f, q, q->mem);
		list_add_tail(&q->lru, due);
	}
	if (!list_empty(&f->lru)) {
		struct ipq *q = list_first_entry(&f->lru, struct ipq, lru);

		mod_timer(&f->timer, max(q->expires, now + 1));
	}
}

/* Not charged, in no list. */
static void ipq_expire(struct net *net, struct ipq *q)
{
	NET_INC_STATS(net, Ip, ReasmFails);
	NET_INC_STATS(net, Ip, ReasmTimeout);
	ipq_time_exceeded(net, q);
	ipq_drop_frags(q, SKB_DROP_REASON_FRAG_REASM_TIMEOUT);
	kfree(q);
}

/* TIMER softirq */
static void frags_expire(struct timer_list *t)
{
	struct ip_frags *f = container_of(t, struct ip_frags, timer);
	struct list_head due;
	struct ipq *q, *next;

	INIT_LIST_HEAD(&due);
	spin_lock_bh(&f->lock);
	frags_take_expired(f, &due);
	spin_unlock_bh(&f->lock);
	list_for_each_entry_safe(q, next, &due, lru)
		ipq_expire(f->net, q);
}

int ip_frags_init(struct net *net)
{
	struct ip_frags *f = &net->ipv4->frags;

	spin_lock_init(&f->lock);
	INIT_LIST_HEAD(&f->lru);
	f->net = net;
	f->seed = get_random_u32();
	timer_setup(&f->timer, frags_expire);
	f->nr_hash = net_table_size(net, IP_FRAG_HASH);
	f->nr_sources = net_table_size(net, IP_FRAG_SOURCES);
	f->hash = kcalloc(f->nr_hash, sizeof(*f->hash));
	f->sources = kcalloc(f->nr_sources, sizeof(*f->sources));
	if (!f->hash || !f->sources) {
		kfree(f->hash);
		kfree(f->sources);
		return -ENOMEM;
	}
	for (u32 i = 0; i < f->nr_sources; i++)
		INIT_LIST_HEAD(&f->sources[i].queues);
	return 0;
}

void ip_frags_exit(struct net *net)
{
	struct ip_frags *f = &net->ipv4->frags;

	del_timer_sync(&f->timer);
	spin_lock_bh(&f->lock);
	while (!list_empty(&f->lru))
		ipq_kill(f, list_first_entry(&f->lru, struct ipq, lru),
			 SKB_DROP_REASON_FRAG_REASM_TIMEOUT);
	spin_unlock_bh(&f->lock);
	kfree(f->hash);
	kfree(f->sources);
}
