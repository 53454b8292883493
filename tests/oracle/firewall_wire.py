"""A network namespace with two interfaces, packets sent at it in bulk, and what became of them.

eth0 and eth1 are veths; what is sent on the far ends far0 and far1 comes in by them, and what the kernel forwards is
seen there again, addressed to a machine that does not exist, so that it ends there. What INPUT lets in is seen at raw
sockets. No route leads back to the senders: nothing is answered. Every packet to a port carries 65535 - port, which
keeps the checksum the same and tells the port when DNAT has changed it. Linux on 64 bits; root. Standard library only.
"""

import ctypes
import os
import socket
import struct
import subprocess
from collections import namedtuple

from firewall_world import IFACES, WORLDS

CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE, MSG_DONTWAIT = 33, 0x40
ETHERTYPE = {4: 0x0800, 6: 0x86DD}
MARKER = 0x88B5  # IEEE 802.1 local experimental: tells that what was sent before it has been dealt with
NOBODY = "02:00:00:00:02:99"
SENDER = bytes.fromhex("020000000001")
ICMP = {4: 1, 6: 58}
OTHERS = (47, 50, 89)
BATCH, STRIDE = 256, 96
MOST_CONNECTIONS = 1024
HEAD = {4: 14 + 20, 6: 14 + 40}

Row = namedtuple("Row", "version iface src dst sport")
libc = ctypes.CDLL(None, use_errno=True)


class Iov(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class Message(ctypes.Structure):
    """struct mmsghdr of recvmmsg(2)."""
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.c_void_p),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("pad", ctypes.c_int), ("size", ctypes.c_uint)]


def total(data):
    return sum(struct.unpack("!%dH" % (len(data) // 2), data))


def checksum(data):
    value = total(data)
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


def pack(version, address):
    return socket.inet_pton(socket.AF_INET if version == 4 else socket.AF_INET6, address)


def ethernet_and_ip(row, proto, size):
    src, dst = pack(row.version, row.src), pack(row.version, row.dst)
    if row.version == 6:
        ip = struct.pack("!IHBB", 6 << 28, size, proto, 64) + src + dst
    else:
        first, rest = struct.pack("!BBHHHBB", 0x45, 0, 20 + size, 1, 0, 64, proto), src + dst
        ip = first + struct.pack("!H", checksum(first + rest)) + rest
    mac = bytes.fromhex("02000000010%d" % IFACES.index(row.iface))
    return mac + SENDER + struct.pack("!H", ETHERTYPE[row.version]) + ip


def pseudo_header(row, proto, size):
    return pack(row.version, row.src) + pack(row.version, row.dst) + struct.pack("!HH", proto, size)


def segment(row, proto):
    """(before the port, between port and its complement, after them), the checksum in its place."""
    sport = struct.pack("!H", row.sport)
    if proto == 6:  # a SYN as Linux sends it
        size, middle = 40, b""
        last = (struct.pack("!HIBBH", 0, 0, 0xA0, 2, 64240), b"\0\0\2\4\5\xb4\4\2\x08\x0a" + bytes(8) + b"\1\3\3\7")
    else:
        size, middle = 12, struct.pack("!H", 12)
        last = (b"", b"\0\0")
    known = pseudo_header(row, proto, size) + sport + b"\xff\xff" + middle + last[0] + last[1]
    check = struct.pack("!H", checksum(known) or 0xFFFF)
    return sport, (middle + check if proto == 17 else b""), (last[1] if proto == 17 else last[0] + check + last[1])


class Burst:
    """Messages for sendmmsg(2): one packet for each of some ports; what rows differ in is in buffers that all share."""

    PIECES = 5  # head, port, middle, complement, tail
    ROOM = 64

    def __init__(self, version, proto, ports):
        self.proto, self.count = proto, len(ports)
        self.shared = ctypes.create_string_buffer(3 * self.ROOM)
        self.own = ctypes.create_string_buffer(struct.pack("!%dH" % (2 * len(ports)), *[
            value for port in ports for value in (port, 0xFFFF - port)]))
        head, own = ctypes.addressof(self.shared), ctypes.addressof(self.own)
        sizes = (HEAD[version] + 2, 4 if proto == 17 else 0, 2 if proto == 17 else 34)
        middle, tail = head + self.ROOM, head + 2 * self.ROOM
        iovs = b"".join(struct.pack("@10N", head, sizes[0], own + 4 * i, 2, middle, sizes[1], own + 4 * i + 2, 2,
                                    tail, sizes[2]) for i in range(len(ports)))
        self.iovs = ctypes.create_string_buffer(iovs)
        at, step = ctypes.addressof(self.iovs), self.PIECES * ctypes.sizeof(Iov)
        self.messages = (Message * len(ports))()
        packed = b"".join(struct.pack("@PIPNPNiiI0P", 0, 0, at + step * i, self.PIECES, 0, 0, 0, 0, 0)
                          for i in range(len(ports)))
        ctypes.memmove(self.messages, packed, ctypes.sizeof(self.messages))

    def aim(self, row):
        sport, middle, tail = segment(row, self.proto)
        head = ethernet_and_ip(row, self.proto, 40 if self.proto == 6 else 12) + sport
        self.shared.raw = b"".join(piece.ljust(self.ROOM, b"\0") for piece in (head, middle, tail))


class Receiver:
    """Reads many packets at once."""

    def __init__(self):
        self.buffer = ctypes.create_string_buffer(BATCH * STRIDE)
        self.iovs, self.messages = (Iov * BATCH)(), (Message * BATCH)()
        for i in range(BATCH):
            self.iovs[i].base, self.iovs[i].size = ctypes.addressof(self.buffer) + STRIDE * i, STRIDE
            self.messages[i].iov = ctypes.addressof(self.iovs) + ctypes.sizeof(Iov) * i
            self.messages[i].iovlen = 1

    def read(self, sock):
        """The packets that wait, one after the other every STRIDE bytes; empty: none."""
        n = libc.recvmmsg(sock.fileno(), self.messages, BATCH, MSG_DONTWAIT, None)
        return self.buffer.raw[:n * STRIDE] if n > 0 else b""


def command(text, **options):
    return subprocess.run(text.split(), capture_output=True, text=True, **options)


class Wire:
    """The namespace. The calling process, and what it starts, is in it from then on."""

    def __init__(self):
        if libc.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, [cpus[os.getpid() % len(cpus)]])  # one CPU, one queue: what is sent first arrives first
        self.prepare_links()
        self.prepare_addresses()
        self.receiver = Receiver()
        self.senders = {iface: self.packet_socket("far" + iface[3:], 0) for iface in IFACES}
        self.markers = {iface: self.packet_socket(iface, MARKER) for iface in IFACES}
        self.far = {v: [self.packet_socket("far" + i[3:], ETHERTYPE[v]) for i in IFACES] for v in WORLDS}
        self.raw = {(v, p): self.raw_socket(v, p) for v in WORLDS for p in (6, 17, ICMP[v]) + OTHERS}
        self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.bursts = {}

    @staticmethod
    def prepare_links():
        for i, iface in enumerate(IFACES):
            link = "ip link add %s address 02:00:00:00:01:0%d type veth peer name far%d" % (iface, i, i)
            command(link, check=True)
            settings = {"ipv4/conf/%s/rp_filter": 0, "ipv4/conf/%s/send_redirects": 0, "ipv4/conf/%s/log_martians": 0,
                        "ipv6/conf/%s/accept_dad": 0, "ipv6/conf/%s/router_solicitations": 0}
            for name in ("all", iface):
                for path, value in settings.items():
                    write_setting(path % name, value)
            write_setting("ipv6/conf/far%d/disable_ipv6" % i, 1)
        write_setting("ipv4/ip_forward", 1)
        write_setting("ipv6/conf/all/forwarding", 1)
        for name in ("lo",) + tuple(n for i, iface in enumerate(IFACES) for n in (iface, "far%d" % i)):
            command("ip link set %s up" % name, check=True)

    @staticmethod
    def prepare_addresses():
        lines = []
        for version, world in WORLDS.items():
            bits = "/%d" % world.bits
            for own, iface in world.own.items():
                lines.append("addr add %s%s dev %s %s" % (own, bits, iface, "nodad" if version == 6 else ""))
            for host, iface in world.hosts.items():
                lines.append("route add %s%s dev %s" % (host, bits, iface))
                lines.append("neigh add %s lladdr %s dev %s nud permanent" % (host, NOBODY, iface))
        command("ip -batch -", input="\n".join(lines) + "\n", check=True)

    @staticmethod
    def packet_socket(name, kind):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        sock.bind((name, kind))
        sock.settimeout(5)
        return sock

    @staticmethod
    def raw_socket(version, proto):
        sock = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_RAW, proto)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        return sock

    def forget_connections(self):
        """Deletes all entries of conntrack (IPCTNL_MSG_CT_DELETE)."""
        for family in (socket.AF_INET, socket.AF_INET6):
            self.netlink.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 5, 1, 0, family, 0, 0))
            self.netlink.recv(4096)

    def settle(self, iface):
        """Waits until all that was sent has been dealt with, and what came of it too."""
        far, marker = self.senders[iface], self.markers[iface]
        packet = bytes.fromhex("02000000010%d" % IFACES.index(iface)) + SENDER + struct.pack("!H", MARKER) + bytes(46)
        for _ in range(2):
            far.send(packet)
            marker.recv(128)

    def collect(self, row, proto, where, seen):
        """Adds to `seen` ({place: set of pairs of bytes}) what was let in and what went out. `where` in the segment."""
        places = [("input", self.raw[(row.version, proto)], 20 if row.version == 4 else 0, None)]
        places += [(iface, self.far[row.version][i], HEAD[row.version], 14 + (9 if row.version == 4 else 6))
                   for i, iface in enumerate(IFACES)]
        for place, sock, start, kind in places:
            while True:
                data, at = self.receiver.read(sock), start + where
                if not data:
                    break
                pairs = zip(data[at::STRIDE], data[at + 1::STRIDE])
                if kind is not None:
                    pairs = (pair for pair, of in zip(pairs, data[kind::STRIDE]) if of == proto)
                seen.setdefault(place, set()).update(pairs)

    def send_ports(self, row, proto, ports):
        """{place: the ports (as a list) whose packets came there}. place: "input" or the interface it left by."""
        key = (row.version, proto, tuple(ports))
        if key not in self.bursts:
            self.bursts[key] = Burst(row.version, proto, ports)
        burst, seen, size = self.bursts[key], {}, ctypes.sizeof(Message)
        burst.aim(row)
        for first in range(0, burst.count, BATCH):
            n = min(BATCH, burst.count - first)
            sent = libc.sendmmsg(self.senders[row.iface].fileno(), ctypes.byref(burst.messages, first * size), n, 0)
            if sent != n:
                raise OSError(ctypes.get_errno(), "sendmmsg sent %d of %d" % (sent, n))
            self.settle(row.iface)
            self.collect(row, proto, 4 if proto == 6 else 8, seen)
            if burst.count > MOST_CONNECTIONS:  # many that REDIRECT leads to one port run out of ports of the sender
                self.forget_connections()
        return {place: [0xFFFF - (high << 8 | low) for high, low in pairs] for place, pairs in seen.items()}

    def forget_bursts(self):
        self.bursts.clear()

    def send_types(self, row, types):
        """The same for ICMP: type * 256 + code."""
        proto, seen = ICMP[row.version], {}
        for kind, code in types:
            body = struct.pack("!BBHHH", kind, code, 0, 1, 1) + bytes(28)
            covered = body if row.version == 4 else pseudo_header(row, proto, len(body)) + body
            body = body[:2] + struct.pack("!H", checksum(covered)) + body[4:]
            self.senders[row.iface].send(ethernet_and_ip(row, proto, len(body)) + body)
        self.settle(row.iface)
        self.collect(row, proto, 0, seen)
        return {place: [high << 8 | low for high, low in pairs] for place, pairs in seen.items()}

    def send_other(self, row, proto):
        """The same for a protocol without ports: [0] when it came there."""
        seen = {}
        self.senders[row.iface].send(ethernet_and_ip(row, proto, 24) + bytes(24))
        self.settle(row.iface)
        self.collect(row, proto, 0, seen)
        return {place: [0] for place in seen}


def write_setting(path, value):
    with open("/proc/sys/net/" + path, "w") as file:
        file.write(str(value))
