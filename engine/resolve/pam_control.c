/* The second field of a PAM line: _pam_parse_control of Linux-PAM (libpam/pam_misc.c) and the words of pam.conf(5). */
#include "resolve/pam.h"

#include <string.h>

struct control {
	enum kj_pam_action action;
	int32_t jump;
	bool set;
};

static const char *const codes[KJ_PAM_CODES + 1] = {
        "success",
        "open_err",
        "symbol_err",
        "service_err",
        "system_err",
        "buf_err",
        "perm_denied",
        "auth_err",
        "cred_insufficient",
        "authinfo_unavail",
        "user_unknown",
        "maxtries",
        "new_authtok_reqd",
        "acct_expired",
        "session_err",
        "cred_unavail",
        "cred_expired",
        "cred_err",
        "no_module_data",
        "conv_err",
        "authtok_err",
        "authtok_recover_err",
        "authtok_lock_busy",
        "authtok_disable_aging",
        "try_again",
        "ignore",
        "abort",
        "authtok_expired",
        "module_unknown",
        "bad_item",
        "conv_again",
        "incomplete",
        "default",
};
static const char *const actions[] = {
        [KJ_PAM_IGNORE] = "ignore", [KJ_PAM_OK] = "ok",   [KJ_PAM_DONE] = "done",
        [KJ_PAM_BAD] = "bad",       [KJ_PAM_DIE] = "die", [KJ_PAM_RESET] = "reset",
};

/* Takes the first of the words that the text begins with; n when there is none. Case counts. */
static size_t take_word(kj_str *text, const char *const *words, size_t n)
{
	size_t i = 0;
	while (i < n && !kj_str_starts(*text, kj_str_of(words[i])))
		i++;
	if (i < n)
		*text = kj_str_from(*text, strlen(words[i]));
	return i;
}

/* A jump over no entry is none. */
static bool take_jump(kj_str *text, int32_t *jump)
{
	int64_t n = 0;
	while (text->n && kj_is_digit(text->p[0])) {
		n = n > INT32_MAX ? n : n * 10 + (text->p[0] - '0');
		*text = kj_str_from(*text, 1);
	}
	*jump = n > INT32_MAX ? INT32_MAX : (int32_t)n;
	return n > 0;
}

/* "code = action" without anything between pairs: `success=okdefault=bad` is two. */
static bool take_pair(kj_str *text, struct control *table)
{
	size_t code = take_word(text, codes, KJ_PAM_CODES + 1);
	*text = kj_str_trim_left(*text);
	if (code > KJ_PAM_CODES || !kj_str_starts(*text, KJ_STR("=")))
		return false;
	*text = kj_str_trim_left(kj_str_from(*text, 1));
	struct control c = {.set = true};
	size_t action = take_word(text, actions, KJ_PAM_JUMP);
	c.action = (enum kj_pam_action)action;
	if (action == KJ_PAM_JUMP && !take_jump(text, &c.jump))
		return false;
	if (code < KJ_PAM_CODES)
		table[code] = c;
	for (size_t i = 0; code == KJ_PAM_CODES && i < KJ_PAM_CODES; i++)
		if (!table[i].set)
			table[i] = c;
	return true;
}

static void fill(struct control *table, enum kj_pam_action action)
{
	for (size_t i = 0; i < KJ_PAM_CODES; i++)
		if (!table[i].set)
			table[i] = (struct control){.action = action, .set = true};
}

/* The words, as pam.conf(5) spells them out. */
static bool by_word(kj_str control, struct control *table)
{
	static const struct {
		const char *word;
		enum kj_pam_action good, other;
		bool ignores; /* PAM_IGNORE */
	} words[] = {{"required", KJ_PAM_OK, KJ_PAM_BAD, true},
	             {"requisite", KJ_PAM_OK, KJ_PAM_DIE, true},
	             {"optional", KJ_PAM_OK, KJ_PAM_IGNORE, true},
	             {"sufficient", KJ_PAM_DONE, KJ_PAM_IGNORE, true}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!kj_str_eq_fold(control, kj_str_of(words[i].word)))
			continue;
		table[KJ_PAM_SUCCESS] = (struct control){.action = words[i].good, .set = true};
		table[KJ_PAM_NEW_AUTHTOK_REQD] = table[KJ_PAM_SUCCESS];
		table[KJ_PAM_CODE_IGNORE] = (struct control){.action = KJ_PAM_IGNORE, .set = true};
		fill(table, words[i].other);
		return true;
	}
	return false;
}

/* Codes of the same effect together: few ways to look at. */
static void group(struct kj_pam_entry *e, const struct control *table)
{
	e->acts = 0;
	for (size_t i = 0; i < KJ_PAM_CODES; i++) {
		size_t k = 0;
		while (k < e->acts && (e->act[k].action != table[i].action || e->act[k].jump != table[i].jump))
			k++;
		if (k == e->acts)
			e->act[e->acts++] = (struct kj_pam_act){table[i].action, table[i].jump, 0};
		e->act[k].codes |= KJ_PAM_BIT(i);
	}
}

bool kj_pam_control(struct kj_pam_entry *e)
{
	struct control table[KJ_PAM_CODES] = {0};
	kj_str rest = kj_str_trim_left(e->control);
	bool good = true;
	if (!by_word(e->control, table)) {
		while (good && rest.n) {
			good = take_pair(&rest, table);
			rest = kj_str_trim_left(rest);
		}
		if (!good)
			memset(table, 0, sizeof table);
		fill(table, KJ_PAM_BAD);
	}
	group(e, table);
	return good;
}

void kj_pam_control_all(struct kj_pam_entry *e, enum kj_pam_action action)
{
	struct control table[KJ_PAM_CODES] = {0};
	fill(table, action);
	group(e, table);
}
