/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * News about a neighbour, from its protocol (an answer, a question that tells
 * the asker's address), the administrator, or the floors above (progress).
 *
 *	lladdr	known	flags		result
 *	same	yes	-		state as told; STALE does not undo REACHABLE
 *	other	yes	no OVERRIDE	ignored: the first answer stands
 *	other	yes	OVERRIDE	new address, state as told
 *	any	no	-		new address; what waited is sent
 *
 * Permanent and NOARP entries change by ADMIN only.
 */
#include "base/random.h"
#include "ether/neighbour.h"
#include "ether/neigh_priv.h"

static void neigh_set_ha(struct neighbour *n, const u8 *lladdr)
{
	__atomic_store_n(&n->ha_seq, n->ha_seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(n->ha, lladdr, n->dev->addr_len);
	__atomic_store_n(&n->ha_seq, n->ha_seq + 1, __ATOMIC_RELEASE);
}

/* State without a usable address: NONE, INCOMPLETE, FAILED. */
static void update_invalid(struct neighbour *n, enum neigh_state s,
			   struct sk_buff_head *failed)
{
	bool asked = n->state & (NUD_INCOMPLETE | NUD_PROBE);

	neigh_del_timer(n);
	neigh_set_state(n, s);
	if (asked && s == NUD_FAILED)
		neigh_take_queue(n, failed);
}

/* RFC 4861 6.3.4: between half and one and a half of the base value, a new one
 * now and then. Two CPUs at once do no harm. */
static u32 reachable_ms(struct neigh_table *t, jiffies_t now)
{
	u32 base = t->base_reachable_ms;

	if (now >= READ_ONCE(t->last_rand) + NEIGH_RAND_INTERVAL) {
		WRITE_ONCE(t->last_rand, now);
		WRITE_ONCE(t->reachable_ms, base / 2 +
			   get_random_u32_below(base ? base : 1));
	}
	return READ_ONCE(t->reachable_ms);
}

static void state_timer(struct neighbour *n)
{
	jiffies_t now = jiffies();

	neigh_del_timer(n);
	if (n->state == NUD_REACHABLE)
		neigh_add_timer(n, now +
				ms_to_jiffies(reachable_ms(n->tbl, now)));
	else if (n->state == NUD_DELAY)
		neigh_add_timer(n, now + ms_to_jiffies(n->tbl->delay_probe_ms));
	else if (n->state & NUD_IN_TIMER)
		neigh_add_timer(n, now + ms_to_jiffies(n->tbl->retrans_ms));
}

/* State with an address. 0 or -errno. */
static int update_valid(struct neighbour *n, const u8 *lladdr,
			enum neigh_state s, u32 flags,
			struct sk_buff_head *ready)
{
	bool known = n->state & NUD_VALID;
	bool differs = lladdr && n->dev->addr_len &&
		       memcmp(lladdr, n->ha, n->dev->addr_len);
	jiffies_t now = jiffies();

	if (!lladdr && !known && n->dev->addr_len)
		return -EINVAL;
	if (known && differs && !(flags & NEIGH_UPDATE_F_OVERRIDE))
		return 0;
	if (known && !differs && s == NUD_STALE && n->state & NUD_CONNECTED &&
	    !(flags & NEIGH_UPDATE_F_ADMIN))
		s = n->state;	/* no news */
	if (s & NUD_CONNECTED)
		n->confirmed = now;
	if (!known || differs) {
		if (lladdr)
			neigh_set_ha(n, lladdr);
		if (!(s & NUD_CONNECTED))	/* old confirmations are void */
			n->confirmed = now - 2 *
				ms_to_jiffies(n->tbl->base_reachable_ms);
	}
	if (n->state != s) {
		neigh_set_state(n, s);
		n->probes = 0;
		state_timer(n);
	}
	if (!known)
		neigh_take_queue(n, ready);
	return 0;
}

static int update_locked(struct neighbour *n, const u8 *lladdr,
			 enum neigh_state s, u32 flags,
			 struct sk_buff_head *ready,
			 struct sk_buff_head *failed)
{
	if (n->dead)
		return -EINVAL;
	if (!(flags & NEIGH_UPDATE_F_ADMIN) &&
	    n->state & (NUD_NOARP | NUD_PERMANENT))
		return -EPERM;
	if (s & NUD_VALID)
		return update_valid(n, lladdr, s, flags, ready);
	update_invalid(n, s, failed);
	return 0;
}

int neigh_update(struct neighbour *n, const u8 *lladdr, enum neigh_state s,
		 u32 flags)
{
	struct sk_buff_head ready, failed;
	struct sk_buff *skb;
	int err;

	skb_queue_head_init(&ready);
	skb_queue_head_init(&failed);
	spin_lock_bh(&n->lock);
	err = update_locked(n, lladdr, s, flags, &ready, &failed);
	spin_unlock_bh(&n->lock);
	while ((skb = __skb_dequeue(&ready)))
		neigh_output(n, skb);
	neigh_fail_queue(n, &failed);
	return err;
}

void neigh_confirm(struct neighbour *n)
{
	jiffies_t now = jiffies();

	if (READ_ONCE(n->confirmed) != now)
		WRITE_ONCE(n->confirmed, now);
}
