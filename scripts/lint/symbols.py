#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Symbols of what was built.

    symbols.py exported BUILD   libweir.so offers weir_* only; the shim offers what
                                its version script lists, and needs libc only
    symbols.py globals BUILD    no variable that can change: state hangs on the
                                net, a CPU, a device, a socket
"""
import fnmatch
import os
import re
import subprocess
import sys

import laws
import tree

# (file, symbol): why one may be there.
MUTABLE = {
}
SHIM_NEEDS = re.compile(r"^(libc\.so|ld-linux|libdl\.so|libpthread\.so|libm\.so)")
SANITIZERS = re.compile(r"^(lib(asan|ubsan|tsan)\.so|libgcc_s\.so|libstdc\+\+)")


def run(*cmd):
    return subprocess.run(cmd, capture_output=True, text=True, check=True).stdout


def dynamic(lib):
    for line in run("nm", "-D", "--defined-only", lib).splitlines():
        kind, name = line.split()[-2:]
        if kind != "A":
            yield name.split("@")[0]


def map_globals(path):
    text = re.sub(r"/\*.*?\*/|#[^\n]*", "", tree.read(path), flags=re.S)
    found = re.search(r"global:(.*?)(local:|\})", text, re.S)
    return found.group(1).replace(";", " ").split() if found else [], "local:" in text


def exported(build):
    bad = []
    lib = os.path.join(build, "libweir.so")
    names = list(dynamic(lib))
    bad += [f"libweir.so exports {n}, which is not weir_*" for n in names
            if not n.startswith("weir_")]
    header = tree.read("include/weir/weir.h")
    declared = set(re.findall(r"\b(weir_\w+)\s*\(", re.sub(r"/\*.*?\*/", "", header, flags=re.S)))
    bad += [f"weir.h declares {n}(), which libweir.so does not have"
            for n in sorted(declared - set(names))]
    bad += [f"libweir.so exports {n}, which weir.h does not declare"
            for n in sorted(set(names) - declared) if n.startswith("weir_")]
    shim = os.path.join(build, "libweir-preload.so")
    if os.path.exists(shim):
        patterns, closed = map_globals("preload/libweir-preload.map")
        if not closed:
            bad.append("preload/libweir-preload.map: no `local: *;`")
        offered = set(dynamic(shim))
        bad += [f"libweir-preload.so exports {n}, which its map does not list" for n in
                sorted(offered) if not any(fnmatch.fnmatch(n, p) for p in patterns)]
        bad += [f"libweir-preload.map lists {p}, which the shim does not define" for p in
                patterns if "*" not in p and p not in offered]
        for lib in re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", shim)):
            if not SHIM_NEEDS.match(lib) and not SANITIZERS.match(lib):
                bad.append(f"libweir-preload.so needs {lib}")
    tree.finish(bad, "symbols too many or missing")


def mutable(obj):
    """Objects in .data, .bss, .tdata, .tbss and common of an object file."""
    for line in run("objdump", "-t", obj).splitlines():
        found = re.match(r"[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+\s+(?:\.hidden )?(\S+)$", line)
        if not found or "O" not in found.group(1) and found.group(2) != "*COM*":
            continue
        section = found.group(2)
        if re.match(r"\.(data|bss|tdata|tbss)|\*COM\*", section) and \
           not section.startswith(".data.rel.ro"):
            yield found.group(3)


def mutable_globals(build):
    bad = []
    for path, obj in laws.objects(build):
        if path.startswith("platform/"):
            continue
        for name in mutable(obj):
            if (path, name) not in MUTABLE and "__PRETTY_FUNCTION__" not in name:
                bad.append(f"{path}: {name} can change; hang it on a net, CPU, device or socket")
    tree.finish(bad, "mutable globals")


if __name__ == "__main__":
    {"exported": exported, "globals": mutable_globals}[sys.argv[1]](sys.argv[2])
