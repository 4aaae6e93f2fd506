# SPDX-License-Identifier: BSD-2-Clause
"""server ADDRESS PORT FILE CERT | client ADDRESS PORT FILE: a file over TLS."""
import socket
import ssl
import sys

role, addr, port, path = sys.argv[1:5]
if role == "server":
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(sys.argv[5], sys.argv[5] + ".key")
    lst = socket.create_server((addr, int(port)))
    while True:
        raw, _ = lst.accept()
        with ctx.wrap_socket(raw, server_side=True) as s, open(path, "rb") as f:
            s.sendall(f.read())
            s.unwrap()
else:
    ctx = ssl.create_default_context()
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    with socket.create_connection((addr, int(port)), timeout=20) as raw, ctx.wrap_socket(raw) as s:
        got = b"".join(iter(lambda: s.recv(65536), b""))
    with open(path, "wb") as f:
        f.write(got)
