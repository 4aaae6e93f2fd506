#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each socket option: set with several values and lengths, then read with
several lengths. One line per question; see parity.py."""
import errno
import socket
import struct
import sys

KINDS = {
    "dgram": (socket.SOCK_DGRAM, 0),
    "stream": (socket.SOCK_STREAM, 0),
    "raw": (socket.SOCK_RAW, socket.IPPROTO_ICMP),
    "ping": (socket.SOCK_DGRAM, socket.IPPROTO_ICMP),
}
LEVELS = {
    "SOL_SOCKET": (1, range(1, 84)),
    "IPPROTO_IP": (0, range(1, 56)),
    "SOL_UDP": (17, (1, 100, 101, 102, 103, 104)),
}
# Values of this process or this run; and pointers, which a kernel can check
# and a library cannot (filters).
SKIP = {("SOL_SOCKET", n) for n in (17, 25, 26, 49, 51, 55, 56, 57, 59, 71, 77)}
VALUES = [b"\1\0\0\0", b"\0\0\0\0", b"\1", b"", b"\xff\xff\xff\xff",
          b"\5\0\0\0\0\0\0\0", struct.pack("ll", 1, 5),
          struct.pack("ll", 1, 1000000), struct.pack("i", 20000)]


def attempt(f, *args):
    try:
        r = f(*args)
        return r.hex() if isinstance(r, bytes) else r
    except OSError as e:
        return errno.errorcode.get(e.errno, e.errno)


def ask(kind, level_name, name):
    level = LEVELS[level_name][0]
    for value in VALUES:
        with socket.socket(socket.AF_INET, *KINDS[kind]) as s:
            put = attempt(s.setsockopt, level, name, value)
            got = [attempt(s.getsockopt, level, name, n) for n in (4, 1, 16, 3)]
            print(kind, level_name, name, value.hex(), put, got)


def main():
    for kind in sys.argv[1:]:
        for level_name, (_, names) in LEVELS.items():
            for name in names:
                if (level_name, name) not in SKIP:
                    ask(kind, level_name, name)


main()
