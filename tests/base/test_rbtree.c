/* SPDX-License-Identifier: BSD-2-Clause */
/* base/rbtree.c: random inserts and erases, invariants after each. */
#include "base/random.h"
#include "base/rbtree.h"
#include "tests/support/percpu_fixture.h"

#define N	500

struct item {
	struct rb_node node;
	u32 key;
	bool in;
};

static void insert(struct rb_root *root, struct item *it)
{
	struct rb_node **p = &root->rb_node, *parent = NULL;

	while (*p) {
		parent = *p;
		p = it->key < rb_entry(parent, struct item, node)->key ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&it->node, parent, p);
	rb_insert_color(&it->node, root);
}

/* Black height of the subtree; checks what makes a red-black tree. */
static int black_height(const struct rb_node *n, const struct rb_node *parent)
{
	bool red;
	int l, r;

	if (!n)
		return 0;
	assert_ptr_equal(rb_parent(n), parent);
	red = !(n->parent_color & 1);
	if (red)
		assert_true(parent && (parent->parent_color & 1));
	l = black_height(n->rb_left, n);
	r = black_height(n->rb_right, n);
	assert_int_equal(l, r);
	return l + !red;
}

static void check(struct rb_root *root, u32 count)
{
	struct item *it, *last = NULL;
	u32 seen = 0;

	black_height(root->rb_node, NULL);
	rb_for_each_entry(it, root, node) {
		if (last)
			assert_true(last->key <= it->key);
		if (last)
			assert_ptr_equal(rb_prev(&it->node), &last->node);
		last = it;
		seen++;
	}
	assert_int_equal(seen, count);
	if (last)
		assert_ptr_equal(rb_last(root), &last->node);
}

static void random_operations_keep_it_balanced(void **state)
{
	static struct item items[N];
	struct rb_root root = RB_ROOT;
	u32 count = 0;

	for (u32 i = 0; i < 20000; i++) {
		struct item *it = &items[get_random_u32_below(N)];

		if (it->in) {
			rb_erase(&it->node, &root);
			count--;
		} else {
			it->key = get_random_u32_below(N / 2);
			insert(&root, it);
			count++;
		}
		it->in = !it->in;
		if (i % 16 == 0)
			check(&root, count);
	}
	for (u32 i = 0; i < N; i++)
		if (items[i].in)
			rb_erase(&items[i].node, &root);
	assert_true(RB_EMPTY_ROOT(&root));
}

static void ascending_keys_stay_shallow(void **state)
{
	static struct item items[1024];
	struct rb_root root = RB_ROOT;

	for (u32 i = 0; i < 1024; i++) {
		items[i].key = i;
		insert(&root, &items[i]);
	}
	check(&root, 1024);
	assert_in_range(black_height(root.rb_node, NULL), 5, 10);
	for (u32 i = 0; i < 1024; i++) {
		rb_erase(&items[i].node, &root);
		if (i % 64 == 0)
			check(&root, 1023 - i);
	}
}

static void a_node_can_be_replaced(void **state)
{
	struct item items[9], other = { .key = 4 };
	struct rb_root root = RB_ROOT;

	for (u32 i = 0; i < 9; i++) {
		items[i] = (struct item){ .key = i };
		insert(&root, &items[i]);
	}
	rb_replace_node(&items[4].node, &other.node, &root);
	check(&root, 9);
	assert_ptr_equal(rb_next(&items[3].node), &other.node);
}

static void a_cleared_node_is_in_no_tree(void **state)
{
	struct item it;

	RB_CLEAR_NODE(&it.node);
	assert_true(RB_EMPTY_NODE(&it.node));
	assert_null(rb_next(&it.node));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(random_operations_keep_it_balanced),
		WEIR_TEST(ascending_keys_stay_shallow),
		WEIR_TEST(a_node_can_be_replaced),
		WEIR_TEST(a_cleared_node_is_in_no_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
