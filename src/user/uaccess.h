/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small objects of the program (addresses, options, headers), as payload goes
 * by iov_iter. In process both are plain copies; a served stack gives other
 * ops with the call.
 */
#ifndef WEIR_USER_UACCESS_H
#define WEIR_USER_UACCESS_H

#include "base/types.h"

/* 0 or -EFAULT. NULL with n > 0 is a fault, as the kernel would find. */
static inline int copy_from_user(void *to, const void *from, size_t n)
{
	if (!n)
		return 0;
	if (!from)
		return -EFAULT;
	memcpy(to, from, n);
	return 0;
}

static inline int copy_to_user(void *to, const void *from, size_t n)
{
	if (!n)
		return 0;
	if (!to)
		return -EFAULT;
	memcpy(to, from, n);
	return 0;
}

#endif
