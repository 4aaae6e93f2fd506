#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts test cases in meson's testlog.json (one JSON object per line).

    count_tests.py NAME testlog.json

Prints a line for each case or program that failed, and last "P F S". The
programs speak TAP, one line per cmocka function; cmocka prints the lines of
failures on stderr. A program that ended badly counts as one failure more than
its lines say, unless they say why.
"""
import json
import re
import sys

LINE = re.compile(r"^(not )?ok\s+\d+\s*-?\s*([^#]*?)\s*(#\s*(skip|todo).*)?$", re.I)
REPORT = re.compile(r"(Thread|Address|Leak)Sanitizer|runtime error:")
PLAN = re.compile(r"^1\.\.(\d+)")


def cases(text):
    for line in text.splitlines():
        found = LINE.match(line.strip())
        if found:
            yield found.group(2), bool(found.group(1)), bool(found.group(3))


def excerpt(lines, room=25):
    """From a sanitizer's first word on and its summary; else the last lines."""
    for i, line in enumerate(lines):
        if REPORT.search(line):
            end = [l for l in lines[i + room:] if l.startswith("SUMMARY")][:1]
            return lines[i:i + room] + end
    return lines[-room:]


def main(name, path):
    passed = failed = skipped = 0
    try:
        runs = [json.loads(line) for line in open(path) if line.strip()]
    except OSError:
        runs = []
    if not runs:
        print(f"FAIL {name}: no test ran")
        failed = 1
    for run in runs:
        out = (run.get("stdout") or "") + "\n" + (run.get("stderr") or "")
        bad = seen = 0
        for case, is_bad, is_skip in cases(out):
            seen += 1
            if is_skip:
                skipped += 1
            elif is_bad:
                bad += 1
                print(f"FAIL {name}: {run['name']}: {case}")
            else:
                passed += 1
        plan = PLAN.search(out.strip()) or PLAN.search(run.get("stdout") or "")
        short = plan and seen < int(plan.group(1))
        if run["result"] == "SKIP":
            skipped += not seen
        elif not bad and (run["result"] != "OK" or not seen or short):
            bad = 1
            print(f"FAIL {name}: {run['name']}: {run['result']}, exit code "
                  f"{run.get('returncode')}, {seen} cases seen")
            for line in excerpt(out.strip().splitlines()):
                print("     " + line[:160])
        failed += bad
    print(passed, failed, skipped)


if __name__ == "__main__":
    main(*sys.argv[1:3])
