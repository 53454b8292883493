/* Secrets never reach a report: each pattern's first group is what is taken out. */
#include "eval/eval.h"

static const struct {
	const char *kind;
	const char *pattern; /* group 1: the secret */
} secrets[] = {
        /* crypt(5): $id$salt$hash, as in shadow, .htpasswd and router configurations */
        {"hash",
         "(\\$(?:1|2[abxy]?|5|6|7|8|9|14|y|gy|apr1|sha1|md5|argon2[a-z]*|scrypt|pbkdf2[-a-z0-9]*)\\$[^\\s:\"']+)"},
        {"hash", "\\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT)\\}([A-Za-z0-9+/=.$]{8,})"},
        {"key", "(-----BEGIN [A-Z ]*PRIVATE KEY-----.*)"},
        /* key = value, where the last word of the key names a secret */
        {"secret", "(?i)(?:^|[\\s,;{\"'_.-])(?:password|passwd|passphrase|secret|token|psk|api_?key|private_?key|"
                   "community)[\"']?\\s*[=:]\\s*"
                   "[\"']?([^\\s\"',;}]+)"},
        /* Cisco and its kin: the secret follows a type number or the word itself */
        {"secret",
         "(?i)\\b(?:enable secret|enable password|username \\S+ .*?(?:password|secret)|key-string|pre-shared-key|"
         "tacacs-server key|radius-server key)\\s+(?:\\d+\\s+)?(\\S+)"},
        {"community", "(?i)\\b(?:snmp-server community|rocommunity6?|rwcommunity6?|com2sec\\s+\\S+\\s+\\S+)\\s+(\\S+)"},
        {"secret", "(?i)\\bset (?:password|passwd|psksecret|secret) (?:ENC )?(\\S+)"},
        /* user:password@ in addresses */
        {"secret", "[a-z][a-z0-9+.-]*://[^\\s/:@]+:([^\\s/@]+)@"},
        {"key", "\\b((?:AKIA|ASIA)[A-Z0-9]{16})\\b"},
};
enum { SECRETS = sizeof secrets / sizeof *secrets };

struct kj_redactor {
	const struct kj_regex *pattern[SECRETS];
};

const struct kj_redactor *kj_redactor_new(struct kj_arena *arena, struct kj_regex_set *patterns)
{
	struct kj_redactor *redactor = KJ_NEW(arena, struct kj_redactor);
	struct kj_regex_error error;
	for (size_t i = 0; i < SECRETS; i++)
		redactor->pattern[i] = kj_regex_compile(patterns, kj_str_of(secrets[i].pattern), 0, &error);
	return redactor;
}

/* Where a pattern hits its limit nothing is known about the line, so nothing of it is shown. */
static kj_str redact_one(const struct kj_regex *regex, const char *kind, struct kj_regex_scratch *scratch,
                         struct kj_arena *arena, kj_str text)
{
	struct kj_buf out = KJ_BUF(arena);
	size_t from = 0;
	struct kj_match match;
	enum kj_regex_result result;
	while ((result = kj_regex_find(regex, scratch, text, from, &match)) == KJ_REGEX_YES) {
		size_t at = (size_t)(match.group[1].p - text.p);
		kj_buf_put(&out, (kj_str){text.p + from, at - from});
		kj_buf_fmt(&out, "[redacted:%s]", kind);
		from = at + match.group[1].n;
	}
	if (result == KJ_REGEX_LIMIT)
		return KJ_STR("[redacted:line]");
	if (from == 0)
		return text;
	kj_buf_put(&out, kj_str_from(text, from));
	return kj_buf_str(&out);
}

kj_str kj_redact(const struct kj_redactor *redactor, struct kj_regex_scratch *scratch, struct kj_arena *arena,
                 kj_str text)
{
	for (size_t i = 0; i < SECRETS; i++)
		text = redact_one(redactor->pattern[i], secrets[i].kind, scratch, arena, text);
	return text;
}
