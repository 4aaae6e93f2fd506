// SPDX-License-Identifier: BSD-2-Clause
/*
 * Names of ICMP (RFC 792, 1122, 1812) and ICMPv6 (RFC 4443, 4861) types and
 * codes. Every number can also be written type_N, code_N. Of several names of a
 * number the first is printed.
 */
#include "symbols.h"

#include <stdio.h>
#include <string.h>

struct name {
	const char *name;
	uint8_t type, code;	/* code: of codes only */
};

static const struct name types4[] = {
	{ "echo_reply", 0, 0 },
	{ "unreachable", 3, 0 },
	{ "source_quench", 4, 0 },
	{ "redirect", 5, 0 },
	{ "echo_request", 8, 0 },
	{ "router_advertisement", 9, 0 },
	{ "router_solicitation", 10, 0 },
	{ "time_exceeded", 11, 0 },
	{ "parameter_problem", 12, 0 },
	{ "timestamp_request", 13, 0 },
	{ "timestamp_reply", 14, 0 },
	{ "information_request", 15, 0 },
	{ "information_reply", 16, 0 },
	{ "address_mask_request", 17, 0 },
	{ "address_mask_reply", 18, 0 },
};

static const struct name codes4[] = {
	{ "net_unreachable", 3, 0 },
	{ "host_unreachable", 3, 1 },
	{ "protocol_unreachable", 3, 2 },
	{ "port_unreachable", 3, 3 },
	{ "frag_needed", 3, 4 },
	{ "source_route_failed", 3, 5 },
	{ "net_unknown", 3, 6 },
	{ "host_unknown", 3, 7 },
	{ "source_host_isolated", 3, 8 },
	{ "net_prohibited", 3, 9 },
	{ "host_prohibited", 3, 10 },
	{ "net_unreachable_for_tos", 3, 11 },
	{ "host_unreachable_for_tos", 3, 12 },
	{ "packet_filtered", 3, 13 },
	{ "admin_prohibited", 3, 13 },
	{ "precedence_violation", 3, 14 },
	{ "precedence_cutoff", 3, 15 },
	{ "net_redirect", 5, 0 },
	{ "host_redirect", 5, 1 },
	{ "net_tos_redirect", 5, 2 },
	{ "host_tos_redirect", 5, 3 },
	{ "exceeded_ttl", 11, 0 },
	{ "exceeded_fragment_time", 11, 1 },
	{ "pointer_problem", 12, 0 },
	{ "missing_option", 12, 1 },
	{ "bad_length", 12, 2 },
};

static const struct name types6[] = {
	{ "unreachable", 1, 0 },
	{ "packet_too_big", 2, 0 },
	{ "time_exceeded", 3, 0 },
	{ "parameter_problem", 4, 0 },
	{ "echo_request", 128, 0 },
	{ "echo_reply", 129, 0 },
	{ "listener_query", 130, 0 },
	{ "listener_report", 131, 0 },
	{ "listener_done", 132, 0 },
	{ "router_solicitation", 133, 0 },
	{ "router_advertisement", 134, 0 },
	{ "neighbor_solicitation", 135, 0 },
	{ "neighbor_advertisement", 136, 0 },
	{ "redirect", 137, 0 },
};

static const struct name codes6[] = {
	{ "no_route", 1, 0 },
	{ "net_unreachable", 1, 0 },
	{ "admin_prohibited", 1, 1 },
	{ "not_neighbour", 1, 2 },
	{ "beyond_scope", 1, 2 },
	{ "addr_unreachable", 1, 3 },
	{ "address_unreachable", 1, 3 },
	{ "host_unreachable", 1, 3 },
	{ "port_unreachable", 1, 4 },
	{ "policy_failed", 1, 5 },
	{ "reject_route", 1, 6 },
	{ "exceeded_hop_limit", 3, 0 },
	{ "exceeded_frag_time", 3, 1 },
	{ "exceeded_fragment_time", 3, 1 },
	{ "bad_header_field", 4, 0 },
	{ "unknown_next_header", 4, 1 },
	{ "unknown_option", 4, 2 },
};

struct table {
	const struct name *types, *codes;
	size_t ntypes, ncodes;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct table table_of(bool ipv6)
{
	if (ipv6)
		return (struct table){ types6, codes6, COUNT(types6), COUNT(codes6) };
	return (struct table){ types4, codes4, COUNT(types4), COUNT(codes4) };
}

/* prefix and a number up to 255, as in type_3. */
static bool by_number(const char *name, const char *prefix, uint8_t *out)
{
	size_t n = strlen(prefix);
	unsigned int value = 0;

	if (strncmp(name, prefix, n) != 0 || !name[n])
		return false;
	for (const char *q = name + n; *q; q++) {
		if (*q < '0' || *q > '9')
			return false;
		value = value * 10 + (unsigned int)(*q - '0');
		if (value > 255)
			return false;
	}
	*out = (uint8_t)value;
	return true;
}

static bool find_type(const struct table *t, const char *name, uint8_t *type)
{
	for (size_t i = 0; i < t->ntypes; i++) {
		if (strcmp(t->types[i].name, name) == 0) {
			*type = t->types[i].type;
			return true;
		}
	}
	return by_number(name, "type_", type);
}

static bool find_code(const struct table *t, const char *name, uint8_t type, uint8_t *code)
{
	for (size_t i = 0; i < t->ncodes; i++) {
		if (t->codes[i].type == type && strcmp(t->codes[i].name, name) == 0) {
			*code = t->codes[i].code;
			return true;
		}
	}
	return by_number(name, "code_", code);
}

bool drill_icmp_resolve(const struct drill_icmp *m, bool ipv6, uint8_t *type, uint8_t *code,
			const char **bad)
{
	struct table t = table_of(ipv6);
	const char *wrong = NULL;

	*type = m->type;
	*code = m->code;
	if (*m->type_name && !find_type(&t, m->type_name, type))
		wrong = m->type_name;
	else if (*m->code_name && !find_code(&t, m->code_name, *type, code))
		wrong = m->code_name;
	if (bad)
		*bad = wrong;
	return !wrong;
}

const char *drill_icmp_type_name(bool ipv6, uint8_t type, char *buf, size_t size)
{
	struct table t = table_of(ipv6);

	for (size_t i = 0; i < t.ntypes; i++)
		if (t.types[i].type == type)
			return t.types[i].name;
	snprintf(buf, size, "type_%u", type);
	return buf;
}

const char *drill_icmp_code_name(bool ipv6, uint8_t type, uint8_t code, char *buf, size_t size)
{
	struct table t = table_of(ipv6);

	for (size_t i = 0; i < t.ncodes; i++)
		if (t.codes[i].type == type && t.codes[i].code == code)
			return t.codes[i].name;
	snprintf(buf, size, "code_%u", code);
	return buf;
}
