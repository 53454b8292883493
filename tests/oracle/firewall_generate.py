"""Rulesets at random for firewall_kernel.py: what iptables-restore, ip6tables-restore and nft -f load.

Ruleset N depends on the seed and N only. The addresses are those of firewall_world.py, so that the rules speak about
packets that come. What the kernel's tools refuse is for the loader to leave out. Standard library only.
"""

import random

from firewall_generate_iptables import Iptables
from firewall_generate_nft import Nft

LOADERS = ("iptables-legacy", "iptables-nft", "ip6tables-legacy", "ip6tables-nft", "nft", "nft", "nft")


def generate(seed, number):
    """Ruleset `number` of a seed."""
    rnd = random.Random("%s:%s" % (seed, number))
    loader = LOADERS[number % len(LOADERS)]
    if loader == "nft":
        return Nft(rnd).ruleset()
    return Iptables(rnd, 6 if loader.startswith("ip6") else 4, loader).ruleset()
