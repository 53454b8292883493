#include "cli/firewall_files.h"

#include "firewall/dialect.h"
#include "firewall/gather.h"

const struct kj_text *kj_firewall_file(struct kj_cli *cli, kj_str path)
{
	struct kj_diags *diags = cli->run->diags;
	struct kj_export *export = kj_export_open(cli->arena, path, path, &cli->run->limits, diags);
	if (!export)
		return NULL;
	struct kj_text *text = KJ_NEW(cli->arena, struct kj_text);
	text->name = path;
	if (!kj_str_eq(export->layout, KJ_STR("file"))) {
		kj_hint(diags, kj_error(diags, kj_span_whole(text), "this is a folder"), "name the file in it");
		return NULL;
	}
	const struct kj_artifact *artifact = kj_export_read(export, export->entries[0].path);
	text->bytes = artifact->text.bytes;
	if (artifact->state == KJ_ARTIFACT_OK)
		return text;
	kj_error(diags, kj_span_whole(text), "%.*s", KJ_FMT(artifact->message));
	return NULL;
}

static bool read_dump(struct kj_cli *cli, const struct kj_fw_joined *joined, struct kj_fw_rulesets *rulesets)
{
	struct kj_fw_reading reading = {
	        .arena = cli->arena, .text = &joined->text, .joined = joined, .diags = cli->run->diags};
	if (!kj_fw_read(&reading, NULL))
		return false;
	for (size_t i = 0; i < reading.rulesets.n; i++)
		KJ_PUSH(cli->arena, &rulesets->at, reading.rulesets.at[i]);
	return true;
}

bool kj_firewall_dumps(struct kj_cli *cli, const kj_str *paths, size_t n, struct kj_fw_rulesets *rulesets)
{
	const struct kj_text **texts = KJ_NEW_ARRAY(cli->arena, const struct kj_text *, n + 1);
	struct kj_fw_gathered gathered = {{0}};
	size_t read = 0;
	for (size_t i = 0; i < n; i++) {
		const struct kj_text *text = kj_firewall_file(cli, paths[i]);
		if (text)
			texts[read++] = text;
	}
	bool ok = read == n;
	kj_fw_gather(cli->arena, texts, read, &gathered);
	for (size_t i = 0; i < gathered.at.n; i++)
		ok = read_dump(cli, gathered.at.at[i], rulesets) && ok;
	return ok;
}
