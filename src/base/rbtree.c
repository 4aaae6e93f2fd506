/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Red-black trees after the textbook (Guibas and Sedgewick 1978; Cormen et
 * al., "Introduction to Algorithms", ch. 13): a red node has no red child,
 * and every way from the root down passes the same number of black nodes.
 * Left and right are child[0] and child[1], so each case is written once with
 * a side `d` and its mirror `!d`. NULL children count as black.
 */
#include "base/rbtree.h"

static inline bool is_red(const struct rb_node *n)
{
	return n && !(n->parent_color & 1);
}
static inline void set_black(struct rb_node *n) { n->parent_color |= 1; }
static inline void set_red(struct rb_node *n)
{
	n->parent_color &= ~(uintptr_t)1;
}
static inline void set_parent(struct rb_node *n, struct rb_node *parent)
{
	n->parent_color = (n->parent_color & 1) | (uintptr_t)parent;
}
static inline void copy_color(struct rb_node *to, const struct rb_node *from)
{
	to->parent_color = (to->parent_color & ~(uintptr_t)1) |
			   (from->parent_color & 1);
}
static inline int side_of(const struct rb_node *n, const struct rb_node *parent)
{
	return parent->rb_right == n;
}

/* What points down to n from above now points to `to`. */
static void replace_child(struct rb_node *n, struct rb_node *to,
			  struct rb_node *parent, struct rb_root *root)
{
	if (!parent)
		root->rb_node = to;
	else
		parent->child[side_of(n, parent)] = to;
}

/* n goes down on side d, its child on the other side comes up. */
static void rotate(struct rb_node *n, int d, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(n), *up = n->child[!d];
	struct rb_node *inner = up->child[d];

	replace_child(n, up, parent, root);
	set_parent(up, parent);
	up->child[d] = n;
	set_parent(n, up);
	n->child[!d] = inner;
	if (inner)
		set_parent(inner, n);
}

void rb_insert_color(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *parent, *grand, *uncle;

	while (is_red(parent = rb_parent(n))) {
		/* a red node is never the root, so there is a grandparent */
		int d;

		grand = rb_parent(parent);
		d = side_of(parent, grand);
		uncle = grand->child[!d];
		if (is_red(uncle)) {	/* push the red up by two levels */
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			n = grand;
			continue;
		}
		if (side_of(n, parent) != d) {
			rotate(parent, d, root);
			parent = n;
		}
		set_black(parent);
		set_red(grand);
		rotate(grand, !d, root);
		break;
	}
	set_black(root->rb_node);
}

/*
 * The ways through n (perhaps NULL), child of parent on side d, have lost one
 * black node.
 */
static void erase_fixup(struct rb_node *n, struct rb_node *parent,
			struct rb_root *root)
{
	while (parent && !is_red(n)) {
		/* n's side: NULL may be on both only if the sibling's ways had
		 * no black node either, which the lost one excludes */
		int d = parent->rb_left == n ? 0 : 1;
		struct rb_node *sib = parent->child[!d];

		if (is_red(sib)) {
			set_black(sib);
			set_red(parent);
			rotate(parent, d, root);
			sib = parent->child[!d];
		}
		if (!is_red(sib->rb_left) && !is_red(sib->rb_right)) {
			set_red(sib);
			n = parent;
			parent = rb_parent(n);
			continue;
		}
		if (!is_red(sib->child[!d])) {
			set_black(sib->child[d]);
			set_red(sib);
			rotate(sib, !d, root);
			sib = parent->child[!d];
		}
		copy_color(sib, parent);
		set_black(parent);
		set_black(sib->child[!d]);
		rotate(parent, d, root);
		return;
	}
	if (n)
		set_black(n);
}

static struct rb_node *leftmost(struct rb_node *n)
{
	while (n->rb_left)
		n = n->rb_left;
	return n;
}

/* n has two children: its successor, which has no left one, takes its place
 * and colour; what is missing then is the successor at its old place. */
static void erase_inner(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *next = leftmost(n->rb_right);
	struct rb_node *orphan = next->rb_right, *parent = rb_parent(next);
	bool lost_black = !is_red(next);

	if (parent == n) {
		parent = next;
	} else {
		parent->rb_left = orphan;
		if (orphan)
			set_parent(orphan, parent);
		next->rb_right = n->rb_right;
		set_parent(next->rb_right, next);
	}
	next->rb_left = n->rb_left;
	set_parent(next->rb_left, next);
	replace_child(n, next, rb_parent(n), root);
	next->parent_color = n->parent_color;
	if (lost_black)
		erase_fixup(orphan, parent, root);
}

void rb_erase(struct rb_node *n, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(n), *child;

	if (n->rb_left && n->rb_right) {
		erase_inner(n, root);
		return;
	}
	child = n->rb_left ? n->rb_left : n->rb_right;
	replace_child(n, child, parent, root);
	if (child)
		set_parent(child, parent);
	if (!is_red(n))
		erase_fixup(child, parent, root);
}

void rb_replace_node(struct rb_node *old, struct rb_node *new,
		     struct rb_root *root)
{
	replace_child(old, new, rb_parent(old), root);
	*new = *old;
	if (new->rb_left)
		set_parent(new->rb_left, new);
	if (new->rb_right)
		set_parent(new->rb_right, new);
}

/* The outermost node on side d. */
static struct rb_node *end_of(const struct rb_root *root, int d)
{
	struct rb_node *n = root->rb_node;

	while (n && n->child[d])
		n = n->child[d];
	return n;
}

/* The neighbour on side d. */
static struct rb_node *step(const struct rb_node *n, int d)
{
	const struct rb_node *parent;
	struct rb_node *c;

	if (RB_EMPTY_NODE(n))
		return NULL;
	if (n->child[d]) {
		for (c = n->child[d]; c->child[!d]; )
			c = c->child[!d];
		return c;
	}
	while ((parent = rb_parent(n)) && n == parent->child[d])
		n = parent;
	return (struct rb_node *)parent;
}

struct rb_node *rb_first(const struct rb_root *root) { return end_of(root, 0); }
struct rb_node *rb_last(const struct rb_root *root) { return end_of(root, 1); }
struct rb_node *rb_next(const struct rb_node *n) { return step(n, 1); }
struct rb_node *rb_prev(const struct rb_node *n) { return step(n, 0); }
