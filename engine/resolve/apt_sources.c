/* The source `apt_sources`: where apt takes packages from: sources.list, then sources.list.d by name, one-line files
   (.list) and deb822 (.sources), as pkgSourceList reads them (apt-pkg/sourcelist.cc, deb/debmetaindex.cc). At a
   malformed entry apt stops. */
#include "resolve/apt.h"

#include "resolve/work.h"

const char *const kj_apt_sources_columns[] = {"type",    "uri",       "suite",          "components", "enabled",
                                              "trusted", "signed_by", "allow_insecure", NULL};
enum { TYPE, URI, SUITE, COMPONENTS, ENABLED, TRUSTED, SIGNED_BY, ALLOW_INSECURE, COLUMNS };

struct lists {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_rows *rows;
	struct kj_reads reads;
	struct kj_row at;
	bool failed;
};

static bool fail(struct lists *l, const char *problem)
{
	if (!l->failed) {
		l->out->at = kj_origin_of(&l->at);
		kj_resolved_state(l->host, l->out, KJ_STATE_NOT_IN_FORCE, "'%.*s' line %u: %s: apt stops with an error",
		                  KJ_FMT(l->at.text->name), l->at.line, problem);
	}
	struct kj_row bad = l->at;
	bad.bad = true;
	bad.problem = problem;
	KJ_PUSH(l->host->arena, &l->out->bad, bad);
	l->failed = true;
	return false;
}

static bool known_type(kj_str type)
{
	return kj_str_eq(type, KJ_STR("deb")) || kj_str_eq(type, KJ_STR("deb-src"));
}

/* A URI has a scheme, and ends with a slash. */
static bool fix_uri(struct lists *l, kj_str *uri)
{
	if (kj_str_find(*uri, ':') == uri->n)
		return false;
	if (!kj_str_ends(*uri, KJ_STR("/")))
		*uri = kj_str_fmt(l->host->arena, "%.*s/", KJ_FMT(*uri));
	return true;
}

/* StringToBool() of apt as yes or no; other words as they are. */
static kj_str truth(kj_str value)
{
	static const kj_str yes[] = {KJ_STR_INIT("1"),    KJ_STR_INIT("yes"), KJ_STR_INIT("true"),
	                             KJ_STR_INIT("with"), KJ_STR_INIT("on"),  KJ_STR_INIT("enable")};
	static const kj_str no[] = {KJ_STR_INIT("0"),       KJ_STR_INIT("no"),  KJ_STR_INIT("false"),
	                            KJ_STR_INIT("without"), KJ_STR_INIT("off"), KJ_STR_INIT("disable")};
	for (size_t i = 0; i < 6; i++) {
		if (kj_str_eq_fold(value, yes[i]))
			return KJ_STR("yes");
		if (kj_str_eq_fold(value, no[i]))
			return KJ_STR("no");
	}
	return value;
}

#define MAX_ROWS 100000 /* ours: a paragraph multiplies what it lists */

/* False when there are too many. */
static bool add(struct lists *l, const kj_str *cells)
{
	l->rows->capped |= l->rows->list.n >= MAX_ROWS;
	if (l->rows->capped)
		return false;
	kj_str *out = kj_rows_append(l->host, l->rows, &l->at);
	for (size_t i = 0; i < COLUMNS; i++)
		out[i] = cells[i];
	out[URI] = kj_without_passwords(l->host->arena, cells[URI]);
	out[ENABLED] = cells[ENABLED].n ? truth(cells[ENABLED]) : KJ_STR("yes");
	out[TRUSTED] = truth(cells[TRUSTED]);
	out[ALLOW_INSECURE] = truth(cells[ALLOW_INSECURE]);
	return true;
}

/* ---- one line: deb [ options ] uri suite components ---- */

static const struct {
	kj_str option, field;
	size_t column;
} options[] = {
        {KJ_STR_INIT("trusted"), KJ_STR_INIT("Trusted"), TRUSTED},
        {KJ_STR_INIT("signed-by"), KJ_STR_INIT("Signed-By"), SIGNED_BY},
        {KJ_STR_INIT("allow-insecure"), KJ_STR_INIT("Allow-Insecure"), ALLOW_INSECURE},
};

/* A # begins a comment, unless it stands in brackets. */
static kj_str without_comment(kj_str line)
{
	size_t i = 0;
	for (; i < line.n && line.p[i] != '#'; i++) {
		size_t end = line.p[i] == '[' ? kj_str_find(kj_str_from(line, i + 1), ']') : line.n;
		if (line.p[i] == '[' && i + 1 + end < line.n)
			i += 1 + end;
	}
	return kj_str_upto(line, i);
}

static bool take_options(struct lists *l, kj_str *rest, kj_str *cells)
{
	*rest = kj_str_trim_left(*rest);
	if (!kj_str_starts(*rest, KJ_STR("[")))
		return true;
	size_t end = kj_str_find(*rest, ']');
	kj_str inside = kj_str_upto(kj_str_from(*rest, 1), end - 1), option;
	if (end == rest->n)
		return fail(l, "the bracket is not closed");
	*rest = kj_str_from(*rest, end + 1);
	while (kj_str_word(&inside, &option)) {
		size_t equals = kj_str_find(option, '=');
		if (!equals || equals + 1 >= option.n)
			return fail(l, "an option without a value");
		for (size_t i = 0; i < sizeof options / sizeof *options; i++)
			if (kj_str_eq(kj_str_upto(option, equals), options[i].option))
				cells[options[i].column] = kj_str_from(option, equals + 1);
	}
	return true;
}

static bool take_line(struct lists *l, kj_str line)
{
	kj_str cells[COLUMNS] = {{0}}, rest = without_comment(line);
	if (!kj_str_word(&rest, &cells[TYPE]))
		return true;
	if (!known_type(cells[TYPE]))
		return fail(l, "no such type of source");
	if (!take_options(l, &rest, cells))
		return false;
	if (!kj_str_word(&rest, &cells[URI]) || !fix_uri(l, &cells[URI]))
		return fail(l, "no URI");
	if (!kj_str_word(&rest, &cells[SUITE]))
		return fail(l, "no suite");
	cells[COMPONENTS] = kj_str_trim(rest);
	if (kj_str_ends(cells[SUITE], KJ_STR("/")) == (cells[COMPONENTS].n > 0))
		return fail(l, cells[COMPONENTS].n ? "components after a suite that is a path" : "no component");
	return add(l, cells);
}

static void read_list(struct lists *l, kj_str text)
{
	kj_str line;
	for (l->at.line = 1; kj_str_line(&text, &line); l->at.line++)
		if (!take_line(l, line))
			return;
}

/* ---- deb822: paragraphs of fields ---- */

struct paragraph {
	uint32_t line; /* 0: none was begun */
	kj_str types, uris, suites;
	kj_str cells[COLUMNS];
	kj_str *open;       /* the field that a continued line belongs to; NULL: one that does not matter */
	struct kj_buf text; /* of that field */
};

static kj_str *field_at(struct paragraph *p, kj_str name)
{
	const struct {
		kj_str name;
		kj_str *place;
	} fields[] = {{KJ_STR("Types"), &p->types},
	              {KJ_STR("URIs"), &p->uris},
	              {KJ_STR("Suites"), &p->suites},
	              {KJ_STR("Components"), &p->cells[COMPONENTS]},
	              {KJ_STR("Enabled"), &p->cells[ENABLED]}};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (kj_str_eq_fold(name, fields[i].name))
			return fields[i].place;
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (kj_str_eq_fold(name, options[i].field))
			return &p->cells[options[i].column];
	return NULL;
}

/* Every type with every URI and suite. */
static bool end_paragraph(struct lists *l, struct paragraph *p)
{
	kj_str types = p->types, type, uris, suites;
	bool off = kj_str_eq(truth(p->cells[ENABLED]), KJ_STR("no"));
	if (!p->line)
		return true;
	l->at.line = p->line;
	if (!kj_str_trim(p->types).n || (!off && (!kj_str_trim(p->uris).n || !kj_str_trim(p->suites).n)))
		return fail(l, "a paragraph without types, URIs or suites");
	while (kj_str_word(&types, &type)) {
		p->cells[TYPE] = type;
		uris = p->uris;
		if (!off && !known_type(type))
			return fail(l, "no such type of source");
		while (kj_str_word(&uris, &p->cells[URI])) {
			if (!fix_uri(l, &p->cells[URI]) && !off)
				return fail(l, "no URI");
			for (suites = p->suites; kj_str_word(&suites, &p->cells[SUITE]);) {
				bool path = kj_str_ends(p->cells[SUITE], KJ_STR("/"));
				if (!off && path == (p->cells[COMPONENTS].n > 0))
					return fail(l, "components do not fit the suite");
				if (!add(l, p->cells))
					return false;
			}
		}
	}
	return true;
}

static void close_field(struct lists *l, struct paragraph *p)
{
	if (p->open)
		*p->open = kj_str_copy(l->host->arena, kj_str_trim(kj_buf_str(&p->text)));
	p->open = NULL;
	p->text = KJ_BUF(l->host->arena);
}

static void take_field(struct lists *l, struct paragraph *p, kj_str line)
{
	if (kj_is_space(line.p[0])) {
		kj_buf_put(&p->text, KJ_STR(" "));
		kj_buf_put(&p->text, kj_str_trim(line));
		return;
	}
	size_t colon = kj_str_find(line, ':');
	close_field(l, p);
	p->line = p->line ? p->line : l->at.line;
	p->open = field_at(p, kj_str_upto(line, colon));
	kj_buf_put(&p->text, kj_str_from(line, colon + 1));
}

static void read_deb822(struct lists *l, kj_str text)
{
	kj_str line;
	struct paragraph p = {.text = KJ_BUF(l->host->arena)};
	uint32_t number = 1;
	for (; kj_str_line(&text, &line); number++) {
		l->at.line = number;
		if (kj_str_starts(line, KJ_STR("#")))
			continue;
		if (kj_str_trim(line).n) {
			take_field(l, &p, line);
			continue;
		}
		close_field(l, &p);
		if (!end_paragraph(l, &p))
			return;
		p = (struct paragraph){.text = KJ_BUF(l->host->arena)};
	}
	close_field(l, &p);
	end_paragraph(l, &p);
}

/* ---- files ---- */

static void read_file(struct lists *l, kj_str path)
{
	size_t before = l->reads.list.n;
	kj_read_path(l->host, &l->reads, NULL, path, KJ_STR(""), NULL);
	if (l->reads.list.n == before)
		return;
	const struct kj_artifact *artifact = l->reads.list.at[before].artifact;
	l->at = (struct kj_row){.text = &artifact->text, .line = 1, .col = 1};
	(kj_str_ends(path, KJ_STR(".sources")) ? read_deb822 : read_list)(l, artifact->text.bytes);
}

static void read_parts(struct lists *l)
{
	enum kj_presence presence;
	kj_str glob = KJ_STR("etc/apt/sources.list.d/*");
	struct kj_entry_list found = kj_export_glob(l->host->export, l->host->arena, glob, &presence);
	if (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE)
		l->reads.hidden = KJ_STR("/etc/apt/sources.list.d/*");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str path = found.paths.at[i];
		bool list = kj_str_ends(path, KJ_STR(".list")), deb822 = kj_str_ends(path, KJ_STR(".sources"));
		if ((list || deb822) && kj_apt_takes_name(path, list ? KJ_STR("list") : KJ_STR("sources")))
			read_file(l, path);
	}
}

void kj_resolve_apt_sources(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct lists l = {.host = host, .out = out, .rows = kj_rows_make(host, kj_apt_sources_columns)};
	out->rows = l.rows;
	read_file(&l, KJ_STR("etc/apt/sources.list"));
	read_parts(&l);
	l.reads.looked_for = KJ_STR("/etc/apt/sources.list, /etc/apt/sources.list.d/*");
	struct kj_resolved told = *out;
	kj_judge_reads(host, &l.reads, out);
	if (l.rows->capped) {
		kj_resolved_state(host, out, KJ_STATE_ERROR, "apt has more than %d sources", MAX_ROWS);
	} else if (l.failed) {
		out->refused = true;
		kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE, "%.*s", KJ_FMT(told.message));
	}
}
