/* The file of `kijun firewall --sockets`: what listens, as one of several programs tells it. */
#include "cli/firewall_files.h"
#include "parse/parse.h"

/* What ss and netstat print. */
static void read_rows(struct kj_cli *cli, struct kj_fw_sockets *sockets, const struct kj_fw_request *request)
{
	(void)request;
	static const struct kj_parse_options options;
	const struct kj_rows *rows =
	        kj_parse_text(cli->arena, kj_parser_find(KJ_STR("ss")), &options, sockets->text, 0);
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		if (row->bad) {
			KJ_PUSH(cli->arena, &sockets->unread, (struct kj_fw_note){row->line, kj_str_of(row->problem)});
			continue;
		}
		struct kj_fw_socket_row socket = {
		        .proto = kj_row_cell(rows, row, KJ_STR("proto")),
		        .address = kj_row_cell(rows, row, KJ_STR("address")),
		        .port = kj_row_cell(rows, row, KJ_STR("port")),
		        .state = kj_row_cell(rows, row, KJ_STR("state")),
		        .interface = kj_row_cell(rows, row, KJ_STR("interface")),
		        .process = kj_row_cell(rows, row, KJ_STR("process")),
		        .line = row->line,
		};
		kj_str pid = kj_row_cell(rows, row, KJ_STR("pid"));
		if (!socket.process.n && pid.n)
			socket.process = kj_str_fmt(cli->arena, "pid %.*s", KJ_FMT(pid));
		kj_fw_sockets_add(sockets, &socket);
	}
}

/* "tcp" or "udp" where the file's name says one of them. */
static kj_str proto_named(struct kj_cli *cli, kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	kj_str name = kj_str_lower(cli->arena, slash < path.n ? kj_str_from(path, slash + 1) : path);
	bool udp = kj_str_find_str(name, KJ_STR("udp")) < name.n, tcp = kj_str_find_str(name, KJ_STR("tcp")) < name.n;
	return udp == tcp ? KJ_STR("") : udp ? KJ_STR("udp") : KJ_STR("tcp");
}

/* ---- kinds of files of sockets, told from their content ---- */

static bool is_nmap(kj_str bytes)
{
	return kj_xml_is_root(bytes, KJ_STR("nmaprun"));
}

/* A scan of many hosts: --to says which of them the dump is of. */
static void read_nmap(struct kj_cli *cli, struct kj_fw_sockets *sockets, const struct kj_fw_request *request)
{
	struct kj_diags *diags = cli->run->diags;
	if (!kj_fw_sockets_nmap(sockets, request->dst, diags) || sockets->hosts < 2)
		return;
	kj_hint(diags,
	        kj_warning(diags, kj_span_whole(sockets->text),
	                   "the scan is of %zu hosts; which of them the dump is of is not known", sockets->hosts),
	        "name its address with '--to ADDRESS'");
}

static bool is_json(kj_str bytes)
{
	kj_str begin = kj_str_upto(kj_str_trim_left(bytes), 1);
	return kj_str_eq(begin, KJ_STR("[")) || kj_str_eq(begin, KJ_STR("{"));
}

static void read_json(struct kj_cli *cli, struct kj_fw_sockets *sockets, const struct kj_fw_request *request)
{
	(void)request;
	kj_fw_sockets_json(sockets, proto_named(cli, cli->args.sockets), cli->run->diags);
}

static bool is_any(kj_str bytes)
{
	(void)bytes;
	return true;
}

/* The first that knows the content reads it. */
static const struct socket_kind {
	bool (*recognise)(kj_str bytes);
	void (*read)(struct kj_cli *cli, struct kj_fw_sockets *sockets, const struct kj_fw_request *request);
} socket_kinds[] = {{is_nmap, read_nmap}, {is_json, read_json}, {is_any, read_rows}};

const struct kj_fw_sockets *kj_firewall_sockets(struct kj_cli *cli, const struct kj_fw_request *request)
{
	struct kj_fw_sockets *sockets = KJ_NEW(cli->arena, struct kj_fw_sockets);
	struct kj_diags *diags = cli->run->diags;
	size_t errors = diags->errors, kind = 0;
	sockets->arena = cli->arena;
	sockets->text = kj_firewall_file(cli, cli->args.sockets);
	if (!sockets->text)
		return NULL;
	while (!socket_kinds[kind].recognise(sockets->text->bytes))
		kind++;
	socket_kinds[kind].read(cli, sockets, request);
	if (sockets->at.n || sockets->hosts)
		return sockets;
	if (diags->errors == errors)
		kj_hint(diags, kj_error(diags, kj_span_whole(sockets->text), "no listening sockets are in it"),
		        "give the output of 'ss -tulpn', 'netstat -ano', 'Get-NetTCPConnection | ConvertTo-Json' or "
		        "'nmap -oX'");
	return NULL;
}
