#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sizes: files, functions, nesting, lines, parameters.

Stops (fail): file 800 lines, function 100 lines, nesting 6. Aims (told with -v,
and as a count): file 400, function 30, nesting 4, line 100, parameters 6.
"""
import re
import sys

import tree

FILE_STOP, FUNC_STOP, NEST_STOP = 800, 100, 6
FILE_AIM, FUNC_AIM, NEST_AIM, LINE_AIM, PARAM_AIM = 400, 30, 4, 100, 6

SIGNATURE = re.compile(r"(\w+)\s*\(([^;{}]*)\)\s*$", re.S)


def functions(text):
    """(name, first line, lines, deepest nesting, parameters) of each function."""
    lines = text.split("\n")
    start = None
    for no, line in enumerate(lines, 1):
        if line.startswith("{") and start is None:
            start = no
        elif line.startswith("}") and start is not None:
            if not line.startswith("};"):
                head = "\n".join(lines[max(0, start - 8):start - 1])
                found = SIGNATURE.search(re.split(r"[;}]", head)[-1])
                if found:
                    yield (found.group(1), start, no - start + 1,
                           depth(lines[start - 1:no]), params(found.group(2)))
            start = None


def params(text):
    text = re.sub(r"\([^()]*\)", "", text)
    return 0 if text.strip() in ("", "void") else text.count(",") + 1


def depth(lines):
    """By indentation, as one reads it: the body itself is 0. Only lines that
    begin a statement with a keyword count: what is deeper is a continuation."""
    deepest = 0
    for line in lines:
        found = re.match(r"(\t+)(if|for|while|switch|do|return|goto|break|continue)\b", line)
        if found:
            deepest = max(deepest, len(found.group(1)) - 1)
    return deepest


def main(verbose):
    bad, aims = [], []
    for path in tree.files(".c", ".h"):
        text = tree.strip(tree.read(path))
        lines = text.count("\n")
        test = path.startswith("tests/")
        if lines > FILE_STOP:
            bad.append(f"{path}: {lines} lines (stop: {FILE_STOP})")
        elif lines > FILE_AIM and not test:
            aims.append(f"{path}: {lines} lines (aim: {FILE_AIM})")
        for no, line in enumerate(text.split("\n"), 1):
            if len(line.expandtabs(8)) > LINE_AIM:
                aims.append(f"{path}:{no}: line over {LINE_AIM} columns")
        for name, no, count, deep, nparams in functions(text):
            at = f"{path}:{no}: {name}()"
            if count > FUNC_STOP:
                bad.append(f"{at}: {count} lines (stop: {FUNC_STOP})")
            elif count > FUNC_AIM and not test:
                aims.append(f"{at}: {count} lines (aim: {FUNC_AIM})")
            if deep > NEST_STOP:
                bad.append(f"{at}: nesting {deep} (stop: {NEST_STOP})")
            elif deep > NEST_AIM:
                aims.append(f"{at}: nesting {deep} (aim: {NEST_AIM})")
            if nparams > PARAM_AIM:
                aims.append(f"{at}: {nparams} parameters (aim: {PARAM_AIM})")
    if verbose:
        print("\n".join(aims))
    if aims:
        print(f"note: {len(aims)} beyond the aims; scripts/lint/sizes.py -v lists them")
    tree.finish(bad, "beyond the stops")


if __name__ == "__main__":
    main("-v" in sys.argv[1:])
