#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench/run.py: weir against the host's kernel and lwIP, in one run.

The rows (bench/rows.py) are measured in turn on both sides, A B A B ...; figures
are medians, the spread is the middle half of the ratios (all of them when there
are few), CPU is what both ends used per unit of work. See docs/bench.md.

usage: bench/run.py [--quick] [--seconds S] [--rounds N] [--rows NAME,...]
                    [--json FILE] [--text FILE] [--check] [--list]

Exit code: 0; 2 when a row failed; with --check 3 when a bar was missed.
"""
import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time

from rows import ROWS
from sites import BUILD, Failed, Kernel, Library, Site, Traced, Weir, program

QUICK_SECONDS, SECONDS, ROUNDS = 0.8, 1.0, 5


class Lwip(Site):
    name = "lwip"


def machine():
    cpu = "?"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        m = re.search(r"^model name\s*: (.*)$", f.read(), re.M)
        cpu = m.group(1) if m else cpu
    return {"cpu": cpu, "cpus": os.cpu_count(), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 2), "build": os.path.basename(BUILD)}


def limits():
    """What the machine itself can do."""
    p = subprocess.run([program("limits")], capture_output=True, text=True, timeout=60)
    return json.loads(p.stdout) if p.returncode == 0 else {}


def spread(values):
    if len(values) < 4:
        return min(values), max(values)
    q = statistics.quantiles(values, n=4)
    return q[0], q[2]


class Result:
    """The measurements of a row."""

    def __init__(self, row):
        self.row = row
        self.got = {row.site: [], row.peer: []}
        self.failed = None

    def median(self, side, key="rate"):
        v = [m[key] for m in self.got[side] if key in m]
        return statistics.median(v) if v else None

    def cpu_us(self, side):
        v = [m["cpu_s"] / m["units"] * 1e6 for m in self.got[side] if m.get("units")]
        return statistics.median(v) if v else None

    def ratios(self):
        return [a["rate"] / b["rate"] for a, b in
                zip(self.got[self.row.site], self.got[self.row.peer]) if b["rate"]]

    def ratio(self):
        a, b = self.median(self.row.site), self.median(self.row.peer)
        return a / b if a and b else None

    def verdict(self):
        """"met", "missed", or "" without a bar."""
        r, p50 = self.ratio(), self.median(self.row.site, "p50_us")
        if self.row.bar is None or r is None:
            return ""
        late = self.row.p50_us and p50 is not None and p50 > self.row.p50_us
        return "missed" if late or r < self.row.bar else "met"

    def dict(self):
        row = self.row
        sides = {}
        for side, ms in self.got.items():
            rate, cpu = self.median(side), self.cpu_us(side)
            sides[side] = {"rate": rate, "value": rate and rate * row.scale, "cpu_us": cpu,
                           "p50_us": self.median(side, "p50_us"),
                           "p99_us": self.median(side, "p99_us"),
                           "rates": [m["rate"] for m in ms]}
        return {"what": row.what, "unit": row.unit, "site": row.site, "peer": row.peer,
                "sides": sides, "ratio": self.ratio(), "ratios": self.ratios(),
                "bar": row.bar, "bar_p50_us": row.p50_us, "verdict": self.verdict(),
                "failed": self.failed}


def line(result):
    row = result.row
    if result.failed:
        return f"{row.name:17} {row.what:50} failed: {result.failed}"

    def side(s):
        v, cpu = result.median(s), result.cpu_us(s)
        if v is None:
            return f"{'-':>10} {'':8}"
        scale = 1e3 if row.unit == "Gb/s" else 1    # CPU per KB of bulk
        return f"{v * row.scale:10.2f} {cpu * scale:8.3f}"
    ratio, ratios = result.ratio(), result.ratios()
    text = f"{row.name:17} {row.what:50} {side(row.site)} {side(row.peer)} {row.unit:5}"
    if ratio:
        low, high = spread(ratios)
        text += f" {ratio:6.2f} {low:6.2f}-{high:<6.2f}"
    p50, p99 = result.median(row.site, "p50_us"), result.median(row.site, "p99_us")
    if row.bar is not None and ratio:
        text += f" {row.bar:4.1f} {result.verdict():6}"
    elif p50:
        text += " " * 12
    if p50:
        text += f"  p50 {p50:.1f} p99 {p99:.1f} us"
        k = result.median(row.peer, "p50_us")
        text += f" ({k:.1f})" if k else ""
    return text.rstrip()


HEAD = (f"{'row':17} {'work':50} {'weir':>10} {'CPU us':>8} {'peer':>10} {'CPU us':>8} {'unit':5}"
        f" {'ratio':>6} {'spread':13} {'bar':>4}")


def measure_row(row, sites, seconds, rounds):
    result = Result(row)
    try:
        for i in range(rounds):
            sides = [row.site, row.peer] if i % 2 == 0 else [row.peer, row.site]
            for s in sides:
                if s not in sites:
                    continue
                sites[s].condition(**row.condition)
                result.got[s].append(row.measure(sites[s], seconds))
    except (Failed, subprocess.TimeoutExpired, ValueError, OSError) as e:
        result.failed = str(e).splitlines()[0] if str(e) else type(e).__name__
    return result


class Out:
    """To the terminal and, when asked, a file."""

    def __init__(self, path):
        self.f = open(path, "w", encoding="utf-8") if path else None

    def say(self, text=""):
        print(text, flush=True)
        if self.f:
            self.f.write(text + "\n")


def pick(args):
    if args.rows:
        by_name = {r.name: r for r in ROWS}
        unknown = [n for n in args.rows.split(",") if n not in by_name]
        if unknown:
            sys.exit(f"bench: no row {unknown[0]}; --list shows them")
        return [by_name[n] for n in args.rows.split(",")]
    return [r for r in ROWS if not args.quick or r.bar is not None or r.quick]


def programs_of_their_own(out, quick):
    """Idle memory and instructions; they print and judge by themselves."""
    found = {}
    idle = program("idle_conns")
    if os.path.exists(idle):
        cmd = [idle] + (["100000"] if quick else [])
        out.say("\n# " + " ".join(["idle_conns"] + cmd[1:]))
        p = subprocess.run(cmd, capture_output=True, text=True)
        out.say((p.stdout + p.stderr).rstrip())
        found["idle"] = {"exit": p.returncode, "text": p.stdout}
    instr = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "instr.py"), "-n", "0"]
    out.say("\n# instructions (callgrind)")
    p = subprocess.run(instr + (["tcp-rr"] if quick else []), capture_output=True, text=True,
                       env=dict(os.environ, BUILD=BUILD))
    out.say((p.stdout + p.stderr).rstrip())
    found["instr"] = {"exit": p.returncode, "text": p.stdout}
    return found


def arguments():
    p = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\nExit")[0])
    p.add_argument("--quick", action="store_true")
    p.add_argument("--seconds", type=float)
    p.add_argument("--rounds", type=int)
    p.add_argument("--rows")
    p.add_argument("--json", metavar="FILE")
    p.add_argument("--text", metavar="FILE")
    p.add_argument("--check", action="store_true")
    p.add_argument("--list", action="store_true")
    args = p.parse_args()
    args.seconds = args.seconds or (QUICK_SECONDS if args.quick else SECONDS)
    args.rounds = args.rounds or (1 if args.quick else ROUNDS)
    return args


def show_rows(rows):
    for r in rows:
        bar = f"bar {r.bar:g}" if r.bar is not None else ""
        print(f"{r.name:17} {r.what:50} {r.site} : {r.peer}  {bar}".rstrip())


def measure_all(rows, args, out):
    results = []
    classes = [Weir, Library, Traced, Lwip]
    if os.geteuid() == 0:
        classes.append(Kernel)
    else:
        out.say("# not root: no network namespaces, so the kernel is not measured")
    sites = {}
    try:
        for c in classes:
            sites[c.name] = c()
            sites[c.name].__enter__()
        for row in rows:
            rounds = min(args.rounds, row.rounds or args.rounds)
            results.append(measure_row(row, sites, args.seconds, rounds))
            out.say(line(results[-1]))
    finally:
        for s in sites.values():
            s.__exit__()
    return results


def main():
    args = arguments()
    rows = pick(args)
    if args.list:
        show_rows(rows)
        return 0
    out = Out(args.text)
    begin = time.monotonic()
    host = machine()
    host["limits"] = limits()
    out.say(f"# {host['cpu']}, {host['cpus']} CPUs, Linux {host['kernel']}, load {host['load']}, "
            f"{host['build']}, {args.rounds} x {args.seconds:g} s, medians")
    out.say("# " + ", ".join(f"{k} {v:g}" for k, v in host["limits"].items()))
    out.say("# CPU: microseconds that both ends used, per unit of work; for bulk per kilobyte")
    out.say(HEAD)
    results = measure_all(rows, args, out)
    report = {"machine": host, "seconds": args.seconds, "rounds": args.rounds,
              "rows": {r.row.name: r.dict() for r in results}}
    if not args.rows:
        report.update(programs_of_their_own(out, args.quick))
    verdicts = [r.verdict() for r in results]
    failed = sum(1 for r in results if r.failed)
    out.say(f"\n{verdicts.count('met')} bars met, {verdicts.count('missed')} missed, "
            f"{failed} rows failed, {time.monotonic() - begin:.0f} s")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
    return 2 if failed else 3 if args.check and "missed" in verdicts else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
