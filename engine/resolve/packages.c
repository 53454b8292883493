/* Versions of installed packages, and those that releases of distributions ship. */
#include "resolve/packages.h"

/* "1:9.2p1-2+deb12u3": the upstream part without the epoch. */
static kj_str upstream(kj_str version)
{
	size_t colon = kj_str_find(version, ':');
	if (colon < version.n)
		version = kj_str_from(version, colon + 1);
	return kj_str_upto(version, kj_str_find(version, '-'));
}

kj_str kj_package_version(struct kj_host *host, kj_str name)
{
	const struct kj_package *p = kj_map_get(&kj_packages_of(host)->by_name, name);
	return p && (kj_str_eq(p->status, KJ_STR("installed")) || !p->status.n) ? upstream(p->version) : KJ_STR("");
}

kj_str kj_release_version(const struct kj_export *export, const struct kj_release *releases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool same = kj_str_eq(export->distro, kj_str_of(releases[i].distro));
		kj_str like = export->distro_like, word;
		while (!same && releases[i].family && kj_str_word(&like, &word))
			same = kj_str_eq(word, kj_str_of(releases[i].distro));
		kj_str major = kj_str_upto(export->distro_version, kj_str_find(export->distro_version, '.'));
		kj_str want = kj_str_of(releases[i].version);
		if (same && (kj_str_eq(export->distro_version, want) || kj_str_eq(major, want)))
			return kj_str_of(releases[i].package);
	}
	return KJ_STR("");
}
