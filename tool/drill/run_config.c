/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options, with packetdrill's names: of the command line and at the head of a
 * script. Defaults are those of the suites for IPv4; what the tool of that name
 * has for other devices and other ways to run is refused by name or, where
 * virtual time makes it pointless, accepted.
 */
#include "run.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

void run_config_init(struct run_config *c)
{
	memset(c, 0, sizeof(*c));
	c->family = RUN_IPV4;
	inet_pton(AF_INET, "192.168.0.1", &c->local);
	inet_pton(AF_INET, "192.168.0.1", &c->gateway);
	inet_pton(AF_INET, "192.0.2.1", &c->remote);
	c->prefix = 16;
	c->bind_port = c->connect_port = 8080;
	c->mtu = 1500;
	c->tolerance_ns = 4000 * 1000;
	c->python = "python3";
}

/* ------------------------------------------------------------------- values */

struct setting {
	struct run_config *c;
	const char *name, *value;
	char *buf;
	size_t size;
};

static const char *bad(const struct setting *s, const char *what)
{
	snprintf(s->buf, s->size, "--%s=%s: %s", s->name, s->value, what);
	return s->buf;
}

static const char *set_number(const struct setting *s, unsigned int *to, unsigned long max)
{
	char *end;
	unsigned long v = strtoul(s->value, &end, 0);

	if (!*s->value || *end || *s->value == '-' || v > max)
		return bad(s, "not a number in its range");
	*to = (unsigned int)v;
	return NULL;
}

static const char *set_port(const struct setting *s, uint16_t *to)
{
	unsigned int v = 0;
	const char *err = set_number(s, &v, 65535);

	if (!err)
		*to = (uint16_t)v;
	return err;
}

/* An address of IPv6 is not looked at further: such scripts are skipped. */
static const char *set_addr(const struct setting *s, struct in_addr *to)
{
	struct in6_addr six;

	if (inet_pton(AF_INET, s->value, to) == 1 ||
	    inet_pton(AF_INET6, s->value, &six) == 1)
		return NULL;
	return bad(s, "not an IP address");
}

static const char *set_family(const struct setting *s)
{
	static const char *const names[] = {
		[RUN_IPV4] = "ipv4", [RUN_IPV6] = "ipv6", [RUN_MAPPED] = "ipv4-mapped-ipv6",
	};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (strcmp(s->value, names[i]))
			continue;
		s->c->family = (enum run_family)i;
		return NULL;
	}
	return bad(s, "there are ipv4, ipv6 and ipv4-mapped-ipv6");
}

static const char *set_netmask(const struct setting *s)
{
	struct in_addr mask;
	uint32_t bits;

	if (inet_pton(AF_INET, s->value, &mask) != 1)
		return bad(s, "not a netmask like 255.255.0.0");
	bits = ntohl(mask.s_addr);
	if (bits & (~bits >> 1))
		return bad(s, "a netmask has its ones on the left");
	s->c->prefix = bits ? 32 - (unsigned int)__builtin_ctz(bits) : 0;
	return NULL;
}

static const char *set_percent(const struct setting *s)
{
	char *end;

	s->c->tolerance_percent = strtod(s->value, &end);
	if (!*s->value || *end || s->c->tolerance_percent < 0)
		return bad(s, "not a percentage");
	return NULL;
}

static const char *set_non_fatal(const struct setting *s)
{
	s->c->non_fatal_packet = strstr(s->value, "packet");
	s->c->non_fatal_call = strstr(s->value, "syscall");
	if (*s->value && !s->c->non_fatal_packet && !s->c->non_fatal_call)
		return bad(s, "there are packet, syscall, and both with a comma");
	return NULL;
}

/* NAME=VALUE; the text must last as long as the configuration. */
static const char *set_define(const struct setting *s)
{
	const char *eq = strchr(s->value, '=');
	struct run_config *c = s->c;
	size_t i, len = eq ? (size_t)(eq - s->value) : 0;

	if (!len || len >= sizeof(c->define_names[0]))
		return bad(s, "not NAME=VALUE");
	for (i = 0; i < c->ndefines; i++)
		if (strlen(c->defines[i].name) == len &&
		    !strncmp(c->defines[i].name, s->value, len))
			break;
	if (i == RUN_DEFINES)
		return bad(s, "there are too many");
	if (i == c->ndefines)
		c->ndefines++;
	memcpy(c->define_names[i], s->value, len);
	c->define_names[i][len] = '\0';
	c->defines[i] = (struct drill_define){ c->define_names[i], eq + 1 };
	return NULL;
}

/* -------------------------------------------------------------------- names */

enum option_id {
	OPT_IP_VERSION, OPT_LOCAL_IP, OPT_REMOTE_IP, OPT_GATEWAY_IP, OPT_NETMASK_IP,
	OPT_BIND_PORT, OPT_CONNECT_PORT, OPT_MTU, OPT_MSS, OPT_TOLERANCE_USECS,
	OPT_TOLERANCE_PERCENT, OPT_TS_TICK, OPT_TS_ECR_SCALED, OPT_STRICT_SEGMENTS,
	OPT_NON_FATAL, OPT_INIT_SCRIPTS, OPT_CODE_COMMAND, OPT_DEFINE, OPT_DRY_RUN,
	OPT_PACKETS, OPT_VERBOSE, OPT_SEND_OMIT_FREE, OPT_SPEED, OPT_CODE_FORMAT, OPT_CODE_SOCKOPT,
	OPT_IDS,
};

static const struct run_option options[OPT_IDS + 1] = {
	[OPT_IP_VERSION] = { "ip_version", "V", "ipv4, ipv6 or ipv4-mapped-ipv6 (ipv4)" },
	[OPT_LOCAL_IP] = { "local_ip", "IP", "the stack's address (192.168.0.1)" },
	[OPT_REMOTE_IP] = { "remote_ip", "IP", "the script's address (192.0.2.1)" },
	[OPT_GATEWAY_IP] = { "gateway_ip", "IP", "a neighbour on tun0 (192.168.0.1)" },
	[OPT_NETMASK_IP] = { "netmask_ip", "MASK", "of local_ip (255.255.0.0)" },
	[OPT_BIND_PORT] = { "bind_port", "N", "that bind(fd, ..., ...) means (8080)" },
	[OPT_CONNECT_PORT] = { "connect_port", "N",
			       "that connect(fd, ..., ...) means (8080)" },
	[OPT_MTU] = { "mtu", "N", "of tun0 (1500)" },
	[OPT_MSS] = { "mss", "N", "payload longer than this came as one by GRO" },
	[OPT_TOLERANCE_USECS] = { "tolerance_usecs", "N", "how far off a time may be (4000)" },
	[OPT_TOLERANCE_PERCENT] = { "tolerance_percent", "P",
				    "and relative to the time before it (0)" },
	[OPT_TS_TICK] = { "tcp_ts_tick_usecs", "N", "compare TS values, whose unit is this" },
	[OPT_TS_ECR_SCALED] = { "tcp_ts_ecr_scaled", NULL,
				"TS echoes of the script count in its own unit" },
	[OPT_STRICT_SEGMENTS] = { "strict_segments", NULL,
				  "a large packet is not several lines" },
	[OPT_NON_FATAL] = { "non_fatal", "WHAT", "packet, syscall: go on after mistakes" },
	[OPT_INIT_SCRIPTS] = { "init_scripts", "FILES", "commands to run before the script" },
	[OPT_CODE_COMMAND] = { "code_command", "PROGRAM", "that runs %{ }% (python3)" },
	[OPT_DEFINE] = { "define", "NAME=VALUE", "what NAME stands for in scripts" },
	[OPT_DRY_RUN] = { "dry_run", NULL, "parse only" },
	[OPT_PACKETS] = { "packets", NULL, "show every packet" },
	[OPT_VERBOSE] = { "verbose", NULL, NULL },
	[OPT_SEND_OMIT_FREE] = { "send_omit_free", NULL, NULL },
	[OPT_SPEED] = { "speed", "N", NULL },
	[OPT_CODE_FORMAT] = { "code_format", "F", NULL },
	[OPT_CODE_SOCKOPT] = { "code_sockopt", "O", NULL },
};

const struct run_option *run_config_option(size_t i)
{
	return options[i].name ? &options[i] : NULL;
}

static const char *set_addresses(const struct setting *s, enum option_id id)
{
	struct run_config *c = s->c;

	switch (id) {
	case OPT_IP_VERSION:
		return set_family(s);
	case OPT_LOCAL_IP:
		return set_addr(s, &c->local);
	case OPT_REMOTE_IP:
		return set_addr(s, &c->remote);
	case OPT_GATEWAY_IP:
		return set_addr(s, &c->gateway);
	case OPT_NETMASK_IP:
		return set_netmask(s);
	case OPT_BIND_PORT:
		return set_port(s, &c->bind_port);
	default:
		return set_port(s, &c->connect_port);
	}
}

static const char *set_tolerance_usecs(const struct setting *s)
{
	unsigned int v = 0;
	const char *err = set_number(s, &v, 1000000000);

	if (!err)
		s->c->tolerance_ns = (int64_t)v * 1000;
	return err;
}

static const char *set_word(const struct setting *s, enum option_id id)
{
	struct run_config *c = s->c;

	switch (id) {
	case OPT_TS_ECR_SCALED:
		c->ts_ecr_scaled = true;
		break;
	case OPT_STRICT_SEGMENTS:
		c->strict_segments = true;
		break;
	case OPT_INIT_SCRIPTS:
		c->init_scripts = s->value;
		break;
	case OPT_CODE_COMMAND:
		c->python = s->value;
		break;
	case OPT_DRY_RUN:
		c->dry_run = true;
		break;
	case OPT_PACKETS:
		c->show_packets = true;
		break;
	case OPT_CODE_FORMAT:
		return strcmp(s->value, "python") ? bad(s, "only python is there") : NULL;
	default:
		break;		/* no meaning in virtual time */
	}
	return NULL;
}

static const char *set_by_id(const struct setting *s, enum option_id id)
{
	struct run_config *c = s->c;

	if (id <= OPT_CONNECT_PORT)
		return set_addresses(s, id);
	switch (id) {
	case OPT_MTU:
		return set_number(s, &c->mtu, 65535);
	case OPT_MSS:
		return set_number(s, &c->mss, 65535);
	case OPT_TOLERANCE_USECS:
		return set_tolerance_usecs(s);
	case OPT_TOLERANCE_PERCENT:
		return set_percent(s);
	case OPT_TS_TICK:
		return set_number(s, &c->ts_tick_usecs, 1000000);
	case OPT_NON_FATAL:
		return set_non_fatal(s);
	case OPT_DEFINE:
		return set_define(s);
	default:
		return set_word(s, id);
	}
}

const char *run_config_set(struct run_config *c, const char *name, const char *value,
			   char *buf, size_t size)
{
	const struct setting s = { c, name, value, buf, size };
	size_t i;

	for (i = 0; options[i].name; i++)
		if (!strcmp(options[i].name, name))
			break;
	if (!options[i].name) {
		snprintf(buf, size, "there is no option --%s", name);
		return buf;
	}
	if (options[i].arg && !*value)
		return bad(&s, "it needs a value");
	return set_by_id(&s, (enum option_id)i);
}

/* ------------------------------------------------------------------- defines */

static void define_default(struct run_config *c, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < c->ndefines; i++)
		if (!strcmp(c->defines[i].name, name))
			return;
	if (c->ndefines < RUN_DEFINES)
		c->defines[c->ndefines++] = (struct drill_define){ name, value };
}

/* Cookies belong to the addresses and to the key of the suites' defaults. */
void run_config_finish(struct run_config *c)
{
	bool six = c->family == RUN_IPV6;
	bool level_six = c->family != RUN_IPV4;

	define_default(c, "TFO_COOKIE", six ? "c1d1e9742a47a9bc" : "3021b9d889017eeb");
	define_default(c, "TFO_COOKIE_ZERO", six ? "82af1a8f9a205c34" : "b7c12350a90dc8f5");
	define_default(c, "CODE", six ? "addr_unreachable" : "host_unreachable");
	define_default(c, "CMSG_LEVEL_IP", level_six ? "SOL_IPV6" : "SOL_IP");
	define_default(c, "CMSG_TYPE_RECVERR", level_six ? "IPV6_RECVERR" : "IP_RECVERR");
}

/* ------------------------------------------------------------------ together */

const char *run_arguments_add(struct run_arguments *a, const char *name, const char *value,
			      char *buf, size_t size)
{
	const char *err = run_config_set(&a->base, name, value, buf, size);

	if (err || !strcmp(name, "define"))
		return err;
	if (a->ngiven == RUN_DEFINES) {
		snprintf(buf, size, "there are too many options");
		return buf;
	}
	a->given[a->ngiven].name = name;
	a->given[a->ngiven++].value = value;
	return NULL;
}

int run_config_for(struct run_config *cfg, const struct run_arguments *a,
		   const struct drill_script *s, unsigned int *line, char *buf, size_t size)
{
	size_t i;

	*cfg = a->base;
	for (i = 0; i < s->noptions; i++) {
		*line = s->options[i].line;
		if (!strcmp(s->options[i].name, "define")) {
			snprintf(buf, size, "names are defined on the command line only");
			return -1;
		}
		if (run_config_set(cfg, s->options[i].name, s->options[i].value, buf, size))
			return -1;
	}
	for (i = 0; i < a->ngiven; i++)
		run_config_set(cfg, a->given[i].name, a->given[i].value, buf, size);
	return 0;
}
