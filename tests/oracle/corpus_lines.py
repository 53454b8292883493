"""For dialect_corpus.py: is there a line of a public dump that kijun passes over in silence?

Every rule line of a dump gets a word that no firewall knows (TAG); a line that is read as a rule must then be named in a message. Which lines are rules
is found here by the shape of the format alone, not by what a rule says.
"""
import glob
import json
import os
import re

TAG = "kijuntag"
FOLDERS = ("firewall/iptables/*.dump", "firewall/nft/*.nft", "firewall/nft/*.nft.json", "firewall/ufw/p1/*", "firewall/firewalld/p1/*.txt",
           "linux/jc/*/iptables*.out", "linux/jc/*/ufw*.out", "linux/inspec-cmd/iptables*", "linux/inspec-cmd/ip6tables*",
           "linux/inspec-cmd/nftables*")


def files(corpus):
    for pattern in FOLDERS:
        yield from sorted(p for p in glob.glob(os.path.join(corpus, pattern)) if os.path.isfile(p))


# Each tagger: lines in, (lines with tags, the numbers of those tagged) out.

def tag_save(lines):
    """-A and -I inside of a table; of `iptables -S`, which names none, everywhere."""
    out, tagged = [], set()
    tables = any(re.match(r"\*(raw|mangle|nat|filter|security)\s*$", line) for line in lines)
    inside = not tables
    for number, line in enumerate(lines, 1):
        if tables and re.match(r"\*\w+\s*$|COMMIT", line):
            inside = line[0] == "*"
        if inside and re.match(r"(\[\d+:\d+\] )?-[AI] \S", line):
            tagged.add(number)
            line = "%s -m %s" % (line.rstrip(), TAG)
        out.append(line)
    return out, tagged


# What targets print of themselves comes last, and may hold anything.
TAILS = re.compile(r" (?=(?:reject-with|LOG|nflog-|to:|redir|masq|MARK|CONNMARK|CT|NOTRACK|TCPMSS|TOS|DSCP|TTL|NFQUEUE)\b)| *$")


def tag_list(lines):
    """What stands between the columns' names and the next blank line or chain."""
    out, tagged, inside = [], set(), False
    for number, line in enumerate(lines, 1):
        names = bool(re.search(r"\btarget +prot\b", line))
        inside = names or (inside and bool(line.strip()) and not line.startswith("Chain "))
        if inside and not names:
            tagged.add(number)
            behind = re.search(r"(?:\S+[.:/]\S+|anywhere) +(?:\S+[.:/]\S+|anywhere)", line).end()
            line = line[:behind] + TAILS.sub("  %s " % TAG, line[behind:], count=1)
        out.append(line)
    return out, tagged


def tag_nft(lines):
    """The statements of chains that filter or translate, one a line."""
    out, tagged, family, chain, depth = [], set(), "", False, 0
    for number, line in enumerate(lines, 1):
        words = line.split()
        braces = line.count("{") - line.count("}")
        if words[:1] == ["table"]:
            family = words[1]
        if words[:1] == ["chain"] and words[-1] == "{":
            chain = family in ("ip", "ip6", "inet")
        elif chain and depth == 2 and words and words[0] not in ("type", "policy", "comment", "}") and words[0][0] != "#" and braces == 0:
            tagged.add(number)
            line = "\t\t%s %s" % (TAG, line.strip())
        depth += braces
        chain = chain and depth >= 2 or words[:1] == ["chain"] and chain
        out.append(line)
    return out, tagged


def tag_nft_json(lines):
    objects = json.loads("\n".join(lines))["nftables"]
    out, tagged = ['{"nftables": ['], set()
    for number, item in enumerate(objects, 2):
        rule = item.get("rule")
        if rule and rule["family"] in ("ip", "ip6", "inet"):
            rule["expr"].insert(0, {TAG: None})
            tagged.add(number)
        out.append(json.dumps(item) + ("," if number <= len(objects) else ""))
    return out + ["]}"], tagged


def tag_ufw(lines):
    """The rows of the table."""
    out, tagged, inside = [], set(), False
    for number, line in enumerate(lines, 1):
        inside = (inside and bool(line.strip())) or line.strip().startswith("-- ")
        row = inside and re.sub(r" (?:ALLOW|DENY|REJECT|LIMIT)(?: (?:IN|OUT|FWD))? +\S+", r"\g<0> " + TAG, line, count=1)
        if row and row != line:
            tagged.add(number)
            line = row
        out.append(line)
    return out, tagged


def tag_firewalld(lines):
    """The settings of every zone, but for those that make it one, and its rich rules. The first zone stays, for the format to be known by."""
    out, tagged, zones = [], set(), 0
    for number, line in enumerate(lines, 1):
        zones += line.startswith("  target:")
        if zones < 2:
            out.append(line)
            continue
        setting = re.match(r"  ([a-z-]+): ?(.*)$", line)
        if line.startswith("\t") and line.strip().startswith("rule"):
            tagged.add(number)
            line = "%s %s" % (line, TAG)
        elif setting and setting.group(1) != "target":
            tagged.add(number)
            line = "  %s-%s: %s" % (TAG, *setting.groups())
        out.append(line)
    return out, tagged


TAGGERS = {"iptables-save": tag_save, "ip6tables-save": tag_save, "ufw-rules": tag_save, "iptables-list": tag_list, "ip6tables-list": tag_list,
           "nft": tag_nft, "nft-json": tag_nft_json, "ufw-status": tag_ufw, "firewalld": tag_firewalld}


def check(path, ask, complain):
    """`ask` answers with kijun's dumps for a text, `complain` takes what is wrong. The number of lines that were tried."""
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        text = file.read()
    dumps = ask(text)
    if not dumps:
        return 0
    lines, tagged = TAGGERS[dumps[0]["dialect"]](text.replace("\r\n", "\n").split("\n"))
    named = {note["line"] for dump in ask("\n".join(lines)) or () for note in dump["unsupported"]}
    for number in sorted(tagged - named):
        complain(path, "line %d is passed over in silence: %s" % (number, lines[number - 1].strip()[:120]))
    return len(tagged)
