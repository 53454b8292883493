#ifndef KJ_EVAL_WAIVER_H
#define KJ_EVAL_WAIVER_H

#include "eval/eval.h"

/* A failing finding that a waiver of the subject's fleet covers becomes `waived`; one whose waiver has expired stays `fail` and says so. A waiver never hides
   what was not seen. */
void kj_waive(struct kj_finding *finding, const struct kj_subject *subject, struct kj_date today,
              struct kj_arena *arena);

#endif
