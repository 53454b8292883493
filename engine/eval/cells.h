#ifndef KJ_EVAL_CELLS_H
#define KJ_EVAL_CELLS_H

#include "eval/truth.h"

/* Does the condition hold for a row? *reason: why not, or why that cannot be said (the first cell that decided). */
struct kj_cell_verdict {
	enum kj_truth truth;
	kj_str found, wanted; /* of the cell that decided */
	const struct kj_cell_from *from; /* of the same cell; NULL: its row's own line */
	struct kj_bilingual reason;
};
struct kj_cell_verdict kj_cells_hold(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                     const struct kj_row *row);

/* `in`: do rows of another source go with this one? (lookup.c) */
struct kj_cell_verdict kj_look_up(struct kj_case *c, const struct kj_cells *cells, const struct kj_rows *rows,
                                  const struct kj_row *row);

/* The whole of a condition for people: "shell: one of …, uid: 1000 or more". */
kj_str kj_cells_wanted(struct kj_case *c, const struct kj_cells *cells);

#endif
