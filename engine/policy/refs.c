/* References to frameworks: `refs: {iso27001-2022: [A.7.7], cis-v8: ["4.3"]}`. */
#include "policy/load.h"

/* The forms of ids, from the tables of contents of the documents themselves. */
static const struct framework {
	kj_str name;
	const char *about;
	struct kj_form form;
} frameworks[] = {
        {KJ_STR_INIT("iso27001-2022"),
         "ISO/IEC 27001:2022, a control of Annex A or a clause",
         {"a control such as A.7.7 or a clause such as 9.2",
          "A\\.(5\\.([1-9]|[12][0-9]|3[0-7])|6\\.[1-8]|7\\.([1-9]|1[0-4])|8\\.([1-9]|[12][0-9]|3[0-4]))|"
          "([4-9]|10)(\\.[1-9]){1,2}"}},
        {KJ_STR_INIT("nist-csf-2.0"),
         "NIST Cybersecurity Framework 2.0",
         {"a category such as PR.AA or a subcategory such as PR.AA-01",
          "(GV\\.(OC|RM|RR|PO|OV|SC)|ID\\.(AM|RA|IM)|PR\\.(AA|AT|DS|PS|IR)|DE\\.(CM|AE)|RS\\.(MA|AN|CO|MI)|"
          "RC\\.(RP|CO))(-[0-9]{2})?"}},
        {KJ_STR_INIT("cis-v8"),
         "CIS Critical Security Controls, version 8",
         {"a safeguard such as \"4.3\" (in quotes)", "([1-9]|1[0-8])(\\.([1-9]|1[0-4]))?"}},
        {KJ_STR_INIT("nist-800-53r5"),
         "NIST SP 800-53, revision 5",
         {"a control such as AC-2 or AC-2(1)",
          "(AC|AT|AU|CA|CM|CP|IA|IR|MA|MP|PE|PL|PM|PS|PT|RA|SA|SC|SI|SR)-[1-9][0-9]?(\\([1-9][0-9]?\\))?"}},
};
enum { FRAMEWORKS = sizeof frameworks / sizeof *frameworks };

static const struct framework *find(kj_str name)
{
	for (size_t i = 0; i < FRAMEWORKS; i++) {
		if (kj_str_eq(frameworks[i].name, name))
			return &frameworks[i];
	}
	return NULL;
}

static const struct framework *known(struct kj_load *load, const struct kj_node *key)
{
	const struct framework *framework = find(key->text);
	kj_str names[FRAMEWORKS];
	for (size_t i = 0; i < FRAMEWORKS; i++)
		names[i] = frameworks[i].name;
	if (!framework)
		kj_unknown(load, key->span, "framework", key->text, names, FRAMEWORKS);
	return framework;
}

struct refs {
	KJ_VEC(struct kj_ref) list;
};

static void read_ids(struct kj_load *load, const struct framework *framework, const struct kj_node *value,
                     struct refs *refs)
{
	const struct kj_shape shape = {kj_form_read, kj_form_schema, &framework->form};
	const struct kj_key key = {.name = framework->name, .shape = &shape};
	size_t n;
	const struct kj_node *const *ids = kj_listed(&value, &n);
	if (n == 0)
		kj_error(load->diags, value->span, "'%.*s' is an empty list", KJ_FMT(key.name));
	for (size_t i = 0; i < n; i++) {
		struct kj_ref ref = {.framework = framework->name};
		kj_form_read(load, &key, ids[i], &ref.id);
		KJ_PUSH(load->arena, &refs->list, ref);
	}
}

static void refs_read(struct kj_load *load, const struct kj_key *key, const struct kj_node *node, void *field)
{
	struct refs refs = {0};
	if (node->kind != KJ_MAP) {
		kj_wants(load, key, node, "a map of frameworks, as in {cis-v8: [\"4.3\"]}");
		return;
	}
	for (size_t i = 0; i < node->n; i++) {
		const struct framework *framework = known(load, node->pairs[i].key);
		if (framework)
			read_ids(load, framework, node->pairs[i].value, &refs);
	}
	*(const struct kj_ref **)field = refs.list.at;
	*kj_count_of(key, field) = refs.list.n;
}

static void refs_schema(struct kj_json *json, const struct kj_shape *shape)
{
	(void)shape;
	kj_schema_type(json, "object");
	kj_json_key(json, "properties");
	kj_json_object(json);
	for (size_t i = 0; i < FRAMEWORKS; i++) {
		const struct kj_shape id = {kj_form_read, kj_form_schema, &frameworks[i].form};
		kj_json_key_str(json, frameworks[i].name);
		kj_json_object(json);
		kj_json_pair_str(json, "description", kj_str_of(frameworks[i].about));
		kj_schema_list(json, &id, true, 1);
		kj_json_object_end(json);
	}
	kj_json_object_end(json);
	kj_json_pair_bool(json, "additionalProperties", false);
}

const struct kj_shape kj_shape_refs = {refs_read, refs_schema, NULL};
