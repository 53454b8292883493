/* What is mounted, as mount, findmnt (tree, list, pairs, JSON), /proc/mounts and /proc/self/mountinfo print it. */
#include "parse/storage.h"

enum { DEVICE, MOUNT_POINT, TYPE, OPTIONS };

static bool add(struct kj_parse *parse, uint32_t line, const kj_str *from)
{
	kj_str *cells = kj_rows_add(parse, line, 1);
	for (size_t i = 0; cells && i <= OPTIONS; i++)
		cells[i] = from[i];
	return cells;
}

/* ---- JSON ---- */

static bool add_nodes(struct kj_parse *parse, const struct kj_node *list)
{
	for (size_t i = 0; list && list->kind == KJ_SEQ && i < list->n; i++) {
		const struct kj_node *node = list->items[i];
		kj_str cells[] = {kj_json_text(node, "source"), kj_json_text(node, "target"),
		                  kj_json_text(node, "fstype"), kj_json_text(node, "options")};
		if (!add(parse, node->span.line, cells) || !add_nodes(parse, kj_doc_get(node, KJ_STR("children"))))
			return false;
	}
	return true;
}

static void take_json(struct kj_parse *parse)
{
	struct kj_diags diags = {.arena = parse->arena};
	const struct kj_node *doc = kj_json_read(parse->arena, parse->text, (struct kj_doc_limits){0}, &diags);
	const struct kj_node *list = kj_doc_get(doc, KJ_STR("filesystems"));
	if (list)
		add_nodes(parse, list);
	else
		kj_rows_bad(parse, 1, 1, doc ? "no 'filesystems' in it" : "not JSON");
}

/* ---- lines ---- */

/* `DEVICE on PLACE type TYPE (OPTIONS)`: device and place may have blanks, so the last " type " counts. */
static bool read_mount(kj_str line, kj_str *cells)
{
	size_t open = kj_str_find_last(line, '('), type = line.n;
	/* -l puts the label in brackets behind it */
	kj_str tail = kj_str_from(line, open);
	if (open == line.n || kj_str_find(tail, ')') == tail.n)
		return false;
	for (size_t at = 0; at + 6 <= open; at++)
		if (kj_str_starts(kj_str_from(line, at), KJ_STR(" type ")))
			type = at;
	size_t on = kj_str_find_str(line, KJ_STR(" on /"));
	if (type == line.n || on >= type)
		return false;
	cells[DEVICE] = kj_str_upto(line, on);
	cells[MOUNT_POINT] = kj_str_upto(kj_str_from(line, on + 4), type - on - 4);
	cells[TYPE] = kj_str_trim(kj_str_upto(kj_str_from(line, type + 6), open - type - 6));
	cells[OPTIONS] = kj_str_upto(kj_str_from(tail, 1), kj_str_find_last(tail, ')') - 1);
	return true;
}

/* `36 35 98:0 /root /place OPTIONS … - TYPE DEVICE SUPEROPTIONS` (proc(5)). */
static bool read_mountinfo(struct kj_arena *arena, kj_str line, kj_str *cells)
{
	kj_str rest = line, word, field[6];
	size_t dash = kj_str_find_str(line, KJ_STR(" - "));
	for (size_t i = 0; i < 6; i++)
		if (!kj_str_word(&rest, &field[i]))
			return false;
	if (dash == line.n || !kj_is_digit(field[0].p[0]) || kj_str_find(field[2], ':') == field[2].n)
		return false;
	rest = kj_str_from(line, dash + 3);
	if (!kj_str_word(&rest, &cells[TYPE]) || !kj_str_word(&rest, &cells[DEVICE]))
		return false;
	cells[DEVICE] = kj_octal_escapes(arena, cells[DEVICE]);
	cells[MOUNT_POINT] = kj_octal_escapes(arena, field[4]);
	cells[OPTIONS] = field[5];
	/* rw and ro are said of the mount and of the file system */
	while (kj_str_word(&rest, &word)) {
		kj_str options = word, option;
		while (kj_str_cut(&options, ',', &option))
			if (!kj_str_eq(option, KJ_STR("rw")) && option.n)
				cells[OPTIONS] = kj_str_fmt(arena, "%.*s,%.*s", KJ_FMT(cells[OPTIONS]), KJ_FMT(option));
	}
	return true;
}

static bool read_proc(struct kj_arena *arena, kj_str line, kj_str *cells)
{
	kj_str rest = line;
	for (size_t i = 0; i <= OPTIONS; i++)
		if (!kj_str_word(&rest, &cells[i]))
			return false;
	for (size_t i = 0; i <= OPTIONS; i++)
		cells[i] = kj_octal_escapes(arena, cells[i]);
	return cells[MOUNT_POINT].p[0] == '/';
}

static bool read_pairs(struct kj_arena *arena, kj_str line, kj_str *cells)
{
	cells[DEVICE] = kj_pair_value(arena, line, "SOURCE");
	cells[MOUNT_POINT] = kj_pair_value(arena, line, "TARGET");
	cells[TYPE] = kj_pair_value(arena, line, "FSTYPE");
	cells[OPTIONS] = kj_pair_value(arena, line, "OPTIONS");
	return cells[MOUNT_POINT].p;
}

static void read_table(struct kj_arena *arena, const struct kj_heading *heading, kj_str line, kj_str *cells)
{
	static const char *const names[][2] = {{"SOURCE", NULL}, {"TARGET", NULL}, {"FSTYPE", NULL}, {"OPTIONS", NULL}};
	for (size_t i = 0; i <= OPTIONS; i++)
		cells[i] = kj_heading_cell(heading, line, kj_heading_find(heading, names[i]));
	size_t depth;
	cells[MOUNT_POINT] = kj_heading_tree(heading, line, kj_heading_find(heading, names[MOUNT_POINT]), &depth);
	for (size_t i = 0; i <= OPTIONS; i++)
		cells[i] = kj_hex_escapes(arena, cells[i]);
}

static bool take_line(struct kj_parse *parse, struct kj_heading *heading, uint32_t number, kj_str line)
{
	kj_str cells[OPTIONS + 1] = {{NULL, 0}};
	if (kj_str_starts(line, KJ_STR("TARGET ")) || kj_str_starts(line, KJ_STR("SOURCE "))) {
		*heading = kj_heading_of(line);
		return true;
	}
	if (heading->n)
		read_table(parse->arena, heading, line, cells);
	else if (!read_mountinfo(parse->arena, line, cells) && !read_mount(line, cells) &&
	         !read_pairs(parse->arena, line, cells) && !read_proc(parse->arena, line, cells))
		return kj_rows_bad(parse, number, 1, "neither mount, findmnt, mounts nor mountinfo prints such a line");
	return add(parse, number, cells);
}

void kj_parse_mounts(struct kj_parse *parse)
{
	struct kj_heading heading = {.n = 0};
	struct kj_scan scan = kj_scan_of(parse->text);
	if (kj_str_starts(kj_str_trim_left(parse->text->bytes), KJ_STR("{"))) {
		take_json(parse);
		return;
	}
	while (kj_scan_next(&scan)) {
		kj_str line = kj_str_trim_right(scan.line);
		if (line.n && !take_line(parse, &heading, scan.number, line))
			return;
	}
}
