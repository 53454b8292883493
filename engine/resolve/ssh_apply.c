/* Which line of ssh_config wins: the first whose Host or Match holds. A line that holds always therefore ends the
   search, and what comes after it is shown as overridden. */
#include "resolve/openssh_values.h"
#include "resolve/ssh.h"

/* A key, or the two that shut each other out. */
struct slot {
	size_t first; /* index of the setting that holds always, + 1; 0: none yet */
};

struct apply {
	struct ssh_config *config;
	struct kj_map slots;  /* name → struct slot */
	struct kj_map places; /* "name scope" → index + 1 of its first setting */
	size_t from;          /* where this file's settings begin */
};

/* ProxyCommand and ProxyJump shut each other out. Debian lets a ProxyCommand follow ProxyJump none. */
static kj_str slot_name(struct apply *a, const struct ssh_line *line)
{
	kj_str name = openssh_key_name(line->key);
	bool jump = kj_str_eq(name, KJ_STR("proxyjump"));
	if (jump && a->config->build.debian && openssh_is_none(line->value[0]))
		return KJ_STR("no proxyjump");
	return jump ? KJ_STR("proxycommand") : name;
}

static struct slot *slot_at(struct apply *a, kj_str name)
{
	void **place = kj_map_at(a->config->host->arena, &a->slots, name);
	if (!*place)
		*place = KJ_NEW(a->config->host->arena, struct slot);
	return *place;
}

/* The slot that the line belongs to; or that of a ProxyJump none, which shuts out all that follow. */
static struct slot *slot_of(struct apply *a, const struct ssh_line *line)
{
	struct slot *none = slot_at(a, KJ_STR("no proxyjump"));
	bool jump = kj_str_eq(line->key->name, KJ_STR("proxyjump"));
	return jump && none->first ? none : slot_at(a, slot_name(a, line));
}

static size_t *place_of(struct apply *a, const struct ssh_line *line, kj_str scope)
{
	struct kj_arena *arena = a->config->host->arena;
	void **place =
	        kj_map_at(arena, &a->places, kj_str_fmt(arena, "%.*s %.*s", KJ_FMT(slot_name(a, line)), KJ_FMT(scope)));
	if (!*place)
		*place = KJ_NEW(arena, size_t);
	return *place;
}

static kj_str join(struct kj_arena *arena, const struct ssh_line *line)
{
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; i < line->values; i++) {
		if (i)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, line->value[i]);
	}
	return kj_buf_str(&buf);
}

static bool holds_always(const struct ssh_line *line)
{
	return line->key->flags & OPENSSH_ANYWHERE || !line->scope.text.n;
}

/* As it is shown: what a user's own file says is of that user. */
static kj_str scope_of(struct apply *a, const struct ssh_line *line)
{
	kj_str text = holds_always(line) ? KJ_STR("") : line->scope.text, user = a->config->user;
	if (!user.n)
		return text;
	return kj_str_fmt(a->config->host->arena, text.n ? "localuser %.*s / %.*s" : "localuser %.*s%.*s", KJ_FMT(user),
	                  KJ_FMT(text));
}

static struct kj_setting *add(struct apply *a, const struct ssh_line *line, kj_str value)
{
	struct ssh_config *c = a->config;
	struct kj_setting *s = kj_setting_add(c->host, c->out, openssh_key_name(line->key), value, KJ_STATE_EFFECTIVE,
	                                      kj_origin_of(line->row));
	s->scope = scope_of(a, line);
	s->lockable = true; /* a user's file and options come first, whatever the system's says */
	return s;
}

/* Between the first reading and the second ssh settles the host's name, and what it needs for that. */
static bool comes_too_late(const struct ssh_line *line)
{
	static const kj_str settled[] = {KJ_STR_INIT("hostname"), KJ_STR_INIT("canonicalizehostname"),
	                                 KJ_STR_INIT("canonicalizemaxdots"), KJ_STR_INIT("canonicalizefallbacklocal")};
	for (size_t i = 0; line->scope.final && i < sizeof settled / sizeof *settled; i++)
		if (kj_str_eq(line->key->name, settled[i]))
			return true;
	return false;
}

static void show_unused(struct apply *a, const struct ssh_line *line)
{
	struct kj_setting *s = add(a, line, join(a->config->host->arena, line));
	s->scope = KJ_STR("never");
	s->state = KJ_STATE_NOT_IN_FORCE;
	s->unjudged = true;
	kj_setting_note(a->config->host, s,
	                line->scope.never ? "the block holds for no connection"
	                                  : "ssh has decided on it before it reads the block");
}

static void override(struct apply *a, struct kj_setting *s, const struct ssh_line *line)
{
	struct ssh_config *c = a->config;
	kj_str value = join(c->host->arena, line);
	if (line->key->flags & OPENSSH_LAST) {
		kj_setting_override(c->host, s, s->value, s->origin);
		s->value = value;
		s->origin = kj_origin_of(line->row);
		return;
	}
	kj_setting_override(c->host, s, value, kj_origin_of(line->row));
	/* of RekeyLimit each of the two numbers is decided on its own */
	if (kj_str_eq(s->key, KJ_STR("rekeylimit")) && kj_str_find(s->value, ' ') == s->value.n && line->values == 2)
		s->value = kj_str_fmt(c->host->arena, "%.*s %.*s", KJ_FMT(s->value), KJ_FMT(line->value[1]));
}

/* SendEnv -NAME takes back what was named so far. */
static bool take_back(struct apply *a, const struct ssh_line *line, kj_str value)
{
	struct ssh_config *c = a->config;
	bool back = kj_str_eq(openssh_key_name(line->key), KJ_STR("sendenv")) && kj_str_starts(value, KJ_STR("-"));
	if (!back || !holds_always(line))
		return false;
	for (size_t i = a->from; i < c->out->settings.n; i++) {
		struct kj_setting *s = &c->out->settings.at[i];
		if (s->unjudged || !kj_str_eq(s->key, KJ_STR("sendenv")) ||
		    !openssh_matches(kj_str_from(value, 1), s->value))
			continue;
		s->state = KJ_STATE_NOT_IN_FORCE;
		s->unjudged = true;
		kj_setting_note(c->host, s, "line %u takes it back", line->row->line);
	}
	return true;
}

static bool is_there(struct apply *a, const struct ssh_line *line, kj_str value)
{
	kj_str scope = scope_of(a, line);
	const struct kj_resolved *out = a->config->out;
	for (size_t i = a->from; i < out->settings.n; i++) {
		const struct kj_setting *s = &out->settings.at[i];
		bool here = kj_str_eq(s->scope, scope) || !s->scope.n;
		if (here && !s->unjudged && kj_str_eq(s->key, openssh_key_name(line->key)) &&
		    kj_str_eq(s->value, value))
			return true;
	}
	return false;
}

static void gather(struct apply *a, const struct ssh_line *line)
{
	for (size_t i = 0; i < line->values; i++)
		if (!take_back(a, line, line->value[i]) && !is_there(a, line, line->value[i]))
			add(a, line, line->value[i]);
	if (holds_always(line))
		slot_of(a, line)->first = a->config->out->settings.n + 1;
}

/* Where the last line wins, the system's file does: it is read after the user's. */
static bool system_has_last_word(struct apply *a, const struct ssh_line *line)
{
	struct ssh_config *c = a->config;
	if (!c->user.n || !(line->key->flags & OPENSSH_LAST))
		return false;
	struct kj_setting *s = kj_setting_find(c->out, openssh_key_name(line->key), KJ_STR(""));
	if (!s || s->state == KJ_STATE_DEFAULT)
		return false;
	kj_setting_override(c->host, s, join(c->host->arena, line), kj_origin_of(line->row));
	return true;
}

static void take_first(struct apply *a, const struct ssh_line *line)
{
	if (system_has_last_word(a, line))
		return;
	struct slot *slot = slot_of(a, line);
	size_t *place = place_of(a, line, scope_of(a, line));
	size_t winner = slot->first ? slot->first : *place;
	struct kj_resolved *out = a->config->out;
	if (winner) {
		override(a, &out->settings.at[winner - 1], line);
		return;
	}
	*place = out->settings.n + 1;
	bool many = line->key->flags & OPENSSH_MANY;
	for (size_t i = 0; i < (many ? line->values : 1); i++)
		add(a, line, many ? line->value[i] : join(a->config->host->arena, line));
	if (holds_always(line))
		slot->first = *place;
}

static void take(struct apply *a, const struct ssh_line *line)
{
	if ((line->scope.never || comes_too_late(line)) && !(line->key->flags & OPENSSH_ANYWHERE))
		show_unused(a, line);
	else if (line->key->flags & OPENSSH_GATHER)
		gather(a, line);
	else
		take_first(a, line);
}

/* ---- defaults ---- */

static void preset(struct apply *a, const struct openssh_key *key, kj_str value)
{
	struct ssh_config *c = a->config;
	if (!value.n || slot_at(a, openssh_key_name(key))->first)
		return;
	struct kj_setting *s =
	        kj_setting_add(c->host, c->out, openssh_key_name(key), value, KJ_STATE_DEFAULT, (struct kj_origin){0});
	s->lockable = true;
}

static void preset_identities(struct apply *a, const struct openssh_key *key)
{
	static const struct {
		const char *file, *since, *until;
	} files[] = {{"rsa", NULL, NULL},       {"dsa", NULL, "8.9"},    {"ecdsa", NULL, NULL},
	             {"ecdsa_sk", "8.2", NULL}, {"ed25519", NULL, NULL}, {"ed25519_sk", "8.2", NULL},
	             {"xmss", NULL, NULL},      {"dsa", "8.9", "9.8"}};
	const struct openssh_build *build = &a->config->build;
	for (size_t i = 0; build->version.n && i < sizeof files / sizeof *files; i++) {
		bool known = (!files[i].since || !openssh_older(build, files[i].since)) &&
		             (!files[i].until || openssh_older(build, files[i].until));
		if (known)
			preset(a, key, kj_str_fmt(build->host->arena, "~/.ssh/id_%s", files[i].file));
	}
}

static bool is_set_to(struct apply *a, const char *name, const char *value)
{
	const struct kj_setting *s = kj_setting_find(a->config->out, kj_str_of(name), KJ_STR(""));
	return s && kj_str_eq(s->value, kj_str_of(value));
}

/* Defaults that depend on other settings (fill_default_options, and a patch of Debian). */
static kj_str made_default(struct apply *a, kj_str name)
{
	const struct openssh_build *build = &a->config->build;
	if (kj_str_eq(name, KJ_STR("updatehostkeys"))) {
		bool plain = (is_set_to(a, "verifyhostkeydns", "false") &&
		              (is_set_to(a, "userknownhostsfile", "~/.ssh/known_hosts") ||
		               is_set_to(a, "userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2")));
		return plain && !openssh_older(build, "8.5") ? KJ_STR("true") : KJ_STR("false");
	}
	if (kj_str_eq(name, KJ_STR("serveraliveinterval")))
		return build->debian && is_set_to(a, "batchmode", "yes") ? KJ_STR("300") : KJ_STR("0");
	if (kj_str_eq(name, KJ_STR("ipqos")))
		return build->debian ? KJ_STR("lowdelay throughput") : KJ_STR("af21 cs1");
	if (kj_str_eq(name, KJ_STR("forwardx11trusted")))
		return build->debian ? KJ_STR("yes") : KJ_STR("no");
	return KJ_STR("");
}

static void preset_all(struct apply *a)
{
	const struct openssh_key *late = NULL;
	const struct openssh_build *build = &a->config->build;
	for (size_t i = 0; i < ssh_keys.n; i++) {
		const struct openssh_key *key = &ssh_keys.at[i];
		if (key->printed.n || key->flags & OPENSSH_MUTE || !openssh_key_shown(&ssh_keys, build, key))
			continue;
		if (kj_str_eq(key->name, KJ_STR("updatehostkeys")))
			late = key;
		else if (kj_str_eq(key->name, KJ_STR("identityfile")))
			preset_identities(a, key);
		else if (key->preset)
			preset(a, key, kj_str_of(key->preset));
		else if (key->with && key->read == openssh_read_algorithms)
			preset(a, key, openssh_algorithms_default(build, *(const enum openssh_list *)key->with));
		else
			preset(a, key, made_default(a, key->name));
	}
	preset(a, late, made_default(a, late->name));
}

/* A RekeyLimit without a time takes it from the part that holds always, or 0. */
static void finish_rekey(struct ssh_config *c, size_t from)
{
	kj_str seconds = KJ_STR("0");
	for (size_t i = from; i < c->out->settings.n; i++) {
		const struct kj_setting *s = &c->out->settings.at[i];
		size_t blank = kj_str_find(s->value, ' ');
		if (kj_str_eq(s->key, KJ_STR("rekeylimit")) && blank < s->value.n && !s->scope.n)
			seconds = kj_str_from(s->value, blank + 1);
	}
	for (size_t i = from; i < c->out->settings.n; i++) {
		struct kj_setting *s = &c->out->settings.at[i];
		if (kj_str_eq(s->key, KJ_STR("rekeylimit")) && kj_str_find(s->value, ' ') == s->value.n)
			s->value = kj_str_fmt(c->host->arena, "%.*s %.*s", KJ_FMT(s->value), KJ_FMT(seconds));
	}
}

static bool in_second_pass(const struct ssh_line *line)
{
	return line->scope.final && !(line->key->flags & OPENSSH_ANYWHERE);
}

void ssh_apply(struct ssh_config *config)
{
	struct apply a = {.config = config, .from = config->out->settings.n};
	for (int final = 0; final < 2; final++)
		for (size_t i = 0; i < config->lines.n; i++)
			if (in_second_pass(&config->lines.at[i]) == (final == 1))
				take(&a, &config->lines.at[i]);
	if (!config->user.n)
		preset_all(&a);
	finish_rekey(config, a.from);
}
