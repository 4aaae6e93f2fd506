/* SPDX-License-Identifier: BSD-2-Clause */
/* The loans of a stack by number; see user/loan.c. */
#ifndef WEIR_USER_LOAN_H
#define WEIR_USER_LOAN_H

#include "user/file.h"

void loan_table_init(struct loan_table *t);
/* Whatever the program has not given back; no call is running. Task context. */
void loan_return_all(struct net *net);
void loan_table_fini(struct loan_table *t);

#endif
