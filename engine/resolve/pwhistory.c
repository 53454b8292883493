/* The source `pwhistory`: pwhistory.conf, then the arguments of pam_pwhistory (pam_pwhistory.c, pwhistory_config.c of
   Linux-PAM). */
#include "resolve/pwhistory.h"
#include "resolve/packages.h"
#include "resolve/password.h"

static const struct {
	kj_str name;
	const char *preset;
	bool number;
} keys[KJ_PWH_KEYS] = {
        [KJ_PWH_REMEMBER] = {KJ_STR_INIT("remember"), "10", true},
        [KJ_PWH_RETRY] = {KJ_STR_INIT("retry"), "1", true},
        [KJ_PWH_ENFORCE_FOR_ROOT] = {KJ_STR_INIT("enforce_for_root"), "no", false},
        [KJ_PWH_FILE] = {KJ_STR_INIT("file"), "/etc/security/opasswd", false},
};

static void set(struct kj_host *host, struct kj_pwh_value *v, kj_str text, int64_t num, struct kj_origin origin)
{
	if (v->set)
		KJ_PUSH(host->arena, &v->overrides, (struct kj_overridden){v->text, v->origin});
	*v = (struct kj_pwh_value){text, num, true, origin, v->overrides};
}

/* The number that a text begins with, as strtol reads it. */
static int64_t number(kj_str text)
{
	text = kj_str_trim_left(text);
	size_t n = text.n && text.p[0] == '-';
	while (n < text.n && kj_is_digit(text.p[n]))
		n++;
	int64_t value = 0;
	return kj_num_int(kj_str_upto(text, n), &value) ? value : 0;
}

static int64_t bounded(enum kj_pwh key, int64_t n)
{
	if (key == KJ_PWH_REMEMBER)
		return n < 0 ? 0 : n > 400 ? 400 : n;
	return n < 0 ? 1 : n;
}

static void take(struct kj_host *host, struct kj_pwhistory *h, enum kj_pwh key, kj_str text, struct kj_origin origin)
{
	int64_t n = key == KJ_PWH_ENFORCE_FOR_ROOT;
	if (key == KJ_PWH_ENFORCE_FOR_ROOT) {
		text = KJ_STR("yes");
	} else if (keys[key].number) {
		n = bounded(key, number(text));
		text = kj_str_fmt(host->arena, "%lld", (long long)n);
	} else if (!kj_str_starts(text, KJ_STR("/"))) {
		return;
	}
	set(host, &h->value[key], text, n, origin);
}

/* The file is new in 1.5.3; RHEL 9 and 8 have it in older ones. */
static bool reads_file(struct kj_host *host)
{
	kj_str version = kj_package_version(host, KJ_STR("libpam-modules"));
	static const struct kj_release releases[] = {{"debian", "12", "1.5.2", false},
	                                             {"debian", "11", "1.4.0", false},
	                                             {"ubuntu", "22.04", "1.4.0", false},
	                                             {"ubuntu", "20.04", "1.3.1", false},
	                                             {"rhel", "7", "1.1.8", true}};
	if (!version.n)
		version = kj_release_version(host->export, releases, sizeof releases / sizeof *releases);
	return !version.n || kj_version_cmp(version, KJ_STR("1.5.3")) >= 0;
}

static const struct kj_node *syntax(struct kj_arena *arena)
{
	static const char yaml[] = "separators: '= '\ncomment: '#'\ncomment_anywhere: true\nbare_keys: true\n";
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("pwhistory"), kj_str_of(yaml)};
	struct kj_diags diags = {.arena = arena};
	return kj_yaml_read(arena, text, (struct kj_doc_limits){0}, &diags);
}

/* The first line of a key counts, in upper or lower case; a number must begin with a digit. */
static void take_rows(struct kj_host *host, struct kj_pwhistory *h, const struct kj_rows *rows)
{
	for (size_t i = 0; i < rows->list.n; i++) {
		const struct kj_row *row = &rows->list.at[i];
		kj_str value = kj_row_cell(rows, row, KJ_STR("value"));
		for (size_t k = 0; k < KJ_PWH_KEYS; k++) {
			bool mine = kj_str_eq_fold(kj_row_cell(rows, row, KJ_STR("key")), keys[k].name);
			bool good = !keys[k].number || (value.n && kj_is_digit(value.p[0]));
			if (mine && good && !h->value[k].set)
				take(host, h, (enum kj_pwh)k, value, kj_origin_of(row));
		}
	}
}

static void read_file(struct kj_host *host, struct kj_pwhistory *h, kj_str named)
{
	kj_str path = named.n ? named : KJ_STR("etc/security/pwhistory.conf");
	const struct kj_node *options = syntax(host->arena);
	enum kj_presence presence = kj_read_path(host, &h->reads, NULL, path, KJ_STR("keyvalue"), options);
	if (presence == KJ_ABSENT && !named.n)
		kj_read_path(host, &h->reads, NULL, KJ_STR("usr/etc/security/pwhistory.conf"), KJ_STR("keyvalue"),
		             options);
	h->reads.looked_for = KJ_STR("/etc/security/pwhistory.conf");
	if (h->reads.hidden.n || h->reads.broken)
		h->unseen = KJ_STR("/etc/security/pwhistory.conf");
	for (size_t i = 0; i < h->reads.list.n; i++)
		take_rows(host, h, h->reads.list.at[i].rows);
}

struct kj_pwhistory kj_pwhistory_of(struct kj_host *host, const struct kj_pam_entry *e)
{
	struct kj_pwhistory h = {0};
	kj_str named = KJ_STR("");
	for (size_t k = 0; k < KJ_PWH_KEYS; k++)
		h.value[k].text = kj_str_of(keys[k].preset);
	h.value[KJ_PWH_REMEMBER].num = 10;
	h.value[KJ_PWH_RETRY].num = 1;
	h.no_file = !reads_file(host);
	if (e)
		kj_pam_arg(e, KJ_STR("conf"), &named);
	if (!h.no_file)
		read_file(host, &h, named);
	for (size_t i = 0; e && i < e->args; i++) {
		size_t equals = kj_str_find(e->arg[i], '=');
		for (size_t k = 0; k < KJ_PWH_KEYS; k++) {
			bool flag = k == KJ_PWH_ENFORCE_FOR_ROOT;
			if (kj_str_eq_fold(kj_str_upto(e->arg[i], equals), keys[k].name) &&
			    flag == (equals == e->arg[i].n))
				take(host, &h, (enum kj_pwh)k, kj_str_from(e->arg[i], equals + 1),
				     kj_origin_of(e->row));
		}
	}
	return h;
}

/* ---- the source ---- */

static void show(struct kj_host *host, struct kj_resolved *out, const struct kj_pwhistory *h, kj_str scope, kj_str why)
{
	for (size_t k = 0; k < KJ_PWH_KEYS; k++) {
		const struct kj_pwh_value *v = &h->value[k];
		enum kj_state state = why.n ? KJ_STATE_NOT_IN_FORCE : v->set ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT;
		struct kj_setting *s = kj_setting_add(host, out, keys[k].name, v->text, state, v->origin);
		s->scope = scope;
		s->note = why;
		for (size_t i = 0; i < v->overrides.n; i++)
			kj_setting_override(host, s, v->overrides.at[i].value, v->overrides.at[i].origin);
	}
}

static void show_uncalled(struct kj_host *host, struct kj_resolved *out, const struct kj_pam *pam)
{
	struct kj_pwhistory h = kj_pwhistory_of(host, NULL);
	kj_str unseen = kj_pam_unseen(pam, KJ_STR("password"));
	static const char none[] = "no PAM password stack calls pam_pwhistory";
	if (unseen.n)
		kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the PAM file '%.*s' was not collected",
		                  KJ_FMT(unseen));
	else if (!h.reads.list.n)
		kj_resolved_state(host, out, KJ_STATE_ABSENT, "%s", none);
	else {
		kj_note_texts(host, &h.reads, out);
		kj_resolved_state(host, out, KJ_STATE_NOT_IN_FORCE, "%s", none);
		show(host, out, &h, KJ_STR(""), out->message);
	}
}

void kj_resolve_pwhistory(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	struct kj_pam pam = kj_pam_load(host);
	if (!kj_judge_reads(host, &pam.reads, out))
		return;
	struct kj_pam_calls calls = kj_pam_find_calls(host, &pam, "pam_pwhistory", KJ_STR("password"));
	if (!calls.list.n) {
		show_uncalled(host, out, &pam);
		return;
	}
	for (size_t i = 0; i < calls.list.n; i++) {
		const struct kj_pam_call *call = &calls.list.at[i];
		struct kj_pwhistory h = kj_pwhistory_of(host, call->entry);
		struct kj_pw_demand demand = {.min_length = INT32_MAX};
		kj_str why;
		if (h.unseen.n) {
			kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "%.*s was not collected",
			                  KJ_FMT(h.unseen));
			return;
		}
		if (i == 0)
			kj_note_texts(host, &h.reads, out);
		kj_pw_holds(host, call->stack, call->at, &demand, &why);
		show(host, out, &h, calls.list.n > 1 ? call->scope : KJ_STR(""), why);
	}
}
