/* All ways through a stack: _pam_dispatch_aux of Linux-PAM (libpam/pam_dispatch.c), with every code that the modules may
   return. A way is told by where it stands and what the stack thinks by then; each such state is looked at once. */
#include "resolve/pam.h"

/* The stack's impression, and whether the code that it would return is PAM_SUCCESS. */
enum mood { UNDECIDED, GOOD, SPOILED, FAILED }; /* SPOILED: positive, with another code */

enum {
	STATES_MAX = 8192,
	SLOTS = 16384,
	LEVELS = 16, /* PAM_SUBSTACK_MAX_LEVEL */
};

struct state {
	uint16_t at;
	uint8_t mood, mark;
	uint32_t saved; /* by level, two bits: the mood when the substack began, for `reset` */
};

/* Room for the states of one walk, used again by the next. */
struct kj_pam_room {
	struct state todo[STATES_MAX];
	uint32_t used[STATES_MAX]; /* slots of `seen` */
	uint64_t seen[SLOTS];
};

struct walk {
	const struct kj_pam_stack *stack;
	const struct kj_pam_question *question;
	struct kj_pam_room *room;
	size_t n, seen_n;
	uint32_t resets; /* levels at which an entry resets: only their moods are kept */
	bool found;
};

static uint64_t packed(const struct state *s)
{
	return (uint64_t)s->at << 48 | (uint64_t)s->mood << 40 | (uint64_t)s->mark << 32 | s->saved;
}

static bool seen_before(struct walk *w, const struct state *s)
{
	uint64_t key = packed(s) + 1;
	size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 50); /* below SLOTS */
	while (w->room->seen[i] && w->room->seen[i] != key)
		i = (i + 1) % SLOTS;
	if (w->room->seen[i])
		return true;
	w->room->seen[i] = key;
	w->room->used[w->seen_n++] = (uint32_t)i;
	return false;
}

static void push(struct walk *w, struct state s)
{
	if (w->found || seen_before(w, &s))
		return;
	w->found = w->seen_n == STATES_MAX;
	w->room->todo[w->n++] = s;
}

static bool is_inside(const struct kj_pam_stack *stack, size_t i, unsigned level)
{
	return i < stack->list.n && stack->list.at[i].level >= level;
}

/* Past the end of the entry's level. */
static size_t end_of_level(const struct kj_pam_stack *stack, size_t at)
{
	unsigned level = stack->list.at[at].level;
	size_t i = at + 1;
	while (is_inside(stack, i, level))
		i++;
	return i;
}

/* Over n entries of the same level; a substack counts with all that is in it. *left: jumps that found no entry. */
static size_t over(const struct kj_pam_stack *stack, size_t at, int32_t n, int32_t *left)
{
	unsigned level = stack->list.at[at].level;
	size_t i = at + 1;
	for (; n > 0 && is_inside(stack, i, level); n--) {
		i++;
		while (is_inside(stack, i, level + 1))
			i++;
	}
	*left = n;
	return i;
}

static enum mood liked(enum mood mood, bool success)
{
	return mood == UNDECIDED || mood == GOOD ? (success ? GOOD : SPOILED) : mood;
}

static void act(struct walk *w, struct state s, const struct kj_pam_act *a, bool success)
{
	const struct kj_pam_stack *stack = w->stack;
	unsigned level = stack->list.at[s.at].level;
	struct state next = s;
	int32_t left = 0;
	next.at = (uint16_t)(s.at + 1);
	switch (a->action) {
	case KJ_PAM_OK:
	case KJ_PAM_DONE:
		next.mood = (uint8_t)liked((enum mood)s.mood, success);
		if (a->action == KJ_PAM_DONE && next.mood != FAILED)
			next.at = (uint16_t)end_of_level(stack, s.at);
		break;
	case KJ_PAM_BAD:
		next.mood = FAILED;
		break;
	case KJ_PAM_DIE:
		next.mood = FAILED;
		next.at = (uint16_t)end_of_level(stack, s.at);
		break;
	case KJ_PAM_RESET:
		next.mood = level ? s.saved >> (2 * level) & 3 : UNDECIDED;
		break;
	case KJ_PAM_JUMP:
		next.at = (uint16_t)over(stack, s.at, a->jump, &left);
		if (left) /* "bad jump in stack" */
			next.mood = FAILED;
		break;
	case KJ_PAM_IGNORE:
		break;
	}
	push(w, next);
}

static void call(struct walk *w, struct state s)
{
	const struct kj_pam_entry *e = &w->stack->list.at[s.at];
	struct kj_pam_outcome out[KJ_PAM_OUTCOMES];
	size_t n = w->question->call(w->question->context, s.at, s.mark, out);
	for (size_t o = 0; o < n && !w->found; o++) {
		if (out[o].codes && out[o].mark == KJ_PAM_FOUND)
			w->found = true;
		s.mark = (uint8_t)out[o].mark;
		for (size_t k = 0; k < e->acts && !w->found; k++) {
			uint32_t codes = e->act[k].codes & out[o].codes;
			if (codes & KJ_PAM_BIT(KJ_PAM_SUCCESS))
				act(w, s, &e->act[k], true);
			if (codes & ~KJ_PAM_BIT(KJ_PAM_SUCCESS))
				act(w, s, &e->act[k], false);
		}
	}
}

/* A substack's first entry finds the mood of before kept. */
static void enter(struct walk *w, struct state s)
{
	unsigned level = w->stack->list.at[s.at].level + 1;
	if (level < LEVELS && w->resets >> level & 1) {
		s.saved &= ~(UINT32_C(3) << (2 * level));
		s.saved |= (uint32_t)s.mood << (2 * level);
	}
	s.at++;
	push(w, s);
}

static void step(struct walk *w, struct state s)
{
	if (s.at >= w->stack->list.n)
		w->found = w->question->end(w->question->context, s.mood == GOOD, s.mark);
	else if (w->stack->list.at[s.at].substack)
		enter(w, s);
	else
		call(w, s);
}

static uint32_t levels_that_reset(const struct kj_pam_stack *stack)
{
	uint32_t levels = 0;
	for (size_t i = 0; i < stack->list.n; i++)
		for (size_t k = 0; k < stack->list.at[i].acts; k++)
			if (stack->list.at[i].act[k].action == KJ_PAM_RESET)
				levels |= UINT32_C(1) << stack->list.at[i].level;
	return levels;
}

bool kj_pam_walk(struct kj_host *host, const struct kj_pam_stack *stack, const struct kj_pam_question *question)
{
	if (!host->pam_room)
		host->pam_room = KJ_NEW(host->arena, struct kj_pam_room);
	struct walk w = {.room = host->pam_room, .stack = stack, .question = question};
	w.resets = levels_that_reset(stack);
	/* of no entry at all libpam makes a refusal */
	if (stack->list.n)
		push(&w, (struct state){0});
	while (w.n && !w.found)
		step(&w, w.room->todo[--w.n]);
	for (size_t i = 0; i < w.seen_n; i++)
		w.room->seen[w.room->used[i]] = 0;
	return w.found;
}
