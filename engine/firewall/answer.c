#include "firewall/answer.h"

#include <string.h>

#define BIT(field) (1u << (field))
/* What no sender chooses and no answer tells. */
#define UNSEEN                                                                                                         \
	(BIT(KJ_FW_FAMILY) | BIT(KJ_FW_STATE) | BIT(KJ_FW_FLAGS) | BIT(KJ_FW_IIF) | BIT(KJ_FW_OIF) |                   \
	 BIT(KJ_FW_SRC_TYPE) | BIT(KJ_FW_DST_TYPE) | BIT(KJ_FW_MAC) | BIT(KJ_FW_MARK) | BIT(KJ_FW_CTMARK) |            \
	 BIT(KJ_FW_DNATED))

/* What the sender chooses beside what the answer tells: a source port, odd headers. */
#define CHOSEN (BIT(KJ_FW_SPORT) | ((BIT(KJ_FW_ODDS) - 1) << KJ_FW_ODD))

uint32_t kj_fw_unseen(bool by_oif, bool by_iif)
{
	return UNSEEN & ~(by_oif ? BIT(KJ_FW_OIF) : 0) & ~(by_iif ? BIT(KJ_FW_IIF) : 0);
}

kj_bdd kj_fw_as_sent(const struct kj_fw_found *found, const struct kj_fw_stream *stream, kj_bdd set)
{
	struct kj_bdd_store *bdd = found->space->bdd;
	if (!stream->by)
		return kj_bdd_exists(bdd, set, found->unseen);
	uint32_t changed = (stream->kept ? 0 : BIT(KJ_FW_DST)) | (stream->by->rewrite->has_port ? BIT(KJ_FW_DPORT) : 0);
	return kj_bdd_and(bdd, stream->sent, kj_bdd_exists(bdd, set, found->unseen | changed));
}

/* -- what came through, told in the fields of answers -- */

/* One stream, as it goes into the classes. */
struct inflow {
	const struct kj_fw_rule *by;
	kj_bdd open;
	struct kj_fw_layers layers;
};

struct inflows {
	KJ_VEC(struct inflow) at;
	kj_bdd certain;
};

static kj_bdd told(const struct kj_fw_found *found, const struct kj_fw_stream *stream, kj_bdd set)
{
	return kj_bdd_exists(found->space->bdd, kj_fw_as_sent(found, stream, set), CHOSEN);
}

static void tell_stream(const struct kj_fw_found *found, const struct kj_fw_stream *stream, struct inflows *out)
{
	struct kj_arena *scratch = found->space->scratch;
	struct inflow flow = {.by = stream->by, .open = told(found, stream, stream->now)};
	for (size_t i = 0; i < stream->passed.n; i++) {
		const struct kj_fw_passed *passed = &stream->passed.at[i];
		struct kj_fw_layer layer = {.hits = passed->hits, .kept = passed->left == stream->now};
		for (size_t h = 0; h < layer.hits.at.n; h++)
			layer.hits.at.at[h].set = told(found, stream, layer.hits.at.at[h].set);
		KJ_PUSH(scratch, &flow.layers.at, layer);
	}
	KJ_PUSH(scratch, &out->at, flow);
}

/* All that may get in, and what of it certainly does: some plain packet, with a source port of the sender's choice,
   gets in and is nowhere dropped. */
static struct inflows tell(struct kj_fw_found *found)
{
	struct kj_bdd_store *bdd = found->space->bdd;
	struct inflows out = {0};
	kj_bdd open = KJ_BDD_FALSE;
	for (size_t i = 0; i < found->streams.n; i++) {
		const struct kj_fw_stream *stream = &found->streams.at[i];
		open = kj_bdd_or(bdd, open, kj_fw_as_sent(found, stream, stream->now));
	}
	kj_bdd certain = kj_bdd_and(bdd, kj_bdd_diff(bdd, open, found->dropped), found->domain->plain);
	out.certain = kj_bdd_exists(bdd, certain, CHOSEN);
	for (size_t i = 0; i < found->streams.n; i++)
		tell_stream(found, &found->streams.at[i], &out);
	return out;
}

/* -- answers -- */

static struct kj_fw_classes classify(const struct kj_fw_found *found, const struct inflows *flows)
{
	struct kj_fw_classes classes = {.space = found->space};
	classes.every_oif = kj_fw_domain_ifaces(found->domain, KJ_FW_OIF);
	for (size_t i = 0; i < flows->at.n; i++) {
		const struct inflow *flow = &flows->at.at[i];
		kj_fw_classes_add(&classes, flow->open, flow->by, &flow->layers);
	}
	return classes;
}

void kj_fw_found_one(struct kj_fw_found *found, struct kj_fw_answer *answer)
{
	struct inflows flows = tell(found);
	struct kj_fw_classes classes = classify(found, &flows);
	if (!kj_bdd_over(found->space->bdd))
		kj_fw_classes_parts(&classes, flows.certain, answer);
}

/* -- one answer for each interface -- */

/* What came in by one of the interfaces. */
struct share {
	kj_bdd cube;
	struct inflows flows;
};

struct shares {
	const struct kj_fw_found *found;
	struct share *at;
	size_t n;
	uint32_t *by_rank; /* + 1; 0: not asked for */
};

/* An empty inflow of the same make for every interface. */
static void prepare(struct shares *shares, const struct inflows *flows)
{
	struct kj_arena *scratch = shares->found->space->scratch;
	struct kj_bdd_store *bdd = shares->found->space->bdd;
	for (size_t i = 0; i < shares->n; i++) {
		struct share *share = &shares->at[i];
		share->flows.certain = kj_bdd_given(bdd, flows->certain, share->cube);
		for (size_t f = 0; f < flows->at.n; f++) {
			const struct inflow *from = &flows->at.at[f];
			struct inflow flow = {.by = from->by, .open = kj_bdd_given(bdd, from->open, share->cube)};
			for (size_t layer = 0; layer < from->layers.at.n && flow.open != KJ_BDD_FALSE; layer++)
				KJ_PUSH(scratch, &flow.layers.at,
				        (struct kj_fw_layer){.kept = from->layers.at.at[layer].kept});
			KJ_PUSH(scratch, &share->flows.at, flow);
		}
	}
}

/* Gives every interface its part of a hit. */
static void deal(struct shares *shares, const struct kj_fw_hit *hit, size_t flow, size_t layer)
{
	struct kj_fw_space *space = shares->found->space;
	enum kj_fw_field field = shares->found->field;
	struct kj_fw_pieces pieces = {0};
	kj_fw_space_split(space, kj_bdd_exists(space->bdd, hit->set, ~BIT(field)), field, &pieces);
	for (size_t i = 0; i < pieces.at.n; i++) {
		for (uint32_t rank = pieces.at.at[i].first; rank <= pieces.at.at[i].last; rank++) {
			struct share *share = shares->by_rank[rank] ? &shares->at[shares->by_rank[rank] - 1] : NULL;
			if (!share || share->flows.at.at[flow].open == KJ_BDD_FALSE)
				continue;
			struct kj_fw_hit part = *hit;
			part.set = kj_bdd_given(space->bdd, hit->set, share->cube);
			KJ_PUSH(space->scratch, &share->flows.at.at[flow].layers.at.at[layer].hits.at, part);
		}
	}
}

static void deal_all(struct shares *shares, const struct inflows *flows)
{
	prepare(shares, flows);
	for (size_t f = 0; f < flows->at.n; f++) {
		for (size_t layer = 0; layer < flows->at.at[f].layers.at.n; layer++) {
			const struct kj_fw_hits *hits = &flows->at.at[f].layers.at.at[layer].hits;
			for (size_t h = 0; h < hits->at.n; h++)
				deal(shares, &hits->at.at[h], f, layer);
		}
	}
}

/* All that the answer depends on, as bytes. */
static kj_str fingerprint(const struct kj_fw_found *found, const struct kj_fw_classes *classes, kj_bdd certain)
{
	struct kj_arena *scratch = found->space->scratch;
	KJ_VEC(uintptr_t) words = {0};
	KJ_PUSH(scratch, &words, certain);
	for (size_t i = 0; i < classes->at.n; i++) {
		const struct kj_fw_class *class = &classes->at.at[i];
		KJ_PUSH(scratch, &words, class->set);
		KJ_PUSH(scratch, &words, class->deciders.n);
		for (size_t d = 0; d < class->deciders.n; d++) {
			KJ_PUSH(scratch, &words, (uintptr_t) class->deciders.at[d].rule);
			KJ_PUSH(scratch, &words, (uintptr_t) class->deciders.at[d].base);
		}
	}
	return (kj_str){(const char *)words.at, words.n * sizeof *words.at};
}

void kj_fw_found_each(struct kj_fw_found *found, const uint32_t *ifaces, size_t n, struct kj_fw_answer *answers)
{
	struct kj_fw_space *space = found->space;
	struct shares shares = {.found = found, .n = n};
	struct kj_map known = {0};
	struct inflows flows = tell(found);
	shares.at = KJ_NEW_ARRAY(space->scratch, struct share, n);
	shares.by_rank = KJ_NEW_ARRAY(space->scratch, uint32_t, space->axis[found->field].n);
	for (size_t i = 0; i < n; i++) {
		shares.at[i].cube = kj_fw_space_iface(space, found->field, ifaces[i]);
		shares.by_rank[space->iface_rank[ifaces[i]]] = (uint32_t)i + 1;
	}
	deal_all(&shares, &flows);
	for (size_t i = 0; i < n && !kj_bdd_over(space->bdd); i++) {
		struct kj_fw_classes classes = classify(found, &shares.at[i].flows);
		kj_bdd certain = shares.at[i].flows.certain;
		void **same = kj_map_at(space->scratch, &known, fingerprint(found, &classes, certain));
		if (*same)
			answers[i] = *(const struct kj_fw_answer *)*same;
		else
			kj_fw_classes_parts(&classes, certain, *same = &answers[i]);
	}
}
