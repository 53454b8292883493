#include "eval/truth.h"

enum { EXCERPT_MAX = 240 };

struct kj_proof *kj_prove(struct kj_case *c, struct kj_proofs *proofs, enum kj_truth truth)
{
	if (proofs->list.n >= KJ_PROOFS_MAX) {
		proofs->dropped++;
		return NULL;
	}
	KJ_PUSH(c->arena, &proofs->list, (struct kj_proof){.truth = truth});
	return &proofs->list.at[proofs->list.n - 1];
}

bool kj_proofs_found(const struct kj_proofs *proofs, kj_str found)
{
	for (size_t i = 0; i < proofs->list.n; i++) {
		if (kj_str_eq(proofs->list.at[i].evidence.found, found))
			return true;
	}
	return false;
}

/* A long line is cut: the reader has its number. */
static kj_str excerpt(struct kj_arena *arena, kj_str line)
{
	line = kj_str_trim(line);
	if (line.n <= EXCERPT_MAX)
		return line;
	size_t cut = EXCERPT_MAX;
	while (cut > 0 && ((unsigned char)line.p[cut] & 0xc0) == 0x80)
		cut--;
	return kj_str_fmt(arena, "%.*s…", (int)cut, line.p);
}

void kj_proof_at(struct kj_case *c, struct kj_proof *proof, const struct kj_text *text, uint32_t line)
{
	if (!proof || !text)
		return;
	proof->evidence.artifact = text->name;
	proof->evidence.line = line;
	if (line > 0)
		proof->evidence.text = excerpt(
		        c->arena, kj_redact(c->bench->redactor, c->host->scratch, c->arena, kj_text_line(text, line)));
}

struct kj_bilingual kj_say(struct kj_arena *arena, const char *en, const char *ja, ...)
{
	struct kj_bilingual said;
	struct kj_buf buf = KJ_BUF(arena);
	va_list args;
	va_start(args, ja);
	kj_buf_vfmt(&buf, en, args);
	va_end(args);
	said.en = kj_buf_str(&buf);
	buf = KJ_BUF(arena);
	va_start(args, ja);
	kj_buf_vfmt(&buf, ja, args);
	va_end(args);
	said.ja = kj_buf_str(&buf);
	return said;
}

static bool is_secret(const struct kj_source *source, kj_str column)
{
	for (size_t i = 0; i < source->secrets; i++) {
		if (kj_str_eq_fold(source->secret[i], column))
			return true;
	}
	return false;
}

/* A locked or empty password field tells nothing that must be hidden. */
static bool worth_hiding(kj_str cell)
{
	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] != '!' && cell.p[i] != '*' && cell.p[i] != 'x')
			return true;
	}
	return false;
}

static kj_str without(struct kj_arena *arena, kj_str text, kj_str secret, kj_str column)
{
	if (!worth_hiding(secret))
		return text;
	struct kj_buf buf = KJ_BUF(arena);
	for (;;) {
		size_t at = kj_str_find_str(text, secret);
		kj_buf_put(&buf, kj_str_upto(text, at));
		if (at >= text.n)
			return kj_buf_str(&buf);
		kj_buf_fmt(&buf, "[redacted:%.*s]", KJ_FMT(column));
		text = kj_str_from(text, at + secret.n);
	}
}

void kj_proof_row(struct kj_case *c, struct kj_proof *proof, const struct kj_resolved *resolved,
                  const struct kj_row *row, const struct kj_cell_from *from)
{
	bool elsewhere = from && from->text;
	const struct kj_text *text = elsewhere ? from->text : row->text;
	uint32_t number = elsewhere ? from->line : row->line;
	if (!proof || !text)
		return;
	kj_proof_at(c, proof, text, number);
	kj_str line = kj_text_line(text, number), whole = line;
	for (size_t i = 0; row->cell && !elsewhere && i < resolved->rows->column_count; i++)
		if (is_secret(resolved->source, resolved->rows->columns[i]))
			line = without(c->arena, line, row->cell[i], resolved->rows->columns[i]);
	for (size_t i = 0; row->from && i < resolved->rows->column_count; i++)
		line = without(c->arena, line, row->from[i].secret, KJ_STR("password"));
	if (!kj_str_eq(line, whole))
		proof->evidence.text =
		        excerpt(c->arena, kj_redact(c->bench->redactor, c->host->scratch, c->arena, line));
}

enum kj_truth kj_prove_state(struct kj_case *c, struct kj_proofs *proofs, const struct kj_resolved *resolved)
{
	bool unseen = resolved->state == KJ_STATE_NOT_COLLECTED;
	enum kj_truth truth = unseen ? KJ_MAYBE : KJ_BROKEN;
	struct kj_proof *proof = kj_prove(c, proofs, truth);
	if (!proof)
		return truth;
	kj_proof_at(c, proof, resolved->at.text, resolved->at.line);
	if (unseen)
		proof->reason =
		        kj_say(c->arena, "not collected: %.*s", "収集されていません: %.*s", KJ_FMT(resolved->message));
	else
		proof->reason = kj_say(c->arena, "%.*s", "%.*s", KJ_FMT(resolved->message));
	return truth;
}
