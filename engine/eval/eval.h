/* Conditions to verdicts, with evidence. */
#ifndef KJ_EVAL_EVAL_H
#define KJ_EVAL_EVAL_H

#include "export/fleet.h"
#include "resolve/resolve.h"

enum kj_verdict { KJ_PASS, KJ_FAIL, KJ_UNKNOWN, KJ_ERRORED, KJ_NOT_APPLICABLE, KJ_WAIVED };
enum { KJ_VERDICTS = 6 };
const char *kj_verdict_name(enum kj_verdict verdict);
bool kj_verdict_find(kj_str name, enum kj_verdict *out);
/* The worse of two in a summary (design §3): fail > error > unknown > waived > pass > not_applicable. */
enum kj_verdict kj_verdict_worse(enum kj_verdict a, enum kj_verdict b);

/* What a verdict rests on. Texts are redacted already; control characters are not escaped (writers do that). */
struct kj_evidence {
	kj_str artifact; /* path in the export; empty: none */
	uint32_t line;   /* 0: the artifact as a whole */
	kj_str text;     /* the line */
	kj_str found;    /* what was found, with its unit */
	kj_str wanted;
};

struct kj_finding {
	const struct kj_rule *rule;
	enum kj_verdict verdict;
	struct kj_bilingual message; /* one sentence */
	const struct kj_evidence *evidence;
	size_t evidence_count;
	const struct kj_waiver *waiver; /* that covers it, or that would but for its date */
	bool waiver_expired;
};

/* One service that a firewall dump of the subject lets in from a zone. */
struct kj_open_service {
	kj_str zone, proto, ports, from, artifact;
	uint32_t line;
	bool certain;
};

struct kj_result {
	kj_str name, kind, platform, role, layout;
	const struct kj_fleet *fleet;
	const struct kj_finding *finding; /* in the order of the program's rules */
	size_t findings;
	size_t count[KJ_VERDICTS];
	const struct kj_open_service *open;
	size_t opens;
	struct kj_diags *diags; /* about the export itself */
	bool failed; /* the export could not be opened, or needed more memory than the cap: no findings, diags say why */
};

/* What judging needs beside the subject: one for a run, read-only, shared by threads. */
struct kj_bench {
	const struct kj_program *program;
	const struct kj_export_limits *limits;
	size_t host_bytes; /* the cap of a host's memory; 0: 2 GiB */
	struct kj_date today;
	const struct kj_redactor *redactor;
	KJ_VEC(struct kj_host *) organisations; /* one for each fleet that keeps registers or records */
	KJ_VEC(const struct kj_fleet *) fleets; /* theirs, in the same order */
};
struct kj_bench *kj_bench_new(struct kj_arena *arena, struct kj_program *program, const struct kj_export_limits *limits,
                              struct kj_date today);

/* Reads what the organisation of a fleet keeps for all hosts, once and for all threads; `subject` is its, among all `subjects`. Before the first
   kj_judge. Nothing is added when it cannot be opened: judging the subject says why. */
void kj_bench_add_organisation(struct kj_bench *bench, struct kj_arena *arena, const struct kj_subjects *subjects,
                               const struct kj_subject *subject, struct kj_regex_scratch *scratch);

/* Judges one subject by every rule of the program. The result lives in `results`; what the host needs meanwhile lives in an arena of its own that
   is given back before this returns. */
const struct kj_result *kj_judge(const struct kj_bench *bench, const struct kj_subject *subject,
                                 struct kj_regex_scratch *scratch, struct kj_arena *results);

/* As kj_judge, for one rule only (for `kijun test`); NULL: all. */
const struct kj_result *kj_judge_rule(const struct kj_bench *bench, const struct kj_subject *subject,
                                      const struct kj_rule *rule, struct kj_regex_scratch *scratch,
                                      struct kj_arena *results);

/* Secrets in a line of evidence (password hashes, keys, community strings: design §8) become [redacted:kind]. */
struct kj_redactor;
const struct kj_redactor *kj_redactor_new(struct kj_arena *arena, struct kj_regex_set *patterns);
kj_str kj_redact(const struct kj_redactor *redactor, struct kj_regex_scratch *scratch, struct kj_arena *arena,
                 kj_str text);

#endif
