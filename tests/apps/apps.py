#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Unmodified programs on weir, each transfer checked byte for byte.

Three ways for each program: `wire`, both ends on weir, joined by a
shared-memory segment; `client`, the client on weir and the server on the
host's kernel; `server`, the other way round. The last two meet over a TAP
device in a network namespace made for the run (root).

usage: tests/apps/apps.py [--only curl,nginx] [--way wire,client,server] [-v]
"""
import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
WEIR = os.path.join(os.environ.get("BUILD", os.path.join(TOP, "build")), "weir")
PY = sys.executable if os.path.dirname(sys.executable) == "/usr/bin" else "/usr/bin/python3"
SIZE = 8 << 20


class Ctx:
    """What a case knows: where the server is, and its folder."""

    def __init__(self, dir, addr, port):
        self.dir, self.addr, self.port = dir, addr, port
        self.data = os.path.join(dir, "data.bin")
        self.out = os.path.join(dir, "out.bin")

    @property
    def url(self):
        return f"http://{self.addr}:{self.port}/data.bin"

    def helper(self, name):
        return os.path.join(HERE, name)


def same_file(c, stdout):
    def digest(p):
        with open(p, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()
    return os.path.exists(c.out) and digest(c.out) == digest(c.data)


def always(c, stdout):
    return True


def http_server(c):
    return [PY, "-m", "http.server", str(c.port), "--bind", c.addr, "--directory", c.dir]


def nginx_conf(c):
    path = os.path.join(c.dir, "nginx.conf")
    with open(path, "w") as f:
        f.write(f"""daemon off; master_process off; pid {c.dir}/nginx.pid;
error_log {c.dir}/error.log; user root;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; client_body_temp_path {c.dir}/b; proxy_temp_path {c.dir}/p;
 fastcgi_temp_path {c.dir}/f; uwsgi_temp_path {c.dir}/u; scgi_temp_path {c.dir}/s;
 server {{ listen {c.addr}:{c.port}; root {c.dir}; }} }}
""")
    return ["nginx", "-c", path, "-p", c.dir]


def cert(c):
    path = os.path.join(c.dir, "cert.pem")
    if not os.path.exists(path):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path + ".key",
                        "-out", path, "-days", "2", "-subj", "/CN=weir"], check=True, capture_output=True)
    return path


def script(name, role, *more):
    return lambda c: [PY, c.helper(name), role, c.addr, str(c.port), c.data if role == "server" else c.out,
                      *[m(c) if callable(m) else m for m in more]]


def sh(text):
    return lambda c: ["sh", "-c", text.format(c=c)]


def iperf(*flags):
    return ("iperf3", lambda c: ["iperf3", "-s", "-1", "-B", c.addr, "-p", str(c.port)],
            lambda c: ["iperf3", "-c", c.addr, "-p", str(c.port), "-t", "1", *flags], always)


# name: (program that must be there, server, client, check)
CASES = {
    "curl": ("curl", http_server, lambda c: ["curl", "-sf", "-o", c.out, c.url], same_file),
    "wget": ("wget", http_server, lambda c: ["wget", "-q", "-t", "1", "-O", c.out, c.url], same_file),
    "urllib": (PY, http_server, script("py_urllib.py", "client"), same_file),
    "asyncio": (PY, script("py_asyncio.py", "server"), script("py_asyncio.py", "client"), same_file),
    "ssl": ("openssl", script("py_ssl.py", "server", cert), script("py_ssl.py", "client"), same_file),
    "nc": ("nc", sh("exec nc -N -l {c.addr} {c.port} < {c.data}"),
           sh("exec nc -d -w 20 {c.addr} {c.port} > {c.out}"), same_file),
    "redis": ("redis-server", lambda c: ["redis-server", "--port", str(c.port), "--bind", c.addr, "--save", "",
                                         "--appendonly", "no", "--protected-mode", "no", "--dir", c.dir],
              sh("redis-cli -h {c.addr} -p {c.port} -x set k < {c.data} | grep -q OK && "
                 "redis-cli -h {c.addr} -p {c.port} --no-raw ping && "
                 "redis-cli -h {c.addr} -p {c.port} get k | head -c 8388608 > {c.out}"), same_file),
    "redis-benchmark": ("redis-benchmark", lambda c: ["redis-server", "--port", str(c.port), "--bind", c.addr,
                                                      "--save", "", "--protected-mode", "no", "--dir", c.dir],
                        lambda c: ["redis-benchmark", "-h", c.addr, "-p", str(c.port), "-q", "-n", "20000",
                                   "-c", "20", "-t", "get,set"], lambda c, out: out.count("requests per second") >= 2),
    "memcached": ("memcached", lambda c: ["memcached", "-l", c.addr, "-p", str(c.port), "-U", "0", "-u", "root",
                                          "-m", "64", "-I", "16m"],
                  lambda c: [PY, c.helper("py_memcache.py"), c.addr, str(c.port), c.data, c.out], same_file),
    "iperf3": iperf(),
    "iperf3 -R": iperf("-R"),
    "iperf3 -P 4": iperf("-P", "4"),
    "iperf3 -u": iperf("-u", "-b", "50M"),
    "nginx": ("nginx", nginx_conf, lambda c: ["curl", "-sf", "-o", c.out, c.url], same_file),
    "socat": ("socat", lambda c: ["socat", "-u", f"FILE:{c.data}", f"TCP-LISTEN:{c.port},bind={c.addr},reuseaddr"],
              lambda c: ["socat", "-u", f"TCP:{c.addr}:{c.port}", f"CREATE:{c.out}"], same_file),
    "node": ("node", lambda c: ["node", c.helper("node_http.js"), "server", c.addr, str(c.port), c.data],
             lambda c: ["node", c.helper("node_http.js"), "client", c.addr, str(c.port), c.out], same_file),
    "dig": ("dig", lambda c: [PY, c.helper("dns_server.py"), c.addr, str(c.port)],
            lambda c: ["dig", "+short", "+tries=1", "+time=2", f"@{c.addr}", "-p", str(c.port), "www.weir.test"],
            lambda c, out: out.strip() == "192.0.2.80"),
}


class Wire:
    name = "wire"
    addr = "10.6.0.1"

    def __init__(self):
        self.link = f"wire:apps{os.getpid()}"

    def open(self):
        pass

    def close(self):
        pass

    def server(self, cmd):
        return [WEIR, "run", "--link", self.link, "--addr", "10.6.0.1/24", "--"] + cmd

    def client(self, cmd):
        return [WEIR, "run", "--link", self.link, "--addr", "10.6.0.2/24", "--"] + cmd


class Tap:
    """weir at 10.7.0.2, the host's kernel at 10.7.0.1."""

    def __init__(self, name):
        self.name = name
        self.addr = "10.7.0.1" if name == "client" else "10.7.0.2"
        self.ns = f"weirapps{os.getpid()}{name[0]}"

    def open(self):
        def ip(*a):
            subprocess.run(["ip", *a], check=True, capture_output=True)
        ip("netns", "add", self.ns)
        ip("-n", self.ns, "link", "set", "lo", "up")
        ip("-n", self.ns, "tuntap", "add", "dev", "t0", "mode", "tap")
        ip("-n", self.ns, "addr", "add", "10.7.0.1/24", "dev", "t0")
        ip("-n", self.ns, "link", "set", "t0", "up")

    def close(self):
        subprocess.run(["ip", "netns", "del", self.ns], capture_output=True)

    def on_weir(self, cmd):
        return ["ip", "netns", "exec", self.ns, WEIR, "run", "--link", "tap:t0", "--addr", "10.7.0.2/24",
                "--gw", "10.7.0.1", "--"] + cmd

    def on_host(self, cmd):
        return ["ip", "netns", "exec", self.ns] + cmd

    def server(self, cmd):
        return self.on_host(cmd) if self.name == "client" else self.on_weir(cmd)

    def client(self, cmd):
        return self.on_weir(cmd) if self.name == "client" else self.on_host(cmd)


def stop(p):
    """Ends the server and what it started: its own process group."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(p.pid, sig)
        except ProcessLookupError:
            break
        try:
            p.wait(timeout=5)
            break
        except subprocess.TimeoutExpired:
            continue
    p.wait()


def attempt(way, case, c, log):
    """Client runs until the server is up or time is over. (ok, what went wrong)"""
    _, server, client, check = case
    srv = subprocess.Popen(way.server(server(c)), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                           start_new_session=True)
    why = "no attempt"
    end = time.monotonic() + 20
    try:
        while time.monotonic() < end:
            if os.path.exists(c.out):
                os.unlink(c.out)
            try:
                r = subprocess.run(way.client(client(c)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   errors="replace", timeout=40, stdin=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                return False, "the client hangs"
            if r.returncode == 0 and check(c, r.stdout):
                return True, ""
            why = f"exit {r.returncode}: {(r.stderr or r.stdout).strip()[-200:]}"
            if srv.poll() is not None:
                return False, f"server ended with {srv.returncode}; client {why}"
            time.sleep(0.1)
        return False, why
    finally:
        stop(srv)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--only", help="names, with commas")
    p.add_argument("--way", default="wire,client,server")
    p.add_argument("-v", "--verbose", action="store_true", help="say why a case failed")
    o = p.parse_args()
    names = o.only.split(",") if o.only else list(CASES)
    for n in names:
        if n not in CASES:
            p.error(f"no case \"{n}\"; there are {', '.join(CASES)}")
    ways = [Wire() if w == "wire" else Tap(w) for w in o.way.split(",")]
    if os.geteuid() != 0:
        ways = [w for w in ways if w.name == "wire"]
        print("not root: only over the wire", file=sys.stderr)
    passed = failed = skipped = 0
    port = 20000
    print(f"{'program':18}" + "".join(f"{w.name:>16}" for w in ways))
    for name in names:
        case, row = CASES[name], f"{name:18}"
        for way in ways:
            if not shutil.which(case[0]):
                row += f"{'not installed':>16}"
                skipped += 1
                continue
            port += 1
            with tempfile.TemporaryDirectory(prefix="weir-apps-") as d:
                c = Ctx(d, way.addr, port)
                with open(c.data, "wb") as f:
                    f.write(os.urandom(SIZE))
                start = time.monotonic()
                way.open()
                try:
                    with open(os.path.join(d, "log"), "w+", errors="replace") as log:
                        ok, why = attempt(way, case, c, log)
                        if not ok:
                            log.seek(0)
                            why += " | server: " + log.read()[-300:].replace("\n", " ")
                finally:
                    way.close()
                took = time.monotonic() - start
            row += f"{'ok' if ok else 'FAILED':>9}{took:6.1f}s"
            passed, failed = passed + ok, failed + (not ok)
            if not ok and o.verbose:
                print(f"  {name} ({way.name}): {why}", file=sys.stderr)
        print(row, flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
