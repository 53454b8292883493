/* Captures of terminals: what pagers and colours leave in a text, and the prompts around it. */
#ifndef KJ_FIREWALL_CAPTURE_H
#define KJ_FIREWALL_CAPTURE_H

#include "base/arena.h"
#include "base/str.h"

/* The text without colours and erasing (ECMA-48 control sequences "ESC [ … m" and their like) and without the prompts
   of pagers ("--More--", what is in reverse video at a line's beginning) with the backspaces that wipe them away. Lines
   stay where they are. The text itself where there is nothing of the kind, else a copy in the arena. */
kj_str kj_fw_capture_plain(struct kj_arena *arena, kj_str text);

/* "root@web:~# nft list ruleset", "$ sudo iptables-save", "C:\>netsh …": a shell waiting, or given a command. */
bool kj_fw_is_prompt(kj_str line);

#endif
