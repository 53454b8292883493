#include "doc/build.h"

#include "base/map.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

static size_t or_default(size_t limit, size_t otherwise)
{
	return limit ? limit : otherwise;
}

struct kj_build kj_build_new(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                             struct kj_diags *diags)
{
	struct kj_build build = {.arena = arena, .diags = diags};
	build.limits.bytes = or_default(limits.bytes, 4 * KJ_MIB);
	build.limits.depth = or_default(limits.depth, 64);
	build.limits.nodes = or_default(limits.nodes, 400 * 1000);
	if (text->bytes.n > build.limits.bytes) {
		kj_error(diags, kj_span_whole(text), "the text has %zu bytes, more than the limit of %zu",
		         text->bytes.n, build.limits.bytes);
		build.failed = true;
	}
	return build;
}

struct kj_node *kj_build_add(struct kj_build *build, enum kj_node_kind kind, struct kj_span span)
{
	if (build->nodes++ >= build->limits.nodes) {
		if (!build->failed)
			kj_error(build->diags, span, "more than %zu values in one document", build->limits.nodes);
		build->failed = true;
		return NULL;
	}
	struct kj_node *node = KJ_NEW(build->arena, struct kj_node);
	node->kind = kind;
	node->span = span;
	KJ_PUSH(build->arena, &build->values, node);
	return node;
}

void kj_build_open(struct kj_build *build, enum kj_node_kind kind, struct kj_span span)
{
	if (build->open.n >= build->limits.depth) {
		kj_error(build->diags, span, "lists and maps are nested more than %zu deep", build->limits.depth);
		build->failed = true;
		return;
	}
	struct kj_node *node = kj_build_add(build, kind, span);
	if (node)
		KJ_PUSH(build->arena, &build->open, (struct kj_build_frame){node, build->values.n});
}

bool kj_build_wants_key(const struct kj_build *build)
{
	if (!build->open.n)
		return false;
	const struct kj_build_frame *frame = &build->open.at[build->open.n - 1];
	return frame->node->kind == KJ_MAP && (build->values.n - frame->first) % 2 == 0;
}

static void duplicate(struct kj_build *build, struct kj_pair *earlier, const struct kj_pair *pair)
{
	const struct kj_node *key = pair->key;
	uint32_t line = earlier->key->span.line;
	if (build->last_wins) {
		kj_warning(build->diags, key->span, "the key '%.*s' is there already, in line %u; the last one counts",
		           KJ_FMT(key->text), line);
		*earlier = *pair;
		return;
	}
	kj_error(build->diags, key->span, "the key '%.*s' is there already, in line %u", KJ_FMT(key->text), line);
	build->failed = true;
}

/* The pairs of a map, each key once, in order of its first appearance. */
static void close_map(struct kj_build *build, struct kj_node *map, const struct kj_node *const *values, size_t n)
{
	struct kj_pair *pairs = KJ_NEW_ARRAY(build->arena, struct kj_pair, n);
	struct kj_map index = {0};
	for (size_t i = 0; i < n; i++) {
		struct kj_pair pair = {values[2 * i], values[2 * i + 1]};
		void **place = kj_map_at(build->arena, &index, pair.key->text);
		if (*place) {
			duplicate(build, *place, &pair);
			continue;
		}
		pairs[map->n] = pair;
		*place = &pairs[map->n++];
	}
	map->pairs = pairs;
}

static void close_seq(struct kj_build *build, struct kj_node *seq, const struct kj_node *const *values, size_t n)
{
	const struct kj_node **items = KJ_NEW_ARRAY(build->arena, const struct kj_node *, n);
	if (n)
		memcpy(items, values, n * sizeof(*items));
	seq->items = items;
	seq->n = n;
}

void kj_build_close(struct kj_build *build)
{
	struct kj_build_frame frame = build->open.at[--build->open.n];
	size_t n = build->values.n - frame.first;
	const struct kj_node *const *values = build->values.at + frame.first;
	if (frame.node->kind == KJ_MAP)
		close_map(build, frame.node, values, n / 2);
	else
		close_seq(build, frame.node, values, n);
	build->values.n = frame.first;
}

const struct kj_node *kj_build_root(const struct kj_build *build)
{
	return build->failed || !build->values.n ? NULL : build->values.at[0];
}

void kj_build_number(struct kj_build *build, struct kj_node *node)
{
	bool whole = kj_num_int(node->text, &node->num);
	node->kind = whole ? KJ_INT : KJ_REAL;
	node->real = whole ? (double)node->num : strtod(kj_str_zero(build->arena, node->text), NULL);
}
