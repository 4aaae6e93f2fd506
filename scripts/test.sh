#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs kinds of tests and ends with one line: N passed, N failed[, N skipped]
#
#   unit     the cmocka tests, as gcc builds them       scripts  the tests of the scripts
#   clang    the same, as clang builds them             laws     the cheap half of make lint
#   asan     the same, under ASan and UBSan (clang)     lint     all of make lint
#   tsan     those with threads, under TSan (clang)     demo     make demo
#   apps     unmodified programs                        faults   see below
#   sim      bad worlds in virtual time, by three builds
#
# faults runs the unit tests with each allocation failing in its turn, under
# ASan and UBSan (tests/support/faults.h). FAULTS says which allocations: paths
# (the first of each call path, the default), paths/N, log, N, or all.
#
# A case is one cmocka function, one lint check, one script test. Exit 1 when
# one failed or nothing ran.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
passed=0 failed=0 skipped=0
patience=1			# times the tests' time limits

# add FILE: a file whose last line is "P F S"
add()
{
	local p f s
	read -r p f s < <(tail -1 "$1")
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-1}))
	skipped=$((skipped + ${s:-0}))
}

# one NAME COMMAND...: a case that is a whole command
one()
{
	local name=$1 log
	shift
	log=$(mktemp)
	if "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
		echo "ok   $name"
	else
		failed=$((failed + 1))
		tail -40 "$log" | sed 's/^/     /'
		echo "FAIL $name"
	fi
	rm -f "$log"
}

# unit NAME DIR SUITES MESON-OPTIONS...: SUITES "" for all
unit()
{
	local name=$1 dir=$2 suites=$3 out start=$SECONDS
	shift 3
	if ! scripts/build.sh "$dir" "$@" </dev/null | cat; [ "${PIPESTATUS[0]}" != 0 ]; then
		echo "FAIL $name: does not build"
		failed=$((failed + 1))
		return
	fi
	local args=()
	for s in $suites; do
		args+=(--suite "$s")
	done
	rm -f "$dir/meson-logs/testlog.json"
	meson test -C "$dir" --no-rebuild --num-processes "$jobs" \
		--timeout-multiplier "$patience" \
		--print-errorlogs "${args[@]}" >"$dir/test.out" 2>&1
	out=$(mktemp)
	scripts/count_tests.py "$name" "$dir/meson-logs/testlog.json" >"$out"
	sed '$d' "$out"
	add "$out"
	echo "$name: $(tail -1 "$out" |
		sed -E 's/(.*) (.*) (.*)/\1 passed, \2 failed, \3 skipped/')" \
		"($((SECONDS - start)) s)"
	rm -f "$out"
}

# Sanitizers stop at the first report: a report is a failed test.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

lint()
{
	local out
	out=$(mktemp)
	scripts/lint.sh --count "$out" "$@"
	add "$out"
	rm -f "$out"
}

[ $# -gt 0 ] || set -- unit scripts laws demo
for kind in "$@"; do
	case $kind in
	unit)  unit unit build "" ;;
	clang) CC=clang unit clang build-clang "" ;;
	asan)  CC=clang unit asan build-asan "" -Db_sanitize=address,undefined \
			-Db_lundef=false ;;
	tsan)  CC=clang unit tsan build-tsan "$(scripts/threaded_suites.sh)" \
			-Db_sanitize=thread -Db_lundef=false ;;
	faults)
		patience=10
		case ${FAULTS:=paths} in paths*) ;; *) patience=1000 ;; esac
		CC=clang WEIR_FAULTS=$FAULTS unit faults build-asan "" \
			-Db_sanitize=address,undefined -Db_lundef=false
		patience=1 ;;
	scripts)
		for t in tests/scripts/*.sh; do
			[ -e "$t" ] && one "$t" "$t" build
		done ;;
	laws)  lint quick ;;
	lint)  lint all ;;
	demo)  one demo scripts/demo.sh build ;;
	sim)   one sim-check scripts/sim_check.sh 300 30 ;;
	apps)  one apps env BUILD="$PWD/build" tests/apps/apps.py ;;
	*)     echo "test: unknown kind '$kind'" >&2; exit 1 ;;
	esac
done

line="$passed passed, $failed failed"
[ $skipped -gt 0 ] && line="$line, $skipped skipped"
echo "$line"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
