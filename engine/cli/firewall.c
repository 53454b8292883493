/* kijun firewall: what a rule dump lets in. */
#include "cli/cli.h"

#include "eval/zones.h"
#include "firewall/dialect.h"
#include "firewall/print.h"

#include <string.h>

/* ---- the question ---- */

/* A zone is named by the fleet.yml that the dump lies under. */
static const struct kj_fleet *fleet_above(struct kj_cli *cli, kj_str path)
{
	enum { LEVELS = 6 };
	for (int i = 0; i < LEVELS; i++) {
		size_t slash = kj_str_find_last(path, '/');
		kj_str folder = slash < path.n ? kj_str_upto(path, slash) : KJ_STR(".");
		kj_str file = kj_str_fmt(cli->arena, "%.*s/fleet.yml", KJ_FMT(folder));
		if (kj_file_identity(cli->arena, file).n) {
			struct kj_subjects subjects = {0};
			kj_fleet_open(cli->arena, folder, &cli->run->limits, &subjects, cli->run->diags);
			return subjects.fleets.n ? subjects.fleets.at[0] : NULL;
		}
		if (slash >= path.n)
			return NULL;
		path = folder;
	}
	return NULL;
}

static const struct kj_fw_set *addresses(struct kj_cli *cli, const char *option, kj_str given, kj_str dump)
{
	struct kj_range range;
	if (kj_range_parse(given, &range))
		return kj_range_set(cli->arena, &range, 1);
	const struct kj_fw_set *set = kj_zone_set(cli->arena, fleet_above(cli, dump), given);
	if (!set)
		kj_complain(
		        cli,
		        KJ_STR("an address, a prefix such as 192.0.2.0/24, or a zone of the fleet.yml above the dump"),
		        "'--%s %.*s' is no address and no known zone", option, KJ_FMT(given));
	return set;
}

static bool read_hook(struct kj_cli *cli, struct kj_fw_request *request)
{
	static const enum kj_fw_hook hooks[] = {KJ_FW_INPUT, KJ_FW_FORWARD, KJ_FW_OUTPUT};
	if (!cli->args.hook.n)
		return true;
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
		if (kj_str_eq(cli->args.hook, kj_str_of(kj_fw_hook_name(hooks[i])))) {
			request->has_hook = true;
			request->hook = hooks[i];
			return true;
		}
	}
	kj_complain(cli, KJ_STR(""), "'--hook' wants input, forward or output, got '%.*s'", KJ_FMT(cli->args.hook));
	return false;
}

static bool read_request(struct kj_cli *cli, struct kj_fw_request *request)
{
	kj_str dump = cli->args.operands.at[0];
	int64_t port;
	if (!read_hook(cli, request))
		return false;
	request->iface = cli->args.iface;
	request->oface = cli->args.oface;
	if (cli->args.from.n && !(request->src = addresses(cli, "from", cli->args.from, dump)))
		return false;
	if (cli->args.to.n && !(request->dst = addresses(cli, "to", cli->args.to, dump)))
		return false;
	if (!cli->args.sport.n)
		return true;
	if (!kj_num_int(cli->args.sport, &port) || port < 0 || port > 65535) {
		kj_complain(cli, KJ_STR(""), "'--sport' wants a port, got '%.*s'", KJ_FMT(cli->args.sport));
		return false;
	}
	request->has_sport = true;
	request->sport = (uint16_t)port;
	return true;
}

/* ---- dumps ---- */

typedef KJ_VEC(struct kj_fw_ruleset *) rulesets_vec;

/* Reads a dump as exports are read: with caps, decoded. */
static bool read_dump(struct kj_cli *cli, kj_str path, rulesets_vec *rulesets)
{
	struct kj_diags *diags = cli->run->diags;
	struct kj_export *export = kj_export_open(cli->arena, path, path, &cli->run->limits, diags);
	if (!export)
		return false;
	struct kj_text *text = KJ_NEW(cli->arena, struct kj_text);
	text->name = path;
	if (!kj_str_eq(export->layout, KJ_STR("file"))) {
		kj_hint(diags, kj_error(diags, kj_span_whole(text), "this is a folder"), "name the dump's file in it");
		return false;
	}
	const struct kj_artifact *artifact = kj_export_read(export, export->entries[0].path);
	text->bytes = artifact->text.bytes;
	if (artifact->state != KJ_ARTIFACT_OK) {
		kj_error(diags, kj_span_whole(text), "%.*s", KJ_FMT(artifact->message));
		return false;
	}
	struct kj_fw_reading reading = {.arena = cli->arena, .text = text, .diags = diags};
	if (!kj_fw_read(&reading, NULL))
		return false;
	for (size_t i = 0; i < reading.rulesets.n; i++)
		KJ_PUSH(cli->arena, rulesets, reading.rulesets.at[i]);
	return true;
}

int kj_command_firewall(struct kj_cli *cli)
{
	struct kj_fw_request request = {0};
	rulesets_vec rulesets = {0};
	kj_str format = KJ_STR("text"), file = {0};
	if (cli->args.outputs.n)
		kj_output_split(cli->args.outputs.at[0], &format, &file);
	bool json = kj_str_eq(format, KJ_STR("json"));
	if (!json && !kj_str_eq(format, KJ_STR("text")))
		return kj_complain(cli, KJ_STR(""), "'kijun firewall' prints text or json, not '%.*s'", KJ_FMT(format));
	if (!read_request(cli, &request))
		return KJ_EXIT_USAGE;
	bool ok = true, complete = true;
	for (size_t i = 0; i < cli->args.operands.n; i++)
		ok = read_dump(cli, cli->args.operands.at[i], &rulesets) && ok;
	kj_print_diags(cli);
	if (rulesets.n == 0)
		return KJ_EXIT_USAGE;
	struct kj_fw_survey *surveys = KJ_NEW_ARRAY(cli->arena, struct kj_fw_survey, rulesets.n);
	for (size_t i = 0; i < rulesets.n; i++) {
		kj_fw_survey(cli->arena, rulesets.at[i], &request, &surveys[i]);
		complete = complete && surveys[i].complete;
	}
	struct kj_buf out = KJ_BUF(cli->arena);
	if (json)
		kj_fw_print_json(&out, surveys, rulesets.n, 1);
	else
		kj_fw_print_text(&out, surveys, rulesets.n);
	if (json)
		kj_buf_char(&out, '\n');
	ok = kj_write_out(cli, file, kj_buf_str(&out)) && ok;
	return !ok ? KJ_EXIT_USAGE : complete ? KJ_EXIT_OK : KJ_EXIT_MISSING;
}
