#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Byte order: sparse keeps __be16, __be32, __sum16 and __wsum apart.
set -u
flags=(-std=gnu17 -Wbitwise -Wno-decl -Wno-cast-truncate -Isrc -Iinclude -I.
	"-I$(gcc -print-file-name=include)" "-I/usr/include/$(gcc -print-multiarch)")

# Does it see anything at all? A mistake made on purpose tells.
canary=$(mktemp --suffix=.c)
log=$(mktemp)
trap 'rm -f "$canary" "$log"' EXIT
cat >"$canary" <<'C'
#include "base/types.h"
int mistake(__be32 x);
int mistake(__be32 x) { return x == 5; }
C
if ! sparse "${flags[@]}" "$canary" 2>&1 | grep -q 'restricted __be32'; then
	echo "sparse does not see byte order mistakes here"
	exit 1
fi

# One file per call: sparse would take several as one program.
git ls-files -z --cached --others --exclude-standard 'src/*.c' 'drivers/*.c' 'hw/*.c' |
	xargs -0 -n1 -P"$(nproc)" sparse "${flags[@]}" >"$log" 2>&1
# sparse 0.6.4 takes __atomic builtins on pointers to integers only, not to enums.
found=$(grep -E 'warning: |error: ' "$log" | grep -v 'error: invalid type for argument 1' |
	sort -u)
[ -z "$found" ] || { echo "$found"; exit 1; }
