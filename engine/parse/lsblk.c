/* Block devices as lsblk prints them: a tree, a list, pairs or JSON. A row for each device in each place of the tree and
   for each of its mount points. */
#include "parse/storage.h"

enum { NAME, TYPE, FSTYPE, MOUNT_POINT, PARENT, KNAME, CELLS };
enum { DEEPEST = 64 };

struct lsblk {
	struct kj_parse *parse;
	struct kj_heading heading;
	kj_str above[DEEPEST]; /* the names on the way down to the present line */
	kj_str last[CELLS];    /* of the device at work */
};

static bool add(struct kj_parse *parse, uint32_t line, const kj_str *from)
{
	kj_str *cells = kj_rows_add(parse, line, 1);
	for (size_t i = 0; cells && i < CELLS; i++)
		cells[i] = from[i];
	return cells;
}

/* One row a mount point; they stand between `between`. */
static bool add_mounts(struct kj_parse *parse, uint32_t line, kj_str *cells, kj_str mounts, char between)
{
	kj_str rest = mounts;
	do {
		if (!kj_str_cut(&rest, between, &cells[MOUNT_POINT]))
			cells[MOUNT_POINT] = KJ_STR("");
		if (!add(parse, line, cells))
			return false;
	} while (rest.p);
	return true;
}

/* ---- JSON ---- */

static bool add_node(struct kj_parse *parse, const struct kj_node *node, kj_str parent);

static bool add_nodes(struct kj_parse *parse, const struct kj_node *list, kj_str parent)
{
	for (size_t i = 0; list && list->kind == KJ_SEQ && i < list->n; i++)
		if (!add_node(parse, list->items[i], parent))
			return false;
	return true;
}

static bool add_node(struct kj_parse *parse, const struct kj_node *node, kj_str parent)
{
	const struct kj_node *mounts = kj_doc_get(node, KJ_STR("mountpoints"));
	kj_str cells[CELLS] = {kj_json_text(node, "name"),
	                       kj_json_text(node, "type"),
	                       kj_json_text(node, "fstype"),
	                       kj_json_text(node, "mountpoint"),
	                       parent,
	                       kj_json_text(node, "kname")};
	if (!parent.n)
		cells[PARENT] = kj_json_text(node, "pkname");
	bool several = mounts && mounts->kind == KJ_SEQ && mounts->n;
	for (size_t i = 0; several && i < mounts->n; i++) {
		cells[MOUNT_POINT] = mounts->items[i]->kind == KJ_STRING ? mounts->items[i]->text : KJ_STR("");
		if (!add(parse, node->span.line, cells))
			return false;
	}
	if (!several && !add(parse, node->span.line, cells))
		return false;
	return add_nodes(parse, kj_doc_get(node, KJ_STR("children")), cells[NAME]);
}

static void take_json(struct kj_parse *parse)
{
	struct kj_diags diags = {.arena = parse->arena};
	const struct kj_node *doc = kj_json_read(parse->arena, parse->text, (struct kj_doc_limits){0}, &diags);
	bool flat = doc && doc->kind == KJ_SEQ; /* jc's form: a list, without what lies on what */
	const struct kj_node *list = flat ? doc : kj_doc_get(doc, KJ_STR("blockdevices"));
	if (list)
		add_nodes(parse, list, KJ_STR(""));
	else
		kj_rows_bad(parse, 1, 1, doc ? "no 'blockdevices' in it" : "not JSON");
}

/* ---- pairs ---- */

static bool take_pairs(struct kj_parse *parse, uint32_t number, kj_str line)
{
	struct kj_arena *arena = parse->arena;
	kj_str cells[CELLS] = {kj_pair_value(arena, line, "NAME"),   kj_pair_value(arena, line, "TYPE"),
	                       kj_pair_value(arena, line, "FSTYPE"), {NULL, 0},
	                       kj_pair_value(arena, line, "PKNAME"), kj_pair_value(arena, line, "KNAME")};
	if (!cells[NAME].p)
		return kj_rows_bad(parse, number, 1, "no NAME=\"…\" in the line");
	kj_str mounts = kj_pair_value(arena, line, "MOUNTPOINTS");
	return add_mounts(parse, number, cells, mounts.p ? mounts : kj_pair_value(arena, line, "MOUNTPOINT"), '\n');
}

/* ---- tables ---- */

static kj_str cell(const struct lsblk *l, kj_str line, const char *name, const char *other)
{
	const char *const names[] = {name, other, NULL};
	return kj_hex_escapes(l->parse->arena, kj_heading_cell(&l->heading, line, kj_heading_find(&l->heading, names)));
}

static kj_str name_cell(const struct lsblk *l, kj_str line, size_t *depth)
{
	size_t at = kj_heading_find(&l->heading, (const char *const[]){"NAME", NULL});
	kj_str text = kj_heading_tree(&l->heading, line, at, depth), word;
	return kj_str_word(&text, &word) ? word : KJ_STR("");
}

/* A further mount point of the device above: only that column is filled, beside the lines of the tree. */
static bool goes_on(const struct lsblk *l, kj_str line)
{
	const char *const names[] = {"MOUNTPOINTS", NULL};
	kj_str mount = kj_heading_cell(&l->heading, line, kj_heading_find(&l->heading, names));
	if (!mount.n)
		return false;
	kj_str before = kj_str_upto(line, (size_t)(mount.p - line.p)), word;
	kj_str after = kj_str_from(line, (size_t)(mount.p - line.p) + mount.n);
	kj_tree_strip(&before);
	while (kj_str_word(&before, &word))
		if (!kj_str_eq(word, KJ_STR("\u2502")) && !kj_str_eq(word, KJ_STR("|")))
			return false;
	return !kj_str_word(&after, &word);
}

static bool take_row(struct lsblk *l, uint32_t number, kj_str line)
{
	kj_str mount = cell(l, line, "MOUNTPOINTS", "MOUNTPOINT");
	size_t depth;
	kj_str name = name_cell(l, line, &depth);
	if (l->last[NAME].n && goes_on(l, line)) {
		l->last[MOUNT_POINT] = mount;
		return add(l->parse, number, l->last);
	}
	if (depth >= DEEPEST || !name.n)
		return kj_rows_bad(l->parse, number, 1, name.n ? "the tree is too deep" : "no name");
	l->above[depth] = name;
	kj_str parent = depth ? l->above[depth - 1] : cell(l, line, "PKNAME", NULL);
	kj_str cells[CELLS] = {name,   cell(l, line, "TYPE", NULL), cell(l, line, "FSTYPE", NULL), mount,
	                       parent, cell(l, line, "KNAME", NULL)};
	memcpy(l->last, cells, sizeof cells);
	return add(l->parse, number, cells);
}

void kj_parse_lsblk(struct kj_parse *parse)
{
	struct lsblk l = {.parse = parse};
	struct kj_scan scan = kj_scan_of(parse->text);
	kj_str start = kj_str_trim_left(parse->text->bytes);
	if (kj_str_starts(start, KJ_STR("{")) || kj_str_starts(start, KJ_STR("["))) {
		take_json(parse);
		return;
	}
	bool more = true;
	while (more && kj_scan_next(&scan)) {
		kj_str line = kj_str_trim_right(scan.line);
		bool heading = kj_str_starts(line, KJ_STR("NAME ")) || kj_str_find_str(line, KJ_STR(" NAME ")) < line.n;
		if (heading)
			l.heading = kj_heading_of(line);
		else if (line.n && kj_str_find_str(line, KJ_STR("=\"")) < line.n)
			more = take_pairs(parse, scan.number, line);
		else if (line.n && l.heading.n)
			more = take_row(&l, scan.number, line);
		else if (line.n)
			more = kj_rows_bad(parse, scan.number, 1, "before the heading");
	}
}
