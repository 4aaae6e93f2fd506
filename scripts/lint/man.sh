#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# mandoc's opinion of the generated pages: man.sh DIR
#
# Not ours to change: scdoc's macros (it writes .P, .RS 4 and so on), and the
# date, which scdoc takes from SOURCE_DATE_EPOCH in its own form.
set -u
bad=0
for page in "$1"/man*/*; do
	[ -e "$page" ] || { echo "no pages in $1"; exit 1; }
	out=$(mandoc -T lint -W warning "$page" | grep -vE \
		'skipping paragraph macro|tab in filled text|sub is not supported|invalid escape|unsupported|line scope broken|skipping no-space' )
	[ -n "$out" ] && { echo "$out"; bad=1; }
done
exit $bad
