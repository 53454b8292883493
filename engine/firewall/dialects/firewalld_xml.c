/* firewalld's own files: firewalld.zone(5), firewalld.service(5), firewalld.ipset(5), firewalld.conf(5), of the folders
   /etc/firewalld and /usr/lib/firewalld, where a file of the first hides that of the same name in the other. They say
   what firewalld does when it starts. Of a file that it does not take firewalld may leave out a part, the file, or all
   of the configuration: then nothing is certain. */
#include "firewall/dialects/firewalld_xml.h"

#include "base/num.h"
#include "firewall/dialect.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct reader {
	struct kj_arena *arena;
	const struct kj_text *text;
	struct kj_fwd_host host;
	struct kj_map seen;       /* files by root element and name: the first one counts */
	struct kj_map bound;      /* interfaces and sources: the zone that lists them */
	struct kj_diags problems; /* of files that are no XML */
	size_t listed;            /* zones */
	bool whole;               /* all files of the folder of zones are here */
	bool forwards; /* some zone says <forward/>: a version that knows it (0.9), so that its absence tells too */
	kj_str default_zone;
	uint32_t drifting; /* the line of AllowZoneDrifting=yes */
};

/* A file with its root element. */
struct document {
	const struct kj_fwd_file *file;
	const struct kj_node *root;
	kj_str name;
};

static uint32_t line_of(const struct document *doc, const struct kj_node *node)
{
	return doc->file->before + node->span.line;
}

/* Something that leaves open what firewalld does. */
static void beyond(struct reader *reader, const struct document *doc, const struct kj_node *node)
{
	reader->host.policies = true;
	kj_fw_note(reader->host.rs, line_of(doc, node), "<%.*s> of %.*s '%.*s' is not evaluated", KJ_FMT(node->text),
	           KJ_FMT(doc->root->text), KJ_FMT(doc->name));
}

/* Are its attributes among these? `holds`: may it have elements in it? */
static bool is_plain(const struct kj_node *node, const char *attributes, bool holds)
{
	const struct kj_node *map = node->items[0];
	for (size_t i = 0; i < map->n; i++) {
		kj_str rest = kj_str_of(attributes), word;
		bool known = false;
		while (kj_str_word(&rest, &word))
			known |= kj_str_eq(word, map->pairs[i].key->text);
		if (!known)
			return false;
	}
	for (size_t i = 1; i < node->n; i++) {
		if (node->items[i]->kind == KJ_SEQ && !holds)
			return false;
	}
	return true;
}

/* -- zones -- */

struct zone_reader {
	struct reader *reader;
	const struct document *doc;
	struct kj_fwd_zone *zone;
};

/* What an element of a zone does; false: beyond. */
typedef bool take_fn(struct zone_reader *z, const struct kj_node *node, const char *key, enum kj_fwd_element element);

static bool take_nothing(struct zone_reader *z, const struct kj_node *node, const char *key,
                         enum kj_fwd_element element)
{
	(void)z, (void)node, (void)key, (void)element;
	return true;
}

/* What two zones claim goes to one of them. */
static bool bind(struct zone_reader *z, const struct kj_node *node, kj_fwd_items *items, kj_str what)
{
	struct reader *reader = z->reader;
	kj_str key = kj_str_fmt(reader->arena, "%c%.*s", items == &z->zone->sources ? 's' : 'i', KJ_FMT(what));
	void **at = kj_map_at(reader->arena, &reader->bound, key);
	if (*at)
		return *at == z->zone;
	*at = z->zone;
	KJ_PUSH(reader->arena, items, (struct kj_fwd_item){line_of(z->doc, node), what});
	return true;
}

static bool take_interface(struct zone_reader *z, const struct kj_node *node, const char *key,
                           enum kj_fwd_element element)
{
	kj_str name = kj_xml_attribute(node, "name");
	(void)key, (void)element;
	return kj_fwd_is_word(name) && bind(z, node, &z->zone->interfaces, name);
}

static bool take_source(struct zone_reader *z, const struct kj_node *node, const char *key, enum kj_fwd_element element)
{
	kj_str address = kj_xml_attribute(node, "address"), ipset = kj_xml_attribute(node, "ipset");
	(void)key, (void)element;
	if (!!address.p + !!ipset.p != 1 || !kj_fwd_is_word(address.p ? address : ipset))
		return false;
	if (ipset.p)
		address = kj_str_fmt(z->reader->arena, "ipset:%.*s", KJ_FMT(ipset));
	return bind(z, node, &z->zone->sources, address);
}

static bool add_listed(struct zone_reader *z, const struct kj_node *node, const char *key, kj_str word,
                       enum kj_fwd_element element)
{
	struct kj_fwd_item item = {line_of(z->doc, node), word};
	if (!kj_fwd_is_word(word))
		return false;
	struct kj_fwd_rule *rule = kj_fwd_add_listed(&z->reader->host, z->zone, kj_str_of(key), item, element);
	if (element == KJ_FWD_ICMP && !z->zone->inverted)
		rule->verdict = KJ_FW_REJECT;
	return true;
}

static bool take_name(struct zone_reader *z, const struct kj_node *node, const char *key, enum kj_fwd_element element)
{
	return add_listed(z, node, key, kj_xml_attribute(node, "name"), element);
}

static bool take_port(struct zone_reader *z, const struct kj_node *node, const char *key, enum kj_fwd_element element)
{
	return add_listed(z, node, key, kj_fwd_xml_port(z->reader->arena, node), element);
}

static bool take_protocol(struct zone_reader *z, const struct kj_node *node, const char *key,
                          enum kj_fwd_element element)
{
	return add_listed(z, node, key, kj_fwd_xml_protocol(node, "value"), element);
}

static bool take_forward_port(struct zone_reader *z, const struct kj_node *node, const char *key,
                              enum kj_fwd_element element)
{
	kj_str port = kj_xml_attribute(node, "port"), proto = kj_xml_attribute(node, "protocol");
	kj_str to_port = kj_xml_attribute(node, "to-port"), to_addr = kj_xml_attribute(node, "to-addr");
	struct kj_fwd_item item = {.line = line_of(z->doc, node)};
	struct kj_addr addr;
	uint16_t first, last;
	(void)key, (void)element;
	if (!kj_fwd_xml_port(z->reader->arena, node).n || (to_port.n && !kj_fwd_ports(to_port, &first, &last)) ||
	    (to_addr.n && !kj_addr_parse(to_addr, &addr)) || (!to_port.n && !to_addr.n))
		return false;
	item.text = kj_str_fmt(z->reader->arena, "port=%.*s:proto=%.*s:toport=%.*s:toaddr=%.*s", KJ_FMT(port),
	                       KJ_FMT(proto), KJ_FMT(to_port), KJ_FMT(to_addr));
	kj_fwd_add_forward_port(&z->reader->host, z->zone, item);
	return true;
}

static bool take_rule(struct zone_reader *z, const struct kj_node *node, const char *key, enum kj_fwd_element element)
{
	(void)key, (void)element;
	bool known;
	struct kj_fwd_rule rule = kj_fwd_rich_xml(z->reader->arena, line_of(z->doc, node), node, &known);
	if (known)
		KJ_PUSH(z->reader->arena, &z->zone->rules, rule);
	return known;
}

static bool take_forward(struct zone_reader *z, const struct kj_node *node, const char *key,
                         enum kj_fwd_element element)
{
	(void)node, (void)key, (void)element;
	z->zone->forward = z->reader->forwards = true;
	return true;
}

static const struct element {
	const char *name, *attributes;
	take_fn *take;
	const char *key; /* as firewall-cmd calls it */
	enum kj_fwd_element element;
} zone_elements[] = {
        {"short", "", take_nothing, NULL, KJ_FWD_ANY},
        {"description", "", take_nothing, NULL, KJ_FWD_ANY},
        {"interface", "name", take_interface, NULL, KJ_FWD_ANY},
        {"source", "address ipset family", take_source, NULL, KJ_FWD_ANY},
        {"service", "name", take_name, "services", KJ_FWD_SERVICE},
        {"port", "port protocol", take_port, "ports", KJ_FWD_PORT},
        {"source-port", "port protocol", take_port, "source-ports", KJ_FWD_SOURCE_PORT},
        {"protocol", "value", take_protocol, "protocols", KJ_FWD_PROTOCOL},
        {"icmp-block", "name", take_name, "icmp-blocks", KJ_FWD_ICMP},
        {"icmp-block-inversion", "", take_nothing, NULL, KJ_FWD_ANY}, /* read_zone */
        {"forward-port", "port protocol to-port to-addr", take_forward_port, NULL, KJ_FWD_FORWARD_PORT},
        {"masquerade", "enabled", take_nothing, NULL, KJ_FWD_ANY},
        {"forward", "", take_forward, NULL, KJ_FWD_ANY},
        {"rule", "family priority", take_rule, NULL, KJ_FWD_ANY},
};

static void read_zone_element(struct zone_reader *z, const struct kj_node *node)
{
	for (size_t i = 0; i < COUNT(zone_elements); i++) {
		const struct element *e = &zone_elements[i];
		if (!kj_xml_is(node, e->name))
			continue;
		if (!is_plain(node, e->attributes, e->take == take_rule) || !e->take(z, node, e->key, e->element))
			beyond(z->reader, z->doc, node);
		return;
	}
	beyond(z->reader, z->doc, node);
}

static bool read_priority(struct kj_fwd_zone *zone, kj_str value)
{
	int64_t number = 0;
	if (value.p && (!kj_num_int(value, &number) || number < INT16_MIN || number > INT16_MAX))
		return false;
	zone->priority = (int)number;
	return true;
}

static void read_zone(struct reader *reader, const struct document *doc)
{
	struct kj_fwd_item item = {line_of(doc, doc->root), kj_str_fmt(reader->arena, "zone %.*s", KJ_FMT(doc->name))};
	struct zone_reader z = {reader, doc, kj_fwd_zone_named(&reader->host, item, doc->name)};
	kj_str target = kj_xml_attribute(doc->root, "target");
	z.zone->target = target.n ? target : KJ_STR("default");
	z.zone->listed = true;
	z.zone->inverted = kj_xml_child(doc->root, "icmp-block-inversion");
	reader->listed++;
	if (!is_plain(doc->root, "name version immutable target ingress-priority egress-priority", true) ||
	    !read_priority(z.zone, kj_xml_attribute(doc->root, "ingress-priority")))
		beyond(reader, doc, doc->root);
	for (size_t i = 1; i < doc->root->n; i++) {
		if (doc->root->items[i]->kind == KJ_SEQ)
			read_zone_element(&z, doc->root->items[i]);
	}
}

/* -- the other files -- */

static void read_service(struct reader *reader, const struct document *doc)
{
	*kj_map_at(reader->arena, &reader->host.services, doc->name) =
	        kj_fwd_service_xml(reader->arena, doc->name, doc->root);
}

static void read_ipset(struct reader *reader, const struct document *doc)
{
	struct kj_fw_set *set = kj_fw_set_named(reader->host.rs, doc->name, 0);
	kj_str type = kj_xml_attribute(doc->root, "type");
	struct kj_range range;
	set->line = line_of(doc, doc->root);
	set->declared = kj_str_eq(type, KJ_STR("hash:ip")) || kj_str_eq(type, KJ_STR("hash:net"));
	for (size_t i = 1; set->declared && i < doc->root->n; i++) {
		const struct kj_node *node = doc->root->items[i];
		if (kj_xml_is(node, "entry") && kj_range_parse(kj_xml_text(node), &range))
			kj_fw_set_addr(reader->host.rs, set, &range);
		else if (kj_xml_is(node, "option")) /* with a timeout its entries come and go */
			set->partial |= kj_str_eq(kj_xml_attribute(node, "name"), KJ_STR("timeout"));
		else
			set->partial |=
			        node->kind == KJ_SEQ && !kj_xml_is(node, "short") && !kj_xml_is(node, "description");
	}
}

/* Does it let nothing in but ICMPv6, as the policy allow-host-ipv6 that comes with firewalld? */
static bool only_icmpv6(const struct kj_node *policy)
{
	for (size_t i = 1; i < policy->n; i++) {
		const struct kj_node *node = policy->items[i];
		bool told = node->kind == KJ_STRING || kj_xml_is(node, "short") || kj_xml_is(node, "description") ||
		            kj_xml_is(node, "ingress-zone") || kj_xml_is(node, "egress-zone");
		if (!told && !(kj_xml_is(node, "rule") && kj_xml_child(node, "icmp-type") &&
		               kj_str_eq(kj_xml_attribute(node, "family"), KJ_STR("ipv6"))))
			return false;
	}
	return kj_str_eq(kj_xml_attribute(policy, "target"), KJ_STR("CONTINUE"));
}

/* A policy without both ends is not in use. */
static void read_policy(struct reader *reader, const struct document *doc)
{
	bool shipped = kj_str_eq(doc->name, KJ_STR("allow-host-ipv6")) && only_icmpv6(doc->root);
	if (shipped || !kj_xml_child(doc->root, "ingress-zone") || !kj_xml_child(doc->root, "egress-zone"))
		return;
	reader->host.policies = true;
	kj_fw_note(reader->host.rs, line_of(doc, doc->root), "policy '%.*s' is not evaluated", KJ_FMT(doc->name));
}

static void read_direct(struct reader *reader, const struct document *doc)
{
	for (size_t i = 1; i < doc->root->n; i++) {
		if (doc->root->items[i]->kind != KJ_SEQ)
			continue;
		reader->host.policies = true;
		kj_fw_note(reader->host.rs, line_of(doc, doc->root->items[i]), "direct rules are not evaluated");
		return;
	}
}

static void read_nothing(struct reader *reader, const struct document *doc)
{
	(void)reader, (void)doc;
}

static const struct root {
	const char *name;
	void (*read)(struct reader *reader, const struct document *doc);
} roots[] = {
        {"zone", read_zone},     {"service", read_service}, {"ipset", read_ipset},      {"policy", read_policy},
        {"direct", read_direct}, {"helper", read_nothing},  {"icmptype", read_nothing}, {"whitelist", read_nothing},
};

/* -- files -- */

/* An XML file; of a name that was read already it is hidden by the first. */
static void read_document(struct reader *reader, const struct document *doc)
{
	kj_str folder = kj_fwd_file_folder(doc->file->path);
	bool zone = kj_xml_is(doc->root, "zone");
	kj_str key = kj_str_fmt(reader->arena, "%.*s/%.*s", KJ_FMT(doc->root->text), KJ_FMT(doc->name));
	void **seen = kj_map_at(reader->arena, &reader->seen, key);
	if (*seen)
		return;
	*seen = reader;
	if (zone && folder.n &&
	    !kj_str_eq(folder, KJ_STR("zones"))) { /* the files of zones/NAME/ make one zone together */
		beyond(reader, doc, doc->root);
		return;
	}
	for (size_t i = 0; i < COUNT(roots); i++) {
		if (kj_xml_is(doc->root, roots[i].name)) {
			roots[i].read(reader, doc);
			return;
		}
	}
	beyond(reader, doc, doc->root);
}

static void read_xml(struct reader *reader, const struct kj_fwd_file *file)
{
	static const struct kj_doc_limits limits = {.bytes = 64 * KJ_MIB, .nodes = 4000000};
	struct kj_text *text = KJ_NEW(reader->arena, struct kj_text);
	struct kj_diags diags = {.arena = reader->arena};
	*text = (struct kj_text){reader->text->name, file->bytes};
	struct document doc = {.file = file, .root = kj_xml_read(reader->arena, text, limits, &diags)};
	if (doc.root) {
		doc.name = kj_fwd_file_name(file->path.n ? file->path : reader->text->name);
		read_document(reader, &doc);
		return;
	}
	const struct kj_diag *problem = &diags.list.at[0];
	struct kj_span span = problem->span;
	span.text = reader->text;
	span.line += file->before;
	reader->host.policies = true;
	kj_fw_note(reader->host.rs, span.line, "%.*s", KJ_FMT(problem->message));
	kj_error(&reader->problems, span, "%.*s", KJ_FMT(problem->message));
}

/* Of a key that is there twice the first counts. */
static void read_conf(struct reader *reader, const struct kj_fwd_file *file)
{
	kj_str rest = file->bytes, line;
	bool drifting = false;
	for (uint32_t number = file->before + 1; kj_str_line(&rest, &line); number++) {
		size_t equals = kj_str_find(line, '=');
		kj_str key = kj_str_trim(kj_str_upto(line, equals)), value = kj_str_trim(kj_str_from(line, equals + 1));
		if (kj_str_eq(key, KJ_STR("DefaultZone")) && !reader->default_zone.n)
			reader->default_zone = value;
		if (kj_str_eq(key, KJ_STR("AllowZoneDrifting")) && !drifting) {
			drifting = true;
			reader->drifting = kj_str_eq_fold(value, KJ_STR("yes")) || kj_str_eq_fold(value, KJ_STR("true"))
			                           ? number
			                           : 0;
		}
	}
	if (!reader->default_zone.n)
		reader->default_zone = KJ_STR("public");
}

/* A profile of NetworkManager, or an ifcfg file: which interface goes by it may not be told. */
static void read_profile(struct reader *reader, const struct kj_fwd_file *file)
{
	kj_str rest = file->bytes, line;
	for (uint32_t number = file->before + 1; kj_str_line(&rest, &line); number++) {
		size_t equals = kj_str_find(line, '=');
		kj_str value = kj_str_trim(kj_str_from(line, equals + 1));
		if (!kj_str_eq_fold(kj_str_trim(kj_str_upto(line, equals)), KJ_STR("zone")) || !value.n ||
		    kj_str_eq(value, KJ_STR("\"\"")))
			continue;
		reader->host.policies = true;
		kj_fw_note(reader->host.rs, number, "what NetworkManager puts into zone %.*s is not evaluated",
		           KJ_FMT(value));
	}
}

static bool is_profile(kj_str path)
{
	return kj_str_eq(kj_fwd_file_folder(path), KJ_STR("system-connections")) ||
	       kj_str_starts(kj_fwd_file_name(path), KJ_STR("ifcfg-"));
}

static bool is_shipped(const struct kj_fwd_file *file)
{
	return kj_str_find_str(file->path, KJ_STR("usr/lib/firewalld/")) < file->path.n;
}

static void read_file(struct reader *reader, const struct kj_fwd_file *file)
{
	if (kj_str_ends(file->path, KJ_STR("firewalld.conf")))
		read_conf(reader, file);
	else if (is_profile(file->path))
		read_profile(reader, file);
	else if (kj_str_ends(file->path, KJ_STR("zones/")))
		reader->whole = true;
	else if (!file->path.n || kj_str_ends(file->path, KJ_STR(".xml"))) /* others firewalld does not look at */
		read_xml(reader, file);
}

static void read_files(struct reader *reader)
{
	for (unsigned shipped = 0; shipped < 2; shipped++) {
		struct kj_fwd_files files = {.rest = reader->text->bytes};
		struct kj_fwd_file file;
		while (kj_fwd_next_file(&files, &file)) {
			if (is_shipped(&file) == shipped)
				read_file(reader, &file);
		}
	}
}

/* -- the host -- */

/* AllowZoneDrifting (before firewalld 1.0): what the zone of a source does not decide goes to that of the interface. */
static void note_drifting(struct reader *reader)
{
	for (size_t i = 0; reader->drifting && i < reader->host.zones.n; i++) {
		if (!reader->host.zones.at[i]->sources.n)
			continue;
		reader->host.policies = true;
		kj_fw_note(reader->host.rs, reader->drifting, "AllowZoneDrifting=yes is not evaluated");
		return;
	}
}

static void complete(struct reader *reader)
{
	struct kj_fwd_host *host = &reader->host;
	struct kj_fwd_zone *by_default =
	        reader->default_zone.n ? kj_map_get(&host->zone_by_name, reader->default_zone) : NULL;
	if (by_default)
		by_default->is_default = true;
	for (size_t i = 0; i < host->zones.n; i++)
		host->zones.at[i]->has_forward = reader->forwards;
	host->all_zones = reader->whole || reader->listed > 1;
	if (!host->all_zones)
		kj_fw_note(host->rs, 0, "other zones are not here: their sources come first");
	kj_fwd_note_default(host);
	note_drifting(reader);
	kj_fw_note(host->rs, 0,
	           "these are firewalld's files: what was changed while it runs, and interfaces that NetworkManager "
	           "puts into a zone, are not in them");
	kj_fw_note(host->rs, 0,
	           "services that are not here are taken as firewalld ships them; policies and direct rules that are "
	           "not here, for none");
	kj_fwd_finish(host);
}

static void parse(struct kj_fw_reading *reading)
{
	struct reader reader = {.arena = reading->arena, .text = reading->text, .problems = {.arena = reading->arena}};
	reader.host.rs = kj_fw_ruleset_new(reading->arena, reading->text, "firewalld-xml", KJ_FW_V46);
	read_files(&reader);
	if (reader.listed) {
		complete(&reader);
		KJ_PUSH(reading->arena, &reading->rulesets, reader.host.rs);
		return;
	}
	for (size_t i = 0; i < reader.problems.list.n; i++)
		kj_error(reading->diags, reader.problems.list.at[i].span, "%.*s",
		         KJ_FMT(reader.problems.list.at[i].message));
}

static int recognise(kj_str text)
{
	struct kj_fwd_files files = {.rest = text};
	struct kj_fwd_file file;
	if (!kj_str_starts(kj_str_trim_left(text), KJ_STR("<")) && !kj_str_starts(text, KJ_STR("\xef\xbb\xbf")) &&
	    !kj_str_starts(text, KJ_STR("==> ")))
		return 0;
	while (kj_fwd_next_file(&files, &file)) {
		if (kj_xml_is_root(file.bytes, KJ_STR("zone")))
			return 95;
	}
	return 0;
}

const struct kj_fw_dialect kj_fw_dialect_firewalld_xml = {
        .name = "firewalld-xml",
        .about = "firewalld's files: firewalld.conf, zones/*.xml and others, together or as tail -n +1 prints them",
        .recognise = recognise,
        .parse = parse,
        .joins = KJ_FW_JOINS_NAMED,
};
