/* What the parsers of mounts and block devices share: the forms in which util-linux prints tables. Private to this
   layer. */
#ifndef KJ_PARSE_STORAGE_H
#define KJ_PARSE_STORAGE_H

#include "doc/doc.h"
#include "parse/scan.h"

/* \040 and its like undone, as the kernel and fstab(5) write blanks. */
kj_str kj_octal_escapes(struct kj_arena *arena, kj_str s);
/* \x20 and its like undone, as util-linux writes what is not printable. */
kj_str kj_hex_escapes(struct kj_arena *arena, kj_str s);

/* A header and where its words stand, in characters. */
struct kj_heading {
	kj_str name[64];
	size_t at[64];
	size_t n;
};
struct kj_heading kj_heading_of(kj_str line);
/* The index of the first of the names that the heading has, or n. */
size_t kj_heading_find(const struct kj_heading *heading, const char *const *names);
/* The cell below a left-aligned word of the heading; empty for index n. */
kj_str kj_heading_cell(const struct kj_heading *heading, kj_str line, size_t index);

/* The same for the column in which a tree (UTF-8 or ASCII) stands: without its lines, and how deep it stands. */
kj_str kj_heading_tree(const struct kj_heading *heading, kj_str line, size_t index, size_t *depth);
/* Takes the lines of a tree off; how deep it stands. */
size_t kj_tree_strip(kj_str *cell);

/* The value of KEY="value" in a line of such pairs, escapes undone; p NULL: there is none. */
kj_str kj_pair_value(struct kj_arena *arena, kj_str line, const char *key);

/* The text of a member of a JSON object; null and others are empty. */
kj_str kj_json_text(const struct kj_node *map, const char *key);

#endif
