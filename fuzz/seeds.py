#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the seeds of fuzz/corpus: valid input of each target, to start from."""
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
STACK_MAC, PEER_MAC = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"
STACK, PEER = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])


def seed(target, name, data):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ipv4(proto, payload, options=b"", frag=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(payload), 1, frag, 64, proto, 0,
                       PEER, STACK) + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def udp(payload):
    return struct.pack(">HHHH", 1000, 53, 8 + len(payload), 0) + payload


def tcp(flags, options=b"", payload=b""):
    return struct.pack(">HHIIBBHHH", 4000, 80, 1000, 0, (20 + len(options)) // 4 << 4,
                       flags, 65535, 0, 0) + options + payload


def echo(payload):
    body = struct.pack(">BBHHH", 8, 0, 0, 1, 1) + payload
    return body[:2] + struct.pack(">H", checksum(body)) + body[4:]


SYN_OPTIONS = bytes([2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7])
RECORD_ROUTE = bytes([7, 7, 4, 0, 0, 0, 0, 0])
TIMESTAMPS = bytes([68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0])
SOURCE_ROUTE = bytes([131, 7, 4, 10, 0, 0, 9, 0])


def frames(*list_of):
    out = b""
    for frame, vnet in list_of:
        out += struct.pack(">HB", len(frame), 1 if vnet else 0) + (vnet or b"") + frame
    return out


def eth(proto, payload, dst=STACK_MAC):
    return dst + PEER_MAC + struct.pack(">H", proto) + payload


def arp(op):
    return struct.pack(">HHBBH6s4s6s4s", 1, 0x800, 6, 4, op, PEER_MAC, PEER, b"\0" * 6, STACK)


def packets(*list_of):
    return b"".join(struct.pack(">HB", len(p), 8) + p for p in list_of)


DRILL = {
    "server": """--tolerance_usecs=10000 // µs
--ip_version=ipv4
`sysctl -q net.ipv4.tcp_timestamps=0`
0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, ...) = 0
+0 listen(3, 1) = 0
+.1 < S 0:0(0) win 1000 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>
+0~+.01 > S. 0:0(0) ack 1 <...>
+0...0.2 accept(3, ..., ...) = 4
* > . 1:1(0) ack 1 <nop,nop,sack 3:5 8:9>
+0 read(4, ..., 100) = -1 EAGAIN (Resource (temporarily) unavailable)
+0 %{ assert tcpi_state == 1 }%
`true`
""",
    "packets": """0 < [ect0,ttl 4] EAP. 1:11(10) ack 1 win 5 <ECN e1b 1 ceb 2 e0b 3,nop>
+0 > [tos 0x20] .5 1:1(0) ack 11 <ECN e0b 1>
+0 < 80 > 8080 U. 4294967290:4(10) ack 1 win 5 urg 9 <md5 000102030405060708090a0b0c0d0e0f>
+0 > S 0:0(0) <FO COOKIE,FOEXP,opt 77 0a0b,eol>
+0 < [1:11(10)] icmp unreachable frag_needed mtu 1400
+0 < icmp type_3 code_9 [udp (8)]
+0 < icmp echo_request id 1 seq 2
+0 > [flowlabel 0x5] udp (100)
1~1.5 > R. 1:1(0) ack 1
""",
    "calls": """0 poll([{fd=4, events=POLLIN|POLLOUT, revents=0x4}], 1, -1) = 1
+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 5}, {..., 6}], msg_control=[]}, MSG_MORE) = 11
/* a
   comment */ +0 f(LEVEL, "\\x00\\n", ~(1 + 2 * 3) << 4, TWO) = ... # more
+0 fcntl(3, F_GETFL) = 0x02 (flags O_RDWR)
""",
}


def main():
    syn = ipv4(6, tcp(2, SYN_OPTIONS))
    seed("frame", "arp", frames((eth(0x806, arp(1), b"\xff" * 6), None), (eth(0x806, arp(2)), None)))
    seed("frame", "vlan", frames((eth(0x8100, b"\0\5\x08\0" + ipv4(1, echo(b"x" * 8))), None)))
    seed("frame", "echo", frames((eth(0x800, ipv4(1, echo(b"abcdefgh"))), None)))
    # virtio_net_hdr: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset
    seed("frame", "partial_checksum", frames((eth(0x800, ipv4(17, udp(b"x" * 20))),
                                              struct.pack("<BBHHHH", 1, 0, 0, 0, 34, 6))))
    seed("frame", "tso", frames((eth(0x800, ipv4(6, tcp(0x10, b"", b"y" * 3000))),
                                 struct.pack("<BBHHHH", 1, 1, 54, 1448, 34, 16))))
    seed("ip", "udp", packets(ipv4(17, udp(b"hello"))))
    seed("ip", "syn", packets(syn, ipv4(6, tcp(0x10)), ipv4(6, tcp(4))))
    seed("ip", "options", packets(*(ipv4(1, echo(b"1234"), o) for o in
                                    (RECORD_ROUTE, TIMESTAMPS, SOURCE_ROUTE))))
    unreachable = struct.pack(">BBHI", 3, 4, 0, 576) + ipv4(6, tcp(0x10))[:28]
    seed("ip", "icmp_errors", packets(ipv4(1, unreachable),
                                      ipv4(1, struct.pack(">BBHI", 11, 0, 0, 0) + ipv4(17, udp(b""))[:28])))
    seed("ip", "igmp", packets(ipv4(2, struct.pack(">BBH4s", 0x11, 10, 0, b"\0" * 4), b"\x94\4\0\0")))
    seed("ip", "fragments", packets(ipv4(17, udp(b"z" * 16), frag=0x2000), ipv4(17, b"z" * 16, frag=3)))

    def frag(ident, flags, offset, length):
        return struct.pack(">BBHH", ident, flags, offset, length)
    seed("frag", "in_order", frag(1, 5, 0, 1480) + frag(1, 5, 185, 1480) + frag(1, 4, 370, 100))
    seed("frag", "reverse", frag(1, 4, 370, 100) + frag(1, 5, 185, 1480) + frag(1, 5, 0, 1480))
    seed("frag", "overlap", frag(1, 1, 0, 800) + frag(1, 1, 50, 800) + frag(1, 0, 150, 8))
    seed("frag", "timeout", frag(2, 1, 0, 8) + frag(0, 0x80, 31000, 0) + frag(2, 0, 1, 8))

    segment, wait, write, read, accept, shut, close, connect, option = (bytes([i]) for i in range(9))
    window = b"\xff\xff"
    hand = segment + bytes([2, 0]) + window + segment + bytes([0x10, 0]) + window + accept
    data = segment + bytes([0x18, 64]) + window + struct.pack(">H", 100)
    seed("tcp", "exchange", hand + data + read + b"\0\x80\0" + write + b"\x02\0\0" +
         segment + bytes([0x10, 0]) + window + segment + bytes([0x11, 0]) + window + close + wait + b"\x20")
    seed("tcp", "out_of_order", hand + segment + bytes([0x18, 64 | 4]) + struct.pack(">h", 200) + window +
         struct.pack(">H", 100) + data + data + read + b"\x10\0\0")
    seed("tcp", "retransmission", hand + write + b"\x0f\0\0" + wait + b"\x1e" + wait + b"\x1f" +
         segment + bytes([0x10, 2]) + struct.pack(">HHH", 65535, 100, 50) + window + close)
    seed("tcp", "connect", connect + segment + bytes([0x12, 0]) + window + write + b"\0\x10\0" +
         segment + bytes([0x14, 0]) + window)
    seed("tcp", "options", hand + b"".join(option + bytes([l, n]) + struct.pack(">I", v) for l, n, v in
                                           ((2, 1, 1), (2, 3, 1), (2, 13, 3), (0, 9, 1), (1, 1, 16))) + data)

    # { host, op, arguments }, see the table at the end of fuzz_sim.c
    serve, join = bytes([1, 2, 1, 3]), bytes([0, 0, 0, 0, 3, 1, 1])
    second = bytes([0, 26, 30])
    seed("sim", "exchange", bytes([1, 4]) + serve + join + second + bytes([1, 4, 0, 1]) +
         bytes([0, 5, 32, 0, 1, 64, 1]) + second + bytes([1, 6, 32, 0, 64, 2, 0, 7, 1]) +
         second + bytes([0, 32, 1, 1, 15, 0, 1, 7, 2, 0, 26, 37]))
    seed("sim", "tasks", bytes([2, 3, 0, 16, 1, 0, 16, 0, 0, 26, 10]) + bytes(
        [2, 1, 3, 0, 16, 3, 1, 1, 4, 1, 1, 5, 9, 9, 1, 0, 1, 19, 25, 6, 9, 9, 0, 2, 20, 20, 10, 0, 200, 1, 2]) +
         bytes([0, 17, 0, 0, 18, 1, 1, 0, 25, 33]))
    seed("sim", "faults", bytes([3, 0]) + serve + join + bytes([0, 21, 0, 0, 0, 0, 22, 9]) + second * 3 +
         bytes([0, 30, 2, 0, 1, 31, 0, 1, 2, 31, 1, 1, 0, 29, 5, 220, 1, 0, 27, 20]) +
         ipv4(1, b"")[:20] + bytes([0, 0, 28, 0, 99, 0, 24, 20, 0, 26, 41]))

    for i, text in enumerate((b"wire:lab,loss=1%,seed=7,mtu=9000", b"tap:tap0",
                              b"wire:x,mac=02:00:00:00:00:07,queues=4,dup=0.001")):
        seed("text", f"link{i}", b"\0" + text)
    seed("text", "cidr", b"\1" + b"10.0.0.1/24")
    for i, text in enumerate((b"rate=10mbit,delay=20ms,jitter=2ms,queue=1000,offload",
                              b"loss=1%,burst=1%/25%/90%,mask=0x14,reorder=300ppm,dup=0.01",
                              b"mtu=1500,cut,heal,seed=7,corrupt=0.1%,rate=0")):
        seed("spec", f"link{i}", bytes([i]) + text)
    for i, text in enumerate((b"net.ipv4.tcp_rmem\n4096 131072 6291456", b"net/ipv4/ip_forward\n1",
                              b"net.ipv4.ip_local_port_range\n1024 60999",
                              b"net.ipv4.tcp_congestion_control\nreno")):
        seed("text", f"sysctl{i}", b"\2" + text)

    def insn(code, jt, jf, k):
        return struct.pack("<HBBI", code, jt, jf, k)
    program = [insn(0x28, 0, 0, 12), insn(0x15, 0, 2, 0x800), insn(0x30, 0, 0, 23),
               insn(0x15, 1, 0, 6), insn(6, 0, 0, 0), insn(6, 0, 0, 65535)]
    seed("bpf", "tcp_only", bytes([len(program), 60]) + b"".join(program) + eth(0x800, syn)[:60])
    seed("bpf", "ancillary", bytes([2, 10]) + insn(0x20, 0, 0, 0xfffff000) + insn(0x16, 0, 0, 0) + b"0123456789")

    send = bytes([2]) + struct.pack(">HBHHHH", 200, 0, 0, 0, 0, 0)
    seed("wire", "send_receive", send + bytes([0x83]) + send + bytes([0x83, 0x81, 0x80]))
    seed("wire", "scribble", send + bytes([6]) + struct.pack(">II", 0xffffffff, 4096) + bytes([0x83]) +
         bytes([5]) + struct.pack(">H", 0) + struct.pack("<II", 64, 0xffffffff) + b"\0" * 40 + bytes([0x83]))

    for name, text in DRILL.items():
        seed("drill", name, text.encode())
    scenarios = os.path.join(HERE, "..", "examples", "sim")
    for name in sorted(os.listdir(scenarios)):
        with open(os.path.join(scenarios, name), "rb") as f:
            seed("scenario", name, f.read())


if __name__ == "__main__":
    main()
