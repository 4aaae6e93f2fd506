#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Each program in examples/ ends well, and says the same twice: it is in
# virtual time. All are short. examples.sh [BUILD]
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
failed=0

for source in examples/*.c; do
	program=$build/examples/example-$(basename "$source" .c)
	first=$("$program" 2>&1) || { echo "$source: exit $?: $first"; failed=1; }
	[ -n "$first" ] || { echo "$source: says nothing"; failed=1; }
	second=$("$program" 2>&1)
	[ "$first" = "$second" ] ||
		{ echo "$source: '$first', then '$second'"; failed=1; }
	[ "$(wc -l <"$source")" -lt 100 ] || { echo "$source: too long"; failed=1; }
done
exit $failed
