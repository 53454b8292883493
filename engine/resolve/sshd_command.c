/* What the service passes to sshd on its command line beats the files: -o, -p, -4, -6, and -f names another file. The
   services of the distributions take it from environment files: SSHD_OPTS of /etc/default/ssh (Debian), OPTIONS of
   /etc/sysconfig/sshd (Red Hat), and on RHEL 8 CRYPTO_POLICY, which crypto-policies makes and sysconfig may blank. */
#include "resolve/sshd.h"

struct command {
	struct sshd_config *config;
	struct sshd_command *out;
};

/* The last assignment of a variable in an environment file; NULL: none. */
static const struct kj_row *assignment(const struct kj_rows *rows, const char *variable)
{
	const struct kj_row *found = NULL;
	for (size_t i = 0; rows && i < rows->list.n; i++)
		if (kj_str_eq(kj_row_cell(rows, &rows->list.at[i], KJ_STR("key")), kj_str_of(variable)))
			found = &rows->list.at[i];
	return found;
}

static const struct kj_rows *read_environment(struct kj_host *host, const char *path, enum kj_artifact_state *state)
{
	static const struct kj_parse_options options = {
	        .separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#"), .quotes = KJ_STR_INIT("\"'")};
	const struct kj_artifact *artifact = kj_export_read(host->export, kj_str_of(path));
	*state = artifact->state;
	if (artifact->state != KJ_ARTIFACT_OK)
		return NULL;
	return kj_parse_text(host->arena, kj_parser_find(KJ_STR("keyvalue")), &options, &artifact->text, 0);
}

/* One line of configuration that stands on the command line. */
static void add_line(struct command *c, const struct kj_row *origin, kj_str text)
{
	struct kj_arena *arena = c->config->host->arena;
	struct kj_text *line = KJ_NEW(arena, struct kj_text);
	*line = (struct kj_text){.name = origin->text->name, .bytes = text};
	struct kj_rows *rows = KJ_NEW(arena, struct kj_rows);
	*rows = *kj_parse_text(arena, kj_parser_find(KJ_STR("directives")), NULL, line, 0);
	for (size_t i = 0; i < rows->list.n; i++) {
		rows->list.at[i].text = origin->text;
		rows->list.at[i].line = origin->line;
		rows->list.at[i].col = origin->col;
	}
	KJ_PUSH(arena, &c->out->lines, rows);
}

static void take_option(struct command *c, const struct kj_row *origin, char option, kj_str value)
{
	struct kj_arena *arena = c->config->host->arena;
	if (option == 'o')
		add_line(c, origin, value);
	else if (option == 'p')
		add_line(c, origin, kj_str_fmt(arena, "Port %.*s", KJ_FMT(value)));
	else if (option == '4' || option == '6')
		add_line(c, origin, option == '4' ? KJ_STR("AddressFamily inet") : KJ_STR("AddressFamily inet6"));
	else if (option == 'f')
		c->out->file = value;
	c->out->port |= option == 'p';
}

/* As getopt(3) takes sshd's options: "46DeqtTc:C:d:E:f:g:h:i:o:p:u:…". */
static void take_words(struct command *c, const struct kj_row *origin, kj_str words)
{
	static const char with_value[] = "bcCEfghkopQuV";
	kj_str word;
	while (kj_str_word(&words, &word)) {
		for (size_t i = 1; word.p[0] == '-' && i < word.n; i++) {
			bool valued = kj_str_find(kj_str_of(with_value), word.p[i]) < sizeof with_value - 1;
			kj_str value = valued ? kj_str_from(word, i + 1) : KJ_STR("");
			if (valued && !value.n && !kj_str_word(&words, &value))
				value = KJ_STR("");
			take_option(c, origin, word.p[i], value);
			if (valued)
				break;
		}
	}
}

static void take_variable(struct command *c, const struct kj_rows *rows, const char *variable)
{
	const struct kj_row *row = assignment(rows, variable);
	if (row)
		take_words(c, row, kj_row_cell(rows, row, KJ_STR("value")));
}

static void take_policy(struct command *c, const struct kj_rows *own)
{
	enum kj_artifact_state state;
	if (assignment(own, "CRYPTO_POLICY")) {
		take_variable(c, own, "CRYPTO_POLICY");
		return;
	}
	const struct kj_rows *policy = read_environment(c->config->host, SSHD_POLICY, &state);
	take_variable(c, policy, "CRYPTO_POLICY");
	c->out->policy_unseen = state == KJ_ARTIFACT_NOT_COLLECTED;
}

/* A variable on the service's command line. */
static void take_named(struct command *c, kj_str name)
{
	struct kj_host *host = c->config->host;
	enum kj_artifact_state state;
	if (kj_str_eq(name, KJ_STR("SSHD_OPTS")))
		take_variable(c, read_environment(host, "etc/default/ssh", &state), "SSHD_OPTS");
	else if (kj_str_eq(name, KJ_STR("OPTIONS")))
		take_variable(c, read_environment(host, "etc/sysconfig/sshd", &state), "OPTIONS");
	else if (kj_str_eq(name, KJ_STR("CRYPTO_POLICY")))
		take_policy(c, read_environment(host, "etc/sysconfig/sshd", &state));
	else if (!c->out->unseen.n)
		c->out->unseen = kj_str_fmt(host->arena, "what the service passes to sshd by $%.*s", KJ_FMT(name));
}

/* ---- a unit of the administrator's own ---- */

static void find_start(struct kj_host *host, kj_str path, const struct kj_rows **rows, const struct kj_row **found)
{
	static const struct kj_parse_options options = {
	        .separators = KJ_STR_INIT("="), .comment = KJ_STR_INIT("#;"), .sections = true, .backslash = true};
	const struct kj_artifact *unit = kj_export_read(host->export, path);
	if (unit->state != KJ_ARTIFACT_OK)
		return;
	const struct kj_rows *all =
	        kj_parse_text(host->arena, kj_parser_find(KJ_STR("keyvalue")), &options, &unit->text, 0);
	for (size_t i = 0; i < all->list.n; i++)
		if (kj_str_eq(kj_row_cell(all, &all->list.at[i], KJ_STR("key")), KJ_STR("ExecStart")) &&
		    kj_row_cell(all, &all->list.at[i], KJ_STR("value")).n) {
			*rows = all;
			*found = &all->list.at[i];
		}
}

/* False: there is none in /etc, and the distribution's service is at work. */
static bool take_unit(struct command *c)
{
	static const char *const units[] = {"etc/systemd/system/ssh.service", "etc/systemd/system/sshd.service"};
	struct kj_host *host = c->config->host;
	const struct kj_rows *rows = NULL;
	const struct kj_row *start = NULL;
	for (size_t i = 0; i < 2; i++) {
		enum kj_presence presence;
		find_start(host, kj_str_of(units[i]), &rows, &start);
		struct kj_entry_list drops = kj_export_glob(
		        host->export, host->arena, kj_str_fmt(host->arena, "%s.d/*.conf", units[i]), &presence);
		for (size_t k = 0; k < drops.paths.n; k++)
			find_start(host, drops.paths.at[k], &rows, &start);
	}
	if (!start)
		return false;
	kj_str rest = kj_row_cell(rows, start, KJ_STR("value")), word;
	struct kj_buf words = KJ_BUF(host->arena);
	kj_str_word(&rest, &word); /* the program */
	while (kj_str_word(&rest, &word)) {
		if (word.p[0] != '$') {
			kj_buf_fmt(&words, "%.*s ", KJ_FMT(word));
			continue;
		}
		word = kj_str_from(word, 1);
		bool braces = word.n > 2 && word.p[0] == '{';
		take_words(c, start, kj_str_copy(host->arena, kj_buf_str(&words)));
		words.n = 0;
		take_named(c, braces ? kj_str_upto(kj_str_from(word, 1), word.n - 2) : word);
	}
	take_words(c, start, kj_str_copy(host->arena, kj_buf_str(&words)));
	return true;
}

void sshd_command_read(struct sshd_config *config, struct sshd_command *out)
{
	struct command c = {config, out};
	const struct openssh_build *build = &config->build;
	if (take_unit(&c))
		return;
	if (build->debian)
		take_named(&c, KJ_STR("SSHD_OPTS"));
	if (build->redhat)
		take_named(&c, KJ_STR("OPTIONS"));
	if (build->redhat && openssh_older(build, "8.7") && !openssh_older(build, "8.0"))
		take_named(&c, KJ_STR("CRYPTO_POLICY"));
}

bool sshd_is_policy_key(const struct openssh_key *key)
{
	static const char *const keys[] = {"ciphers",
	                                   "macs",
	                                   "kexalgorithms",
	                                   "gssapikexalgorithms",
	                                   "hostkeyalgorithms",
	                                   "pubkeyacceptedalgorithms",
	                                   "hostbasedacceptedalgorithms",
	                                   "casignaturealgorithms",
	                                   "requiredrsasize"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (kj_str_eq(openssh_key_name(key), kj_str_of(keys[i])))
			return true;
	return false;
}

/* What the policy of crypto-policies decides is not known, but for what a line before it has decided. */
void sshd_apply_unseen_policy(struct sshd_config *config)
{
	for (size_t i = 0; config->policy_unseen && i < config->out->settings.n; i++) {
		struct kj_setting *s = &config->out->settings.at[i];
		const struct openssh_key *key = openssh_key_find(&sshd_keys, &config->build, s->key);
		bool decided = !key || s->scope.n || !sshd_is_policy_key(key);
		for (size_t k = 0; k + 1 < config->policy_unseen && !decided; k++)
			decided = config->lines.at[k].key == key && !config->lines.at[k].scope.inactive;
		if (decided)
			continue;
		s->state = KJ_STATE_NOT_COLLECTED;
		kj_setting_note(config->host, s, "/%s was not collected", SSHD_POLICY);
	}
}
