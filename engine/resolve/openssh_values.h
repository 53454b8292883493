/* The readers of sshd's values, one a kind. Private to the sshd resolver. */
#ifndef KJ_RESOLVE_SSHD_VALUES_H
#define KJ_RESOLVE_SSHD_VALUES_H

#include "resolve/openssh.h"

bool openssh_read_accept_env(struct openssh_value *v);
bool openssh_read_agent(struct openssh_value *v);
bool openssh_read_algorithms(struct openssh_value *v);
bool openssh_read_any(struct openssh_value *v);
bool openssh_read_channel_timeout(struct openssh_value *v);
bool openssh_read_command(struct openssh_value *v);
bool openssh_read_file(struct openssh_value *v);
bool openssh_read_host_key(struct openssh_value *v);
bool openssh_read_int(struct openssh_value *v);
bool openssh_read_ipqos(struct openssh_value *v);
bool openssh_read_key_files(struct openssh_value *v);
bool openssh_read_key_options(struct openssh_value *v);
bool openssh_read_level(struct openssh_value *v);
bool openssh_read_listen(struct openssh_value *v);
bool openssh_read_log_verbose(struct openssh_value *v);
bool openssh_read_mask(struct openssh_value *v);
bool openssh_read_max_startups(struct openssh_value *v);
bool openssh_read_methods(struct openssh_value *v);
bool openssh_read_net_block(struct openssh_value *v);
bool openssh_read_per_source(struct openssh_value *v);
bool openssh_read_permit(struct openssh_value *v);
bool openssh_read_port(struct openssh_value *v);
bool openssh_read_provider(struct openssh_value *v);
bool openssh_read_raw(struct openssh_value *v);
bool openssh_read_refused(struct openssh_value *v);
bool openssh_read_rekey(struct openssh_value *v);
bool openssh_read_set_env(struct openssh_value *v);
bool openssh_read_subsystem(struct openssh_value *v);
bool openssh_read_text(struct openssh_value *v);
bool openssh_read_text_or_none(struct openssh_value *v);
bool openssh_read_time(struct openssh_value *v);
bool openssh_read_tunnel(struct openssh_value *v);
bool openssh_read_unused(struct openssh_value *v);
bool openssh_read_users(struct openssh_value *v);
bool openssh_read_word(struct openssh_value *v);
bool openssh_read_words(struct openssh_value *v);

/* ---- what the readers share ---- */

/* False, with the reason in v->problem. */
__attribute__((format(printf, 2, 3))) bool openssh_refuse(struct openssh_value *v, const char *format, ...);
void openssh_give(struct openssh_value *v, kj_str s);
/* The next argument; false when there is none or it is empty. */
bool openssh_next(struct openssh_value *v, kj_str *arg);
static inline bool openssh_more(const struct openssh_value *v)
{
	return v->used < v->args;
}
static inline struct kj_arena *openssh_arena(const struct openssh_value *v)
{
	return v->build->host->arena;
}
static inline bool openssh_is_none(kj_str s)
{
	return kj_str_eq_fold(s, KJ_STR("none"));
}

/* convtime of misc.c: seconds; false when it is no time. */
bool openssh_time(kj_str text, int64_t *seconds);

#endif
