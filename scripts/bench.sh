#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs the benchmarks: bench.sh BUILD [quick]
#
# bench/run.py compares weir with the host's kernel and lwIP. What a whole run
# says is kept in bench/results/.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "$1")
args=(--text bench/results/bench.txt --json bench/results/bench.json)
if [ "${2-}" = quick ]; then
	args=(--quick)
fi
BUILD=$build exec bench/run.py "${args[@]}"
