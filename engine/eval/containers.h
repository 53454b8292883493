/* Whether an export shows an engine of containers, whose published ports pass by what ufw and firewalld say. */
#ifndef KJ_EVAL_CONTAINERS_H
#define KJ_EVAL_CONTAINERS_H

#include "eval/truth.h"

bool kj_containers_seen(struct kj_case *c, struct kj_export *export);

#endif
