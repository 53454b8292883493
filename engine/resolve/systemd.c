/* The resolver `systemd`: the main file and the drop-ins of a daemon that reads them with config_parse_many() (systemd.syntax(7), and each
   daemon's own man page, "Configuration directories and precedence"). YAML says which sections and keys there are:

     with:
       sections: [Login]         one: keys stand alone; several: Section.Key
       keys: {IdleAction: [ignore, lock], IdleActionSec: seconds, …}    a type, or words and types, one of which must fit
       types: {action: [ignore, lock]}    types of the source's own
       aliases: {Old: New}

   A value that does not fit is logged by the daemon, and the one before stays. A key without a type is taken as it is. */
#include "resolve/systemd.h"

/* A value that the daemon does not take, to be told beside the one that holds. */
struct remark {
	kj_str key, value, why;
	struct kj_origin origin;
};

struct systemd {
	struct kj_host *host;
	const struct kj_source *source;
	struct kj_resolved *out;
	const struct kj_node *sections, *keys, *types, *aliases;
	struct kj_map at; /* key → index + 1 of its setting */
	KJ_VEC(struct remark) remarks;
	const struct kj_row *stop; /* nothing is read from here on */
};

struct place {
	size_t index;
};

/* ---- what YAML says ---- */

static const struct kj_node *with(const struct kj_source *source, const char *name)
{
	return source->with ? kj_doc_get(source->with, kj_str_of(name)) : NULL;
}

/* Is the text a member of a list of words? */
static bool lists(const struct kj_node *list, kj_str text)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (kj_str_eq(list->items[i]->text, text))
			return true;
	return false;
}

/* One name of a type, or a word of its own in a list. */
static bool fits_one(struct systemd *s, const struct kj_node *node, kj_str *value)
{
	const struct kj_systemd_type *type = kj_systemd_type_find(node->text);
	return type ? type->read(s->host->arena, value) : kj_str_eq(node->text, *value);
}

static bool fits(struct systemd *s, const struct kj_node *node, kj_str *value)
{
	if (node->kind != KJ_SEQ)
		return fits_one(s, node, value);
	for (size_t i = 0; i < node->n; i++)
		if (fits_one(s, node->items[i], value))
			return true;
	return false;
}

/* A name of the source's own types stands for their words. */
static const struct kj_node *own_type(const struct kj_node *types, const struct kj_node *node)
{
	const struct kj_node *own = types && node->kind != KJ_SEQ ? kj_doc_get(types, node->text) : NULL;
	return own ? own : node;
}

/* The type of a key, or NULL. */
static const struct kj_node *type_of(const struct systemd *s, kj_str key)
{
	const struct kj_node *node = s->keys ? kj_doc_get(s->keys, key) : NULL;
	return node ? own_type(s->types, node) : NULL;
}

enum { TOLD = 6 }; /* of a longer list of words none is told */

/* "is not a time span", "is none of ignore, lock". */
static kj_str misfit(struct systemd *s, const struct kj_node *node)
{
	if (node->kind != KJ_SEQ)
		return kj_str_fmt(s->host->arena, "is not %s", kj_systemd_type_find(node->text)->about);
	struct kj_buf buf = KJ_BUF(s->host->arena);
	if (node->n > TOLD)
		return KJ_STR("is no word that the key takes");
	for (size_t i = 0; i < node->n; i++)
		kj_buf_fmt(&buf, "%s%.*s", i ? ", " : "is none of ", KJ_FMT(node->items[i]->text));
	return kj_buf_str(&buf);
}

static void check_type(const struct kj_node *types, const struct kj_node *node, struct kj_diags *diags)
{
	if (own_type(types, node)->kind != KJ_SEQ && !kj_systemd_type_find(node->text))
		kj_hint(diags, kj_error(diags, node->span, "there is no type '%.*s'", KJ_FMT(node->text)),
		        "a list gives the words that a key takes");
}

bool kj_systemd_check(const struct kj_source *source, struct kj_diags *diags)
{
	static const kj_str names[] = {KJ_STR_INIT("sections"), KJ_STR_INIT("types"), KJ_STR_INIT("keys"),
	                               KJ_STR_INIT("aliases")};
	enum { NAMES = sizeof names / sizeof *names };
	size_t errors = diags->errors;
	for (size_t i = 0; source->with && i < source->with->n; i++) {
		const struct kj_node *key = source->with->pairs[i].key;
		size_t k = 0;
		while (k < NAMES && !kj_str_eq(names[k], key->text))
			k++;
		if (k == NAMES)
			kj_hint(diags, kj_error(diags, key->span, "there is no '%.*s' in 'with'", KJ_FMT(key->text)),
			        "the resolver 'systemd' takes 'sections', 'types', 'keys' and 'aliases'");
	}
	const struct kj_node *sections = with(source, "sections"), *keys = with(source, "keys");
	if (!sections || sections->kind != KJ_SEQ || !sections->n)
		kj_error(diags, source->span, "the resolver 'systemd' needs a list 'sections' in 'with'");
	for (size_t i = 0; keys && keys->kind == KJ_MAP && i < keys->n; i++)
		check_type(with(source, "types"), keys->pairs[i].value, diags);
	return diags->errors == errors;
}

/* ---- assignments ---- */

static kj_str key_of(const struct systemd *s, kj_str section, kj_str key)
{
	if (s->sections->n > 1)
		key = kj_str_fmt(s->host->arena, "%.*s.%.*s", KJ_FMT(section), KJ_FMT(key));
	const struct kj_node *alias = s->aliases ? kj_doc_get(s->aliases, key) : NULL;
	return alias ? alias->text : key;
}

static void remark(struct systemd *s, kj_str key, kj_str value, struct kj_origin origin, kj_str why)
{
	KJ_PUSH(s->host->arena, &s->remarks, (struct remark){key, value, why, origin});
}

static void refuse(struct systemd *s, const struct kj_row *row, kj_str key, kj_str value, kj_str why)
{
	struct kj_row bad = *row;
	bad.bad = true;
	bad.problem = kj_str_zero(s->host->arena, why);
	KJ_PUSH(s->host->arena, &s->out->bad, bad);
	remark(s, key, value, kj_origin_of(row), why);
}

static void assign(struct systemd *s, kj_str key, kj_str value, struct kj_origin origin, bool adds)
{
	struct kj_arena *arena = s->host->arena;
	void **found = kj_map_at(arena, &s->at, key);
	if (!*found) {
		struct place *place = KJ_NEW(arena, struct place);
		place->index = s->out->settings.n;
		*found = place;
		kj_setting_add(s->host, s->out, key, value, KJ_STATE_EFFECTIVE, origin);
		return;
	}
	struct kj_setting *setting = &s->out->settings.at[((const struct place *)*found)->index];
	kj_setting_override(s->host, setting, setting->value, setting->origin);
	setting->value = adds && setting->value.n
	                         ? kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(setting->value), KJ_FMT(value))
	                         : value;
	setting->origin = origin;
}

static void take(struct systemd *s, const struct kj_row *row, kj_str section, kj_str name, kj_str value)
{
	if (!lists(s->sections, section))
		return;
	kj_str key = key_of(s, section, name), as_written = value;
	const struct kj_node *node = type_of(s, key);
	const struct kj_systemd_type *type = node && node->kind != KJ_SEQ ? kj_systemd_type_find(node->text) : NULL;
	bool empties = !value.n && type && type->empty_unsets;
	if (node && !empties && !fits(s, node, &value))
		refuse(s, row, key, as_written, misfit(s, node));
	else
		assign(s, key, value, kj_origin_of(row), value.n && type && type->list);
}

/* What stands behind a header that made the daemon stop. */
static void pass_over(struct systemd *s, const struct kj_row *row, kj_str section, kj_str key, kj_str value)
{
	if (lists(s->sections, section))
		remark(s, key_of(s, section, key), value, kj_origin_of(row),
		       kj_str_fmt(s->host->arena, "is not read: '%.*s' line %u stops the reading",
		                  KJ_FMT(s->stop->text->name), s->stop->line));
}

static void take_row(struct systemd *s, const struct kj_rows *rows, const struct kj_row *row)
{
	kj_str section = kj_row_cell(rows, row, KJ_STR("section")), key = kj_row_cell(rows, row, KJ_STR("key"));
	kj_str value = kj_row_cell(rows, row, KJ_STR("value"));
	if (row->bad)
		KJ_PUSH(s->host->arena, &s->out->bad, *row);
	else if (s->stop)
		pass_over(s, row, section, key, value);
	else
		take(s, row, section, key, value);
	if (row->bad && !key.n && !s->stop)
		s->stop = row;
}

static void take_reads(struct systemd *s, const struct kj_reads *reads)
{
	for (size_t i = 0; i < reads->list.n; i++) {
		const struct kj_rows *rows = reads->list.at[i].rows;
		for (size_t k = 0; k < rows->list.n; k++)
			take_row(s, rows, &rows->list.at[k]);
	}
}

/* ---- the result ---- */

static void tell_remark(struct systemd *s, const struct remark *r)
{
	struct kj_setting *setting = kj_setting_find(s->out, r->key, KJ_STR(""));
	if (!setting) {
		setting = kj_setting_add(s->host, s->out, r->key, r->value, KJ_STATE_NOT_IN_FORCE, r->origin);
		setting->unjudged = true;
	}
	kj_setting_note(s->host, setting, "'%.*s' line %u: '%.*s' %.*s: not in force", KJ_FMT(r->origin.text->name),
	                r->origin.line, KJ_FMT(r->value), KJ_FMT(r->why));
}

/* An empty assignment to a three-valued key is the default again. */
static void restore_defaults(struct systemd *s)
{
	for (size_t i = 0; i < s->out->settings.n; i++) {
		struct kj_setting *setting = &s->out->settings.at[i];
		const struct kj_node *node = type_of(s, setting->key);
		if (setting->value.n || !node || !kj_str_eq(node->text, KJ_STR("tristate")))
			continue;
		struct kj_resolved defaults = {.source = s->source};
		kj_defaults_add(s->host, s->source, &defaults);
		const struct kj_setting *preset = kj_setting_find(&defaults, setting->key, KJ_STR(""));
		setting->state = KJ_STATE_DEFAULT;
		setting->value = preset ? preset->value : setting->value;
	}
}

static struct systemd start(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	return (struct systemd){.host = host,
	                        .source = source,
	                        .out = out,
	                        .sections = with(source, "sections"),
	                        .keys = with(source, "keys"),
	                        .types = with(source, "types"),
	                        .aliases = with(source, "aliases")};
}

static void resolve_captured(struct systemd *s, const struct kj_reads *captured)
{
	struct kj_reads reads = {0};
	struct kj_resolved files = {.source = s->source};
	kj_note_texts(s->host, captured, s->out);
	s->out->state = KJ_STATE_EFFECTIVE;
	take_reads(s, captured);
	kj_read_inputs(s->host, s->source, false, &reads);
	kj_note_texts(s->host, &reads, s->out);
	struct systemd of_files = start(s->host, s->source, &files);
	take_reads(&of_files, &reads);
	kj_settings_compare(s->host, s->out, &files);
	kj_defaults_add(s->host, s->source, s->out);
}

void kj_resolve_systemd(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct systemd s = start(host, source, out);
	struct kj_reads captured = {0}, files = {0};
	kj_read_inputs(host, source, true, &captured);
	if (captured.list.n) {
		resolve_captured(&s, &captured);
	} else {
		kj_read_inputs(host, source, false, &files);
		files.broken = files.broken ? files.broken : captured.broken;
		kj_judge_reads(host, &files, out);
		take_reads(&s, &files);
		if ((out->state == KJ_STATE_EFFECTIVE || out->state == KJ_STATE_ABSENT) && !files.veiled.n)
			kj_defaults_add(host, source, out);
	}
	for (size_t i = 0; i < s.remarks.n; i++)
		tell_remark(&s, &s.remarks.at[i]);
	restore_defaults(&s);
}
