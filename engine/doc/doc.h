/* A typed tree with a place on every node: what YAML, JSON and XML readers give. */
#ifndef KJ_DOC_DOC_H
#define KJ_DOC_DOC_H

#include "base/buf.h"
#include "base/diag.h"

enum kj_node_kind { KJ_NULL, KJ_BOOL, KJ_INT, KJ_REAL, KJ_STRING, KJ_SEQ, KJ_MAP };

struct kj_node;

struct kj_pair {
	const struct kj_node *key; /* KJ_STRING */
	const struct kj_node *value;
};

struct kj_node {
	enum kj_node_kind kind;
	bool quoted;         /* a scalar in quotes or a block scalar: always KJ_STRING */
	struct kj_span span; /* of the scalar as written, or of the first character of a collection */
	kj_str text;         /* scalars: the text (escapes undone); numbers and booleans too */
	int64_t num;         /* KJ_INT, and 0 or 1 for KJ_BOOL */
	double real;         /* KJ_REAL and KJ_INT */
	size_t n;            /* KJ_SEQ: items; KJ_MAP: pairs, in order */
	const struct kj_node *const *items;
	const struct kj_pair *pairs;
};

/* Caps of a document; crossing one is an error at the place where it happened. 0 fields take the defaults. */
struct kj_doc_limits {
	size_t bytes;  /* 4 MiB */
	size_t depth;  /* 64 */
	size_t nodes;  /* 400,000 */
};

/* The value of a key of a map, or NULL (also when `map` is NULL or no map). */
const struct kj_node *kj_doc_get(const struct kj_node *map, kj_str key);
/* As kj_doc_get, with a path: "a.b.c". */
const struct kj_node *kj_doc_path(const struct kj_node *map, const char *path);
/* "a list", "a map", "a whole number" …: for messages. */
const char *kj_doc_kind_name(enum kj_node_kind kind);

/* Reads one YAML document (libyaml's events; the core schema of YAML 1.2: true, false, null, numbers; yes/no/on/off are text). Refused, with a
   message at the spot: anchors, aliases, tags, merge keys, several documents, duplicate keys, keys that are no text, invalid UTF-8, what
   libyaml refuses. NULL when there was an error; an empty document is KJ_NULL. The tree lives in the arena; views point into it. */
const struct kj_node *kj_yaml_read(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                                   struct kj_diags *diags);

/* Reads one JSON value (RFC 8259; a UTF-8 BOM and blanks around it are allowed; duplicate keys: a warning, the last one wins, as most readers). Lone
   surrogates and invalid UTF-8 in a string become U+FFFD. NULL and a message when it is malformed. The tree lives in the arena. */
const struct kj_node *kj_json_read(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                                   struct kj_diags *diags);

/* Reads one XML document (expat). An element is a KJ_SEQ whose text is its name; its first item is the KJ_MAP of its
   attributes, the others are what it holds in order: elements and text (KJ_STRING, escapes undone; blanks alone between
   tags are left out). Comments and processing instructions are left out; names keep their prefixes. The text is UTF-8,
   whatever its declaration says. Refused, with a message at the spot: what is not well-formed, a document type with
   declarations of its own (entities), entities declared elsewhere. Nothing but the text is read. NULL when there was an
   error. The tree lives in the arena. */
const struct kj_node *kj_xml_read(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                                  struct kj_diags *diags);

/* Does the first element of a text have that name? Looks no further than the beginning of its tag. */
bool kj_xml_is_root(kj_str bytes, kj_str name);
/* An element of that name? */
bool kj_xml_is(const struct kj_node *node, const char *name);
/* Of an element: an attribute (p NULL when there is none), the first element of that name in it (or NULL), its first
   text, trimmed. */
kj_str kj_xml_attribute(const struct kj_node *element, const char *name);
const struct kj_node *kj_xml_child(const struct kj_node *element, const char *name);
kj_str kj_xml_text(const struct kj_node *element);

/* --- writing JSON --- */

/* A writer that minds commas, indent (2: two blanks a level; 0: one line, no blanks) and escapes; invalid UTF-8 becomes U+FFFD, and control and
   bidi characters are escaped, so that the text is safe on a terminal. */
struct kj_json {
	struct kj_buf *out;
	int indent, depth;
	bool first; /* nothing yet in this array or object */
	bool keyed; /* a key stands before, its value comes next */
};
#define KJ_JSON(buf_, indent_) ((struct kj_json){.out = (buf_), .indent = (indent_), .first = true})

void kj_json_object(struct kj_json *json);
void kj_json_object_end(struct kj_json *json);
void kj_json_array(struct kj_json *json);
void kj_json_array_end(struct kj_json *json);
void kj_json_key(struct kj_json *json, const char *key);
void kj_json_key_str(struct kj_json *json, kj_str key);
void kj_json_str(struct kj_json *json, kj_str value);
void kj_json_int(struct kj_json *json, int64_t value);
void kj_json_bool(struct kj_json *json, bool value);
void kj_json_null(struct kj_json *json);
/* key and value at once */
void kj_json_pair_str(struct kj_json *json, const char *key, kj_str value);
void kj_json_pair_int(struct kj_json *json, const char *key, int64_t value);
void kj_json_pair_bool(struct kj_json *json, const char *key, bool value);

#endif
