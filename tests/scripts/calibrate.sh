#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir calibrate writes a table with a row for every stage of software, which
# the simulator takes; so are those in examples/costs. calibrate.sh [BUILD]
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
weir=$build/weir
dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-calibrate.XXXXXX")
trap 'rm -rf "$dir"' EXIT

fail() { echo "$*"; exit 1; }

# expect CODE PATTERN COMMAND...
expect()
{
	local code=$1 pattern=$2 got
	shift 2
	"$@" >"$dir/out" 2>"$dir/err"
	got=$?
	[ $got = "$code" ] || fail "$*: exit $got, not $code: $(cat "$dir/err")"
	[ -z "$pattern" ] || grep -q -- "$pattern" "$dir/out" "$dir/err" || fail "$*: does not say $pattern"
}

expect 0 "" "$weir" calibrate --seconds 0.2 -o "$dir/here.costs"
[ -s "$dir/out" ] && fail "the table is not only in the file"
[ -s "$dir/err" ] && fail "it speaks without a terminal: $(cat "$dir/err")"
"$build/tests/test_costs" "$dir/here.costs" || fail "its table is not taken"
grep -q '^# .* on: ' "$dir/here.costs" || fail "the machine is not described"

row() { awk -v n="$1" '$1 == n' "$dir/here.costs"; }
for stage in $(sed -nE 's/^STAGE\((\w+), "(\w+)".*/\2:\1/p' src/base/stage.def); do
	[ "${stage%%:*}" = hw ] && continue
	[ -n "$(row "${stage#*:}")" ] || fail "no row for ${stage#*:}"
done
for name in syscall context_switch wakeup interrupt softirq; do
	[ -n "$(row $name)" ] || fail "no row for $name"
done
for stage in ip_rcv ip_output tcp_sendmsg tcp_recvmsg tcp_ack udp_rcv udp_sendmsg \
		igb_poll igb_xmit_frame skb_copy_datagram loopback_xmit ip_defrag; do
	row $stage | grep -q 'not seen' && fail "$stage was not seen"
done
awk '/^[^#]/ && ($2 < 0 || $2 !~ /^[0-9]+$/) { bad = 1; print }
	END { exit bad }' "$dir/here.costs" || fail "a number is none"

ls examples/costs/*.costs >/dev/null || fail "no examples"
"$build/tests/test_costs" examples/costs/*.costs || fail "an example is not taken"

expect 1 "no number of seconds" "$weir" calibrate --seconds x
expect 1 "no number of seconds" "$weir" calibrate --seconds 0
expect 1 "no such word" "$weir" calibrate here.costs
expect 2 "cannot write" "$weir" calibrate --seconds 0.1 -o "$dir/none/here.costs"
expect 0 "Usage: weir calibrate" "$weir" calibrate --help
exit 0
