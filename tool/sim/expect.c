/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether what was expected has happened. Products are compared, not
 * quotients: nothing is rounded. */
#include <errno.h>

#include "report.h"

struct judge {
	const struct scenario *s;
	const struct report *reports;
	const struct report *own;	/* NULL: metrics name their cases */
	FILE *out;
	bool all;
	struct complaint *c;
	int failed;
};

/* 0; 1: it has no value; -EINVAL: no such counter. */
static int look_up(struct judge *j, const struct expectation *e,
		   const struct operand *o, uint64_t *v)
{
	const struct report *r = j->own;
	const char *rest = o->metric;
	const struct value *found;

	*v = o->amount;
	if (!o->metric)
		return 0;
	if (!r)
		r = &j->reports[metric_scene(j->s, o->metric, &rest) -
				j->s->scenes];
	found = report_find(r, rest);
	if (!found)
		return complain(j->c, &j->s->source, e->line, o->metric,
				"the host has no such counter; they are called "
				"as nstat shows them: TcpRetransSegs");
	*v = found->v;
	return !found->known;
}

/* < 0, 0, > 0 as a * its factor is less than, is, is more than b * its. */
static int compare(uint64_t a, const struct operand *oa, uint64_t b,
		   const struct operand *ob)
{
	unsigned __int128 x = (unsigned __int128)a * oa->mul * ob->div;
	unsigned __int128 y = (unsigned __int128)b * ob->mul * oa->div;

	return (x > y) - (x < y);
}

static bool holds(const struct expectation *e, const uint64_t v[3])
{
	int c = compare(v[0], &e->left, v[1], &e->right);

	switch (e->op) {
	case OP_LT:
		return c < 0;
	case OP_LE:
		return c <= 0;
	case OP_GT:
		return c > 0;
	case OP_GE:
		return c >= 0;
	case OP_EQ:
		return c == 0;
	case OP_NE:
		return c != 0;
	case OP_BETWEEN:
		return c >= 0 && compare(v[0], &e->left, v[2],
					 &e->right2) <= 0;
	}
	return false;
}

static void show_operand(const struct judge *j, const struct operand *o,
			 uint64_t v, bool known)
{
	char text[32];

	if (!o->metric)
		return;
	amount_print(text, sizeof(text), o->unit, v);
	fprintf(j->out, "; %s is %s", o->metric, known ? text : "not known");
}

static void show(const struct judge *j, const struct expectation *e, bool ok,
		 const uint64_t v[3], const bool known[3])
{
	fprintf(j->out, "%s %s:%d: ", ok ? "ok  " : "FAIL",
		j->s->source.path, e->line);
	if (j->own && *j->own->scene->name)
		fprintf(j->out, "case %s: ", j->own->scene->name);
	fprintf(j->out, "expect %s", e->text);
	show_operand(j, &e->left, v[0], known[0]);
	show_operand(j, &e->right, v[1], known[1]);
	show_operand(j, &e->right2, v[2], known[2]);
	fputc('\n', j->out);
}

static int judge_one(struct judge *j, const struct expectation *e)
{
	const struct operand *o[] = { &e->left, &e->right, &e->right2 };
	uint64_t v[3];
	bool known[3], ok;
	int i, ret;

	for (i = 0; i < 3; i++) {
		ret = look_up(j, e, o[i], &v[i]);
		if (ret < 0)
			return ret;
		known[i] = !ret;
	}
	ok = known[0] && known[1] && known[2] && holds(e, v);
	j->failed += !ok;
	if (j->out && (!ok || j->all))
		show(j, e, ok, v, known);
	return 0;
}

int expect_check(const struct scenario *s, const struct report *reports,
		 FILE *out, bool all, struct complaint *c)
{
	struct judge j = { .s = s, .reports = reports, .out = out, .all = all,
			   .c = c };
	size_t i, k;
	int err = 0;

	for (i = 0; i < s->n && !err; i++) {
		j.own = &reports[i];
		for (k = 0; k < s->scenes[i].nr_expects && !err; k++)
			err = judge_one(&j, &s->scenes[i].expects[k]);
	}
	j.own = NULL;
	for (k = 0; k < s->nr_across && !err; k++)
		err = judge_one(&j, &s->across[k]);
	return err ? err : j.failed;
}
