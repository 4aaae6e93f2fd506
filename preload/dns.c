/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small resolver over the stack's UDP: A and PTR questions, CNAMEs followed
 * inside the answer, servers in turn, several attempts (RFC 1035 4, 7; RFC
 * 5452 9.1: random id, answer only from the server asked). A truncated answer
 * is used as far as it goes.
 */
#include "dns_config.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_PTR = 12, CLASS_IN = 1 };
enum { RCODE_OK = 0, RCODE_NXDOMAIN = 3 };

#define HEADER		12
#define MESSAGE_ROOM	1500
#define MAX_ALIASES	8

struct message {
	uint8_t b[MESSAGE_ROOM];
	size_t len;
};

struct record {
	char owner[NAME_ROOM];
	unsigned int type, class;
	size_t data, len;		/* offset and length of RDATA */
};

static unsigned int get16(const struct message *m, size_t at)
{
	return (unsigned int)m->b[at] << 8 | m->b[at + 1];
}

static void put16(struct message *m, unsigned int v)
{
	m->b[m->len++] = (uint8_t)(v >> 8);
	m->b[m->len++] = (uint8_t)v;
}

/* --- names in messages (RFC 1035 4.1.4) ----------------------------------------- */

/* False: not a name that fits the DNS. */
static bool put_name(struct message *m, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63 || m->len + n + 6 > HEADER + NAME_ROOM)
			return false;
		m->b[m->len++] = (uint8_t)n;
		memcpy(m->b + m->len, name, n);
		m->len += n;
		name += n + (name[n] == '.');
	}
	m->b[m->len++] = 0;
	return true;
}

/* Name at *at as text; *at moves behind it. Pointers only go backwards. */
static bool get_name(const struct message *m, size_t *at, char *name)
{
	size_t pos = *at, lowest = *at, out = 0, n;
	bool jumped = false;

	for (;;) {
		if (pos >= m->len)
			return false;
		n = m->b[pos];
		if (n >= 0xc0) {
			if (pos + 1 >= m->len)
				return false;
			if (!jumped)
				*at = pos + 2;
			jumped = true;
			pos = get16(m, pos) & 0x3fff;
			if (pos >= lowest)
				return false;
			lowest = pos;
			continue;
		}
		pos++;
		if (!n)
			break;
		if (n > 63 || pos + n > m->len || out + n + 2 > NAME_ROOM)
			return false;
		if (out)
			name[out++] = '.';
		memcpy(name + out, m->b + pos, n);
		out += n;
		pos += n;
	}
	name[out] = '\0';
	if (!jumped)
		*at = pos;
	return !memchr(name, '\0', out);
}

static bool get_record(const struct message *m, size_t *at, struct record *r)
{
	if (!get_name(m, at, r->owner) || *at + 10 > m->len)
		return false;
	r->type = get16(m, *at);
	r->class = get16(m, *at + 2);
	r->len = get16(m, *at + 8);
	r->data = *at + 10;
	*at = r->data + r->len;
	return *at <= m->len;
}

/* --- asking -------------------------------------------------------------------------- */

static bool make_query(struct message *q, const char *name, unsigned int type)
{
	uint16_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return false;
	memset(q->b, 0, HEADER);
	q->len = 0;
	put16(q, id);
	put16(q, 0x0100);		/* recursion desired */
	put16(q, 1);
	q->len = HEADER;
	if (!put_name(q, name))
		return false;
	put16(q, type);
	put16(q, CLASS_IN);
	return true;
}

/* The answer repeats id and question. */
static bool answers(const struct message *m, const struct message *q)
{
	size_t at = HEADER, qat = HEADER;
	char a[NAME_ROOM], b[NAME_ROOM];

	return m->len >= HEADER && get16(m, 0) == get16(q, 0) &&
	       m->b[2] & 0x80 && get16(m, 4) == 1 && get_name(m, &at, a) &&
	       get_name(q, &qat, b) && !strcasecmp(a, b) &&
	       at + 4 <= m->len && !memcmp(m->b + at, q->b + qat, 4);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

/* True with an answer in m. */
static bool await(struct weir *w, int fd, const struct message *q,
		  struct message *m, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = now_ms() + timeout_ms, left;
	ssize_t n;

	while ((left = until - now_ms()) > 0) {
		if (weir_poll(w, &p, 1, (int)left) < 0)
			continue;
		n = weir_recv(w, fd, m->b, sizeof(m->b), MSG_DONTWAIT);
		if (n < 0 && n != -EAGAIN && n != -EINTR)
			return false;
		m->len = n < 0 ? 0 : (size_t)n;
		if (n > 0 && answers(m, q))
			return true;
	}
	return false;
}

static bool ask_server(struct weir *w, const struct sockaddr_in *server,
		       const struct message *q, struct message *m,
		       int timeout_ms)
{
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = !weir_connect(w, fd, (const struct sockaddr *)server,
			   sizeof(*server)) &&
	     weir_send(w, fd, q->b, q->len, MSG_NOSIGNAL) ==
	     (ssize_t)q->len && await(w, fd, q, m, timeout_ms);
	weir_close(w, fd);
	return ok;
}

/* All attempts at a server together take the time-out of resolv.conf, each
 * waits longer than the one before. */
static int patience_ms(const struct dns_config *c, int attempt)
{
	return c->timeout_s * 1000 * (attempt + 1) * 2 /
	       (c->attempts * (c->attempts + 1));
}

/* 0: *m has the answer, with records. */
static int ask(const struct dns_config *c, const char *name, unsigned int type,
	       struct message *m)
{
	struct weir *w = shim_stack();
	struct message q;
	int attempt, i, rcode, err = EAI_AGAIN;

	if (!w)
		return EAI_AGAIN;
	if (!make_query(&q, name, type))
		return EAI_NONAME;
	for (attempt = 0; attempt < c->attempts; attempt++) {
		for (i = 0; i < c->nr_servers; i++) {
			if (!ask_server(w, &c->server[i], &q, m,
					patience_ms(c, attempt)))
				continue;
			rcode = m->b[3] & 0xf;
			if (rcode == RCODE_OK)
				return 0;
			if (rcode == RCODE_NXDOMAIN)
				return EAI_NONAME;
			err = EAI_FAIL;		/* the next may know */
		}
	}
	return err;
}

/* --- reading answers ---------------------------------------------------------------------- */

/* Follows `name` one step: its alias into `name` (true), or not. */
static bool follow_alias(const struct message *m, size_t at, unsigned int n,
			 char *name)
{
	struct record r;
	size_t data;

	while (n-- && get_record(m, &at, &r)) {
		data = r.data;
		if (r.type == TYPE_CNAME && r.class == CLASS_IN &&
		    !strcasecmp(r.owner, name))
			return get_name(m, &data, name);
	}
	return false;
}

static bool after_question(const struct message *m, size_t *at)
{
	char name[NAME_ROOM];

	*at = HEADER;
	if (!get_name(m, at, name) || *at + 4 > m->len)
		return false;
	*at += 4;
	return true;
}

static int collect_addrs(const struct message *m, const char *name,
			 struct name_answer *a)
{
	unsigned int n = get16(m, 6), i;
	struct record r;
	size_t start, at;

	a->n = 0;
	snprintf(a->canon, sizeof(a->canon), "%s", name);
	if (!after_question(m, &start))
		return EAI_FAIL;
	for (i = 0; i < MAX_ALIASES && follow_alias(m, start, n, a->canon); i++)
		;
	for (at = start; n-- && get_record(m, &at, &r);) {
		if (r.type == TYPE_A && r.class == CLASS_IN && r.len == 4 &&
		    !strcasecmp(r.owner, a->canon) && a->n < NAME_MAX_ADDRS)
			memcpy(&a->addr[a->n++], m->b + r.data, 4);
	}
	return a->n ? 0 : EAI_NODATA;
}

static int lookup_one(const struct dns_config *c, const char *name,
		      struct name_answer *a)
{
	struct message m;
	int err = ask(c, name, TYPE_A, &m);

	return err ? err : collect_addrs(&m, name, a);
}

static int count_dots(const char *name)
{
	int n = 0;

	for (; *name; name++)
		n += *name == '.';
	return n;
}

static bool no_such(int err)
{
	return err == EAI_NONAME || err == EAI_NODATA;
}

/* The name in each domain of the search list. */
static int search(const struct dns_config *c, const char *name,
		  struct name_answer *a)
{
	char full[2 * NAME_ROOM];
	int i, err = EAI_NONAME;

	for (i = 0; i < c->nr_search; i++) {
		snprintf(full, sizeof(full), "%s.%s", name, c->search[i]);
		if (strlen(full) >= NAME_ROOM)
			continue;
		err = lookup_one(c, full, a);
		if (!no_such(err))
			return err;
	}
	return err;
}

int dns_by_name(const char *name, struct name_answer *a)
{
	size_t len = strlen(name);
	struct dns_config c;
	bool as_is;
	int err = EAI_NONAME;

	if (!len || len >= NAME_ROOM)
		return EAI_NONAME;
	dns_config_read(&c);
	if (!c.nr_servers)
		return EAI_AGAIN;
	if (name[len - 1] == '.')
		return lookup_one(&c, name, a);
	as_is = count_dots(name) >= c.ndots;
	if (as_is)
		err = lookup_one(&c, name, a);
	if (no_such(err))
		err = search(&c, name, a);
	if (no_such(err) && !as_is)
		err = lookup_one(&c, name, a);
	return err;
}

int dns_by_addr(struct in_addr addr, char *name, size_t room)
{
	const uint8_t *b = (const uint8_t *)&addr;
	char question[64], found[NAME_ROOM];
	struct dns_config c;
	struct message m;
	struct record r;
	unsigned int n;
	size_t at;
	int err;

	dns_config_read(&c);
	snprintf(question, sizeof(question), "%u.%u.%u.%u.in-addr.arpa", b[3],
		 b[2], b[1], b[0]);
	err = ask(&c, question, TYPE_PTR, &m);
	if (err)
		return err;
	if (!after_question(&m, &at))
		return EAI_FAIL;
	for (n = get16(&m, 6); n-- && get_record(&m, &at, &r);) {
		if (r.type == TYPE_PTR && r.class == CLASS_IN &&
		    get_name(&m, &r.data, found)) {
			snprintf(name, room, "%s", found);
			return 0;
		}
	}
	return EAI_NODATA;
}
