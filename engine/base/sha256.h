#ifndef KJ_BASE_SHA256_H
#define KJ_BASE_SHA256_H

#include "base/buf.h"

/* The SHA-256 of the bytes as 64 hexadecimal digits. */
kj_str kj_sha256(struct kj_arena *arena, kj_str bytes);

#endif
