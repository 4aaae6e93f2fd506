#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The calls of sockets in order and out of order, results and errors printed.
Ports are not printed, as they differ; see parity.py."""
import ctypes
import errno
import fcntl
import select
import socket
import struct
import sys
import time

LO = "127.0.0.1"
libc = ctypes.CDLL(None, use_errno=True)


def attempt(f, *args):
    try:
        return f(*args)
    except OSError as e:
        return errno.errorcode.get(e.errno, str(e))


def show(what, *args):
    print(what, *args, flush=True)


def poll(s, ms=0):
    p = select.poll()
    p.register(s, 0x3fff)
    r = p.poll(ms)
    return hex(r[0][1]) if r else "0"


def udp(addr=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if addr:
        s.bind((addr, 0))
    return s


def tcp():
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def disconnect(s):
    r = libc.connect(s.fileno(), b"\0" * 16, 16)
    return r or 0, errno.errorcode.get(ctypes.get_errno()) if r else ""


def unconnected_datagrams():
    a = udp()
    show("fresh", poll(a), attempt(a.getpeername), attempt(a.send, b"x"))
    show("sendto port 0", attempt(a.sendto, b"x", (LO, 0)))
    show("sendto broadcast", attempt(a.sendto, b"x", ("255.255.255.255", 9)))
    show("sizes", attempt(a.sendto, b"x" * 65508, (LO, 9)),
         attempt(a.sendto, b"x" * 65507, (LO, 9)))
    show("not for it", attempt(a.listen, 1), attempt(a.accept))
    show("out of band", attempt(a.sendto, b"x", socket.MSG_OOB, (LO, 9)))
    show("shutdown", attempt(a.shutdown, 2), poll(a),
         attempt(a.recv, 10, socket.MSG_DONTWAIT), attempt(a.sendto, b"x", (LO, 9)))


def connected_datagrams():
    a, b = udp(), udp(LO)
    port = b.getsockname()[1]
    show("bind", attempt(b.bind, (LO, 0)), attempt(a.bind, (LO, port)),
         attempt(udp().bind, ("192.0.2.1", 0)))
    a.connect((LO, port))
    show("connected", a.getsockname()[0], a.getpeername() == (LO, port))
    show("send", a.send(b"hello"), poll(b),
         struct.unpack("i", fcntl.ioctl(b, 0x541b, b"\0" * 4))[0])
    show("peek", attempt(b.recv, 2, socket.MSG_PEEK),
         len(b.recv(3, socket.MSG_PEEK | socket.MSG_TRUNC)))
    show("read", attempt(b.recv, 2), attempt(b.recv, 10, socket.MSG_DONTWAIT))
    a.send(b"")
    show("empty", poll(b), attempt(b.recv, 10), poll(b))
    a.send(b"abc")
    show("no room", b.recvmsg(0)[2] & socket.MSG_TRUNC != 0, poll(b))
    b.sendto(b"r", a.getsockname())
    c = udp(LO)
    c.sendto(b"no", a.getsockname())
    show("peer only", attempt(a.recv, 10), poll(a))
    show("elsewhere", attempt(a.sendto, b"x", c.getsockname()), attempt(c.recv, 10))
    show("shutdown", attempt(a.shutdown, 0), poll(a), attempt(a.recv, 10))
    show("again", attempt(a.connect, (LO, port)))
    b.close()


def refused_and_disconnected():
    b = udp(LO)
    port = b.getsockname()[1]
    b.close()
    a = udp()
    a.connect((LO, port))
    show("refused", attempt(a.send, b"x"), poll(a, 100), attempt(a.send, b"y"),
         poll(a, 100), [a.getsockopt(1, socket.SO_ERROR) for _ in range(2)])
    show("unspec", disconnect(a), a.getsockname()[0], attempt(a.getpeername))
    d = udp(LO)
    name = d.getsockname()
    d.connect((LO, 9))
    show("unspec, bound", disconnect(d), d.getsockname() == name)
    d.setsockopt(1, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50000))
    t = time.time()
    show("timeout", attempt(d.recv, 1), 0.04 < time.time() - t < 0.5)


def control_messages():
    r = udp("0.0.0.0")
    port = r.getsockname()[1]
    for n in (8, 12, 13, 20):
        show("option", n, attempt(r.setsockopt, 0, n, 1))
    r.setsockopt(1, 29, 1)
    r.setsockopt(1, 40, 1)
    x = udp()
    x.setsockopt(0, socket.IP_TOS, 0x28)
    x.setsockopt(0, socket.IP_TTL, 7)
    x.sendto(b"c", (LO, port))
    data, cmsgs, flags, _ = r.recvmsg(100, 500)
    show("told", flags, sorted((lv, t, len(v), v.hex() if t not in (8, 20, 29) else
                                v[4:].hex() if t == 8 else "") for lv, t, v in cmsgs))
    x.sendto(b"c", (LO, port))
    show("cut", r.recvmsg(100, 20)[2] & socket.MSG_CTRUNC != 0)

    def send(level, kind, data):
        return attempt(x.sendmsg, [b"q"], [(level, kind, data)], 0, (LO, port))

    show("ttl", send(0, socket.IP_TTL, struct.pack("i", 3)),
         [v.hex() for _, t, v in r.recvmsg(10, 500)[1] if t == 2])
    show("bad", send(0, socket.IP_TTL, struct.pack("i", 300)), send(0, 99, b"1234"),
         send(1, 99, b"1234"), send(77, 99, b"1234"), attempt(r.recv, 10))
    show("source", send(0, 8, struct.pack("i4s4s", 0, socket.inet_aton("127.0.0.5"),
                                          b"\0" * 4)), r.recvfrom(10)[1][0])
    show("not ours", send(0, 8, struct.pack("i4s4s", 0, socket.inet_aton("198.51.100.77"),
                                            b"\0" * 4)))


def shared_ports():
    for option, other in ((2, 15), (15, 2)):
        a = udp()
        a.setsockopt(1, option, 1)
        a.bind((LO, 0))
        port = a.getsockname()[1]
        row = []
        for opts in ((), (other,), (option,), (option, other)):
            b = udp()
            for o in opts:
                b.setsockopt(1, o, 1)
            row.append(attempt(b.bind, (LO, port)))
            b.close()
        show("shared by", option, row)


def corks_and_segments():
    r = udp(LO)
    port = r.getsockname()[1]
    k = udp()
    k.connect((LO, port))
    k.setsockopt(17, 1, 1)
    k.send(b"ab")
    k.send(b"cd")
    show("corked", poll(r))
    k.setsockopt(17, 1, 0)
    show("uncorked", attempt(r.recv, 10))
    k.send(b"1", socket.MSG_MORE)
    show("elsewhere", attempt(k.sendto, b"2", (LO, 9)), attempt(r.recv, 10))
    g = udp()
    show("segments", attempt(g.setsockopt, 17, 103, 100),
         attempt(g.sendto, b"x" * 250, (LO, port)), [len(r.recv(500)) for _ in range(3)])
    show("too many", attempt(g.sendto, b"x" * 12900, (LO, port)))
    show("size", attempt(g.setsockopt, 17, 103, 70000), attempt(g.setsockopt, 17, 103, 60000))


def error_queue():
    y = udp()
    y.setsockopt(0, 11, 1)
    show("nothing", attempt(y.recvmsg, 10, 100, socket.MSG_ERRQUEUE))
    y.sendto(b"dead", (LO, 1))
    time.sleep(.05)
    show("poll", poll(y))
    data, cmsgs, flags, addr = y.recvmsg(10, 200, socket.MSG_ERRQUEUE)
    show("error", data, cmsgs[0][:2], cmsgs[0][2].hex()[:48], flags, addr)
    show("after", poll(y), y.getsockopt(1, socket.SO_ERROR))
    y.sendto(b"dead", (LO, 1))
    time.sleep(.05)
    show("sender is told", attempt(y.sendto, b"2", (LO, 1)))


SO_TIMESTAMPING, SO_ZEROCOPY, MSG_ZEROCOPY = 37, 60, 0x4000000
TX_SOFTWARE, SOFTWARE, OPT_ID, TX_SCHED, TX_ACK, OPT_CMSG, OPT_TSONLY = (
    2, 16, 128, 256, 512, 1024, 2048)


def errqueue(s):
    """One line for each message: length, flags, what it says; stamps only
    whether they are there."""
    while True:
        got = attempt(s.recvmsg, 200, 512, socket.MSG_ERRQUEUE)
        if isinstance(got, str):
            return show("queue", got)
        data, cmsgs, flags, addr = got
        show("queue", len(data), hex(flags),
             [(lv, t, v.hex()) if lv == 0 and t == 11 else (lv, t, len(v))
              for lv, t, v in cmsgs])


def connection():
    l = socket.create_server((LO, 0))
    c = socket.create_connection(l.getsockname())
    s, _ = l.accept()
    l.close()
    return c, s


def stamps_of_streams():
    for how in (0, OPT_ID, OPT_ID | OPT_TSONLY, OPT_ID | OPT_CMSG):
        c, s = connection()
        show("stamps", how, attempt(c.setsockopt, 1, SO_TIMESTAMPING, how | SOFTWARE |
                                    TX_SOFTWARE | TX_SCHED | TX_ACK))
        for n in (10, 3):
            c.send(b"x" * n)
            s.recv(n)
            time.sleep(.05)
        show("poll", poll(c))
        errqueue(c)
    show("not connected", attempt(tcp().setsockopt, 1, SO_TIMESTAMPING, OPT_ID))
    for flags in (1 << 12, 1 << 15, 1 << 16, 1 << 18, 1 << 30):
        show("flags", flags, attempt(c.setsockopt, 1, SO_TIMESTAMPING, flags))


def stamps_of_datagrams():
    for how in (OPT_ID, OPT_ID | OPT_TSONLY, OPT_ID | OPT_CMSG):
        r, s = udp(LO), udp()
        s.connect(r.getsockname())
        s.setsockopt(1, SO_TIMESTAMPING, how | SOFTWARE | TX_SOFTWARE)
        s.setsockopt(0, 8, 1)
        s.send(b"abc")
        for ask in (0, TX_SCHED, TX_ACK, SOFTWARE):
            show("for one", ask, attempt(s.sendmsg, [b"de"],
                                         [(1, SO_TIMESTAMPING, struct.pack("I", ask))]))
        time.sleep(.05)
        errqueue(s)


def lent_memory():
    c, s = connection()
    show("without", attempt(c.send, b"x", MSG_ZEROCOPY))
    errqueue(c)
    show("option", attempt(c.setsockopt, 1, SO_ZEROCOPY, 1),
         attempt(c.setsockopt, 1, SO_ZEROCOPY, 2), c.getsockopt(1, SO_ZEROCOPY))
    for n in (1, 1000, 20000, 0):
        show("send", attempt(c.send, b"y" * n, MSG_ZEROCOPY))
    left = 21002
    while left:
        left -= len(s.recv(left))
    time.sleep(.1)
    show("poll", poll(c))
    errqueue(c)
    show("again", attempt(c.send, b"z", MSG_ZEROCOPY))
    s.recv(1)
    time.sleep(.1)
    c.setsockopt(0, 11, 1)
    c.setsockopt(0, 11, 0)
    errqueue(c)
    n = tcp()
    n.setsockopt(1, SO_ZEROCOPY, 1)
    show("not connected", attempt(n.send, b"x", MSG_ZEROCOPY | socket.MSG_NOSIGNAL))
    errqueue(n)
    r, u = udp(LO), udp()
    u.connect(r.getsockname())
    u.setsockopt(1, SO_ZEROCOPY, 1)
    for n in (1, 1000, 40000, 70000):
        show("send", attempt(u.send, b"y" * n, MSG_ZEROCOPY))
    time.sleep(.05)
    errqueue(u)


def streams():
    ls = tcp()
    show("fresh", poll(ls))
    ls.bind((LO, 0))
    ls.listen(1)
    port = ls.getsockname()[1]
    show("listening", poll(ls), attempt(ls.recv, 1), attempt(ls.connect, (LO, port)))
    c = tcp()
    show("unconnected", attempt(c.recv, 1), poll(c), attempt(c.getpeername),
         attempt(c.shutdown, 2))
    c = tcp()
    c.setblocking(False)
    show("connect", attempt(c.connect, (LO, port)), poll(c, 100),
         attempt(c.connect, (LO, port)), attempt(c.connect, (LO, port)))
    s, _ = ls.accept()
    ls.setblocking(False)
    show("accept", poll(s), s.getsockname()[1] == port, attempt(ls.accept))
    s.send(b"hello")
    show("read", poll(c, 100), c.recv(3, socket.MSG_PEEK), c.recv(10), attempt(c.recv, 1))
    s.shutdown(1)
    show("half closed", poll(c, 100), c.recv(1), poll(c), c.send(b"tail"),
         poll(s, 100), s.recv(10))
    c.close()
    show("closed", poll(s, 100), s.recv(1), poll(s), attempt(s.send, b"x"))
    show("listener", attempt(ls.listen, 5), attempt(tcp().bind, (LO, port)))
    z = tcp()
    z.setsockopt(1, 2, 1)
    show("reuse", attempt(z.bind, (LO, port)))
    show("shut", attempt(ls.shutdown, 0), poll(ls), attempt(ls.accept))


def refused_streams():
    n = tcp()
    show("refused", attempt(n.connect, (LO, 1)), poll(n), n.getsockopt(1, 4))
    n = tcp()
    n.setblocking(False)
    show("refused later", attempt(n.connect, (LO, 1)), poll(n, 100),
         n.getsockopt(1, 4), n.getsockopt(1, 4))
    show("not listening", attempt(tcp().accept))


def kinds():
    for args in ((2, 5), (2, 2, 6), (2, 1, 17), (2, 3, 0), (2, 77), (99, 1)):
        show("socket", args, attempt(socket.socket, *args))


def raw():
    w = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
    show("raw", w.getsockname(), attempt(w.send, b"x"), attempt(w.sendto, b"data", (LO, 0)),
         w.recvfrom(100)[0][20:], poll(w))
    show("names", attempt(w.bind, (LO, 99)), w.getsockname(), attempt(w.connect, (LO, 44)),
         w.getpeername())


def main():
    for group in (unconnected_datagrams, connected_datagrams, refused_and_disconnected,
                  control_messages, shared_ports, corks_and_segments, error_queue,
                  stamps_of_streams, stamps_of_datagrams, lent_memory,
                  streams, refused_streams, kinds):
        show("---", group.__name__)
        group()
    if "raw" in sys.argv[1:]:
        raw()


main()
