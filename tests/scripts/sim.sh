#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# weir sim: exit codes, hashes, errors that say where, files that it writes, and
# the examples, whose expectations must hold.  sim.sh [BUILD]
set -u
cd "$(dirname "$0")/../.." || exit 1
weir=${1:-build}/weir
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail()
{
	echo "$*"
	failed=1
}

# scenario TEXT: into $dir/s.weir, after two hosts with addresses on a link
scenario()
{
	cat >"$dir/s.weir" <<-'S'
	host a b
	link a b rate 10mbit delay 5ms loss 2%
	a: ip addr add 10.0.0.1/24 dev eth0
	b: ip addr add 10.0.0.2/24 dev eth0
	run b: sink
	S
	printf '%b' "$1" >>"$dir/s.weir"
}

# gives CODE OPTIONS...: runs $dir/s.weir; output in $dir/out, $dir/err
gives()
{
	local want=$1
	shift
	"$weir" sim "$@" "$dir/s.weir" >"$dir/out" 2>"$dir/err"
	local got=$?
	[ $got = "$want" ] && return
	fail "exit code $got, not $want, of weir sim $* with:" \
		"$(tail -n +6 "$dir/s.weir")" "$(cat "$dir/out" "$dir/err")"
}

says()
{
	grep -qF -- "$1" "$dir/out" "$dir/err" ||
		fail "does not say '$1': $(cat "$dir/out" "$dir/err")"
}

# a line that is not understood: LINE-OF-THE-FILE WORD
refuses()
{
	scenario "$1"
	gives 1
	says "$dir/s.weir:6: $2"
}

hash_of() { tail -1 "$dir/out" | sed 's/.*hash //'; }

# --- exit codes and errors
scenario 'run a: bulk to 10.0.0.2 bytes 100K\nexpect bulk1.bytes == 100K\n'
gives 0
scenario 'run a: bulk to 10.0.0.2 bytes 100K\nexpect bulk1.bytes < 100K\n'
gives 3
says "s.weir:7: expect bulk1.bytes < 100K; bulk1.bytes is 100 KiB"
scenario 'a: ip addr add 10.0.0.1/24 dev eth9\n'
gives 2
says "s.weir:6: a: "
scenario ''
gives 4 --pcap "$dir/no/such/folder"
gives 1 --set nothing=1
gives 1 --bogus
"$weir" sim /nonexistent 2>/dev/null
[ $? = 1 ] || fail "a file that is not there is accepted"
refuses 'hoist c\n' 'hoist: '
refuses 'host a\n' 'a: this name is taken'
refuses 'link a c\n' 'c: '
refuses 'link a b rate 10\n' 'link option "rate=10"'
refuses 'at 5s link l1 lose 1%%\n' 'link option "lose'
refuses 'run a: bulk\n' 'bulk: say "to"'
refuses 'run a: bulk to x\n' 'x: '
refuses 'run a: bulk to 10.0.0.2 for 3\n' '3: '
refuses 'run a: frob\n' 'frob: no program; there are bulk,'
refuses 'expect sink1.speed > 3\n' 'sink1.speed: sink tells'
refuses 'expect sink1.time > 3mbit\n' 'sink1.time'
refuses 'expect sink2.time > 3s\n' 'sink2.time: '
refuses 'expect a.TcpNonsense == 0\n' 'a.TcpNonsense: '
refuses 'a: frob\n' 'a: sh: frob: '

# --- the same seed gives the same frames, another others; both are right
scenario 'run a: bulk to 10.0.0.2 bytes 200K\nexpect sink1.bytes == 200K\n'
gives 0 --repeat 3
first=$(hash_of)
gives 0
[ "$(hash_of)" = "$first" ] || fail "another hash with the same seed"
gives 0 --trace "$dir/t" --pcap "$dir/t"
[ "$(hash_of)" = "$first" ] || fail "another hash when it is traced"
gives 0 --seed 2
[ "$(hash_of)" != "$first" ] || fail "the same hash with another seed"

# --- what is written
for f in a.weirtrace b.weirtrace l1.pcapng; do
	[ -s "$dir/t/$f" ] || fail "no $f"
done
"$weir" trace --stages "$dir/t/a.weirtrace" | grep -q tcp_sendmsg ||
	fail "the trace shows no packet that was sent"
gives 0 --json
python3 - "$dir/out" <<-'P' || fail "not the JSON that it should be"
	import json, sys
	d = json.load(open(sys.argv[1]))
	c = d["cases"][0]
	p = {x["name"]: x for x in c["programs"]}
	assert d["format"] == "weir.sim/1" and d["expectations_failed"] == 0
	assert p["sink1"]["bytes"] == 200 * 1024, p
	assert p["bulk1"]["rate_bits_per_s"] > 0
	assert {l["name"] for l in c["directions"]} == {"l1.a", "l1.b"}
	assert c["hosts"][0]["TcpOutSegs"] > 100
P
gives 0 --quiet
[ "$(wc -l <"$dir/out")" = 1 ] || fail "more than one line with --quiet"

# --- cases and parameters
scenario 'run a: ping to 10.0.0.2 count $n interval 10ms wait 1s
case few\nlet n 2\ncase many\nlet n 5\nend
expect few.ping1.sent < many.ping1.sent\nexpect many.ping1.sent == 5\n'
gives 0
gives 3 --set n=3
says "many.ping1.sent is 3"

# --- what the examples say of themselves
for f in examples/sim/*.weir; do
	"$weir" sim "$f" >"$dir/out" 2>&1 || fail "$f: $(tail -20 "$dir/out")"
done
exit $failed
