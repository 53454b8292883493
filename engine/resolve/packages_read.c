/* The source `packages`: installed packages, from what package managers leave behind. */
#include "resolve/packages.h"

#include <string.h>

const char *const kj_packages_columns[] = {"name", "version", "arch", "status", NULL};

struct reading {
	struct kj_host *host;
	struct kj_packages *out;
	const struct kj_artifact *artifact;
	struct kj_row at; /* the line at hand */
};

static void add(struct reading *r, kj_str name, kj_str version, kj_str arch, kj_str status)
{
	size_t colon = kj_str_find(name, ':'); /* libc6:amd64 */
	if (!arch.n)
		arch = kj_str_from(name, colon + 1);
	struct kj_package p = {kj_str_upto(name, colon), version, arch, status, r->at};
	KJ_PUSH(r->host->arena, &r->out->list, p);
}

static void spoil(struct reading *r, const char *problem)
{
	struct kj_row row = r->at;
	row.bad = true;
	row.problem = problem;
	KJ_PUSH(r->host->arena, &r->out->bad, row);
}

/* ---- dpkg ---- */

/* The letters of `dpkg -l` (dpkg-query(1)): what is wanted, and what is. */
static const struct {
	char letter;
	kj_str status;
} dpkg_states[] = {
        {'n', KJ_STR_INIT("not-installed")},    {'c', KJ_STR_INIT("config-files")},
        {'H', KJ_STR_INIT("half-installed")},   {'U', KJ_STR_INIT("unpacked")},
        {'F', KJ_STR_INIT("half-configured")},  {'W', KJ_STR_INIT("triggers-awaited")},
        {'t', KJ_STR_INIT("triggers-pending")}, {'i', KJ_STR_INIT("installed")},
};

static kj_str dpkg_status(kj_str letters)
{
	static const kj_str wanted = KJ_STR_INIT("uihrp");
	if (letters.n < 2 || letters.n > 3 || kj_str_find(wanted, letters.p[0]) == wanted.n)
		return KJ_STR("");
	for (size_t i = 0; i < sizeof dpkg_states / sizeof *dpkg_states; i++)
		if (dpkg_states[i].letter == letters.p[1])
			return dpkg_states[i].status;
	return KJ_STR("");
}

/* One field of a paragraph: "Name: value". */
static bool field(kj_str line, kj_str name, kj_str *value)
{
	if (!kj_str_starts_fold(line, name) || line.n <= name.n || line.p[name.n] != ':')
		return false;
	*value = kj_str_trim(kj_str_from(line, name.n + 1));
	return true;
}

/* dpkg's status file. The third word of Status is what the package is: "install ok installed". */
static void read_dpkg_status(struct reading *r, kj_str text)
{
	kj_str line, name = KJ_STR(""), status = KJ_STR(""), arch = KJ_STR(""), version = KJ_STR("");
	for (uint32_t number = 1; kj_str_line(&text, &line); number++) {
		if (field(line, KJ_STR("Package"), &name))
			r->at.line = number;
		else if (!field(line, KJ_STR("Architecture"), &arch) && !field(line, KJ_STR("Version"), &version))
			field(line, KJ_STR("Status"), &status);
		if (line.n && text.n)
			continue;
		if (name.n)
			add(r, name, version, arch, kj_str_from(status, kj_str_find_last(status, ' ') + 1));
		name = status = arch = version = KJ_STR("");
	}
}

/* ---- lists of one package a line ---- */

static bool is_arch(kj_str s)
{
	static const kj_str known[] = {KJ_STR_INIT("x86_64"),  KJ_STR_INIT("noarch"), KJ_STR_INIT("i686"),
	                               KJ_STR_INIT("aarch64"), KJ_STR_INIT("i386"),   KJ_STR_INIT("i586"),
	                               KJ_STR_INIT("ppc64le"), KJ_STR_INIT("s390x"),  KJ_STR_INIT("armv7hl"),
	                               KJ_STR_INIT("riscv64"), KJ_STR_INIT("(none)")};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (kj_str_eq(s, known[i]))
			return true;
	return false;
}

/* bash-5.1.8-6.el9_1.x86_64; gpg-pubkey-3228467c-613798eb, which is a key and no program */
static bool take_nevra(struct reading *r, kj_str word)
{
	kj_str arch = KJ_STR(""), rest = word;
	size_t dot = kj_str_find_last(rest, '.');
	if (dot < rest.n && is_arch(kj_str_from(rest, dot + 1))) {
		arch = kj_str_from(rest, dot + 1);
		rest = kj_str_upto(rest, dot);
	}
	size_t release = kj_str_find_last(rest, '-');
	size_t version = kj_str_find_last(kj_str_upto(rest, release), '-');
	if (release == rest.n || version == release || !version ||
	    (!arch.n && !kj_str_starts(rest, KJ_STR("gpg-pubkey-"))))
		return false;
	add(r, kj_str_upto(rest, version), kj_str_from(rest, version + 1), arch, KJ_STR("installed"));
	return true;
}

/* `ii  name[:arch]  version  arch  description` */
static bool take_dpkg_line(struct reading *r, kj_str line)
{
	kj_str letters, name, version = KJ_STR(""), arch = KJ_STR("");
	if (!kj_str_word(&line, &letters) || !dpkg_status(letters).n || !kj_str_word(&line, &name))
		return false;
	kj_str_word(&line, &version);
	kj_str_word(&line, &arch);
	bool none = kj_str_starts(version, KJ_STR("<"));
	add(r, name, none ? KJ_STR("") : version, none ? KJ_STR("") : arch, dpkg_status(letters));
	return true;
}

/* `apt list --installed`: name/suite,now version arch [installed,automatic] */
static bool take_apt_line(struct reading *r, kj_str line)
{
	kj_str name, version, arch;
	bool installed = kj_str_find_str(line, KJ_STR("[installed")) < line.n ||
	                 kj_str_find_str(line, KJ_STR("[upgradable")) < line.n;
	if (!kj_str_word(&line, &name) || kj_str_find(name, '/') == name.n || !kj_str_word(&line, &version) ||
	    !kj_str_word(&line, &arch))
		return false;
	add(r, kj_str_upto(name, kj_str_find(name, '/')), version, arch,
	    installed ? KJ_STR("installed") : KJ_STR("not-installed"));
	return true;
}

/* Name and version, perhaps an architecture: `dpkg-query -W`, which has also what was removed and not purged, and
   `rpm -qa` with a format. */
static bool take_pair(struct reading *r, kj_str line)
{
	kj_str name, version, arch = KJ_STR(""), more;
	if (!kj_str_word(&line, &name) || !kj_str_word(&line, &version))
		return false;
	kj_str_word(&line, &arch);
	if (kj_str_word(&line, &more) || kj_str_find_any(version, KJ_STR("0123456789")) == version.n)
		return false;
	add(r, name, version, arch, is_arch(arch) ? KJ_STR("installed") : KJ_STR(""));
	return true;
}

static bool is_heading(kj_str line)
{
	static const kj_str begins[] = {KJ_STR_INIT("Desired="),  KJ_STR_INIT("| "),    KJ_STR_INIT("|/"),
	                                KJ_STR_INIT("||/"),       KJ_STR_INIT("+++-"),  KJ_STR_INIT("Listing..."),
	                                KJ_STR_INIT("WARNING: "), KJ_STR_INIT("要望="), KJ_STR_INIT("一覧表示")};
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (kj_str_starts(line, begins[i]))
			return true;
	return false;
}

static void take_line(struct reading *r, kj_str line)
{
	kj_str rest = line, first, second;
	if (is_heading(line) || !kj_str_word(&rest, &first))
		return;
	if (take_dpkg_line(r, line) || take_nevra(r, first))
		return;
	bool name_alone = !kj_str_word(&rest, &second) && kj_is_alnum(first.p[0]) && !kj_str_ends(first, KJ_STR(":"));
	if (name_alone)
		add(r, first, KJ_STR(""), KJ_STR(""), KJ_STR("installed"));
	else if (!take_apt_line(r, line) && !take_pair(r, line))
		spoil(r, "not a package and its version");
}

static void read_list(struct reading *r, kj_str text)
{
	kj_str line;
	for (r->at.line = 1; kj_str_line(&text, &line); r->at.line++)
		take_line(r, line);
}

/* ---- which artifact ---- */

static const kj_str lists[] = {
        KJ_STR_INIT("dpkg -l"),        KJ_STR_INIT("dpkg --list"),
        KJ_STR_INIT("dpkg-query -W"),  KJ_STR_INIT("apt list --installed"),
        KJ_STR_INIT("rpm -qa"),        KJ_STR_INIT("rpm -qa --last"),
        KJ_STR_INIT("installed-rpms"), KJ_STR_INIT("packages"),
};

static void read_artifact(struct reading *r, const struct kj_artifact *artifact, bool status)
{
	r->artifact = artifact;
	r->out->artifact = artifact;
	r->at = (struct kj_row){.text = &artifact->text, .line = 1, .col = 1};
	if (status)
		read_dpkg_status(r, artifact->text.bytes);
	else
		read_list(r, artifact->text.bytes);
}

/* `dpkg -l` is what dpkg says, the file what it keeps: the first that lists a package counts. */
static void read_all(struct reading *r)
{
	const struct kj_artifact *status = kj_export_read(r->host->export, KJ_STR("var/lib/dpkg/status"));
	r->out->broken = status->state == KJ_ARTIFACT_ERROR ? status : NULL;
	if (status->state == KJ_ARTIFACT_OK)
		read_artifact(r, status, true);
	for (size_t i = 0; !r->out->list.n && i < sizeof lists / sizeof *lists; i++) {
		const struct kj_artifact *list = kj_export_command(r->host->export, lists[i]);
		if (list->state == KJ_ARTIFACT_OK)
			read_artifact(r, list, false);
		else if (list->state == KJ_ARTIFACT_ERROR)
			r->out->broken = list;
	}
}

const struct kj_packages *kj_packages_of(struct kj_host *host)
{
	if (host->packages)
		return host->packages;
	struct kj_packages *out = KJ_NEW(host->arena, struct kj_packages);
	struct reading r = {.host = host, .out = out};
	read_all(&r);
	for (size_t i = 0; i < out->list.n; i++) {
		void **place = kj_map_at(host->arena, &out->by_name, out->list.at[i].name);
		const struct kj_package *known = *place;
		bool better = !known || (!kj_str_eq(known->status, KJ_STR("installed")) &&
		                         kj_str_eq(out->list.at[i].status, KJ_STR("installed")));
		*place = better ? &out->list.at[i] : *place;
	}
	host->packages = out;
	return out;
}

enum kj_presence kj_package_presence(struct kj_host *host, kj_str name)
{
	const struct kj_packages *all = kj_packages_of(host);
	const struct kj_package *p = kj_map_get(&all->by_name, name);
	if (!p)
		return all->list.n ? KJ_ABSENT : KJ_NOT_COLLECTED;
	if (!p->status.n)
		return KJ_NOT_COLLECTED;
	bool gone = kj_str_eq(p->status, KJ_STR("not-installed")) || kj_str_eq(p->status, KJ_STR("config-files"));
	return gone ? KJ_ABSENT : KJ_PRESENT;
}

void kj_resolve_packages(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	(void)source;
	const struct kj_packages *all = kj_packages_of(host);
	struct kj_rows *rows = kj_rows_make(host, kj_packages_columns);
	out->rows = rows;
	for (size_t i = 0; i < all->list.n; i++) {
		const struct kj_package *p = &all->list.at[i];
		kj_str *cells = kj_rows_append(host, rows, &p->at);
		memcpy(cells, (kj_str[]){p->name, p->version, p->arch, p->status}, 4 * sizeof *cells);
	}
	for (size_t i = 0; i < all->bad.n; i++) {
		KJ_PUSH(host->arena, &out->bad, all->bad.at[i]);
		kj_rows_append(host, rows, &all->bad.at[i]);
	}
	if (all->artifact)
		KJ_PUSH(host->arena, &out->texts, &all->artifact->text);
	if (all->list.n)
		out->state = KJ_STATE_EFFECTIVE;
	else if (all->broken)
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s': %.*s", KJ_FMT(all->broken->text.name),
		                  KJ_FMT(all->broken->message));
	else if (all->artifact)
		kj_resolved_state(host, out, KJ_STATE_ERROR, "'%.*s' lists no package",
		                  KJ_FMT(all->artifact->text.name));
	else
		kj_resolved_state(
		        host, out, KJ_STATE_NOT_COLLECTED,
		        "neither /var/lib/dpkg/status nor a list of packages ('dpkg -l', 'rpm -qa') was collected");
}
