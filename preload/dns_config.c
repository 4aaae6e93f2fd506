/* SPDX-License-Identifier: BSD-2-Clause */
/* resolv.conf(5): nameserver, search, domain; options ndots, timeout,
 * attempts. `weir run --dns` goes before it. */
#include "dns_config.h"

#include <arpa/inet.h>
#include <string.h>

static void add_server(struct dns_config *c, const char *text)
{
	struct sockaddr_in *s = &c->server[c->nr_servers];

	if (c->nr_servers == DNS_MAX_SERVERS ||
	    inet_pton(AF_INET, text, &s->sin_addr) != 1)
		return;
	s->sin_family = AF_INET;
	s->sin_port = htons(53);
	c->nr_servers++;
}

static int number_after(const char *word, const char *key, int least, int most,
			int now)
{
	size_t n = strlen(key);
	int v;

	if (strncmp(word, key, n))
		return now;
	v = atoi(word + n);
	return v < least ? least : v > most ? most : v;
}

static void read_line(struct dns_config *c, char *line)
{
	char *save, *key, *word;

	line[strcspn(line, "#;\n")] = '\0';
	key = strtok_r(line, " \t", &save);
	if (!key)
		return;
	if (!strcmp(key, "search") || !strcmp(key, "domain"))
		c->nr_search = 0;
	while ((word = strtok_r(NULL, " \t", &save))) {
		if (!strcmp(key, "nameserver")) {
			add_server(c, word);
		} else if (!strcmp(key, "search") || !strcmp(key, "domain")) {
			if (c->nr_search < DNS_MAX_SEARCH)
				snprintf(c->search[c->nr_search++], NAME_ROOM,
					 "%s", word);
		} else if (!strcmp(key, "options")) {
			c->ndots = number_after(word, "ndots:", 0, 15, c->ndots);
			c->timeout_s = number_after(word, "timeout:", 1, 30,
						    c->timeout_s);
			c->attempts = number_after(word, "attempts:", 1, 5,
						   c->attempts);
		}
	}
}

static void read_setting(struct dns_config *c, const char *list)
{
	char copy[256], *save, *word;

	snprintf(copy, sizeof(copy), "%s", list);
	for (word = strtok_r(copy, ", \n", &save); word;
	     word = strtok_r(NULL, ", \n", &save))
		add_server(c, word);
}

void dns_config_read(struct dns_config *c)
{
	const char *setting = shim_setting("WEIR_DNS");
	char line[512];
	FILE *f;

	memset(c, 0, sizeof(*c));
	c->ndots = 1;
	c->timeout_s = 5;
	c->attempts = 2;
	if (setting) {
		read_setting(c, setting);
		return;
	}
	f = fopen("/etc/resolv.conf", "re");
	while (f && fgets(line, sizeof(line), f))
		read_line(c, line);
	if (f)
		fclose(f);
}
