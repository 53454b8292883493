/* Keys, values and elements of libnftables-json(5). */
#include "firewall/dialects/nft_json.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The one key of an object such as {"accept": null}, or the first. */
const struct kj_pair *kj_nft_json_only(const struct kj_node *node)
{
	return node && node->kind == KJ_MAP && node->n ? &node->pairs[0] : NULL;
}

const struct kj_node *kj_nft_json_get(const struct kj_node *node, const char *key)
{
	return kj_doc_get(node, kj_str_of(key));
}

kj_str kj_nft_json_text(const struct kj_node *node, const char *key)
{
	const struct kj_node *value = kj_nft_json_get(node, key);
	return value && value->kind != KJ_MAP && value->kind != KJ_SEQ ? value->text : KJ_STR("");
}

bool kj_nft_json_is_list(const struct kj_node *node)
{
	return node && node->kind == KJ_SEQ;
}

/* -- values as the text form has them -- */

static void put_joined(struct kj_nft_json *r, struct kj_buf *out, const struct kj_node *list, const char *between);

/* "10.0.0.0/8", "80-90", "syn | ack", "new,related"; {…} for what has no such form. */
static void put_value(struct kj_nft_json *r, struct kj_buf *out, const struct kj_node *node)
{
	const struct kj_pair *pair = kj_nft_json_only(node);
	if (kj_nft_json_is_list(node)) {
		put_joined(r, out, node, ",");
	} else if (!pair) {
		bool truth = node && node->kind == KJ_BOOL;
		kj_buf_put(out, !node   ? KJ_STR("")
		                : truth ? (node->num ? KJ_STR("exists") : KJ_STR("missing"))
		                        : node->text);
	} else if (kj_str_eq(pair->key->text, KJ_STR("prefix"))) {
		put_value(r, out, kj_nft_json_get(pair->value, "addr"));
		kj_buf_char(out, '/');
		put_value(r, out, kj_nft_json_get(pair->value, "len"));
	} else if (kj_str_eq(pair->key->text, KJ_STR("range"))) {
		put_joined(r, out, pair->value, "-");
	} else if (kj_str_eq(pair->key->text, KJ_STR("|"))) {
		put_joined(r, out, pair->value, " | ");
	} else if (kj_str_eq(pair->key->text, KJ_STR("concat"))) {
		put_joined(r, out, pair->value, " . ");
	} else if (kj_str_eq(pair->key->text, KJ_STR("elem"))) {
		put_value(r, out, kj_nft_json_get(pair->value, "val"));
	} else {
		kj_buf_fmt(out, "{%.*s}", KJ_FMT(pair->key->text));
	}
}

static void put_joined(struct kj_nft_json *r, struct kj_buf *out, const struct kj_node *list, const char *between)
{
	for (size_t i = 0; kj_nft_json_is_list(list) && i < list->n; i++) {
		if (i)
			kj_buf_put(out, kj_str_of(between));
		put_value(r, out, list->items[i]);
	}
}

kj_str kj_nft_json_value(struct kj_nft_json *r, const struct kj_node *node)
{
	if (node && node->kind != KJ_MAP && node->kind != KJ_SEQ && node->kind != KJ_BOOL)
		return node->text;
	struct kj_buf out = KJ_BUF(r->arena);
	put_value(r, &out, node);
	return kj_buf_str(&out);
}

/* Appends to the rule's words, with a blank before. */
void kj_nft_json_say(struct kj_nft_json *r, kj_str word)
{
	if (r->words.n && word.n)
		kj_buf_char(&r->words, ' ');
	kj_buf_put(&r->words, word);
}

/* What was said since `from`. */
kj_str kj_nft_json_said(const struct kj_nft_json *r, size_t from)
{
	kj_str all = kj_buf_str(&r->words);
	return kj_str_copy(r->arena, kj_str_trim(kj_str_from(all, from)));
}

/* -- keys -- */

static struct kj_nft_key payload_key(struct kj_nft_json *r, const struct kj_node *payload)
{
	kj_str protocol = kj_nft_json_text(payload, "protocol"), field = kj_nft_json_text(payload, "field");
	if (!protocol.n)
		kj_nft_json_say(r, kj_str_fmt(r->arena, "@%.*s,%.*s,%.*s", KJ_FMT(kj_nft_json_text(payload, "base")),
		                              KJ_FMT(kj_nft_json_text(payload, "offset")),
		                              KJ_FMT(kj_nft_json_text(payload, "len"))));
	kj_nft_json_say(r, protocol);
	kj_nft_json_say(r, field);
	return kj_nft_key_of(protocol, field);
}

static struct kj_nft_key meta_key(struct kj_nft_json *r, const struct kj_node *meta)
{
	static const char *const bare[] = {"iif", "iifname", "oif", "oifname"};
	kj_str key = meta->kind == KJ_STRING ? meta->text : kj_nft_json_text(meta, "key");
	bool alone = false;
	for (size_t i = 0; i < COUNT(bare); i++)
		alone |= kj_str_eq(key, kj_str_of(bare[i]));
	if (!alone)
		kj_nft_json_say(r, KJ_STR("meta"));
	kj_nft_json_say(r, key);
	return kj_nft_key_of(KJ_STR("meta"), key);
}

static struct kj_nft_key ct_key(struct kj_nft_json *r, const struct kj_node *ct)
{
	kj_str key = kj_nft_json_text(ct, "key"), direction = kj_nft_json_text(ct, "dir");
	kj_nft_json_say(r, KJ_STR("ct"));
	kj_nft_json_say(r, direction);
	kj_nft_json_say(r, key);
	return kj_nft_key_of(KJ_STR("ct"), direction.n ? direction : key);
}

static struct kj_nft_key fib_key(struct kj_nft_json *r, const struct kj_node *fib)
{
	const struct kj_node *flags = kj_nft_json_get(fib, "flags");
	kj_str result = kj_nft_json_text(fib, "result");
	bool several = kj_nft_json_is_list(flags) && flags->n > 1;
	kj_str what = kj_nft_json_is_list(flags) && flags->n ? flags->items[0]->text : kj_nft_json_text(fib, "flags");
	kj_nft_json_say(r, KJ_STR("fib"));
	for (size_t i = 0; kj_nft_json_is_list(flags) && i < flags->n; i++) {
		if (i)
			kj_nft_json_say(r, KJ_STR("."));
		kj_nft_json_say(r, flags->items[i]->text);
	}
	if (!kj_nft_json_is_list(flags))
		kj_nft_json_say(r, what);
	kj_nft_json_say(r, result);
	return kj_nft_key_fib(what, several, result);
}

/* {"exthdr": {"name": "hbh"}}, {"ip option": …}, {"rt": …}, {"socket": …} */
static struct kj_nft_key other_key(struct kj_nft_json *r, kj_str name, const struct kj_node *value)
{
	static const char *const parts[] = {"name", "key", "field"};
	bool header = kj_str_eq(name, KJ_STR("exthdr")), option = kj_str_eq(name, KJ_STR("ip option"));
	struct kj_nft_key key = kj_nft_key_other(header ? name : KJ_STR(""));
	if (option)
		key = (struct kj_nft_key){.type = KJ_NFT_HEADER, .field = KJ_NFT_BEYOND, .family = 4, .proto = -1};
	if (kj_str_eq(name, KJ_STR("tcp option")))
		key.proto = 6;
	kj_nft_json_say(r, name);
	for (size_t i = 0; i < COUNT(parts); i++)
		kj_nft_json_say(r, kj_nft_json_text(value, parts[i]));
	return key;
}

struct kj_nft_key kj_nft_json_key(struct kj_nft_json *r, const struct kj_node *node)
{
	const struct kj_pair *pair = kj_nft_json_only(node);
	if (!pair) {
		kj_nft_json_say(r, kj_nft_json_value(r, node));
		return kj_nft_key_other(KJ_STR(""));
	}
	kj_str name = pair->key->text;
	if (kj_str_eq(name, KJ_STR("payload")))
		return payload_key(r, pair->value);
	if (kj_str_eq(name, KJ_STR("meta")))
		return meta_key(r, pair->value);
	if (kj_str_eq(name, KJ_STR("ct")))
		return ct_key(r, pair->value);
	if (kj_str_eq(name, KJ_STR("fib")))
		return fib_key(r, pair->value);
	return other_key(r, name, pair->value);
}

/* A key, a concatenation of keys, or {"&": [key, mask]}. */
void kj_nft_json_keys(struct kj_nft_json *r, const struct kj_node *node)
{
	struct kj_nft_match *m = &r->match;
	const struct kj_pair *pair = kj_nft_json_only(node);
	m->n = 0;
	m->elements.n = 0;
	m->op = KJ_NFT_IS;
	m->mask = m->set = KJ_STR("");
	m->braces = m->unread = false;
	if (pair && kj_nft_json_is_list(pair->value) && kj_str_eq(pair->key->text, KJ_STR("concat"))) {
		for (size_t i = 0; i < pair->value->n; i++) {
			if (i)
				kj_nft_json_say(r, KJ_STR("."));
			struct kj_nft_key key = kj_nft_json_key(r, pair->value->items[i]);
			if (m->n < KJ_FW_DIMS)
				m->key[m->n++] = key;
			else
				m->unread = true;
		}
		return;
	}
	if (pair && kj_nft_json_is_list(pair->value) && pair->value->n == 2 &&
	    kj_str_eq(pair->key->text, KJ_STR("&"))) {
		m->mask = kj_nft_json_value(r, pair->value->items[1]);
		m->key[m->n++] = kj_nft_json_key(r, pair->value->items[0]);
		kj_nft_json_say(r, KJ_STR("&"));
		kj_nft_json_say(r, m->mask);
		m->unread = !m->mask.n;
		return;
	}
	m->key[m->n++] = kj_nft_json_key(r, node);
}

/* -- elements -- */

static void read_parts(struct kj_nft_json *r, const struct kj_node *node, kj_str *parts, unsigned room, unsigned *n)
{
	const struct kj_pair *pair = kj_nft_json_only(node);
	bool concat = pair && kj_nft_json_is_list(pair->value) && kj_str_eq(pair->key->text, KJ_STR("concat"));
	*n = 0;
	if (!concat) {
		parts[(*n)++] = kj_nft_json_value(r, node);
		return;
	}
	if (pair->value->n > room)
		return;
	for (size_t i = 0; i < pair->value->n; i++)
		parts[(*n)++] = kj_nft_json_value(r, pair->value->items[i]);
}

bool kj_nft_json_verdict(const struct kj_pair *pair, enum kj_fw_verdict *verdict, kj_str *target)
{
	static const struct word {
		const char *name;
		enum kj_fw_verdict verdict;
	} words[] = {{"accept", KJ_FW_ACCEPT}, {"drop", KJ_FW_DROP}, {"continue", KJ_FW_CONTINUE},
	             {"return", KJ_FW_RETURN}, {"jump", KJ_FW_JUMP}, {"goto", KJ_FW_GOTO},
	             {"reject", KJ_FW_REJECT}};
	for (size_t i = 0; pair && i < COUNT(words); i++) {
		if (!kj_str_eq(pair->key->text, kj_str_of(words[i].name)))
			continue;
		*verdict = words[i].verdict;
		*target = kj_nft_json_text(pair->value, "target");
		bool leads = *verdict == KJ_FW_JUMP || *verdict == KJ_FW_GOTO;
		return target->n || !leads;
	}
	return false;
}

/* A value, {"elem": {"val": …}}, or, in maps, [key, data]. */
struct kj_nft_element kj_nft_json_element(struct kj_nft_json *r, const struct kj_node *node, bool map)
{
	struct kj_nft_element element = {.line = node->span.line};
	const struct kj_node *key = node, *data = NULL;
	if (map) {
		bool couple = kj_nft_json_is_list(node) && node->n == 2;
		key = couple ? node->items[0] : NULL;
		data = couple ? node->items[1] : NULL;
	}
	const struct kj_pair *pair = kj_nft_json_only(key);
	if (pair && kj_str_eq(pair->key->text, KJ_STR("elem"))) {
		element.limited = kj_nft_json_get(pair->value, "limit") || kj_nft_json_get(pair->value, "quota") ||
		                  kj_nft_json_get(pair->value, "ct count");
		key = kj_nft_json_get(pair->value, "val");
	}
	read_parts(r, key, element.part, KJ_FW_DIMS, &element.n);
	element.has_verdict = kj_nft_json_verdict(kj_nft_json_only(data), &element.verdict, &element.target);
	if (data && !element.has_verdict)
		read_parts(r, data, element.data, COUNT(element.data), &element.data_n);
	return element;
}

/* The right side: "@name", {"set": […]}, or a value. */
void kj_nft_json_right(struct kj_nft_json *r, const struct kj_node *node, bool map)
{
	struct kj_nft_match *m = &r->match;
	const struct kj_pair *pair = kj_nft_json_only(node);
	if (node && node->kind == KJ_STRING && kj_str_starts(node->text, KJ_STR("@"))) {
		m->set = kj_str_from(node->text, 1);
		kj_nft_json_say(r, node->text);
		return;
	}
	bool set = pair && kj_str_eq(pair->key->text, KJ_STR("set"));
	if (!set) {
		m->unread |= !node || map;
		if (node)
			KJ_PUSH(r->arena, &m->elements, kj_nft_json_element(r, node, false));
		kj_nft_json_say(r, kj_nft_json_value(r, node));
		return;
	}
	m->braces = true;
	kj_nft_json_say(r, KJ_STR("{"));
	for (size_t i = 0; kj_nft_json_is_list(pair->value) && i < pair->value->n; i++) {
		struct kj_nft_element element = kj_nft_json_element(r, pair->value->items[i], map);
		KJ_PUSH(r->arena, &m->elements, element);
		kj_buf_put(&r->words, i ? KJ_STR(", ") : KJ_STR(" "));
		for (unsigned p = 0; p < element.n; p++)
			kj_buf_fmt(&r->words, "%s%.*s", p ? " . " : "", KJ_FMT(element.part[p]));
		if (element.has_verdict)
			kj_buf_fmt(&r->words, " : %s%s%.*s", kj_fw_verdict_name(element.verdict),
			           element.target.n ? " " : "", KJ_FMT(element.target));
		for (unsigned p = 0; p < element.data_n; p++)
			kj_buf_fmt(&r->words, "%s%.*s", p ? " . " : " : ", KJ_FMT(element.data[p]));
	}
	if (!kj_nft_json_is_list(pair->value)) { /* {"set": "x"}: one element */
		m->unread |= map;
		KJ_PUSH(r->arena, &m->elements, kj_nft_json_element(r, pair->value, false));
		kj_nft_json_say(r, kj_nft_json_value(r, pair->value));
	}
	kj_nft_json_say(r, KJ_STR("}"));
}
