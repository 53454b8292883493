/* JSON as commands print it: several values one after the other, prompts and prose between them, cut off at the end. */
#ifndef KJ_FIREWALL_JSON_VALUES_H
#define KJ_FIREWALL_JSON_VALUES_H

#include "doc/doc.h"

struct kj_fw_json_value {
	const struct kj_node *root; /* a map or a list */
	uint32_t before;            /* lines of the text before the one that it begins on */
};

struct kj_fw_json {
	KJ_VEC(struct kj_fw_json_value) values;
	uint32_t
	        cut; /* the line on which the text breaks off within a value, or 0. What was whole before it has been read */
	bool malformed; /* a value could not be read: a message in diags tells why */
};

/* Reads all maps and lists of the text that begin a line or follow another value. Lives in the arena; messages name the lines of `text`. */
struct kj_fw_json kj_fw_json_read(struct kj_arena *arena, const struct kj_text *text, struct kj_diags *diags);

/* The node's line in the text. */
uint32_t kj_fw_json_line(const struct kj_fw_json_value *value, const struct kj_node *node);

/* Calls fn for every map of the value, outermost first; where it returns true, what the map holds is not visited. */
void kj_fw_json_maps(const struct kj_fw_json_value *value,
                     bool (*fn)(void *ctx, const struct kj_fw_json_value *value, const struct kj_node *map), void *ctx);

/* A scalar's text; empty for NULL, null, maps and lists. */
kj_str kj_fw_json_text(const struct kj_node *node);

#endif
