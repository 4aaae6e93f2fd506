/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * getaddrinfo and getnameinfo. libc does what needs no network: numeric
 * addresses, services, and the lists of its results, which it also frees.
 * Names are looked up here.
 *
 * While the stack has no IPv6, a question for any family is one for IPv4, so
 * that programs which take the first answer get one they can use.
 */
#include "names.h"

#include <arpa/inet.h>
#include <string.h>

int name_to_addrs(const char *name, struct name_answer *a)
{
	return hosts_by_name(name, a) ? 0 : dns_by_name(name, a);
}

int addr_to_name(struct in_addr addr, char *name, size_t room)
{
	return hosts_by_addr(addr, name, room) ? 0 :
	       dns_by_addr(addr, name, room);
}

/* --- getaddrinfo ------------------------------------------------------------------- */

/* libc's list for one address appended to *end; returns the new end. */
static struct addrinfo **append(struct addrinfo **end, struct addrinfo *list)
{
	*end = list;
	while (*end)
		end = &(*end)->ai_next;
	return end;
}

static int make_list(const struct name_answer *a, const char *service,
		     const struct addrinfo *want, struct addrinfo **res)
{
	struct addrinfo hints = *want, *part, **end = res;
	char text[INET_ADDRSTRLEN];
	int i, err = EAI_NONAME;

	hints.ai_family = AF_INET;
	hints.ai_flags = AI_NUMERICHOST | (want->ai_flags & AI_NUMERICSERV);
	*res = NULL;
	for (i = 0; i < a->n; i++) {
		inet_ntop(AF_INET, &a->addr[i], text, sizeof(text));
		err = real(getaddrinfo)(text, service, &hints, &part);
		if (err)
			break;
		end = append(end, part);
	}
	if (err) {
		if (*res)
			freeaddrinfo(*res);
		*res = NULL;
	} else if (want->ai_flags & AI_CANONNAME) {
		(*res)->ai_canonname = strdup(a->canon);
	}
	return err;
}

static int by_name(const char *node, const char *service,
		   const struct addrinfo *want, struct addrinfo **res)
{
	struct name_answer a = { 0 };
	int err;

	if (want->ai_family == AF_INET6)
		return EAI_NONAME;
	err = name_to_addrs(node, &a);
	return err ? err : make_list(&a, service, want, res);
}

EXPORT int getaddrinfo(const char *node, const char *service,
		       const struct addrinfo *hints, struct addrinfo **res)
{
	struct addrinfo want = { .ai_family = AF_UNSPEC }, numeric;
	int err;

	if (hints)
		want = *hints;
	shim_stack();
	numeric = want;
	numeric.ai_flags |= AI_NUMERICHOST;
	numeric.ai_flags &= ~AI_ADDRCONFIG;
	if (!node && want.ai_family == AF_UNSPEC && !shim.has_ipv6)
		numeric.ai_family = AF_INET;
	err = real(getaddrinfo)(node, service, &numeric, res);
	if (err != EAI_NONAME || !node || want.ai_flags & AI_NUMERICHOST)
		return err;
	return by_name(node, service, &want, res);
}

/* --- getnameinfo --------------------------------------------------------------------- */

EXPORT int getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
		       socklen_t hostlen, char *serv, socklen_t servlen,
		       int flags)
{
	struct sockaddr_in in;
	char name[NAME_ROOM];

	if (!host || !hostlen || flags & NI_NUMERICHOST || !sa ||
	    len < sizeof(in) || sa->sa_family != AF_INET)
		return real(getnameinfo)(sa, len, host, hostlen, serv, servlen,
					 flags);
	memcpy(&in, sa, sizeof(in));
	if (addr_to_name(in.sin_addr, name, sizeof(name))) {
		if (flags & NI_NAMEREQD)
			return EAI_NONAME;
		return real(getnameinfo)(sa, len, host, hostlen, serv, servlen,
					 flags | NI_NUMERICHOST);
	}
	if (strlen(name) >= hostlen)
		return EAI_OVERFLOW;
	memcpy(host, name, strlen(name) + 1);
	if (!serv || !servlen)
		return 0;
	return real(getnameinfo)(sa, len, NULL, 0, serv, servlen, flags);
}
