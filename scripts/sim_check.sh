#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# make sim-check: many seeds of a bad world (tests/sim/sim_check.c), and the
# first of them again as other compilers and sanitizers build them: every hash
# must be the same.
#
#   sim_check.sh [SEEDS [COMPARED]]	10000 and 100
set -u
cd "$(dirname "$0")/.." || exit 1
seeds=${1:-10000} compared=${2:-100}
jobs=$(nproc)
[ "$compared" -le "$seeds" ] || compared=$seeds
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export WEIR_TARGETS=tests/sim-check
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# build DIR OPTION...
build()
{
	scripts/build.sh "$@" || { echo "0 passed, 1 failed"; exit 1; }
}

# run BUILD SEEDS NAME: in parallel; hashes by seed in $dir/NAME
run()
{
	local part=$((($2 + jobs - 1) / jobs)) first=1 pids=() failed=0
	while [ $first -le "$2" ]; do
		local n=$part
		[ $((first + n - 1)) -le "$2" ] || n=$(($2 - first + 1))
		"$1/tests/sim-check" --hashes --first $first --seeds $n \
			>"$dir/$3.$first" 2>"$dir/$3.$first.sum" &
		pids+=($!)
		first=$((first + n))
	done
	for p in "${pids[@]}"; do
		wait "$p" || failed=1
	done
	cat "$dir/$3".*.sum | sed "s/^/sim-check: $3: /"
	grep -h '^seed ' "$dir/$3".[0-9]* | head -20
	grep -hv '^seed ' "$dir/$3".[0-9]* | grep -v ' seeds, ' | sort -n >"$dir/$3"
	return $failed
}

passed=0 failed=0
verdict()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1)); echo "ok   sim-check: $2"
	else
		failed=$((failed + 1)); echo "FAIL sim-check: $2"
	fi
}

same()
{
	head -n "$compared" "$dir/gcc" | cmp -s - "$dir/$1" && [ -s "$dir/$1" ]
	verdict $? "$1 has the hashes of gcc, $compared seeds"
}

build build
run build "$seeds" gcc
verdict $? "$seeds seeds: streams exact, nothing stuck, nothing leaked"

CC=clang build build-clang
run build-clang "$compared" clang
verdict $? "clang"
same clang

CC=clang build build-asan -Db_sanitize=address,undefined -Db_lundef=false
run build-asan "$compared" asan
verdict $? "ASan and UBSan"
same asan

echo "$passed passed, $failed failed"
[ $failed = 0 ]
