#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The same program on the host's kernel and on weir: every line must be equal.

parity_options.py asks each socket option with each length and value;
parity_calls.py makes the calls of sockets and prints results and errors. Both
ends are on the loopback device. What is meant to differ is in KNOWN, with the
reason.

usage: tests/apps/parity.py [-v]        (BUILD=build)
"""
import os
import re
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SHIM = os.path.join(os.environ.get("BUILD", os.path.join(TOP, "build")),
                    "libweir-preload.so")
PY = sys.executable if os.path.dirname(sys.executable) == "/usr/bin" else "/usr/bin/python3"

# (script, line of the kernel's output, why)
KNOWN = [
    ("options", r" SOL_SOCKET (20|21|66|67) ", "the host rounds timeouts to its ticks"),
    ("options", r" SOL_SOCKET (50|52) ", "there are no eBPF programs to look for"),
    ("options", r" SOL_SOCKET 80 ", "no device memory"),
    ("options", r"stream SOL_SOCKET 18 ", "TCP caps it by its receive buffer"),
    ("options", r" IPPROTO_IP 5 ", "no router alert sockets"),
    ("options", r" IPPROTO_IP (16|17) ", "no IPsec policies"),
    ("options", r" IPPROTO_IP (41|48) ", "no whole source lists"),
    ("options", r" IPPROTO_IP 36 ", "depends on the host's default route"),
    ("calls", r"^sendto broadcast", "depends on the host's default route"),
]


def run(script, args, env=None):
    e = dict(os.environ, **(env or {}))
    p = subprocess.run([PY, os.path.join(HERE, script)] + args, env=e,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    return p.stdout.decode(errors="replace").splitlines()


def ping_allowed():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP).close()
        return True
    except OSError:
        return False


def compare(name, args, verbose):
    host = run(f"parity_{name}.py", args)
    env = {"LD_PRELOAD": SHIM, "WEIR_LINK": f"wire:parity-{os.getpid()}",
           "WEIR_ADDR": "10.77.0.1/24", "WEIR_QUIET": "1"}
    weir = run(f"parity_{name}.py", args, env)
    known = [re.compile(k[1]) for k in KNOWN if k[0] == name]
    bad = same = meant = 0
    for i in range(max(len(host), len(weir))):
        h = host[i] if i < len(host) else "(nothing)"
        w = weir[i] if i < len(weir) else "(nothing)"
        if h == w:
            same += 1
        elif any(k.search(h) for k in known):
            meant += 1
            if verbose:
                print(f"meant  host {h}\n       weir {w}")
        else:
            bad += 1
            if bad <= 20 or verbose:
                print(f"DIFFER host {h}\n       weir {w}")
    print(f"{'ok  ' if not bad else 'FAIL'} parity {name}: {same} lines equal, "
          f"{bad} differ, {meant} meant to")
    return bad


def main():
    if not os.path.exists(SHIM):
        print(f"parity: no {SHIM}; build first, or set BUILD", file=sys.stderr)
        return 4
    kinds = ["dgram", "stream"]
    kinds += ["raw"] if os.geteuid() == 0 else []
    kinds += ["ping"] if ping_allowed() else []
    verbose = "-v" in sys.argv[1:]
    bad = compare("options", kinds, verbose)
    bad += compare("calls", ["raw"] if os.geteuid() == 0 else [], verbose)
    return 3 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
