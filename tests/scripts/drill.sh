#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir drill: exit codes, what it prints in each form, and which files it takes.
# drill.sh [BUILD]
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
weir=$PWD/$build/weir
dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-drill.XXXXXX")
trap 'rm -rf "$dir"' EXIT

fail() { echo "$*"; cat "$dir/out" "$dir/err"; exit 1; }

# expect CODE PATTERN ARGUMENT...: weir drill ARGUMENT... in $dir
expect()
{
	local code=$1 pattern=$2 got
	shift 2
	(cd "$dir" && "$weir" drill "$@") >"$dir/out" 2>"$dir/err"
	got=$?
	[ $got = "$code" ] || fail "drill $*: exit $got, not $code"
	grep -q -- "$pattern" "$dir/out" "$dir/err" || fail "drill $*: does not say $pattern"
}

mkdir -p "$dir/set/below"
cat >"$dir/set/good.pkt" <<EOF
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 1000 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
EOF
sed 's/ack 1 <mss 1460>/ack 2 <mss 1460>/' "$dir/set/good.pkt" >"$dir/set/below/bad.pkt"
{ echo --ip_version=ipv6; cat "$dir/set/good.pkt"; } >"$dir/set/below/six.pkt"
echo "0 socket(" >"$dir/wrong.pkt"
sed 's/1460>/MSS>/' "$dir/set/good.pkt" >"$dir/defined.pkt"
echo '0 %{ assert 1 }%' >"$dir/code.pkt"

expect 0 '^1 passed, 0 failed$' set/good.pkt
expect 3 'set/below/bad.pkt:5: the acknowledgment is 1, not 2' set/below/bad.pkt
expect 3 '^1 passed, 1 failed, 1 skipped$' set
expect 3 '^set/below  *0  *1  *1  *0$' set
expect 3 '^passed *set/good.pkt$' -v set
expect 3 '^set/below/bad.pkt:5: ' -q set
[ "$(wc -l <"$dir/out")" = 2 ] || fail "-q prints more than the failure and the sum"
expect 1 'wrong.pkt:2:1: unexpected' wrong.pkt
expect 1 'nowhere.pkt: No such file' nowhere.pkt
expect 1 'no file matches this pattern' 'none/**/*.pkt'
expect 1 'no script' -v
expect 1 'there is no option\|no such option' --no_such_option set
expect 1 'not a number' --mtu=x set/good.pkt
expect 0 '1 passed' -D MSS=1460 defined.pkt
expect 0 '1 passed' --dry_run set/below/bad.pkt
expect 3 '^0 passed, 1 failed, 1 skipped$' --jobs 0 set/below
expect 0 'S. 0:0(0) ack 1' --packets set/good.pkt
expect 4 'cannot be started' --code_command "$dir/none" code.pkt

expect 3 '^1\.\.3$' --tap set
grep -q '^not ok 1 - set/below/bad.pkt$' "$dir/out" || fail "TAP does not tell the failure"
grep -q '^ok 2 - set/below/six.pkt # SKIP' "$dir/out" || fail "TAP does not tell what is skipped"
grep -q '^ok 3 - set/good.pkt$' "$dir/out" || fail "TAP does not tell what passes"
expect 3 '"schema": "weir.drill/1"' -j set
python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert [s["verdict"] for s in d["scripts"]] == ["failed", "skipped", "passed"], d
assert (d["passed"], d["failed"], d["skipped"]) == (1, 1, 1), d
assert [f["folder"] for f in d["folders"]] == ["set/below", "set"], d
' "$dir/out" || fail "the JSON is not as it should be"

# The same bytes from one process and from many.
for jobs in 0 1 4; do
	(cd "$dir" && "$weir" drill --jobs $jobs -v set) >"$dir/jobs$jobs" 2>&1
done
cmp -s "$dir/jobs0" "$dir/jobs1" && cmp -s "$dir/jobs0" "$dir/jobs4" ||
	fail "the number of jobs changes the output"
echo "ok"
