#include "base/sha256.h"

#include <sys/types.h>

#include <sha256.h>

kj_str kj_sha256(struct kj_arena *arena, kj_str bytes)
{
	char *digits = kj_alloc_text(arena, SHA256_DIGEST_STRING_LENGTH);
	SHA256Data((const uint8_t *)bytes.p, bytes.n, digits);
	return (kj_str){digits, SHA256_DIGEST_STRING_LENGTH - 1};
}
