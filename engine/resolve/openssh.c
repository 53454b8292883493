/* Which OpenSSH is at work, and what it knows. */
#include "resolve/openssh.h"

#include "resolve/packages.h"

static bool is_like(const struct kj_export *export, kj_str distro)
{
	kj_str like = export->distro_like, word;
	if (kj_str_eq(export->distro, distro))
		return true;
	while (kj_str_word(&like, &word))
		if (kj_str_eq(word, distro))
			return true;
	return false;
}

/* `ssh -V`: "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 …" */
static kj_str printed_version(struct kj_host *host)
{
	static const kj_str commands[] = {KJ_STR_INIT("sshd -V"), KJ_STR_INIT("ssh -V")};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct kj_artifact *output = kj_export_command(host->export, commands[i]);
		if (output->state != KJ_ARTIFACT_OK)
			continue;
		kj_str after = KJ_STR("OpenSSH_"), text = output->text.bytes;
		size_t at = kj_str_find_str(text, after);
		kj_str version = at < text.n ? kj_str_from(text, at + after.n) : KJ_STR("");
		size_t n = 0;
		while (n < version.n && (kj_is_digit(version.p[n]) || version.p[n] == '.'))
			n++;
		if (n)
			return kj_str_upto(version, n);
	}
	return KJ_STR("");
}

struct openssh_build openssh_build_of(struct kj_host *host, const char *const *packages)
{
	static const struct kj_release releases[] = {
	        {"debian", "13", "10.0", false},   {"debian", "12", "9.2", false},    {"debian", "11", "8.4", false},
	        {"debian", "10", "7.9", false},    {"ubuntu", "24.04", "9.6", false}, {"ubuntu", "22.04", "8.9", false},
	        {"ubuntu", "20.04", "8.2", false}, {"ubuntu", "18.04", "7.6", false}, {"rhel", "10", "9.9", true},
	        {"rhel", "9", "8.7", true},        {"rhel", "8", "8.0", true},        {"rhel", "7", "7.4", true},
	        {"amzn", "2023", "8.7", false},
	};
	struct openssh_build build = {.host = host};
	kj_str version = KJ_STR("");
	for (; *packages && !version.n; packages++)
		version = kj_package_version(host, kj_str_of(*packages));
	if (!version.n)
		version = printed_version(host);
	if (!version.n)
		version = kj_release_version(host->export, releases, sizeof releases / sizeof *releases);
	build.version = kj_str_upto(version, kj_str_find(version, 'p'));
	build.debian = is_like(host->export, KJ_STR("debian")) || is_like(host->export, KJ_STR("ubuntu"));
	build.redhat = is_like(host->export, KJ_STR("rhel")) || is_like(host->export, KJ_STR("fedora")) ||
	               is_like(host->export, KJ_STR("centos"));
	return build;
}

bool openssh_older(const struct openssh_build *build, const char *version)
{
	return build->version.n && kj_version_cmp(build->version, kj_str_of(version)) < 0;
}

kj_str openssh_key_name(const struct openssh_key *key)
{
	return key->printed.n ? key->printed : key->name;
}

static bool has_patches(const struct openssh_build *build, enum openssh_vendor vendor)
{
	bool unknown = !build->host->export->distro.n;
	switch (vendor) {
	case OPENSSH_ANY:
		break;
	case OPENSSH_DEBIAN:
		return build->debian || unknown;
	case OPENSSH_REDHAT:
		return build->redhat || unknown;
	case OPENSSH_PATCHED:
		return build->debian || build->redhat || unknown;
	}
	return true;
}

/* Red Hat takes keywords of later versions over: Include into RHEL 8's 8.0, RequiredRSASize into RHEL 9's 8.7. */
static bool is_backport(const struct openssh_build *build, kj_str name)
{
	return build->redhat && (kj_str_eq(name, KJ_STR("include")) || kj_str_eq(name, KJ_STR("requiredrsasize")));
}

bool openssh_key_known(const struct openssh_build *build, const struct openssh_key *key)
{
	if (!has_patches(build, key->vendor))
		return false;
	if (key->since && openssh_older(build, key->since) && !is_backport(build, key->name))
		return false;
	return !key->until || openssh_older(build, key->until);
}

const struct openssh_key *openssh_key_find(const struct openssh_keys *keys, const struct openssh_build *build,
                                           kj_str keyword)
{
	for (size_t i = 0; i < keys->n; i++)
		if (kj_str_eq_fold(keys->at[i].name, keyword) && openssh_key_known(build, &keys->at[i]))
			return &keys->at[i];
	return NULL;
}

bool openssh_key_shown(const struct openssh_keys *keys, const struct openssh_build *build,
                       const struct openssh_key *key)
{
	/* of an unknown version, what came lately is not claimed */
	if (!build->version.n && key->since && kj_version_cmp(kj_str_of(key->since), KJ_STR("9.2")) > 0)
		return false;
	if (openssh_key_known(build, key))
		return true;
	bool renamed = key->since && !openssh_key_find(keys, build, key->name);
	for (size_t i = 0; renamed && i < keys->n; i++)
		if (kj_str_eq(keys->at[i].printed, key->name) && openssh_key_known(build, &keys->at[i]))
			return true;
	return false;
}

/* ---- arguments ---- */

bool openssh_reads_words(const struct openssh_build *build)
{
	return openssh_older(build, "8.7");
}

/* Until 8.7 an argument was a word as the keyword is, and in sshd_config a # began a comment wherever it stood. */
static struct openssh_args words_of(const struct openssh_build *build, kj_str keyword, kj_str raw)
{
	struct kj_arena *arena = build->host->arena;
	KJ_VEC(kj_str) list = {0};
	if (!build->client)
		raw = kj_str_trim_right(kj_str_upto(raw, kj_str_find(raw, '#')));
	bool variables = !build->client && kj_str_eq_fold(keyword, KJ_STR("setenv"));
	kj_str rest = raw, word;
	while (rest.n && (variables ? kj_str_word(&rest, &word) : kj_directive_word(arena, &rest, &word) && word.n))
		KJ_PUSH(arena, &list, word);
	return (struct openssh_args){raw, list.at, list.n};
}

struct openssh_args openssh_args_of(const struct openssh_build *build, const struct kj_rows *rows,
                                    const struct kj_row *row)
{
	struct openssh_args args = {.raw = kj_row_cell(rows, row, KJ_STR("raw"))};
	kj_str list = kj_row_cell(rows, row, KJ_STR("args"));
	if (openssh_reads_words(build))
		return words_of(build, kj_row_cell(rows, row, KJ_STR("key")), args.raw);
	/* an empty list cell is either no argument or one that is empty: "" */
	if (list.n || !args.raw.n || args.raw.p[0] == '#') {
		args.n = kj_cell_items(build->host->arena, list, &args.arg);
	} else {
		args.arg = KJ_NEW(build->host->arena, kj_str);
		args.n = 1;
	}
	return args;
}

static bool is_criterion(kj_str name, const char *const *known)
{
	if (name.n && name.p[0] == '!')
		name = kj_str_from(name, 1);
	for (; *known; known++)
		if (kj_str_eq_fold(name, kj_str_of(*known)))
			return true;
	return false;
}

/* Until 9.9 criteria were read like keywords, with a `=` or blanks before their value. From 9.9 they are arguments;
   10.0 takes user=bob too. */
struct openssh_args openssh_criteria(const struct openssh_build *build, struct openssh_args args,
                                     const char *const *known)
{
	struct kj_arena *arena = build->host->arena;
	KJ_VEC(kj_str) list = {0};
	kj_str rest = kj_str_trim_left(args.raw), word;
	bool words = openssh_older(build, "9.9");
	for (; words && rest.n && kj_directive_word(arena, &rest, &word); rest = kj_str_trim_left(rest))
		KJ_PUSH(arena, &list, word);
	for (size_t i = 0; !words && i < args.n; i++) {
		size_t equals = kj_str_find(args.arg[i], '=');
		kj_str name = kj_str_upto(args.arg[i], equals);
		bool both = equals < args.arg[i].n && !openssh_older(build, "10.0") && is_criterion(name, known);
		KJ_PUSH(arena, &list, both ? name : args.arg[i]);
		if (both)
			KJ_PUSH(arena, &list, kj_str_from(args.arg[i], equals + 1));
	}
	return (struct openssh_args){args.raw, list.at, list.n};
}
