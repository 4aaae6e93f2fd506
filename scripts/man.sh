#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Manual pages: man.sh DIR | man.sh install DIR MANDIR
#
# man/NAME.SECTION.scd is made into DIR/manSECTION/NAME.SECTION by scdoc. The
# pages of lists (drop reasons, stages) are made from the lists.
set -u
cd "$(dirname "$0")/.." || exit 1

if [ "$1" = install ]; then
	for page in "$2"/man*/*; do
		install -D -m 644 "$page" "$3/$(basename "$(dirname "$page")")/$(basename "$page")" ||
			exit 1
	done
	exit 0
fi

dir=$1
# The same tree gives the same pages.
if [ -z "${SOURCE_DATE_EPOCH-}" ]; then
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=0
	export SOURCE_DATE_EPOCH
fi

page()
{
	local name=$1 section=${1##*.}
	mkdir -p "$dir/man$section"
	if ! scdoc >"$dir/man$section/$name.tmp"; then
		echo "man: scdoc refuses $name" >&2
		return 1
	fi
	mv "$dir/man$section/$name.tmp" "$dir/man$section/$name"
}

status=0
rm -rf "$dir"
for src in man/*.scd; do
	page "$(basename "$src" .scd)" <"$src" || status=1
done
scripts/man_lists.py drop-reasons | page weir-drop-reasons.7 || status=1
scripts/man_lists.py stages | page weir-stages.7 || status=1
exit $status
