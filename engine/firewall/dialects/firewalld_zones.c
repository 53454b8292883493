/* What the readers of firewalld's zones have in common, be it what firewall-cmd prints or firewalld's files. */
#include "firewall/dialects/firewalld.h"
#include "firewall/services.h"

#include <stdlib.h>

struct kj_fwd_zone *kj_fwd_zone_named(struct kj_fwd_host *host, struct kj_fwd_item item, kj_str name)
{
	void **at = kj_map_at(host->rs->arena, &host->zone_by_name, name);
	if (*at)
		return *at;
	struct kj_fwd_zone *zone = *at = KJ_NEW(host->rs->arena, struct kj_fwd_zone);
	zone->name = name;
	zone->item = item;
	KJ_PUSH(host->rs->arena, &host->zones, zone);
	return zone;
}

/* Looks at the first only: that is enough for what a person lists twice. */
bool kj_fwd_has_item(const kj_fwd_items *items, kj_str text)
{
	enum { LOOKED_AT = 64 };
	for (size_t i = 0; i < items->n && i < LOOKED_AT; i++) {
		if (kj_str_eq(items->at[i].text, text))
			return true;
	}
	return false;
}

struct kj_fwd_rule *kj_fwd_add_listed(struct kj_fwd_host *host, struct kj_fwd_zone *zone, kj_str key,
                                      struct kj_fwd_item word, enum kj_fwd_element element)
{
	size_t slash = kj_str_find(word.text, '/');
	bool ports = element == KJ_FWD_PORT || element == KJ_FWD_SOURCE_PORT;
	struct kj_fwd_rule rule = {.verdict = KJ_FW_ACCEPT, .element = element, .name = word.text};
	rule.item.line = word.line;
	rule.item.text = kj_str_fmt(host->rs->arena, "zone %.*s, %.*s: %.*s", KJ_FMT(zone->name), KJ_FMT(key),
	                            KJ_FMT(word.text));
	rule.port = ports ? kj_str_upto(word.text, slash) : KJ_STR("");
	rule.proto = ports ? kj_str_from(word.text, slash + 1) : word.text;
	KJ_PUSH(host->rs->arena, &zone->rules, rule);
	return &zone->rules.at[zone->rules.n - 1];
}

void kj_fwd_add_forward_port(struct kj_fwd_host *host, struct kj_fwd_zone *zone, struct kj_fwd_item value)
{
	struct kj_fwd_rule rule = {.item = value, .verdict = KJ_FW_ACCEPT, .element = KJ_FWD_FORWARD_PORT};
	kj_str rest = value.text, piece;
	size_t to = kj_str_find_str(rest, KJ_STR(":toaddr="));
	rule.to_addr = kj_str_from(rest, to + 8);
	rest = kj_str_upto(rest, to);
	while (kj_str_cut(&rest, ':', &piece)) {
		size_t equals = kj_str_find(piece, '=');
		kj_str key = kj_str_upto(piece, equals), text = kj_str_from(piece, equals + 1);
		if (kj_str_eq(key, KJ_STR("port")))
			rule.port = text;
		if (kj_str_eq(key, KJ_STR("proto")))
			rule.proto = text;
		if (kj_str_eq(key, KJ_STR("toport")))
			rule.to_port = text;
	}
	KJ_PUSH(host->rs->arena, &zone->rules, rule);
}

bool kj_fwd_ports(kj_str s, uint16_t *first, uint16_t *last)
{
	size_t dash = kj_str_find(s, '-');
	if (kj_fw_port_parse(s, first)) { /* names may have a dash */
		*last = *first;
		return true;
	}
	return dash < s.n && kj_fw_port_parse(kj_str_upto(s, dash), first) &&
	       kj_fw_port_parse(kj_str_from(s, dash + 1), last) && *first <= *last;
}

void kj_fwd_note_default(struct kj_fwd_host *host)
{
	for (size_t i = 0; i < host->zones.n; i++) {
		if (host->zones.at[i]->is_default)
			return;
	}
	kj_fw_note(host->rs, 0,
	           "which zone is the default is not listed; what happens on other interfaces is not known");
}

static int by_priority(const void *a, const void *b)
{
	const struct kj_fwd_zone *x = *(struct kj_fwd_zone *const *)a, *y = *(struct kj_fwd_zone *const *)b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return kj_str_cmp(x->name, y->name);
}

void kj_fwd_finish(struct kj_fwd_host *host)
{
	if (host->zones.n)
		qsort(host->zones.at, host->zones.n, sizeof *host->zones.at, by_priority);
	kj_fwd_build(host);
	kj_fw_finish(host->rs);
}
