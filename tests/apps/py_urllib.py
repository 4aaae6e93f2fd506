# SPDX-License-Identifier: BSD-2-Clause
"""client ADDRESS PORT OUT: urllib fetches data.bin."""
import sys
import urllib.request

_, addr, port, out = sys.argv[1:5]
with urllib.request.urlopen(f"http://{addr}:{port}/data.bin", timeout=20) as r, open(out, "wb") as f:
    f.write(r.read())
