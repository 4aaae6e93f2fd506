#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# An unmodified curl fetches 64 MiB from an unmodified http.server, each on a
# stack of its own, joined by a shared-memory wire: demo.sh [BUILD] [MIB]
#
# Then the way of one data packet through both stacks is printed. No root, no
# network of the host: the two programs see only the wire.
set -u
set -m			# children get their own groups, and can be interrupted
cd "$(dirname "$0")/.." || exit 1
build=${1:-build} mib=${2:-64}
weir=$PWD/$build/weir
wire=demo-$$
port=8000
dir=$(mktemp -d "${TMPDIR:-/tmp}/weir-demo.XXXXXX")
server=

alive() { kill -0 "$1" 2>/dev/null; }

# end PID: asks, waits up to 10 s, then insists
end()
{
	local i
	alive "$1" || return 0
	kill -INT -- "-$1" 2>/dev/null
	for ((i = 0; i < 100; i++)); do
		alive "$1" || break
		sleep 0.1
	done
	alive "$1" && kill -KILL -- "-$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

cleanup()
{
	[ -n "$server" ] && end "$server"
	[ -n "${DEMO_KEEP-}" ] || rm -rf "$dir"
	rm -f "/dev/shm/weir-$wire"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "demo: $1" >&2
	for log in server client; do
		[ -s "$dir/$log.log" ] || continue
		echo "--- $log said:" >&2
		tail -20 "$dir/$log.log" >&2
	done
	exit 1
}

[ -x "$weir" ] || fail "$build/weir is not built; run make first"

echo "1. A file of $mib MiB, its server on 10.0.0.1, on wire:$wire"
mkdir "$dir/www"
head -c $((mib << 20)) /dev/urandom >"$dir/www/file" || fail "no room in $dir"
PYTHONUNBUFFERED=1 "$weir" run --link "wire:$wire" --addr 10.0.0.1/24 \
	--trace "$dir/server.weirtrace" -- \
	python3 -m http.server --bind 10.0.0.1 --directory "$dir/www" $port \
	>"$dir/server.log" 2>&1 </dev/null &
server=$!

ready=
for ((i = 0; i < 300; i++)); do
	grep -q '^Serving HTTP' "$dir/server.log" && { ready=1; break; }
	alive $server || fail "the server ended before it was ready"
	sleep 0.1
done
[ -n "$ready" ] || fail "the server was not ready within 30 s"
sed 's/^/   /' "$dir/server.log"

echo "2. curl on 10.0.0.2 fetches it"
timeout --foreground --kill-after=5 120 \
	"$weir" run --link "wire:$wire" --addr 10.0.0.2/24 \
	--trace "$dir/client.weirtrace" -- \
	curl -sS -o "$dir/file" -w '   %{size_download} bytes in %{time_total} s\n' \
	"http://10.0.0.1:$port/file" 2>"$dir/client.log" </dev/null
code=$?
[ $code -eq 124 ] && fail "curl had not ended after 120 s"
[ $code -eq 0 ] || fail "curl ended with code $code"
end $server
server=

sent=$(sha256sum <"$dir/www/file")
got=$(sha256sum <"$dir/file")
echo "   sha256 sent     ${sent%% *}"
echo "   sha256 received ${got%% *}"
[ "$sent" = "$got" ] || fail "the sums differ"

echo "3. The way of one data packet, through the server's stack and the client's"
# The stages that a data packet's walk down and up has (see ARCHITECTURE.md).
stages="sock_sendmsg inet_sendmsg tcp_sendmsg tcp_write_xmit tcp_transmit_skb
	ip_queue_xmit nf_local_out nf_postrouting dev_queue_xmit neigh_output sch_direct_xmit igb_xmit_frame
	igb_clean_tx_irq nic_dma_rx igb_intr napi_schedule net_rx_action igb_poll
	igb_clean_rx_irq napi_gro_receive netif_receive_skb ip_rcv nf_prerouting
	ip_rcv_finish ip_local_deliver nf_local_in tcp_v4_rcv __inet_lookup_skb
	tcp_v4_do_rcv tcp_rcv_established sk_receive_queue sk_data_ready"

# not_named FILE STAGE...
not_named()
{
	local file=$1
	shift
	comm -23 <(printf '%s\n' "$@" | sort -u) \
		<(grep -oE '[a-z_][a-z0-9_]+' "$file" | sort -u)
}

traces=("$dir/server.weirtrace" "$dir/client.weirtrace")
"$weir" trace --list "${traces[@]}" >"$dir/list" 2>"$dir/client.log" ||
	fail "weir trace --list failed"
# A packet that was sent in several pieces has a long tree. Among the first ones
# with data we look for one that went in one piece while its reader waited.
best=
for id in $(awk '$1 ~ /^python/ && $5 >= 1448 && /tcp_write_xmit/ { print $2 }' \
		"$dir/list" | head -60); do
	"$weir" trace --packet "$id" "${traces[@]}" >"$dir/tree.$id" \
		2>"$dir/client.log" || fail "weir trace --packet $id failed"
	# shellcheck disable=SC2086 # a list of words
	lack=$(not_named "$dir/tree.$id" $stages pollwake | wc -l)
	rank=$((lack * 1000 + $(wc -l <"$dir/tree.$id")))
	if [ -z "$best" ] || [ $rank -lt "$best" ]; then
		best=$rank
		mv "$dir/tree.$id" "$dir/tree"
	fi
	[ "$best" -lt 100 ] && break
done
[ -n "$best" ] || fail "no packet with data in the server's trace"
cat "$dir/tree"

# shellcheck disable=SC2086 # a list of words
missing=$(not_named "$dir/tree" $stages)
[ -z "$missing" ] || fail "the tree does not name: $(echo "$missing" | tr '\n' ' ')"
echo "demo: the sums are equal; the packet's way is above"
