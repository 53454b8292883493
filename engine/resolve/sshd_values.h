/* The readers of sshd's values, one a kind. Private to the sshd resolver. */
#ifndef KJ_RESOLVE_SSHD_VALUES_H
#define KJ_RESOLVE_SSHD_VALUES_H

#include "resolve/sshd.h"

bool sshd_read_accept_env(struct sshd_value *v);
bool sshd_read_agent(struct sshd_value *v);
bool sshd_read_algorithms(struct sshd_value *v);
bool sshd_read_any(struct sshd_value *v);
bool sshd_read_channel_timeout(struct sshd_value *v);
bool sshd_read_command(struct sshd_value *v);
bool sshd_read_file(struct sshd_value *v);
bool sshd_read_host_key(struct sshd_value *v);
bool sshd_read_int(struct sshd_value *v);
bool sshd_read_ipqos(struct sshd_value *v);
bool sshd_read_key_files(struct sshd_value *v);
bool sshd_read_key_options(struct sshd_value *v);
bool sshd_read_level(struct sshd_value *v);
bool sshd_read_listen(struct sshd_value *v);
bool sshd_read_log_verbose(struct sshd_value *v);
bool sshd_read_mask(struct sshd_value *v);
bool sshd_read_max_startups(struct sshd_value *v);
bool sshd_read_methods(struct sshd_value *v);
bool sshd_read_net_block(struct sshd_value *v);
bool sshd_read_per_source(struct sshd_value *v);
bool sshd_read_permit(struct sshd_value *v);
bool sshd_read_port(struct sshd_value *v);
bool sshd_read_provider(struct sshd_value *v);
bool sshd_read_raw(struct sshd_value *v);
bool sshd_read_refused(struct sshd_value *v);
bool sshd_read_rekey(struct sshd_value *v);
bool sshd_read_set_env(struct sshd_value *v);
bool sshd_read_subsystem(struct sshd_value *v);
bool sshd_read_text(struct sshd_value *v);
bool sshd_read_text_or_none(struct sshd_value *v);
bool sshd_read_time(struct sshd_value *v);
bool sshd_read_tunnel(struct sshd_value *v);
bool sshd_read_unused(struct sshd_value *v);
bool sshd_read_users(struct sshd_value *v);
bool sshd_read_word(struct sshd_value *v);
bool sshd_read_words(struct sshd_value *v);

/* ---- what the readers share ---- */

/* False, with the reason in v->problem. */
__attribute__((format(printf, 2, 3))) bool sshd_refuse(struct sshd_value *v, const char *format, ...);
void sshd_give(struct sshd_value *v, kj_str s);
/* The next argument; false when there is none or it is empty. */
bool sshd_next(struct sshd_value *v, kj_str *arg);
static inline bool sshd_more(const struct sshd_value *v)
{
	return v->used < v->args;
}
static inline struct kj_arena *sshd_arena(const struct sshd_value *v)
{
	return v->build->host->arena;
}
static inline bool sshd_is_none(kj_str s)
{
	return kj_str_eq_fold(s, KJ_STR("none"));
}

/* convtime of misc.c: seconds; false when it is no time. */
bool sshd_time(kj_str text, int64_t *seconds);

#endif
