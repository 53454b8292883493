/* Versions of installed packages: what decides a product's defaults. */
#ifndef KJ_RESOLVE_PACKAGES_H
#define KJ_RESOLVE_PACKAGES_H

#include "resolve/work.h"

/* The upstream version of an installed package ("9.2p1"), from dpkg's status file, `dpkg -l`, `rpm -qa` or sos'
   installed-rpms; empty: not known. */
kj_str kj_package_version(struct kj_host *host, kj_str name);

/* The version that a release of a distribution ships. */
struct kj_release {
	const char *distro, *version, *package;
	bool family; /* holds for distributions that are like it, with the same numbers */
};
/* The first that fits os-release; the version may be the whole or the major number. Empty: none fits. */
kj_str kj_release_version(const struct kj_export *export, const struct kj_release *releases, size_t n);

#endif
