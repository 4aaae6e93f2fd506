/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ordered set as a red-black tree whose nodes live in the objects. The caller
 * does the search (it knows the order) and links the new node:
 *
 *	struct rb_node **p = &root->rb_node, *parent = NULL;
 *	while (*p) {
 *		parent = *p;
 *		p = before(key, key_of(parent)) ? &parent->rb_left
 *						: &parent->rb_right;
 *	}
 *	rb_link_node(&new->node, parent, p);
 *	rb_insert_color(&new->node, root);
 */
#ifndef WEIR_BASE_RBTREE_H
#define WEIR_BASE_RBTREE_H

#include "base/types.h"

struct rb_node {
	uintptr_t parent_color;		/* parent | 1 when black */
	union {
		struct {
			struct rb_node *rb_left, *rb_right;
		};
		struct rb_node *child[2];
	};
};
struct rb_root {
	struct rb_node *rb_node;
};
#define RB_ROOT (struct rb_root){ NULL }

#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) __extension__({ \
	struct rb_node *n_ = (ptr); \
	n_ ? container_of(n_, type, member) : NULL; })

/* A node that is in no tree, if RB_CLEAR_NODE was called on it. */
#define RB_EMPTY_NODE(n) ((n)->parent_color == (uintptr_t)(n))
#define RB_CLEAR_NODE(n) ((n)->parent_color = (uintptr_t)(n))
#define RB_EMPTY_ROOT(r) (!(r)->rb_node)

static inline struct rb_node *rb_parent(const struct rb_node *n)
{
	return (struct rb_node *)(n->parent_color & ~(uintptr_t)1);
}

static inline void rb_link_node(struct rb_node *n, struct rb_node *parent,
				struct rb_node **link)
{
	n->parent_color = (uintptr_t)parent;	/* red */
	n->rb_left = n->rb_right = NULL;
	*link = n;
}
/* The only node of an empty tree: nothing to search, nothing to balance. */
static inline void rb_link_root(struct rb_node *n, struct rb_root *root)
{
	n->parent_color = 1;			/* black */
	n->rb_left = n->rb_right = NULL;
	root->rb_node = n;
}
static inline bool rb_is_only(const struct rb_node *n,
			      const struct rb_root *root)
{
	return root->rb_node == n && !n->rb_left && !n->rb_right;
}
/* After rb_link_node: brings the tree into balance. */
void rb_insert_color(struct rb_node *n, struct rb_root *root);
void rb_erase(struct rb_node *n, struct rb_root *root);
/* `new` takes the place of `old`; they compare equal. */
void rb_replace_node(struct rb_node *old, struct rb_node *new,
		     struct rb_root *root);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

#define rb_for_each_entry(pos, root, member) \
	for (pos = rb_entry_safe(rb_first(root), __typeof__(*pos), member); \
	     pos; \
	     pos = rb_entry_safe(rb_next(&pos->member), __typeof__(*pos), \
				 member))

#endif
