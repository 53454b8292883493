/* The loaders: the first byte picks policy, source or features; any text loads or is refused with a message. */
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct loading {
	struct kj_arena *arena;
	const struct kj_text *text;
	unsigned char kind;
};

static void load(void *ctx)
{
	static bool (*const loaders[])(struct kj_program *, const struct kj_text *, struct kj_diags *) = {
	        kj_policy_load, kj_source_load, kj_features_load};
	struct loading *l = ctx;
	struct kj_diags diags = {.arena = l->arena};
	bool ok = loaders[l->kind % 3](kj_program_new(l->arena), l->text, &diags);
	if (!ok && diags.errors == 0) {
		fputs("refused without a message\n", stderr);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct kj_arena *arena = kj_arena_new(512 * KJ_MIB);
	struct kj_text text = {KJ_STR("fuzz"), {(const char *)data + 1, size - 1}};
	struct loading l = {arena, &text, data[0]};
	kj_guard(arena, load, &l);
	kj_arena_free(arena);
	return 0;
}
