/* SPDX-License-Identifier: BSD-2-Clause */
/* See hw/fault.h. */
#include "hw/fault.h"
#include "hw/number.h"

#define FIRST_DAMAGE	14u

/* --- chance ---------------------------------------------------------------------- */

/* Steele et al., "Fast splittable pseudorandom number generators" (2014). */
static u64 next_random(struct fault *f)
{
	u64 z = f->seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

u64 fault_random_below(struct fault *f, u64 ceil)
{
	return (u64)((unsigned __int128)next_random(f) * ceil >> 64);
}

static bool chance(struct fault *f, u32 ppm)
{
	return ppm && next_random(f) % FAULT_PPM < ppm;
}

/* --- verdicts -------------------------------------------------------------------- */

static bool mask_says_lose(struct fault *f)
{
	bool lose = f->mask & 1;

	f->mask >>= 1;
	return lose;
}

static bool burst_says_lose(struct fault *f)
{
	if (!f->burst_ppm)
		return false;
	if (chance(f, f->bad ? f->calm_ppm : f->burst_ppm))
		f->bad = !f->bad;
	return f->bad && chance(f, f->burst_loss_ppm);
}

u32 fault_judge(struct fault *f)
{
	bool masked = mask_says_lose(f), burst = burst_says_lose(f);
	u32 v = 0;

	if (masked || burst || chance(f, f->loss_ppm))
		return FAULT_LOSE;
	if (chance(f, f->dup_ppm))
		v |= FAULT_DOUBLE;
	if (chance(f, f->corrupt_ppm))
		v |= FAULT_CORRUPT;
	if (chance(f, f->reorder_ppm))
		v |= FAULT_REORDER;
	return v;
}

bool fault_damage(struct fault *f, u8 *frame, u32 len)
{
	u32 bit;

	if (len <= FIRST_DAMAGE)
		return false;
	bit = (u32)fault_random_below(f, (len - FIRST_DAMAGE) * 8);
	frame[FIRST_DAMAGE + bit / 8] ^= (u8)(1u << bit % 8);
	return true;
}

/* --- texts ----------------------------------------------------------------------- */

/* A bare number must look like a fraction: "loss=1" may be meant as 1%. */
static int parse_share(const char *text, u32 *ppm)
{
	static const struct number_unit units[] = {
		{ "%", 10000 }, { "‰", 1000 }, { "ppm", 1 },
		{ "", FAULT_PPM },
	};
	u64 v;
	int ret = number_parse(text, units, ARRAY_SIZE(units), FAULT_PPM, &v);

	if (ret || (v && strspn(text, "0123456789") == strlen(text)))
		return -EINVAL;
	*ppm = (u32)v;
	return 0;
}

/* P/R or P/R/H. */
static int parse_burst(struct fault *f, const char *text)
{
	u32 share[3] = { 0, 0, FAULT_PPM }, n = 0;
	char part[32];
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, "/");
		if (n == 3 || len >= sizeof(part))
			return -EINVAL;
		memcpy(part, text, len);
		part[len] = '\0';
		if (parse_share(part, &share[n++]))
			return -EINVAL;
		if (!text[len])
			break;
	}
	if (n < 2)
		return -EINVAL;
	f->burst_ppm = share[0];
	f->calm_ppm = share[1];
	f->burst_loss_ppm = share[2];
	f->bad = false;
	return 0;
}

int fault_parse(struct fault *f, const char *word, const char *value)
{
	const struct { const char *name; u32 *ppm; } shares[] = {
		{ "loss", &f->loss_ppm }, { "dup", &f->dup_ppm },
		{ "reorder", &f->reorder_ppm }, { "corrupt", &f->corrupt_ppm },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(shares); i++)
		if (!strcmp(word, shares[i].name))
			return parse_share(value, shares[i].ppm);
	if (!strcmp(word, "burst"))
		return parse_burst(f, value);
	if (!strcmp(word, "mask"))
		return number_whole(value, UINT64_MAX, &f->mask);
	if (!strcmp(word, "seed"))
		return number_whole(value, UINT64_MAX, &f->seed);
	return -ENOENT;
}
