#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# scripts/count_tests.py: cases, failures on stderr, programs that die.
set -u
cd "$(dirname "$0")/../.." || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# expect COUNTS < testlog
expect()
{
	cat >"$log"
	local got
	got=$(scripts/count_tests.py t "$log" | tail -1)
	[ "$got" = "$1" ] && return
	echo "wanted '$1', got '$got' for:"
	cat "$log"
	failed=1
}

failed=0
expect "2 0 0" <<'J'
{"name": "a", "result": "OK", "returncode": 0, "stdout": "1..2\nok 1 - x\nok 2 - y\n"}
J
expect "1 1 0" <<'J'
{"name": "a", "result": "FAIL", "returncode": 1, "stdout": "1..2\nok 1 - x\n", "stderr": "not ok 2 - y\n"}
J
expect "1 1 0" <<'J'
{"name": "killed after its first case", "result": "FAIL", "returncode": -11, "stdout": "1..2\nok 1 - x\n"}
J
expect "1 1 0" <<'J'
{"name": "fewer than planned", "result": "OK", "returncode": 0, "stdout": "1..2\nok 1 - x\n"}
J
expect "1 0 1" <<'J'
{"name": "a", "result": "OK", "returncode": 0, "stdout": "1..2\nok 1 - x\nok 2 # SKIP no right\n"}
J
expect "0 1 0" </dev/null
exit $failed
