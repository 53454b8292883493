/* The algorithm lists of sshd: the defaults of each version (myproposal.h), and what +, - and ^ make of them
   (kex_assemble_names of kex.c). */
#include "resolve/openssh.h"

/* The versions at which a default changed, oldest first. */
static const struct {
	enum openssh_list list;
	const char *since;
	const char *names;
} defaults[] = {
        {OPENSSH_CIPHERS, "7.4",
         "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,"
         "aes256-gcm@openssh.com"},
        {OPENSSH_CIPHERS, "10.0",
         "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,"
         "aes192-ctr,aes256-ctr"},
        {OPENSSH_MACS, "7.4",
         "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
         "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
         "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"},
        {OPENSSH_KEX, "7.4",
         "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
         "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
         "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1"},
        {OPENSSH_KEX, "8.2",
         "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
         "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
         "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"},
        {OPENSSH_KEX, "8.9",
         "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
         "ecdh-sha2-nistp521,sntrup761x25519-sha512@openssh.com,"
         "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
         "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"},
        {OPENSSH_KEX, "9.0",
         "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,"
         "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
         "diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
         "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"},
        {OPENSSH_KEX, "9.9",
         "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,"
         "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
         "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
         "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"},
        {OPENSSH_KEX, "10.0",
         "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
         "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
         "ecdh-sha2-nistp521"},
        {OPENSSH_SIGNATURES, "7.4",
         "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,"
         "ecdsa-sha2-nistp521-cert-v01@openssh.com,ssh-ed25519-cert-v01@openssh.com,"
         "ssh-rsa-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
         "ecdsa-sha2-nistp521,ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
        {OPENSSH_SIGNATURES, "7.9",
         "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,"
         "ecdsa-sha2-nistp521-cert-v01@openssh.com,ssh-ed25519-cert-v01@openssh.com,"
         "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
         "ssh-rsa-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
         "ecdsa-sha2-nistp521,ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
        {OPENSSH_SIGNATURES, "8.2",
         "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,"
         "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,"
         "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
         "ssh-rsa-cert-v01@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
         "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,"
         "sk-ssh-ed25519@openssh.com,rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
        {OPENSSH_SIGNATURES, "8.5",
         "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
         "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
         "ssh-rsa-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
         "ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
         "rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
        {OPENSSH_SIGNATURES, "8.8",
         "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
         "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,"
         "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,"
         "sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"},
        {OPENSSH_SIGNATURES, "10.5",
         "ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521-cert-v01@openssh.com,"
         "sk-ssh-ed25519-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
         "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,rsa-sha2-512-cert-v01@openssh.com,"
         "rsa-sha2-256-cert-v01@openssh.com,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
         "ecdsa-sha2-nistp521,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
         "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"},
        {OPENSSH_CA, "7.9",
         "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-ed25519,rsa-sha2-512,"
         "rsa-sha2-256,ssh-rsa"},
        {OPENSSH_CA, "8.2",
         "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
         "sk-ecdsa-sha2-nistp256@openssh.com,ssh-ed25519,sk-ssh-ed25519@openssh.com,rsa-sha2-512,"
         "rsa-sha2-256"},
        {OPENSSH_CA, "8.5",
         "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
         "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"},
        {OPENSSH_CA, "10.5",
         "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
         "sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
         "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,rsa-sha2-512,rsa-sha2-256"},
};

/* What 9.2 knows, in the order of `ssh -Q`: patterns pick from it in that order. */
static const char *const known[OPENSSH_LISTS] = {
        [OPENSSH_CIPHERS] = "3des-cbc,aes128-cbc,aes192-cbc,aes256-cbc,aes128-ctr,aes192-ctr,aes256-ctr,"
                            "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com",
        [OPENSSH_MACS] = "hmac-sha1,hmac-sha1-96,hmac-sha2-256,hmac-sha2-512,hmac-md5,hmac-md5-96,"
                         "umac-64@openssh.com,umac-128@openssh.com,hmac-sha1-etm@openssh.com,"
                         "hmac-sha1-96-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
                         "hmac-sha2-512-etm@openssh.com,hmac-md5-etm@openssh.com,hmac-md5-96-etm@openssh.com,"
                         "umac-64-etm@openssh.com,umac-128-etm@openssh.com",
        [OPENSSH_KEX] = "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group14-sha256,"
                        "diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
                        "diffie-hellman-group-exchange-sha1,diffie-hellman-group-exchange-sha256,"
                        "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,curve25519-sha256,"
                        "curve25519-sha256@libssh.org,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com",
        [OPENSSH_SIGNATURES] =
                "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com,"
                "sk-ssh-ed25519-cert-v01@openssh.com,ecdsa-sha2-nistp256,"
                "ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384,"
                "ecdsa-sha2-nistp384-cert-v01@openssh.com,ecdsa-sha2-nistp521,"
                "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,"
                "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,webauthn-sk-ecdsa-sha2-nistp256@openssh.com,"
                "ssh-dss,ssh-dss-cert-v01@openssh.com,ssh-rsa,ssh-rsa-cert-v01@openssh.com,rsa-sha2-256,"
                "rsa-sha2-256-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com",
        [OPENSSH_CA] = "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                       "ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,"
                       "webauthn-sk-ecdsa-sha2-nistp256@openssh.com,ssh-dss,ssh-rsa,rsa-sha2-256,rsa-sha2-512",
};

/* Known to other versions: 9.9 and later, or before 7.6. */
static const char newer[] = "mlkem768x25519-sha256,webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
                            "ssh-mldsa44-ed25519@openssh.com";
static const char older[] = "arcfour,arcfour128,arcfour256,blowfish-cbc,cast128-cbc,rijndael-cbc@lysator.liu.se,"
                            "hmac-ripemd160,hmac-ripemd160@openssh.com,hmac-ripemd160-etm@openssh.com";

static const char debian12_kex[] = "sntrup761x25519-sha512,";
/* sshd gave them up with 10.0, ssh did not. */
static const char client_kex[] = ",diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
                                 "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256";

kj_str openssh_algorithms_default(const struct openssh_build *build, enum openssh_list list)
{
	kj_str found = KJ_STR("");
	for (size_t i = 0; build->version.n && i < sizeof defaults / sizeof *defaults; i++)
		if (defaults[i].list == list && kj_version_cmp(build->version, kj_str_of(defaults[i].since)) >= 0)
			found = kj_str_of(defaults[i].names);
	/* Debian 12's 9.2 took over the standard name of a method ahead of time */
	const struct kj_export *export = build->host->export;
	bool debian12 = kj_str_eq(export->distro, KJ_STR("debian")) && kj_str_eq(export->distro_version, KJ_STR("12"));
	if (list == OPENSSH_KEX && debian12 && kj_str_eq(build->version, KJ_STR("9.2")))
		found = kj_str_fmt(build->host->arena, "%s%.*s", debian12_kex, KJ_FMT(found));
	if (list == OPENSSH_KEX && build->client && found.n && !openssh_older(build, "10.0"))
		found = kj_str_fmt(build->host->arena, "%.*s%s", KJ_FMT(found), client_kex);
	return found;
}

static bool in_list(kj_str list, kj_str name)
{
	kj_str piece;
	while (kj_str_cut(&list, ',', &piece))
		if (kj_str_eq(piece, name))
			return true;
	return false;
}

bool openssh_matches(kj_str pattern, kj_str name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, back = 0;
	while (n < name.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			back = n;
		} else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == name.p[n])) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++back;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool is_pattern(kj_str name)
{
	return kj_str_find_any(name, KJ_STR("*?")) < name.n;
}

static bool is_known(const struct openssh_build *build, enum openssh_list list, kj_str name)
{
	bool wild = list == OPENSSH_SIGNATURES || list == OPENSSH_CA;
	if (kj_str_starts(name, KJ_STR("ssh-dss")) && !openssh_older(build, "9.8"))
		return false; /* built without DSA since */
	if (is_pattern(name)) {
		kj_str rest = kj_str_of(known[list]), piece;
		while (wild && kj_str_cut(&rest, ',', &piece))
			if (openssh_matches(name, piece))
				return true;
		return false;
	}
	if (in_list(kj_str_of(known[list]), name) ||
	    (list == OPENSSH_CA && in_list(kj_str_of(known[OPENSSH_SIGNATURES]), name)))
		return true;
	return (!openssh_older(build, "9.9") && in_list(kj_str_of(newer), name)) ||
	       ((!build->version.n || openssh_older(build, "7.6")) && in_list(kj_str_of(older), name));
}

static void add_name(struct kj_buf *buf, kj_str name)
{
	if (in_list(kj_buf_str(buf), name))
		return;
	if (buf->n)
		kj_buf_char(buf, ',');
	kj_buf_put(buf, name);
}

static void add_names(struct kj_buf *buf, enum openssh_list list, kj_str names)
{
	kj_str name, piece;
	while (kj_str_cut(&names, ',', &name)) {
		kj_str all = kj_str_of(known[list]);
		if (!is_pattern(name))
			add_name(buf, name);
		while (is_pattern(name) && kj_str_cut(&all, ',', &piece))
			if (openssh_matches(name, piece))
				add_name(buf, piece);
	}
}

static void add_without(struct kj_buf *buf, kj_str names, kj_str patterns)
{
	kj_str name, pattern;
	while (kj_str_cut(&names, ',', &name)) {
		bool dropped = false;
		for (kj_str rest = patterns; kj_str_cut(&rest, ',', &pattern);)
			dropped |= openssh_matches(pattern, name);
		if (!dropped)
			add_name(buf, name);
	}
}

bool openssh_algorithms_expand(const struct openssh_build *build, enum openssh_list list, kj_str written, kj_str *out,
                               kj_str *bad)
{
	char how = written.n && kj_str_find_any(kj_str_upto(written, 1), KJ_STR("+-^")) == 0 ? written.p[0] : 0;
	if (how == '^' && openssh_older(build, "8.1"))
		how = 0; /* no name begins like that */
	kj_str names = how ? kj_str_from(written, 1) : written, name;
	for (kj_str rest = names; how != '-' && kj_str_cut(&rest, ',', bad);)
		if (!is_known(build, list, *bad))
			return false;
	kj_str preset = openssh_algorithms_default(build, list);
	struct kj_buf buf = KJ_BUF(build->host->arena);
	if (how && !preset.n) { /* of an unknown version: left as it is written */
		*out = written;
		return true;
	}
	if (how == '-') {
		add_without(&buf, preset, names);
	} else {
		for (kj_str rest = preset; how == '+' && kj_str_cut(&rest, ',', &name);)
			add_name(&buf, name);
		add_names(&buf, list, names);
		for (kj_str rest = preset; how == '^' && kj_str_cut(&rest, ',', &name);)
			add_name(&buf, name);
	}
	*out = kj_buf_str(&buf);
	return true;
}
