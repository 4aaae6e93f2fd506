/* SPDX-License-Identifier: BSD-2-Clause */
/* See hw/cable_spec.h. Words are looked up in a table, which also holds what
 * an error says about their values. */
#include "hw/cable_spec.h"
#include "hw/number.h"

#include <stdio.h>

#define SHARE	"a share: 1%, 300ppm, or a fraction such as 0.01"
#define TIME	"a time of at most an hour, in ns, us, ms or s: 20ms"
#define WHOLE	"a whole number of at most 64 bits, decimal or 0x..."

struct word {
	const char *name;
	const char *allowed;		/* NULL: it has no value */
	int (*set)(struct cable_params *p, const char *value);
};

/* --- values ---------------------------------------------------------------------- */

static int set_rate(struct cable_params *p, const char *value)
{
	static const struct number_unit units[] = {
		{ "bit", 1 }, { "kbit", 1000 }, { "mbit", 1000000 },
		{ "gbit", 1000000000 },
	};

	if (!strcmp(value, "0")) {
		p->rate_bps = 0;
		return 0;
	}
	return number_parse(value, units, ARRAY_SIZE(units), CABLE_MAX_RATE,
			    &p->rate_bps);
}

static int parse_time(const char *value, ktime_t *out)
{
	static const struct number_unit units[] = {
		{ "ns", 1 }, { "us", NSEC_PER_USEC }, { "ms", NSEC_PER_MSEC },
		{ "s", NSEC_PER_SEC },
	};
	u64 v = 0;

	if (strcmp(value, "0") &&
	    number_parse(value, units, ARRAY_SIZE(units), CABLE_MAX_DELAY, &v))
		return -EINVAL;
	*out = (ktime_t)v;
	return 0;
}

static int set_delay(struct cable_params *p, const char *value)
{
	return parse_time(value, &p->delay);
}

static int set_jitter(struct cable_params *p, const char *value)
{
	return parse_time(value, &p->jitter);
}

static int set_queue(struct cable_params *p, const char *value)
{
	u64 v;

	if (number_whole(value, CABLE_MAX_QUEUE, &v))
		return -EINVAL;
	p->queue = (u32)v;
	return 0;
}

static int set_mtu(struct cable_params *p, const char *value)
{
	u64 v;

	if (number_whole(value, 65535, &v) || (v && v < 68))
		return -EINVAL;
	p->mtu = (u32)v;
	return 0;
}

static int set_offload(struct cable_params *p, const char *value)
{
	p->offload = true;
	return 0;
}

static int set_cut(struct cable_params *p, const char *value)
{
	p->cut = true;
	return 0;
}

static int set_heal(struct cable_params *p, const char *value)
{
	p->cut = false;
	return 0;
}

/* set NULL: a word of hw/fault.h. */
static const struct word words[] = {
	{ "rate", "a rate of at most 1000gbit, in bit, kbit, mbit or gbit: "
		  "10mbit; or 0 for no limit", set_rate },
	{ "delay", TIME, set_delay },
	{ "jitter", TIME, set_jitter },
	{ "queue", "a number of frames, at most 1000000", set_queue },
	{ "loss", SHARE, NULL },
	{ "burst", "P/R or P/R/H, all shares: 1%/25%/90%", NULL },
	{ "mask", WHOLE, NULL },
	{ "reorder", SHARE, NULL },
	{ "dup", SHARE, NULL },
	{ "corrupt", SHARE, NULL },
	{ "mtu", "a number from 68 to 65535, or 0 for no limit", set_mtu },
	{ "offload", NULL, set_offload },
	{ "cut", NULL, set_cut },
	{ "heal", NULL, set_heal },
	{ "seed", WHOLE, NULL },
};

/* --- words ----------------------------------------------------------------------- */

static const struct word *find_word(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].name, name))
			return &words[i];
	return NULL;
}

static int say_unknown(const char *name, char *err, size_t errlen)
{
	char all[160];
	size_t n = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words) && n < sizeof(all); i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
				      i ? ", " : "", words[i].name);
	snprintf(err, errlen, "link option \"%s\" is not known; there are %s",
		 name, all);
	return -EINVAL;
}

static int say_value(const struct word *w, const char *value, char *err,
		     size_t errlen)
{
	if (!w->allowed)
		snprintf(err, errlen, "link option \"%s\" takes no value",
			 w->name);
	else if (!value)
		snprintf(err, errlen, "link option \"%s\" needs a value: %s",
			 w->name, w->allowed);
	else
		snprintf(err, errlen, "link option \"%s=%s\": the value must be "
			 "%s", w->name, value, w->allowed);
	return -EINVAL;
}

static int say_length(const char *spec, const char *word, size_t len, char *err,
		      size_t errlen)
{
	if (len)
		snprintf(err, errlen, "link option \"%.20s...\" is too long",
			 word);
	else
		snprintf(err, errlen, "link options \"%.100s\": a comma too "
			 "many", spec);
	return -EINVAL;
}

static int set_word(struct cable_params *p, const struct word *w,
		    const char *value)
{
	if (!w->allowed != !value)
		return -EINVAL;
	return w->set ? w->set(p, value) :
			fault_parse(&p->fault, w->name, value);
}

/* "name" or "name=value", into the directions from `from` to `to`. */
static int parse_word(struct cable_params dir[2], u32 from, u32 to,
		      char *word, char *err, size_t errlen)
{
	char *value = strchr(word, '=');
	const struct word *w;

	if (value)
		*value++ = '\0';
	w = find_word(word);
	if (!w)
		return say_unknown(word, err, errlen);
	for (; from <= to; from++) {
		if (set_word(&dir[from], w, value))
			return say_value(w, value, err, errlen);
		if (!strcmp(w->name, "seed"))
			dir[from].fault.seed = cable_seed(dir[from].fault.seed,
							  from);
	}
	return 0;
}

int cable_spec_parse(struct cable_params dir[2], int direction,
		     const char *spec, char *err, size_t errlen)
{
	struct cable_params new[2] = { dir[0], dir[1] };
	const char *p = spec && *spec ? spec : NULL;
	char word[64];
	size_t len;

	for (; p; p = p[len] ? p + len + 1 : NULL) {
		len = strcspn(p, ",");
		if (!len || len >= sizeof(word))
			return say_length(spec, p, len, err, errlen);
		memcpy(word, p, len);
		word[len] = '\0';
		if (parse_word(new, direction == 1, direction != 0, word, err,
			       errlen))
			return -EINVAL;
	}
	dir[0] = new[0];
	dir[1] = new[1];
	return 0;
}
