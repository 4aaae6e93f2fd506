#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs the benchmarks: bench.sh BUILD [quick]
#
# bench/run compares weir with the host kernel; the programs bench_* measure
# parts of the stack by themselves.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
status=0
for b in "$build"/bench/bench_*; do
	[ -x "$b" ] && [ -f "$b" ] || continue
	[ "${2-}" = quick ] && continue
	echo "## $(basename "$b")"
	"$b" || status=1
done
if [ -x bench/run ]; then
	bench/run "$@" || status=1
fi
exit $status
