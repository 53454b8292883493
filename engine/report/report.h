/* Reports: one file a format, a table of formats. */
#ifndef KJ_REPORT_REPORT_H
#define KJ_REPORT_REPORT_H

#include "eval/eval.h"

#define KJ_VERSION "0.1.0"

/* Everything a report tells. Results are in name order. */
struct kj_report {
	const struct kj_program *program;
	const struct kj_result *const *result;
	size_t results;
	struct kj_date today;
	const struct kj_waiver *const *idle_waiver; /* those that covered nothing */
	size_t idle_waivers;
};

struct kj_report_options {
	bool japanese;
	bool color;
	int width;    /* of the terminal, columns; 0: no limit */
	bool verbose; /* all findings and all evidence, not just what needs a hand */
};

struct kj_format {
	kj_str name; /* text, json */
	const char *about;
	void (*write)(const struct kj_report *report, const struct kj_report_options *options, struct kj_buf *out);
};
const struct kj_format *kj_formats(size_t *n);
const struct kj_format *kj_format_find(kj_str name);

void kj_report_text(const struct kj_report *report, const struct kj_report_options *options, struct kj_buf *out);
void kj_report_json(const struct kj_report *report, const struct kj_report_options *options, struct kj_buf *out);

/* Counts over all findings, and by item. */
struct kj_item_summary {
	const struct kj_item *item;
	enum kj_verdict verdict; /* the worst; unknown where `nobody` */
	size_t count[KJ_VERDICTS];
	const struct kj_rule *nobody; /* the first of its rules that must apply to somebody and does not; NULL: none */
};
struct kj_summary {
	size_t subjects, findings, count[KJ_VERDICTS];
	const struct kj_item_summary *item; /* items that some rule of the program asks, in questionnaire order */
	size_t items;
};
struct kj_summary kj_summarise(const struct kj_report *report, struct kj_arena *arena);

/* The worst verdict of a subject; KJ_ERRORED for one that could not be opened. */
enum kj_verdict kj_result_verdict(const struct kj_result *result);

/* Does the rule have to concern somebody, and there is nobody? */
bool kj_rule_misses(const struct kj_report *report, const struct kj_rule *rule);

/* The exit status of design §5: 0 all well, 1 something failed, 2 nothing was checked, 3 something is unknown or in error. */
int kj_report_status(const struct kj_report *report);

#endif
