/* firewalld's files in an export, for hosts of which nobody collected what firewall-cmd says. They are what firewalld
   loads when it starts, so they speak for a host only when the export shows that firewalld runs (`firewall-cmd
   --state`, the state of its unit), that no file is missing, and where NetworkManager would put interfaces into
   zones. */
#ifndef KJ_EVAL_DUMPS_FIREWALLD_H
#define KJ_EVAL_DUMPS_FIREWALLD_H

#include "eval/dumps.h"

struct kj_firewalld {
	KJ_VEC(const struct kj_text *)
	texts;                       /* files, each after a line that names it; none: firewalld is not shown to run */
	struct kj_bilingual problem; /* why they cannot be relied on; empty: they can */
	const struct kj_text *broken;
};

struct kj_firewalld kj_firewalld_files(struct kj_case *c, struct kj_export *export);

#endif
