/* The source `pam_unix`: what the calls of pam_unix do, by type: _set_ctrl of Linux-PAM (modules/pam_unix/support.c) with
   Debian's patch 007_modules_pam_unix. */
#include "resolve/packages.h"
#include "resolve/pam.h"

const char *const kj_pam_unix_columns[] = {"file",   "type",   "nullok",   "broken_shadow", "no_pass_expiry", "method",
                                           "rounds", "minlen", "remember", "use_authtok",   "obscure",        NULL};

struct unix_source {
	struct kj_host *host;
	struct kj_resolved *out;
	struct kj_reads defs; /* login.defs */
	bool new_rounds;      /* since 1.6.0 rounds come from login.defs for arguments' methods too */
};

/* One call's settings are shown under its scope. */
struct shown {
	struct unix_source *u;
	const struct kj_pam_entry *entry;
	kj_str scope;
	kj_str *cells; /* of the call's row */
};

/* As a setting, and in the row of the call. */
static void show(const struct shown *s, const char *key, kj_str value, struct kj_origin origin)
{
	for (size_t i = 0; kj_pam_unix_columns[i]; i++)
		if (kj_str_eq(kj_str_of(kj_pam_unix_columns[i]), kj_str_of(key)))
			s->cells[i] = value;
	enum kj_state state = origin.text ? KJ_STATE_EFFECTIVE : KJ_STATE_DEFAULT;
	kj_setting_add(s->u->host, s->u->out, kj_str_of(key), value, state, origin)->scope = s->scope;
}

/* Arguments are told by how they begin: `nullok_secure` is nullok. */
static bool has_prefix(const struct kj_pam_entry *e, const char *prefix, kj_str *rest)
{
	bool found = false;
	for (size_t i = 0; i < e->args; i++)
		if (kj_str_starts(e->arg[i], kj_str_of(prefix))) {
			*rest = kj_str_from(e->arg[i], kj_str_of(prefix).n);
			found = true;
		}
	return found;
}

static void show_flag(const struct shown *s, const char *name)
{
	kj_str rest;
	bool on = has_prefix(s->entry, name, &rest);
	show(s, name, on ? KJ_STR("yes") : KJ_STR("no"), on ? kj_origin_of(s->entry->row) : (struct kj_origin){0});
}

/* As atoi and strtol read it. */
static int64_t number(kj_str text)
{
	text = kj_str_trim_left(text);
	size_t n = text.n && text.p[0] == '-';
	while (n < text.n && kj_is_digit(text.p[n]))
		n++;
	int64_t value = 0;
	return kj_num_int(kj_str_upto(text, n), &value) ? value : 0;
}

static void show_number(const struct shown *s, const char *name, const char *prefix, int64_t preset, int64_t most)
{
	kj_str rest;
	bool on = has_prefix(s->entry, prefix, &rest);
	int64_t n = on ? number(rest) : preset;
	n = n > most ? most : n < 0 ? 0 : n;
	show(s, name, kj_str_fmt(s->u->host->arena, "%lld", (long long)n),
	     on ? kj_origin_of(s->entry->row) : (struct kj_origin){0});
}

/* ---- the method of new hashes ---- */

static const char *const methods[] = {"md5",      "bigcrypt", "sha256",        "sha512",
                                      "blowfish", "des",      "gost_yescrypt", "yescrypt"};

/* The method that a word begins with, or NULL. */
static const char *method_of(kj_str word, bool fold)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		kj_str name = kj_str_of(methods[i]);
		if (fold ? kj_str_starts_fold(word, name) : kj_str_starts(word, name))
			return methods[i];
	}
	return NULL;
}

/* pam_modutil_search_key: the first line of a key counts. */
static kj_str in_login_defs(const struct unix_source *u, const char *key, struct kj_origin *origin)
{
	for (size_t r = 0; r < u->defs.list.n; r++) {
		const struct kj_rows *rows = u->defs.list.at[r].rows;
		for (size_t i = 0; i < rows->list.n; i++) {
			if (!kj_str_eq_fold(kj_row_cell(rows, &rows->list.at[i], KJ_STR("key")), kj_str_of(key)))
				continue;
			*origin = kj_origin_of(&rows->list.at[i]);
			return kj_row_cell(rows, &rows->list.at[i], KJ_STR("value"));
		}
	}
	return KJ_STR("");
}

static bool is_among(const char *method, const char *words)
{
	kj_str rest = kj_str_of(words), word;
	while (kj_str_word(&rest, &word))
		if (kj_str_eq(word, kj_str_of(method)))
			return true;
	return false;
}

/* "Enforce sane rounds values". */
static int64_t sane_rounds(const char *method, int64_t n, bool newer)
{
	int64_t least = is_among(method, "blowfish") ? 4 : 3, most = is_among(method, "blowfish") ? 31 : 11;
	if (is_among(method, "sha256 sha512"))
		return n < 1000 ? (newer ? 1000 : 5000) : n >= 10000000 ? 9999999 : n;
	if (n < least)
		return newer ? least : 5;
	return n <= most ? n : newer ? most : 5;
}

static void show_rounds(const struct shown *s, const char *method, kj_str from_defs)
{
	struct kj_origin origin = {0};
	kj_str text = KJ_STR("");
	bool sha = is_among(method, "sha256 sha512"), cost = is_among(method, "yescrypt gost_yescrypt blowfish");
	if (!sha && !cost)
		return;
	const char *preset_method = method_of(from_defs, true);
	bool asked = preset_method && is_among(preset_method, "sha256 sha512");
	bool newer = s->u->new_rounds;
	if (newer ? sha : asked)
		text = in_login_defs(s->u, "SHA_CRYPT_MAX_ROUNDS", &origin);
	else if (newer && is_among(method, "yescrypt"))
		text = in_login_defs(s->u, "YESCRYPT_COST_FACTOR", &origin);
	if (has_prefix(s->entry, "rounds=", &text))
		origin = kj_origin_of(s->entry->row);
	int64_t preset = sha ? 5000 : 5;
	int64_t n = text.n ? sane_rounds(method, number(text), newer) : preset;
	show(s, "rounds", kj_str_fmt(s->u->host->arena, "%lld", (long long)n), origin);
}

/* The last method among the arguments, else that of login.defs, else DES. */
static void show_method(const struct shown *s)
{
	struct kj_origin origin = {0};
	kj_str from_defs = in_login_defs(s->u, "ENCRYPT_METHOD", &origin);
	const char *method = method_of(from_defs, true), *by_arg = NULL;
	for (size_t i = 0; i < s->entry->args; i++) {
		const char *m = method_of(s->entry->arg[i], false);
		by_arg = m ? m : by_arg;
	}
	if (by_arg)
		origin = kj_origin_of(s->entry->row);
	const char *used = by_arg ? by_arg : method ? method : "des";
	show(s, "method", kj_str_of(used), origin);
	struct kj_setting *shown = &s->u->out->settings.at[s->u->out->settings.n - 1];
	if (by_arg && from_defs.n) {
		struct kj_origin at = {0};
		kj_str value = in_login_defs(s->u, "ENCRYPT_METHOD", &at);
		kj_setting_override(s->u->host, shown, value, at);
	} else if (!by_arg && from_defs.n && !method) {
		kj_setting_note(s->u->host, shown, "pam_unix knows no ENCRYPT_METHOD '%.*s'", KJ_FMT(from_defs));
	}
	show_rounds(s, used, from_defs);
}

/* ---- by type ---- */

static void show_auth(const struct shown *s)
{
	show_flag(s, "nullok");
}

static void show_account(const struct shown *s)
{
	show_flag(s, "broken_shadow");
	show_flag(s, "no_pass_expiry");
}

static void show_password(const struct shown *s)
{
	bool debian = kj_pam_debian(s->u->host->export);
	show_method(s);
	show_number(s, "minlen", "minlen=", debian ? 6 : 0, INT32_MAX);
	show_number(s, "remember", "remember=", 0, 400);
	show_flag(s, "use_authtok");
	if (debian)
		show_flag(s, "obscure");
}

static kj_str *add_row(struct kj_host *host, struct kj_rows *rows, const struct kj_pam_entry *e)
{
	kj_str file = e->row->text->name;
	size_t slash = kj_str_find_last(file, '/');
	kj_str *cells = kj_rows_append(host, rows, e->row);
	cells[0] = slash < file.n ? kj_str_from(file, slash + 1) : file;
	cells[1] = e->type;
	return cells;
}

/* Method and rounds may be in a file that nobody collected. */
static bool lacks_login_defs(struct unix_source *u, const struct kj_pam_calls *calls)
{
	for (size_t i = 0; i < calls->list.n; i++) {
		bool by_arg = false;
		for (size_t k = 0; k < calls->list.at[i].entry->args; k++)
			by_arg |= method_of(calls->list.at[i].entry->arg[k], false) != NULL;
		if (!by_arg && (u->defs.hidden.n || u->defs.broken))
			return true;
	}
	return false;
}

static void read_login_defs(struct unix_source *u)
{
	static const char yaml[] = "separators: '= '\ncomment: '#'\ncomment_anywhere: true\nbare_keys: true\n";
	struct kj_arena *arena = u->host->arena;
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("login.defs"), kj_str_of(yaml)};
	struct kj_diags diags = {.arena = arena};
	const struct kj_node *options = kj_yaml_read(arena, text, (struct kj_doc_limits){0}, &diags);
	if (kj_read_path(u->host, &u->defs, NULL, KJ_STR("etc/login.defs"), KJ_STR("keyvalue"), options) == KJ_ABSENT)
		kj_read_path(u->host, &u->defs, NULL, KJ_STR("usr/etc/login.defs"), KJ_STR("keyvalue"), options);
}

static bool is_newer(struct kj_host *host)
{
	kj_str version = kj_package_version(host, KJ_STR("libpam-modules"));
	version = version.n ? version : kj_package_version(host, KJ_STR("pam"));
	return version.n && kj_version_cmp(version, KJ_STR("1.6.0")) >= 0;
}

void kj_resolve_pam_unix(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	static const struct {
		kj_str type;
		void (*show)(const struct shown *s);
	} types[] = {{KJ_STR_INIT("auth"), show_auth},
	             {KJ_STR_INIT("account"), show_account},
	             {KJ_STR_INIT("password"), show_password}};
	struct kj_pam pam = kj_pam_load(host);
	struct kj_rows *rows = kj_rows_make(host, kj_pam_unix_columns);
	out->rows = rows;
	if (!kj_judge_reads(host, &pam.reads, out))
		return;
	struct unix_source u = {.host = host, .out = out, .new_rounds = is_newer(host)};
	read_login_defs(&u);
	kj_note_texts(host, &u.defs, out);
	for (size_t t = 0; t < 3; t++) {
		struct kj_pam_calls calls = kj_pam_find_calls(host, &pam, "pam_unix", types[t].type);
		kj_str unseen = kj_pam_unseen(&pam, types[t].type);
		if (unseen.n)
			kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "the PAM file '%.*s' was not collected",
			                  KJ_FMT(unseen));
		else if (t == 2 && lacks_login_defs(&u, &calls))
			kj_resolved_state(host, out, KJ_STATE_NOT_COLLECTED, "/etc/login.defs was not collected");
		for (size_t i = 0; i < calls.list.n; i++) {
			const struct kj_pam_call *call = &calls.list.at[i];
			types[t].show(&(struct shown){&u, call->entry, call->scope, add_row(host, rows, call->entry)});
		}
	}
	if (!out->settings.n && out->state == KJ_STATE_EFFECTIVE)
		kj_resolved_state(host, out, KJ_STATE_ABSENT, "no PAM stack calls pam_unix");
}
