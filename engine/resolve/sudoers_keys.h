/* What a Defaults line may set. */
#ifndef KJ_RESOLVE_SUDOERS_KEYS_H
#define KJ_RESOLVE_SUDOERS_KEYS_H

#include "base/str.h"

enum sudo_key_kind {
	SUDO_FLAG,
	SUDO_INT,
	SUDO_UINT,
	SUDO_MINUTES,
	SUDO_MODE,
	SUDO_TEXT,
	SUDO_PATH,
	SUDO_FOLDER, /* a path, ~, or * */
	SUDO_LIST,
	SUDO_FACILITY,
	SUDO_PRIORITY,
	SUDO_TUPLE, /* one of `words`; the first is its "no" */
	SUDO_TIMEOUT,
	SUDO_RLIMIT
};

struct sudo_key {
	kj_str name;
	enum sudo_key_kind kind;
	bool may_be_off;    /* `!name` has a meaning */
	const char *preset; /* NULL: none, or the build decides */
	unsigned since;
	const char *words;
};

const struct sudo_key *sudo_keys(size_t *n);
const struct sudo_key *sudo_key_find(kj_str name);
/* Why sudo passes over `name OP value`; NULL: it takes it. */
const char *sudo_key_problem(const struct sudo_key *key, char op, kj_str value);

#endif
