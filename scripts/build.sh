#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Configures (when needed) and builds: build.sh DIR [MESON OPTION...]
#
# Meson learns the list of sources when it configures. A file that came or went
# since then makes it configure again. Prints nothing when all is well. With
# WEIR_TARGETS set, only those targets are built.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=$1
shift

list=$(mktemp)
log=$(mktemp)
trap 'rm -f "$list" "$log"' EXIT
scripts/sources.sh src drivers hw platform/linux platform/sim tool preload packetdrill \
	tests bench >"$list"
echo "$*" >>"$list"

fail()
{
	cat "$log" >&2
	echo "build: $1 failed in $dir" >&2
	exit 1
}

if [ ! -f "$dir/build.ninja" ]; then
	meson setup "$dir" "$@" >"$log" 2>&1 || fail "meson setup"
	cp "$list" "$dir/sources.list"
elif ! cmp -s "$list" "$dir/sources.list"; then
	meson setup --reconfigure "$dir" "$@" >"$log" 2>&1 ||
		fail "meson setup --reconfigure"
	cp "$list" "$dir/sources.list"
fi

read -ra targets <<<"${WEIR_TARGETS-}"
if [ -t 1 ]; then
	ninja -k 0 -C "$dir" "${targets[@]}" || exit 1
else
	ninja --quiet -k 0 -C "$dir" "${targets[@]}" >"$log" 2>&1 || fail ninja
	grep -A3 'warning:' "$log" >&2
fi
exit 0
