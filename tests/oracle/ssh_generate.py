"""Random ssh configurations as export trees, for ssh_oracle.py. Same seed, same tree."""

import random

from sshd_generate import (CIPHERS, DURATION, KEX, MACS, NUMBER, SIGNATURES, algorithms, cased, noise_line, one_of, pick,
                           setting_line, some)

USERS = ["root", "alice", "bob"]
HOSTS = ["web1", "web2", "db1.example.jp", "vpn.example.jp", "www.example.net", "gw", "real.example.jp"]

FLAG = cased("yes", "no", "true", "false")
ASK = cased("yes", "no", "ask", "true", "false")

# (keyword, its arguments, how often)
KEYWORDS = [
    ("User", one_of("root", "deploy", "git"), 3), ("Port", one_of("22", "2222", "443"), 3),
    ("AddressFamily", cased("any", "inet", "inet6"), 1), ("BatchMode", FLAG, 2),
    ("CanonicalizeFallbackLocal", FLAG, 1), ("CheckHostIP", FLAG, 2), ("Compression", cased("yes", "no"), 1),
    ("ControlMaster", cased("yes", "no", "auto", "ask", "autoask"), 2), ("EnableSSHKeysign", FLAG, 1),
    ("ExitOnForwardFailure", FLAG, 1), ("ClearAllForwardings", one_of("no"), 1),
    ("FingerprintHash", cased("md5", "sha256", "sha512"), 1), ("ForwardX11", FLAG, 3),
    ("ForwardX11Trusted", FLAG, 2), ("ForwardX11Timeout", DURATION, 1), ("ForwardAgent", FLAG, 4),
    ("GatewayPorts", FLAG, 1), ("GSSAPIAuthentication", FLAG, 2), ("GSSAPIDelegateCredentials", FLAG, 1),
    ("HashKnownHosts", FLAG, 3), ("HostbasedAuthentication", FLAG, 1), ("IdentitiesOnly", FLAG, 2),
    ("KbdInteractiveAuthentication", FLAG, 1), ("ChallengeResponseAuthentication", FLAG, 1),
    ("NoHostAuthenticationForLocalhost", FLAG, 1), ("PasswordAuthentication", FLAG, 3),
    ("PermitLocalCommand", FLAG, 2), ("ProxyUseFdpass", FLAG, 1),
    ("PubkeyAuthentication", cased("yes", "no", "unbound", "host-bound"), 2),
    ("RequestTTY", cased("yes", "no", "force", "auto"), 1), ("SessionType", cased("none", "subsystem", "default"), 1),
    ("StdinNull", FLAG, 1), ("StreamLocalBindUnlink", FLAG, 1),
    ("StrictHostKeyChecking", cased("yes", "no", "ask", "off", "accept-new"), 5), ("TCPKeepAlive", FLAG, 1),
    ("KeepAlive", FLAG, 1), ("Tunnel", cased("yes", "no", "point-to-point", "ethernet"), 1),
    ("VerifyHostKeyDNS", ASK, 2), ("VisualHostKey", FLAG, 1), ("UpdateHostKeys", cased("yes", "no"), 1),
    ("EnableEscapeCommandline", FLAG, 1), ("CanonicalizeMaxDots", NUMBER, 1),
    ("ConnectionAttempts", one_of("1", "3"), 1), ("NumberOfPasswordPrompts", NUMBER, 1),
    ("ServerAliveCountMax", NUMBER, 2), ("ServerAliveInterval", DURATION, 3), ("ServerAliveInterval", one_of("none"), 1),
    ("ConnectTimeout", DURATION, 2), ("ConnectTimeout", one_of("none"), 1),
    ("RequiredRSASize", one_of("1024", "2048"), 2), ("BindAddress", one_of("192.0.2.7"), 1),
    ("BindInterface", one_of("eth0"), 1), ("Ciphers", algorithms(CIPHERS), 3), ("MACs", algorithms(MACS), 2),
    ("KexAlgorithms", algorithms(KEX), 2), ("HostKeyAlgorithms", algorithms(SIGNATURES), 2),
    ("PubkeyAcceptedAlgorithms", algorithms(SIGNATURES), 1), ("PubkeyAcceptedKeyTypes", algorithms(SIGNATURES), 1),
    ("HostbasedKeyTypes", algorithms(SIGNATURES), 1), ("CASignatureAlgorithms", algorithms(SIGNATURES[:4]), 1),
    ("ControlPath", one_of("none", "/tmp/ctl", "/run/ssh ctl"), 1), ("HostKeyAlias", one_of("Alias", "other"), 1),
    ("IdentityAgent", one_of("none", "SSH_AUTH_SOCK", "/run/agent"), 1),
    ("KbdInteractiveDevices", one_of("pam", "bsdauth"), 1), ("LocalCommand", one_of("none", "/usr/bin/true # it is"), 1),
    ("LogLevel", cased("QUIET", "INFO", "VERBOSE", "DEBUG3", "ERROR"), 2),
    ("PKCS11Provider", one_of("none", "/usr/lib/p11.so"), 1), ("SecurityKeyProvider", one_of("internal", "/usr/lib/sk"), 1),
    ("PreferredAuthentications", one_of("publickey", "publickey,password"), 2),
    ("RevokedHostKeys", one_of("none", "/etc/ssh/revoked"), 1), ("XAuthLocation", one_of("/opt/x/xauth"), 1),
    ("KnownHostsCommand", one_of("none", "/usr/bin/kh"), 1),
    ("DynamicForward", one_of("1080", "localhost:1081", "[::1]:1082", "/run/socks"), 1),
    ("LocalForward", lambda r: [r.choice(["8080", "localhost:8081", "/run/l.sock", "[::1]:8082"]),
                                r.choice(["web:80", "[2001:db8::1]:80", "/run/t.sock"])], 2),
    ("RemoteForward", lambda r: [r.choice(["9090", "*:9091", "/run/r.sock"]), r.choice(["web:80", "/run/u.sock"])], 1),
    ("RemoteForward", one_of("9099"), 1),
    ("IdentityFile", one_of("~/.ssh/id_work", "/etc/ssh/id_host", "~/.ssh/id_rsa"), 3),
    ("CertificateFile", one_of("~/.ssh/id_work-cert.pub", "/etc/ssh/c.pub"), 1),
    ("CanonicalDomains", some(1, 2, ["example.jp", "Example.NET", "a-b.example"]), 1),
    ("GlobalKnownHostsFile", some(1, 2, ["/etc/ssh/kh", "/etc/ssh/kh2", "/etc/ssh/k h"]), 1),
    ("GlobalKnownHostsFile", one_of("none"), 1),
    ("UserKnownHostsFile", some(1, 2, ["/dev/null", "/etc/ssh/kh2"]), 2), ("UserKnownHostsFile", one_of("none"), 1),
    ("SendEnv", some(1, 3, ["LANG", "LC_*", "GIT_*", "TZ"]), 4), ("SendEnv", one_of("-LC_*", "-*"), 1),
    ("SetEnv", some(1, 2, ["A=1", "LANG=C", "B=two words"]), 1), ("LogVerbose", some(1, 2, ["kex.c:*:1000", "packet.c:*"]), 1),
    ("PermitRemoteOpen", some(1, 2, ["10.0.0.1:80", "[2001:db8::1]:22", "localhost:*"]), 1),
    ("PermitRemoteOpen", one_of("any", "none"), 1),
    ("AddKeysToAgent", cased("yes", "no", "ask", "confirm"), 1),
    ("AddKeysToAgent", lambda r: r.choice([["confirm", "5m"], ["1h"], ["300"]]), 1),
    ("TunnelDevice", one_of("any", "0", "1:2", "any:3"), 1),
    ("CanonicalizePermittedCNAMEs", one_of("none"), 1),
    ("ControlPersist", one_of("yes", "no", "10m", "0", "true"), 2),
    ("EscapeChar", one_of("none", "~", "^C", "%"), 1), ("IPQoS", some(1, 2, ["af21", "cs1", "lowdelay", "ef"]), 1),
    ("RekeyLimit", lambda r: [r.choice(["default", "512M", "1G", "64K"]), r.choice(["1h", "3600", "none"])], 1),
    ("StreamLocalBindMask", one_of("0177", "077", "0"), 1), ("SyslogFacility", cased("AUTH", "DAEMON", "LOCAL3"), 1),
    ("ProxyCommand", one_of("none", "/usr/bin/nc %h %p", "/usr/bin/connect \"a b\" # c"), 2),
    ("ProxyJump", one_of("none", "gw.example.jp", "me@gw.example.jp:2222", "a,b@c"), 2),
    ("RSAAuthentication", FLAG, 1), ("UsePrivilegedPort", FLAG, 1), ("Protocol", one_of("2"), 1), ("Cipher", one_of("3des"), 1),
]
REST_OF_LINE = {"LocalCommand", "ProxyCommand", "KnownHostsCommand", "ProxyJump"}

# Lines for which ssh gives up, wherever they stand in a file that it reads.
REFUSED = [
    "StrictHostKeyCheckings no", "StrictHostKeyChecking", "StrictHostKeyChecking maybe", "ForwardAgent yes no",
    "Port 0", "Port x", "Ciphers rot13", "ServerAliveInterval 5x", "ConnectionAttempts many", "IdentityFile 'open",
    "Host ''", "Match", "Match all host x", "Match nickname bob", "Match host", "LocalForward 8080", "LocalForward x y:1",
    "ProxyJump a:b", "EscapeChar ab", "TunnelDevice x", "RekeyLimit 5", "PermitRemoteOpen any none", "SetEnv A",
    "SendEnv A=1", "UserKnownHostsFile none /x", "CanonicalDomains -x", "LogLevel LOUD", "Host a\tb 'c", "ControlPersist x",
    "Compression true", "\ufeffPort 22",
]


def host_line(r):
    patterns = r.choice([["*"], ["web*"], ["web1"], ["db1.example.jp", "gw"], ["*.example.jp", "!vpn.example.jp"],
                         ["*", "!gw"], ["!web1", "web?"], ["*.example.??"], ["real.example.jp"], ["!gw"]])
    return r.choice(["Host", "host", "HOST"]) + r.choice([" "] * 5 + ["\t", "="]) + " ".join(patterns)


def match_line(r):
    parts = r.choice([["all"], ["final", "all"], ["final"], ["host", "*.example.jp"], ["!host", "web*"],
                      ["originalhost", "web1,web2"], ["user", "root"], ["user", "*,!root"], ["localuser", "alice"],
                      ["!localuser", "alice"], ["exec", "true"], ["exec", '"false"'], ["host", "*", "user", "git"],
                      ["final", "host", "real.*"], ["canonical"], ["canonical", "all"], ["!final", "host", "gw"],
                      ["host", "*"], ["!all"], ["host", "real.example.jp"], ["!canonical"], ["localuser", "*"]])
    return r.choice(["Match", "match"]) + " " + " ".join(parts) + r.choice([""] * 6 + [" # note"])


def lines_of(r, count):
    lines = []
    for _ in range(count):
        keyword, values, _ = pick(r, KEYWORDS)
        args = values(r)
        line = setting_line(r, keyword, args)
        if keyword in REST_OF_LINE:
            line = "%s %s" % (keyword, " ".join(args))
        lines.append(line)
        if r.random() < 0.2:
            lines.append(noise_line(r))
    return lines


def blocks(r, count, includes=()):
    lines = []
    for _ in range(count):
        lines.append(host_line(r) if r.random() < 0.6 else match_line(r))
        lines += lines_of(r, r.randint(0, 4))
        if r.random() < 0.15:
            lines.append("HostName " + r.choice(["real.example.jp", "%h.example.jp", "192.0.2.10"][:2]))
        if includes and r.random() < 0.3:
            lines.insert(r.randint(1, len(lines)), r.choice(includes))
    return lines


class Tree:
    """One generated configuration: files, and the users for whom ssh should give up ("" is everybody)."""

    def __init__(self, seed):
        self.r = r = random.Random(seed)
        self.files, self.refused = {}, {}
        for name in r.sample(["10-site.conf", "50-redhat.conf", "99.conf", "b.conf"], r.choice([0, 1, 2])):
            self.files["etc/ssh/ssh_config.d/" + name] = lines_of(r, r.randint(0, 3)) + blocks(r, r.choice([0, 0, 1]))
        includes = ["Include /etc/ssh/ssh_config.d/*.conf", "Include ssh_config.d/*.conf", "include missing/*.conf"]
        if r.random() < 0.2:
            self.files["etc/ssh/extra.conf"] = lines_of(r, 2) + blocks(r, r.choice([0, 1]))
            includes += ["Include extra.conf", "Include /etc/ssh/extra.conf nothing.conf"]
        main = lines_of(r, r.randint(0, 4))
        for include in r.sample(includes, r.choice([0, 1, 1, 2])):
            main.insert(r.randint(0, len(main)), include)
        main += blocks(r, r.choice([0, 1, 2, 3, 4]), includes)
        if r.random() < 0.4:
            main += ["Host *"] + lines_of(r, r.randint(1, 4))
        self.files["etc/ssh/ssh_config"] = main
        for user in r.sample(["alice", "bob"], r.choice([0, 1, 1, 2])):
            own = lines_of(r, r.randint(0, 3)) + blocks(r, r.choice([0, 1, 2]))
            if r.random() < 0.2:
                self.files["home/%s/.ssh/conf.d/x.conf" % user] = lines_of(r, 2)
                own.insert(0, r.choice(["Include conf.d/*.conf", "Include ~/.ssh/conf.d/x.conf"]))
            self.files["home/%s/.ssh/config" % user] = own
        if r.random() < 0.12:
            self._refuse()
        for path, lines in self.files.items():
            end = "\r\n" if r.random() < 0.05 else "\n"
            self.files[path] = end.join(lines) + end

    def _refuse(self):
        mine = [p for p in ("home/alice/.ssh/config", "home/bob/.ssh/config") if p in self.files]
        path = self.r.choice(["etc/ssh/ssh_config"] + mine)
        line = self.r.choice(REFUSED)
        lines = self.files[path]
        lines.insert(self.r.randint(0, len(lines)), line)
        self.refused[path.split("/")[1] if path.startswith("home") else ""] = line


def probes(seed):
    """(local user, host, remote user or None)"""
    r = random.Random(seed + "/probes")
    return [("root", r.choice(HOSTS), None), ("alice", r.choice(HOSTS), None), ("alice", r.choice(HOSTS), None),
            ("bob", r.choice(HOSTS), r.choice([None, "git"]))]
