#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Each header compiles by itself: it includes what it needs. The public ones also
# as C11 and as C++ where a compiler for it is there.
set -u
bad=0
mapfile -t headers < <(git ls-files --cached --others --exclude-standard \
	'src/*.h' 'drivers/*.h' 'hw/*.h' 'platform/*.h' 'include/*.h' \
	'tool/*.h' 'packetdrill/*.h')

one()
{
	printf '#include "%s"\n' "$1" | gcc -std=gnu17 -Wall -Wextra \
		-Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers \
		-Isrc -Iinclude -I. -fsyntax-only -x c -
}
export -f one
printf '%s\0' "${headers[@]}" | xargs -0 -n1 -P"$(nproc)" bash -c 'one "$1"' _ ||
	bad=1
for h in include/weir/*.h; do
	printf '#include <weir/%s>\n' "${h##*/}" | gcc -std=c11 -D_GNU_SOURCE \
		-pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c - || bad=1
	if command -v g++ >/dev/null; then
		printf '#include <weir/%s>\n' "${h##*/}" | g++ -Wall -Wextra -Werror \
			-Iinclude -fsyntax-only -x c++ - || bad=1
	fi
done
exit $bad
