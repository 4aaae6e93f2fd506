#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The lint scripts find what they are for: each law is broken in a tree made for it.
set -u
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export PYTHONDONTWRITEBYTECODE=1
failed=0

fresh()
{
	rm -rf "${dir:?}/t"
	mkdir -p "$dir/t/src/base" "$dir/t/src/dev" "$dir/t/tool/drill" \
		"$dir/t/tool/conf" "$dir/t/packetdrill" "$dir/t/preload" \
		"$dir/t/platform/linux" "$dir/t/platform/sim" "$dir/t/include/weir"
	cp -r scripts "$dir/t/"
	git -C "$dir/t" init -q
	for f in base/low.h dev/high.h; do
		printf '/* SPDX-License-Identifier: BSD-2-Clause */\n' >"$dir/t/src/$f"
	done
}

put()
{
	{ printf '/* SPDX-License-Identifier: BSD-2-Clause */\n'; cat; } >"$dir/t/$1"
}

# expect WANTED TEXT COMMAND...: WANTED 0 or 1
expect()
{
	local want=$1 text=$2 out code
	shift 2
	out=$(cd "$dir/t" && "$@" 2>&1)
	code=$?
	if [ $code -ne "$want" ] || ! grep -q -- "$text" <<<"$out"; then
		echo "wanted exit code $want and '$text' of $*, got $code and:"
		echo "$out"
		failed=1
	fi
}

fresh
put src/dev/a.c <<<'#include "base/low.h"'
expect 0 '' scripts/lint/laws.py includes
expect 0 '' scripts/lint/names.py
expect 0 '' scripts/lint/sizes.py

put src/base/a.c <<<'#include "dev/high.h"'
expect 1 'not below it' scripts/lint/laws.py includes

fresh
put tool/a.c <<<'#include "base/low.h"'
expect 1 'only <weir/' scripts/lint/laws.py includes

fresh
put packetdrill/a.c <<<'#include "dev/high.h"'
expect 1 'packetdrill/a.c.*only <weir/' scripts/lint/laws.py includes
put packetdrill/a.c <<<'#include "preload/shim.h"'
put preload/shim.h <<<''
expect 1 'not its own' scripts/lint/laws.py includes

fresh
put tool/conf/conf.h <<<''
put tool/drill/drill.h <<<''
put tool/drill/a.c < <(printf '#include "drill.h"\n#include "tool/drill/drill.h"\n')
put tool/a.c < <(printf '#include "conf/conf.h"\n#include "tool/drill/drill.h"\n')
expect 0 '' scripts/lint/laws.py includes
put tool/drill/a.c <<<'#include "../conf/conf.h"'
expect 0 '' scripts/lint/laws.py includes
put tool/conf/a.c <<<'#include "../drill/drill.h"'
expect 1 'knows only itself' scripts/lint/laws.py includes

fresh
put platform/linux/park.h <<<''
put platform/sim/a.c <<<'#include "platform/linux/park.h"'
expect 1 'platform/sim/a.c: includes' scripts/lint/laws.py includes
put platform/sim/a.c <<<'#include "dev/high.h"'
expect 0 '' scripts/lint/laws.py includes

fresh
put src/dev/a.c < <(printf '#include "dev/high.h"\n#include "base/low.h"\n#include "dev/high.h"\n#include "base/low.h"\n')
expect 1 'not in order' scripts/lint/laws.py includes

fresh
put src/dev/a.c < <(printf '#ifdef FAST\nint x;\n#endif\n')
expect 1 'conditional' scripts/lint/laws.py includes

fresh
put src/dev/a_input.c <<<''
put src/dev/b_input.c <<<''
expect 1 'of its floor already' scripts/lint/laws.py includes

fresh
put src/dev/a.c <<<"/* TO""DO: later */"
expect 1 'unfinished' scripts/lint/names.py
put src/dev/a.c <<<'/* see /ho''me/someone/notes */'
expect 1 'path of one machine' scripts/lint/names.py

fresh
{ echo 'int f(void)'; echo '{'; yes '	g();' | head -120; echo '}'; } | put src/dev/a.c
expect 1 'f(): 122 lines' scripts/lint/sizes.py
yes '' | head -900 | put src/dev/a.c
expect 1 '90. lines' scripts/lint/sizes.py

# Calls and variables, as the linker sees them.
fresh
mkdir -p "$dir/t/build"
put src/base/a.c <<<'void high(void); void low(void); void low(void) { high(); }'
put src/dev/b.c <<<'int counter; void high(void); void high(void) { counter++; }'
(
	cd "$dir/t" || exit 1
	gcc -c -o build/a.o src/base/a.c && gcc -c -o build/b.o src/dev/b.c
	cat >build/compile_commands.json <<-J
	[{"directory": "$PWD/build", "file": "../src/base/a.c", "output": "a.o"},
	 {"directory": "$PWD/build", "file": "../src/dev/b.c", "output": "b.o"}]
	J
)
expect 1 'src/base/a.c: calls high() of src/dev/b.c' scripts/lint/laws.py calls build
expect 1 'src/dev/b.c: counter can change' scripts/lint/symbols.py globals build

# What virtual time and real time may take from the C library.
fresh
mkdir -p "$dir/t/build"
use='void *malloc(unsigned long); int nanosleep(const void *, void *); int f(void); int f(void)'
put platform/sim/a.c <<<"$use { return !malloc(1) + nanosleep(0, 0); }"
put platform/linux/b.c <<<"${use//f(/g(} { return !malloc(1) + nanosleep(0, 0); }"
put src/dev/c.c <<<"${use//f(/h(} { return !malloc(1); }"
(
	cd "$dir/t" || exit 1
	gcc -w -c -o build/a.o platform/sim/a.c
	gcc -w -c -o build/b.o platform/linux/b.c
	gcc -w -c -o build/c.o src/dev/c.c
	cat >build/compile_commands.json <<-J
	[{"directory": "$PWD/build", "file": "../platform/sim/a.c", "output": "a.o"},
	 {"directory": "$PWD/build", "file": "../platform/linux/b.c", "output": "b.o"},
	 {"directory": "$PWD/build", "file": "../src/dev/c.c", "output": "c.o"}]
	J
)
expect 1 'platform/sim/a.c: uses nanosleep' scripts/lint/laws.py calls build
expect 1 'src/dev/c.c: uses malloc' scripts/lint/laws.py calls build
expect 1 '^2 breaches' scripts/lint/laws.py calls build

# What the libraries offer is what the public headers declare.
fresh
mkdir -p "$dir/t/build"
put include/weir/weir.h <<<'WEIR_API int weir_one(void); /* as weir_none(1) */'
put include/weir/sim.h < <(printf 'WEIR_API struct weir *weir_sim_two(int a,\n\tint (*fn)(int));\n')
put packetdrill/libweir-packetdrill.map <<<'{ global: weir_one; local: *; };'
put src/dev/a.c <<<'int weir_one(void) { return 1; } void *weir_sim_two(void) { return 0; }'
(
	cd "$dir/t" || exit 1
	gcc -w -shared -fPIC -o build/libweir.so src/dev/a.c
)
expect 0 '' scripts/lint/symbols.py exported build
put include/weir/sim.h <<<'WEIR_API int weir_sim_three(int a);'
expect 1 'sim.h declares weir_sim_three()' scripts/lint/symbols.py exported build
expect 1 'exports weir_sim_two, which no header' scripts/lint/symbols.py exported build
cp "$dir/t/build/libweir.so" "$dir/t/build/libweir-packetdrill.so"
expect 1 'libweir-packetdrill.so exports weir_sim_two' scripts/lint/symbols.py exported build

exit $failed
