/* What an account's password is worth, and whether it is still good: what pam_unix makes of passwd and shadow
   (Linux-PAM 1.5, modules/pam_unix/passverify.c), and what crypt(5) knows of hashes. */
#include "resolve/account.h"

/* ---- hashes ---- */

static const struct {
	kj_str prefix, method;
} methods[] = {
        {KJ_STR_INIT("$y$"), KJ_STR_INIT("yescrypt")}, {KJ_STR_INIT("$gy$"), KJ_STR_INIT("gost-yescrypt")},
        {KJ_STR_INIT("$7$"), KJ_STR_INIT("scrypt")},   {KJ_STR_INIT("$2b$"), KJ_STR_INIT("bcrypt")},
        {KJ_STR_INIT("$2a$"), KJ_STR_INIT("bcrypt")},  {KJ_STR_INIT("$2x$"), KJ_STR_INIT("bcrypt")},
        {KJ_STR_INIT("$2y$"), KJ_STR_INIT("bcrypt")},  {KJ_STR_INIT("$6$"), KJ_STR_INIT("sha512")},
        {KJ_STR_INIT("$5$"), KJ_STR_INIT("sha256")},   {KJ_STR_INIT("$sha1"), KJ_STR_INIT("sha1")},
        {KJ_STR_INIT("$md5"), KJ_STR_INIT("sunmd5")},  {KJ_STR_INIT("$1$"), KJ_STR_INIT("md5")},
        {KJ_STR_INIT("$3$"), KJ_STR_INIT("nt")},       {KJ_STR_INIT("_"), KJ_STR_INIT("bsdi")},
};

/* DES has 2 characters of salt and 11 of hash; pam_unix cuts off what follows, such as bigcrypt's. */
static bool is_des(kj_str hash)
{
	enum { DES = 13 };
	for (size_t i = 0; i < DES && i < hash.n; i++)
		if (!kj_is_alnum(hash.p[i]) && hash.p[i] != '.' && hash.p[i] != '/')
			return false;
	return hash.n >= DES;
}

/* Of the field without the signs that lock it. `none`: no password gives this text. */
static kj_str method_of(kj_str field)
{
	size_t signs = 0;
	while (signs < field.n && (field.p[signs] == '!' || field.p[signs] == '*'))
		signs++;
	kj_str hash = kj_str_from(field, signs);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (kj_str_starts(hash, methods[i].prefix))
			return methods[i].method;
	return is_des(hash) ? KJ_STR("des") : kj_str_starts(hash, KJ_STR("$")) ? KJ_STR("unknown") : KJ_STR("none");
}

static bool is_locked(kj_str field)
{
	return field.n && (field.p[0] == '!' || field.p[0] == '*');
}

/* The field that the password is compared with. */
static void put_password(struct kj_account *a, kj_str field)
{
	kj_str method = method_of(field);
	bool usable = !is_locked(field) && !kj_str_eq(method, KJ_STR("none"));
	kj_account_put(a, KJ_ACCOUNT_PASSWORD_STATE,
	               !field.n           ? KJ_STR("none")
	               : is_locked(field) ? KJ_STR("locked")
	               : usable           ? KJ_STR("set")
	                                  : KJ_STR("unusable"));
	kj_account_flag(a, KJ_ACCOUNT_PASSWORDLESS, !field.n);
	kj_account_flag(a, KJ_ACCOUNT_LOCKED, field.n && !usable);
	kj_account_put(a, KJ_ACCOUNT_HASH, method);
}

/* ---- aging ---- */

static void put_days(struct kj_account *a, enum kj_account_column column, int32_t days)
{
	kj_account_put(a, column, kj_str_fmt(a->host->arena, "%d", days));
}

static kj_str date(struct kj_account *a, int64_t day)
{
	return kj_date_str(a->host->arena, kj_date_from_days(day));
}

static void put_aging(struct kj_account *a, const struct kj_nss_shadow *e)
{
	enum { NEVER = 10000 }; /* chage(1) calls so many days never, shadow(5) does too */
	put_days(a, KJ_ACCOUNT_MIN, e->min);
	put_days(a, KJ_ACCOUNT_MAX, e->max);
	put_days(a, KJ_ACCOUNT_WARN, e->warn);
	put_days(a, KJ_ACCOUNT_INACTIVE, e->inactive);
	kj_account_put(a, KJ_ACCOUNT_EXPIRES, e->expires < 0 ? KJ_STR("never") : date(a, e->expires));
	if (e->changed > 0)
		kj_account_put(a, KJ_ACCOUNT_CHANGED, date(a, e->changed));
	else
		kj_account_unseen(a, KJ_ACCOUNT_CHANGED,
		                  e->changed == 0 ? KJ_STR("shadow has 0: to be changed at the next login")
		                                  : KJ_STR("shadow has no day of the last change"));
	bool never = e->changed < 0 || e->max < 0 || e->max >= NEVER;
	kj_account_put(a, KJ_ACCOUNT_PASSWORD_EXPIRES,
	               never             ? KJ_STR("never")
	               : e->changed == 0 ? date(a, 0)
	                                 : date(a, (int64_t)e->changed + e->max));
}

enum age { AGE_GOOD, AGE_CHANGE_DUE, AGE_EXPIRED };

/* check_shadow_expiry() of pam_unix. */
static enum age age_of(const struct kj_nss_shadow *e, int64_t today)
{
	int64_t age = today - e->changed;
	if (e->expires != -1 && today >= e->expires)
		return AGE_EXPIRED;
	if (e->changed == 0)
		return AGE_CHANGE_DUE;
	if (age < 0 || e->max == -1 || age <= e->max)
		return AGE_GOOD;
	bool over = e->inactive != -1 && age > e->inactive && age > (int64_t)e->max + e->inactive;
	return over ? AGE_EXPIRED : AGE_CHANGE_DUE;
}

static void put_age(struct kj_account *a, enum age age)
{
	bool shell = kj_str_eq(a->cell[KJ_ACCOUNT_LOGIN_SHELL], KJ_STR("yes"));
	kj_account_flag(a, KJ_ACCOUNT_EXPIRED, age == AGE_EXPIRED);
	kj_account_flag(a, KJ_ACCOUNT_CHANGE_DUE, age == AGE_CHANGE_DUE);
	kj_account_flag(a, KJ_ACCOUNT_KEY_LOGIN, shell && age != AGE_EXPIRED);
}

/* ---- both files ---- */

static void unseen(struct kj_account *a, enum kj_account_column from, enum kj_account_column to, kj_str why)
{
	for (enum kj_account_column c = from; c <= to; c++)
		kj_account_unseen(a, c, why);
}

/* Without shadow. Where there is no shell to be had, that much is sure. */
static void put_unseen(struct kj_account *a, kj_str why)
{
	unseen(a, KJ_ACCOUNT_PASSWORD_STATE, KJ_ACCOUNT_CHANGE_DUE, why);
	if (kj_str_eq(a->cell[KJ_ACCOUNT_LOGIN_SHELL], KJ_STR("yes")))
		return;
	a->from[KJ_ACCOUNT_KEY_LOGIN].unseen = false;
	kj_account_flag(a, KJ_ACCOUNT_KEY_LOGIN, false);
}

/* Only then is shadow asked (is_pwd_shadowed() of pam_unix). */
static bool is_shadowed(const struct kj_nss_passwd *entry)
{
	return kj_str_eq(entry->password, KJ_STR("x")) || (kj_str_starts(entry->password, KJ_STR("##")) &&
	                                                   kj_str_eq(kj_str_from(entry->password, 2), entry->name));
}

/* The account stage fails as well, so that no key helps. */
static void put_no_entry(struct kj_account *a)
{
	kj_account_put(a, KJ_ACCOUNT_PASSWORD_STATE, KJ_STR("unusable"));
	kj_account_flag(a, KJ_ACCOUNT_PASSWORDLESS, false);
	kj_account_flag(a, KJ_ACCOUNT_LOCKED, true);
	kj_account_put(a, KJ_ACCOUNT_HASH, KJ_STR("none"));
	kj_account_flag(a, KJ_ACCOUNT_KEY_LOGIN, false);
	kj_account_flag(a, KJ_ACCOUNT_EXPIRED, false);
	kj_account_flag(a, KJ_ACCOUNT_CHANGE_DUE, false);
}

static void from_shadow(struct kj_account *a, const struct kj_nss_shadow *e, enum kj_account_column from,
                        enum kj_account_column to)
{
	for (enum kj_account_column c = from; c <= to; c++) {
		a->from[c].text = e->origin.text;
		a->from[c].line = e->origin.line;
		a->from[c].secret = e->password;
	}
}

void kj_account_password(struct kj_account *a, const struct kj_nss *shadow, const struct kj_nss_shadow *entry)
{
	static const struct kj_nss_shadow none = {
	        .changed = -1, .min = -1, .max = -1, .warn = -1, .inactive = -1, .expires = -1};
	bool seen = shadow->state == KJ_STATE_EFFECTIVE || shadow->state == KJ_STATE_ABSENT;
	bool shadowed = is_shadowed(a->entry);
	a->from[KJ_ACCOUNT_NAME].secret = a->entry->password;
	if (!shadowed)
		put_password(a, a->entry->password);
	else if (entry)
		put_password(a, entry->password);
	if (!shadowed)
		put_age(a, AGE_GOOD);
	else if (entry)
		put_age(a, age_of(entry, kj_date_days(a->host->today)));
	else if (seen)
		put_no_entry(a);
	else
		put_unseen(a, shadow->message);
	if (seen)
		put_aging(a, entry ? entry : &none);
	else
		unseen(a, KJ_ACCOUNT_CHANGED, KJ_ACCOUNT_PASSWORD_EXPIRES, shadow->message);
	if (entry)
		from_shadow(a, entry, shadowed ? KJ_ACCOUNT_PASSWORD_STATE : KJ_ACCOUNT_CHANGED,
		            KJ_ACCOUNT_PASSWORD_EXPIRES);
}
