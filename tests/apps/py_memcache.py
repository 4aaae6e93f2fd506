# SPDX-License-Identifier: BSD-2-Clause
"""ADDRESS PORT IN OUT: stores a file in memcached in pieces and gets it back."""
import socket
import sys

addr, port, src, dst = sys.argv[1:5]
PIECE = 500000
with socket.create_connection((addr, int(port)), timeout=20) as s, open(src, "rb") as f:
    data = f.read()
    r = s.makefile("rb")
    with open(dst, "wb") as out:
        for i in range(0, len(data), PIECE):
            v = data[i:i + PIECE]
            s.sendall(b"set k%d 0 0 %d\r\n" % (i, len(v)) + v + b"\r\n")
            assert r.readline() == b"STORED\r\n"
            s.sendall(b"get k%d\r\n" % i)
            assert r.readline().startswith(b"VALUE")
            out.write(r.read(len(v)))
            assert r.readline() == b"\r\n" and r.readline() == b"END\r\n"
