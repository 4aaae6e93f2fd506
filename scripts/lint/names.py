#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Words that say "unfinished", paths of one machine, licence lines, white space."""
import re

import tree

# Written so that this file does not find itself.
WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK",
                                      "not imple" + "mented", "st" + "ub"]) + r")\b")
PATHS = re.compile(r"(^|[\s\"'=(`])/(work|farm|root|home/\w+)/")
BINARY = (".png", ".wasm", ".pcap", ".pcapng", ".weirtrace", ".bin", ".gz", ".lock")
LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
CODE = (".c", ".h", ".def", ".py", ".sh", ".S")


def main():
    bad = []
    for path in tree.files():
        if path.endswith(BINARY) or path.startswith(("fuzz/corpus/", "third_party/", "tests/data/")):
            continue
        lines = tree.read(path).split("\n")
        if path.endswith(CODE) and not any(LICENCE in l for l in lines[:3]):
            bad.append(f"{path}: no licence line")
        for no, line in enumerate(lines, 1):
            if WORDS.search(line):
                bad.append(f"{path}:{no}: unfinished? {line.strip()[:80]}")
            if PATHS.search(line):
                bad.append(f"{path}:{no}: path of one machine: {line.strip()[:80]}")
            if path.endswith(CODE) and line != line.rstrip():
                bad.append(f"{path}:{no}: white space at the end")
    tree.finish(bad, "lines")


if __name__ == "__main__":
    main()
