/* kijun: does exported configuration meet a security baseline? The public library.
 *
 *     struct kijun *k = kijun_new(NULL);
 *     if (kijun_add_policy(k, NULL) == 0 && kijun_add_export(k, "exports/") == 0 && kijun_scan(k, 0) == 0)
 *             for (size_t i = 0; i < kijun_finding_count(k); i++) { struct kijun_finding f = kijun_finding(k, i); … }
 *     else
 *             fputs(kijun_messages(k), stderr);
 *     kijun_free(k);
 *
 * All texts are UTF-8, zero-terminated, never NULL, and live as long as the object. One object is for one thread at a time; kijun_scan uses
 * threads of its own. Nothing is executed, nothing is sent anywhere; exports are only read.
 */
#ifndef KIJUN_KIJUN_H
#define KIJUN_KIJUN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kijun;

enum kijun_verdict {
	KIJUN_PASS,
	KIJUN_FAIL,
	KIJUN_UNKNOWN, /* evidence is missing */
	KIJUN_ERROR,   /* evidence is there and could not be judged */
	KIJUN_NOT_APPLICABLE,
	KIJUN_WAIVED, /* would be a fail; a waiver covers it */
};

struct kijun_finding {
	const char *subject, *rule, *item;
	const char *severity; /* low, medium, high, critical */
	enum kijun_verdict verdict;
	const char *message; /* English, one sentence */
	size_t evidence_count;
};

struct kijun_evidence {
	const char *artifact; /* path in the export; "" when there is none */
	unsigned line;        /* from 1; 0: the artifact as a whole */
	const char *text, *found, *wanted;
};

/* The library's version. */
const char *kijun_version(void);

/* A new object with the shipped sources loaded. `data`: the folder of the shipped policies (with sources/ and baseline/ in it); NULL: the built-in
   place. NULL only when there is no memory; whether loading went well says the next call. */
struct kijun *kijun_new(const char *data);
void kijun_free(struct kijun *kijun);

/* These four return 0, or -1 with the reasons in kijun_messages(). */
/* Adds a policy file or a folder of them; NULL: the shipped baseline. */
int kijun_add_policy(struct kijun *kijun, const char *path);
/* Adds a host folder, a fleet folder or a dump file. */
int kijun_add_export(struct kijun *kijun, const char *path);
/* Judges dates against this day (YYYY-MM-DD) instead of today, UTC. Before kijun_scan. */
int kijun_set_today(struct kijun *kijun, const char *date);
/* Judges everything, on `threads` threads (0: one a processor). Once an object. */
int kijun_scan(struct kijun *kijun, unsigned threads);

/* After kijun_scan: findings by subject (name order), then in the order of the rules. */
size_t kijun_finding_count(const struct kijun *kijun);
struct kijun_finding kijun_finding(struct kijun *kijun, size_t index);
struct kijun_evidence kijun_finding_evidence(struct kijun *kijun, size_t index, size_t evidence);

/* The whole report in a format ("json", "text"); "" for a format that does not exist. */
const char *kijun_report(struct kijun *kijun, const char *format);
/* What was wrong so far: messages with file, line and column; "" when nothing was. */
const char *kijun_messages(struct kijun *kijun);

#ifdef __cplusplus
}
#endif

#endif
