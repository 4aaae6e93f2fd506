#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# libFuzzer over every parser: fuzz.sh build | run [TARGET...] | replay
#
# The stack is built once by clang with coverage for the fuzzer, ASan and UBSan;
# each fuzz/fuzz_NAME.c is linked with it. `run` gives each FUZZ_SECONDS (60),
# as many at once as there are CPUs; seeds are in fuzz/corpus/NAME, what is
# found on the way is kept in build-fuzz/corpus. `replay` runs the seeds only.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=build-fuzz
seconds=${FUZZ_SECONDS:-60}
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

build()
{
	CC=clang WEIR_TARGETS="libweir-core.a libweir-drill.a libweir-conf.a libweir-scene.a" scripts/build.sh $dir \
		-Db_sanitize=address,undefined -Db_lundef=false -Dbuildtype=debugoptimized \
		"-Dc_args=-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined -fno-omit-frame-pointer" || exit 1
	local src target with
	for src in fuzz/fuzz_*.c; do
		target=$(basename "$src" .c)
		[ "$target" = fuzz_world ] && continue
		if [ -x "$dir/$target" ] && [ "$dir/$target" -nt "$src" ] &&
		   [ "$dir/$target" -nt $dir/libweir-core.a ] &&
		   [ "$dir/$target" -nt $dir/libweir-drill.a ] &&
		   [ "$dir/$target" -nt $dir/libweir-scene.a ] &&
		   [ "$dir/$target" -nt fuzz/fuzz_world.c ]; then
			continue
		fi
		with=()
		grep -q 'fuzz/fuzz_world.h' "$src" && with+=(fuzz/fuzz_world.c)
		grep -qE 'fuzz_world.h|fake_platform.h' "$src" &&
			with+=(tests/support/fake_platform.c)
		clang -std=gnu17 -g -O2 -Wall -Wextra -Wno-unused-parameter \
			-Wno-missing-field-initializers -fno-strict-aliasing \
			-fno-sanitize-recover=undefined \
			-fsanitize=fuzzer,address,undefined -Isrc -Iinclude -I. \
			"$src" "${with[@]}" \
			$dir/libweir-scene.a $dir/libweir-drill.a $dir/libweir-conf.a \
			$dir/libweir-core.a -lpthread -o "$dir/$target" \
			2>"$dir/$target.log" && continue
		rm -f "$dir/$target"
		tail -5 "$dir/$target.log"
		echo "FAIL $target does not build"
	done
}

targets()
{
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
		return
	fi
	for src in fuzz/fuzz_*.c; do
		[ "$src" = fuzz/fuzz_world.c ] || basename "$src" .c
	done
}

# one MODE TARGET
one()
{
	local mode=$1 target=$2 name=${2#fuzz_} log=$dir/$2.log args=()
	[ -x "$dir/$target" ] || return 1
	mkdir -p "$dir/corpus/$name" "fuzz/corpus/$name" fuzz/findings
	if [ "$mode" = replay ]; then
		mapfile -t args < <(find "fuzz/corpus/$name" -type f)
		if [ ${#args[@]} -eq 0 ]; then
			echo "ok   $target: no seeds"
			return 0
		fi
	else
		args=("-max_total_time=$seconds" -max_len=4096 -timeout=20
			-rss_limit_mb=2048 -artifact_prefix="fuzz/findings/$name-"
			-print_final_stats=1 "$dir/corpus/$name" "fuzz/corpus/$name")
	fi
	if timeout --kill-after=10 $((seconds + 120)) "$dir/$target" "${args[@]}" >"$log" 2>&1; then
		echo "ok   $target: $(sed -n 's/^stat::number_of_executed_units: */runs /p' "$log")"
	else
		grep -aE 'ERROR: |runtime error|SUMMARY|^fuzz: |Test unit written|BUG' "$log" |
			head -8 | sed 's/^/     /'
		grep -aE '^ +#[0-9]+ .* in ' "$log" | head -12
		echo "FAIL $target (log: $log)"
		return 1
	fi
}
export -f one
export dir seconds

mode=${1:-run}
shift
build
[ "$mode" = build ] && exit 0
targets "$@" | xargs -P"$(nproc)" -I{} bash -c 'one "$0" "$1"' "$mode" {}
