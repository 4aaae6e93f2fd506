/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * expect METRIC < | <= | > | >= | == | != OPERAND
 * expect METRIC between AMOUNT AMOUNT
 *
 * An operand is an amount, or a metric, which may be followed by "* N" or
 * "/ N". A metric is NAME.FIELD, LINK.HOST.FIELD (what host sent into the
 * link), or one of these after CASE and a dot.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

static const struct {
	const char *word;
	enum op op;
} ops[] = {
	{ "<", OP_LT }, { "<=", OP_LE }, { ">", OP_GT }, { ">=", OP_GE },
	{ "==", OP_EQ }, { "!=", OP_NE }, { "between", OP_BETWEEN },
};

static int read_op(struct reader *r, const char *word, enum op *op)
{
	size_t i;

	for (i = 0; word && i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].word, word))
			continue;
		*op = ops[i].op;
		return 0;
	}
	return reader_refuse(r, word, "write expect METRIC OP OPERAND; OP is "
			     "one of < <= > >= == != between");
}

/* "* 3", "/ 2.5": the decimal as a fraction. */
static int read_factor(struct reader *r, size_t *i, struct operand *o)
{
	const char *op = r->words.w[*i], *number, *point;
	uint64_t v, scale = 1;
	char digits[24];
	size_t k;

	if (!op || (strcmp(op, "*") && strcmp(op, "/")))
		return 0;
	number = r->words.w[*i + 1];
	if (!number || strlen(number) > 9)
		return reader_refuse(r, op, "a number of at most nine digits "
				     "is wanted after it");
	point = strchr(number, '.');
	for (k = 0; point && point[k + 1]; k++)
		scale *= 10;
	snprintf(digits, sizeof(digits), "%.*s%s",
		 (int)(point ? (size_t)(point - number) : strlen(number)),
		 number, point ? point + 1 : "");
	if (amount_parse(digits, UNIT_COUNT, &v) || !v)
		return reader_refuse(r, number, "a number above 0 is wanted");
	o->mul = *op == '*' ? v : scale;
	o->div = *op == '*' ? scale : v;
	*i += 2;
	return 0;
}

static int read_operand(struct reader *r, size_t *i, struct operand *o)
{
	const char *word = r->words.w[*i];

	*o = (struct operand){ .mul = 1, .div = 1 };
	if (!word)
		return reader_refuse(r, r->words.w[*i - 1], "an amount or a "
				     "metric is wanted after it");
	++*i;
	if (isalpha((unsigned char)word[0])) {
		o->metric = word;
		return read_factor(r, i, o);
	}
	if (amount_parse_any(word, &o->unit, &o->amount))
		return reader_refuse(r, word, "no amount: 10, 20ms, 10mbit, "
				     "64K, 1%%, 1000pps; nor a metric: "
				     "NAME.FIELD");
	return 0;
}

static bool names_case(const struct reader *r, const struct operand *o)
{
	const struct name *n;
	char first[SCENE_NAME_MAX + 1];

	if (!o->metric || strcspn(o->metric, ".") > SCENE_NAME_MAX)
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(o->metric, "."),
		 o->metric);
	n = reader_find(r, first);
	return n && n->kind == NAME_CASE;
}

static int push_across(struct reader *r, const struct expectation *e)
{
	const struct expectation *had = r->across.items;
	const struct operand *o[] = { &e->left, &e->right, &e->right2 };
	size_t i;

	for (i = 0; i < 3; i++)
		if (o[i]->metric && !names_case(r, o[i]))
			return reader_refuse(r, o[i]->metric, "say of which "
					     "case, as in the other metric of "
					     "this line: CASE.%s",
					     o[i]->metric);
	for (i = 0; i < r->across.n; i++)
		if (had[i].line == e->line)
			return 0;	/* read for another case before */
	return drill_push(r->arena, &r->across, e, sizeof(*e)) ? 0 : -ENOMEM;
}

int read_expectation(struct reader *r)
{
	struct expectation e = { .line = r->line };
	size_t i = 1;
	int err;

	e.text = reader_join(r, 1, ' ');
	if (!e.text)
		return -ENOMEM;
	err = read_operand(r, &i, &e.left);
	if (!err && !e.left.metric)
		return reader_refuse(r, r->words.w[1], "begin with a metric: "
				     "NAME.FIELD");
	if (!err)
		err = read_op(r, r->words.w[i++], &e.op);
	if (!err)
		err = read_operand(r, &i, &e.right);
	if (!err && e.op == OP_BETWEEN)
		err = read_operand(r, &i, &e.right2);
	if (err)
		return err;
	if (i < r->words.n)
		return reader_refuse(r, r->words.w[i], "one word too many");
	e.across = names_case(r, &e.left) || names_case(r, &e.right) ||
		   names_case(r, &e.right2);
	if (e.across)
		return push_across(r, &e);
	return drill_push(r->arena, &r->expects, &e, sizeof(e)) ? 0 : -ENOMEM;
}

/* --- is there such a metric? --------------------------------------------------------- */

const struct scene *metric_scene(const struct scenario *s, const char *metric,
				 const char **rest)
{
	size_t len = strcspn(metric, "."), i;

	*rest = metric;
	for (i = 0; i < s->n; i++) {
		const char *name = s->scenes[i].name;

		if (!len || strlen(name) != len || memcmp(name, metric, len))
			continue;
		*rest = metric + len + (metric[len] == '.');
		return &s->scenes[i];
	}
	return NULL;
}

struct check {
	const struct scenario *s;
	struct complaint *c;
	int line;
};

static int no_field(const struct check *k, const char *metric, const char *what)
{
	return complain(k->c, &k->s->source, k->line, metric, "%s", what);
}

struct all_fields {
	char *to;
	size_t room, len;
};

static void list_field(void *arg, const char *field, enum unit unit)
{
	struct all_fields *f = arg;

	if (f->len < f->room)
		f->len += (size_t)snprintf(f->to + f->len, f->room - f->len,
					   " %s", field);
}

static int program_has(const struct check *k, const struct program *p,
		       const char *metric, const char *field, enum unit *unit)
{
	char all[300], text[400];
	struct all_fields f = { all, sizeof(all), 0 };

	if (program_field(p->kind, field, unit))
		return 0;
	program_each_field(p->kind, list_field, &f);
	snprintf(text, sizeof(text), "%s tells%s", p->kind->name, all);
	return no_field(k, metric, text);
}

static int step_has(const struct check *k, const struct step *s,
		    const char *metric, const char *dir, const char *field,
		    enum unit *unit)
{
	if (s->kind == STEP_HOST && !*dir)
		return report_field(ENTRY_HOST, field, unit) ? 0 :
		       no_field(k, metric, "a host tells cpu_user cpu_sys "
				"cpu_softirq cpu_hardirq cpu_ksoftirqd "
				"cpu_idle, and its counters by nstat's names: "
				"TcpRetransSegs");
	if (s->kind == STEP_LINK || s->kind == STEP_PLUG) {
		if (*dir && strcmp(dir, s->a) && strcmp(dir, s->b))
			return no_field(k, metric, "the link has no such end");
		return report_field(ENTRY_LINK, field, unit) ? 0 :
		       no_field(k, metric, "a link tells frames bytes "
				"delivered lost duplicated reordered corrupted "
				"queue_full too_long cut overrun queued_max");
	}
	return no_field(k, metric, "write NAME.FIELD or LINK.HOST.FIELD");
}

static bool is_named(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !memcmp(name, text, len);
}

/* NAME.FIELD or NAME.DIR.FIELD in one scene. */
static int scene_has(const struct check *k, const struct scene *sc,
		     const char *metric, enum unit *unit)
{
	size_t len = strcspn(metric, "."), i;
	const char *field = strrchr(metric, '.');
	char dir[SCENE_NAME_MAX + 1] = "";

	if (!field || !field[1])
		return no_field(k, metric, "write NAME.FIELD");
	if (field > metric + len)
		snprintf(dir, sizeof(dir), "%.*s",
			 (int)(field - metric - len - 1), metric + len + 1);
	field++;
	for (i = 0; i < sc->nr_programs; i++)
		if (is_named(sc->programs[i].name, metric, len) && !*dir)
			return program_has(k, &sc->programs[i], metric, field,
					   unit);
	for (i = 0; i < sc->nr_steps; i++)
		if (sc->steps[i].kind <= STEP_PLUG &&
		    is_named(sc->steps[i].name, metric, len))
			return step_has(k, &sc->steps[i], metric, dir, field,
					unit);
	if (is_named("sim", metric, len))
		return report_field(ENTRY_WORLD, field, unit) ? 0 :
		       no_field(k, metric, "sim tells time frames bytes "
				"events");
	return no_field(k, metric, "there is no program, link or host of this "
			"name");
}

static int operand_check(const struct check *k, const struct scene *sc,
			 struct operand *o)
{
	const char *rest = o->metric;

	if (!o->metric)
		return 0;
	if (!sc)
		sc = metric_scene(k->s, o->metric, &rest);
	if (!sc)
		return no_field(k, o->metric, "there is no such case");
	return scene_has(k, sc, rest, &o->unit);
}

static int units_check(const struct check *k, const struct expectation *e,
		       const struct operand *o)
{
	bool zero = !o->metric && !o->amount && o->unit == UNIT_COUNT;

	if (zero || amount_comparable(e->left.unit, o->unit))
		return 0;
	return complain(k->c, &k->s->source, k->line, o->metric ? o->metric :
			e->text, "to compare with %s, %s is wanted",
			e->left.metric, amount_allowed(e->left.unit));
}

/* sc NULL: about several cases. */
static int expectations_check(struct check *k, const struct scene *sc,
			      struct expectation *e, size_t n)
{
	int err = 0;

	for (; n && !err; n--, e++) {
		k->line = e->line;
		err = operand_check(k, sc, &e->left);
		if (!err)
			err = operand_check(k, sc, &e->right);
		if (!err)
			err = operand_check(k, sc, &e->right2);
		if (!err)
			err = units_check(k, e, &e->right);
		if (!err && e->op == OP_BETWEEN)
			err = units_check(k, e, &e->right2);
	}
	return err;
}

int check_expectations(struct scenario *s, struct complaint *c)
{
	struct check k = { .s = s, .c = c };
	int err = 0;
	size_t i;

	for (i = 0; i < s->n && !err; i++)
		err = expectations_check(&k, &s->scenes[i],
					 s->scenes[i].expects,
					 s->scenes[i].nr_expects);
	return err ? err : expectations_check(&k, NULL, s->across,
					      s->nr_across);
}
