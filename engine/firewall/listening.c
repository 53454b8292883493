#include "firewall/listening.h"

#include "base/utf8.h"
#include "firewall/print.h"
#include "firewall/services.h"
#include "firewall/table.h"

/* -- joining -- */

/* Surveys that speak of one host, each for families of its own. */
struct host {
	KJ_VEC(const struct kj_fw_survey *) at;
	unsigned families;
};

struct hosts {
	KJ_VEC(struct host) at;
};

static void add_to_host(struct kj_arena *arena, struct hosts *hosts, const struct kj_fw_survey *survey)
{
	size_t i = 0;
	while (i < hosts->at.n && (hosts->at.at[i].families & survey->rs->families || survey->rs->name.n))
		i++;
	if (i == hosts->at.n)
		KJ_PUSH(arena, &hosts->at, (struct host){{0}});
	hosts->at.at[i].families |= survey->rs->families;
	KJ_PUSH(arena, &hosts->at.at[i].at, survey);
}

static bool is_input(const struct kj_fw_entry *entry)
{
	return entry->hook == KJ_FW_INPUT && !entry->diverted && !kj_str_eq(entry->iface, KJ_STR("lo"));
}

/* How well an entry fits an interface: by its name, by a beginning of it, as any other; 0: not. */
static size_t fits(const struct kj_fw_entry *entry, kj_str iface)
{
	kj_str name = entry->iface;
	if (kj_str_eq(name, iface))
		return SIZE_MAX;
	if (kj_str_eq(name, KJ_STR("*")))
		return 1;
	if (!kj_str_ends(name, KJ_STR("+")) || !kj_str_starts(iface, kj_str_upto(name, name.n - 1)))
		return 0;
	return name.n;
}

static void add_answer(struct kj_arena *arena, const struct kj_fw_survey *survey, struct kj_fw_behind *behind)
{
	const struct kj_fw_entry *best = NULL;
	for (size_t i = 0; i < survey->entries.n; i++) {
		const struct kj_fw_entry *entry = &survey->entries.at[i];
		if (is_input(entry) && fits(entry, behind->iface) > (best ? fits(best, behind->iface) : 0))
			best = entry;
	}
	for (size_t i = 0; best && i < best->answer.parts.n; i++)
		KJ_PUSH(arena, &behind->answer.parts, best->answer.parts.at[i]);
	for (unsigned i = 0; i < 2; i++) {
		if (survey->rs->families & (i ? KJ_FW_V6 : KJ_FW_V4))
			behind->rs[i] = survey->rs;
	}
}

static bool is_known(const struct kj_fw_listening *out, size_t from, kj_str iface)
{
	for (size_t i = from; i < out->at.n; i++) {
		if (kj_str_eq(out->at.at[i].iface, iface))
			return true;
	}
	return false;
}

static void listen_on(struct kj_arena *arena, const struct host *host, struct kj_fw_listening *out)
{
	size_t from = out->at.n;
	for (size_t s = 0; s < host->at.n; s++) {
		for (size_t i = 0; i < host->at.at[s]->entries.n; i++) {
			const struct kj_fw_entry *entry = &host->at.at[s]->entries.at[i];
			if (is_input(entry) && !is_known(out, from, entry->iface))
				KJ_PUSH(arena, &out->at, (struct kj_fw_behind){.iface = entry->iface});
		}
	}
	for (size_t i = from; i < out->at.n; i++) {
		struct kj_fw_behind *behind = &out->at.at[i];
		for (size_t s = 0; s < host->at.n; s++)
			add_answer(arena, host->at.at[s], behind);
		kj_fw_sockets_join(&behind->answer, host->families, out->sockets, &behind->met);
	}
}

void kj_fw_listen(struct kj_arena *arena, const struct kj_fw_survey *surveys, size_t n,
                  const struct kj_fw_sockets *sockets, struct kj_fw_listening *out)
{
	struct hosts hosts = {0};
	*out = (struct kj_fw_listening){.sockets = sockets};
	for (size_t i = 0; i < n; i++)
		add_to_host(arena, &hosts, &surveys[i]);
	for (size_t i = 0; i < hosts.at.n; i++)
		listen_on(arena, &hosts.at.at[i], out);
}

/* -- JSON -- */

static kj_str ports_of(struct kj_arena *arena, const struct kj_fw_met *met)
{
	return met->first == met->last ? kj_str_fmt(arena, "%u", met->first)
	                               : kj_str_fmt(arena, "%u-%u", met->first, met->last);
}

static kj_str proto_of(struct kj_arena *arena, unsigned proto)
{
	const char *name = kj_fw_proto_name(proto);
	return name ? kj_str_of(name) : kj_str_fmt(arena, "%u", proto);
}

static kj_str address_of(struct kj_arena *arena, const struct kj_fw_socket *socket)
{
	return socket->every ? KJ_STR("*") : kj_addr_str(arena, &socket->address);
}

/* Where a part let it in: of IPv6. */
static bool is_six(const struct kj_fw_met *met)
{
	return met->part->src.at.at[0].version == 6;
}

static void json_met(struct kj_json *json, const struct kj_fw_behind *behind, const struct kj_fw_met *met)
{
	static const kj_str states[] = {
	        [KJ_FW_OPEN_LISTENING] = KJ_STR_INIT("open_listening"),
	        [KJ_FW_OPEN_SILENT] = KJ_STR_INIT("open_silent"),
	        [KJ_FW_SHUT] = KJ_STR_INIT("listening_closed"),
	        [KJ_FW_LOCAL] = KJ_STR_INIT("listening_local"),
	};
	struct kj_arena *arena = json->out->arena;
	kj_json_object(json);
	kj_json_pair_str(json, "state", states[met->kind]);
	kj_json_pair_str(json, "proto", proto_of(arena, met->proto));
	kj_json_pair_str(json, "ports", ports_of(arena, met));
	kj_json_pair_bool(json, "certain", met->certain);
	if (met->socket) {
		kj_json_pair_int(json, "line", met->socket->line);
		kj_json_pair_str(json, "address", address_of(arena, met->socket));
		kj_json_pair_str(json, "process", met->socket->process);
	}
	if (met->part) {
		kj_fw_json_addresses(json, "from", &met->part->src);
		kj_fw_json_rules(json, "rules", behind->rs[is_six(met)], met->part->deciders.at, met->part->deciders.n);
	}
	kj_json_object_end(json);
}

static void json_unread(struct kj_json *json, const struct kj_fw_sockets *sockets)
{
	kj_json_key(json, "unread");
	kj_json_array(json);
	for (size_t i = 0; i < sockets->unread.n; i++) {
		kj_json_object(json);
		kj_json_pair_int(json, "line", sockets->unread.at[i].line);
		kj_json_pair_str(json, "what", sockets->unread.at[i].what);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

void kj_fw_listening_json(struct kj_json *json, const struct kj_fw_listening *listening)
{
	kj_json_key(json, "sockets");
	kj_json_object(json);
	kj_json_pair_str(json, "artifact", listening->sockets->text->name);
	kj_json_pair_bool(json, "scanned", listening->sockets->scanned);
	kj_json_key(json, "interfaces");
	kj_json_array(json);
	for (size_t i = 0; i < listening->at.n; i++) {
		const struct kj_fw_behind *behind = &listening->at.at[i];
		kj_json_object(json);
		kj_json_pair_str(json, "iface", behind->iface);
		kj_json_key(json, "joined");
		kj_json_array(json);
		for (size_t m = 0; m < behind->met.at.n; m++)
			json_met(json, behind, &behind->met.at.at[m]);
		kj_json_array_end(json);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
	json_unread(json, listening->sockets);
	kj_json_object_end(json);
}

/* -- text -- */

/* "ssh (tcp 22)", "tcp 8000-8100" */
static kj_str service_of(struct kj_arena *arena, const struct kj_fw_met *met)
{
	kj_str proto = proto_of(arena, met->proto), ports = ports_of(arena, met);
	const char *name = met->first == met->last ? kj_fw_service_name(met->proto, met->first) : NULL;
	return name ? kj_str_fmt(arena, "%s (%.*s %.*s)", name, KJ_FMT(proto), KJ_FMT(ports))
	            : kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(proto), KJ_FMT(ports));
}

/* "sshd (line 4)", "mysqld at 192.0.2.1 (line 7)" */
static kj_str listener_of(struct kj_arena *arena, const struct kj_fw_socket *socket)
{
	struct kj_buf out = KJ_BUF(arena);
	if (!socket)
		return KJ_STR("-");
	kj_buf_put(&out, socket->process.n ? socket->process : KJ_STR("somebody"));
	if (!socket->every)
		kj_buf_fmt(&out, " at %.*s", KJ_FMT(kj_addr_str(arena, &socket->address)));
	if (socket->interface.n)
		kj_buf_fmt(&out, " on %.*s", KJ_FMT(socket->interface));
	kj_buf_fmt(&out, " (line %u)", socket->line);
	return kj_buf_str(&out);
}

static void add_met(struct kj_arena *arena, struct kj_fw_table *table, const struct kj_fw_behind *behind,
                    const struct kj_fw_met *met)
{
	enum { ADDRESSES_SHOWN = 4 };
	struct kj_fw_cells cells = {{
	        kj_str_of(kj_fw_meeting_name(met->kind)),
	        service_of(arena, met),
	        listener_of(arena, met->socket),
	        met->part ? kj_fw_addresses(arena, &met->part->src, ADDRESSES_SHOWN) : KJ_STR("-"),
	        met->certain ? KJ_STR("yes") : KJ_STR("maybe"),
	        met->part ? kj_fw_deciders_str(arena, behind->rs[is_six(met)], met->part) : KJ_STR("-"),
	}};
	kj_fw_table_add(arena, table, cells);
}

void kj_fw_listening_text(struct kj_buf *out, const struct kj_fw_listening *listening)
{
	const struct kj_fw_sockets *sockets = listening->sockets;
	for (size_t i = 0; i < listening->at.n; i++) {
		const struct kj_fw_behind *behind = &listening->at.at[i];
		struct kj_fw_table table = {.columns = 6};
		kj_buf_char(out, '\n');
		kj_buf_safe(out, sockets->text->name, 0);
		kj_buf_put(out, KJ_STR(", behind input arriving at "));
		kj_buf_safe(out, kj_str_eq(behind->iface, KJ_STR("*")) ? KJ_STR("any other interface") : behind->iface,
		            0);
		kj_buf_char(out, '\n');
		kj_fw_table_add(out->arena, &table,
		                (struct kj_fw_cells){{KJ_STR("STATE"), KJ_STR("SERVICE"), KJ_STR("LISTENER"),
		                                      KJ_STR("FROM"), KJ_STR("CERTAIN"), KJ_STR("RULE")}});
		for (size_t m = 0; m < behind->met.at.n; m++)
			add_met(out->arena, &table, behind, &behind->met.at.at[m]);
		kj_fw_table_put(out, &table);
	}
	if (sockets->scanned) {
		kj_buf_safe(out, sockets->text->name, 0);
		kj_buf_put(out, KJ_STR(": a scan sees what is reachable from where it ran; a port that it did not find "
		                       "open may have a listener all the same\n"));
	}
	for (size_t i = 0; i < sockets->unread.n; i++) {
		kj_buf_safe(out, sockets->text->name, 0);
		kj_buf_fmt(out, " line %u: ", sockets->unread.at[i].line);
		kj_buf_safe(out, sockets->unread.at[i].what, 0);
		kj_buf_char(out, '\n');
	}
}
