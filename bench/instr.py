#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench/instr.py: how many instructions the stack takes for what, and where.

Runs bench-instr under callgrind, which counts instructions. In virtual time two
runs do the same, so the figures repeat exactly and other load does not matter;
they differ between compilers and processors (libc picks its memcpy by these).

By floor, and by stage: what a function that is no stage takes goes to the
stages that call it, directly or through others, by what they spend in it. What
runs before the first stage (entering the stack, interrupts, softirqs, the end of
a system call) is shown under its floor.

Of the functions, those of src/ and drivers/ are the stack. hw/ (the model of
the hardware), platform/ (the simulator) and the program itself are not, and are
left out, with what they call of base/ (the hardware sums its frames with the stack's
csum_partial). A function of libc counts for whoever calls it: memcpy in
tcp_sendmsg is TCP's.

usage: bench/instr.py [-j FILE] [-n FUNCTIONS] [-r ROUNDS] [--all] [ROW...]
"""
import argparse
import collections
import glob
import json
import os
import platform
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
PROGRAM = os.path.join(BUILD, "bench", "bench-instr")
LIMITS = {"tcp-rr": 3500}   # per unit
WHAT = {
    "tcp-rr": "64 B TCP request/response, one stack (a send and a receive)",
    "udp-rr": "64 B UDP request/response, one stack (a send and a receive)",
    "tcp-mss": "TCP transfer, both stacks, per MSS segment",
    "tcp-gso": "TCP transfer, both stacks, per large packet",
    "tcp-borrow": "as tcp-gso, received by reference",
    "tcp-crr": "connect + request/response + close, both stacks",
    "tcp-epoll": "as tcp-rr, on 100 connections at once by epoll",
}
FLOORS = ["user", "tcp", "udp", "sock", "inet", "filter", "ether", "dev",
          "drivers", "cpu", "clock", "buf", "base"]
# The simulator has allocations counted and CPU time measured; in real time
# nobody does.
ONLY_HERE = [("base", "injected_failure"), ("cpu", "account_charge")]
# callgrind takes each byte of a rep movsb for an instruction: copy by loops.
PLAIN_COPIES = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff:"
                                  "glibc.cpu.x86_rep_stosb_threshold=0x7fffffff"}
STAGES = set(re.findall(r"^STAGE\((\w+)", open(os.path.join(TOP, "src/base/stage.def"),
                                               encoding="utf-8").read(), re.M))
PLACE = re.compile(r"(?:^|/)(src|drivers|hw|platform|bench|include)/([\w.-]+)")


class Dump:
    """What one callgrind dump says, by function. A function is (file, name), the
    file being where its first instruction comes from, often an inlined header;
    `lines` tells which .c file it is in. Costs of libc are under its caller's
    file and "memcpy < caller".
    """

    def __init__(self, path):
        self.names = {"file": {}, "fn": {}}
        self.cost = collections.Counter()
        self.calls = collections.Counter()
        self.callers = collections.defaultdict(collections.Counter)
        self.asked = collections.Counter()  # the platform, by the stack
        self.lines = collections.defaultdict(collections.Counter)
        self.edges = []                     # (caller, callee, calls, cost below it)
        with open(path, encoding="utf-8", errors="replace") as f:
            self.parse(f)
        self.end()

    def name(self, kind, text):
        m = re.match(r"\((\d+)\)(?: (.*))?", text)
        if m.group(2) is not None:
            self.names[kind][m.group(1)] = m.group(2)
        return self.names[kind][m.group(1)].split("'")[0]   # 'N: its N-th recursion

    def parse(self, lines):
        here = callee = callee_file = file = None
        calls = None                        # 0: a call from before the beginning
        for line in lines:
            key, _, value = line.rstrip("\n").partition("=")
            if key in ("fl", "fi", "fe"):
                file = self.name("file", value)
            elif key in ("cfi", "cfl"):
                callee_file = self.name("file", value)
            elif key == "fn":
                here = (file, self.name("fn", value))
            elif key == "cfn":
                callee = (callee_file or file, self.name("fn", value))
                callee_file = None
            elif key == "calls":
                calls = int(value.split()[0])
            elif here and re.match(r"[\d+*-]", line):
                cost = int((line.split() + ["0"])[1])
                if calls is not None:
                    self.edges.append((here, callee, calls, cost))
                else:
                    self.cost[here] += cost
                    self.lines[here][file] += cost
                calls = None

    def floor(self, fn):
        """Folder of src/, "drivers", a place outside of the stack, or None: not ours."""
        path = max(self.lines[fn].items() or [(fn[0], 0)],
                   key=lambda i: (i[0].endswith(".c"), i[1]))[0]
        if path.startswith(TOP + os.sep):
            path = path[len(TOP) + 1:]      # TOP itself may lie below a src/
        m = PLACE.search(path)
        if not m or path.startswith("/usr/"):
            return None
        return m.group(2) if m.group(1) == "src" else m.group(1)

    def end(self):
        """Keys become (floor, name); libc's functions their callers'."""
        cost, self.cost = self.cost, collections.Counter()
        floors = {fn: self.floor(fn) for edge in self.edges for fn in edge[:2]}
        floors.update((fn, self.floor(fn)) for fn in cost)
        for fn, n in cost.items():
            if floors[fn]:
                self.cost[floors[fn], fn[1]] += n
        for caller, callee, calls, below in self.edges:
            key = (floors[callee], callee[1])
            if not key[0] and floors[caller] in FLOORS:
                key = (floors[caller], f"{callee[1]} < {caller[1]}")
                self.cost[key] += below
            elif key[0] == "base" and floors[caller] not in FLOORS:
                self.cost[key] -= below     # a leaf's cost is all its own
                key = (floors[caller] or "libc", callee[1])
                self.cost[key] += below
            self.calls[key] += calls
            self.callers[key][floors[caller], caller[1]] += below
            if (floors[callee] == "platform" and floors[caller] in FLOORS and
                    (floors[caller], caller[1]) not in ONLY_HERE):
                self.asked[callee[1]] += calls
        for key in ONLY_HERE:
            self.cost["platform", key[1]] = self.cost.pop(key, 0)


    def stages(self):
        """Cost by stage, stages being functions of these names, and by floor
        where there is none above."""
        def stage(key):
            name = key[1].split(".")[0]
            return name if key[0] in FLOORS and name in STAGES else None
        left = {k: v for k, v in self.cost.items() if k[0] in FLOORS}
        result = collections.Counter()
        for _ in range(100):                # deeper than any chain of calls
            below, left = left, collections.Counter()
            for key, v in below.items():
                above = {c: n for c, n in self.callers[key].items()
                         if c[0] in FLOORS and c != key}
                if stage(key) or not above or not sum(above.values()):
                    result[stage(key) or f"({key[0]})"] += v
                else:
                    for caller, n in above.items():
                        left[caller] += v * n / sum(above.values())
        return result


def run(rows, rounds):
    """{row: (units, stacks, Dump)} of one run."""
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "callgrind")
        cmd = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
               "--zero-before=measure_begin", "--dump-before=measure_end",
               PROGRAM, "--rounds", str(rounds)] + rows
        p = subprocess.run(cmd, capture_output=True, text=True, env=dict(os.environ, **PLAIN_COPIES))
        if p.returncode:
            sys.exit(f"instr: {' '.join(cmd)} ended with {p.returncode}:\n{p.stderr}")
        lines = [l.split() for l in p.stdout.splitlines()]
        dumps = sorted(glob.glob(out + ".*"), key=lambda f: int(f.rsplit(".", 1)[1]))
        if len(dumps) < len(lines):
            sys.exit(f"instr: {len(lines)} rows but {len(dumps)} dumps of callgrind:\n{p.stderr}")
        return {name: (int(units), int(stacks), Dump(path))
                for (name, units, stacks), path in zip(lines, dumps)}


def figures(units, dump):
    per = {k: v / units for k, v in dump.cost.items()}
    inside = {k: v for k, v in per.items() if k[0] in FLOORS}
    floors = collections.Counter()
    for (floor, _), v in per.items():
        floors[floor] += v
    return {
        "total": round(sum(inside.values()), 1),
        "floors": {f: round(floors[f], 1) for f in FLOORS if floors[f]},
        "stages": {n: round(v / units, 1) for n, v in dump.stages().most_common()},
        "outside": {f: round(v, 1) for f, v in floors.items() if f not in FLOORS},
        "platform_calls": {n: round(v / units, 2) for n, v in sorted(dump.asked.items())
                           if v >= units / 100},
        "functions": [{"floor": f, "name": n, "instructions": round(v, 1),
                       "calls": round(dump.calls[f, n] / units, 2)}
                      for (f, n), v in sorted(inside.items(), key=lambda i: (-i[1], i[0]))],
    }


def show(name, f, n):
    limit = LIMITS.get(name)
    print(f"{name}: {WHAT[name]}")
    print(f"  {f['total']:9.1f} instructions" + (f" (at most {limit})" if limit else ""))
    for floor, v in f["floors"].items():
        print(f"  {v:9.1f} {100 * v / f['total']:5.1f} %  {floor}")
    print("                    stage, with what it calls")
    for stage, v in f["stages"].items():
        if v >= 0.5:
            print(f"  {v:9.1f} {100 * v / f['total']:5.1f} %  {stage}")
    print("                         calls  function")
    for fn in f["functions"][:n]:
        print(f"  {fn['instructions']:9.1f} {100 * fn['instructions'] / f['total']:5.1f} %"
              f"  {fn['calls']:9.2f}  {fn['floor']:8} {fn['name']}")
    left = ", ".join(f"{k} {v:.0f}" for k, v in sorted(f["outside"].items()))
    print(f"  left out: {left}")
    asked = ", ".join(f"{k} {v:g}" for k, v in f["platform_calls"].items())
    print(f"  calls of the platform: {asked}\n")


def machine():
    v = subprocess.run(["cc", "--version"], capture_output=True, text=True).stdout
    cpu = "?"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    return {"cpu": cpu, "arch": platform.machine(), "compiler": v.split("\n", 1)[0]}


def main():
    p = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    p.add_argument("-j", "--json", metavar="FILE")
    p.add_argument("-n", "--functions", type=int, default=25)
    p.add_argument("-r", "--rounds", type=int, default=1000)
    p.add_argument("--all", action="store_true", help="all rows in full")
    p.add_argument("rows", nargs="*")
    args = p.parse_args()
    host = machine()
    print(f"# {host['cpu']}, {host['compiler']}")
    result = {name: dict(figures(units, dump), units=units, stacks=stacks)
              for name, (units, stacks, dump) in run(args.rows, args.rounds).items()}
    for i, (name, f) in enumerate(result.items()):
        show(name, f, args.functions if args.all or not i else 8)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"machine": host, "rows": result}, f, indent=1)
    late = [n for n, f in result.items() if f["total"] > LIMITS.get(n, f["total"])]
    for n in late:
        print(f"instr: {n} takes more than {LIMITS[n]} instructions", file=sys.stderr)
    return 3 if late else 0


if __name__ == "__main__":
    sys.exit(main())
