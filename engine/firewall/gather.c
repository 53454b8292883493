#include "firewall/gather.h"

#include "base/buf.h"
#include "firewall/dialect.h"
#include "firewall/dialects/iptables.h"

/* What one of the texts is. */
struct item {
	const struct kj_text *text;
	const struct kj_fw_dialect *dialect; /* NULL: none that is known */
	kj_str folder;
	bool sets; /* `ipset save` */
	bool done;
};

struct gathering {
	struct kj_arena *arena;
	struct item *item;
	size_t n;
	struct pile {
		KJ_VEC(const struct kj_text *) at;
	} pile; /* of the dump at work */
};

static kj_str folder_of(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	return slash < path.n ? kj_str_upto(path, slash) : KJ_STR(".");
}

/* firewalld keeps files of different kinds in folders of their own: the one above, or the folder itself. */
static kj_str firewalld_folder(kj_str folder)
{
	static const kj_str kinds[] = {KJ_STR_INIT("zones"), KJ_STR_INIT("services"), KJ_STR_INIT("ipsets"),
	                               KJ_STR_INIT("policies")};
	size_t slash = kj_str_find_last(folder, '/');
	kj_str name = slash < folder.n ? kj_str_from(folder, slash + 1) : folder;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kj_str_eq(name, kinds[i]))
			return folder_of(folder);
	}
	return folder;
}

/* Files of firewalld that say nothing by themselves. */
static bool completes_firewalld(const struct item *item)
{
	kj_str name = item->text->name;
	return kj_str_ends(name, KJ_STR("firewalld.conf")) ||
	       (!item->dialect && kj_str_ends(name, KJ_STR(".xml")) &&
	        !kj_str_eq(firewalld_folder(item->folder), item->folder));
}

static struct item item_of(const struct kj_text *text)
{
	struct item item = {.text = text, .folder = folder_of(text->name)};
	item.sets = kj_ipset_recognise(text->bytes);
	if (!item.sets)
		item.dialect = kj_fw_dialect_of(text->bytes);
	if (completes_firewalld(&item))
		item.dialect = kj_fw_dialect_named(KJ_STR("firewalld-xml"));
	if (item.dialect && item.dialect->joins == KJ_FW_JOINS_NAMED)
		item.folder = firewalld_folder(item.folder);
	return item;
}

static void add(struct gathering *g, const struct item *item)
{
	if (item->dialect && item->dialect->joins == KJ_FW_JOINS_NAMED) {
		struct kj_text *heading = KJ_NEW(g->arena, struct kj_text);
		heading->name = item->text->name;
		heading->bytes = kj_str_fmt(g->arena, "==> %.*s <==\n", KJ_FMT(item->text->name));
		KJ_PUSH(g->arena, &g->pile.at, heading);
	}
	KJ_PUSH(g->arena, &g->pile.at, item->text);
}

/* The other parts of the dump that `first` begins. */
static void add_parts(struct gathering *g, const struct item *first)
{
	for (size_t i = 0; i < g->n; i++) {
		struct item *item = &g->item[i];
		if (item == first || item->done || item->dialect != first->dialect ||
		    !kj_str_eq(item->folder, first->folder))
			continue;
		add(g, item);
		item->done = true;
	}
}

/* Sets of the same folder; where there are none, all that were given. */
static void add_sets(struct gathering *g, const struct item *rules)
{
	bool near = false;
	for (size_t i = 0; i < g->n; i++)
		near |= g->item[i].sets && kj_str_eq(g->item[i].folder, rules->folder);
	for (size_t i = 0; i < g->n; i++) {
		if (g->item[i].sets && (!near || kj_str_eq(g->item[i].folder, rules->folder)))
			add(g, &g->item[i]);
	}
}

static bool takes_sets(const struct item *item)
{
	return item->dialect && kj_str_eq(kj_str_of(item->dialect->name), KJ_STR("iptables-save"));
}

void kj_fw_gather(struct kj_arena *arena, const struct kj_text *const *texts, size_t n, struct kj_fw_gathered *out)
{
	struct gathering g = {.arena = arena, .item = KJ_NEW_ARRAY(arena, struct item, n + 1), .n = n};
	bool rules = false;
	for (size_t i = 0; i < n; i++) {
		g.item[i] = item_of(texts[i]);
		rules |= takes_sets(&g.item[i]);
	}
	for (size_t i = 0; i < n; i++) {
		struct item *item = &g.item[i];
		if (item->done || (item->sets && rules))
			continue;
		g.pile = (struct pile){{0}};
		add(&g, item);
		if (item->dialect && item->dialect->joins)
			add_parts(&g, item);
		if (takes_sets(item))
			add_sets(&g, item);
		KJ_PUSH(arena, &out->at, kj_fw_join(arena, g.pile.at.at, g.pile.at.n));
	}
}
