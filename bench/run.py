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
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from rows import ROWS                                                       # noqa: E402
from sites import (BUILD, Failed, Kernel, Library, Process, Site, Tap, TapMove, Traced,  # noqa: E402
                   Weir, program)

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS, ROUNDS_NO_BAR = 5, 3
# A quick run repeats a row as often as its share of the time allows.
QUICK = {"seconds": 0.4, "budget": 75, "own": 12, "patience": 8, "idle": "100000"}
WHOLE = {"seconds": 1.0, "budget": 870, "own": 120, "patience": 30, "idle": None}


class Lwip(Site):
    name = "lwip"


def build():
    """Folder and the options that matter, as meson knows them."""
    name = os.path.basename(BUILD)
    try:
        with open(os.path.join(BUILD, "meson-info", "intro-buildoptions.json"),
                  encoding="utf-8") as f:
            o = {x["name"]: x["value"] for x in json.load(f)}
        return f"{name} (-O{o['optimization']}{', LTO' if o['b_lto'] else ''})"
    except (OSError, ValueError, KeyError):
        return name


def machine():
    cpu = "?"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        m = re.search(r"^model name\s*: (.*)$", f.read(), re.M)
        cpu = m.group(1) if m else cpu
    return {"cpu": cpu, "cpus": os.cpu_count(), "kernel": platform.release(),
            "load": round(os.getloadavg()[0], 2), "build": build()}


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

    def done(self):
        """Rounds that both sides, or the only one there is, have."""
        return min((len(v) for v in self.got.values() if v), default=0)

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
                "failed": self.failed, "rounds": self.done()}


def line(result):
    row = result.row
    if result.failed:
        return f"{row.name:17} {row.what:60} failed: {result.failed}"

    def side(s):
        v, cpu = result.median(s), result.cpu_us(s)
        if v is None:
            return f"{'-':>10} {'':8}"
        scale = 1e3 if row.unit == "Gb/s" else 1    # CPU per KB of bulk
        return f"{v * row.scale:10.2f} {cpu * scale:8.3f}"
    ratio, ratios = result.ratio(), result.ratios()
    text = f"{row.name:17} {row.what:60} {side(row.site)} {side(row.peer)} {row.unit:5}"
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


HEAD = (f"{'row':17} {'work':60} {'weir':>10} {'CPU us':>8} {'peer':>10} {'CPU us':>8} {'unit':5}"
        f" {'ratio':>6} {'spread':13} {'bar':>4}")


def measure_row(row, sites, seconds, rounds, share):
    """In turn on both sides, as often as `rounds` and the share of the time allow, at
    least once. share: seconds."""
    result = Result(row)
    begin = time.monotonic()
    try:
        for i in range(rounds):
            before = time.monotonic()
            sides = [row.site, row.peer] if i % 2 == 0 else [row.peer, row.site]
            for s in sides:
                if s not in sites:
                    continue
                sites[s].condition(**row.condition)
                result.got[s].append(row.measure(sites[s], seconds))
            now = time.monotonic()
            if now - begin + (now - before) > share:
                break
    except (Failed, subprocess.TimeoutExpired, ValueError, KeyError, OSError) as e:
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


class Alone:
    """A figure with a limit instead of a peer."""

    def __init__(self, name, what, unit, limit):
        self.name, self.what, self.unit, self.limit = name, what, unit, limit
        self.value = self.failed = None
        self.text = ""

    def run(self, cmd, seconds, good=(0, 3)):
        """What it printed; None with `failed` set."""
        try:
            p = subprocess.run(cmd, capture_output=True, text=True, timeout=seconds,
                               env=dict(os.environ, BUILD=BUILD))
        except (OSError, subprocess.TimeoutExpired) as e:
            self.failed = str(e)
            return None
        self.text = p.stdout
        if p.returncode not in good:
            said = p.stderr.strip().splitlines() or [f"exit code {p.returncode}"]
            self.failed = said[-1]
            return None
        return p

    def verdict(self):
        if self.failed or self.value is None:
            return ""
        return "met" if self.value <= self.limit else "missed"

    def line(self):
        head = f"{self.name:17} {self.what:60}"
        if self.failed:
            return f"{head} failed: {self.failed}"
        value = "" if self.value is None else f"{self.value:10.0f} "
        return f"{head} {value}{self.unit}, at most {self.limit:g}: {self.verdict()}"

    def dict(self):
        return {"what": self.what, "unit": self.unit, "value": self.value, "limit": self.limit,
                "verdict": self.verdict(), "failed": self.failed, "text": self.text}


def idle_row(plan):
    row = Alone("idle", "memory of an idle connection, one end", "bytes", 2048)
    cmd = [program("idle_conns")] + ([plan["idle"]] if plan["idle"] else [])
    p = row.run(cmd, plan["own"])
    if p:
        m = re.search(r"^memory.*?: (\d+) bytes in use, (\d+) resident", p.stdout, re.M)
        lost = re.search(r"^bytes lost (\d+)", p.stdout, re.M)
        row.value = max(map(float, m.groups())) if m else None
        if not m or not lost:
            row.failed = "idle_conns does not say what was expected"
        elif lost.group(1) != "0":
            row.failed = f"{lost.group(1)} bytes were lost"
    return row


def instr_row(plan, quick):
    row = Alone("instr", "64 B request/response, one stack", "instructions", 3500)
    with tempfile.NamedTemporaryFile("r", suffix=".json") as f:
        cmd = [os.path.join(HERE, "instr.py"), "-n", "0", "-j", f.name]
        if row.run(cmd + (["-r", "100", "tcp-rr"] if quick else []), plan["own"] * 3):
            row.value = json.load(f)["rows"]["tcp-rr"]["total"]
    if row.value == 0:
        row.failed = "callgrind saw nothing of the stack"
    return row


def measure_alone(plan, quick, out):
    """Rows that no site is needed for, with what they print."""
    makers = [lambda: instr_row(plan, quick)]
    if os.path.exists(program("idle_conns")):
        makers.insert(0, lambda: idle_row(plan))
    found = []
    for make in makers:
        row = make()
        found.append(row)
        out.say(row.line())
    for row in found:
        if row.text:
            out.say(f"\n# {row.name}\n{row.text.rstrip()}")
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
    args.plan = QUICK if args.quick else WHOLE
    # Who says how much gets it, however long it takes.
    args.budget = None if args.rows or args.rounds or args.seconds else args.plan["budget"]
    args.seconds = args.seconds or args.plan["seconds"]
    return args


def show_rows(rows):
    for r in rows:
        bar = f"bar {r.bar:g}" if r.bar is not None else ""
        print(f"{r.name:17} {r.what:60} {r.site} : {r.peer}  {bar}".rstrip())


def open_sites(sites, out):
    """Those that there are rights for; rows of the others are left out."""
    for c in (Weir, Library, Traced, Lwip, Kernel, Tap, TapMove):
        if c in (Kernel, Tap, TapMove) and os.geteuid() != 0:
            continue
        site = c()
        try:
            site.__enter__()
            sites[c.name] = site
        except (Failed, OSError) as e:
            site.__exit__()
            out.say(f"# {c.name}: {e}")
    if "kernel" not in sites:
        out.say("# no right to make network namespaces (root has it): the kernel is not measured")


def measure_all(rows, args, out, begin):
    results, sites = [], {}
    try:
        open_sites(sites, out)
        rows = [r for r in rows if r.site in sites]
        rounds = [args.rounds or (ROUNDS if r.bar is not None else ROUNDS_NO_BAR) for r in rows]
        for i, row in enumerate(rows):
            share = float("inf")
            if args.budget:
                left = args.budget - args.plan["own"] - (time.monotonic() - begin)
                share = left * rounds[i] / sum(rounds[i:])
            results.append(measure_row(row, sites, args.seconds, rounds[i], share))
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
    Process.patience = args.plan["patience"]
    begin = time.monotonic()
    host = machine()
    host["limits"] = limits()
    out.say(f"# {host['cpu']}, {host['cpus']} CPUs, Linux {host['kernel']}, load {host['load']}")
    out.say(f"# {host['build']}, {args.rounds or ROUNDS} x {args.seconds:g} s, medians")
    if host["load"] > 1:
        out.say("# other work runs on this machine: figures and ratios are doubtful")
    out.say("# " + ", ".join(f"{k} {v:g}" for k, v in host["limits"].items()))
    out.say("# CPU: microseconds that both ends used, per unit of work; for bulk per kilobyte")
    out.say(HEAD)
    results = measure_all(rows, args, out, begin)
    alone = [] if args.rows else measure_alone(args.plan, args.quick, out)
    report = {"schema": "weir.bench/2", "machine": host, "seconds": args.seconds,
              "rows": {r.row.name: r.dict() for r in results},
              "alone": {r.name: r.dict() for r in alone}}
    verdicts = [r.verdict() for r in results + alone]
    failed = sum(1 for r in results + alone if r.failed)
    out.say(f"\n{verdicts.count('met')} bars met, {verdicts.count('missed')} missed, "
            f"{failed} rows failed, {time.monotonic() - begin:.0f} s")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(report, f, indent=1)
    return 2 if failed else 3 if args.check and "missed" in verdicts else 0


def interrupted(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
