# SPDX-License-Identifier: BSD-2-Clause
"""ADDRESS PORT: answers every A question with 192.0.2.80 (RFC 1035)."""
import socket
import struct
import sys

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[2])))
while True:
    q, who = s.recvfrom(4096)
    end = 12
    while end < len(q) and q[end]:
        end += q[end] + 1
    question = q[12:end + 5]
    head = q[:2] + struct.pack("!HHHHH", 0x8580, 1, 1, 0, 0)
    answer = struct.pack("!HHHIH4s", 0xc00c, 1, 1, 60, 4, socket.inet_aton("192.0.2.80"))
    s.sendto(head + question + answer, who)
