/* SPDX-License-Identifier: BSD-2-Clause */
/* Doubly linked rings, and hash chains with a one-pointer head. */
#ifndef WEIR_BASE_LIST_H
#define WEIR_BASE_LIST_H

#include "base/types.h"

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->prev = l;
	smp_store_release(&l->next, l);
}
static inline bool list_empty(const struct list_head *l)
{
	return READ_ONCE(l->next) == l;
}
/* The same without the list's lock, of an entry: whoever took it off the list
 * by list_del_init() is done with it. */
static inline bool list_empty_careful(const struct list_head *l)
{
	return smp_load_acquire(&l->next) == l;
}

static inline void __list_add(struct list_head *n, struct list_head *prev,
			      struct list_head *next)
{
	next->prev = n;
	n->next = next;
	n->prev = prev;
	WRITE_ONCE(prev->next, n);
}
static inline void list_add(struct list_head *n, struct list_head *head)
{
	__list_add(n, head, head->next);
}
static inline void list_add_tail(struct list_head *n, struct list_head *head)
{
	__list_add(n, head->prev, head);
}
static inline void list_del(struct list_head *e)
{
	e->next->prev = e->prev;
	WRITE_ONCE(e->prev->next, e->next);
}
static inline void list_del_init(struct list_head *e)
{
	list_del(e);
	INIT_LIST_HEAD(e);
}
static inline void list_move_tail(struct list_head *e, struct list_head *head)
{
	list_del(e);
	list_add_tail(e, head);
}
/* All of `from` to the end of `to`; `from` is empty afterwards. */
static inline void list_splice_tail_init(struct list_head *from,
					 struct list_head *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	WRITE_ONCE(to->prev->next, from->next);
	from->prev->next = to;
	to->prev = from->prev;
	INIT_LIST_HEAD(from);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(h, type, member) list_entry((h)->next, type, member)
#define list_for_each_entry(pos, head, member) \
	for (pos = list_entry((head)->next, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member) \
	for (pos = list_entry((head)->next, __typeof__(*pos), member), \
	     n = list_entry(pos->member.next, __typeof__(*pos), member); \
	     &pos->member != (head); \
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

/* Chains that readers may walk under RCU while one writer changes them. */
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};

static inline bool hlist_unhashed(const struct hlist_node *n)
{
	return !READ_ONCE(n->pprev);
}
static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node *first = h->first;

	WRITE_ONCE(n->next, first);
	WRITE_ONCE(n->pprev, &h->first);
	smp_store_release(&h->first, n);
	if (first)
		WRITE_ONCE(first->pprev, &n->next);
}
static inline void hlist_del_init(struct hlist_node *n)
{
	if (hlist_unhashed(n))
		return;
	WRITE_ONCE(*n->pprev, n->next);
	if (n->next)
		WRITE_ONCE(n->next->pprev, n->pprev);
	WRITE_ONCE(n->pprev, NULL);	/* n->next stays for RCU readers */
}
#define hlist_entry_safe(ptr, type, member) __extension__({ \
	struct hlist_node *p_ = (ptr); \
	p_ ? container_of(p_, type, member) : NULL; })
#define hlist_for_each_entry(pos, head, member) \
	for (pos = hlist_entry_safe(smp_load_acquire(&(head)->first), \
				    __typeof__(*pos), member); \
	     pos; \
	     pos = hlist_entry_safe(smp_load_acquire(&pos->member.next), \
				    __typeof__(*pos), member))
#define hlist_for_each_entry_safe(pos, n, head, member) \
	for (pos = hlist_entry_safe((head)->first, __typeof__(*pos), member); \
	     pos && ((n = pos->member.next), 1); \
	     pos = hlist_entry_safe(n, __typeof__(*pos), member))

#endif
