#include "firewall/join.h"

#include "base/buf.h"
#include "firewall/model.h"

static kj_str without_mark(kj_str bytes)
{
	return kj_str_starts(bytes, KJ_STR("\xef\xbb\xbf")) ? kj_str_from(bytes, 3) : bytes;
}

/* A last line without an end stays so: it may be half of one. */
static uint32_t put_part(struct kj_buf *out, kj_str bytes)
{
	kj_str rest = without_mark(bytes), line;
	uint32_t lines = 0;
	if (out->n && out->p[out->n - 1] != '\n')
		kj_buf_char(out, '\n');
	kj_buf_put(out, rest);
	while (kj_str_line(&rest, &line))
		lines++;
	return lines;
}

const struct kj_fw_joined *kj_fw_join(struct kj_arena *arena, const struct kj_text *const *texts, size_t n)
{
	struct kj_fw_joined *joined = KJ_NEW(arena, struct kj_fw_joined);
	struct kj_buf bytes = KJ_BUF(arena);
	uint32_t line = 1;
	if (n == 1) { /* nothing to join: no copy */
		KJ_PUSH(arena, &joined->parts, (struct kj_fw_joined_part){texts[0], line});
		joined->text = (struct kj_text){texts[0]->name, without_mark(texts[0]->bytes)};
		return joined;
	}
	for (size_t i = 0; i < n; i++) {
		KJ_PUSH(arena, &joined->parts, (struct kj_fw_joined_part){texts[i], line});
		line += put_part(&bytes, texts[i]->bytes);
	}
	joined->text = (struct kj_text){texts[0]->name, kj_buf_str(&bytes)};
	return joined;
}

const struct kj_text *kj_fw_place(const struct kj_fw_joined *joined, uint32_t *line)
{
	size_t i = joined->parts.n - 1;
	while (i > 0 && joined->parts.at[i].first > *line)
		i--;
	if (*line)
		*line -= joined->parts.at[i].first - 1;
	return joined->parts.at[i].text;
}

const struct kj_text *kj_fw_ruleset_place(const struct kj_fw_ruleset *rs, uint32_t *line)
{
	return rs->joined ? kj_fw_place(rs->joined, line) : rs->text;
}
