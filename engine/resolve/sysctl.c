/* The source `sysctl`: what a captured `sysctl -a` or copied /proc/sys says, else what the files of sysctl.d make of the
   kernel at boot. systemd-sysctl and procps' `sysctl --system` read them differently (src/sysctl/sysctl.c of systemd,
   src/sysctl.c of procps 4): the first never looks at /etc/sysctl.conf, the second reads it last. */
#include "resolve/work.h"

#include <string.h>

/* The last assignment of a key in one reading of the files. */
struct assignment {
	kj_str key; /* as `sysctl -a` prints it */
	kj_str value;
	bool exclude; /* `-key`: no pattern sets it */
	bool glob;
	size_t order; /* patterns are applied in this order, the last one counts */
	const struct kj_row *row;
	KJ_VEC(struct kj_overridden) overrides;
};

/* One program's reading of the files. */
struct reading {
	struct kj_host *host;
	bool procps;
	bool whole;           /* all that runs was captured */
	struct kj_map by_key; /* → struct assignment */
	size_t order;
	struct kj_map set; /* key → struct assignment of the pattern or of the key itself that sets it */
};

enum { MATCHES = 4000000 }; /* patterns × keys that are tried */

/* ---- keys ---- */

/* Changes every dot into a slash and the other way round. */
static kj_str swapped(struct kj_arena *arena, kj_str key)
{
	char *out = kj_alloc_text(arena, key.n);
	for (size_t i = 0; i < key.n; i++)
		out[i] = key.p[i] == '.' ? '/' : key.p[i] == '/' ? '.' : key.p[i];
	return (kj_str){out, key.n};
}

/* path_simplify of systemd: no empty parts, no `.`, no slash at the ends. */
static kj_str simplified(struct kj_arena *arena, kj_str path)
{
	struct kj_buf buf = KJ_BUF(arena);
	kj_str rest = path, part;
	while (kj_str_cut(&rest, '/', &part)) {
		if (!part.n || kj_str_eq(part, KJ_STR(".")))
			continue;
		if (buf.n)
			kj_buf_char(&buf, '/');
		kj_buf_put(&buf, part);
	}
	return kj_buf_str(&buf);
}

/* sysctl_normalize: where the first separator is a slash, the key is a path already. The result has dots, as the output
   of `sysctl -a`: net.ipv4.conf.eth0/100.rp_filter is of the interface eth0.100. */
static kj_str key_of(struct kj_arena *arena, kj_str written)
{
	size_t first = kj_str_find_any(written, KJ_STR("/."));
	bool dots = first < written.n && written.p[first] == '.';
	return swapped(arena, simplified(arena, dots ? swapped(arena, written) : written));
}

/* ---- what the kernel makes of a value ---- */

/* Keys that hold one whole number. Of the others nothing is known here, and their text stays as it is. */
static bool is_number(struct kj_arena *arena, kj_str key)
{
	static const char *const globs[] = {"net/ipv[46]/conf/*/*",
	                                    "net/ipv4/ip_forward",
	                                    "net/ipv4/icmp_*",
	                                    "net/ipv4/tcp_syncookies",
	                                    "net/ipv4/tcp_rfc1337",
	                                    "net/ipv4/tcp_timestamps",
	                                    "kernel/dmesg_restrict",
	                                    "kernel/kptr_restrict",
	                                    "kernel/randomize_va_space",
	                                    "kernel/perf_event_paranoid",
	                                    "kernel/unprivileged_bpf_disabled",
	                                    "kernel/yama/ptrace_scope",
	                                    "kernel/sysrq",
	                                    "fs/protected_*",
	                                    "fs/suid_dumpable"};
	if (kj_str_ends(key, KJ_STR(".stable_secret")))
		return false;
	kj_str path = swapped(arena, key);
	for (size_t i = 0; i < sizeof globs / sizeof *globs; i++)
		if (kj_glob(kj_str_of(globs[i]), path, false))
			return true;
	return false;
}

/* proc_get_long of the kernel: a number as strtoul(…, 0) reads it, and white space or nothing after it. What follows the
   white space is not looked at: `1 # why` is 1. False: the kernel refuses the value. */
static bool kernel_number(struct kj_arena *arena, kj_str value, kj_str *out)
{
	kj_str rest = value, word;
	int64_t n;
	if (!kj_str_word(&rest, &word) || word.p[0] == '+' || !kj_num_c(word, &n))
		return false;
	*out = kj_str_fmt(arena, "%lld", (long long)n);
	return true;
}

/* ---- files to assignments ---- */

static void take_row(struct reading *r, const struct kj_rows *rows, const struct kj_row *row)
{
	struct kj_arena *arena = r->host->arena;
	kj_str key = key_of(arena, kj_row_cell(rows, row, KJ_STR("key")));
	kj_str value = kj_row_cell(rows, row, KJ_STR("value"));
	bool exclude = kj_str_eq(kj_row_cell(rows, row, KJ_STR("sign")), KJ_STR("exclude"));
	void **place = kj_map_at(arena, &r->by_key, key);
	struct assignment *old = *place, *now = KJ_NEW(arena, struct assignment);
	if (r->procps && exclude && old) /* only systemd takes an assignment back */
		return;
	*now = (struct assignment){.key = key, .value = value, .exclude = exclude, .glob = kj_glob_is(key), .row = row};
	if (old) {
		memcpy(&now->overrides, &old->overrides, sizeof old->overrides);
		KJ_PUSH(arena, &now->overrides, (struct kj_overridden){old->value, kj_origin_of(old->row)});
	}
	/* systemd keeps the place of an assignment that is only repeated */
	bool repeated = old && !r->procps && old->exclude == exclude && kj_str_eq(old->value, value);
	now->order = repeated ? old->order : r->order++;
	*place = now;
}

static void take_reads(struct reading *r, const struct kj_reads *reads, struct kj_resolved *out)
{
	for (size_t i = 0; i < reads->list.n; i++) {
		const struct kj_rows *rows = reads->list.at[i].rows;
		for (size_t k = 0; k < rows->list.n; k++) {
			if (!rows->list.at[k].bad)
				take_row(r, rows, &rows->list.at[k]);
			else if (out)
				KJ_PUSH(r->host->arena, &out->bad, rows->list.at[k]);
		}
	}
}

/* ---- patterns ---- */

static bool refused(struct reading *r, kj_str key, kj_str value)
{
	kj_str number;
	return !value.n || (is_number(r->host->arena, key) && !kernel_number(r->host->arena, value, &number));
}

/* Does the pattern `now` leave what `before` wrote? Patterns are written one after the other, and a value that the kernel
   refuses changes nothing. */
static bool leaves(struct reading *r, const struct assignment *before, const struct assignment *now, kj_str key)
{
	bool was_bad = refused(r, key, before->value), is_bad = refused(r, key, now->value);
	return was_bad == is_bad ? before->order > now->order : is_bad;
}

static void set_by_glob(struct reading *r, const struct assignment *glob, kj_str key)
{
	if (kj_map_get(&r->by_key, key)) /* an explicit one counts, and so does an exclusion */
		return;
	void **place = kj_map_at(r->host->arena, &r->set, key);
	const struct assignment *before = *place;
	struct assignment *now = KJ_NEW(r->host->arena, struct assignment);
	*now = *glob;
	now->key = key;
	if (before && leaves(r, before, glob, key))
		return;
	*place = now;
	if (before)
		KJ_PUSH(r->host->arena, &now->overrides,
		        (struct kj_overridden){before->value, kj_origin_of(before->row)});
}

/* Of the interfaces every host has these; `all` is none, but stands in the same folder. */
static void set_known(struct reading *r, const struct assignment *glob)
{
	static const kj_str names[] = {KJ_STR_INIT("all"), KJ_STR_INIT("default"), KJ_STR_INIT("lo")};
	kj_str parts[5], rest = swapped(r->host->arena, glob->key);
	size_t n = 0;
	while (n < 5 && kj_str_cut(&rest, '/', &parts[n]))
		n++;
	if (n < 5 || rest.p || kj_glob_is(parts[4]) || !kj_glob(parts[2], KJ_STR("conf"), false) ||
	    !kj_glob(parts[0], KJ_STR("net"), false))
		return;
	for (size_t v = 4; v <= 6; v += 2) {
		kj_str family = kj_str_fmt(r->host->arena, "ipv%zu", v);
		for (size_t i = 0; i < sizeof names / sizeof *names && kj_glob(parts[1], family, false); i++)
			if (kj_glob(parts[3], names[i], true))
				set_by_glob(r, glob,
				            kj_str_fmt(r->host->arena, "net.%.*s.conf.%.*s.%.*s", KJ_FMT(family),
				                       KJ_FMT(names[i]), KJ_FMT(parts[4])));
	}
}

/* Applies a pattern to the keys that the running kernel is known to have. */
static bool set_running(struct reading *r, const struct assignment *glob, const struct kj_resolved *running,
                        size_t *budget)
{
	kj_str pattern = swapped(r->host->arena, glob->key);
	if (running->settings.n > *budget)
		return false;
	*budget -= running->settings.n;
	for (size_t i = 0; i < running->settings.n; i++) {
		kj_str key = running->settings.at[i].key;
		if (kj_glob(pattern, swapped(r->host->arena, key), true))
			set_by_glob(r, glob, key);
	}
	return true;
}

/* Applies the patterns to keys that the other program's files name. */
static bool set_named(struct reading *r, const struct reading *other, size_t *budget)
{
	for (const struct kj_map_entry *e = r->by_key.first; e; e = e->next) {
		struct assignment *glob = e->value;
		kj_str pattern = swapped(r->host->arena, glob->key);
		if (!glob->glob || glob->exclude)
			continue;
		if (other->by_key.n > *budget)
			return false;
		*budget -= other->by_key.n;
		for (const struct kj_map_entry *k = other->by_key.first; k; k = k->next)
			if (!kj_glob_is(k->key) && kj_glob(pattern, swapped(r->host->arena, k->key), true))
				set_by_glob(r, glob, k->key);
	}
	return true;
}

/* What the reading sets. False: there are too many patterns to try. */
static bool apply(struct reading *r, const struct kj_resolved *running, const struct reading *other)
{
	size_t budget = MATCHES;
	for (const struct kj_map_entry *e = r->by_key.first; e; e = e->next) {
		struct assignment *a = e->value;
		if (a->exclude)
			continue;
		if (!a->glob)
			*kj_map_at(r->host->arena, &r->set, a->key) = a;
		else if (!set_running(r, a, running, &budget))
			return false;
		else if (a->glob && !r->whole)
			set_known(r, a);
	}
	return r->whole || !other || set_named(r, other, &budget);
}

/* ---- assignments to settings ---- */

static void add(struct reading *r, struct kj_resolved *out, const struct assignment *a)
{
	struct kj_setting *s = kj_setting_add(r->host, out, a->key, a->value, KJ_STATE_EFFECTIVE, kj_origin_of(a->row));
	memcpy(&s->overrides, &a->overrides, sizeof a->overrides);
	if (a->value.n == 0 ||
	    (is_number(r->host->arena, a->key) && !kernel_number(r->host->arena, a->value, &s->value))) {
		s->state = KJ_STATE_NOT_IN_FORCE;
		kj_setting_note(r->host, s, "the kernel refuses the value: it is not a number");
	}
}

/* procps writes one assignment after the other, so that a value which the kernel refuses leaves the one before. */
static void fall_back(struct reading *r, struct kj_setting *s)
{
	for (size_t i = s->overrides.n; s->state == KJ_STATE_NOT_IN_FORCE && i-- > 0;) {
		struct kj_overridden before = s->overrides.at[i];
		if (!kernel_number(r->host->arena, before.value, &before.value))
			continue;
		kj_setting_override(r->host, s, s->value, s->origin);
		s->value = before.value;
		s->origin = before.origin;
		s->state = KJ_STATE_EFFECTIVE;
	}
}

static void add_all(struct reading *r, struct kj_resolved *out)
{
	for (const struct kj_map_entry *e = r->set.first; e; e = e->next) {
		add(r, out, e->value);
		if (r->procps)
			fall_back(r, &out->settings.at[out->settings.n - 1]);
	}
	for (const struct kj_map_entry *e = r->by_key.first; e && !r->whole; e = e->next) {
		const struct assignment *a = e->value;
		if (!a->glob || a->exclude)
			continue;
		struct kj_setting *s =
		        kj_setting_add(r->host, out, a->key, a->value, KJ_STATE_EFFECTIVE, kj_origin_of(a->row));
		s->unjudged = true;
		kj_setting_note(r->host, s, "a pattern: which keys it sets depends on the running kernel");
	}
}

/* ---- the two programs ---- */

/* Distributions without systemd: their boot scripts run `sysctl --system`, or read the same files in its order. */
static bool boots_with_procps(const struct kj_export *export)
{
	static const char *const names[] = {"alpine", "artix", "devuan", "gentoo", "slackware", "void"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (kj_str_eq(export->distro, kj_str_of(names[i])))
			return true;
	return false;
}

static void compare_programs(struct kj_host *host, struct kj_resolved *out, const struct reading *other)
{
	for (size_t i = 0; i < out->settings.n; i++) {
		struct kj_setting *s = &out->settings.at[i];
		const struct assignment *a = s->unjudged ? NULL : kj_map_get(&other->set, s->key);
		if (!a || (a->row->text == s->origin.text && a->row->line == s->origin.line))
			continue;
		kj_str value = a->value;
		kernel_number(host->arena, a->value, &value);
		if (!kj_str_eq(value, s->value))
			kj_setting_note(host, s, "%s would set %.*s ('%.*s' line %u): the two ways of booting differ",
			                other->procps ? "'sysctl --system'" : "systemd-sysctl", KJ_FMT(a->value),
			                KJ_FMT(a->row->text->name), a->row->line);
	}
}

/* What stands in /etc/sysctl.conf alone. */
static void add_unread(struct kj_host *host, struct kj_resolved *out, const struct reading *systemd,
                       const struct reading *procps)
{
	for (const struct kj_map_entry *e = procps->set.first; e; e = e->next) {
		const struct assignment *a = e->value;
		if (kj_map_get(&systemd->set, a->key))
			continue;
		struct kj_setting *s =
		        kj_setting_add(host, out, a->key, a->value, KJ_STATE_NOT_IN_FORCE, kj_origin_of(a->row));
		kj_setting_note(host, s,
		                "systemd-sysctl does not read /etc/sysctl.conf, and nothing in sysctl.d links to it");
	}
}

/* ---- ufw ---- */

static bool ufw_enabled(struct kj_host *host)
{
	const struct kj_artifact *artifact = kj_export_read(host->export, KJ_STR("etc/ufw/ufw.conf"));
	kj_str rest = artifact->state == KJ_ARTIFACT_OK ? artifact->text.bytes : KJ_STR(""), line;
	bool enabled = false;
	while (kj_str_line(&rest, &line))
		if (kj_str_starts(kj_str_trim(line), KJ_STR("ENABLED=")))
			enabled = kj_str_eq_fold(kj_str_trim(kj_str_from(kj_str_trim(line), 8)), KJ_STR("yes"));
	return enabled;
}

static void meet_ufw(struct reading *ufw, struct kj_setting *s, const struct assignment *a)
{
	kj_setting_override(ufw->host, s, a->value, kj_origin_of(a->row));
	if (kj_str_eq(s->value, a->value))
		return;
	s->state = KJ_STATE_ERROR;
	kj_setting_note(ufw->host, s, "ufw sets %.*s ('%.*s' line %u), and nothing says which of the two comes last",
	                KJ_FMT(a->value), KJ_FMT(a->row->text->name), a->row->line);
}

/* ufw-init runs `sysctl -p` on /etc/ufw/sysctl.conf, and no unit orders it behind systemd-sysctl. */
static void take_ufw(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out)
{
	struct reading ufw = {.host = host, .procps = true};
	struct kj_resolved none = {.source = out->source};
	struct kj_map at = {0};
	size_t n = out->settings.n;
	size_t *index = KJ_NEW_ARRAY(host->arena, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		index[i] = i;
		if (out->settings.at[i].state == KJ_STATE_EFFECTIVE)
			*kj_map_at(host->arena, &at, out->settings.at[i].key) = &index[i];
	}
	take_reads(&ufw, reads, NULL);
	apply(&ufw, &none, NULL);
	for (const struct kj_map_entry *e = ufw.set.first; e; e = e->next) {
		const size_t *place = kj_map_get(&at, e->key);
		if (place)
			meet_ufw(&ufw, &out->settings.at[*place], e->value);
		else
			add(&ufw, out, e->value);
	}
}

/* ---- the running kernel ---- */

static void take_captured_rows(struct kj_host *host, const struct kj_reads *reads, struct kj_resolved *out)
{
	struct kj_map at = {0};
	for (size_t i = 0; i < reads->list.n; i++) {
		const struct kj_rows *rows = reads->list.at[i].rows;
		for (size_t k = 0; k < rows->list.n; k++) {
			const struct kj_row *row = &rows->list.at[k];
			kj_str key = kj_row_cell(rows, row, KJ_STR("key"));
			void **place = row->bad ? NULL : kj_map_at(host->arena, &at, key);
			if (row->bad)
				KJ_PUSH(host->arena, &out->bad, *row);
			else if (!*place) /* a value of several lines has as many rows; the first is shown */
				kj_setting_add(host, out, key, kj_row_cell(rows, row, KJ_STR("value")),
				               KJ_STATE_EFFECTIVE, kj_origin_of(row));
			if (place)
				*place = out;
		}
	}
}

/* Copied files of /proc/sys, as in a sosreport: what `sysctl -a` does not have. */
static void take_proc(struct kj_host *host, struct kj_resolved *out)
{
	enum kj_presence presence;
	struct kj_map known = {0};
	struct kj_entry_list found = kj_export_glob(host->export, host->arena, KJ_STR("proc/sys/**"), &presence);
	for (size_t i = 0; i < out->settings.n; i++)
		*kj_map_at(host->arena, &known, out->settings.at[i].key) = out;
	for (size_t i = 0; i < found.paths.n; i++) {
		kj_str key = swapped(host->arena, kj_str_from(found.paths.at[i], strlen("proc/sys/")));
		const struct kj_artifact *artifact = kj_export_read(host->export, found.paths.at[i]);
		if (artifact->state != KJ_ARTIFACT_OK || kj_map_get(&known, key))
			continue;
		KJ_PUSH(host->arena, &out->texts, &artifact->text);
		kj_setting_add(host, out, key, kj_str_trim(artifact->text.bytes), KJ_STATE_EFFECTIVE,
		               (struct kj_origin){&artifact->text, 1, 1});
	}
}

/* ---- together ---- */

struct inputs {
	struct kj_reads captured, dropins, main, ufw;
};

static void read_input(struct kj_host *host, const struct kj_source *source, const struct kj_input *input,
                       struct kj_reads *reads)
{
	struct kj_source part = *source;
	part.input = input;
	part.inputs = 1;
	kj_read_inputs(host, &part, input->effective, reads);
}

static void read_all(struct kj_host *host, const struct kj_source *source, struct inputs *in)
{
	for (size_t i = 0; i < source->inputs; i++) {
		const struct kj_input *input = &source->input[i];
		bool ufw = input->paths && kj_str_find_str(input->path[0], KJ_STR("/ufw/")) < input->path[0].n;
		struct kj_reads *reads = input->effective                  ? &in->captured
		                         : input->kind == KJ_INPUT_DROPINS ? &in->dropins
		                         : ufw                             ? &in->ufw
		                                                           : &in->main;
		read_input(host, source, input, reads);
	}
}

static const struct kj_rows *all_rows(struct kj_host *host, const struct inputs *in)
{
	static const char *const columns[] = {"key", "value", "sign", NULL};
	struct kj_rows *rows = kj_rows_make(host, columns);
	const struct kj_reads *const groups[] = {&in->dropins, &in->main};
	for (size_t g = 0; g < 2; g++)
		for (size_t i = 0; i < groups[g]->list.n; i++) {
			const struct kj_rows *from = groups[g]->list.at[i].rows;
			for (size_t k = 0; k < from->list.n; k++)
				KJ_PUSH(host->arena, &rows->list, from->list.at[k]);
			rows->capped |= from->capped;
		}
	return rows;
}

/* Fills `files` with what the files set. False: too many patterns. */
static bool resolve_files(struct kj_host *host, const struct inputs *in, const struct kj_resolved *running,
                          struct kj_resolved *files)
{
	bool whole = in->captured.list.n, by_procps = boots_with_procps(host->export);
	struct reading systemd = {.host = host, .whole = whole},
	               procps = {.host = host, .procps = true, .whole = whole};
	take_reads(&systemd, &in->dropins, files);
	take_reads(&procps, &in->dropins, NULL);
	take_reads(&procps, &in->main, files);
	if (!apply(&systemd, running, &procps) || !apply(&procps, running, NULL))
		return false;
	add_all(by_procps ? &procps : &systemd, files);
	compare_programs(host, files, by_procps ? &systemd : &procps);
	if (!by_procps)
		add_unread(host, files, &systemd, &procps);
	if (ufw_enabled(host))
		take_ufw(host, &in->ufw, files);
	return true;
}

/* State and message of the source by its files. */
static void judge_files(struct kj_host *host, const struct inputs *in, struct kj_resolved *out)
{
	struct kj_reads reads = in->dropins;
	if (boots_with_procps(host->export)) {
		memset(&reads.list, 0, sizeof reads.list);
		for (size_t i = 0; i < in->dropins.list.n; i++)
			KJ_PUSH(host->arena, &reads.list, in->dropins.list.at[i]);
		for (size_t i = 0; i < in->main.list.n; i++)
			KJ_PUSH(host->arena, &reads.list, in->main.list.at[i]);
		reads.broken = reads.broken ? reads.broken : in->main.broken;
		reads.hidden = reads.hidden.n ? reads.hidden : in->main.hidden;
	} else {
		kj_note_texts(host, &in->main, out);
	}
	if (in->captured.broken && !reads.broken) {
		reads.broken = in->captured.broken;
		reads.broken_path = in->captured.broken_path;
	}
	kj_judge_reads(host, &reads, out);
}

/* Without the whole of what runs: the files' values beside the few keys of /proc/sys that were copied. */
static void add_files(struct kj_host *host, struct kj_resolved *out, const struct kj_resolved *files)
{
	struct kj_map running = {0};
	struct kj_resolved both = {.source = out->source};
	for (size_t i = 0; i < out->settings.n; i++)
		*kj_map_at(host->arena, &running, out->settings.at[i].key) = out;
	for (size_t i = 0; i < files->settings.n; i++) {
		const struct kj_setting *s = &files->settings.at[i];
		if (kj_map_get(&running, s->key))
			KJ_PUSH(host->arena, &both.settings, *s);
	}
	kj_settings_compare(host, out, &both);
	for (size_t i = 0; i < files->settings.n; i++)
		if (!kj_map_get(&running, files->settings.at[i].key))
			KJ_PUSH(host->arena, &out->settings, files->settings.at[i]);
}

/* inet_forward_change of the kernel: a router accepts no redirects, unless it is told to afterwards. */
static void close_redirects(struct kj_host *host, struct kj_resolved *out)
{
	struct kj_setting *redirects = kj_setting_find(out, KJ_STR("net.ipv4.conf.all.accept_redirects"), KJ_STR(""));
	const struct kj_setting *forward = kj_setting_find(out, KJ_STR("net.ipv4.ip_forward"), KJ_STR(""));
	if (!redirects || redirects->state != KJ_STATE_DEFAULT || !forward || forward->state != KJ_STATE_EFFECTIVE ||
	    kj_str_eq(forward->value, KJ_STR("0")))
		return;
	redirects->value = KJ_STR("0");
	kj_setting_note(host, redirects, "net.ipv4.ip_forward turns it off");
}

static void add_by_files(struct kj_host *host, const struct kj_source *source, const struct inputs *in,
                         const struct kj_resolved *files, struct kj_resolved *out)
{
	bool running = out->settings.n;
	judge_files(host, in, out);
	bool seen = out->state == KJ_STATE_EFFECTIVE || out->state == KJ_STATE_ABSENT;
	add_files(host, out, files);
	if (seen && !in->dropins.veiled.n)
		kj_defaults_add(host, source, out);
	close_redirects(host, out);
	if (running && out->state != KJ_STATE_ERROR)
		kj_resolved_state(host, out, KJ_STATE_EFFECTIVE, "%s", "");
}

void kj_resolve_sysctl(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct inputs in = {0};
	struct kj_resolved files = {.source = source};
	read_all(host, source, &in);
	out->rows = all_rows(host, &in);
	take_captured_rows(host, &in.captured, out);
	take_proc(host, out);
	if (!resolve_files(host, &in, out, &files)) {
		kj_resolved_state(host, out, KJ_STATE_ERROR,
		                  "the files have too many patterns to try each on every key");
		return;
	}
	for (size_t i = 0; i < files.bad.n; i++)
		KJ_PUSH(host->arena, &out->bad, files.bad.at[i]);
	if (!in.captured.list.n) {
		add_by_files(host, source, &in, &files, out);
		return;
	}
	out->state = KJ_STATE_EFFECTIVE;
	const struct kj_reads *const all[] = {&in.captured, &in.dropins, &in.main, &in.ufw};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		kj_note_texts(host, all[i], out);
	kj_settings_compare(host, out, &files);
}
