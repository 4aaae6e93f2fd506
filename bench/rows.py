# SPDX-License-Identifier: BSD-2-Clause
"""bench/rows.py: what is measured. A row is a line of the table.

Each row is measured on weir and on what it is compared with (`peer`), in turn.
`bar` is the ratio that weir is to reach; rows with one are what `make
bench-quick` runs, too.
"""
import dataclasses
import re
import subprocess
from collections.abc import Callable

from programs import nginx, redis
from sites import Failed, program


@dataclasses.dataclass
class Row:
    name: str
    what: str
    unit: str
    scale: float                    # from units a second to `unit`
    measure: Callable               # (site, seconds) -> {rate, cpu_s, [units, p50_us ...]}
    condition: dict = dataclasses.field(default_factory=dict)
    site: str = "weir"
    peer: str = "kernel"
    bar: float | None = None
    p50_us: float | None = None     # at most, on weir
    quick: bool = False             # in the quick run even without a bar


TWO, ONE = (0, 1), (0, 0)


def net(mode, cores=TWO, **options):
    def measure(site, seconds):
        r = site.netbench_pair(mode, options, seconds, cores)
        r["units"] = r["rate"] * seconds
        return r
    return measure


def bulk(name, what, cond=None, **kw):
    options = {k: kw.pop(k) for k in ("conns", "size") if k in kw}
    return Row(name, f"bulk, {what}", "Gb/s", 8e-9, net("bulk", **options), cond or {}, **kw)


def rr(name, what, cores=TWO, **kw):
    options = {k: kw.pop(k) for k in ("conns", "wait") if k in kw}
    return Row(name, f"64 B request/response, {what}", "k/s", 1e-3,
               net("rr", cores, **options), **kw)


def rate(name, what, measure, **kw):
    return Row(name, what, "k/s", 1e-3, measure, **kw)


def tap(to_kernel):
    return lambda site, seconds: site.bulk(to_kernel, seconds)


def own(cmd):
    """A program that prints a rate and needs no site: {site: its words}."""
    def measure(site, seconds):
        words = cmd[site.name] + [str(seconds)] + cmd.get(site.name + "+", [])
        p = subprocess.run([program(words[0])] + words[1:], capture_output=True, text=True,
                           timeout=seconds + 30)
        if p.returncode or not re.fullmatch(r"[\d.]+\n", p.stdout):
            raise Failed((p.stderr.strip().splitlines() or [f"{words[0]}: {p.returncode}"])[-1])
        return {"rate": float(p.stdout), "cpu_s": seconds, "units": float(p.stdout) * seconds}
    return measure


PLAIN = {"offload": False}
JUMBO = {"mtu": 9000}
# The NIC makes and checks the checksums, as lwIP does.
SUMMED = ["wire:inproc,offload=off"]

ROWS = [
    bulk("bulk", "1 stream", bar=3),
    bulk("bulk-plain", "1 stream, offloads off", PLAIN, bar=3),
    bulk("bulk-jumbo", "1 stream, MTU 9,000", JUMBO),
    bulk("bulk-jumbo-plain", "1 stream, MTU 9,000, offloads off", dict(JUMBO, **PLAIN)),
    bulk("bulk8", "8 streams", conns=8),
    bulk("bulk8-plain", "8 streams, offloads off", PLAIN, conns=8),
    *(bulk(f"bulk-{n}", f"1 stream, writes of {w}", size=n)
      for n, w in ((64, "64 B"), (1024, "1 KiB"), (16384, "16 KiB"), (1 << 20, "1 MiB"))),
    bulk("bulk-lib", "1 stream, by the library", site="library"),

    bulk("bulk8-jumbo", "8 streams, MTU 9,000", JUMBO, conns=8),
    bulk("bulk-64-plain", "1 stream, writes of 64 B, offloads off", PLAIN, size=64),

    rr("rr", "blocking, 2 cores", bar=4),
    rr("rr-1core", "blocking, both on 1 core", ONE, bar=1.5),
    rr("rr-spin", "spinning", wait="spin", bar=4, p50_us=2.0),
    rr("rr-spin-lib", "spinning, by the library", wait="spin", site="library"),
    rr("rr-lib", "blocking, by the library", site="library"),
    rr("rr100", "100 connections, epoll", conns=100, bar=6),
    rr("rr1000", "1,000 connections, epoll", conns=1000, bar=6),
    rr("rr10000", "10,000 connections, epoll", conns=10000),
    rr("rr100-spin", "100 connections, epoll, spinning", conns=100, wait="spin"),
    rr("rr100-1core", "100 connections, epoll, 1 core", ONE, conns=100),
    rr("rr1000-1core", "1,000 connections, epoll, 1 core", ONE, conns=1000),
    rr("rr100-lib", "100 connections, epoll, by the library", conns=100, site="library"),

    rate("crr", "connect + request + close, one by one", net("crr")),
    rate("crr100", "connect + request + close, 100 in flight", net("crr", conns=100), bar=6),

    rate("udp", "UDP 64 B one by one", net("udp"), bar=6),
    rate("udp-gso", "UDP 64 B, sends of 64 (UDP_SEGMENT)", net("udp", gso=64), bar=3),
    rate("udp-gso-gro", "UDP 64 B, sends of 64, received together (UDP_GRO)",
         net("udp", gso=64, gro=1)),

    rate("redis", "redis GET, 50 clients", redis(1), bar=2),
    rate("redis16", "redis GET, 50 clients, -P 16", redis(16), bar=1.5),
    rate("nginx", "nginx + wrk, 1 KiB, keep-alive", nginx("1k", 1024, False), bar=2),
    rate("nginx-close", "nginx + wrk, 1 KiB, a connection each", nginx("1k", 1024, True)),
    rate("nginx-100k", "nginx + wrk, 100 KiB, keep-alive", nginx("100k", 102400, False)),

    rate("nginx-100k-close", "nginx + wrk, 100 KiB, a connection each",
         nginx("100k", 102400, True)),

    Row("tap-to-kernel", "TAP, bulk to the kernel, against a frame mover", "Gb/s", 8e-9,
        tap(True), site="tap", peer="tapmove", bar=0.9),
    Row("tap-from-kernel", "TAP, bulk from the kernel, against a frame mover", "Gb/s", 8e-9,
        tap(False), site="tap", peer="tapmove", bar=0.9),

    Row("lwip-bulk", "in process, summed: bulk, against lwIP", "Gb/s", 8e-9,
        own({"weir": ["inproc", "bulk"], "weir+": SUMMED, "lwip": ["lwip", "bulk"]}),
        peer="lwip", bar=4),
    Row("lwip-rr", "in process, summed: 64 B round trip, against lwIP", "k/s", 1e-3,
        own({"weir": ["inproc", "rr"], "weir+": SUMMED, "lwip": ["lwip", "rr"]}),
        peer="lwip", bar=0.5),

    bulk("trace-bulk", "trace on against off", site="traced", peer="weir", bar=0.7),
    rr("trace-rr", "blocking, trace on against off", site="traced", peer="weir", bar=0.7),
    rr("trace-rr100", "100 connections, trace on against off", conns=100, site="traced",
       peer="weir", bar=0.7),
]
