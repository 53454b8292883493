/* Which line of sshd_config wins. Within the global part, and within each Match block, the first line of most
   keywords does; a Match block that holds beats the global part (sshd copies what its second pass over the Match
   blocks has set over the first pass's values: parse_server_match_config of servconf.c), and of several that hold the
   first one does. `Match all` holds always: it is the global part by another name, and beats the lines above it. */
#include "resolve/sshd.h"

static kj_str join(struct kj_arena *arena, const struct sshd_line *line)
{
	struct kj_buf buf = KJ_BUF(arena);
	for (size_t i = 0; i < line->values; i++) {
		if (i)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, line->value[i]);
	}
	return kj_buf_str(&buf);
}

/* What is known of a key while lines become settings. */
struct slot {
	const struct sshd_line *all; /* the Match all line that decides the key for every connection */
	size_t all_at;
};

struct place {
	size_t first; /* index of the first setting, + 1; 0: none yet */
};

struct apply {
	struct sshd_config *config;
	struct kj_map slots;  /* printed name → struct slot */
	struct kj_map places; /* "name scope" → struct place */
};

static struct slot *slot_of(struct apply *a, const struct openssh_key *key)
{
	void **place = kj_map_at(a->config->host->arena, &a->slots, openssh_key_name(key));
	if (!*place)
		*place = KJ_NEW(a->config->host->arena, struct slot);
	return *place;
}

static struct place *place_of(struct apply *a, kj_str name, kj_str scope)
{
	kj_str key = kj_str_fmt(a->config->host->arena, "%.*s %.*s", KJ_FMT(name), KJ_FMT(scope));
	void **place = kj_map_at(a->config->host->arena, &a->places, key);
	if (!*place)
		*place = KJ_NEW(a->config->host->arena, struct place);
	return *place;
}

static bool only_global(const struct sshd_line *line)
{
	return line->key->flags & OPENSSH_GLOBAL;
}

/* Finds the Match all lines that decide a key for every connection, then the lines that cannot take effect beside
   them. */
static void demote(struct apply *a)
{
	struct sshd_config *c = a->config;
	for (size_t i = 0; i < c->lines.n; i++) {
		const struct sshd_line *line = &c->lines.at[i];
		struct slot *slot = slot_of(a, line->key);
		if (line->scope.all && !only_global(line) && (!slot->all || line->key->flags & OPENSSH_LAST)) {
			slot->all = line;
			slot->all_at = i;
		}
	}
	for (size_t i = 0; i < c->lines.n; i++) {
		struct sshd_line *line = &c->lines.at[i];
		const struct slot *slot = slot_of(a, line->key);
		if (!slot->all || line->scope.all)
			continue;
		bool beaten = line->key->flags & OPENSSH_LAST ? i < slot->all_at : i > slot->all_at;
		line->demoted = !line->scope.inactive || (beaten && !(line->key->flags & OPENSSH_GATHER));
	}
}

/* The scope a line's setting is shown in. */
static kj_str scope_of(const struct sshd_line *line)
{
	if (line->scope.inactive)
		return line->scope.text;
	return line->scope.all && !only_global(line) && line->key->flags & OPENSSH_GATHER ? KJ_STR("all") : KJ_STR("");
}

static void add(struct apply *a, const struct sshd_line *line, struct place *place)
{
	struct sshd_config *c = a->config;
	kj_str name = openssh_key_name(line->key);
	bool many = line->key->flags & OPENSSH_MANY && !kj_str_eq(name, KJ_STR("listenaddress"));
	if (!place->first)
		place->first = c->out->settings.n + 1;
	for (size_t i = 0; i < (many ? line->values : 1); i++) {
		kj_str value = many ? line->value[i] : join(c->host->arena, line);
		struct kj_setting *s =
		        kj_setting_add(c->host, c->out, name, value, KJ_STATE_EFFECTIVE, kj_origin_of(line->row));
		s->scope = scope_of(line);
	}
}

/* A further line of a key in a scope where one is already. */
static void meet(struct apply *a, const struct sshd_line *line, struct kj_setting *s)
{
	struct sshd_config *c = a->config;
	kj_str value = join(c->host->arena, line), name = openssh_key_name(line->key);
	bool none = kj_str_eq(name, KJ_STR("unusedconnectiontimeout")) && kj_str_eq(value, KJ_STR("none"));
	if (line->key->flags & OPENSSH_LAST || (none && !kj_str_eq(s->value, value))) {
		kj_setting_override(c->host, s, s->value, s->origin);
		s->value = value;
		s->origin = kj_origin_of(line->row);
		return;
	}
	/* of RekeyLimit each of the two numbers is decided on its own */
	bool halved =
	        kj_str_eq(name, KJ_STR("rekeylimit")) && kj_str_find(s->value, ' ') == s->value.n && line->values == 2;
	kj_setting_override(c->host, s, value, kj_origin_of(line->row));
	if (halved)
		s->value = kj_str_fmt(c->host->arena, "%.*s %.*s", KJ_FMT(s->value), KJ_FMT(line->value[1]));
}

static void take(struct apply *a, const struct sshd_line *line)
{
	struct place *place = place_of(a, openssh_key_name(line->key), scope_of(line));
	if (!place->first || line->key->flags & OPENSSH_GATHER)
		add(a, line, place);
	else
		meet(a, line, &a->config->out->settings.at[place->first - 1]);
}

/* Demoted lines are shown with the setting that beats them. */
static void show_demoted(struct apply *a)
{
	struct sshd_config *c = a->config;
	for (size_t i = 0; i < c->lines.n; i++) {
		const struct sshd_line *line = &c->lines.at[i];
		if (!line->demoted)
			continue;
		struct place *place = place_of(a, openssh_key_name(line->key), scope_of(slot_of(a, line->key)->all));
		if (place->first)
			kj_setting_override(c->host, &c->out->settings.at[place->first - 1], join(c->host->arena, line),
			                    kj_origin_of(line->row));
	}
}

/* ---- what is made once all lines are known ---- */

/* A RekeyLimit without a time takes it from the global part, or 0. */
static void finish_rekey(struct sshd_config *c)
{
	kj_str seconds = KJ_STR("0");
	for (size_t i = 0; i < c->out->settings.n; i++) {
		struct kj_setting *s = &c->out->settings.at[i];
		if (!kj_str_eq(s->key, KJ_STR("rekeylimit")))
			continue;
		size_t blank = kj_str_find(s->value, ' ');
		if (blank < s->value.n && !s->scope.n)
			seconds = kj_str_from(s->value, blank + 1);
		else if (blank == s->value.n)
			s->value = kj_str_fmt(c->host->arena, "%.*s %.*s", KJ_FMT(s->value), KJ_FMT(seconds));
	}
}

static kj_str family_of(struct sshd_config *c)
{
	const struct kj_setting *s = kj_setting_find(c->out, KJ_STR("addressfamily"), KJ_STR(""));
	return s ? s->value : KJ_STR("any");
}

enum { LISTEN_MAX = 10000 };

/* The addresses that sshd listens on, under construction. */
struct listen {
	struct sshd_config *c;
	KJ_VEC(kj_str) ports;
	size_t n;
};

static void listen_on(struct listen *l, kj_str host, kj_str port, enum kj_state state, struct kj_origin origin)
{
	struct sshd_config *c = l->c;
	struct kj_addr addr;
	if (l->n++ >= LISTEN_MAX) {
		kj_resolved_state(c->host, c->out, KJ_STATE_ERROR, "sshd is told to listen on more than %d addresses",
		                  LISTEN_MAX);
		return;
	}
	bool six = kj_addr_parse(host, &addr) && addr.version == 6;
	kj_str shown = six ? kj_addr_str(c->host->arena, &addr) : host;
	kj_str value = kj_str_fmt(c->host->arena, six ? "[%.*s]:%.*s" : "%.*s:%.*s", KJ_FMT(shown), KJ_FMT(port));
	kj_setting_add(c->host, c->out, KJ_STR("listenaddress"), value, state, origin);
}

/* One address on its own port, or on each of the ports. */
static void listen_on_ports(struct listen *l, kj_str host, kj_str port, enum kj_state state, struct kj_origin origin)
{
	if (port.n)
		listen_on(l, host, port, state, origin);
	for (size_t i = 0; !port.n && i < l->ports.n && l->n <= LISTEN_MAX; i++)
		listen_on(l, host, l->ports.at[i], state, origin);
}

static bool of_family(kj_str host, kj_str family)
{
	struct kj_addr addr;
	if (kj_str_eq(family, KJ_STR("any")) || !kj_addr_parse(host, &addr))
		return true;
	return (addr.version == 6) == kj_str_eq(family, KJ_STR("inet6"));
}

static void listen_everywhere(struct listen *l)
{
	if (!kj_str_eq(family_of(l->c), KJ_STR("inet")))
		listen_on_ports(l, KJ_STR("::"), KJ_STR(""), KJ_STATE_DEFAULT, (struct kj_origin){0});
	if (!kj_str_eq(family_of(l->c), KJ_STR("inet6")))
		listen_on_ports(l, KJ_STR("0.0.0.0"), KJ_STR(""), KJ_STATE_DEFAULT, (struct kj_origin){0});
}

static void refuse_family(struct sshd_config *c, const struct sshd_line *line)
{
	if (c->out->refused || c->out->state != KJ_STATE_EFFECTIVE)
		return;
	c->out->refused = true;
	c->out->at = kj_origin_of(line->row);
	kj_resolved_state(c->host, c->out, KJ_STATE_NOT_IN_FORCE,
	                  "'%.*s' line %u: ListenAddress %.*s is not of the AddressFamily: sshd refuses the file",
	                  KJ_FMT(line->row->text->name), line->row->line, KJ_FMT(line->value[0]));
}

static bool is_listen(const struct sshd_line *line)
{
	return kj_str_eq(line->key->name, KJ_STR("listenaddress"));
}

static void finish_listen(struct sshd_config *c)
{
	struct listen l = {.c = c};
	kj_str family = family_of(c);
	bool any = false;
	for (size_t i = 0; i < c->out->settings.n; i++)
		if (kj_str_eq(c->out->settings.at[i].key, KJ_STR("port")))
			KJ_PUSH(c->host->arena, &l.ports, c->out->settings.at[i].value);
	for (size_t i = 0; i < c->lines.n && l.n <= LISTEN_MAX; i++) {
		const struct sshd_line *line = &c->lines.at[i];
		if (!is_listen(line))
			continue;
		any = true;
		if (!of_family(line->value[0], family))
			refuse_family(c, line);
		listen_on_ports(&l, line->value[0], line->value[1], KJ_STATE_EFFECTIVE, kj_origin_of(line->row));
	}
	if (!any)
		listen_everywhere(&l);
}

static void preset(struct apply *a, const struct openssh_key *key, kj_str value)
{
	struct sshd_config *c = a->config;
	if (!value.n || place_of(a, openssh_key_name(key), KJ_STR(""))->first ||
	    (slot_of(a, key)->all && key->flags & OPENSSH_GATHER))
		return;
	kj_setting_add(c->host, c->out, openssh_key_name(key), value, KJ_STATE_DEFAULT, (struct kj_origin){0});
}

static void preset_all(struct apply *a)
{
	static const char *const host_keys[] = {"/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key",
	                                        "/etc/ssh/ssh_host_ed25519_key"};
	const struct openssh_key *keys = sshd_keys.at;
	const struct openssh_build *build = &a->config->build;
	for (size_t i = 0; i < sshd_keys.n; i++) {
		if (keys[i].printed.n || keys[i].flags & OPENSSH_MUTE ||
		    !openssh_key_shown(&sshd_keys, build, &keys[i]))
			continue;
		if (keys[i].preset)
			preset(a, &keys[i], kj_str_of(keys[i].preset));
		else if (keys[i].with && !(keys[i].flags & OPENSSH_MANY))
			preset(a, &keys[i],
			       openssh_algorithms_default(build, *(const enum openssh_list *)keys[i].with));
		else if (kj_str_eq(keys[i].name, KJ_STR("ipqos")))
			preset(a, &keys[i], build->debian ? KJ_STR("lowdelay throughput") : KJ_STR("af21 cs1"));
		for (size_t k = 0; k < 3 && kj_str_eq(keys[i].name, KJ_STR("hostkey")); k++)
			preset(a, &keys[i], kj_str_of(host_keys[k]));
	}
}

/* ChannelTimeout none in the global part is as if it were not there, and 9.2 prints nothing then. */
static void drop_empty(struct sshd_config *c)
{
	struct kj_resolved *out = c->out;
	if (!openssh_older(&c->build, "9.3"))
		return;
	size_t kept = 0;
	for (size_t i = 0; i < out->settings.n; i++) {
		const struct kj_setting *s = &out->settings.at[i];
		bool empty = !s->scope.n && kj_str_eq(s->key, KJ_STR("channeltimeout")) &&
		             kj_str_eq_fold(s->value, KJ_STR("none"));
		if (!empty)
			out->settings.at[kept++] = *s;
	}
	out->settings.n = kept;
}

/* Until 8.7 sshd's main() turned the one on for the other. */
static void finish_keyboard(struct sshd_config *c)
{
	kj_str name = KJ_STR("kbdinteractiveauthentication");
	const struct kj_setting *challenge =
	        kj_setting_find(c->out, KJ_STR("challengeresponseauthentication"), KJ_STR(""));
	struct kj_setting *keyboard = kj_setting_find(c->out, name, KJ_STR(""));
	if (!challenge || !keyboard || !kj_str_eq(challenge->value, KJ_STR("yes")) ||
	    kj_str_eq(keyboard->value, challenge->value))
		return;
	if (keyboard->origin.text)
		kj_setting_override(c->host, keyboard, keyboard->value, keyboard->origin);
	keyboard->value = challenge->value;
	keyboard->origin = challenge->origin;
	keyboard->state = challenge->state;
	kj_setting_note(c->host, keyboard, "by ChallengeResponseAuthentication");
}

void sshd_apply(struct sshd_config *config)
{
	struct apply a = {.config = config};
	demote(&a);
	for (size_t i = 0; i < config->lines.n; i++) {
		const struct sshd_line *line = &config->lines.at[i];
		if (!line->demoted && !is_listen(line) && !scope_of(line).n)
			take(&a, line);
	}
	preset_all(&a);
	finish_listen(config);
	for (size_t i = 0; i < config->lines.n; i++) {
		const struct sshd_line *line = &config->lines.at[i];
		if (!line->demoted && !is_listen(line) && scope_of(line).n)
			take(&a, line);
	}
	show_demoted(&a);
	finish_rekey(config);
	finish_keyboard(config);
	drop_empty(config);
}
