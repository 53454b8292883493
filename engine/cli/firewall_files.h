/* The files of `kijun firewall`. */
#ifndef KJ_CLI_FIREWALL_FILES_H
#define KJ_CLI_FIREWALL_FILES_H

#include "cli/cli.h"
#include "firewall/compare.h"
#include "firewall/sockets.h"

/* Reads a file as exports are read: with caps, decoded. NULL after a message. */
const struct kj_text *kj_firewall_file(struct kj_cli *cli, kj_str path);

/* Adds the dumps of n files, joined where they complete each other. False after a message; what could be read is
   there. */
bool kj_firewall_dumps(struct kj_cli *cli, const kj_str *paths, size_t n, struct kj_fw_rulesets *rulesets);

/* The file of --sockets; NULL after a message. */
const struct kj_fw_sockets *kj_firewall_sockets(struct kj_cli *cli, const struct kj_fw_request *request);

#endif
