#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The laws of the tree: who may include and who may call whom.

    laws.py includes        #include lines and preprocessor conditionals
    laws.py calls BUILD     symbols of the object files of a build

Floors are in alphabetical order, bottom to top. Down is a call, up is a table
registered from above, so the linker's view must show no call upwards.
"""
import json
import os
import re
import subprocess
import sys

import tree

# (file, what it reaches): why that is right.
EXCEPTIONS = {
    ("src/user/stack.c", "drivers/loopback"):
        "the table of floors ends with the device that every stack has",
}
# Where #if may stand, besides include guards.
CONDITIONALS = re.compile(r"^(src/base/(compiler|uapi)\.h|platform/|include/weir/|preload/|tests/|bench/)")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
GUARD = re.compile(r"^\s*#\s*ifndef\s+WEIR_\w+_H\s*$")
CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b")

# What the stack may take from the C library: memory, strings, text. No call of
# the operating system, no allocation, no thread, no clock.
LIBC = set("""
    memcpy memmove memset memcmp memchr memmem mempcpy strlen strnlen strcmp strncmp
    strchr strrchr strstr strcspn strspn strpbrk strcpy strncpy strcasecmp strncasecmp
    snprintf vsnprintf sscanf __isoc99_sscanf strtol strtoul strtoull strtoll
    __isoc23_strtol __isoc23_strtoul __ctype_b_loc __errno_location
    qsort bsearch abort __assert_fail __stack_chk_fail _GLOBAL_OFFSET_TABLE_
    inet_pton inet_ntop
""".split())
# What virtual time may take beyond that: it hands the stack its memory, makes
# stacks for coroutines and says what a BUG was. No thread, signal, socket, file,
# clock or sleep: time is the world's. swapcontext() is for machines whose switch
# is not written in platform/sim/coroutine.c.
SIM_LIBC = LIBC | set("""
    malloc calloc realloc free aligned_alloc strdup strerror
    mmap mmap64 mprotect munmap sysconf getcontext makecontext swapcontext
    fprintf stderr __tls_get_addr
""".split())
# Folders of the tool that are libraries of their own: they know no other part of it
# but, as on the floors of src/, those that sort before them.
LIBRARIES = ("tool/drill", "tool/conf")
# Prefixes of what compilers and sanitizers add.
HELPERS = ("__asan", "__ubsan", "__tsan", "__sanitizer", "__gcov", "__builtin", "__mul", "__udiv")


def excepted(path, used):
    return (path, "/".join(used)) in EXCEPTIONS


def public_only(path):
    return path.split("/")[0] in ("tool", "preload", "packetdrill", "examples")


def library_of(path):
    """The library of the tool that a file is part of, or None."""
    return next((d for d in LIBRARIES if path.startswith(d + "/")), None)


def reached(path, name):
    """Where the file is that `path` includes as "name", from the top."""
    here = os.path.join(os.path.dirname(path), name)
    for full in (name, here, os.path.join("tool", name), "src/" + name):
        full = os.path.normpath(full)
        if os.path.exists(os.path.join(tree.TOP, full)):
            return full
    return "src/" + name


def not_for_it(path, name):
    """Why code above the public headers may not include a file; None: it may."""
    used = reached(path, name)
    if used.split("/")[0] in ("src", "drivers", "hw", "platform") or \
            name.split("/")[0] in tree.FLOORS:
        return "only <weir/...> is for it"
    if used.split("/")[0] != path.split("/")[0]:
        return "not its own"
    own, other = library_of(path), library_of(used)
    if own and (not other or other > own):
        return f"{own} is a library, which knows only itself and what sorts before it"
    return None


def libc_of(user):
    """What code at `user` (floor_of) may take from the C library; None: all."""
    if user == ("platform", "sim"):
        return SIM_LIBC
    return None if user[0] == "platform" else LIBC

def include_order(path, names):
    """Own header first (or its floor's main one), then floors from bottom to top."""
    own = os.path.splitext(path)[0].removeprefix("src/") + ".h"
    if own in names and names.index(own) != 0 and names[0].split("/")[0] != own.split("/")[0]:
        yield f"{path}: its own header {own} is not the first include"
    floors = [n.split("/")[0] for n in names[1:]]
    ranks = [tree.FLOORS.index(f) for f in floors if f in tree.FLOORS]
    if ranks != sorted(ranks):
        yield f"{path}: includes are not in order of floors"


def walk_names():
    """Each floor and each driver has at most one *_input.c and one *_output.c."""
    seen = {}
    for path in tree.files("_input.c", "_output.c"):
        way = path.rsplit("_", 1)[1]
        key = os.path.dirname(path), way
        if path.startswith(("src/", "drivers/")) and key in seen:
            yield f"{path}: {seen[key]} is the *_{way} of its floor already"
        seen.setdefault(key, path)


def includes():
    bad = list(walk_names())
    for path in tree.files(".c", ".h"):
        text = tree.read(path)
        user = tree.floor_of(path)
        names = [n for q, n in INCLUDE.findall(text) if q == '"']
        for name in names:
            full = name if os.path.exists(os.path.join(tree.TOP, name)) else "src/" + name
            used = tree.floor_of(full)
            if public_only(path):
                if not_for_it(path, name):
                    bad.append(f"{path}: includes {name}; {not_for_it(path, name)}")
            elif user[0] in ("src", "drivers", "hw", "platform") and not name.startswith("weir/") and \
                    not tree.may_use(user, used) and not excepted(path, used):
                bad.append(f"{path}: includes {name}, which is not below it")
        if user[0] == "src" and path.endswith(".c") and names:
            bad += include_order(path, names)
        if CONDITIONALS.match(path):
            continue
        for no, line in enumerate(tree.strip(text).split("\n"), 1):
            if CONDITIONAL.match(line) and not GUARD.match(line):
                bad.append(f"{path}:{no}: preprocessor conditional: {line.strip()}")
    tree.finish(bad, "breaches of the law of includes")


def objects(build):
    """Source path -> object file, of the core library only."""
    with open(os.path.join(build, "compile_commands.json")) as f:
        for c in json.load(f):
            path = os.path.relpath(os.path.join(c["directory"], c["file"]), tree.TOP)
            if path.split("/")[0] in ("src", "drivers", "hw", "platform"):
                obj = os.path.join(c["directory"], c["output"])
                if os.path.exists(obj):
                    yield path, obj


def symbols(obj):
    """Global symbols of an object: (defined, undefined)."""
    out = subprocess.run(["nm", "-g", obj], capture_output=True, text=True, check=True).stdout
    defined, undefined = set(), set()
    for line in out.splitlines():
        kind, name = line.split()[-2:]
        (undefined if kind in "Uw" else defined).add(name)
    return defined, undefined


def calls(build):
    where, needs, bad = {}, {}, []
    for path, obj in objects(build):
        defined, needs[path] = symbols(obj)
        for name in defined:
            where[name] = path
    for path in sorted(needs):
        user = tree.floor_of(path)
        libc = libc_of(user)
        for name in sorted(needs[path]):
            if name in where:
                used = tree.floor_of(where[name])
                if not tree.may_use(user, used) and not excepted(path, used):
                    bad.append(f"{path}: calls {name}() of {where[name]}, which is not below it")
            elif libc is not None and name not in libc and not name.startswith(HELPERS):
                bad.append(f"{path}: uses {name}, neither of the stack nor plain memory and text (ask the platform)")
    if not needs:
        bad.append(f"{build}: no objects of the stack found")
    tree.finish(bad, "breaches of the law of calls")


if __name__ == "__main__":
    if sys.argv[1] == "includes":
        includes()
    else:
        calls(sys.argv[2])
