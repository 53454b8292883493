/* Defaults of sudoers: which sudo takes, whom they are for, and which is the last (defaults.c). Those for all, hosts,
   users and accounts to run as are gone through in one pass in the order of the files; those for commands come after. */
#include "resolve/sudoers_keys.h"
#include "resolve/sudoers_policy.h"

/* ---- which are taken ---- */

static const char *problem_of(const struct sudo_policy *policy, const struct kj_sudo_default *d)
{
	const struct sudo_key *key = sudo_key_find(d->name);
	if (!key || (policy->version && key->since > policy->version))
		return "sudo does not know it";
	return sudo_key_problem(key, d->op, d->value);
}

static unsigned host_of(struct sudo_policy *policy, const struct kj_sudo_default *d)
{
	return d->scope == KJ_SUDO_HOST ? sudo_match_host(policy, d->binding) : SUDO_ALLOW;
}

/* For everybody on this host? */
static bool is_general(struct sudo_policy *policy, const struct kj_sudo_default *d)
{
	return (d->scope == KJ_SUDO_GLOBAL || d->scope == KJ_SUDO_HOST) && host_of(policy, d) == SUDO_ALLOW;
}

/* Those that matching itself depends on. */
static void apply_early(struct sudo_policy *policy, const struct kj_sudo_default *d)
{
	bool on = d->op != '!';
	if (kj_str_eq(d->name, KJ_STR("fqdn")))
		policy->fqdn = on;
	else if (kj_str_eq(d->name, KJ_STR("case_insensitive_user")))
		policy->fold_users = on;
	else if (kj_str_eq(d->name, KJ_STR("case_insensitive_group")))
		policy->fold_groups = on;
	else if (kj_str_eq(d->name, KJ_STR("group_plugin")))
		policy->group_plugin = on;
	else if (kj_str_eq(d->name, KJ_STR("runas_default")))
		policy->runas_default = d->value;
	else if (kj_str_eq(d->name, KJ_STR("exempt_group")))
		policy->exempt_group = on ? d->value : KJ_STR("");
}

static bool like(const struct sudo_policy *policy, const char *distro)
{
	kj_str rest = policy->host->export->distro_like, word;
	bool same = kj_str_eq(policy->host->export->distro, kj_str_of(distro));
	while (!same && kj_str_word(&rest, &word))
		same = kj_str_eq(word, kj_str_of(distro));
	return same;
}

void sudo_defaults_check(struct sudo_policy *policy)
{
	const unsigned folds = 10823; /* NEWS 1.8.23 */
	policy->runas_default = KJ_STR("root");
	policy->fold_users = policy->fold_groups = !policy->version || policy->version >= folds;
	policy->fqdn = like(policy, "debian");
	for (size_t i = 0; i < policy->settings.n; i++) {
		struct sudo_set *s = &policy->settings.at[i];
		s->problem = problem_of(policy, s->d);
		if (s->problem)
			KJ_PUSH(policy->host->arena, &policy->bad,
			        (struct kj_row){.text = s->text,
			                        .line = s->d->line,
			                        .col = s->d->col,
			                        .bad = true,
			                        .problem = kj_str_zero(policy->host->arena,
			                                               kj_str_fmt(policy->host->arena, "%.*s: %s",
			                                                          KJ_FMT(s->d->name), s->problem))});
		else if (is_general(policy, s->d))
			apply_early(policy, s->d);
	}
}

/* ---- must a password be given? ---- */

static const struct sudo_people_mask *people_of(struct sudo_policy *policy, struct sudo_set *s)
{
	struct sudo_people_mask *mask;
	if (s->people)
		return s->people;
	mask = KJ_NEW(policy->host->arena, struct sudo_people_mask);
	*mask = sudo_people_list(policy, s->d->binding);
	s->people = mask;
	return mask;
}

static unsigned binding_says(struct sudo_policy *policy, struct sudo_set *s, size_t account, size_t target,
                             const struct sudo_probe *probe)
{
	const struct kj_sudo_default *d = s->d;
	switch (d->scope) {
	case KJ_SUDO_USER:
		return sudo_people_of(people_of(policy, s), account);
	case KJ_SUDO_RUNAS:
		return sudo_match_runas_list(policy, d->binding, target);
	case KJ_SUDO_CMND:
		return sudo_match_commands(policy, d->binding, probe);
	default:
		return host_of(policy, d);
	}
}

unsigned sudo_defaults_authenticate(struct sudo_policy *policy, size_t account, size_t target,
                                    const struct sudo_probe *probe)
{
	unsigned answer = SUDO_ALLOW;
	for (int commands = 0; commands < 2; commands++) {
		for (size_t i = 0; i < policy->settings.n && sudo_policy_work(policy, 1); i++) {
			struct sudo_set *s = &policy->settings.at[i];
			if (s->problem || !kj_str_eq(s->d->name, KJ_STR("authenticate")) ||
			    (s->d->scope == KJ_SUDO_CMND) != commands)
				continue;
			unsigned says = binding_says(policy, s, account, target, probe);
			unsigned value = s->d->op == '!' ? SUDO_DENY : SUDO_ALLOW;
			if (says & SUDO_ALLOW)
				answer = value | (says == SUDO_ALLOW ? 0 : answer);
		}
	}
	return answer;
}

/* What may hold is taken to hold. */
kj_str sudo_defaults_text(struct sudo_policy *policy, kj_str name, kj_str general, size_t account, size_t target,
                          const struct sudo_probe *probe)
{
	kj_str value = general;
	for (int commands = 0; commands < 2; commands++) {
		for (size_t i = 0; i < policy->settings.n && sudo_policy_work(policy, 1); i++) {
			struct sudo_set *s = &policy->settings.at[i];
			if (s->problem || !kj_str_eq(s->d->name, name) || (s->d->scope == KJ_SUDO_CMND) != commands ||
			    !(binding_says(policy, s, account, target, probe) & SUDO_ALLOW))
				continue;
			value = s->d->op == '!' ? KJ_STR("") : s->d->value;
		}
	}
	return value;
}

/* ---- settings ---- */

static kj_str scope_text(struct sudo_policy *policy, const struct kj_sudo_default *d)
{
	static const char marks[] = {
	        [KJ_SUDO_USER] = ':', [KJ_SUDO_HOST] = '@', [KJ_SUDO_RUNAS] = '>', [KJ_SUDO_CMND] = '!'};
	if (is_general(policy, d))
		return KJ_STR("");
	kj_str list = kj_sudo_list_text(policy->host->arena, d->binding);
	return kj_str_fmt(policy->host->arena, "%c%.*s", marks[d->scope], KJ_FMT(list));
}

/* What the line makes of the key; *unset: nothing is left. */
static kj_str value_of(const struct sudo_key *key, const struct kj_sudo_default *d, bool *unset)
{
	kj_str words = key->words ? kj_str_of(key->words) : KJ_STR("");
	*unset = false;
	if (d->op != 't' && d->op != '!')
		return d->value;
	switch (key->kind) {
	case SUDO_FLAG:
		return d->op == '!' ? KJ_STR("no") : KJ_STR("yes");
	case SUDO_TUPLE:
		return kj_str_upto(words, kj_str_find(words, ' '));
	case SUDO_INT:
	case SUDO_UINT:
	case SUDO_MINUTES:
	case SUDO_TIMEOUT:
		return KJ_STR("0");
	case SUDO_MODE:
		return KJ_STR("0777");
	case SUDO_FACILITY:
		if (d->op == 't')
			return KJ_STR("authpriv");
		break;
	default:
		break;
	}
	*unset = true;
	return KJ_STR("");
}

static bool has_word(kj_str words, kj_str word)
{
	kj_str rest = words, one;
	while (kj_str_word(&rest, &one))
		if (kj_str_eq(one, word))
			return true;
	return false;
}

/* += and -= on what the lines before made of a list. */
static kj_str merge(struct kj_arena *arena, kj_str before, kj_str words, char op)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_str rest = before, word;
	while (kj_str_word(&rest, &word))
		if (!has_word(words, word))
			kj_buf_fmt(&out, "%s%.*s", out.n ? " " : "", KJ_FMT(word));
	rest = words;
	while (op != '-' && kj_str_word(&rest, &word))
		kj_buf_fmt(&out, "%s%.*s", out.n ? " " : "", KJ_FMT(word));
	return kj_buf_str(&out);
}

static void unset(struct sudo_policy *policy, struct kj_setting *s, const struct kj_sudo_default *d)
{
	s->state = KJ_STATE_NOT_IN_FORCE;
	s->note = KJ_STR("");
	kj_setting_note(policy->host, s, "unset by !%.*s", KJ_FMT(d->name));
}

/* Where a later line for everybody comes, the ones for some users before it are without effect. */
static void overtake(struct sudo_policy *policy, struct kj_resolved *out, const struct kj_setting *general)
{
	for (size_t i = 0; i < out->settings.n; i++) {
		struct kj_setting *s = &out->settings.at[i];
		if (s == general || !s->scope.n || s->scope.p[0] == '!' || s->unjudged ||
		    !kj_str_eq(s->key, general->key))
			continue;
		s->state = KJ_STATE_NOT_IN_FORCE;
		s->unjudged = true;
		kj_setting_note(policy->host, s, "'%.*s' line %u says otherwise for everybody, and comes later",
		                KJ_FMT(general->origin.text->name), general->origin.line);
	}
}

static void apply(struct sudo_policy *policy, struct kj_resolved *out, const struct sudo_set *set)
{
	const struct kj_sudo_default *d = set->d;
	const struct sudo_key *key = sudo_key_find(d->name);
	struct kj_origin origin = {set->text, d->line, d->col};
	kj_str scope = scope_text(policy, d);
	struct kj_setting *s = kj_setting_find(out, key->name, scope);
	bool gone;
	kj_str value = value_of(key, d, &gone);
	if (d->op == '+' || d->op == '-')
		value = merge(policy->host->arena, s ? s->value : KJ_STR(""), value, d->op);
	if (s)
		kj_setting_override(policy->host, s, s->value, s->origin);
	else
		s = kj_setting_add(policy->host, out, key->name, value, KJ_STATE_EFFECTIVE, origin);
	s->scope = scope;
	s->value = value;
	s->origin = origin;
	s->state = KJ_STATE_EFFECTIVE;
	s->unjudged = false;
	s->note = KJ_STR("");
	if (gone)
		unset(policy, s, d);
	if (d->op == '+' || d->op == '-')
		kj_setting_note(policy->host, s, "added to the list that is built in, and taken from it");
	if (d->scope == KJ_SUDO_HOST && !(host_of(policy, d) & SUDO_ALLOW)) {
		s->state = KJ_STATE_NOT_IN_FORCE;
		s->unjudged = true;
		kj_setting_note(policy->host, s, "for other hosts");
	}
	if (!scope.n && d->op != '+' && d->op != '-')
		overtake(policy, out, s);
}

/* ---- built-in ---- */

/* Where builds of distributions differ from a plain one; a key with no preset here is not known for others. */
static const struct {
	const char *key, *debian, *fedora;
} builds[] = {
        {"timestamp_timeout", "15", "5"},   {"passwd_timeout", "0", "5"},
        {"lecture", "never", "once"},       {"fqdn", "yes", "no"},
        {"syslog", "authpriv", "authpriv"},
};

static const char *preset_of(const struct sudo_policy *policy, const struct sudo_key *key)
{
	const unsigned pty = 10914; /* NEWS 1.9.14: on by default from here on */
	if (kj_str_eq(key->name, KJ_STR("use_pty")))
		return !policy->version ? NULL : policy->version >= pty ? "yes" : "no";
	for (size_t i = 0; i < sizeof builds / sizeof *builds; i++)
		if (kj_str_eq(key->name, kj_str_of(builds[i].key)))
			return like(policy, "debian")                           ? builds[i].debian
			       : like(policy, "fedora") || like(policy, "rhel") ? builds[i].fedora
			                                                        : NULL;
	return key->preset;
}

static void add_presets(struct sudo_policy *policy, struct kj_resolved *out)
{
	size_t n;
	const struct sudo_key *keys = sudo_keys(&n);
	for (size_t i = 0; i < n; i++) {
		const char *preset = preset_of(policy, &keys[i]);
		bool known = !policy->version || keys[i].since <= policy->version;
		if (preset && known && !kj_setting_find(out, keys[i].name, KJ_STR("")))
			kj_setting_add(policy->host, out, keys[i].name, kj_str_of(preset), KJ_STATE_DEFAULT,
			               (struct kj_origin){0});
	}
}

void sudo_defaults_apply(struct sudo_policy *policy, struct kj_resolved *out)
{
	for (size_t i = 0; i < policy->settings.n; i++) {
		if (!sudo_policy_work(policy, out->settings.n))
			return;
		if (!policy->settings.at[i].problem)
			apply(policy, out, &policy->settings.at[i]);
	}
	add_presets(policy, out);
}
