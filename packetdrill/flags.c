/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of --so_flags: words with commas between them.
 *
 *	local=192.168.0.1/16,remote=192.0.2.1,net.ipv4.tcp_sack=0
 *
 * A word with a dot before its `=` is a setting; the others are in the table.
 * The first wrong word ends it.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WAIT_S	86400

static const char help[] =
	"--so_flags=WORD[,WORD...] of libweir-packetdrill.so:\n"
	"  local=IP[/BITS]   the stack's address (192.168.0.1/16)\n"
	"  netmask=IP        its netmask, instead of BITS\n"
	"  remote=IP         the script's address (192.0.2.1)\n"
	"  gateway=IP        a neighbour behind which it lies (none)\n"
	"  mtu=BYTES         of the device tun0 (1500)\n"
	"  offload=0|1       TCP packets may be larger than the MTU (1)\n"
	"  seed=N            of ports, sequence numbers, ... (1)\n"
	"  wait=SECONDS      longest wait for a packet, virtual time (86400)\n"
	"  script=FILE       takes --local_ip and so on from a script's head\n"
	"  net.X.Y=VALUE     a setting, as with sysctl(8)\n"
	"Later words win. weir-packetdrill(7) says more.\n";

static int wrong(char *err, size_t errlen, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static int wrong(char *err, size_t errlen, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, errlen, fmt, ap);
	va_end(ap);
	return -1;
}

/* --- values ------------------------------------------------------------------------ */

static int number(const char *word, const char *text, uint64_t min,
		  uint64_t max, uint64_t *to, char *err, size_t errlen)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno ||
	    *to < min || *to > max)
		return wrong(err, errlen, "\"%s=%s\": give a number from "
			     "%llu to %llu", word, text, (unsigned long long)min,
			     (unsigned long long)max);
	return 0;
}

static int address(const char *word, const char *text, char to[16], char *err,
		   size_t errlen)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return wrong(err, errlen, "\"%s=%s\": give an IPv4 address, as "
			     "192.0.2.1", word, text);
	inet_ntop(AF_INET, &a, to, 16);
	return 0;
}

static int netmask(struct pd_flags *f, const char *text, char *err,
		   size_t errlen)
{
	struct in_addr a;
	uint32_t bits;

	if (inet_pton(AF_INET, text, &a) != 1)
		return wrong(err, errlen, "\"netmask=%s\": give a mask, as "
			     "255.255.0.0", text);
	bits = ntohl(a.s_addr);
	if (~bits & (~bits + 1))
		return wrong(err, errlen, "\"netmask=%s\": its ones are not "
			     "all on the left", text);
	f->prefix = (unsigned int)__builtin_popcount(bits);
	return 0;
}

static int local(struct pd_flags *f, const char *text, char *err,
		 size_t errlen)
{
	const char *slash = strchr(text, '/');
	char addr[INET_ADDRSTRLEN];
	uint64_t bits;

	snprintf(addr, sizeof(addr), "%.*s",
		 slash ? (int)(slash - text) : (int)strlen(text), text);
	if (address("local", addr, f->local, err, errlen))
		return -1;
	if (!slash)
		return 0;
	if (number("local=IP/BITS: BITS", slash + 1, 0, 32, &bits, err, errlen))
		return -1;
	f->prefix = (unsigned int)bits;
	return 0;
}

static int setting(struct pd_flags *f, const char *name, const char *value,
		   char *err, size_t errlen)
{
	if (f->nr_sysctls == PD_MAX_SYSCTLS)
		return wrong(err, errlen, "\"%s=%s\": more than %d settings",
			     name, value, PD_MAX_SYSCTLS);
	f->sysctl[f->nr_sysctls].name = strdup(name);
	f->sysctl[f->nr_sysctls].value = strdup(value);
	f->nr_sysctls++;
	if (!f->sysctl[f->nr_sysctls - 1].name ||
	    !f->sysctl[f->nr_sysctls - 1].value)
		return wrong(err, errlen, "out of memory");
	return 0;
}

/* --- words ---------------------------------------------------------------------------- */

static int script(struct pd_flags *f, const char *path, char *err,
		  size_t errlen);

static int numeric_word(struct pd_flags *f, const char *word, const char *value,
			char *err, size_t errlen)
{
	static const struct {
		const char *name;
		uint64_t min, max;
	} *w, words[] = {
		{ "mtu", 68, 65535 }, { "offload", 0, 1 },
		{ "seed", 0, UINT64_MAX },
		{ "wait", 0, INT64_MAX / 2000000000 },
	};
	uint64_t n;

	for (w = words; strcmp(w->name, word); )
		if (++w == words + sizeof(words) / sizeof(words[0]))
			return wrong(err, errlen, "there is no \"%s\"; "
				     "\"help\" lists what there is", word);
	if (number(word, value, w->min, w->max, &n, err, errlen))
		return -1;
	switch (word[0]) {
	case 'm':
		f->mtu = (unsigned int)n;
		break;
	case 'o':
		f->offload = (int)n;
		break;
	case 's':
		f->seed = n;
		break;
	default:
		f->wait_ns = (int64_t)n * 1000000000;
	}
	return 0;
}

static int one_word(struct pd_flags *f, const char *word, const char *value,
		    char *err, size_t errlen)
{
	if (strchr(word, '.'))
		return setting(f, word, value, err, errlen);
	if (!strcmp(word, "local"))
		return local(f, value, err, errlen);
	if (!strcmp(word, "netmask"))
		return netmask(f, value, err, errlen);
	if (!strcmp(word, "remote"))
		return address(word, value, f->remote, err, errlen);
	if (!strcmp(word, "gateway"))
		return address(word, value, f->gateway, err, errlen);
	if (!strcmp(word, "script"))
		return script(f, value, err, errlen);
	return numeric_word(f, word, value, err, errlen);
}

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* "word=value" as it was written, in memory that may be changed. */
static int split_word(struct pd_flags *f, char *text, char *err, size_t errlen)
{
	char *equals = strchr(text, '=');

	if (!strcmp(text, "help")) {
		fputs(help, stderr);
		return wrong(err, errlen, "\"help\" given: nothing is run");
	}
	if (!equals)
		return wrong(err, errlen, "\"%s\": a word is NAME=VALUE; "
			     "\"help\" lists them", text);
	*equals = '\0';
	return one_word(f, trim(text), trim(equals + 1), err, errlen);
}

/* --- a script's head --------------------------------------------------------------------- */

/* An option of the tool that says something about the network. */
static int script_option(struct pd_flags *f, const char *name,
			 const char *value, char *err, size_t errlen)
{
	static const char *const same[][2] = {
		{ "local_ip", "local" }, { "remote_ip", "remote" },
		{ "gateway_ip", "gateway" }, { "netmask_ip", "netmask" },
		{ "mtu", "mtu" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!strcmp(name, same[i][0]))
			return one_word(f, same[i][1], value, err, errlen);
	return 0;
}

/* Comments go: "//" and "#" to the end of the line, "/" "*" over lines. */
static char *without_comments(char *line, bool *inside)
{
	char *end;

	line = trim(line);
	while (*inside || !strncmp(line, "/*", 2)) {
		end = strstr(line, "*/");
		*inside = !end;
		if (!end)
			return line + strlen(line);
		line = trim(end + 2);
	}
	if (line[0] == '#')
		line[0] = '\0';
	end = strstr(line, "//");
	if (end)
		*end = '\0';
	return trim(line);
}

/* Options stand at the head: each "--name=value", several in a line or not. */
static int script_line(struct pd_flags *f, char *line, bool *head, char *err,
		       size_t errlen)
{
	char *rest = line, *word, *equals;
	int ret = 0;

	while (!ret && *head && (word = strsep(&rest, " \t"))) {
		if (!*word)
			continue;
		*head = !strncmp(word, "--", 2);
		equals = strchr(word, '=');
		if (!*head || !equals)
			continue;
		*equals = '\0';
		ret = script_option(f, word + 2, equals + 1, err, errlen);
	}
	return ret;
}

static int script(struct pd_flags *f, const char *path, char *err,
		  size_t errlen)
{
	FILE *file = fopen(path, "re");
	bool head = true, comment = false;
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	if (!file)
		return wrong(err, errlen, "\"script=%s\": %s", path,
			     strerror(errno));
	while (head && !ret && getline(&line, &room, file) >= 0)
		ret = script_line(f, without_comments(line, &comment), &head,
				  err, errlen);
	free(line);
	fclose(file);
	return ret;
}

/* --- all ------------------------------------------------------------------------------------ */

static void defaults(struct pd_flags *f)
{
	memset(f, 0, sizeof(*f));
	strcpy(f->local, "192.168.0.1");
	strcpy(f->remote, "192.0.2.1");
	f->prefix = 16;
	f->mtu = 1500;
	f->offload = 1;
	f->seed = 1;
	f->wait_ns = DEFAULT_WAIT_S * 1000000000LL;
}

int pd_flags_parse(struct pd_flags *f, const char *text, char *err,
		   size_t errlen)
{
	char *copy = strdup(text ? text : ""), *rest = copy, *word;
	int ret = 0;

	defaults(f);
	if (!copy)
		return wrong(err, errlen, "out of memory");
	while (!ret && (word = strsep(&rest, ",")))
		if (*(word = trim(word)))
			ret = split_word(f, word, err, errlen);
	free(copy);
	if (!f->gateway[0])
		strcpy(f->gateway, f->local);
	return ret;
}

void pd_flags_fini(struct pd_flags *f)
{
	for (unsigned int i = 0; i < f->nr_sysctls; i++) {
		free(f->sysctl[i].name);
		free(f->sysctl[i].value);
	}
	f->nr_sysctls = 0;
}
