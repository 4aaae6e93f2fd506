#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench/run.py: weir over a wire against the host's kernel over veth, in one run.

Each row is measured in turn on both (A B A B ...); the figures are medians and
the ratio is weir's to the kernel's. Needs the right to make network namespaces
(root); without it only weir's own figures are shown.

usage: bench/run.py [--seconds S] [--rounds N] [--rows bulk,rr,...] [--json FILE]
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
WEIR = os.path.join(BUILD, "weir")
NETBENCH = os.path.join(BUILD, "bench", "netbench")
ROWS = {
    "bulk": ("bulk throughput, 1 stream", "bulk", [], 8e-9, "Gb/s"),
    "rr": ("64 B request/response, 1 connection", "rr", [], 1e-3, "k/s"),
    "rr100": ("64 B request/response, 100 connections", "rrn", ["100"], 1e-3, "k/s"),
    "crr": ("connect + request + close", "crr", [], 1e-3, "k/s"),
    "udp": ("UDP 64 B one way", "udp", [], 1e-3, "k/s"),
}


def run(args, **kw):
    return subprocess.run(args, check=True, capture_output=True, text=True, **kw)


class Kernel:
    """Two namespaces joined by veth."""

    def __init__(self):
        self.ns = [f"weirbench{os.getpid()}{x}" for x in "ab"]

    def __enter__(self):
        a, b = self.ns
        for n in self.ns:
            run(["ip", "netns", "add", n])
        run(["ip", "-n", a, "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", b])
        for n, addr in zip(self.ns, ("10.8.0.1/24", "10.8.0.2/24")):
            run(["ip", "-n", n, "addr", "add", addr, "dev", "v0"])
            run(["ip", "-n", n, "link", "set", "v0", "up"])
            run(["ip", "-n", n, "link", "set", "lo", "up"])
        return self

    def __exit__(self, *exc):
        for n in self.ns:
            subprocess.run(["ip", "netns", "del", n], capture_output=True)

    def server(self, cmd):
        return ["ip", "netns", "exec", self.ns[1]] + cmd

    def client(self, cmd):
        return ["ip", "netns", "exec", self.ns[0]] + cmd

    address = "10.8.0.2"


class Weir:
    """Two stacks on a wire."""

    def __init__(self):
        self.link = f"wire:bench{os.getpid()}"

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def server(self, cmd):
        return [WEIR, "run", "--link", self.link, "--addr", "10.8.0.2/24", "--"] + cmd

    def client(self, cmd):
        return [WEIR, "run", "--link", self.link, "--addr", "10.8.0.1/24", "--"] + cmd

    address = "10.8.0.2"


def measure(side, mode, extra, seconds, port):
    """One figure, or None with the reason on stderr."""
    server = subprocess.Popen(side.server([NETBENCH, "server", mode, str(port)]),
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        out = run(side.client([NETBENCH, "client", mode, side.address, str(port),
                               str(seconds)] + extra), timeout=seconds * 4 + 30)
        return float(out.stdout.split()[-1])
    except (subprocess.SubprocessError, ValueError, IndexError) as e:
        print(f"{mode}: {e}: {getattr(e, 'stderr', '') or ''}", file=sys.stderr)
        return None
    finally:
        try:
            server.wait(timeout=3)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def can_netns():
    return os.geteuid() == 0 and subprocess.run(["ip", "netns", "list"], capture_output=True).returncode == 0


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--rows", default=",".join(ROWS))
    p.add_argument("--json")
    p.add_argument("--expect", type=float, help="exit 3 if a ratio is below")
    o = p.parse_args()
    rows = o.rows.split(",")
    unknown = [r for r in rows if r not in ROWS]
    if unknown:
        p.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    sides = {"weir": Weir()}
    if can_netns():
        sides["kernel"] = Kernel()
    else:
        print("no right to make network namespaces: without the kernel's figures", file=sys.stderr)
    print(f"# {platform.platform()}, {os.cpu_count()} CPUs, {o.rounds} x {o.seconds:g} s, medians")
    print(f"{'work':42} {'weir':>10} {'kernel':>10} {'unit':5} {'ratio':>6}")
    results, low = [], False
    port = 5000
    for s in sides.values():
        s.__enter__()
    try:
        for row in rows:
            title, mode, extra, scale, unit = ROWS[row]
            got = {name: [] for name in sides}
            for _ in range(o.rounds):
                for name, side in sides.items():
                    port += 1
                    v = measure(side, mode, extra, o.seconds, port)
                    if v is not None:
                        got[name].append(v * scale)
            med = {n: statistics.median(v) if v else None for n, v in got.items()}
            w, k = med.get("weir"), med.get("kernel")
            ratio = w / k if w is not None and k else None
            low |= o.expect is not None and (ratio is None or ratio < o.expect)
            cell = lambda x: f"{x:10.2f}" if x is not None else f"{'-':>10}"
            print(f"{title:42} {cell(w)} {cell(k)} {unit:5} " + (f"{ratio:6.2f}" if ratio else f"{'-':>6}"), flush=True)
            results.append({"row": row, "unit": unit, "weir": got.get("weir"), "kernel": got.get("kernel"), "ratio": ratio})
    finally:
        for s in sides.values():
            s.__exit__()
    if o.json:
        with open(o.json, "w") as f:
            json.dump({"schema": "weir.bench/1", "machine": platform.platform(), "cpus": os.cpu_count(), "rows": results}, f, indent=1)
    return 3 if low else 0


if __name__ == "__main__":
    sys.exit(main())
