#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Manual pages in scdoc's form from the lists in src/base: drop-reasons, stages."""
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

DROPS = """weir-drop-reasons(7)

# NAME

weir-drop-reasons - why a packet died

# DESCRIPTION

Every packet that weir drops is dropped with one of the reasons below. It is in
the packet's record in a trace file, in the tree that *weir trace* prints, and
counted in the view *drops* of *weir_view*(3). A packet that ends its way as it
should (delivered, sent, acknowledged) is not dropped and has no reason.

The names are those of Linux's drop reasons where Linux has them.

# REASONS
"""

STAGES = """weir-stages(7)

# NAME

weir-stages - the places where a trace sees a packet

# DESCRIPTION

A stage is a place on a packet's way, named after the kernel's function. A trace
file has a record each time a packet passes one; *weir trace* prints them in
order, and the view *stages* of *weir_view*(3) counts them.
"""

TAIL = """
# SEE ALSO

*weir*(1), *weir-trace*(1), *weir*(7)
"""


def entries(path, word, fields):
    with open(os.path.join(TOP, path)) as f:
        text = f.read()
    pattern = word + r"\((\w+)" + r',\s*"((?:[^"\\]|\\.)*)"' * (fields - 1) + r"\)"
    return re.findall(pattern, text), text


def escaped(text):
    return re.sub(r"([\\_*`<>#\[\]])", r"\\\1", text)


def drop_reasons():
    found, _ = entries("src/base/drop_reason.def", "DROP_REASON", 2)
    print(DROPS)
    for name, what in found:
        print(f"*{escaped(name)}*\n\t{escaped(what)}\n")
    print(TAIL)


def stages():
    _, text = entries("src/base/stage.def", "STAGE", 3)
    print(STAGES)
    for line in text.split("\n"):
        part = re.match(r"/\* ([a-z ]+) \*/$", line)
        entry = re.match(r'STAGE\((\w+), "(\w+)", "(.*)"\)', line)
        if part:
            print(f"\n# {part.group(1).upper()}\n")
        elif entry:
            name, floor, what = (escaped(x) for x in entry.groups())
            print(f"*{name}* ({floor})\n\t{what}\n")
    print(TAIL)


if __name__ == "__main__":
    {"drop-reasons": drop_reasons, "stages": stages}[sys.argv[1]]()
