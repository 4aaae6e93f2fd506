# SPDX-License-Identifier: BSD-2-Clause
"""bench/programs.py: rows that are unmodified servers and their load generators."""
import os
import re
import tempfile
import time

from sites import SERVER, Failed

REDIS = ["redis-server", "--bind", SERVER, "--port", "6379", "--save", "", "--appendonly", "no",
         "--protected-mode", "no"]
NGINX = """daemon off; master_process off; pid {d}/pid; error_log {d}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; sendfile on;
  client_body_temp_path {d}/t; proxy_temp_path {d}/t; fastcgi_temp_path {d}/t;
  uwsgi_temp_path {d}/t; scgi_temp_path {d}/t;
  server {{ listen {a}:8080; root {d}; }}
}}
"""


def redis(pipeline):
    """GET by 50 clients, `pipeline` requests under way each."""
    def measure(site, seconds):
        n = int(seconds * (80000 if pipeline == 1 else 800000))
        load = ["redis-benchmark", "-h", SERVER, "-t", "get", "-c", "50", "-P", str(pipeline),
                "-n", str(n), "--csv"]
        wait = ["sh", "-c", "sleep 0.3; exec \"$@\"", "sh"]
        server, client = site.pair(REDIS, wait + load)
        with server, client:
            out = client.result(4 * seconds)
            server.stop()
        m = re.search(r'^"GET[^"]*","([\d.]+)"', out, re.M)
        if not m:
            raise Failed(f"redis-benchmark said: {out.strip()[-80:]}")
        return {"rate": float(m.group(1)), "cpu_s": server.cpu + client.cpu, "units": n}
    return measure


def nginx(name, size, close):
    """wrk, 50 connections, for a file of that size."""
    def measure(site, seconds):
        with tempfile.TemporaryDirectory(prefix="weirbench") as d:
            os.chmod(d, 0o755)
            with open(f"{d}/{name}", "wb") as f:
                f.write(b"x" * size)
            with open(f"{d}/conf", "w", encoding="utf-8") as f:
                f.write(NGINX.format(d=d, a=SERVER))
            load = ["wrk", "-t1", "-c50", f"-d{max(1, round(seconds))}",
                    f"http://{SERVER}:8080/{name}"]
            if close:
                load += ["-H", "Connection: close"]
            wait = ["sh", "-c", "sleep 0.3; exec \"$@\"", "sh"]
            server, client = site.pair(["nginx", "-c", f"{d}/conf"], wait + load)
            with server, client:
                out = client.result(seconds)
                server.stop()
                time.sleep(0)
        m = re.search(r"Requests/sec:\s+([\d.]+)", out)
        n = re.search(r"(\d+) requests in", out)
        if not m or not n:
            raise Failed(f"wrk said: {out.strip()[-80:]}")
        return {"rate": float(m.group(1)), "cpu_s": server.cpu + client.cpu,
                "units": int(n.group(1))}
    return measure
