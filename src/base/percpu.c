/* SPDX-License-Identifier: BSD-2-Clause */
/* Which CPU runs this code; RULE 9 exception explained in percpu.h. */
#include "base/percpu.h"

_Thread_local struct percpu *weir_this_cpu;
