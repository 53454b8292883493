#include "eval/units.h"

#include "resolve/units.h"

const struct kj_entry *kj_entry_at(struct kj_case *c, struct kj_export *export, kj_str glob)
{
	enum kj_presence presence;
	struct kj_entry_list found = kj_export_glob(export, c->arena, glob, &presence);
	return found.list.n ? found.list.at[0] : NULL;
}

bool kj_unit_runs(struct kj_case *c, struct kj_export *export, const char *unit)
{
	struct kj_host *host = kj_host_new(c->arena, export, c->host->program, c->host->scratch, c->host->today);
	const struct kj_unit *service =
	        kj_map_get(&kj_units_of(host)->by_name, kj_str_fmt(c->arena, "%s.service", unit));
	if (!service)
		return false;
	if (service->active.n)
		return kj_str_eq(service->active, KJ_STR("active"));
	return kj_str_starts(service->state, KJ_STR("enabled"));
}
