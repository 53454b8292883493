/* kijun firewall: what a rule dump lets in. */
#include "cli/firewall_files.h"

#include "eval/zones.h"
#include "firewall/listening.h"
#include "firewall/print.h"
#include "firewall/review.h"

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

/* ---- the answers ---- */

struct output {
	bool json;
	kj_str file;
};

struct outputs {
	KJ_VEC(struct output) at;
};

/* What is printed: a comparison, or answers with what listens behind them. */
struct report {
	const struct kj_fw_rulesets *old, *now;
	const struct kj_fw_comparison *comparison; /* NULL: answers */
	const struct kj_fw_survey *surveys;
	size_t n;
	const struct kj_fw_listening *listening; /* or NULL */
};

static void put_json(struct kj_buf *out, const struct report *report)
{
	struct kj_json json = KJ_JSON(out, 1);
	if (report->comparison) {
		kj_fw_compare_json(out, report->comparison, report->old, report->now, 1);
		return;
	}
	kj_json_object(&json);
	kj_json_pair_int(&json, "schema", 1);
	kj_fw_json_dumps(&json, report->surveys, report->n);
	if (report->listening)
		kj_fw_listening_json(&json, report->listening);
	kj_json_object_end(&json);
	kj_buf_char(out, '\n');
}

static void put_text(struct kj_buf *out, const struct report *report)
{
	if (report->comparison) {
		kj_fw_compare_text(out, report->comparison, report->old, report->now);
		return;
	}
	kj_fw_print_text(out, report->surveys, report->n);
	if (report->listening)
		kj_fw_listening_text(out, report->listening);
}

static bool print(struct kj_cli *cli, const struct outputs *outputs, const struct report *report)
{
	bool ok = true;
	for (size_t i = 0; i < outputs->at.n; i++) {
		struct kj_out out;
		kj_out_open(cli, outputs->at.at[i].file, &out);
		struct kj_buf buf = KJ_BUF_INTO(cli->arena, &out.sink);
		if (outputs->at.at[i].json)
			put_json(&buf, report);
		else
			put_text(&buf, report);
		kj_buf_flush(&buf);
		ok = kj_out_close(cli, &out) && ok;
	}
	return ok;
}

static int compare(struct kj_cli *cli, const struct kj_fw_request *request, const struct kj_fw_rulesets *rulesets,
                   const struct outputs *outputs)
{
	static const int status[] = {
	        [KJ_FW_SAME] = KJ_EXIT_OK, [KJ_FW_DIFFERS] = KJ_EXIT_FAILED, [KJ_FW_PERHAPS] = KJ_EXIT_MISSING};
	struct kj_fw_rulesets old = {{0}};
	struct kj_fw_comparison comparison;
	bool ok = kj_firewall_dumps(cli, cli->args.compare.at, cli->args.compare.n, &old);
	kj_print_diags(cli);
	if (!ok)
		return KJ_EXIT_USAGE;
	kj_fw_compare(cli->arena, &old, rulesets, request, &comparison);
	struct report report = {.old = &old, .now = rulesets, .comparison = &comparison};
	return print(cli, outputs, &report) ? status[kj_fw_difference(&comparison)] : KJ_EXIT_USAGE;
}

/* A review speaks of the whole dump: who asks for a part of it gets just the answer. */
static bool asks_all(const struct kj_fw_request *request)
{
	return !request->has_hook && !request->iface.n && !request->oface.n && !request->src && !request->dst &&
	       !request->has_sport;
}

static int answer(struct kj_cli *cli, const struct kj_fw_request *request, const struct kj_fw_rulesets *rulesets,
                  const struct outputs *outputs)
{
	size_t n = rulesets->at.n;
	struct kj_fw_survey *surveys = KJ_NEW_ARRAY(cli->arena, struct kj_fw_survey, n);
	struct kj_fw_review *reviews = KJ_NEW_ARRAY(cli->arena, struct kj_fw_review, n);
	const struct kj_fw_sockets *sockets = cli->args.sockets.n ? kj_firewall_sockets(cli, request) : NULL;
	struct kj_fw_listening listening;
	struct report report = {.surveys = surveys, .n = n, .listening = sockets ? &listening : NULL};
	bool complete = true;
	kj_print_diags(cli);
	if (cli->args.sockets.n && !sockets)
		return KJ_EXIT_USAGE;
	for (size_t i = 0; i < n; i++) {
		kj_fw_survey(cli->arena, rulesets->at.at[i], request, &surveys[i]);
		if (asks_all(request)) {
			kj_fw_review(cli->arena, &surveys[i], &reviews[i]);
			surveys[i].review = &reviews[i];
		}
		kj_fw_survey_done(&surveys[i]);
		complete = complete && surveys[i].complete;
	}
	if (sockets)
		kj_fw_listen(cli->arena, surveys, n, sockets, &listening);
	return !print(cli, outputs, &report) ? KJ_EXIT_USAGE : complete ? KJ_EXIT_OK : KJ_EXIT_MISSING;
}

/* ---- the command ---- */

static bool read_outputs(struct kj_cli *cli, struct outputs *outputs)
{
	size_t to_stdout = 0;
	for (size_t i = 0; i < cli->args.outputs.n; i++) {
		kj_str format, file;
		kj_output_split(cli->args.outputs.at[i], &format, &file);
		bool json = kj_str_eq(format, KJ_STR("json"));
		if (!json && !kj_str_eq(format, KJ_STR("text"))) {
			kj_complain(cli, KJ_STR(""), "'kijun firewall' prints text or json, not '%.*s'",
			            KJ_FMT(format));
			return false;
		}
		to_stdout += !file.n;
		KJ_PUSH(cli->arena, &outputs->at, (struct output){json, file});
	}
	if (!outputs->at.n)
		KJ_PUSH(cli->arena, &outputs->at, (struct output){.json = false});
	if (to_stdout > 1)
		kj_complain(cli, KJ_STR("give all but one a file: -o json=open.json"),
		            "only one report can go to standard output");
	return to_stdout <= 1;
}

int kj_command_firewall(struct kj_cli *cli)
{
	struct kj_fw_request request = {0};
	struct kj_fw_rulesets rulesets = {{0}};
	struct outputs outputs = {{0}};
	bool compares = cli->args.compare.n > 0;
	if (!read_outputs(cli, &outputs))
		return KJ_EXIT_USAGE;
	if (compares && cli->args.sockets.n)
		return kj_complain(cli, KJ_STR(""), "'--compare' and '--sockets' do not go together");
	if (!read_request(cli, &request))
		return KJ_EXIT_USAGE;
	bool ok = kj_firewall_dumps(cli, cli->args.operands.at, cli->args.operands.n, &rulesets);
	if (rulesets.at.n == 0 || (!ok && compares)) {
		kj_print_diags(cli);
		return KJ_EXIT_USAGE;
	}
	int status =
	        compares ? compare(cli, &request, &rulesets, &outputs) : answer(cli, &request, &rulesets, &outputs);
	return ok ? status : KJ_EXIT_USAGE;
}
