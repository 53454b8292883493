/* Artifacts by the look of their names, wherever they lie: exports of Windows tools, dumps. */
#include "export/internal.h"

#include "base/glob.h"

#define SNIFF_BYTES ((size_t)4096)
#define HEAD_BYTES  (2 * SNIFF_BYTES) /* in UTF-16 */

typedef KJ_VEC(const struct kj_artifact *) artifacts;

bool kj_named_is_near(kj_str path)
{
	enum { FOLDERS_MAX = 2 };
	size_t folders = 0;
	for (size_t at = kj_str_find(path, '/'); at < path.n; at += 1 + kj_str_find(kj_str_from(path, at + 1), '/'))
		folders++;
	return folders <= FOLDERS_MAX;
}

static bool name_matches(kj_str globs, kj_str name)
{
	kj_str glob;
	while (kj_str_word(&globs, &glob)) {
		if (kj_glob(glob, name, false))
			return true;
	}
	return false;
}

/* The decoded beginning of a file, kept: it is looked at for many rules, and most such files are not wanted whole.
   Empty for binary files; p is NULL for those that give nothing. */
static kj_str head_of(struct kj_export *export, const struct kj_entry *entry)
{
	kj_str **kept = (kj_str **)kj_map_at(export->arena, &export->heads, entry->path);
	if (*kept)
		return **kept;
	*kept = KJ_NEW(export->arena, kj_str);
	kj_str text, encoding, message, bytes = kj_read_head(export, entry, HEAD_BYTES);
	if (bytes.n)
		**kept = kj_decode(export->arena, bytes, &text, &encoding, &message) ? kj_str_upto(text, SNIFF_BYTES)
		                                                                     : KJ_STR("");
	return **kept;
}

/* Is the file worth reading? One that gives nothing is: reading tells why. */
static bool may_match(struct kj_export *export, const struct kj_entry *entry, kj_str sniff)
{
	if (!sniff.n)
		return true;
	kj_str head = head_of(export, entry);
	return !head.p || kj_str_find_str(head, sniff) < head.n;
}

static bool holds(const struct kj_artifact *artifact, kj_str sniff)
{
	kj_str head = kj_str_upto(artifact->text.bytes, SNIFF_BYTES);
	return !sniff.n || kj_str_find_str(head, sniff) < head.n;
}

/* Could not be read, and so may be what is looked for. A text that is looked into is never binary. */
static bool may_hold(const struct kj_artifact *artifact, kj_str sniff)
{
	return artifact->state == KJ_ARTIFACT_ERROR && !(sniff.n && kj_str_eq(artifact->encoding, KJ_STR("binary")));
}

static void collect(struct kj_export *export, kj_str globs, kj_str sniff, artifacts *good, artifacts *bad)
{
	globs = kj_str_lower(export->arena, globs);
	for (size_t i = 0; i < export->entry_count; i++) {
		if (!kj_named_is_near(export->entries[i].path))
			continue;
		const struct kj_entry *entry = &export->entries[i];
		if (entry->kind == KJ_ENTRY_DIR || entry->kind == KJ_ENTRY_LINK)
			continue;
		if (!name_matches(globs, kj_str_lower(export->arena, kj_base_name(entry->path))) ||
		    !may_match(export, entry, sniff))
			continue;
		const struct kj_artifact *artifact = kj_read_cached(export, entry);
		if (artifact->state == KJ_ARTIFACT_OK && holds(artifact, sniff))
			KJ_PUSH(export->arena, good, artifact);
		else if (may_hold(artifact, sniff))
			KJ_PUSH(export->arena, bad, artifact);
	}
}

const struct kj_artifact *kj_export_named(struct kj_export *export, kj_str globs, kj_str sniff)
{
	artifacts good = {0}, bad = {0};
	collect(export, globs, sniff, &good, &bad);
	if (good.n)
		return good.at[0];
	if (bad.n)
		return bad.at[0];
	return kj_artifact_without(export, KJ_ARTIFACT_NOT_COLLECTED, globs, KJ_STR(""));
}

size_t kj_export_named_all(struct kj_export *export, kj_str globs, kj_str sniff, const struct kj_artifact ***out)
{
	artifacts good = {0}, bad = {0};
	collect(export, globs, sniff, &good, &bad);
	for (size_t i = 0; i < bad.n; i++)
		KJ_PUSH(export->arena, &good, bad.at[i]);
	*out = good.at;
	return good.n;
}
