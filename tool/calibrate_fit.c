/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Samples into a line: so many nanoseconds a packet, so many a byte.
 *
 * Whatever disturbs a measurement makes it longer: another program on the
 * core, a sleep. So the typical time of a length is the mean of what is not far
 * above the lower quartile; a mean, since many stages take less than a tick of
 * the clock. Through those times, one to each class of lengths, goes the line
 * of Theil and Sen: its slope is the median of the slopes between any two, so
 * that a class that is off does not bend it.
 */
#include "calibrate.h"

#include <stdlib.h>
#include <string.h>

#define BUCKET_ENOUGH	8		/* samples that make a class count */
#define FAR_TIMES	3		/* above the lower quartile ... */
#define FAR_NS		100		/* ... and so much more is disturbed */
#define NOISE		0.1		/* of the fixed cost: no slope at all */
#define RUN_MIN		256		/* bytes between lengths that tell a slope */

struct point {
	double len, ns, weight;
};

struct weighted {
	double value, weight;
};

/* Four classes to each doubling of the length; 0 to 4 are by themselves. */
static unsigned int bucket_of(uint32_t len)
{
	unsigned int octave;

	if (len < 4)
		return len;
	octave = 31 - (unsigned int)__builtin_clz(len);
	return octave * 4 - 4 + (len >> (octave - 2) & 3);
}

bool fit_add(struct fit *f, uint32_t len, int64_t ns)
{
	struct fit_bucket *b = &f->bucket[bucket_of(len)];

	if (!b->ns)
		b->ns = malloc(FIT_KEEP * sizeof(*b->ns));
	if (!b->ns)
		return false;
	if (ns > INT32_MAX)
		ns = INT32_MAX;
	else if (ns < INT32_MIN)
		ns = INT32_MIN;
	b->ns[b->seen++ % FIT_KEEP] = (int32_t)ns;
	b->len_sum += len;
	f->seen++;
	return true;
}

void fit_free(struct fit *f)
{
	unsigned int i;

	for (i = 0; i < FIT_BUCKETS; i++)
		free(f->bucket[i].ns);
	memset(f, 0, sizeof(*f));
}

static int by_ns(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double fit_typical(int32_t *ns, size_t n)
{
	size_t i, lower_quartile = n / 4;
	double far, sum = 0;

	if (!n)
		return 0;
	qsort(ns, n, sizeof(*ns), by_ns);
	far = (double)ns[lower_quartile] * FAR_TIMES + FAR_NS;
	for (i = 0; i < n && (!i || ns[i] <= far); i++)
		sum += ns[i];
	return sum / (double)i;
}

static unsigned int make_points(const struct fit *f, struct point *p,
				unsigned int enough)
{
	unsigned int i, n = 0;

	for (i = 0; i < FIT_BUCKETS; i++) {
		const struct fit_bucket *b = &f->bucket[i];
		size_t kept = b->seen < FIT_KEEP ? b->seen : FIT_KEEP;

		if (b->seen >= enough)
			p[n++] = (struct point){
				b->len_sum / (double)b->seen,
				fit_typical(b->ns, kept), (double)kept };
	}
	return n;
}

static int by_value(const void *a, const void *b)
{
	const struct weighted *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static double weighted_median(struct weighted *v, size_t n)
{
	double half = 0;
	size_t i;

	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), by_value);
	for (i = 0; i < n; i++)
		half += v[i].weight / 2;
	for (i = 0; i < n - 1 && half > v[i].weight; i++)
		half -= v[i].weight;
	return v[i].value;
}

static double slope(const struct point *p, unsigned int n)
{
	struct weighted v[FIT_BUCKETS * FIT_BUCKETS / 2];
	unsigned int i, j;
	size_t m = 0;

	for (i = 0; i < n; i++) {
		for (j = i + 1; j < n; j++) {
			double run = p[j].len - p[i].len;
			double weight = p[i].weight < p[j].weight ?
					p[i].weight : p[j].weight;

			if (run < RUN_MIN)
				continue;
			v[m].value = (p[j].ns - p[i].ns) / run;
			v[m++].weight = weight * run;
		}
	}
	return weighted_median(v, m);
}

static double level(const struct point *p, unsigned int n, double per_byte)
{
	struct weighted v[FIT_BUCKETS];
	unsigned int i;

	for (i = 0; i < n; i++)
		v[i] = (struct weighted){ p[i].ns - per_byte * p[i].len,
					  p[i].weight };
	return weighted_median(v, n);
}

struct fit_line fit_solve(const struct fit *f)
{
	struct fit_line l = { .samples = f->seen };
	struct point p[FIT_BUCKETS];
	unsigned int n;

	if (f->seen < FIT_ENOUGH)
		return l;
	n = make_points(f, p, BUCKET_ENOUGH);
	if (!n)
		n = make_points(f, p, 1);
	l.ns_per_byte = slope(p, n);
	l.ns = level(p, n, l.ns_per_byte);
	if (l.ns_per_byte * (p[n - 1].len - p[0].len) < l.ns * NOISE) {
		l.ns_per_byte = 0;
		l.ns = level(p, n, 0);
	}
	if (l.ns_per_byte < 0)
		l.ns_per_byte = 0;
	if (l.ns < 0)
		l.ns = 0;
	return l;
}
