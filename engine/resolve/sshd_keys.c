/* The keywords of sshd_config(5) with their defaults: keywords[] and fill_default_server_options of servconf.c. */
#include "resolve/sshd.h"
#include "resolve/sshd_values.h"

static const struct sshd_word yes_no[] = {{"yes", "yes"}, {"no", "no"}, {0}};
static const struct sshd_word rhosts[] = {{"yes", "yes"}, {"no", "no"}, {"shosts-only", "shosts-only"}, {0}};
static const struct sshd_word families[] = {{"inet", "inet"}, {"inet6", "inet6"}, {"any", "any"}, {0}};
static const struct sshd_word root_login[] = {{"without-password", "without-password"},
                                              {"prohibit-password", "without-password"},
                                              {"forced-commands-only", "forced-commands-only"},
                                              {"yes", "yes"},
                                              {"no", "no"},
                                              {0}};
static const struct sshd_word compression[] = {{"yes", "yes"}, {"delayed", "yes"}, {"no", "no"}, {0}};
static const struct sshd_word gateway[] = {{"clientspecified", "clientspecified"}, {"yes", "yes"}, {"no", "no"}, {0}};
static const struct sshd_word forwarding[] = {{"yes", "yes"},       {"all", "yes"},     {"no", "no"},
                                              {"remote", "remote"}, {"local", "local"}, {0}};
static const struct sshd_word facilities[] = {{"DAEMON", "DAEMON"},
                                              {"USER", "USER"},
                                              {"AUTH", "AUTH"},
                                              {"AUTHPRIV", "AUTHPRIV"},
                                              {"LOCAL0", "LOCAL0"},
                                              {"LOCAL1", "LOCAL1"},
                                              {"LOCAL2", "LOCAL2"},
                                              {"LOCAL3", "LOCAL3"},
                                              {"LOCAL4", "LOCAL4"},
                                              {"LOCAL5", "LOCAL5"},
                                              {"LOCAL6", "LOCAL6"},
                                              {"LOCAL7", "LOCAL7"},
                                              {0}};
static const struct sshd_word digests[] = {{"MD5", "MD5"},       {"SHA1", "SHA1"},     {"SHA256", "SHA256"},
                                           {"SHA384", "SHA384"}, {"SHA512", "SHA512"}, {0}};

static const enum sshd_list ciphers = SSHD_CIPHERS, macs = SSHD_MACS, kex = SSHD_KEX, signatures = SSHD_SIGNATURES,
                            ca = SSHD_CA;

#define FLAG(name, flags, preset)                                                                                      \
	{                                                                                                              \
		KJ_STR_INIT(name), {0}, sshd_read_word, flags, preset, yes_no, NULL                                    \
	}
#define WORD(name, words, flags, preset)                                                                               \
	{                                                                                                              \
		KJ_STR_INIT(name), {0}, sshd_read_word, flags, preset, words, NULL                                     \
	}
#define KEY(name, read, flags, preset)                                                                                 \
	{                                                                                                              \
		KJ_STR_INIT(name), {0}, read, flags, preset, NULL, NULL                                                \
	}
#define LIST(name, list, flags)                                                                                        \
	{                                                                                                              \
		KJ_STR_INIT(name), {0}, sshd_read_algorithms, flags, NULL, &(list), NULL                               \
	}
#define ALIAS(name, of, read, flags, with)                                                                             \
	{                                                                                                              \
		KJ_STR_INIT(name), KJ_STR_INIT(of), read, flags, NULL, with, NULL                                      \
	}
#define MUTE(name, flags)                                                                                              \
	{                                                                                                              \
		KJ_STR_INIT(name), {0}, sshd_read_any, (flags) | SSHD_MUTE, NULL, NULL, NULL                           \
	}
#define NEWER(name, since, flags)                                                                                      \
	{                                                                                                              \
		KJ_STR_INIT(name), {0}, sshd_read_text, flags, NULL, NULL, since                                       \
	}

/* In the order in which sshd -T prints them. */
static const struct sshd_key keys[] = {
        KEY("port", sshd_read_port, SSHD_GLOBAL | SSHD_GATHER | SSHD_MANY, "22"),
        WORD("addressfamily", families, SSHD_GLOBAL, "any"),
        KEY("listenaddress", sshd_read_listen, SSHD_GLOBAL | SSHD_GATHER | SSHD_MANY, NULL),
        FLAG("usepam", SSHD_GLOBAL, "no"),
        KEY("logingracetime", sshd_read_time, SSHD_GLOBAL, "120"),
        KEY("x11displayoffset", sshd_read_int, 0, "10"),
        KEY("maxauthtries", sshd_read_int, 0, "6"),
        KEY("maxsessions", sshd_read_int, 0, "10"),
        KEY("clientaliveinterval", sshd_read_time, 0, "0"),
        KEY("clientalivecountmax", sshd_read_int, 0, "3"),
        KEY("requiredrsasize", sshd_read_int, 0, "1024"),
        KEY("streamlocalbindmask", sshd_read_mask, SSHD_LAST, "0177"),
        KEY("unusedconnectiontimeout", sshd_read_unused, 0, "none"),
        WORD("permitrootlogin", root_login, 0, "without-password"),
        WORD("ignorerhosts", rhosts, 0, "yes"),
        FLAG("ignoreuserknownhosts", SSHD_GLOBAL, "no"),
        FLAG("hostbasedauthentication", 0, "no"),
        FLAG("hostbasedusesnamefrompacketonly", 0, "no"),
        FLAG("pubkeyauthentication", 0, "yes"),
        FLAG("kerberosauthentication", 0, "no"),
        FLAG("kerberosorlocalpasswd", SSHD_GLOBAL, "yes"),
        FLAG("kerberosticketcleanup", SSHD_GLOBAL, "yes"),
        FLAG("gssapiauthentication", 0, "no"),
        FLAG("gssapicleanupcredentials", SSHD_GLOBAL, "yes"),
        FLAG("gssapikeyexchange", 0, "no"),
        FLAG("gssapistrictacceptorcheck", SSHD_GLOBAL, "yes"),
        FLAG("gssapistorecredentialsonrekey", SSHD_GLOBAL, "no"),
        KEY("gssapikexalgorithms", sshd_read_text, SSHD_GLOBAL, NULL),
        FLAG("passwordauthentication", 0, "yes"),
        FLAG("kbdinteractiveauthentication", 0, "yes"),
        FLAG("printmotd", SSHD_GLOBAL, "yes"),
        FLAG("printlastlog", SSHD_GLOBAL, "yes"),
        FLAG("x11forwarding", 0, "no"),
        FLAG("x11uselocalhost", 0, "yes"),
        FLAG("permittty", 0, "yes"),
        FLAG("permituserrc", 0, "yes"),
        FLAG("strictmodes", SSHD_GLOBAL, "yes"),
        FLAG("tcpkeepalive", SSHD_GLOBAL, "yes"),
        FLAG("permitemptypasswords", 0, "no"),
        WORD("compression", compression, SSHD_GLOBAL, "yes"),
        WORD("gatewayports", gateway, 0, "no"),
        FLAG("usedns", SSHD_GLOBAL, "no"),
        WORD("allowtcpforwarding", forwarding, 0, "yes"),
        FLAG("allowagentforwarding", 0, "yes"),
        FLAG("disableforwarding", 0, "no"),
        WORD("allowstreamlocalforwarding", forwarding, 0, "yes"),
        FLAG("streamlocalbindunlink", 0, "no"),
        WORD("fingerprinthash", digests, SSHD_GLOBAL | SSHD_LAST, "SHA256"),
        FLAG("exposeauthinfo", 0, "no"),
        KEY("pidfile", sshd_read_file, SSHD_GLOBAL, "/run/sshd.pid"),
        KEY("modulifile", sshd_read_file, SSHD_GLOBAL, "/etc/ssh/moduli"),
        KEY("xauthlocation", sshd_read_file, SSHD_GLOBAL, "/usr/bin/xauth"),
        LIST("ciphers", ciphers, SSHD_GLOBAL),
        LIST("macs", macs, SSHD_GLOBAL),
        KEY("banner", sshd_read_file, 0, "none"),
        KEY("forcecommand", sshd_read_raw, 0, "none"),
        KEY("chrootdirectory", sshd_read_text_or_none, 0, "none"),
        KEY("trustedusercakeys", sshd_read_file, 0, "none"),
        KEY("revokedkeys", sshd_read_file, 0, "none"),
        KEY("securitykeyprovider", sshd_read_provider, SSHD_GLOBAL, "internal"),
        KEY("authorizedprincipalsfile", sshd_read_text_or_none, 0, "none"),
        KEY("versionaddendum", sshd_read_raw, SSHD_GLOBAL, "none"),
        KEY("authorizedkeyscommand", sshd_read_command, 0, "none"),
        KEY("authorizedkeyscommanduser", sshd_read_text, 0, "none"),
        KEY("authorizedprincipalscommand", sshd_read_command, 0, "none"),
        KEY("authorizedprincipalscommanduser", sshd_read_text, 0, "none"),
        KEY("hostkeyagent", sshd_read_agent, SSHD_GLOBAL, "none"),
        LIST("kexalgorithms", kex, SSHD_GLOBAL),
        LIST("casignaturealgorithms", ca, 0),
        LIST("hostbasedacceptedalgorithms", signatures, 0),
        LIST("hostkeyalgorithms", signatures, SSHD_GLOBAL),
        LIST("pubkeyacceptedalgorithms", signatures, 0),
        KEY("loglevel", sshd_read_level, 0, "INFO"),
        WORD("syslogfacility", facilities, SSHD_GLOBAL, "AUTH"),
        KEY("authorizedkeysfile", sshd_read_key_files, 0, ".ssh/authorized_keys .ssh/authorized_keys2"),
        KEY("hostkey", sshd_read_host_key, SSHD_GLOBAL | SSHD_GATHER | SSHD_MANY, NULL),
        KEY("hostcertificate", sshd_read_file, SSHD_GLOBAL | SSHD_GATHER | SSHD_MANY, NULL),
        KEY("allowusers", sshd_read_users, SSHD_GATHER | SSHD_MANY, NULL),
        KEY("denyusers", sshd_read_users, SSHD_GATHER | SSHD_MANY, NULL),
        KEY("allowgroups", sshd_read_words, SSHD_GATHER | SSHD_MANY, NULL),
        KEY("denygroups", sshd_read_words, SSHD_GATHER | SSHD_MANY, NULL),
        KEY("acceptenv", sshd_read_accept_env, SSHD_GATHER | SSHD_MANY, NULL),
        KEY("setenv", sshd_read_set_env, SSHD_MANY, NULL),
        KEY("authenticationmethods", sshd_read_methods, 0, "any"),
        KEY("logverbose", sshd_read_log_verbose, 0, NULL),
        KEY("channeltimeout", sshd_read_channel_timeout, 0, NULL),
        KEY("subsystem", sshd_read_subsystem, SSHD_GLOBAL | SSHD_GATHER | SSHD_MANY, NULL),
        KEY("maxstartups", sshd_read_max_startups, SSHD_GLOBAL | SSHD_LAST, "10:30:100"),
        KEY("persourcemaxstartups", sshd_read_per_source, SSHD_GLOBAL | SSHD_LAST, "none"),
        KEY("persourcenetblocksize", sshd_read_net_block, SSHD_GLOBAL | SSHD_LAST, "32:128"),
        KEY("permittunnel", sshd_read_tunnel, 0, "no"),
        KEY("ipqos", sshd_read_ipqos, SSHD_LAST, NULL),
        KEY("rekeylimit", sshd_read_rekey, 0, "0 0"),
        KEY("permitopen", sshd_read_permit, 0, "any"),
        KEY("permitlisten", sshd_read_permit, 0, "any"),
        KEY("permituserenvironment", sshd_read_text, SSHD_GLOBAL, "no"),
        KEY("pubkeyauthoptions", sshd_read_key_options, 0, "none"),
        /* other names */
        ALIAS("hostdsakey", "hostkey", sshd_read_host_key, SSHD_GLOBAL | SSHD_GATHER | SSHD_MANY, NULL),
        ALIAS("dsaauthentication", "pubkeyauthentication", sshd_read_word, SSHD_GLOBAL, yes_no),
        ALIAS("keepalive", "tcpkeepalive", sshd_read_word, SSHD_GLOBAL, yes_no),
        ALIAS("challengeresponseauthentication", "kbdinteractiveauthentication", sshd_read_word, 0, yes_no),
        ALIAS("skeyauthentication", "kbdinteractiveauthentication", sshd_read_word, 0, yes_no),
        ALIAS("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms", sshd_read_algorithms, 0, &signatures),
        ALIAS("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms", sshd_read_algorithms, 0, &signatures),
        ALIAS("gssapicleanupcreds", "gssapicleanupcredentials", sshd_read_word, SSHD_GLOBAL, yes_no),
        ALIAS("rsaminsize", "requiredrsasize", sshd_read_int, 0, NULL), /* Red Hat's name for it */
        /* without effect: deprecated, ignored, or not built */
        MUTE("debianbanner", SSHD_GLOBAL),
        MUTE("protocol", SSHD_GLOBAL),
        MUTE("serverkeybits", SSHD_GLOBAL),
        MUTE("keyregenerationinterval", SSHD_GLOBAL),
        MUTE("rhostsauthentication", SSHD_GLOBAL),
        MUTE("rhostsrsaauthentication", 0),
        MUTE("rsaauthentication", 0),
        MUTE("pamauthenticationviakbdint", SSHD_GLOBAL),
        MUTE("kerberosgetafstoken", SSHD_GLOBAL),
        MUTE("kerberostgtpassing", SSHD_GLOBAL),
        MUTE("afstokenpassing", SSHD_GLOBAL),
        MUTE("checkmail", SSHD_GLOBAL),
        MUTE("uselogin", SSHD_GLOBAL),
        MUTE("verifyreversemapping", SSHD_GLOBAL),
        MUTE("reversemappingcheck", SSHD_GLOBAL),
        MUTE("authorizedkeysfile2", 0),
        MUTE("useprivilegeseparation", SSHD_GLOBAL),
        MUTE("gssusesessionccache", SSHD_GLOBAL),
        MUTE("gssapiusesessioncredcache", SSHD_GLOBAL),
        /* patches of Red Hat */
        MUTE("gssapienablek5users", 0),
        MUTE("kerberosusekuserok", 0),
        MUTE("kerberosuniqueccache", SSHD_GLOBAL),
        MUTE("gssapidelegatecredentials", 0),
        MUTE("showpatchlevel", SSHD_GLOBAL),
        /* OpenSSH refuses it on Linux; kept so that the refusal says why */
        KEY("rdomain", sshd_read_refused, SSHD_MUTE, NULL),
        /* later than 9.2 */
        NEWER("persourcepenalties", "9.8", SSHD_GLOBAL),
        NEWER("persourcepenaltyexemptlist", "9.8", SSHD_GLOBAL),
        NEWER("sshdsessionpath", "9.8", SSHD_GLOBAL),
        NEWER("sshdauthpath", "9.9", SSHD_GLOBAL),
        NEWER("refuseconnection", "9.9", 0),
};

const struct sshd_key *sshd_keys(size_t *n)
{
	*n = sizeof keys / sizeof *keys;
	return keys;
}

kj_str sshd_key_name(const struct sshd_key *key)
{
	return key->printed.n ? key->printed : key->name;
}

const struct sshd_key *sshd_key_find(kj_str keyword)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (kj_str_eq_fold(keys[i].name, keyword))
			return &keys[i];
	return NULL;
}
