#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Symbols of what was built.

    symbols.py exported BUILD   libweir.so offers what the public headers declare;
                                what is opened at run time (the shim, packetdrill's
                                library) offers what its version script lists, and
                                needs libc only
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

# Built to be opened at run time: library -> its version script.
MODULES = {
    "libweir-preload.so": "preload/libweir-preload.map",
    "libweir-packetdrill.so": "packetdrill/libweir-packetdrill.map",
}
# (file, symbol): why one may be there.
MUTABLE = {
}
MODULE_NEEDS = re.compile(r"^(libc\.so|ld-linux|libdl\.so|libpthread\.so|libm\.so)")
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


def declarations():
    """Functions of the public headers: name -> header. Types and calls of
    inline functions are not among them: a declaration says WEIR_API."""
    found = {}
    for path in tree.files(".h"):
        if path.startswith("include/weir/"):
            text = re.sub(r"/\*.*?\*/", "", tree.read(path), flags=re.S)
            for name in re.findall(r"^WEIR_API\b[^;(]*?\b(weir_\w+)\s*\(", text, re.M):
                found[name] = path
    return found


def module(build, name, script):
    """A library that is opened at run time: what it offers is what its version
    script says, and it needs the C library only."""
    bad = []
    path = os.path.join(build, name)
    if not os.path.exists(path):
        return bad
    patterns, closed = map_globals(script)
    if not closed:
        bad.append(f"{script}: no `local: *;`")
    offered = set(dynamic(path))
    bad += [f"{name} exports {n}, which {script} does not list" for n in
            sorted(offered) if not any(fnmatch.fnmatch(n, p) for p in patterns)]
    bad += [f"{script} lists {p}, which {name} does not define" for p in
            patterns if "*" not in p and p not in offered]
    for lib in re.findall(r"NEEDED.*\[(.*)\]", run("readelf", "-d", path)):
        if not MODULE_NEEDS.match(lib) and not SANITIZERS.match(lib):
            bad.append(f"{name} needs {lib}")
    return bad


def exported(build):
    bad = []
    lib = os.path.join(build, "libweir.so")
    names = list(dynamic(lib))
    bad += [f"libweir.so exports {n}, which is not weir_*" for n in names
            if not n.startswith("weir_")]
    declared = declarations()
    bad += [f"{declared[n]} declares {n}(), which libweir.so does not have"
            for n in sorted(set(declared) - set(names))]
    bad += [f"libweir.so exports {n}, which no header in include/weir declares"
            for n in sorted(set(names) - set(declared)) if n.startswith("weir_")]
    for name, script in MODULES.items():
        bad += module(build, name, script)
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
