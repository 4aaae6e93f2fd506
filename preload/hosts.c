/* SPDX-License-Identifier: BSD-2-Clause */
/* /etc/hosts, read at each question: hosts(5). Always known: localhost
 * (RFC 6761 6.3) and this host's own name. */
#include "names.h"

#include <arpa/inet.h>
#include <string.h>

#define HOSTS	"/etc/hosts"

/* One line: address and its names, split in place. Number of names. */
static int split_line(char *line, struct in_addr *addr, char **names, int max)
{
	char *save, *word;
	int n = 0;

	line[strcspn(line, "#\n")] = '\0';
	word = strtok_r(line, " \t", &save);
	if (!word || inet_pton(AF_INET, word, addr) != 1)
		return 0;
	while (n < max && (word = strtok_r(NULL, " \t", &save)))
		names[n++] = word;
	return n;
}

static bool same_name(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	if (la && a[la - 1] == '.')
		la--;
	if (lb && b[lb - 1] == '.')
		lb--;
	return la == lb && !strncasecmp(a, b, la);
}

static bool is_localhost(const char *name)
{
	static const char end[] = ".localhost";
	size_t n = strlen(name);

	return same_name(name, "localhost") ||
	       (n >= sizeof(end) &&
		same_name(name + n - (sizeof(end) - 1), end));
}

static void add(struct name_answer *a, struct in_addr addr, const char *canon)
{
	if (!a->n)
		snprintf(a->canon, sizeof(a->canon), "%s", canon);
	if (a->n < NAME_MAX_ADDRS)
		a->addr[a->n++] = addr;
}

/* This host's name: its address on the first link, else the loopback's. */
static bool own_name(const char *name, struct in_addr *addr)
{
	const char *cidr = shim_setting("WEIR_ADDR");
	char host[NAME_ROOM], text[INET_ADDRSTRLEN] = "";

	if (gethostname(host, sizeof(host)) || !same_name(name, host))
		return false;
	if (cidr)
		snprintf(text, sizeof(text), "%.*s",
			 (int)strcspn(cidr, "/\n"), cidr);
	if (inet_pton(AF_INET, text, addr) != 1)
		addr->s_addr = htonl(INADDR_LOOPBACK);
	return true;
}

int hosts_by_name(const char *name, struct name_answer *a)
{
	char line[1024], *names[32];
	struct in_addr addr;
	FILE *f = fopen(HOSTS, "re");
	int i, n;

	a->n = 0;
	while (f && fgets(line, sizeof(line), f)) {
		n = split_line(line, &addr, names, 32);
		for (i = 0; i < n; i++)
			if (same_name(names[i], name)) {
				add(a, addr, names[0]);
				break;
			}
	}
	if (f)
		fclose(f);
	if (!a->n && is_localhost(name)) {
		addr.s_addr = htonl(INADDR_LOOPBACK);
		add(a, addr, name);
	}
	if (!a->n && own_name(name, &addr))
		add(a, addr, name);
	return a->n;
}

bool hosts_by_addr(struct in_addr want, char *name, size_t room)
{
	char line[1024], *names[32];
	struct in_addr addr;
	FILE *f = fopen(HOSTS, "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (split_line(line, &addr, names, 32) &&
		    addr.s_addr == want.s_addr) {
			snprintf(name, room, "%s", names[0]);
			found = true;
		}
	}
	if (f)
		fclose(f);
	if (!found && want.s_addr == htonl(INADDR_LOOPBACK)) {
		snprintf(name, room, "localhost");
		found = true;
	}
	return found;
}
