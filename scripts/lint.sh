#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# One line per check, then a verdict: lint.sh [--count FILE] [quick|all|CHECK...]
#
# With --count, "PASSED FAILED SKIPPED" is written to FILE instead of the
# verdict. `quick` are the checks that need no other compiler than the build's.
set -u
cd "$(dirname "$0")/.." || exit 1
export PYTHONDONTWRITEBYTECODE=1
jobs=$(nproc)
build=build

check_includes()   { scripts/lint/laws.py includes; }
check_calls()      { scripts/lint/laws.py calls "$build"; }
check_sizes()      { scripts/lint/sizes.py; }
check_exported()   { scripts/lint/symbols.py exported "$build"; }
check_globals()    { scripts/lint/symbols.py globals "$build"; }
check_names()      { scripts/lint/names.py; }
check_coverage()   { scripts/lint/coverage.py; }
check_headers()    { scripts/lint/headers.sh; }
check_gcc()        { CC=gcc scripts/build.sh build-lint -Dwerror=true; }
check_clang()      { CC=clang scripts/build.sh build-clang -Dwerror=true; }
check_sparse()     { scripts/lint/sparse.sh; }
check_clang_tidy() { scripts/lint/clang_tidy.sh build-clang "$jobs"; }
check_shellcheck()
{
	git ls-files -z --cached --others --exclude-standard |
		xargs -0 grep -lE '^#!.*\b(ba)?sh$' -- 2>/dev/null |
		grep -vE '\.(c|h|md)$' | sort -u | xargs shellcheck -x -S warning
}
check_man()
{
	scripts/man.sh "$build/man" && scripts/lint/man.sh "$build/man"
}

quick="includes calls sizes exported globals names coverage"
all="$quick headers gcc clang sparse clang_tidy shellcheck man"

count=
if [ "${1-}" = --count ]; then
	count=$2
	shift 2
fi
[ $# -gt 0 ] || set -- all
checks=()
for word in "$@"; do
	case $word in
	quick) read -ra list <<<"$quick" ;;
	all) read -ra list <<<"$all" ;;
	*) list=("$word") ;;
	esac
	checks+=("${list[@]}")
done

passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! scripts/build.sh "$build" >"$log" 2>&1 </dev/null; then
	grep -E 'error|FAILED' "$log" | head -20
	echo "note: the build is broken; checks of symbols see part of it"
fi

for c in "${checks[@]}"; do
	if ! declare -F "check_$c" >/dev/null; then
		echo "lint: no check '$c'; there are: $all" >&2
		exit 1
	fi
	start=$SECONDS
	if "check_$c" >"$log" 2>&1 </dev/null; then
		passed=$((passed + 1))
		grep '^note: ' "$log" | sed 's/^/     /'
		echo "ok   lint $c ($((SECONDS - start)) s)"
	else
		failed=$((failed + 1))
		tail -60 "$log" | sed 's/^/     /'
		echo "FAIL lint $c ($((SECONDS - start)) s)"
	fi
done

if [ -n "$count" ]; then
	echo "$passed $failed 0" >"$count"
elif [ $failed -eq 0 ]; then
	echo "lint: clean, $passed checks"
else
	echo "lint: $failed of $((passed + failed)) checks failed"
fi
[ $failed -eq 0 ]
