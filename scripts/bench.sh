#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs the benchmarks: bench.sh BUILD [quick]
#
# bench/run.py compares weir with the host's kernel in one run. Before it, unless
# quick, the programs bench_* measure parts of the stack by themselves.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "$1")
status=0
args=()
if [ "${2-}" = quick ]; then
	args=(--seconds 1 --rounds 1)
else
	for b in "$build"/bench/bench_*; do
		[ -x "$b" ] && [ -f "$b" ] || continue
		echo "## $(basename "$b")"
		"$b" || status=1
	done
fi
BUILD=$build bench/run.py "${args[@]}" || status=1
exit $status
