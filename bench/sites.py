# SPDX-License-Identifier: BSD-2-Clause
"""bench/sites.py: where a pair of programs runs, and running it.

A site starts a server and a client: on the host's kernel in two network
namespaces joined by veth, or on two weir stacks joined by a wire, under the shim
(Weir) or linked to the library (Library). A condition is a dict: mtu (1500),
offload (True). Programs get a core each, or share one.
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
WEIR = os.path.join(BUILD, "weir")
SERVER, CLIENT = "10.8.0.2", "10.8.0.1"
OFFLOADS = ["tso", "gso", "gro", "tx", "rx"]


class Failed(Exception):
    pass


def program(name):
    return os.path.join(BUILD, "bench", name)


def run(args):
    p = subprocess.run(args, capture_output=True, text=True)
    if p.returncode:
        raise Failed(f"{' '.join(args)}: {p.stderr.strip() or p.returncode}")
    return p.stdout


def program_of(cmd):
    """What a command line runs, after `ip netns exec NAME` and `weir run ... --`."""
    if cmd[:3] == ["ip", "netns", "exec"]:
        cmd = cmd[4:]
    if os.path.basename(cmd[0]) == "weir":
        cmd = cmd[cmd.index("--") + 1:]
    return os.path.basename(cmd[0])


class Process:
    """A program that is killed, by its process group, at the end of a `with`."""
    patience = 30                   # seconds that it may take longer

    def __init__(self, cmd, core=None, env=None):
        self.cmd = cmd
        if core is not None:
            cmd = ["taskset", "-c", str(core)] + cmd
        self.out = tempfile.TemporaryFile("w+")
        self.err = tempfile.TemporaryFile("w+")
        if not shutil.which(cmd[0]):
            raise Failed(f"{cmd[0]} is not there")
        self.p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err,
                                  env=dict(os.environ, **(env or {})), start_new_session=True)
        self.cpu = 0.0              # seconds, when it has ended

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop(signal.SIGKILL)
        self.out.close()
        self.err.close()

    def stop(self, sig=signal.SIGTERM):
        if self.p.returncode is None:
            try:
                os.killpg(self.p.pid, sig)
            except ProcessLookupError:
                pass
            self.reap(5)

    def reap(self, seconds):
        """True: it has ended within that time."""
        end = time.monotonic() + seconds
        while self.p.returncode is None:
            pid, status, used = os.wait4(self.p.pid, os.WNOHANG)
            if pid:
                self.p.returncode = os.waitstatus_to_exitcode(status)
                self.cpu = used.ru_utime + used.ru_stime
            elif time.monotonic() > end:
                return False
            else:
                time.sleep(0.01)
        return True

    def text(self, f):
        f.seek(0)
        return f.read()

    def result(self, seconds):
        """What it printed."""
        name = program_of(self.cmd)
        if not self.reap(seconds + self.patience):
            raise Failed(f"{name} did not end within {seconds + self.patience:.0f} s")
        if self.p.returncode:
            said = self.text(self.err).strip().splitlines() or [f"exit code {self.p.returncode}"]
            raise Failed(said[-1])
        return self.text(self.out)


def both(server, client):
    """Two processes, or none."""
    s = Process(*server)
    try:
        return s, Process(*client)
    except BaseException:
        s.__exit__()
        raise


class Site:
    """prefix(end): what stands before a program's words. env(end) likewise."""
    netbench = "netbench"

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def condition(self, mtu=1500, offload=True):
        pass

    def env(self, end):
        return {}

    def pair(self, server, client, cores=(0, 1)):
        """Both programs' processes."""
        return both((self.prefix("server") + server, cores[0], self.env("server")),
                    (self.prefix("client") + client, cores[1], self.env("client")))

    def netbench_pair(self, mode, options, seconds, cores=(0, 1)):
        words = [f"{k}={v}" for k, v in options.items()]
        b = program(self.netbench)
        server, client = self.pair([b, "server", mode, SERVER, "7000"] + words,
                                   [b, "client", mode, SERVER, "7000", str(seconds)] + words,
                                   cores)
        with server, client:
            c = json.loads(client.result(seconds))
            s = json.loads(server.result(1))
        c["cpu_s"] += s["cpu_s"]
        return c


class Kernel(Site):
    """The host's stack."""
    name = "kernel"

    def __init__(self):
        self.ns = {e: f"weirbench{os.getpid()}{e[0]}" for e in ("server", "client")}
        self.now = None

    def __enter__(self):
        a, b = self.ns["client"], self.ns["server"]
        for n in (a, b):
            run(["ip", "netns", "add", n])
        run(["ip", "-n", a, "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", b])
        for n, addr in ((a, CLIENT), (b, SERVER)):
            run(["ip", "-n", n, "addr", "add", f"{addr}/24", "dev", "v0"])
            run(["ip", "-n", n, "link", "set", "v0", "up"])
            run(["ip", "-n", n, "link", "set", "lo", "up"])
        return self

    def __exit__(self, *exc):
        for n in self.ns.values():
            subprocess.run(["ip", "netns", "del", n], capture_output=True)

    def condition(self, mtu=1500, offload=True):
        if self.now == (mtu, offload):
            return
        for n in self.ns.values():
            run(["ip", "-n", n, "link", "set", "v0", "mtu", str(mtu)])
            words = [w for f in OFFLOADS for w in (f, "on" if offload else "off")]
            run(["ip", "netns", "exec", n, "ethtool", "-K", "v0"] + words)
        self.now = (mtu, offload)

    def prefix(self, end):
        return ["ip", "netns", "exec", self.ns[end]]


class Weir(Site):
    """Unmodified programs under the shim."""
    name = "weir"
    nr = 0

    def __init__(self):
        self.condition()

    def condition(self, mtu=1500, offload=True):
        self.options = "" if mtu == 1500 else f",mtu={mtu}"
        self.features = []
        if not offload:
            self.options += ",offload=off"
            self.features = [f"{f}=off" for f in OFFLOADS]

    def env(self, end):
        # A peer that has ended answers no FIN: a server of 10,000 connections
        # would wait for it as long as the shim lets it.
        return {"WEIR_LINGER_MS": "500"}

    def link(self):
        return f"wire:bench{os.getpid()}.{Weir.nr}{self.options}"

    def pair(self, server, client, cores=(0, 1)):
        Weir.nr += 1                # a segment of its own
        return super().pair(server, client, cores)

    def prefix(self, end):
        words = [WEIR, "run", "--quiet", "--link", self.link(), "--addr",
                 (SERVER if end == "server" else CLIENT) + "/24"]
        for f in self.features:
            words += ["--feature", f]
        return words + ["--"]


class Traced(Weir):
    """The same with every packet's way recorded."""
    name = "traced"

    def prefix(self, end):
        words = super().prefix(end)
        return words[:2] + ["--trace", f"/dev/shm/weirbench{os.getpid()}.{end}"] + words[2:]

    def __exit__(self, *exc):
        for end in ("server", "client"):
            try:
                os.unlink(f"/dev/shm/weirbench{os.getpid()}.{end}")
            except FileNotFoundError:
                pass


class Library(Weir):
    """netbench linked with libweir."""
    name = "library"
    netbench = "netbench-lib"

    def prefix(self, end):
        return []

    def env(self, end):
        return {"WEIR_LINK": self.link(), "WEIR_FEATURE": "\n".join(self.features),
                "WEIR_ADDR": (SERVER if end == "server" else CLIENT) + "/24"}


class Tap(Site):
    """A program on weir, or on the kernel, at each end of a TAP: weir at CLIENT, the
    kernel, in a namespace that has the TAP, at SERVER."""
    name = "tap"

    def __init__(self):
        self.ns = f"weirbench{os.getpid()}{self.name}"

    def __enter__(self):
        run(["ip", "netns", "add", self.ns])
        run(["ip", "-n", self.ns, "link", "set", "lo", "up"])
        run(["ip", "-n", self.ns, "tuntap", "add", "dev", "t0", "mode", "tap"])
        run(["ip", "-n", self.ns, "addr", "add", f"{SERVER}/24", "dev", "t0"])
        run(["ip", "-n", self.ns, "link", "set", "t0", "up"])
        return self

    def __exit__(self, *exc):
        subprocess.run(["ip", "netns", "del", self.ns], capture_output=True)

    def device_end(self, words):
        """What is to run at the TAP's user side for netbench's words."""
        return [WEIR, "run", "--quiet", "--link", "tap:t0", "--addr", f"{CLIENT}/24", "--",
                program("netbench")] + words

    def bulk(self, to_kernel, seconds):
        address = SERVER if to_kernel else CLIENT
        server = ["server", "bulk", address, "7000"]
        client = ["client", "bulk", address, "7000", str(seconds)]
        kernel = [program("netbench")]
        inside = ["ip", "netns", "exec", self.ns]
        if to_kernel:
            server, client = kernel + server, self.device_end(client)
        else:
            server, client = self.device_end(server), kernel + client
        server, client = both((inside + server, 0), (inside + client, 1))
        with server, client:
            c = json.loads(client.result(seconds))
            c["cpu_s"] += json.loads(server.result(2))["cpu_s"]
        return dict(c, units=c["rate"] * seconds)


class TapMove(Tap):
    """The same with a program that only moves frames in weir's place."""
    name = "tapmove"

    def device_end(self, words):
        if words[0] == "client":
            words = ["send", "t0", CLIENT] + words[2:]
        else:
            words = ["receive", "t0", CLIENT, words[3]]
        return [program("tapmove")] + words
