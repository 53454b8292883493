/* fleet.yml: every mistake is named at its place. */
#include "export/fleet.h"
#include "export/internal.h"

#include "base/addr.h"
#include "base/date.h"
#include "base/glob.h"

enum {
	A_MAP = 1 << KJ_MAP | 1 << KJ_NULL, /* `web01:` alone is an empty map */
	A_LIST = 1 << KJ_SEQ | 1 << KJ_NULL,
	TEXT = 1 << KJ_STRING | 1 << KJ_INT | 1 << KJ_REAL | 1 << KJ_BOOL,
	NUMBER = 1 << KJ_INT,
	ANYTHING = ~0,
};

struct field {
	kj_str name;
	int kinds;
};

struct reader {
	struct kj_arena *arena;
	struct kj_fleet *fleet;
	struct kj_diags *diags;
};

static const char *kinds_name(int kinds)
{
	switch (kinds) {
	case A_MAP:
		return "a map";
	case A_LIST:
		return "a list";
	case NUMBER:
		return "a whole number";
	default:
		return "text";
	}
}

static bool is_kind(struct reader *r, const struct kj_node *node, kj_str what, int kinds)
{
	if (kinds & 1 << node->kind)
		return true;
	kj_error(r->diags, node->span, "'%.*s' must be %s, this is %s", KJ_FMT(what), kinds_name(kinds),
	         kj_doc_kind_name(node->kind));
	return false;
}

static void suggest(struct reader *r, struct kj_diag *diag, kj_str word, const kj_str *candidates, size_t n)
{
	kj_str near = kj_nearest(word, candidates, n);
	if (near.n)
		kj_hint(r->diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
}

static const struct field *field_of(kj_str name, const struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq(fields[i].name, name))
			return &fields[i];
	}
	return NULL;
}

static void unknown_key(struct reader *r, const struct kj_node *key, kj_str where, const struct field *fields, size_t n)
{
	kj_str *names = KJ_NEW_ARRAY(r->arena, kj_str, n);
	for (size_t i = 0; i < n; i++)
		names[i] = fields[i].name;
	suggest(r, kj_error(r->diags, key->span, "unknown key '%.*s' in %.*s", KJ_FMT(key->text), KJ_FMT(where)),
	        key->text, names, n);
}

/* Is the node a map with these fields only, each of its kind? */
static void check_fields(struct reader *r, const struct kj_node *node, kj_str where, const struct field *fields,
                         size_t n)
{
	if (!is_kind(r, node, where, A_MAP))
		return;
	for (size_t i = 0; i < node->n; i++) {
		const struct field *field = field_of(node->pairs[i].key->text, fields, n);
		if (field)
			is_kind(r, node->pairs[i].value, field->name, field->kinds);
		else
			unknown_key(r, node->pairs[i].key, where, fields, n);
	}
}

#define CHECK_FIELDS(r, node, where, fields) check_fields(r, node, where, fields, sizeof(fields) / sizeof *(fields))

/* The value of a key when it is of the right kind (if not, that was said already), else NULL. */
static const struct kj_node *get(const struct kj_node *map, kj_str key, enum kj_node_kind kind)
{
	const struct kj_node *node = map->kind == KJ_MAP ? kj_doc_get(map, key) : NULL;
	return node && node->kind == kind ? node : NULL;
}

static const struct kj_node *get_text(const struct kj_node *map, kj_str key)
{
	const struct kj_node *node = map->kind == KJ_MAP ? kj_doc_get(map, key) : NULL;
	return node && (TEXT & 1 << node->kind) ? node : NULL;
}

static size_t keys_of(struct reader *r, const struct kj_node *map, kj_str **out)
{
	size_t n = map ? map->n : 0;
	*out = KJ_NEW_ARRAY(r->arena, kj_str, n + 1);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = map->pairs[i].key->text;
	return n;
}

static bool is_in(kj_str word, const kj_str *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (kj_str_eq(words[i], word))
			return true;
	}
	return false;
}

/* --- zones and services --- */

/* Words of policies in the place of a zone. */
static const struct {
	const char *name, *what;
} taken[] = {
        {"self", "the host itself"},
        {"local", "what ends at the host itself"},
        {"anywhere", "all that is forwarded"},
        {"each", "every zone"},
};

static void read_zone(struct reader *r, const struct kj_pair *pair, struct kj_zone *zone)
{
	zone->name = pair->key->text;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		if (kj_str_eq(zone->name, kj_str_of(taken[i].name)))
			kj_error(r->diags, pair->key->span, "a zone cannot be called '%s': that is %s", taken[i].name,
			         taken[i].what);
	}
	if (!is_kind(r, pair->value, zone->name, A_LIST))
		return;
	struct kj_range *ranges = KJ_NEW_ARRAY(r->arena, struct kj_range, pair->value->n + 1);
	for (size_t i = 0; i < pair->value->n; i++) {
		const struct kj_node *item = pair->value->items[i];
		if ((TEXT & 1 << item->kind) && kj_range_parse(item->text, &ranges[zone->n])) {
			zone->n++;
			continue;
		}
		struct kj_diag *diag =
		        kj_error(r->diags, item->span, "'%.*s' is no range of addresses", KJ_FMT(item->text));
		kj_hint(r->diags, diag, "write 192.0.2.1, 192.0.2.0/24, 2001:db8::/48 or 192.0.2.1-192.0.2.9");
	}
	zone->ranges = ranges;
}

static void read_zones(struct reader *r, const struct kj_node *doc)
{
	const struct kj_node *zones = get(doc, KJ_STR("zones"), KJ_MAP);
	if (!zones)
		return;
	struct kj_zone *list = KJ_NEW_ARRAY(r->arena, struct kj_zone, zones->n);
	for (size_t i = 0; i < zones->n; i++)
		read_zone(r, &zones->pairs[i], &list[i]);
	r->fleet->zones = list;
	r->fleet->zone_count = zones->n;
}

/* A map from a name to a list of services: `ssh`, `10050/tcp`. */
static void check_services(struct reader *r, const struct kj_node *map)
{
	for (size_t i = 0; map && i < map->n; i++) {
		const struct kj_pair *pair = &map->pairs[i];
		if (!is_kind(r, pair->value, pair->key->text, A_LIST))
			continue;
		for (size_t k = 0; k < pair->value->n; k++)
			is_kind(r, pair->value->items[k], KJ_STR("a service"), TEXT);
	}
}

/* --- roles --- */

static const struct field role_fields[] = {
        {KJ_STR_INIT("about"), ANYTHING},
        {KJ_STR_INIT("services"), A_MAP},
        {KJ_STR_INIT("params"), A_MAP},
};

static bool is_zone(const struct kj_fleet *fleet, kj_str name)
{
	return kj_str_eq(name, KJ_STR("internet")) || kj_fleet_zone(fleet, name);
}

static void check_zone_name(struct reader *r, const struct kj_node *name)
{
	kj_str *names;
	size_t n = keys_of(r, get(r->fleet->doc, KJ_STR("zones"), KJ_MAP), &names);
	names[n++] = KJ_STR("internet");
	if (!is_zone(r->fleet, name->text))
		suggest(r, kj_error(r->diags, name->span, "there is no zone '%.*s' in 'zones'", KJ_FMT(name->text)),
		        name->text, names, n);
}

static void check_zone_names(struct reader *r, const struct kj_node *services)
{
	for (size_t i = 0; services && i < services->n; i++)
		check_zone_name(r, services->pairs[i].key);
}

static void read_roles(struct reader *r, const struct kj_node *doc)
{
	r->fleet->roles = get(doc, KJ_STR("roles"), KJ_MAP);
	for (size_t i = 0; r->fleet->roles && i < r->fleet->roles->n; i++) {
		const struct kj_pair *pair = &r->fleet->roles->pairs[i];
		kj_str where = kj_str_fmt(r->arena, "role '%.*s'", KJ_FMT(pair->key->text));
		CHECK_FIELDS(r, pair->value, where, role_fields);
		const struct kj_node *services = get(pair->value, KJ_STR("services"), KJ_MAP);
		check_services(r, services);
		check_zone_names(r, services);
	}
}

/* --- hosts --- */

static const struct field host_fields[] = {
        {KJ_STR_INIT("path"), TEXT},        {KJ_STR_INIT("role"), TEXT},  {KJ_STR_INIT("kind"), TEXT},
        {KJ_STR_INIT("platform"), TEXT},    {KJ_STR_INIT("owner"), TEXT}, {KJ_STR_INIT("params"), A_MAP},
        {KJ_STR_INIT("interfaces"), A_MAP},
};

static const kj_str kinds[] = {
        KJ_STR_INIT("host"),     KJ_STR_INIT("pc"),           KJ_STR_INIT("account"),
        KJ_STR_INIT("firewall"), KJ_STR_INIT("organisation"),
};

static void check_role(struct reader *r, const struct kj_node *role)
{
	kj_str *names;
	size_t n = keys_of(r, r->fleet->roles, &names);
	if (role && !is_in(role->text, names, n))
		suggest(r, kj_error(r->diags, role->span, "there is no role '%.*s' in 'roles'", KJ_FMT(role->text)),
		        role->text, names, n);
}

static void check_kind(struct reader *r, const struct kj_node *kind)
{
	size_t n = sizeof kinds / sizeof *kinds;
	if (!kind || is_in(kind->text, kinds, n))
		return;
	struct kj_diag *diag = kj_error(r->diags, kind->span, "'%.*s' is no kind of subject", KJ_FMT(kind->text));
	kj_hint(r->diags, diag, "one of host, pc, account, firewall, organisation");
}

static bool leads_out(kj_str path)
{
	kj_str part;
	if (kj_str_starts(path, KJ_STR("/")))
		return true;
	while (kj_str_cut(&path, '/', &part)) {
		if (kj_str_eq(part, KJ_STR("..")))
			return true;
	}
	return false;
}

static void check_path(struct reader *r, const struct kj_node *path, kj_str host)
{
	if (!path)
		return;
	if (kj_glob_is(host))
		kj_error(r->diags, path->span, "'%.*s' stands for several hosts, and they cannot share a path",
		         KJ_FMT(host));
	else if (leads_out(path->text) || !path->text.n)
		kj_error(r->diags, path->span, "the path '%.*s' must stay below the folder of fleet.yml",
		         KJ_FMT(path->text));
}

/* A map from an interface to the zones behind it. */
static void check_interfaces(struct reader *r, const struct kj_node *map)
{
	for (size_t i = 0; map && i < map->n; i++) {
		const struct kj_pair *pair = &map->pairs[i];
		if (!is_kind(r, pair->value, pair->key->text, A_LIST))
			continue;
		for (size_t k = 0; k < pair->value->n; k++) {
			if (is_kind(r, pair->value->items[k], KJ_STR("a zone"), TEXT))
				check_zone_name(r, pair->value->items[k]);
		}
	}
}

static void read_hosts(struct reader *r, const struct kj_node *doc)
{
	const struct kj_node *hosts = get(doc, KJ_STR("hosts"), KJ_MAP);
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		const struct kj_pair *pair = &hosts->pairs[i];
		kj_str where = kj_str_fmt(r->arena, "host '%.*s'", KJ_FMT(pair->key->text));
		CHECK_FIELDS(r, pair->value, where, host_fields);
		check_role(r, get_text(pair->value, KJ_STR("role")));
		check_kind(r, get_text(pair->value, KJ_STR("kind")));
		check_path(r, get_text(pair->value, KJ_STR("path")), pair->key->text);
		check_interfaces(r, get(pair->value, KJ_STR("interfaces"), KJ_MAP));
	}
}

/* --- waivers --- */

static const struct field waiver_fields[] = {
        {KJ_STR_INIT("rule"), TEXT},   {KJ_STR_INIT("item"), TEXT},     {KJ_STR_INIT("hosts"), A_LIST},
        {KJ_STR_INIT("reason"), TEXT}, {KJ_STR_INIT("approver"), TEXT}, {KJ_STR_INIT("expires"), TEXT},
};

/* A text that must be there and say something. */
static kj_str demand(struct reader *r, const struct kj_node *map, kj_str key)
{
	const struct kj_node *node = get_text(map, key);
	if (node && kj_str_trim(node->text).n)
		return node->text;
	if (node || !kj_doc_get(map, key))
		kj_error(r->diags, node ? node->span : map->span, "this waiver has no '%.*s'", KJ_FMT(key));
	return KJ_STR("");
}

static void read_waiver_hosts(struct reader *r, const struct kj_node *map, struct kj_waiver *waiver)
{
	const struct kj_node *list = get(map, KJ_STR("hosts"), KJ_SEQ);
	if (!list)
		return;
	kj_str *hosts = KJ_NEW_ARRAY(r->arena, kj_str, list->n + 1);
	for (size_t i = 0; i < list->n; i++) {
		if (is_kind(r, list->items[i], KJ_STR("hosts"), TEXT))
			hosts[waiver->host_count++] = list->items[i]->text;
	}
	/* No hosts given means all of them; an empty list must not. */
	if (!list->n)
		kj_error(r->diags, list->span, "this waiver is for no host: name some, or leave 'hosts' out for all");
	waiver->hosts = hosts;
}

static void check_expiry(struct reader *r, const struct kj_node *map)
{
	const struct kj_node *node = get_text(map, KJ_STR("expires"));
	struct kj_date date;
	if (!node || kj_date_parse(node->text, &date))
		return;
	struct kj_diag *diag = kj_error(r->diags, node->span, "'%.*s' is no date", KJ_FMT(node->text));
	kj_hint(r->diags, diag, "write a day that exists as 2027-03-31");
}

static void read_waiver(struct reader *r, const struct kj_node *map, struct kj_waiver *waiver)
{
	CHECK_FIELDS(r, map, KJ_STR("a waiver"), waiver_fields);
	waiver->span = map->span;
	if (map->kind != KJ_MAP)
		return;
	const struct kj_node *rule = get_text(map, KJ_STR("rule")), *item = get_text(map, KJ_STR("item"));
	if (!rule == !item)
		kj_error(r->diags, map->span, "a waiver names either a 'rule' or an 'item'%s",
		         rule ? ", not both" : "");
	waiver->rule = rule ? rule->text : KJ_STR("");
	waiver->item = item ? item->text : KJ_STR("");
	waiver->reason = demand(r, map, KJ_STR("reason"));
	waiver->approver = demand(r, map, KJ_STR("approver"));
	waiver->expires = demand(r, map, KJ_STR("expires"));
	check_expiry(r, map);
	read_waiver_hosts(r, map, waiver);
}

static void read_waivers(struct reader *r, const struct kj_node *doc)
{
	const struct kj_node *waivers = get(doc, KJ_STR("waivers"), KJ_SEQ);
	if (!waivers)
		return;
	struct kj_waiver *list = KJ_NEW_ARRAY(r->arena, struct kj_waiver, waivers->n + 1);
	for (size_t i = 0; i < waivers->n; i++) {
		list[i].index = i;
		read_waiver(r, waivers->items[i], &list[i]);
	}
	r->fleet->waivers = list;
	r->fleet->waiver_count = waivers->n;
}

/* --- all of it --- */

static const struct field fleet_fields[] = {
        {KJ_STR_INIT("kijun"), NUMBER},   {KJ_STR_INIT("zones"), A_MAP}, {KJ_STR_INIT("params"), A_MAP},
        {KJ_STR_INIT("services"), A_MAP}, {KJ_STR_INIT("roles"), A_MAP}, {KJ_STR_INIT("hosts"), A_MAP},
        {KJ_STR_INIT("waivers"), A_LIST}, {KJ_STR_INIT("organisation"), A_MAP},
};
static const struct field organisation_fields[] = {{KJ_STR_INIT("name"), TEXT}, {KJ_STR_INIT("owner"), TEXT}};

static void check_version(struct reader *r, const struct kj_node *doc)
{
	const struct kj_node *version = kj_doc_get(doc, KJ_STR("kijun"));
	if (!version)
		kj_hint(r->diags, kj_error(r->diags, doc->span, "the version of this file's language is missing"),
		        "write 'kijun: 1' at its beginning");
	else if (version->kind == KJ_INT && version->num != 1)
		kj_error(r->diags, version->span, "this file is of version %.*s, and only 1 is known",
		         KJ_FMT(version->text));
}

bool kj_fleet_read(struct kj_arena *arena, struct kj_fleet *fleet, struct kj_diags *diags)
{
	size_t before = diags->errors;
	struct reader r = {arena, fleet, diags};
	const struct kj_node *doc = fleet->doc;
	CHECK_FIELDS(&r, doc, KJ_STR("fleet.yml"), fleet_fields);
	if (doc->kind != KJ_MAP) {
		if (doc->kind == KJ_NULL)
			check_version(&r, doc);
		return diags->errors == before;
	}
	check_version(&r, doc);
	fleet->params = get(doc, KJ_STR("params"), KJ_MAP);
	fleet->services = get(doc, KJ_STR("services"), KJ_MAP);
	check_services(&r, fleet->services);
	if (get(doc, KJ_STR("organisation"), KJ_MAP))
		CHECK_FIELDS(&r, get(doc, KJ_STR("organisation"), KJ_MAP), KJ_STR("'organisation'"), organisation_fields);
	read_zones(&r, doc);
	read_roles(&r, doc);
	read_hosts(&r, doc);
	read_waivers(&r, doc);
	return diags->errors == before;
}

/* --- the small fleet of a policy's example --- */

static const struct field example_fields[] = {
        {KJ_STR_INIT("zones"), A_MAP}, {KJ_STR_INIT("params"), A_MAP},   {KJ_STR_INIT("services"), A_MAP},
        {KJ_STR_INIT("roles"), A_MAP}, {KJ_STR_INIT("waivers"), A_LIST}, {KJ_STR_INIT("role"), TEXT},
        {KJ_STR_INIT("kind"), TEXT},   {KJ_STR_INIT("platform"), TEXT},  {KJ_STR_INIT("interfaces"), A_MAP},
        {KJ_STR_INIT("exports"), A_LIST},
};

static kj_str example_text(const struct kj_node *map, kj_str key)
{
	const struct kj_node *node = get_text(map, key);
	return node ? node->text : KJ_STR("");
}

bool kj_fleet_example(struct kj_arena *arena, const struct kj_node *map, struct kj_subject *subject,
                      struct kj_diags *diags)
{
	size_t before = diags->errors;
	struct kj_fleet *fleet = KJ_NEW(arena, struct kj_fleet);
	struct reader r = {arena, fleet, diags};
	fleet->doc = map;
	CHECK_FIELDS(&r, map, KJ_STR("the example's fleet"), example_fields);
	if (map->kind != KJ_MAP)
		return false;
	fleet->params = get(map, KJ_STR("params"), KJ_MAP);
	fleet->services = get(map, KJ_STR("services"), KJ_MAP);
	check_services(&r, fleet->services);
	read_zones(&r, map);
	read_roles(&r, map);
	read_waivers(&r, map);
	fleet->exports = get(map, KJ_STR("exports"), KJ_SEQ);
	subject->fleet = fleet;
	subject->role = example_text(map, KJ_STR("role"));
	subject->kind = example_text(map, KJ_STR("kind"));
	subject->platform = example_text(map, KJ_STR("platform"));
	subject->interfaces = get(map, KJ_STR("interfaces"), KJ_MAP);
	check_interfaces(&r, subject->interfaces);
	subject->params[0] = fleet->params;
	subject->params[1] = kj_doc_get(kj_doc_get(fleet->roles, subject->role), KJ_STR("params"));
	return diags->errors == before;
}
