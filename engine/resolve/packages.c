/* Versions of installed packages, from what package managers leave behind. */
#include "resolve/packages.h"

#include <string.h>

/* "1:9.2p1-2+deb12u3": the upstream part without the epoch. */
static kj_str upstream(kj_str version)
{
	size_t colon = kj_str_find(version, ':');
	if (colon < version.n)
		version = kj_str_from(version, colon + 1);
	return kj_str_upto(version, kj_str_find(version, '-'));
}

/* dpkg's status file: stanzas with Package, Status and Version. */
static kj_str in_dpkg(kj_str text, kj_str name)
{
	kj_str line, version = KJ_STR("");
	bool ours = false, installed = false;
	while (kj_str_line(&text, &line)) {
		if (!line.n)
			ours = installed = false;
		else if (kj_str_starts(line, KJ_STR("Package: ")))
			ours = kj_str_eq(kj_str_from(line, 9), name);
		else if (ours && kj_str_starts(line, KJ_STR("Status: ")))
			installed = kj_str_ends(line, KJ_STR(" installed"));
		else if (ours && installed && kj_str_starts(line, KJ_STR("Version: ")))
			version = upstream(kj_str_from(line, 9));
	}
	return version;
}

/* `dpkg -l`: ii  name[:arch]  version  arch  description */
static kj_str in_dpkg_list(kj_str text, kj_str name)
{
	kj_str line, state, package, version;
	while (kj_str_line(&text, &line)) {
		if (!kj_str_word(&line, &state) || !kj_str_word(&line, &package) || !kj_str_word(&line, &version))
			continue;
		package = kj_str_upto(package, kj_str_find(package, ':'));
		if (kj_str_eq(state, KJ_STR("ii")) && kj_str_eq(package, name))
			return upstream(version);
	}
	return KJ_STR("");
}

/* `rpm -qa` and sos' installed-rpms: name-version-release.arch first on the line. */
static kj_str in_rpm_list(kj_str text, kj_str name)
{
	kj_str line, package;
	while (kj_str_line(&text, &line)) {
		if (!kj_str_word(&line, &package) || !kj_str_starts(package, name) || package.n <= name.n + 1 ||
		    package.p[name.n] != '-' || !kj_is_digit(package.p[name.n + 1]))
			continue;
		return upstream(kj_str_from(package, name.n + 1));
	}
	return KJ_STR("");
}

kj_str kj_package_version(struct kj_host *host, kj_str name)
{
	const struct kj_artifact *status = kj_export_read(host->export, KJ_STR("var/lib/dpkg/status"));
	kj_str found = status->state == KJ_ARTIFACT_OK ? in_dpkg(status->text.bytes, name) : KJ_STR("");
	static const struct {
		kj_str command;
		kj_str (*find)(kj_str text, kj_str name);
	} lists[] = {{KJ_STR_INIT("dpkg -l"), in_dpkg_list},
	             {KJ_STR_INIT("rpm -qa"), in_rpm_list},
	             {KJ_STR_INIT("rpm -qa --last"), in_rpm_list},
	             {KJ_STR_INIT("installed-rpms"), in_rpm_list}};
	for (size_t i = 0; !found.n && i < sizeof lists / sizeof *lists; i++) {
		const struct kj_artifact *list = kj_export_command(host->export, lists[i].command);
		if (list->state == KJ_ARTIFACT_OK)
			found = lists[i].find(list->text.bytes, name);
	}
	return found;
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
