/* What was found and what is wanted, in words. */
#include "eval/exposure.h"
#include "firewall/lead.h"
#include "firewall/print.h"
#include "firewall/witness.h"

kj_str kj_exposure_source(const struct kj_exposure *q, const struct kj_fw_part *part)
{
	unsigned char version = part->src.at.n ? part->src.at.at[0].version : 4;
	if (kj_zone_is_whole(q->c->arena, q->from, &part->src, version))
		return kj_str_fmt(q->c->arena, "all of %.*s, IPv%d", KJ_FMT(q->zone), version);
	return kj_fw_addresses(q->c->arena, &part->src, 3);
}

/* An address of the set, for the witness. */
static void put_address(struct kj_buf *buf, const struct kj_fw_intervals *set, bool destination)
{
	kj_str text = set->at.n ? kj_fw_address_str(buf->arena, kj_fw_witness_address(set, destination),
	                                            set->at.at[0].version)
	                        : KJ_STR("any");
	kj_buf_put(buf, text);
}

static void put_ports(struct kj_buf *buf, bool all, unsigned first, unsigned last)
{
	if (all)
		kj_buf_put(buf, KJ_STR("any port"));
	else if (first == last)
		kj_buf_fmt(buf, "port %u", first);
	else
		kj_buf_fmt(buf, "ports %u-%u", first, last);
}

static void put_proto(struct kj_buf *buf, const struct kj_fw_part *part, unsigned proto)
{
	bool every = kj_fw_proto_has_ports(proto) && part->ports.at.n == 0;
	kj_str name = every ? KJ_STR("any") : kj_fw_part_proto(buf->arena, part);
	kj_buf_fmt(buf, "%.*s ", KJ_FMT(name));
}

/* ", led on by line 12" */
static void put_led_on(struct kj_buf *buf, const struct kj_fw_ruleset *rs, const struct kj_fw_decider *by)
{
	uint32_t line = by->line;
	kj_fw_ruleset_place(rs, &line);
	kj_buf_fmt(buf, ", led on by line %u", (unsigned)line);
}

/* " → 198.51.100.1 port 2222, led on by line 12": what it was sent to, when a rule led it elsewhere. */
static void put_detour(struct kj_buf *buf, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part,
                       const struct kj_fw_decider *by)
{
	bool all = part->ports.at.n == 0;
	put_address(buf, &part->dst, true);
	kj_buf_char(buf, ' ');
	put_ports(buf, all, all ? 0 : (unsigned)part->ports.at.at[0].first.lo,
	          all ? 0 : (unsigned)part->ports.at.at[0].last.lo);
	put_led_on(buf, rs, by);
	kj_buf_put(buf, KJ_STR(" to "));
}

/* "tcp 203.0.113.9 → 10.30.0.9 port 22, accepted by line 41 (from all of internet, IPv4)"; without the destination where
   it is the host itself. */
kj_str kj_exposure_found(const struct kj_exposure *q, const struct kj_fw_ruleset *rs, const struct kj_fw_part *part,
                         const struct kj_reach *reach, struct kj_excess excess, uint32_t line)
{
	struct kj_buf buf = KJ_BUF(q->c->arena);
	bool forwarded = q->target >= KJ_TO_ZONE, all = reach->ports.at.n == 0;
	put_proto(&buf, part, excess.proto);
	put_address(&buf, &part->src, false);
	kj_buf_put(&buf, KJ_STR(" → "));
	if (reach->by)
		put_detour(&buf, rs, part, reach->by);
	if (reach->dst.at.n && (forwarded || (reach->by && kj_fw_lead(reach->by)->addr))) {
		put_address(&buf, &reach->dst, true);
		kj_buf_char(&buf, ' ');
	}
	put_ports(&buf, all, excess.first, excess.last);
	if (!reach->by && part->deciders.n > 1 && kj_fw_lead(&part->deciders.at[0]))
		put_led_on(&buf, rs, &part->deciders.at[0]);
	kj_buf_put(&buf, reach->certain ? KJ_STR(", accepted") : KJ_STR(", may be accepted"));
	if (line)
		kj_buf_fmt(&buf, " by line %u", (unsigned)line);
	kj_buf_fmt(&buf, " (from %.*s)", KJ_FMT(kj_exposure_source(q, part)));
	return kj_buf_str(&buf);
}

/* " to service": nothing for the host itself. */
static kj_str target_words(const struct kj_exposure *q)
{
	if (q->target == KJ_TO_ZONE)
		return kj_str_fmt(q->c->arena, " to %.*s", KJ_FMT(q->check->exposure.to));
	return q->target == KJ_TO_ANYWHERE ? KJ_STR(" to anywhere") : KJ_STR("");
}

kj_str kj_exposure_wanted(const struct kj_exposure *q)
{
	struct kj_buf buf = KJ_BUF(q->c->arena);
	kj_str to = target_words(q);
	if (q->has_allowed)
		kj_buf_fmt(&buf, "from %.*s%.*s at most %.*s", KJ_FMT(q->zone), KJ_FMT(to),
		           KJ_FMT(kj_services_str(q->c, &q->allowed)));
	if (q->forbidden.list.n)
		kj_buf_fmt(&buf, "%snone of %.*s from %.*s%.*s", buf.n ? "; " : "",
		           KJ_FMT(kj_services_str(q->c, &q->forbidden)), KJ_FMT(q->zone), KJ_FMT(to));
	return kj_buf_str(&buf);
}
