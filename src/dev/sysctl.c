/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings as text. A floor registers constant tables of (name, offset, kind)
 * with the base address of the struct that holds the values; this file finds
 * a name, and converts between text and value. Vectors ("4096 131072 6291456")
 * are written whole or not at all: nothing changes unless every value is in
 * range. Names are few and settings rare: lookup is a walk.
 */
#include "dev/sysctl.h"
#include "base/slab.h"
#include "cpu/lock.h"

#include <stdio.h>
#include <stdlib.h>

#define CTL_VECTOR_MAX	8

struct ctl_entry {
	const struct ctl_table *table;
	void *owner;
	struct ctl_entry *next;
};

struct ctl_dir {
	struct ctl_entry *first, **tail;
};

int register_net_sysctl(struct net *net, const struct ctl_table *t, void *owner)
{
	struct ctl_entry *e = kzalloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	if (!net->sysctl) {
		net->sysctl = kzalloc(sizeof(*net->sysctl));
		if (!net->sysctl) {
			kfree(e);
			return -ENOMEM;
		}
		net->sysctl->tail = &net->sysctl->first;
	}
	e->table = t;
	e->owner = owner;
	spin_lock_bh(&net->rtnl);
	*net->sysctl->tail = e;
	net->sysctl->tail = &e->next;
	spin_unlock_bh(&net->rtnl);
	return 0;
}

void unregister_net_sysctl(struct net *net, void *owner)
{
	struct ctl_entry *dead = NULL;

	if (!net->sysctl)
		return;
	spin_lock_bh(&net->rtnl);
	for (struct ctl_entry **p = &net->sysctl->first; *p; ) {
		struct ctl_entry *e = *p;

		if (e->owner != owner) {
			p = &e->next;
			continue;
		}
		*p = e->next;
		e->next = dead;
		dead = e;
	}
	net->sysctl->tail = &net->sysctl->first;
	while (*net->sysctl->tail)
		net->sysctl->tail = &(*net->sysctl->tail)->next;
	spin_unlock_bh(&net->rtnl);

	while (dead) {
		struct ctl_entry *next = dead->next;

		kfree(dead);
		dead = next;
	}
}

/* "net/ipv4/tcp_rmem" is "net.ipv4.tcp_rmem". */
static bool same_name(const char *a, const char *asked)
{
	for (; *a && *asked; a++, asked++)
		if (*a != (*asked == '/' ? '.' : *asked))
			return false;
	return !*a && !*asked;
}

static const struct ctl_table *ctl_find(struct net *net, const char *name,
					void **data)
{
	struct ctl_entry *e = net->sysctl ? net->sysctl->first : NULL;

	for (; e; e = e->next)
		for (const struct ctl_table *t = e->table; t->name; t++)
			if (same_name(t->name, name)) {
				*data = (char *)e->owner + t->offset;
				return t;
			}
	return NULL;
}

static u32 kind_size(u8 kind)
{
	switch ((enum ctl_kind)kind) {
	case CTL_U32:
	case CTL_S32:
	case CTL_MSEC_JIFFIES:
		return 4;
	case CTL_U64:
		return 8;
	case CTL_BOOL:
	case CTL_U8:
	case CTL_STRING:
		return 1;
	}
	return 1;
}

static s64 value_load(const struct ctl_table *t, const void *at)
{
	switch ((enum ctl_kind)t->kind) {
	case CTL_U32:
	case CTL_MSEC_JIFFIES:
		return *(const u32 *)at;
	case CTL_S32:
		return *(const s32 *)at;
	case CTL_U64:
		return (s64)*(const u64 *)at;
	case CTL_BOOL:
		return *(const bool *)at;
	case CTL_U8:
	case CTL_STRING:
		return *(const u8 *)at;
	}
	return 0;
}

static void value_store(const struct ctl_table *t, void *at, s64 v)
{
	switch ((enum ctl_kind)t->kind) {
	case CTL_U32:
	case CTL_MSEC_JIFFIES:
		WRITE_ONCE(*(u32 *)at, (u32)v);
		break;
	case CTL_S32:
		WRITE_ONCE(*(s32 *)at, (s32)v);
		break;
	case CTL_U64:
		WRITE_ONCE(*(u64 *)at, (u64)v);
		break;
	case CTL_BOOL:
		WRITE_ONCE(*(bool *)at, v != 0);
		break;
	case CTL_U8:
	case CTL_STRING:
		WRITE_ONCE(*(u8 *)at, (u8)v);
		break;
	}
}

static bool value_fits(const struct ctl_table *t, s64 v)
{
	if (t->min || t->max)
		return v >= t->min && v <= t->max;
	switch ((enum ctl_kind)t->kind) {
	case CTL_U32:
	case CTL_MSEC_JIFFIES:
		return v >= 0 && v <= UINT32_MAX;
	case CTL_S32:
		return v >= INT32_MIN && v <= INT32_MAX;
	case CTL_U64:
		return v >= 0;
	case CTL_BOOL:
		return v == 0 || v == 1;
	case CTL_U8:
	case CTL_STRING:
		return v >= 0 && v <= UINT8_MAX;
	}
	return false;
}

/* Numbers separated by blanks. How many, or -EINVAL. */
static int parse_values(const struct ctl_table *t, const char *text, s64 *v,
			u32 room)
{
	u32 n = 0;

	for (;;) {
		char *end;

		text += strspn(text, " \t\r\n");
		if (!*text)
			return (int)n;
		if (n == room)
			return -EINVAL;
		errno = 0;
		v[n] = strtoll(text, &end, 0);
		if (errno || end == text || (*end && !strchr(" \t\r\n", *end)))
			return -EINVAL;
		if (!value_fits(t, v[n++]))
			return -EINVAL;
		text = end;
	}
}

static u32 ctl_count(const struct ctl_table *t)
{
	return t->count ? min_t(u32, t->count, CTL_VECTOR_MAX) : 1;
}

int sysctl_write(struct net *net, const char *name, const char *text)
{
	s64 v[CTL_VECTOR_MAX];
	const struct ctl_table *t;
	void *data;
	int n;

	t = ctl_find(net, name, &data);
	if (!t)
		return -ENOENT;
	if (t->write)
		return t->write(net, data, text);
	if (t->kind == CTL_STRING)
		return -EINVAL;		/* strings come with a checker */
	n = parse_values(t, text, v, ctl_count(t));
	if (n <= 0)
		return -EINVAL;
	for (int i = 0; i < n; i++)
		value_store(t, (char *)data + (u32)i * kind_size(t->kind),
			    v[i]);
	return 0;
}

int sysctl_read(struct net *net, const char *name, char *text, size_t room)
{
	const struct ctl_table *t;
	void *data;
	size_t len = 0;

	t = ctl_find(net, name, &data);
	if (!t)
		return -ENOENT;
	if (t->read)
		return t->read(net, data, text, room);
	if (t->kind == CTL_STRING)
		return snprintf(text, room, "%s", (const char *)data);
	for (u32 i = 0; i < ctl_count(t); i++) {
		const char *at = (char *)data + i * kind_size(t->kind);
		int n = snprintf(text + len, room - len, i ? "\t%lld" : "%lld",
				 (long long)value_load(t, at));

		if (n < 0 || (size_t)n >= room - len)
			return -ENOSPC;
		len += (size_t)n;
	}
	return (int)len;
}

void sysctl_for_each(struct net *net,
		     void (*fn)(void *arg, const char *name), void *arg)
{
	struct ctl_entry *e = net->sysctl ? net->sysctl->first : NULL;

	for (; e; e = e->next)
		for (const struct ctl_table *t = e->table; t->name; t++)
			fn(arg, t->name);
}
