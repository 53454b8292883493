/* All dialects, and scans by nmap: whatever the text, it is read, surveyed and reviewed within the limits of memory, and
   lets in the same as itself. */
#include "firewall/compare.h"
#include "firewall/dialect.h"
#include "firewall/listening.h"
#include "firewall/print.h"
#include "firewall/review.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A scan, joined with a firewall that lets in half of it. */
static void join_scan(const struct kj_fw_reading *scan)
{
	static const struct kj_text dump = {
	        KJ_STR_INIT("dump"),
	        KJ_STR_INIT("*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 0:999 -j ACCEPT\nCOMMIT\n")};
	struct kj_fw_reading reading = {.arena = scan->arena, .text = &dump, .diags = scan->diags};
	struct kj_fw_request request = {.has_hook = true, .hook = KJ_FW_INPUT};
	struct kj_fw_sockets sockets = {.arena = scan->arena, .text = scan->text};
	struct kj_fw_listening listening;
	struct kj_fw_survey survey = {0};
	struct kj_buf out = KJ_BUF(scan->arena);
	if (!kj_fw_sockets_nmap(&sockets, NULL, scan->diags) || !kj_fw_read(&reading, NULL))
		return;
	kj_fw_survey(scan->arena, reading.rulesets.at[0], &request, &survey);
	kj_fw_listen(scan->arena, &survey, 1, &sockets, &listening);
	kj_fw_listening_text(&out, &listening);
}

static void compare_with_itself(const struct kj_fw_reading *reading, const struct kj_fw_request *request)
{
	struct kj_fw_rulesets rulesets = {{0}};
	struct kj_fw_comparison comparison;
	struct kj_buf out = KJ_BUF(reading->arena);
	for (size_t i = 0; i < reading->rulesets.n && i < 4; i++)
		KJ_PUSH(reading->arena, &rulesets.at, reading->rulesets.at[i]);
	kj_fw_compare(reading->arena, &rulesets, &rulesets, request, &comparison);
	kj_fw_compare_json(&out, &comparison, &rulesets, &rulesets, 0);
	kj_fw_compare_text(&out, &comparison, &rulesets, &rulesets);
	if (kj_fw_difference(&comparison) == KJ_FW_DIFFERS)
		abort();
}

static void read_and_survey(void *ctx)
{
	struct kj_fw_reading *reading = ctx;
	if (kj_xml_is_root(reading->text->bytes, KJ_STR("nmaprun")))
		join_scan(reading);
	if (!kj_fw_read(reading, NULL))
		return;
	struct kj_fw_request request = {.max_nodes = 100000};
	struct kj_buf out = KJ_BUF(reading->arena);
	for (size_t i = 0; i < reading->rulesets.n && i < 4; i++) {
		struct kj_fw_survey survey = {0};
		struct kj_fw_review review;
		kj_fw_survey(reading->arena, reading->rulesets.at[i], &request, &survey);
		kj_fw_review(reading->arena, &survey, &review);
		survey.review = &review;
		kj_fw_print_json(&out, &survey, 1, 0);
		kj_fw_print_text(&out, &survey, 1);
	}
	compare_with_itself(reading, &request);
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
