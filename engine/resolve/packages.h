/* Installed packages, and the versions that decide a product's defaults. */
#ifndef KJ_RESOLVE_PACKAGES_H
#define KJ_RESOLVE_PACKAGES_H

#include "resolve/work.h"

struct kj_package {
	kj_str name, version, arch; /* the version whole, with epoch and release */
	kj_str status;              /* dpkg's word: installed, config-files …; empty: the list does not tell */
	struct kj_row at;
};

struct kj_packages {
	KJ_VEC(struct kj_package) list;
	struct kj_map by_name;              /* → struct kj_package; of several, an installed one */
	KJ_VEC(struct kj_row) bad;          /* lines that are no package */
	const struct kj_artifact *artifact; /* where they stand; NULL: nowhere */
	const struct kj_artifact *broken;   /* there, and unreadable */
};

/* From dpkg's status file, else from a captured list of dpkg, apt or rpm, or sos' installed-rpms; read once. */
const struct kj_packages *kj_packages_of(struct kj_host *host);

/* KJ_ABSENT only where a list shows that the host does not have it. */
enum kj_presence kj_package_presence(struct kj_host *host, kj_str name);

/* The upstream version of an installed package ("9.2p1"); empty: not known. */
kj_str kj_package_version(struct kj_host *host, kj_str name);

/* The version that a release of a distribution ships. */
struct kj_release {
	const char *distro, *version, *package;
	bool family; /* holds for distributions that are like it, with the same numbers */
};
/* The first that fits os-release; the version may be the whole or the major number. Empty: none fits. */
kj_str kj_release_version(const struct kj_export *export, const struct kj_release *releases, size_t n);

#endif
