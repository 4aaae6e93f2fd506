#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the lint scripts share: the list of files, the floors, comment removal."""
import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLOORS = "base buf clock cpu dev ether filter inet sock tcp udp unix user".split()

# Neighbours in the alphabet that do not know each other.
APART = {("udp", "tcp"), ("unix", "tcp"), ("unix", "udp")}
DRIVER_FLOORS = set("base buf clock cpu dev".split())
# An interrupt line ends at a CPU; more of the stack hardware does not see.
HW_FLOORS = set("base buf clock cpu".split())


def files(*suffixes):
    """Files of the tree that git would keep, committed or not yet."""
    out = subprocess.run(
        ["git", "-C", TOP, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=True).stdout.decode()
    for path in sorted(set(out.split("\0"))):
        if path and (not suffixes or path.endswith(suffixes)) and \
           os.path.isfile(os.path.join(TOP, path)):
            yield path


def read(path):
    with open(os.path.join(TOP, path), errors="replace") as f:
        return f.read()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip(text):
    """Comments, strings and characters become spaces; lines stay."""
    return TOKENS.sub(blank, text)


def floor_of(path):
    """("src", floor), ("drivers", name), ("hw", ""), ("platform", name), ..."""
    part = path.split("/")
    if part[0] in ("src", "drivers", "platform") and len(part) > 2:
        return part[0], part[1]
    return part[0], ""


def may_use(user, used):
    """May code at `user` include or call what is at `used`? Both of floor_of."""
    if user == used:
        return True
    (kind, name), (to_kind, to_name) = user, used
    if kind == "src":
        return to_kind == "src" and to_name in FLOORS and \
            FLOORS.index(to_name) <= FLOORS.index(name) and \
            (name, to_name) not in APART
    if kind == "drivers":
        return to_kind == "hw" or (to_kind == "src" and to_name in DRIVER_FLOORS)
    if kind == "hw":
        return to_kind == "src" and to_name in HW_FLOORS
    if kind == "platform":  # real and virtual time do not know each other
        return to_kind in ("src", "drivers", "hw")
    return kind in ("tests", "bench", "fuzz")


def finish(bad, what):
    """Prints what is wrong, and leaves with 1 if anything is."""
    for line in bad:
        print(line)
    if bad:
        print(f"{len(bad)} {what}")
    sys.exit(1 if bad else 0)
