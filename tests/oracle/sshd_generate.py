"""Random sshd configurations as export trees, for sshd_oracle.py. Same seed, same tree."""

import random

from oracle_common import Link

USERS = ["root", "alice", "bob", "carol", "deploy", "nosuch"]
ADDRESSES = ["10.1.2.3", "10.9.0.1", "192.168.1.5", "203.0.113.9", "2001:db8::5", "2001:db8:1::7"]
HOSTS = ["office.example.jp", "vpn.example.jp", "host.example.net"]
HOST_KEYS = ["/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key"]

CIPHERS = ["aes128-ctr", "aes256-ctr", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-cbc",
           "aes256-cbc", "3des-cbc"]
MACS = ["hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-512-etm@openssh.com", "hmac-md5", "hmac-sha1-96",
        "umac-128-etm@openssh.com"]
KEX = ["curve25519-sha256", "ecdh-sha2-nistp256", "diffie-hellman-group14-sha1", "diffie-hellman-group16-sha512",
       "diffie-hellman-group1-sha1"]
SIGNATURES = ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256", "ssh-rsa", "ssh-dss"]


def one_of(*values):
    return lambda r: [r.choice(values)]


def cased(*values):
    """Values that sshd compares without case."""
    return lambda r: [r.choice([str.lower, str.lower, str.lower, str.upper, str.capitalize])(r.choice(values))]


def some(low, high, values):
    return lambda r: r.sample(values, r.randint(low, min(high, len(values))))


def algorithms(values):
    def make(r):
        prefix = r.choice(["", "", "+", "-", "^"])
        return [prefix + ",".join(r.sample(values, r.randint(1, 3)))]
    return make


YES_NO = cased("yes", "no")
DURATION = one_of("0", "30", "60s", "2m", "1h30m", "10M", "1d", "1h1m1s", "90S", "1w")
NUMBER = one_of("0", "1", "2", "3", "4", "6", "10", "100")

# (keyword, its arguments, how often); those that a Match block may hold, then those that it may not.
ANYWHERE = [
    ("PermitRootLogin", cased("yes", "no", "without-password", "prohibit-password", "forced-commands-only"), 5),
    ("PasswordAuthentication", YES_NO, 4),
    ("KbdInteractiveAuthentication", YES_NO, 2),
    ("ChallengeResponseAuthentication", YES_NO, 2),
    ("SkeyAuthentication", YES_NO, 1),
    ("PermitEmptyPasswords", YES_NO, 2),
    ("HostbasedAuthentication", YES_NO, 1),
    ("HostbasedUsesNameFromPacketOnly", YES_NO, 1),
    ("HostbasedAcceptedKeyTypes", algorithms(SIGNATURES), 1),
    ("PubkeyAcceptedAlgorithms", algorithms(SIGNATURES), 1),
    ("PubkeyAcceptedKeyTypes", algorithms(SIGNATURES), 1),
    ("CASignatureAlgorithms", algorithms(SIGNATURES[:4]), 1),
    ("PubkeyAuthOptions", one_of("none", "touch-required", "verify-required"), 1),
    ("IgnoreRhosts", cased("yes", "no", "shosts-only"), 1),
    ("LogLevel", cased("QUIET", "INFO", "VERBOSE", "DEBUG3", "ERROR"), 2),
    ("LogVerbose", some(1, 2, ["kex.c:*:1000", "*:kex_exchange_identification():*", "packet.c:*"]), 1),
    ("X11Forwarding", YES_NO, 3),
    ("X11DisplayOffset", NUMBER, 1),
    ("X11UseLocalhost", YES_NO, 1),
    ("AllowTcpForwarding", cased("yes", "no", "all", "local", "remote"), 3),
    ("AllowStreamLocalForwarding", cased("yes", "no", "all", "local", "remote"), 1),
    ("AllowAgentForwarding", YES_NO, 2),
    ("DisableForwarding", YES_NO, 1),
    ("GatewayPorts", cased("yes", "no", "clientspecified"), 1),
    ("PermitTunnel", one_of("yes", "no", "point-to-point", "ethernet"), 1),
    ("PermitTTY", YES_NO, 1),
    ("PermitUserRC", YES_NO, 1),
    ("MaxAuthTries", NUMBER, 3),
    ("MaxSessions", NUMBER, 2),
    ("ClientAliveInterval", DURATION, 3),
    ("ClientAliveCountMax", NUMBER, 2),
    ("RequiredRSASize", one_of("1024", "2048", "3072"), 1),
    ("UnusedConnectionTimeout", one_of("none", "5m", "60"), 1),
    ("ChannelTimeout", some(1, 2, ["session:*=5m", "x11-connection=1h", "agent-connection=300"]), 1),
    ("RekeyLimit", lambda r: [r.choice(["default", "512M", "1G", "64K", "4096"])]
     + r.choice([["1h"], ["3600"], ["90m"]]), 1),
    ("Banner", one_of("none", "/etc/issue.net", "/etc/issue net", "/etc/ssh/banner"), 2),
    ("ForceCommand", one_of("none", "internal-sftp", "/usr/bin/echo \"no login\"", "internal-sftp -l INFO # all"), 1),
    ("ChrootDirectory", one_of("none", "/srv/sftp", "%h", "/srv/sftp/%u"), 1),
    ("AllowUsers", some(1, 3, ["alice", "bob", "root", "deploy@10.0.0.0/8", "*@192.168.1.*", "!carol"]), 2),
    ("DenyUsers", some(1, 3, ["guest", "test*", "games", "root@203.0.113.*"]), 2),
    ("AllowGroups", some(1, 2, ["wheel", "staff", "ssh-*", "root"]), 2),
    ("DenyGroups", some(1, 2, ["nogroup", "sftponly", "daemon"]), 1),
    ("AcceptEnv", some(1, 3, ["LANG", "LC_*", "GIT_*", "TZ", "EDITOR"]), 3),
    ("SetEnv", some(1, 2, ["A=1", "LANG=C", "PATH=/usr/bin:/bin", "B=two words"]), 1),
    ("AuthorizedKeysFile", some(1, 2, [".ssh/authorized_keys", "/etc/ssh/keys/%u", ".ssh/keys2", "none"]), 2),
    ("AuthorizedPrincipalsFile", one_of("none", "/etc/ssh/principals/%u"), 1),
    ("AuthorizedKeysCommandUser", one_of("nobody", "root"), 1),
    ("TrustedUserCAKeys", one_of("none", "/etc/ssh/ca.pub"), 1),
    ("RevokedKeys", one_of("none", "/etc/ssh/revoked"), 1),
    ("PermitOpen", some(1, 2, ["10.0.0.1:80", "db.example.jp:5432", "[2001:db8::1]:22", "localhost:*"]), 1),
    ("PermitOpen", one_of("any", "none"), 1),
    ("PermitListen", some(1, 2, ["8080", "localhost:9000", "*:25"]), 1),
    ("IPQoS", lambda r: r.sample(["af21", "cs1", "lowdelay", "throughput", "ef"], r.randint(1, 2)), 1),
    ("StreamLocalBindMask", one_of("0177", "077", "0", "27"), 1),
    ("StreamLocalBindUnlink", YES_NO, 1),
    ("ExposeAuthInfo", YES_NO, 1),
    ("GSSAPIAuthentication", YES_NO, 2),
    ("RhostsRSAAuthentication", YES_NO, 1),
    ("RSAAuthentication", YES_NO, 1),
]
GLOBAL = [
    ("Port", one_of("22", "2222", "22022", "443"), 4),
    ("ListenAddress", one_of("0.0.0.0", "192.0.2.1", "192.0.2.1:2200", "[2001:db8::1]:22", "2001:db8::2", "127.0.0.1",
                             "::"), 3),
    ("AddressFamily", cased("any", "inet", "inet6"), 1),
    ("HostKey", one_of(*HOST_KEYS), 3),
    ("UsePAM", YES_NO, 3),
    ("Protocol", one_of("2", "2,1"), 2),
    ("SyslogFacility", cased("AUTH", "AUTHPRIV", "DAEMON", "LOCAL3"), 2),
    ("LoginGraceTime", DURATION, 3),
    ("StrictModes", YES_NO, 2),
    ("PubkeyAuthentication", YES_NO, 2),
    ("DSAAuthentication", YES_NO, 1),
    ("IgnoreUserKnownHosts", YES_NO, 1),
    ("PrintMotd", YES_NO, 2),
    ("PrintLastLog", YES_NO, 1),
    ("TCPKeepAlive", YES_NO, 1),
    ("KeepAlive", YES_NO, 1),
    ("Compression", cased("yes", "no", "delayed"), 1),
    ("UseDNS", YES_NO, 2),
    ("PermitUserEnvironment", one_of("yes", "no", "LANG,LC_*"), 2),
    ("PidFile", one_of("/run/sshd.pid", "/var/run/other.pid"), 1),
    ("XAuthLocation", one_of("/usr/bin/xauth", "/opt/x/xauth"), 1),
    ("VersionAddendum", one_of("none", "Company", "two words", "hidden # note"), 1),
    ("Ciphers", algorithms(CIPHERS), 3),
    ("MACs", algorithms(MACS), 2),
    ("KexAlgorithms", algorithms(KEX), 2),
    ("HostKeyAlgorithms", algorithms(SIGNATURES), 1),
    ("MaxStartups", one_of("10:30:60", "5:50:20", "10:30:100"), 2),
    ("PerSourceMaxStartups", one_of("none", "5", "10"), 1),
    ("PerSourceNetBlockSize", one_of("32:128", "24:64"), 1),
    ("FingerprintHash", cased("md5", "sha256"), 1),
    ("KerberosAuthentication", YES_NO, 1),
    ("KeyRegenerationInterval", one_of("3600", "1h"), 1),
    ("ServerKeyBits", one_of("768", "1024"), 1),
    ("UsePrivilegeSeparation", one_of("yes", "sandbox"), 1),
    ("UseLogin", YES_NO, 1),
    ("DebianBanner", YES_NO, 1),
]
# Left to fixed cases: AuthenticationMethods, which sshd checks against other keywords, and the short forms of
# MaxStartups and RekeyLimit, which leave the rest to another line.
# The argument is the rest of the line: no quoting, and '#' starts no comment.
REST_OF_LINE = {"ForceCommand", "VersionAddendum"}

# Lines for which sshd refuses to start, wherever they stand in a read file.
REFUSED_ANYWHERE = [
    "PermitRootlogins no", "Permit_Root_Login no", "PermitRootLogin", "PermitRootLogin maybe", "PermitRootLogin no yes",
    "PermitRootLogin 'no", 'Banner "/etc/issue', "ClientAliveInterval 5x", "ClientAliveInterval ten",
    "MaxAuthTries many",
    "MaxAuthTries 3#three", "X11Forwarding true", "LogLevel LOUD", "Match Nickname bob", "Match", "Match all User bob",
    "Match User", "PermitOpen nohost", "= yes", "AcceptEnv A=1", "SetEnv A", "Include",
    "PermitRootLogin: no", "ChannelTimeout none session:*=1m", "\ufeffPermitRootLogin no",
]
# Refused inside a Match block that isn't known to hold ('Match all' aside).
REFUSED_IN_MATCH = ["Port 22", "UsePAM yes", "Ciphers aes256-ctr", "LoginGraceTime 60", "PermitUserEnvironment no",
                    "Subsystem sftp internal-sftp", "Protocol 2", "StrictModes no"]


def pick(r, table):
    return r.choices(table, [row[2] for row in table])[0]


def keyword_case(r, word):
    return r.choice([word] * 6 + [word.lower(), word.upper(), word.swapcase(),
                                  "".join(r.choice((c.lower(), c.upper())) for c in word)])


def quoted(r, arg):
    """The argument as a configuration may write it."""
    if " " in arg:
        return r.choice(['"%s"' % arg, "'%s'" % arg, arg.replace(" ", "\\ "), arg.replace(" ", '" "')])
    return r.choice([arg] * 8 + ['"%s"' % arg, "'%s'" % arg, arg[:1] + '"' + arg[1:] + '"'])


def setting_line(r, keyword, args):
    separator = r.choice([" "] * 8 + ["\t", "   ", "=", " = ", "= ", " =", " \t "])
    word = keyword_case(r, keyword)
    if "=" not in separator and r.random() < 0.02:
        word = '"%s"' % word  # '=' after it would be an argument
    indent = r.choice([""] * 5 + ["  ", "\t"])
    if keyword in REST_OF_LINE:
        return indent + word + separator + " ".join(args) + r.choice(["", "", "  ", "\t"])
    text = r.choice([" "] * 6 + ["  ", "\t"]).join(quoted(r, a) for a in args)
    comment = r.choice([""] * 7 + [" # note", "\t#note", ' # don\'t "quote', "  ", " \t"])
    return indent + word + separator + text + comment


def noise_line(r):
    return r.choice(["", "", "   ", "\t", "#", "# PermitRootLogin yes", "#PermitRootLogin yes",
                     "\t# PasswordAuthentication no", "#Match all", '# an odd " quote'])


def setting_lines(r, count, tables):
    lines = []
    for _ in range(count):
        keyword, values, _ = pick(r, r.choice(tables))
        lines.append(setting_line(r, keyword, values(r)))
        if r.random() < 0.25:
            lines.append(noise_line(r))
    return lines


def criterion(r):
    user = r.choice(USERS)
    return r.choice([
        lambda: ("User", user), lambda: ("User", user), lambda: ("User", ",".join(r.sample(USERS, 2))),
        lambda: ("User", "*,!" + user), lambda: ("User", user[:2] + "*"),
        lambda: ("Group", r.choice(["wheel", "staff", "sftponly", "root", "staff,root", "*,!wheel"])),
        lambda: ("Address", r.choice(["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32", "203.0.113.9", "10.1.*",
                                      "10.0.0.0/8,192.168.0.0/16", "!10.9.0.1,10.0.0.0/8", "2001:db8:1::/48"])),
        lambda: ("Host", r.choice(["*.example.jp", "vpn.example.jp", "!vpn.example.jp,*"])),
        lambda: ("LocalPort", r.choice(["22", "2222"])),
    ])()


def match_line(r):
    if r.random() < 0.15:
        return keyword_case(r, "Match") + " " + r.choice(["all", "All", "ALL"]) + r.choice(["", "", " # rest"])
    parts = []
    for name, value in dict(criterion(r) for _ in range(r.choice([1, 1, 1, 2]))).items():
        value = value if r.random() < 0.9 else '"%s"' % value
        parts.append(keyword_case(r, name) + r.choice([" "] * 9 + ["  ", "\t", "="]) + value)
    return keyword_case(r, "Match") + " " + " ".join(parts) + r.choice([""] * 6 + [" # note", "  "])


def match_blocks(r, count, includes=()):
    lines = []
    for _ in range(count):
        lines.append(match_line(r))
        lines += setting_lines(r, r.randint(0, 4), [ANYWHERE])
        if includes and r.random() < 0.3:
            lines.insert(r.randint(1, len(lines)), r.choice(includes))
    return lines


class Tree:
    """One generated configuration: files, and the line for which sshd should refuse it (or None)."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.files = {}
        self.refused = None
        # sshd refuses a ListenAddress of the family that AddressFamily shuts out: never both in one tree.
        left_out = self.r.choice(["AddressFamily", "ListenAddress"])
        self.tables = [ANYWHERE, [row for row in GLOBAL if row[0] != left_out]]
        self._drop_ins()
        self._main()
        if self.r.random() < 0.10:
            self._refuse()
        for path, lines in self.files.items():
            if isinstance(lines, list):
                end = "\r\n" if self.r.random() < 0.08 else "\n"
                text = end.join(lines) + end
                self.files[path] = text[: -len(end)] if self.r.random() < 0.1 else text

    def _file(self, path, settings, matches):
        self.files[path] = setting_lines(self.r, settings, self.tables) + match_blocks(self.r, matches)

    def _drop_ins(self):
        r = self.r
        self.includes, self.match_includes = [], []
        names = r.sample(["10-site.conf", "50-cloud-init.conf", "99-last.conf", "A.conf", "b.conf", "_x.conf",
                          "05.conf"], r.choice([0, 1, 2, 3]))
        for name in names:
            self._file("etc/ssh/sshd_config.d/" + name, r.randint(0, 4), int(r.random() < 0.2))
        for name in r.sample(["old.conf.bak", ".hidden.conf", "README", "x.conf~"], r.choice([0, 1])):
            self.files["etc/ssh/sshd_config.d/" + name] = ["PermitRootLogin yes", "NotRead really"]
        self.includes += ["Include /etc/ssh/sshd_config.d/*.conf", "Include sshd_config.d/*.conf",
                          "include sshd_config.d/[0-9]*.conf", 'Include "/etc/ssh/sshd_config.d/*.conf"',
                          "Include = sshd_config.d/?.conf", "Include /etc/ssh/nothing/*.conf", "Include missing.conf",
                          "INCLUDE sshd_config.d/1*.conf  sshd_config.d/9*.conf # two"]
        if r.random() < 0.25:
            self._file("etc/ssh/extra/outer.conf", r.randint(0, 3), 0)
            self._file("etc/ssh/extra/inner.conf", r.randint(1, 3), int(r.random() < 0.3))
            outer = self.files["etc/ssh/extra/outer.conf"]
            inner = r.choice(["Include extra/inner.conf", "Include /etc/ssh/extra/i*.conf"])
            outer.insert(r.randint(0, len(outer)), inner)
            self.includes += ["Include extra/outer.conf", "Include /etc/ssh/extra/outer.conf"]
        if r.random() < 0.15:
            self._file("etc/crypto-policies/back-ends/opensshserver.config", 0, 0)
            self.files["etc/crypto-policies/back-ends/opensshserver.config"] = [
                setting_line(r, "Ciphers", algorithms(CIPHERS)(r)), setting_line(r, "MACs", algorithms(MACS)(r))]
            self.includes += ["Include /etc/crypto-policies/back-ends/opensshserver.config"] * 3
        if r.random() < 0.1:
            self.files["etc/ssh/linked.conf"] = Link("/etc/site/linked.conf")
            self._file("etc/site/linked.conf", 2, 0)
            self.includes += ["Include linked.conf"] * 3
        if r.random() < 0.2:
            lines = setting_lines(r, 2, [ANYWHERE]) + match_blocks(r, int(r.random() < 0.4))
            self.files["etc/ssh/match.d/1.conf"] = lines
            self.match_includes = ["Include match.d/*.conf"]

    def _main(self):
        r = self.r
        lines = setting_lines(r, r.randint(0, 12), self.tables)
        for include in r.sample(self.includes, r.choice([0, 1, 1, 1, 2])):
            lines.insert(r.choice([0, 0, r.randint(0, len(lines))]), include)
        if r.random() < 0.4:
            lines.append(setting_line(r, "Subsystem", r.choice([
                ["sftp", "/usr/lib/openssh/sftp-server"], ["sftp", "internal-sftp", "-l", "INFO"]])))
        lines += match_blocks(r, r.choice([0, 0, 1, 2, 3]), self.match_includes)
        self.files["etc/ssh/sshd_config"] = lines

    def _refuse(self):
        lines = self.files["etc/ssh/sshd_config"]
        first_match = next((i for i, l in enumerate(lines) if l.lower().startswith("match")), None)
        if first_match is not None and self.r.random() < 0.4 and " all" not in lines[first_match].lower():
            self.refused = self.r.choice(REFUSED_IN_MATCH)
            lines.insert(first_match + 1, self.refused)
            return
        self.refused = self.r.choice(REFUSED_ANYWHERE)
        lines.insert(self.r.randint(0, len(lines)), self.refused)


def mutated(seed, files):
    """The same configuration after somebody has been at it: lines gone, changed, new."""
    r = random.Random(seed + "/mutated")
    files = dict(files)
    path = r.choice([p for p in files if p.startswith("etc/ssh/") and not isinstance(files[p], Link)])
    lines = files[path].split("\n")
    for _ in range(r.choice([0, 1, 1, 2, 3])):
        at = r.randrange(len(lines))
        what = r.random()
        if what < 0.4:
            lines[at] = "# " + lines[at]
        elif what < 0.8:
            keyword, values, _ = pick(r, r.choice([ANYWHERE, GLOBAL]))
            lines.insert(0, setting_line(r, keyword, values(r)))
        else:
            lines.insert(at, lines[r.randrange(len(lines))])
    files[path] = "\n".join(lines)
    return files


def probes(seed, text):
    """Connections to judge a configuration for; none is needed when it has no Match."""
    if "match" not in text.lower():
        return []
    r = random.Random(seed + "/probes")
    return [{"user": r.choice(USERS), "host": r.choice(HOSTS), "addr": r.choice(ADDRESSES), "laddr": "192.0.2.1",
             "lport": r.choice(["22", "2222"])} for _ in range(4)]
