#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The lists against the code: drop reasons, stages and counters that are used.

A name that is in a list and nowhere in the code is a promise nobody keeps. It
is reported; only a name with two meanings is a failure. -v lists them all.
"""
import collections
import re
import sys

import tree

LISTS = [  # file, entry, how the code says it
    ("src/base/drop_reason.def", r"^DROP_REASON\((\w+)", "SKB_DROP_REASON_%s"),
    ("src/base/stage.def", r"^STAGE\((\w+)", "STAGE_%s"),
]


def main(verbose):
    code = {p: tree.strip(tree.read(p)) for p in tree.files(".c", ".h")
            if p.startswith(("src/", "drivers/", "hw/", "platform/"))}
    words = collections.Counter()
    tests = collections.Counter()
    for text in code.values():
        words.update(re.findall(r"\w+", text))
    for path in tree.files(".c"):
        if path.startswith("tests/"):
            tests.update(re.findall(r"\w+", tree.strip(tree.read(path))))
    bad = []
    for path, entry, form in LISTS:
        names = re.findall(entry, tree.read(path), re.M)
        bad += [f"{path}: {n} is there twice" for n, c in collections.Counter(names).items() if c > 1]
        used = [n for n in names if words[form % n]]
        tested = [n for n in names if tests[form % n]]
        print(f"note: {path}: {len(names)} names, {len(used)} used, {len(tested)} seen by a test")
        if verbose or len(used) != len(names):
            print("note: not used: " + " ".join(n for n in names if n not in used))
        known = {form % n for n in names}
        prefix = form % ""
        bad += [f"{w} is not in {path}" for w in words if w.startswith(prefix) and w not in known
                and w not in (prefix, prefix + "NONE", prefix + "MAX")]
    tree.finish(bad, "contradictions")


if __name__ == "__main__":
    main("-v" in sys.argv[1:])
