/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembly: RFC 791 3.2, RFC 1122 3.2.1.4, 3.3.2, RFC 815; overlaps as RFC
 * 5722 asks for IPv6; ECN RFC 3168 5.3.
 *
 * A datagram in pieces is an ipq, found by (source, destination, protocol,
 * identification, user). Its fragments hang on a tree by offset and never
 * overlap: what brings nothing new is ignored, what overlaps kills the whole
 * queue, since one of the two is a lie. The whole is the first fragment with
 * the others on its frag_list; no byte is copied.
 *
 * Memory. ipfrag_high_thresh bounds all queues of a stack. Linux refuses new
 * datagrams when it is reached, so that whoever fills it with first fragments
 * once in 30 s stops everybody's reassembly. Here queues are also listed by
 * source (a keyed hash of it), a source may hold ipfrag_source_max, and when
 * memory is short the oldest queues of whoever holds most go: a datagram that
 * is being received makes progress in milliseconds, a flood's never.
 *
 * One lock for all: fragments are the slow path.
 */
#include "inet/ip.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/slab.h"
#include "inet/ipv4_net.h"

#define EXPIRE_BATCH	256		/* queues per timer run */

enum { IPQ_FIRST_IN = 1, IPQ_LAST_IN = 2 };

struct ipq {
	struct hlist_node hash;
	struct list_head lru;		/* frags->lru */
	struct list_head of_source;	/* source->queues */
	struct ip_frag_source *source;
	__be32 saddr, daddr;
	__be16 id;
	u8 protocol, last_in, ecn;
	u32 user;
	u32 len, meat;			/* bytes known of, bytes here */
	u32 mem;			/* charged */
	u32 max_size, max_df_size;	/* of a fragment, with header */
	u32 rid;			/* source->rid at the last fragment */
	struct rb_root frags;		/* sk_buffs, by offset */
	jiffies_t expires;
};

/* skb->cb of a queued fragment */
struct frag_cb {
	struct inet_skb_parm h;
	u32 offset, end;
};
#define FRAG_CB(skb) ((struct frag_cb *)(skb)->cb)
static_assert(sizeof(struct frag_cb) <= sizeof(((struct sk_buff *)0)->cb),
	      "must fit into skb->cb");

/* --- queues; frags->lock held --------------------------------------------------- */

static u32 ipq_hash(const struct ip_frags *f, const struct iphdr *iph, u32 user)
{
	u32 misc = (u32)(__force u16)iph->id << 16 | (u32)iph->protocol << 8 |
		   user;

	return hash_3((__force u32)iph->saddr, (__force u32)iph->daddr, misc,
		      f->seed) % IP_FRAG_HASH;
}

static struct ipq *ipq_find(struct ip_frags *f, const struct iphdr *iph,
			    u32 user)
{
	struct ipq *q;

	hlist_for_each_entry(q, &f->hash[ipq_hash(f, iph, user)], hash)
		if (q->id == iph->id && q->saddr == iph->saddr &&
		    q->daddr == iph->daddr && q->protocol == iph->protocol &&
		    q->user == user)
			return q;
	return NULL;
}

static void ipq_charge(struct ip_frags *f, struct ipq *q, u32 n)
{
	q->mem += n;
	q->source->mem += n;
	f->mem += n;
}

static void ipq_uncharge(struct ip_frags *f, struct ipq *q, u32 n)
{
	q->mem -= n;
	q->source->mem -= n;
	f->mem -= n;
}

static struct ipq *ipq_create(struct net *net, const struct iphdr *iph,
			      u32 user)
{
	struct ip_frags *f = &net->ipv4->frags;
	u32 src = hash_1((__force u32)iph->saddr, f->seed) % IP_FRAG_SOURCES;
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

/* Their charge is the caller's business. */
static void ipq_drop_frags(struct ipq *q, enum skb_drop_reason why)
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

static void ipq_kill(struct ip_frags *f, struct ipq *q,
		     enum skb_drop_reason why)
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

	for (u32 i = 1; i < IP_FRAG_SOURCES; i++)
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

static void frags_make_room(struct net *net)
{
	const struct ipv4_sysctl *ctl = &net->ipv4->sysctl;
	struct ip_frags *f = &net->ipv4->frags;
	u32 low = min(ctl->ipfrag_low_thresh, ctl->ipfrag_high_thresh);

	if (likely(f->mem <= ctl->ipfrag_high_thresh))
		return;
	while (f->mem > low && f->nr_queues) {
		struct ip_frag_source *src = heaviest_source(f);
		u32 over = f->mem - low, half = src->mem / 2;

		source_shrink(net, src, src->mem - min(over, src->mem - half));
	}
}

/* --- one fragment ------------------------------------------------------------------- */

/* RFC791 3.2: where it belongs, and whether that can be. Sets end, trims to
 * whole units. */
static bool frag_geometry(struct ipq *q, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 field = be16_to_cpu(iph->frag_off), ihl = iph_len(iph);
	u32 offset = (field & IP_OFFSET) * 8, end = offset + skb->len - ihl;

	if (end > IPV4_MAX_LEN)
		return false;
	if (!(field & IP_MF)) {
		/* The last: nothing behind it, and there is one last. */
		if (end < q->len || (q->last_in & IPQ_LAST_IN && end != q->len))
			return false;
		q->last_in |= IPQ_LAST_IN;
		q->len = end;
	} else {
		end &= ~7u;
		if (end > q->len) {
			if (q->last_in & IPQ_LAST_IN)
				return false;
			q->len = end;
		}
	}
	if (end <= offset)
		return false;
	FRAG_CB(skb)->offset = offset;
	FRAG_CB(skb)->end = end;
	skb_pull(skb, ihl);
	if (skb->len == end - offset)
		return true;
	return !pskb_trim_rcsum(skb, end - offset);
}

/* All of [offset, end) is in the run of fragments that begins with skb. */
static bool frag_covered(struct sk_buff *skb, u32 end)
{
	struct sk_buff *next;

	while (FRAG_CB(skb)->end < end) {
		next = skb_rb_next(skb);
		if (!next || FRAG_CB(next)->offset != FRAG_CB(skb)->end)
			return false;
		skb = next;
	}
	return true;
}

/* SKB_NOT_DROPPED_YET: in the tree. FRAG_DUPLICATE: brings nothing.
 * FRAG_OVERLAP. */
static enum skb_drop_reason frag_insert(struct ipq *q, struct sk_buff *skb)
{
	struct rb_node **p = &q->frags.rb_node, *parent = NULL;
	u32 offset = FRAG_CB(skb)->offset, end = FRAG_CB(skb)->end;
	struct sk_buff *prev = NULL, *next = NULL;

	while (*p) {
		struct sk_buff *at = rb_to_skb(*p);

		parent = *p;
		if (FRAG_CB(at)->offset <= offset) {
			prev = at;
			p = &parent->rb_right;
		} else {
			next = at;
			p = &parent->rb_left;
		}
	}
	if (prev && FRAG_CB(prev)->end > offset)
		return frag_covered(prev, end) ? SKB_DROP_REASON_FRAG_DUPLICATE
					       : SKB_DROP_REASON_FRAG_OVERLAP;
	if (next && FRAG_CB(next)->offset < end)
		return SKB_DROP_REASON_FRAG_OVERLAP;
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &q->frags);
	return SKB_NOT_DROPPED_YET;
}

/* What the whole will need to know of its fragments. */
static void ipq_note(struct ipq *q, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 size = FRAG_CB(skb)->end - FRAG_CB(skb)->offset + iph_len(iph);

	if (!FRAG_CB(skb)->offset)
		q->last_in |= IPQ_FIRST_IN;
	q->meat += FRAG_CB(skb)->end - FRAG_CB(skb)->offset;
	q->ecn |= (u8)(1u << (iph->tos & INET_ECN_MASK));
	q->max_size = max(q->max_size, size);
	if (be16_to_cpu(iph->frag_off) & IP_DF)
		q->max_df_size = max(q->max_df_size, size);
}

/* Fragments of the same source that came in between: the counter has wrapped
 * since (RFC 4963), what is here belongs to an older datagram. */
static void ipq_check_distance(struct net *net, struct ipq *q)
{
	u32 max_dist = net->ipv4->sysctl.ipfrag_max_dist;
	u32 rid = ++q->source->rid, distance = rid - q->rid;

	q->rid = rid;
	if (!max_dist || distance <= max_dist || !q->meat)
		return;
	NET_INC_STATS(net, Ip, ReasmFails);
	ipq_drop_frags(q, SKB_DROP_REASON_FRAG_TOO_FAR);
	ipq_uncharge(&net->ipv4->frags, q, q->mem - (u32)sizeof(*q));
	q->last_in = 0;
	q->len = q->meat = q->max_size = q->max_df_size = 0;
	q->ecn = 0;
}

/* --- the whole ------------------------------------------------------------------------ */

/* RFC3168 5.3: CE in one means CE; not-ECT mixed with ECT cannot be. False:
 * drop. */
static bool ipq_ecn(const struct ipq *q, u8 *tos)
{
	const u8 not_ect = 1u << INET_ECN_NOT_ECT;

	if (q->ecn & not_ect && q->ecn != not_ect)
		return false;
	if (q->ecn & 1u << INET_ECN_CE)
		*tos |= INET_ECN_CE;
	return true;
}

/* One fragment onto the end of head's list. */
static void reasm_append(struct sk_buff *head, struct sk_buff ***tail,
			 struct sk_buff *skb)
{
	skb->next = skb->prev = NULL;
	**tail = skb;
	*tail = &skb->next;
	head->len += skb->len;
	head->data_len += skb->len;
	head->truesize += skb->truesize;
	if (head->ip_summed != skb->ip_summed)
		head->ip_summed = CHECKSUM_NONE;
	else if (head->ip_summed == CHECKSUM_COMPLETE)
		head->csum = csum_add(head->csum, skb->csum);
}

/* Head's buffer will be written to, and lists do not nest. */
static bool reasm_prepare(struct ipq *q, struct sk_buff *head)
{
	struct rb_node *node;

	if (skb_cloned(head) && pskb_expand_head(head, 0, 0))
		return false;
	for (node = rb_first(&q->frags); node; node = rb_next(node)) {
		struct sk_buff *skb = rb_to_skb(node);

		if (skb_shinfo(skb)->frag_list && skb_linearize(skb))
			return false;
	}
	return true;
}

static void reasm_header(const struct ipq *q, struct sk_buff *head, u8 tos)
{
	struct iphdr *iph = ip_hdr(head);

	skb_push(head, iph_len(iph));
	iph->tot_len = cpu_to_be16(head->len);
	iph->tos = tos;
	iph->frag_off = 0;
	IPCB(head)->frag_max_size = (u16)q->max_size;
	/* The largest had DF: so has the whole, and it may be cut again. */
	if (q->max_df_size == q->max_size) {
		IPCB(head)->flags |= IPSKB_FRAG_PMTU;
		iph->frag_off = cpu_to_be16(IP_DF);
	}
	IPCB(head)->flags |= IPSKB_FRAG_COMPLETE;
	ip_send_check(iph);
	head->transport_header = (u16)(head->network_header + iph_len(iph));
}

/* All is here: q's fragments as one packet; NULL: it cannot be. */
static struct sk_buff *ipq_reasm(struct ipq *q)
{
	struct sk_buff *head = skb_rb_first(&q->frags), **tail;
	u8 tos = ip_hdr(head)->tos;
	struct rb_node *node;

	/* RFC791: 65535 with the header. */
	if (q->len + ip_hdrlen(head) > IPV4_MAX_LEN || !ipq_ecn(q, &tos) ||
	    !reasm_prepare(q, head))
		return NULL;
	rb_erase(&head->rbnode, &q->frags);
	head->next = head->prev = NULL;
	tail = &skb_shinfo(head)->frag_list;
	while ((node = rb_first(&q->frags))) {
		rb_erase(node, &q->frags);
		reasm_append(head, &tail, rb_to_skb(node));
	}
	reasm_header(q, head, tos);
	return head;
}

/* --- ip_defrag ---------------------------------------------------------------------------- */

static void frag_reject(struct net *net, struct sk_buff *skb,
			enum skb_drop_reason why)
{
	NET_INC_STATS(net, Ip, ReasmFails);
	kfree_skb_reason(skb, why);
}

/* The queue is worth nothing any more, nor is skb. */
static void ipq_reject(struct net *net, struct ipq *q, struct sk_buff *skb,
		       enum skb_drop_reason why)
{
	if (why == SKB_DROP_REASON_FRAG_OVERLAP)
		NET_INC_STATS(net, IpExt, ReasmOverlaps);
	frag_reject(net, skb, why);
	ipq_kill(&net->ipv4->frags, q, why);
}

/* skb into q; the whole if that was the last missing. Consumes. Lock held. */
static struct sk_buff *ipq_add(struct net *net, struct ipq *q,
			       struct sk_buff *skb)
{
	struct ip_frags *f = &net->ipv4->frags;
	struct net_device *dev = skb->dev;
	enum skb_drop_reason why;
	struct sk_buff *whole;

	ipq_check_distance(net, q);
	why = SKB_DROP_REASON_FRAG_MALFORMED;
	if (!frag_geometry(q, skb)) {
		ipq_reject(net, q, skb, why);
		return NULL;
	}
	why = frag_insert(q, skb);
	if (why == SKB_DROP_REASON_FRAG_DUPLICATE) {
		kfree_skb_reason(skb, why);
		return NULL;
	}
	if (why) {
		ipq_reject(net, q, skb, why);
		return NULL;
	}
	ipq_note(q, skb);
	ipq_charge(f, q, skb->truesize);
	if (q->last_in != (IPQ_FIRST_IN | IPQ_LAST_IN) || q->meat != q->len)
		return NULL;
	whole = ipq_reasm(q);
	if (whole) {
		NET_INC_STATS(net, Ip, ReasmOKs);
		whole->dev = dev;
	} else {
		NET_INC_STATS(net, Ip, ReasmFails);
	}
	ipq_kill(f, q, SKB_DROP_REASON_FRAG_MALFORMED);
	return whole;
}

struct sk_buff *ip_defrag(struct net *net, struct sk_buff *skb, u32 user)
{
	struct ip_frags *f = &net->ipv4->frags;
	u32 limit = net->ipv4->sysctl.ipfrag_source_max;
	struct dst_entry *dst = skb->dst;
	bool noref = skb->dst_noref;
	struct ip_frag_source *src = NULL;
	struct ipq *q;

	skb_stage(skb, STAGE_ip_defrag);
	NET_INC_STATS(net, Ip, ReasmReqds);
	skb_orphan(skb);
	/* The whole goes the way of the fragment that completes it. */
	skb->dst = NULL;
	skb->dst_noref = 0;
	spin_lock_bh(&f->lock);
	q = ipq_find(f, ip_hdr(skb), user);
	if (!q)
		q = ipq_create(net, ip_hdr(skb), user);
	if (q) {
		src = q->source;
		skb = ipq_add(net, q, skb);
		if (limit && src->mem > limit)
			source_shrink(net, src, limit);
		frags_make_room(net);
	} else {
		frag_reject(net, skb, SKB_DROP_REASON_NOMEM);
		skb = NULL;
	}
	spin_unlock_bh(&f->lock);
	if (skb) {
		skb->dst = dst;
		skb->dst_noref = noref;
		skb->ignore_df = user != IP_DEFRAG_LOCAL_DELIVER;
	} else if (!noref) {
		dst_release(dst);
	}
	return skb;
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
	f->hash = kzalloc(sizeof(*f->hash) * IP_FRAG_HASH);
	f->sources = kzalloc(sizeof(*f->sources) * IP_FRAG_SOURCES);
	if (!f->hash || !f->sources) {
		kfree(f->hash);
		kfree(f->sources);
		return -ENOMEM;
	}
	for (u32 i = 0; i < IP_FRAG_SOURCES; i++)
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
