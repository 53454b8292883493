/* All dialects: whatever the text, it is read and surveyed within the limits of memory. */
#include "firewall/dialect.h"
#include "firewall/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_and_survey(void *ctx)
{
	struct kj_fw_reading *reading = ctx;
	if (!kj_fw_read(reading, NULL))
		return;
	struct kj_fw_request request = {.max_nodes = 100000};
	struct kj_buf out = KJ_BUF(reading->arena);
	for (size_t i = 0; i < reading->rulesets.n && i < 4; i++) {
		struct kj_fw_survey survey = {0};
		kj_fw_survey(reading->arena, reading->rulesets.at[i], &request, &survey);
		kj_fw_print_json(&out, &survey, 1, 0);
		kj_fw_print_text(&out, &survey, 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kj_arena *arena = kj_arena_new(512 * KJ_MIB);
	struct kj_diags diags = {.arena = arena};
	struct kj_text text = {KJ_STR("fuzz"), {(const char *)data, size}};
	struct kj_fw_reading reading = {.arena = arena, .text = &text, .diags = &diags};
	kj_guard(arena, read_and_survey, &reading);
	kj_arena_free(arena);
	return 0;
}
