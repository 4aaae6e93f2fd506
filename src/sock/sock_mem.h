/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of the accounting for the protocols of this and the next floors. */
#ifndef WEIR_SOCK_SOCK_MEM_H
#define WEIR_SOCK_SOCK_MEM_H

#include "sock/sock.h"

/* Reserves pages for `size` more bytes from the protocol, by its limits. Under
 * the lock that guards forward_alloc. */
bool sk_mem_raise_allocated(struct sock *sk, u32 size, bool recv);
/* n bytes of wmem_alloc go; the last byte frees the sock. Any context. */
void sk_wmem_put(struct sock *sk, u32 n);

#endif
