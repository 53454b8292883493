/* The JSON Schemas of policies, sources and features, from the tables that the loader reads by. */
#include "policy/load.h"

static void write_check(struct kj_json *json)
{
	size_t n;
	const struct kj_check_way *way = kj_check_ways(&n);
	kj_json_pair_str(json, "description", KJ_STR("What must hold: one of these kinds of check."));
	kj_json_key(json, "anyOf");
	kj_json_array(json);
	for (size_t i = 0; i < n; i++) {
		kj_json_object(json);
		kj_keys_schema(json, way[i].keys);
		kj_json_object_end(json);
	}
	kj_json_array_end(json);
}

static const struct {
	const char *name;
	void (*write)(struct kj_json *json);
} definitions[] = {
        {"check", write_check},
        {"cells", kj_cells_schema},
        {"column", kj_column_schema},
};

/* Sources have no checks. */
static void write_definitions(struct kj_json *json)
{
	kj_json_key(json, "$defs");
	kj_json_object(json);
	for (size_t i = 0; i < sizeof definitions / sizeof *definitions; i++) {
		kj_json_key(json, definitions[i].name);
		kj_json_object(json);
		definitions[i].write(json);
		kj_json_object_end(json);
	}
	kj_json_object_end(json);
}

const char *kj_schema_name(size_t index)
{
	size_t n;
	const struct kj_document *document = kj_documents(&n);
	return index < n ? document[index].schema : NULL;
}

void kj_schema_write(size_t index, struct kj_buf *out)
{
	size_t n;
	const struct kj_document *document = &kj_documents(&n)[index];
	struct kj_json json = KJ_JSON(out, 2);
	kj_json_object(&json);
	kj_json_pair_str(&json, "$schema", KJ_STR("https://json-schema.org/draft/2020-12/schema"));
	kj_json_pair_str(&json, "title", kj_str_fmt(out->arena, "kijun: %s", document->what));
	kj_keys_schema(&json, document->keys);
	if (index != KJ_DOCUMENT_SOURCE)
		write_definitions(&json);
	kj_json_object_end(&json);
	kj_buf_char(out, '\n');
}
