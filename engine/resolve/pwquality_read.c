/* pwquality.conf as libpwquality reads it (settings.c): drop-ins first, then the main file, and the first bad line
   ends all reading. */
#include "resolve/packages.h"
#include "resolve/pwquality.h"

#include <stdlib.h>

enum kind { INT, TEXT, FLAG };

static const struct {
	kj_str name;
	enum kind kind;
	int64_t preset;
} keys[KJ_PWQ_KEYS] = {
        [KJ_PWQ_DIFOK] = {KJ_STR_INIT("difok"), INT, 1},
        [KJ_PWQ_MINLEN] = {KJ_STR_INIT("minlen"), INT, 8},
        [KJ_PWQ_DCREDIT] = {KJ_STR_INIT("dcredit"), INT, 0},
        [KJ_PWQ_UCREDIT] = {KJ_STR_INIT("ucredit"), INT, 0},
        [KJ_PWQ_LCREDIT] = {KJ_STR_INIT("lcredit"), INT, 0},
        [KJ_PWQ_OCREDIT] = {KJ_STR_INIT("ocredit"), INT, 0},
        [KJ_PWQ_MINCLASS] = {KJ_STR_INIT("minclass"), INT, 0},
        [KJ_PWQ_MAXREPEAT] = {KJ_STR_INIT("maxrepeat"), INT, 0},
        [KJ_PWQ_MAXCLASSREPEAT] = {KJ_STR_INIT("maxclassrepeat"), INT, 0},
        [KJ_PWQ_MAXSEQUENCE] = {KJ_STR_INIT("maxsequence"), INT, 0},
        [KJ_PWQ_GECOSCHECK] = {KJ_STR_INIT("gecoscheck"), INT, 0},
        [KJ_PWQ_DICTCHECK] = {KJ_STR_INIT("dictcheck"), INT, 1},
        [KJ_PWQ_USERCHECK] = {KJ_STR_INIT("usercheck"), INT, 1},
        [KJ_PWQ_USERSUBSTR] = {KJ_STR_INIT("usersubstr"), INT, 0},
        [KJ_PWQ_ENFORCING] = {KJ_STR_INIT("enforcing"), INT, 1},
        [KJ_PWQ_BADWORDS] = {KJ_STR_INIT("badwords"), TEXT, 0},
        [KJ_PWQ_DICTPATH] = {KJ_STR_INIT("dictpath"), TEXT, 0},
        [KJ_PWQ_RETRY] = {KJ_STR_INIT("retry"), INT, 1},
        [KJ_PWQ_ENFORCE_FOR_ROOT] = {KJ_STR_INIT("enforce_for_root"), FLAG, 0},
        [KJ_PWQ_LOCAL_USERS_ONLY] = {KJ_STR_INIT("local_users_only"), FLAG, 0},
};

enum { LINE_MAX_ = 1022 }; /* PWQSETTINGS_MAX_LINELEN with its line feed */

static void set_num(struct kj_host *host, struct kj_pwq_value *value, int64_t n)
{
	value->num = n;
	value->text = kj_str_fmt(host->arena, "%lld", (long long)n);
}

/* Before 1.3.0 (RHEL 7 and older) every class gave a credit. */
static void presets(struct kj_host *host, struct kj_pwquality *pwq)
{
	static const struct kj_release releases[] = {{"rhel", "7", "1.2", true}, {"rhel", "6", "1.2", true}};
	kj_str version = kj_package_version(host, KJ_STR("libpwquality"));
	if (!version.n)
		version = kj_package_version(host, KJ_STR("libpam-pwquality"));
	if (!version.n)
		version = kj_release_version(host->export, releases, 2);
	bool old = version.n && kj_version_cmp(version, KJ_STR("1.3.0")) < 0;
	for (size_t i = 0; i < KJ_PWQ_KEYS; i++)
		if (keys[i].kind != TEXT)
			set_num(host, &pwq->value[i], keys[i].preset);
	if (!old)
		return;
	set_num(host, &pwq->value[KJ_PWQ_DIFOK], 5);
	set_num(host, &pwq->value[KJ_PWQ_MINLEN], 9);
	for (size_t i = KJ_PWQ_DCREDIT; i <= KJ_PWQ_OCREDIT; i++)
		set_num(host, &pwq->value[i], 1);
}

/* set_name_value; NULL: done, else why not. */
static const char *set(struct kj_host *host, struct kj_pwquality *pwq, kj_str name, kj_str text,
                       struct kj_origin origin)
{
	size_t i = 0;
	int64_t n = 1;
	while (i < KJ_PWQ_KEYS && !kj_str_eq_fold(keys[i].name, name))
		i++;
	if (i == KJ_PWQ_KEYS)
		return "unknown key";
	if (keys[i].kind == INT && (!kj_num_int(kj_str_trim_left(text), &n) || n >= INT32_MAX || n <= INT32_MIN))
		return "not a whole number";
	struct kj_pwq_value *value = &pwq->value[i];
	if (value->set)
		KJ_PUSH(host->arena, &value->overrides, (struct kj_overridden){value->text, value->origin});
	if (i == KJ_PWQ_MINLEN && n < 6)
		n = 6; /* PWQ_BASE_MIN_LENGTH */
	if (i == KJ_PWQ_MINCLASS && n > 4)
		n = 4; /* PWQ_NUM_CLASSES */
	if (keys[i].kind == TEXT)
		value->text = text;
	else
		set_num(host, value, n);
	value->set = true;
	value->origin = origin;
	return NULL;
}

static void stop(struct kj_host *host, struct kj_pwquality *pwq, const struct kj_row *row, const char *why)
{
	struct kj_row *bad = KJ_NEW(host->arena, struct kj_row);
	*bad = *row;
	bad->bad = true;
	bad->problem = why;
	pwq->stopped = bad;
}

/* The number of the first line that does not fit libpwquality's buffer, comments too; 0: all fit. */
static uint32_t overlong(const struct kj_text *text)
{
	kj_str rest = text->bytes, line;
	for (uint32_t n = 1; kj_str_cut(&rest, '\n', &line); n++)
		if (line.n > LINE_MAX_)
			return n;
	return 0;
}

static void take_file(struct kj_host *host, struct kj_pwquality *pwq, const struct kj_read *read)
{
	const struct kj_text *text = &read->artifact->text;
	uint32_t cut = overlong(text);
	if (kj_has_mark(read->artifact)) {
		stop(host, pwq, &(struct kj_row){.text = text, .line = 1, .col = 1}, "a byte order mark");
		return;
	}
	for (size_t i = 0; i < read->rows->list.n && !pwq->stopped; i++) {
		const struct kj_row *row = &read->rows->list.at[i];
		if (cut && row->line >= cut)
			break;
		const char *why = row->bad ? row->problem
		                           : set(host, pwq, kj_row_cell(read->rows, row, KJ_STR("key")),
		                                 kj_row_cell(read->rows, row, KJ_STR("value")), kj_origin_of(row));
		if (why)
			stop(host, pwq, row, why);
	}
	if (cut && !pwq->stopped)
		stop(host, pwq, &(struct kj_row){.text = text, .line = cut, .col = 1}, "the line is too long");
}

/* ---- which files ---- */

static const struct kj_node *syntax(struct kj_arena *arena)
{
	static const char yaml[] = "separators: '= '\ncomment: '#'\ncomment_anywhere: true\nbare_keys: true\n";
	struct kj_text *text = KJ_NEW(arena, struct kj_text);
	*text = (struct kj_text){KJ_STR("pwquality"), kj_str_of(yaml)};
	struct kj_diags diags = {.arena = arena};
	return kj_yaml_read(arena, text, (struct kj_doc_limits){0}, &diags);
}

static int by_name(const void *a, const void *b)
{
	return kj_str_cmp(*(const kj_str *)a, *(const kj_str *)b);
}

struct names {
	KJ_VEC(kj_str) list;
};

static void list_dropins(struct kj_host *host, struct kj_pwquality *pwq, const char *glob, struct names *names)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(host->export, host->arena, kj_str_of(glob), &presence);
	if (presence == KJ_NOT_COLLECTED || presence == KJ_UNREADABLE)
		pwq->reads.hidden = KJ_STR("/etc/security/pwquality.conf.d");
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str name = kj_str_from(found.paths.at[i], kj_str_find_last(found.paths.at[i], '/') + 1);
		/* filter_conf looks at the first ".conf" of the name only */
		if (kj_str_find_str(name, KJ_STR(".conf")) + 5 == name.n)
			KJ_PUSH(host->arena, &names->list, found.paths.at[i]);
	}
}

struct kj_pwquality kj_pwquality_read(struct kj_host *host)
{
	struct kj_pwquality pwq = {0};
	struct names names = {0};
	presets(host, &pwq);
	list_dropins(host, &pwq, "etc/security/pwquality.conf.d/*.conf", &names);
	list_dropins(host, &pwq, "etc/security/pwquality.conf.d/.*.conf", &names);
	if (names.list.n)
		qsort(names.list.at, names.list.n, sizeof *names.list.at, by_name);
	KJ_PUSH(host->arena, &names.list, KJ_STR("etc/security/pwquality.conf"));
	const struct kj_node *options = syntax(host->arena);
	for (size_t i = 0; i < names.list.n; i++)
		kj_read_path(host, &pwq.reads, NULL, names.list.at[i], KJ_STR("keyvalue"), options);
	for (size_t i = 0; i < pwq.reads.list.n && !pwq.stopped; i++)
		take_file(host, &pwq, &pwq.reads.list.at[i]);
	pwq.reads.looked_for = KJ_STR("/etc/security/pwquality.conf.d/*.conf, /etc/security/pwquality.conf");
	return pwq;
}

/* ---- arguments ---- */

/* The arguments that pam_pwquality.c takes for itself. */
static bool is_for_the_module(kj_str arg)
{
	static const char *const own[] = {"type=",       "difignore=",     "reject_username", "authtok_type",
	                                  "use_authtok", "use_first_pass", "try_first_pass"};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (kj_str_starts(arg, kj_str_of(own[i])))
			return true;
	return kj_str_eq(arg, KJ_STR("debug"));
}

void kj_pwquality_args(struct kj_host *host, struct kj_pwquality *pwq, const struct kj_pam_entry *entry)
{
	for (size_t i = 0; i < entry->args; i++) {
		kj_str arg = entry->arg[i];
		size_t equals = kj_str_find(arg, '=');
		if (!is_for_the_module(arg))
			set(host, pwq, kj_str_upto(arg, equals), kj_str_from(arg, equals + 1),
			    kj_origin_of(entry->row));
	}
}
