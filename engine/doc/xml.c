#include "doc/build.h"

#include <expat.h>

#include <limits.h>

/* XML 1.0 by expat. Of a document type only the name is let through: what it could declare (entities that grow, entities
   in other files, attributes that nobody wrote) is refused before expat reads it. */

struct xml {
	struct kj_build build;
	const struct kj_text *text;
	XML_Parser parser;
	struct kj_buf run;       /* text since the last tag */
	struct kj_span run_span; /* where it began */
	/* Handlers are called in the order of the text: lines are counted on from the last place. */
	size_t at, line_start;
	uint32_t line;
};

static size_t offset(const struct xml *xml)
{
	XML_Index index = XML_GetCurrentByteIndex(xml->parser);
	return index < 0 ? xml->at : (size_t)index;
}

/* The place of `len` bytes from where expat is. */
static struct kj_span here(struct xml *xml, size_t len)
{
	kj_str bytes = xml->text->bytes;
	for (size_t end = offset(xml); xml->at < end && xml->at < bytes.n; xml->at++) {
		if (bytes.p[xml->at] == '\n') {
			xml->line++;
			xml->line_start = xml->at + 1;
		}
	}
	return (struct kj_span){xml->text, xml->line, (uint32_t)(xml->at - xml->line_start) + 1, (uint32_t)len};
}

static struct kj_span here_now(struct xml *xml)
{
	int len = XML_GetCurrentByteCount(xml->parser);
	return here(xml, len > 0 ? (size_t)len : 0);
}

static void stop(struct xml *xml)
{
	xml->build.failed = true;
	XML_StopParser(xml->parser, XML_FALSE);
}

static void add_string(struct xml *xml, struct kj_span span, kj_str text)
{
	struct kj_node *node = kj_build_add(&xml->build, KJ_STRING, span);
	if (node)
		node->text = text;
}

/* Text is told in pieces; blanks between tags are nobody's. */
static void end_run(struct xml *xml)
{
	kj_str text = kj_buf_str(&xml->run);
	if (kj_str_trim(text).n)
		add_string(xml, xml->run_span, kj_str_copy(xml->build.arena, text));
	xml->run.n = 0;
}

static void open_element(struct xml *xml, struct kj_span span, const char *name, const char *const *attributes)
{
	struct kj_build *build = &xml->build;
	kj_build_open(build, KJ_SEQ, span);
	if (build->failed)
		return;
	build->open.at[build->open.n - 1].node->text = kj_str_copy(build->arena, kj_str_of(name));
	kj_build_open(build, KJ_MAP, span);
	for (size_t i = 0; !build->failed && attributes[i]; i++)
		add_string(xml, span, kj_str_copy(build->arena, kj_str_of(attributes[i])));
	if (!build->failed)
		kj_build_close(build);
}

static void on_start(void *ctx, const char *name, const char **attributes)
{
	struct xml *xml = ctx;
	size_t depth = xml->build.limits.depth - 1;
	if (xml->build.failed)
		return;
	end_run(xml);
	struct kj_span span = here_now(xml);
	if (xml->build.open.n >= depth) {
		kj_error(xml->build.diags, span, "elements are nested more than %zu deep", depth);
		stop(xml);
		return;
	}
	open_element(xml, span, name, attributes);
	if (xml->build.failed)
		stop(xml);
}

static void on_end(void *ctx, const char *name)
{
	struct xml *xml = ctx;
	(void)name;
	if (xml->build.failed)
		return;
	end_run(xml);
	if (xml->build.failed)
		stop(xml);
	else
		kj_build_close(&xml->build);
}

static void on_text(void *ctx, const char *text, int n)
{
	struct xml *xml = ctx;
	if (!xml->run.n)
		xml->run_span = here_now(xml);
	if (!xml->build.failed)
		kj_buf_put(&xml->run, (kj_str){text, (size_t)n});
}

/* The first '&' that is none of the five entities of XML itself and no number, or bytes.n. */
static size_t foreign_entity(kj_str bytes)
{
	static const char *const own[] = {"#", "lt;", "gt;", "amp;", "quot;", "apos;"};
	for (size_t at = 0; (at += kj_str_find(kj_str_from(bytes, at), '&')) < bytes.n; at++) {
		kj_str name = kj_str_from(bytes, at + 1);
		bool known = false;
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			known |= kj_str_starts(name, kj_str_of(own[i]));
		if (!known)
			return at;
	}
	return bytes.n;
}

/* With a document type in another file, which is never read, expat takes unknown entities for empty. */
static void on_doctype(void *ctx, const char *name, const char *system_id, const char *public_id, int internal)
{
	struct xml *xml = ctx;
	kj_str bytes = xml->text->bytes;
	(void)name;
	if (internal) {
		kj_error(xml->build.diags, here_now(xml), "a document type with declarations of its own is not read");
		stop(xml);
		return;
	}
	size_t foreign = system_id || public_id ? foreign_entity(bytes) : bytes.n;
	if (foreign == bytes.n)
		return;
	kj_error(xml->build.diags, kj_span_at(xml->text, foreign, 1), "an entity that is declared in another file");
	stop(xml);
}

static void release(void *object)
{
	struct xml *xml = object;
	XML_ParserFree(xml->parser);
}

static void run(struct xml *xml)
{
	kj_str bytes = xml->text->bytes;
	XML_SetUserData(xml->parser, xml);
	XML_SetElementHandler(xml->parser, on_start, on_end);
	XML_SetCharacterDataHandler(xml->parser, on_text);
	XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
	if (XML_Parse(xml->parser, bytes.n ? bytes.p : "", (int)bytes.n, XML_TRUE) == XML_STATUS_OK ||
	    xml->build.failed)
		return;
	const char *why = XML_ErrorString(XML_GetErrorCode(xml->parser));
	kj_error(xml->build.diags, here(xml, 0), "not well-formed XML: %s", why ? why : "for no reason that is told");
	xml->build.failed = true;
}

const struct kj_node *kj_xml_read(struct kj_arena *arena, const struct kj_text *text, struct kj_doc_limits limits,
                                  struct kj_diags *diags)
{
	struct xml *xml = KJ_NEW(arena, struct xml);
	if (limits.bytes > INT_MAX)
		limits.bytes = INT_MAX;
	*xml = (struct xml){.text = text, .run = KJ_BUF(arena), .line = 1};
	xml->build = kj_build_new(arena, text, limits, diags);
	xml->build.limits.depth++; /* attributes are a map within the innermost element */
	if (xml->build.failed)
		return NULL;
	kj_defer(arena, release, xml);
	xml->parser = XML_ParserCreate("UTF-8"); /* whatever the text was before it was decoded */
	if (!xml->parser) {
		kj_error(diags, kj_span_whole(text), "no memory for an XML parser");
		return NULL;
	}
	run(xml);
	return kj_build_root(&xml->build);
}

bool kj_xml_is(const struct kj_node *node, const char *name)
{
	return node->kind == KJ_SEQ && kj_str_eq(node->text, kj_str_of(name));
}

kj_str kj_xml_attribute(const struct kj_node *element, const char *name)
{
	const struct kj_node *value = kj_doc_get(element->items[0], kj_str_of(name));
	return value ? value->text : (kj_str){0};
}

kj_str kj_xml_text(const struct kj_node *element)
{
	for (size_t i = 1; i < element->n; i++) {
		if (element->items[i]->kind == KJ_STRING)
			return kj_str_trim(element->items[i]->text);
	}
	return (kj_str){0};
}

const struct kj_node *kj_xml_child(const struct kj_node *element, const char *name)
{
	for (size_t i = 1; i < element->n; i++) {
		if (kj_xml_is(element->items[i], name))
			return element->items[i];
	}
	return NULL;
}

/* What comes before the first element: blanks, declarations, comments. */
static kj_str after_prolog(kj_str s)
{
	static const struct {
		const char *begin, *end;
	} parts[] = {{"\xef\xbb\xbf", ""}, {"<?", "?>"}, {"<!--", "-->"}, {"<!", ">"}};
	enum { PARTS = sizeof parts / sizeof *parts };
	for (size_t i = 0; i < PARTS;) {
		s = kj_str_trim_left(s);
		kj_str begin = kj_str_of(parts[i].begin), end = kj_str_of(parts[i].end);
		if (!kj_str_starts(s, begin)) {
			i++;
			continue;
		}
		s = kj_str_from(s, begin.n);
		if (end.n)
			s = kj_str_from(s, kj_str_find_str(s, end) + end.n);
		i = 0;
	}
	return s;
}

bool kj_xml_is_root(kj_str bytes, kj_str name)
{
	kj_str s = after_prolog(bytes);
	if (!kj_str_starts(s, KJ_STR("<")) || !kj_str_starts(kj_str_from(s, 1), name) || s.n <= name.n + 1)
		return false;
	char next = s.p[name.n + 1];
	return kj_is_space(next) || next == '>' || next == '/';
}
