/* SPDX-License-Identifier: BSD-2-Clause */
/* gethostbyname and its relatives: old forms of the same questions. */
#include "names.h"

#include <arpa/inet.h>
#include <string.h>

#define STATIC_ROOM	1024

/* The answer of the functions that are not reentrant. */
struct kept {
	struct hostent h;
	char room[STATIC_ROOM];
};
static struct kept kept;

static int herrno_of(int err)
{
	switch (err) {
	case EAI_AGAIN:
		return TRY_AGAIN;
	case EAI_FAIL:
		return NO_RECOVERY;
	case EAI_NODATA:
		return NO_DATA;
	default:
		return HOST_NOT_FOUND;
	}
}

/* Lays a out in buf. 0 or ERANGE. */
static int lay_out(const struct name_answer *a, struct hostent *h, char *buf,
		   size_t room)
{
	size_t skip = -(uintptr_t)buf % sizeof(void *), i;
	size_t n = (size_t)a->n, name = strlen(a->canon) + 1;
	char **ptrs, *addrs;

	if (room < skip + (n + 2) * sizeof(char *) + n * 4 + name)
		return ERANGE;
	ptrs = (char **)(void *)(buf + skip);
	addrs = (char *)(ptrs + n + 2);
	for (i = 0; i < n; i++) {
		ptrs[i] = addrs + i * 4;
		memcpy(ptrs[i], &a->addr[i], 4);
	}
	ptrs[n] = ptrs[n + 1] = NULL;
	h->h_name = memcpy(addrs + n * 4, a->canon, name);
	h->h_aliases = &ptrs[n + 1];
	h->h_addr_list = ptrs;
	h->h_addrtype = AF_INET;
	h->h_length = 4;
	return 0;
}

static int find(const char *name, struct name_answer *a)
{
	a->n = 0;
	if (inet_aton(name, &a->addr[0])) {
		a->n = 1;
		snprintf(a->canon, sizeof(a->canon), "%s", name);
		return 0;
	}
	return name_to_addrs(name, a);
}

EXPORT int gethostbyname2_r(const char *name, int af, struct hostent *ret,
			    char *buf, size_t room, struct hostent **result,
			    int *herr)
{
	struct name_answer a;
	int err;

	*result = NULL;
	err = af == AF_INET ? find(name, &a) : EAI_NONAME;
	if (err) {
		*herr = herrno_of(err);
		return err == EAI_AGAIN ? EAGAIN : 0;
	}
	err = lay_out(&a, ret, buf, room);
	if (err) {
		*herr = NETDB_INTERNAL;
		errno = err;
	} else {
		*result = ret;
	}
	return err;
}

EXPORT int gethostbyname_r(const char *name, struct hostent *ret, char *buf,
			   size_t room, struct hostent **result, int *herr)
{
	return gethostbyname2_r(name, AF_INET, ret, buf, room, result, herr);
}

EXPORT struct hostent *gethostbyname2(const char *name, int af)
{
	struct hostent *h = NULL;

	gethostbyname2_r(name, af, &kept.h, kept.room, sizeof(kept.room), &h,
			 &h_errno);
	return h;
}

EXPORT struct hostent *gethostbyname(const char *name)
{
	return gethostbyname2(name, AF_INET);
}

EXPORT int gethostbyaddr_r(const void *addr, socklen_t len, int type,
			   struct hostent *ret, char *buf, size_t room,
			   struct hostent **result, int *herr)
{
	struct name_answer a = { .n = 1 };
	int err = EAI_NONAME;

	*result = NULL;
	if (type == AF_INET && len == sizeof(a.addr[0])) {
		memcpy(&a.addr[0], addr, sizeof(a.addr[0]));
		err = addr_to_name(a.addr[0], a.canon, sizeof(a.canon));
	}
	if (err) {
		*herr = herrno_of(err);
		return err == EAI_AGAIN ? EAGAIN : 0;
	}
	err = lay_out(&a, ret, buf, room);
	if (err) {
		*herr = NETDB_INTERNAL;
		errno = err;
	} else {
		*result = ret;
	}
	return err;
}

EXPORT struct hostent *gethostbyaddr(const void *addr, socklen_t len, int type)
{
	struct hostent *h = NULL;

	gethostbyaddr_r(addr, len, type, &kept.h, kept.room, sizeof(kept.room),
			&h, &h_errno);
	return h;
}
