/* XML: whatever the text, there is a tree whose places lie in the text, or a message. */
#include "doc/doc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct kj_text *text, const struct kj_node *node)
{
	struct kj_span span = node->span;
	require(span.line && span.col - 1 <= kj_text_line(text, span.line).n + 2);
	if (node->kind == KJ_STRING)
		return;
	require(node->kind == KJ_SEQ && node->text.n && node->n && node->items[0]->kind == KJ_MAP);
	for (size_t i = 1; i < node->n; i++)
		check(text, node->items[i]);
}

struct reading {
	struct kj_arena *arena;
	struct kj_text text;
	struct kj_diags diags;
};

static void read_and_check(void *ctx)
{
	struct reading *reading = ctx;
	const struct kj_node *root =
	        kj_xml_read(reading->arena, &reading->text, (struct kj_doc_limits){.nodes = 5000}, &reading->diags);
	require(!root == (reading->diags.errors > 0));
	if (root)
		check(&reading->text, root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading reading = {.arena = kj_arena_new(64 * KJ_MIB),
	                          .text = {KJ_STR("fuzz"), {(const char *)data, size}}};
	reading.diags.arena = reading.arena;
	kj_guard(reading.arena, read_and_check, &reading);
	kj_arena_free(reading.arena);
	return 0;
}
