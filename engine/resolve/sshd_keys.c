/* The keywords of sshd_config(5) with their defaults: keywords[] and fill_default_server_options of servconf.c. */
#include "resolve/openssh_values.h"
#include "resolve/sshd.h"

static const struct openssh_word yes_no[] = {{"yes", "yes"}, {"no", "no"}, {0}};
static const struct openssh_word rhosts[] = {{"yes", "yes"}, {"no", "no"}, {"shosts-only", "shosts-only"}, {0}};
static const struct openssh_word families[] = {{"inet", "inet"}, {"inet6", "inet6"}, {"any", "any"}, {0}};
static const struct openssh_word root_login[] = {{"without-password", "without-password"},
                                                 {"prohibit-password", "without-password"},
                                                 {"forced-commands-only", "forced-commands-only"},
                                                 {"yes", "yes"},
                                                 {"no", "no"},
                                                 {0}};
static const struct openssh_word compression[] = {{"yes", "yes"}, {"delayed", "yes"}, {"no", "no"}, {0}};
static const struct openssh_word gateway[] = {
        {"clientspecified", "clientspecified"}, {"yes", "yes"}, {"no", "no"}, {0}};
static const struct openssh_word forwarding[] = {{"yes", "yes"},       {"all", "yes"},     {"no", "no"},
                                                 {"remote", "remote"}, {"local", "local"}, {0}};
static const struct openssh_word facilities[] = {{"DAEMON", "DAEMON"},
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
static const struct openssh_word digests[] = {{"MD5", "MD5"},       {"SHA1", "SHA1"},     {"SHA256", "SHA256"},
                                              {"SHA384", "SHA384"}, {"SHA512", "SHA512"}, {0}};

static const enum openssh_list ciphers = OPENSSH_CIPHERS, macs = OPENSSH_MACS, kex = OPENSSH_KEX,
                               signatures = OPENSSH_SIGNATURES, ca = OPENSSH_CA;

/* What a row says; the versions and vendors that know the keyword are added where not all do. */
#define WORD(word, words, how, value)                                                                                  \
	.name = KJ_STR_INIT(word), .read = openssh_read_word, .flags = how, .preset = value, .with = words
#define FLAG(word, how, value)        WORD(word, yes_no, how, value)
#define KEY(word, reader, how, value) .name = KJ_STR_INIT(word), .read = reader, .flags = how, .preset = value
#define LIST(word, list, how)         .name = KJ_STR_INIT(word), .read = openssh_read_algorithms, .flags = how, .with = &(list)
#define ALIAS(word, of, reader, how, args)                                                                             \
	.name = KJ_STR_INIT(word), .printed = KJ_STR_INIT(of), .read = reader, .flags = how, .with = args
#define MUTE(word, how) .name = KJ_STR_INIT(word), .read = openssh_read_any, .flags = (how) | OPENSSH_MUTE

/* The whole of it, since 9.8. */
#define PENALTIES                                                                                                      \
	"crash:90 authfail:5 noauth:1 grace-exceeded:10 refuseconnection:10 max:600 min:15 max-sources4:65536 "        \
	"max-sources6:65536 overflow:permissive overflow6:permissive"

/* In the order in which sshd -T prints them. */
static const struct openssh_key keys[] = {
        {KEY("port", openssh_read_port, OPENSSH_GLOBAL | OPENSSH_GATHER | OPENSSH_MANY, "22")},
        {WORD("addressfamily", families, OPENSSH_GLOBAL, "any")},
        {KEY("listenaddress", openssh_read_listen, OPENSSH_GLOBAL | OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {FLAG("usepam", OPENSSH_GLOBAL, "no")},
        {KEY("logingracetime", openssh_read_time, OPENSSH_GLOBAL, "120")},
        {KEY("x11displayoffset", openssh_read_int, 0, "10")},
        {KEY("maxauthtries", openssh_read_int, 0, "6")},
        {KEY("maxsessions", openssh_read_int, 0, "10")},
        {KEY("clientaliveinterval", openssh_read_time, 0, "0")},
        {KEY("clientalivecountmax", openssh_read_int, 0, "3")},
        {KEY("requiredrsasize", openssh_read_int, 0, "1024"), .since = "9.1"},
        {KEY("streamlocalbindmask", openssh_read_mask, OPENSSH_LAST, "0177")},
        {KEY("unusedconnectiontimeout", openssh_read_unused, 0, "none"), .since = "9.2"},
        {WORD("permitrootlogin", root_login, 0, "without-password")},
        {WORD("ignorerhosts", rhosts, 0, "yes"), .since = "8.3"},
        {FLAG("ignorerhosts", OPENSSH_GLOBAL, "yes"), .until = "8.3"},
        {FLAG("ignoreuserknownhosts", OPENSSH_GLOBAL, "no")},
        {FLAG("hostbasedauthentication", 0, "no")},
        {FLAG("hostbasedusesnamefrompacketonly", 0, "no")},
        {FLAG("pubkeyauthentication", 0, "yes")},
        {FLAG("kerberosauthentication", 0, "no")},
        {FLAG("kerberosorlocalpasswd", OPENSSH_GLOBAL, "yes")},
        {FLAG("kerberosticketcleanup", OPENSSH_GLOBAL, "yes")},
        {FLAG("gssapiauthentication", 0, "no")},
        {FLAG("gssapicleanupcredentials", OPENSSH_GLOBAL, "yes")},
        {FLAG("gssapikeyexchange", 0, "no"), .vendor = OPENSSH_PATCHED},
        {FLAG("gssapistrictacceptorcheck", OPENSSH_GLOBAL, "yes")},
        {FLAG("gssapistorecredentialsonrekey", OPENSSH_GLOBAL, "no"), .vendor = OPENSSH_PATCHED},
        {KEY("gssapikexalgorithms", openssh_read_text, OPENSSH_GLOBAL, NULL), .vendor = OPENSSH_PATCHED},
        {FLAG("passwordauthentication", 0, "yes")},
        {FLAG("kbdinteractiveauthentication", 0, "yes"), .since = "8.7"},
        {FLAG("kbdinteractiveauthentication", 0, "no"), .until = "8.7"},
        {FLAG("challengeresponseauthentication", OPENSSH_GLOBAL, "yes"), .until = "8.7"},
        {FLAG("printmotd", OPENSSH_GLOBAL, "yes")},
        {FLAG("printlastlog", OPENSSH_GLOBAL, "yes")},
        {FLAG("x11forwarding", 0, "no")},
        {FLAG("x11uselocalhost", 0, "yes")},
        {FLAG("permittty", 0, "yes")},
        {FLAG("permituserrc", 0, "yes")},
        {FLAG("strictmodes", OPENSSH_GLOBAL, "yes")},
        {FLAG("tcpkeepalive", OPENSSH_GLOBAL, "yes")},
        {FLAG("permitemptypasswords", 0, "no")},
        {WORD("compression", compression, OPENSSH_GLOBAL, "yes")},
        {WORD("gatewayports", gateway, 0, "no")},
        {FLAG("usedns", OPENSSH_GLOBAL, "no")},
        {WORD("allowtcpforwarding", forwarding, 0, "yes")},
        {FLAG("allowagentforwarding", 0, "yes")},
        {FLAG("disableforwarding", 0, "no")},
        {WORD("allowstreamlocalforwarding", forwarding, 0, "yes")},
        {FLAG("streamlocalbindunlink", 0, "no")},
        {WORD("fingerprinthash", digests, OPENSSH_GLOBAL | OPENSSH_LAST, "SHA256")},
        {FLAG("exposeauthinfo", 0, "no"), .since = "7.6"},
        {KEY("pidfile", openssh_read_file, OPENSSH_GLOBAL, "/run/sshd.pid")},
        {KEY("modulifile", openssh_read_file, OPENSSH_GLOBAL, "/etc/ssh/moduli"), .since = "8.6"},
        {KEY("xauthlocation", openssh_read_file, OPENSSH_GLOBAL, "/usr/bin/xauth")},
        {LIST("ciphers", ciphers, OPENSSH_GLOBAL)},
        {LIST("macs", macs, OPENSSH_GLOBAL)},
        {KEY("banner", openssh_read_file, 0, "none")},
        {KEY("forcecommand", openssh_read_raw, 0, "none")},
        {KEY("chrootdirectory", openssh_read_text_or_none, 0, "none")},
        {KEY("trustedusercakeys", openssh_read_file, 0, "none")},
        {KEY("revokedkeys", openssh_read_file, 0, "none")},
        {KEY("securitykeyprovider", openssh_read_provider, OPENSSH_GLOBAL, "internal"), .since = "8.2"},
        {KEY("authorizedprincipalsfile", openssh_read_text_or_none, 0, "none")},
        {KEY("versionaddendum", openssh_read_raw, OPENSSH_GLOBAL, "none")},
        {KEY("authorizedkeyscommand", openssh_read_command, 0, "none")},
        {KEY("authorizedkeyscommanduser", openssh_read_text, 0, "none")},
        {KEY("authorizedprincipalscommand", openssh_read_command, 0, "none")},
        {KEY("authorizedprincipalscommanduser", openssh_read_text, 0, "none")},
        {KEY("hostkeyagent", openssh_read_agent, OPENSSH_GLOBAL, "none")},
        {LIST("kexalgorithms", kex, OPENSSH_GLOBAL)},
        {LIST("casignaturealgorithms", ca, 0), .since = "7.9"},
        {LIST("hostbasedacceptedalgorithms", signatures, 0), .since = "8.5"},
        {LIST("hostkeyalgorithms", signatures, OPENSSH_GLOBAL)},
        {LIST("pubkeyacceptedalgorithms", signatures, 0), .since = "8.5"},
        {KEY("loglevel", openssh_read_level, 0, "INFO")},
        {WORD("syslogfacility", facilities, OPENSSH_GLOBAL, "AUTH")},
        {KEY("authorizedkeysfile", openssh_read_key_files, 0, ".ssh/authorized_keys .ssh/authorized_keys2")},
        {KEY("hostkey", openssh_read_host_key, OPENSSH_GLOBAL | OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("hostcertificate", openssh_read_file, OPENSSH_GLOBAL | OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("allowusers", openssh_read_users, OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("denyusers", openssh_read_users, OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("allowgroups", openssh_read_words, OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("denygroups", openssh_read_words, OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("acceptenv", openssh_read_accept_env, OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("setenv", openssh_read_set_env, OPENSSH_MANY, NULL), .since = "7.8"},
        {KEY("authenticationmethods", openssh_read_methods, 0, "any")},
        {KEY("logverbose", openssh_read_log_verbose, 0, NULL), .since = "8.5"},
        {KEY("channeltimeout", openssh_read_channel_timeout, 0, "none"), .since = "9.3"},
        {KEY("channeltimeout", openssh_read_channel_timeout, 0, NULL), .since = "9.2", .until = "9.3"},
        {KEY("subsystem", openssh_read_subsystem, OPENSSH_GLOBAL | OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {KEY("maxstartups", openssh_read_max_startups, OPENSSH_GLOBAL | OPENSSH_LAST, "10:30:100")},
        {KEY("persourcemaxstartups", openssh_read_per_source, OPENSSH_GLOBAL | OPENSSH_LAST, "none"), .since = "8.5",
         .until = "9.5"},
        {KEY("persourcemaxstartups", openssh_read_per_source, OPENSSH_GLOBAL, "none"), .since = "9.5"},
        {KEY("persourcenetblocksize", openssh_read_net_block, OPENSSH_GLOBAL | OPENSSH_LAST, "32:128"), .since = "8.5"},
        {KEY("permittunnel", openssh_read_tunnel, 0, "no")},
        {KEY("ipqos", openssh_read_ipqos, OPENSSH_LAST, NULL)},
        {KEY("rekeylimit", openssh_read_rekey, 0, "0 0")},
        {KEY("permitopen", openssh_read_permit, 0, "any")},
        {KEY("permitlisten", openssh_read_permit, 0, "any"), .since = "7.8"},
        {KEY("permituserenvironment", openssh_read_text, OPENSSH_GLOBAL, "no")},
        {KEY("pubkeyauthoptions", openssh_read_key_options, 0, "none"), .since = "8.2"},
        {KEY("persourcepenalties", openssh_read_words, OPENSSH_GLOBAL, PENALTIES), .since = "9.8"},
        {KEY("persourcepenaltyexemptlist", openssh_read_text, OPENSSH_GLOBAL, "none"), .since = "9.8"},
        {KEY("sshdsessionpath", openssh_read_file, OPENSSH_GLOBAL, NULL), .since = "9.8"},
        {KEY("sshdauthpath", openssh_read_file, OPENSSH_GLOBAL, NULL), .since = "10.0"},
        {FLAG("refuseconnection", 0, "no"), .since = "9.9"},
        {KEY("pamservicename", openssh_read_text, 0, "sshd"), .since = "9.8"},
        /* other names */
        {ALIAS("hostdsakey", "hostkey", openssh_read_host_key, OPENSSH_GLOBAL | OPENSSH_GATHER | OPENSSH_MANY, NULL)},
        {ALIAS("dsaauthentication", "pubkeyauthentication", openssh_read_word, OPENSSH_GLOBAL, yes_no)},
        {ALIAS("keepalive", "tcpkeepalive", openssh_read_word, OPENSSH_GLOBAL, yes_no)},
        {ALIAS("challengeresponseauthentication", "kbdinteractiveauthentication", openssh_read_word, 0, yes_no),
         .since = "8.7"},
        {ALIAS("skeyauthentication", "kbdinteractiveauthentication", openssh_read_word, 0, yes_no), .since = "8.7"},
        {ALIAS("hostbasedacceptedkeytypes", "hostbasedacceptedalgorithms", openssh_read_algorithms, 0, &signatures)},
        {ALIAS("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms", openssh_read_algorithms, 0, &signatures)},
        {ALIAS("gssapicleanupcreds", "gssapicleanupcredentials", openssh_read_word, OPENSSH_GLOBAL, yes_no),
         .vendor = OPENSSH_PATCHED},
        {ALIAS("rsaminsize", "requiredrsasize", openssh_read_int, 0, NULL),
         .vendor = OPENSSH_REDHAT}, /* Red Hat's name for it */
        /* without effect: deprecated, ignored, or not built */
        {MUTE("skeyauthentication", OPENSSH_GLOBAL), .until = "8.7"},
        {MUTE("debianbanner", OPENSSH_GLOBAL), .vendor = OPENSSH_DEBIAN},
        {MUTE("include", 0), .since = "8.2"}, /* read before it comes here */
        {MUTE("protocol", OPENSSH_GLOBAL)},
        {MUTE("serverkeybits", OPENSSH_GLOBAL)},
        {MUTE("keyregenerationinterval", OPENSSH_GLOBAL)},
        {MUTE("rhostsauthentication", OPENSSH_GLOBAL)},
        {MUTE("rhostsrsaauthentication", 0)},
        {MUTE("rsaauthentication", 0)},
        {MUTE("pamauthenticationviakbdint", OPENSSH_GLOBAL)},
        {MUTE("kerberosgetafstoken", OPENSSH_GLOBAL)},
        {MUTE("kerberostgtpassing", OPENSSH_GLOBAL)},
        {MUTE("afstokenpassing", OPENSSH_GLOBAL)},
        {MUTE("checkmail", OPENSSH_GLOBAL)},
        {MUTE("uselogin", OPENSSH_GLOBAL)},
        {MUTE("verifyreversemapping", OPENSSH_GLOBAL)},
        {MUTE("reversemappingcheck", OPENSSH_GLOBAL)},
        {MUTE("authorizedkeysfile2", 0)},
        {MUTE("useprivilegeseparation", OPENSSH_GLOBAL)},
        {MUTE("gssusesessionccache", OPENSSH_GLOBAL), .vendor = OPENSSH_PATCHED},
        {MUTE("gssapiusesessioncredcache", OPENSSH_GLOBAL), .vendor = OPENSSH_PATCHED},
        /* patches of Red Hat */
        {MUTE("gssapienablek5users", 0), .vendor = OPENSSH_REDHAT},
        {MUTE("kerberosusekuserok", 0), .vendor = OPENSSH_REDHAT},
        {MUTE("kerberosuniqueccache", OPENSSH_GLOBAL), .vendor = OPENSSH_REDHAT},
        {MUTE("gssapidelegatecredentials", 0), .vendor = OPENSSH_REDHAT},
        {MUTE("showpatchlevel", OPENSSH_GLOBAL), .vendor = OPENSSH_REDHAT},
        /* OpenSSH refuses it on Linux; kept so that the refusal says why */
        {KEY("rdomain", openssh_read_refused, OPENSSH_MUTE, NULL)},
};

const struct openssh_keys sshd_keys = {keys, sizeof keys / sizeof *keys};
