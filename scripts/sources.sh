#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Lists the C files under the given folders, for meson.build.
cd "$(dirname "$0")/.." || exit 1
for dir in "$@"; do
	find "$dir" -name '*.c' -type f
done | LC_ALL=C sort
