#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# clang-tidy over src, drivers, hw and platform: clang_tidy.sh BUILD JOBS
# The checks and why some are off: .clang-tidy
#
# A file is looked at again only when what it consists of has changed: the sum
# of its preprocessed text is kept in BUILD/tidy.
set -u
build=$1 jobs=$2
mkdir -p "$build/tidy"
export build

one()
{
	local f=$1 sum out
	sum=$({ cat .clang-tidy; clang -E -P -std=gnu17 -Isrc -Iinclude -I. "$f"; } 2>/dev/null |
		sha256sum | cut -d' ' -f1)
	[ -e "$build/tidy/$sum" ] && return 0
	if out=$(clang-tidy --quiet -p "$build" "$f" 2>/dev/null) &&
	   ! grep -qE '(warning|error): ' <<<"$out"; then
		touch "$build/tidy/$sum"
		return 0
	fi
	echo "$out"
	return 1
}
export -f one
git ls-files -z --cached --others --exclude-standard 'src/*.c' 'drivers/*.c' 'hw/*.c' \
	'platform/*.c' 'tool/*.c' 'preload/*.c' |
	xargs -0 -n1 -P"$jobs" bash -c 'one "$1"' _
