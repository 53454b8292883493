#!/usr/bin/env python3
"""Compares `kijun show listening` with the sockets that the test itself opened, by way of ss and netstat.

In a network namespace of its own the test opens random sockets (tcp and udp, IPv4, IPv6 alone and both, on every address
or one, on an interface, connected ones too), lets ss and netstat print them with all sorts of options, and puts each
print into an export under a name that says the options. kijun's rows must be the sockets: none missing, none more.
"""

import argparse
import ctypes
import os
import random
import shutil
import socket
import subprocess
import sys
import threading

import oracle_common as common

CLONE_NEWNET = 0x40000000
ADDRESSES = {4: ["127.0.0.1", "127.0.0.53", "10.1.2.3", "192.168.7.1", "203.0.113.9", "169.254.3.3"],
             6: ["::1", "fd00::5", "2001:db8::1:2", "fe80::7"]}
SCOPES = {"127.": "loopback", "10.": "private", "192.168.": "private", "203.": "global", "169.254.": "link", "::1": "loopback",
          "fd00": "private", "2001": "global", "fe80": "link"}
# (command, options, takes tcp, takes udp, families)
COMMANDS = [
    ("ss", o) for o in ("-tulpn", "-tuln", "-lnptu", "-peanut", "-anp", "-an", "-tulpen", "-peaonmi", "-tuanp", "-tulpnH", "-tulpnO",
                        "-tlnp", "-ulnp", "-ltn", "-lun", "-tuln4", "-tuln6", "-tln4", "-tulpniem", "-H -tuln", "--tcp --udp --listening --numeric",
                        "-4 -tuln", "-lnwtu", "-tulnZ", "-tun", "-tu state listening", "-tulp", "-lntpO", "-anpOe", "-aeimnop")
] + [
    ("netstat", o) for o in ("-tulpn", "-tuln", "-plnt", "-lnu", "-W -neopa", "-neopa", "-anp", "-an", "-peanut", "-lntup --wide",
                             "-tulpnW", "-tulne", "-tunlpo", "-4 -lntu", "-tln6", "-tn", "-anv", "-lnptuc1", "-nlp", "-natuee", "-tulp")
]
SKIP = {"-tulnZ", "-lnptuc1"}  # no SELinux; no end


# --- sockets ------------------------------------------------------------------------------------------------------

class Opened:
    """One socket: what kijun must say of it."""

    def __init__(self, proto, family, address, port, sock, interface=""):
        self.proto, self.family, self.address, self.port, self.sock = proto, family, address, port, sock
        self.interface = interface

    def shown(self):
        return self.proto, self.port, self.address


def open_one(r, port):
    proto = r.choice(["tcp", "tcp", "udp"])
    kind = r.choice([4, 4, 6, 6, "both", "mapped"])
    sock = socket.socket(socket.AF_INET if kind == 4 else socket.AF_INET6,
                         socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
    if kind != 4:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if kind == 6 else 0)
    interface = ""
    if kind == "mapped":
        address = "::ffff:" + r.choice(ADDRESSES[4][:4])
    elif kind == "both" or r.random() < 0.4:
        address = "0.0.0.0" if kind == 4 else "::"
    else:
        address = r.choice(ADDRESSES[kind])
    if r.random() < 0.15:
        interface = "dum0" if address in ("0.0.0.0", "::") else ""
    if interface:
        sock.setsockopt(socket.SOL_SOCKET, 25, interface.encode())  # SO_BINDTODEVICE
    where = (address, port) if kind == 4 else (address, port, 0, socket.if_nametoindex("dum0") if address == "fe80::7" else 0)
    sock.bind(where)
    if proto == "tcp":
        sock.listen(r.choice([1, 5, 128]))
    return Opened(proto, {4: "4", 6: "6", "both": "", "mapped": "6"}[kind], address, str(port), sock,
                  "dum0" if address == "fe80::7" else interface)


def connect_one(opened):
    """A connection to a listening socket on this host: it must not count as listening."""
    for o in opened:
        if o.proto == "tcp" and o.address in ("127.0.0.1", "10.1.2.3", "::1") and not o.interface:
            client = socket.socket(o.sock.family, socket.SOCK_STREAM)
            client.connect((o.address, int(o.port)))
            return [client, o.sock.accept()[0]]
    return []


def open_sockets(seed):
    r = random.Random(seed)
    ports = r.sample(range(20000, 30000), r.randint(0, 12)) + r.sample([22, 53, 80, 443, 631, 3306], r.randint(0, 3))
    opened = [open_one(r, p) for p in ports]
    return opened, connect_one(opened)


# --- captures -----------------------------------------------------------------------------------------------------

def in_namespace(work):
    """Run work() in a thread with a network namespace of its own."""
    result = []

    def run():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET):
            result.append(OSError(ctypes.get_errno(), "unshare"))
            return
        try:
            result.append(work())
        except Exception as e:  # handed to the caller
            result.append(e)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


def set_up():
    lines = ["link set lo up", "link add dum0 type veth peer name dum1", "link set dum1 up", "link set dum0 up"]
    lines += ["addr add %s/32 dev %s" % (a, "lo" if a.startswith("127.") else "dum0") for a in ADDRESSES[4] if a != "127.0.0.1"]
    lines += ["-6 addr add %s/128 dev dum0 nodad" % a for a in ADDRESSES[6] if a != "::1"]
    for line in lines:
        subprocess.run(["ip"] + line.split(), check=True, capture_output=True)


def capture(command, options):
    return subprocess.run([command] + options.split(), capture_output=True, timeout=30,
                          env=dict(os.environ, LC_ALL="C")).stdout


def captures(seed, per_set):
    """[(sockets as (proto, port, address, family, interface), command, options, text)]."""
    def work():
        set_up()
        opened, kept = open_sockets(seed)
        r = random.Random(seed + "/commands")
        chosen = [c for c in r.sample(COMMANDS, per_set) if c[1] not in SKIP and shutil.which(c[0])]
        texts = [(c, o, capture(c, o)) for c, o in chosen]
        for o in opened:
            o.sock.close()
        for s in kept:
            s.close()
        return opened, texts
    return in_namespace(work)


# --- comparison ---------------------------------------------------------------------------------------------------

def asks(options):
    """(tcp?, udp?, families) that the options ask for."""
    letters = set("".join(w[1:] for w in options.split() if w.startswith("-") and not w.startswith("--")))
    letters |= {"t"} if "--tcp" in options else set()
    letters |= {"u"} if "--udp" in options else set()
    every = not letters & set("tuwx")
    families = {f for f in "46" if f in letters} or {"4", "6"}
    return every or "t" in letters, (every or "u" in letters) and "state" not in options, families


def shows_servers(options):
    return any(w.startswith("-") and not w.startswith("--") and set(w) & set("la") for w in options.split()) or \
        "listening" in options


def expected(opened, options):
    tcp, udp, families = asks(options)
    return [o for o in opened if (tcp if o.proto == "tcp" else udp) and
            (o.sock.family == socket.AF_INET and "4" in families or o.sock.family == socket.AF_INET6 and "6" in families)]


def scope_of(address):
    address = address.replace("::ffff:", "")
    if address in ("0.0.0.0", "::", "*"):
        return "any"
    return [s for p, s in SCOPES.items() if address.startswith(p)][0]


def compare_row(row, o, command, named):
    """What is wrong with kijun's row of a socket."""
    problems = []
    both_seen = o.family == "" and command == "ss"
    addresses = {o.address, "*"} if both_seen else {o.address}
    if command == "netstat":
        addresses.add(o.address.replace("::ffff:", ""))
    if not named and row["address"] not in addresses:
        problems.append("address %s" % row["address"])
    if not named and row["scope"] != scope_of(o.address):
        problems.append("scope %s" % row["scope"])
    # netstat cannot tell whether :: takes IPv4 too, nor does it show the interface
    families = {o.family} | ({""} if o.address == "::" else set())
    if o.family == "" and o.address != "::":
        families |= {"6"}
    if row["family"] not in families and not named:
        problems.append("family '%s' is not '%s'" % (row["family"], o.family))
    if command == "ss" and row["interface"] != o.interface:
        problems.append("interface '%s' is not '%s'" % (row["interface"], o.interface))
    if row["state"] != ("LISTEN" if o.proto == "tcp" else "UNCONN"):
        problems.append("state %s" % row["state"])
    return ["%s %s %s: %s" % (o.shown() + (p,)) for p in problems]


def rows_of(answer):
    return answer.get("rows", [])


def compare(opened, command, options, answer):
    tcp, udp, families = asks(options)
    want_state = "effective" if tcp and udp and len(families) == 2 else "not_collected"
    if not shows_servers(options):
        return [] if answer["state"] == "not_collected" else ["only connections are shown, kijun says %s" % answer["state"]]
    problems = [] if answer["state"] == want_state else ["state %s, not %s: %s" % (
        answer["state"], want_state, answer.get("message"))]
    rows = [r for r in rows_of(answer) if r["state"] in ("LISTEN", "UNCONN") and r["proto"] in ("tcp", "udp")]
    named = not any("n" in w for w in options.split() if w.startswith("-") and not w.startswith("--")) and "numeric" not in options
    ports = {r["port"]: r for r in rows}
    for o in expected(opened, options):
        names = [o.port]
        if named:
            try:
                names.append(socket.getservbyport(int(o.port), o.proto))
            except OSError:
                pass
        found = [r for r in rows if r["port"] in names and r["proto"] == o.proto]
        if len(found) != 1:
            problems.append("%s %s %s: kijun has it %d times" % (o.shown() + (len(found),)))
            continue
        rows.remove(found[0])
        problems += compare_row(found[0], o, command, named)
    return problems + ["kijun has one more: %s" % r for r in rows] if ports or expected(opened, options) else problems


# --- the test -----------------------------------------------------------------------------------------------------

def judge_set(args, tally, number, per_set):
    seed = "%s/%d" % (args.seed, number)
    opened, texts = captures(seed, per_set)
    for i, (command, options, text) in enumerate(texts):
        if not text.strip():
            continue  # without a heading (ss -H) no sockets look like a command that failed
        name = "captured/%s_%s.txt" % (command, options.replace(" ", "_"))
        tree = tally.tree("%04d-%02d" % (number, i), {name: text})
        try:
            problems = compare(opened, command, options, common.kijun_show(args.kijun, "listening", tree))
        except common.KijunError as e:
            problems = [str(e)]
        tally.note(tree, "%s --seed %s --only %d   (%s %s)" % (sys.argv[0], args.seed, number, command, options), problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kijun", default="build/kijun")
    parser.add_argument("--count", type=int, default=32, help="how many sets of sockets to open")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, metavar="N", help="open and judge set N alone")
    args = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("ss") or not shutil.which("ip"):
        common.skip("needs root, ss and ip (iproute2)")
    args.kijun = common.find_kijun(args.kijun)
    try:
        in_namespace(set_up)
    except (OSError, subprocess.CalledProcessError) as e:
        common.skip("no network namespace with a veth interface: %s" % e)
    tally = common.Tally("listening")
    for i in range(args.count) if args.only is None else [args.only]:
        judge_set(args, tally, i, 10)
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
