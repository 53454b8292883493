/* Values of sshd_config that are texts, paths or lists (process_server_config_line_depth and dump_config of
   servconf.c). */
#include "resolve/openssh_values.h"

/* All arguments as they are, none empty. */
static bool give_rest(struct openssh_value *v)
{
	kj_str arg;
	while (openssh_more(v)) {
		if (!openssh_next(v, &arg))
			return false;
		openssh_give(v, arg);
	}
	return true;
}

/* derelativise_path; sshd runs in "/" as root. */
static kj_str path_of(struct openssh_value *v, kj_str written)
{
	if (openssh_is_none(written))
		return KJ_STR("none");
	if (kj_str_starts(written, KJ_STR("~/")))
		return kj_str_fmt(openssh_arena(v), "/root/%.*s", KJ_FMT(kj_str_from(written, 2)));
	if (kj_str_starts(written, KJ_STR("/")))
		return written;
	return kj_str_fmt(openssh_arena(v), "//%.*s", KJ_FMT(written));
}

/* ---- texts and paths ---- */

bool openssh_read_text(struct openssh_value *v)
{
	kj_str arg;
	if (!openssh_next(v, &arg))
		return false;
	openssh_give(v, arg);
	return true;
}

bool openssh_read_text_or_none(struct openssh_value *v)
{
	if (!openssh_read_text(v))
		return false;
	kj_str *out = &v->out.at[0];
	if (openssh_is_none(*out))
		*out = KJ_STR("none");
	else if (kj_str_starts(*out, KJ_STR("~/")))
		*out = path_of(v, *out);
	return true;
}

bool openssh_read_file(struct openssh_value *v)
{
	if (!openssh_read_text(v))
		return false;
	v->out.at[0] = path_of(v, v->out.at[0]);
	return true;
}

bool openssh_read_host_key(struct openssh_value *v)
{
	if (!openssh_read_file(v))
		return false;
	if (openssh_is_none(v->out.at[0]))
		v->out.n = 0;
	return true;
}

bool openssh_read_provider(struct openssh_value *v)
{
	if (!openssh_read_text(v))
		return false;
	if (!kj_str_eq_fold(v->out.at[0], KJ_STR("internal")))
		v->out.at[0] = path_of(v, v->out.at[0]);
	return true;
}

bool openssh_read_agent(struct openssh_value *v)
{
	if (!openssh_read_text(v))
		return false;
	if (!kj_str_eq(v->out.at[0], KJ_STR("SSH_AUTH_SOCK")))
		v->out.at[0] = path_of(v, v->out.at[0]);
	return true;
}

/* The rest of the line as it stands: quotes and # are part of it. */
bool openssh_read_raw(struct openssh_value *v)
{
	v->used = v->args;
	if (kj_str_find(v->raw, '\r') < v->raw.n && kj_str_eq(v->key->name, KJ_STR("versionaddendum")))
		return openssh_refuse(v, "there is a carriage return in it");
	openssh_give(v, openssh_is_none(v->raw) ? KJ_STR("none") : v->raw);
	return true;
}

bool openssh_read_command(struct openssh_value *v)
{
	v->used = v->args;
	if (!kj_str_starts(v->raw, KJ_STR("/")) && !openssh_is_none(v->raw))
		return openssh_refuse(v, "'%.*s' is no absolute path", KJ_FMT(v->raw));
	openssh_give(v, v->raw);
	return true;
}

bool openssh_read_any(struct openssh_value *v)
{
	v->used = v->args;
	return true;
}

bool openssh_read_refused(struct openssh_value *v)
{
	return openssh_refuse(v, "it is not supported on this platform");
}

/* ---- lists ---- */

bool openssh_read_words(struct openssh_value *v)
{
	return give_rest(v);
}

bool openssh_read_key_files(struct openssh_value *v)
{
	if (!give_rest(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++)
		if (kj_str_starts(v->out.at[i], KJ_STR("~/")))
			v->out.at[i] = path_of(v, v->out.at[i]);
	return true;
}

/* Does an address list hold a mask with host bits ("10.1.2.3/8")? sshd refuses that; what is no address at all is a
   pattern. */
bool openssh_mask_clean(kj_str list)
{
	kj_str piece;
	while (kj_str_cut(&list, ',', &piece)) {
		struct kj_range range;
		struct kj_addr base;
		size_t slash = kj_str_find(piece, '/');
		if (piece.n && piece.p[0] == '!') {
			piece = kj_str_from(piece, 1);
			slash = kj_str_find(piece, '/');
		}
		if (slash < piece.n && kj_range_parse(piece, &range) &&
		    kj_addr_parse(kj_str_upto(piece, slash), &base) && kj_addr_cmp(&range.first, &base) != 0)
			return false;
	}
	return true;
}

bool openssh_read_users(struct openssh_value *v)
{
	if (!give_rest(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++) {
		kj_str user = v->out.at[i];
		size_t at = kj_str_find_last(user, '@');
		if (at < user.n && (at + 1 == user.n || !openssh_mask_clean(kj_str_from(user, at + 1))))
			return openssh_refuse(v, "'%.*s' is no pattern for users", KJ_FMT(user));
	}
	return true;
}

bool openssh_read_accept_env(struct openssh_value *v)
{
	if (!give_rest(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++)
		if (kj_str_find(v->out.at[i], '=') < v->out.at[i].n)
			return openssh_refuse(v, "'%.*s' is no name of a variable", KJ_FMT(v->out.at[i]));
	return true;
}

/* Of a variable that is named twice the first value counts. */
bool openssh_read_set_env(struct openssh_value *v)
{
	struct kj_map named = {0};
	kj_str arg;
	while (openssh_more(v)) {
		if (!openssh_next(v, &arg))
			return false;
		size_t equals = kj_str_find(arg, '=');
		if (equals == arg.n)
			return openssh_refuse(v, "'%.*s' is no assignment", KJ_FMT(arg));
		void **place = kj_map_at(openssh_arena(v), &named, kj_str_upto(arg, equals));
		if (!*place)
			openssh_give(v, arg);
		*place = v;
	}
	return true;
}

static bool is_method(kj_str method)
{
	static const char *const known[] = {"none",      "publickey",    "password",       "keyboard-interactive",
	                                    "hostbased", "gssapi-keyex", "gssapi-with-mic"};
	method = kj_str_upto(method, kj_str_find(method, ':'));
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (kj_str_eq(method, kj_str_of(known[i])))
			return true;
	return false;
}

bool openssh_read_methods(struct openssh_value *v)
{
	if (!v->args)
		return openssh_refuse(v, "an argument is missing");
	if (!give_rest(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++) {
		kj_str rest = v->out.at[i], method;
		if (kj_str_eq(rest, KJ_STR("any")) && v->out.n == 1)
			return true;
		while (kj_str_cut(&rest, ',', &method))
			if (!is_method(method))
				return openssh_refuse(v, "'%.*s' is no way to authenticate, or must stand alone",
				                      KJ_FMT(v->out.at[i]));
	}
	return true;
}

static bool none_stands_alone(struct openssh_value *v)
{
	for (size_t i = 0; v->out.n > 1 && i < v->out.n; i++)
		if (openssh_is_none(v->out.at[i]))
			return openssh_refuse(v, "'none' must stand alone");
	return true;
}

bool openssh_read_log_verbose(struct openssh_value *v)
{
	return give_rest(v) && none_stands_alone(v);
}

bool openssh_read_channel_timeout(struct openssh_value *v)
{
	if (!give_rest(v) || !none_stands_alone(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++) {
		kj_str arg = v->out.at[i];
		size_t equals = kj_str_find(arg, '=');
		int64_t seconds;
		if (!openssh_is_none(arg) &&
		    (!equals || equals == arg.n || !openssh_time(kj_str_from(arg, equals + 1), &seconds)))
			return openssh_refuse(v, "'%.*s' is not type=time", KJ_FMT(arg));
	}
	return true;
}

bool openssh_read_key_options(struct openssh_value *v)
{
	bool touch = false, verify = false;
	kj_str arg;
	while (openssh_more(v)) {
		if (!openssh_next(v, &arg))
			return false;
		if (kj_str_eq_fold(arg, KJ_STR("touch-required")))
			touch = true;
		else if (kj_str_eq_fold(arg, KJ_STR("verify-required")))
			verify = true;
		else if (!openssh_is_none(arg))
			return openssh_refuse(v, "'%.*s' is no option for keys", KJ_FMT(arg));
	}
	if (touch)
		openssh_give(v, KJ_STR("touch-required"));
	if (verify)
		openssh_give(v, KJ_STR("verify-required"));
	if (!v->out.n)
		openssh_give(v, KJ_STR("none"));
	return true;
}

bool openssh_read_subsystem(struct openssh_value *v)
{
	kj_str arg;
	struct kj_buf buf = KJ_BUF(openssh_arena(v));
	for (size_t i = 0; i < 2 || openssh_more(v); i++) {
		if (i < 2 && !openssh_next(v, &arg))
			return false;
		if (i >= 2)
			arg = v->arg[v->used++];
		if (i)
			kj_buf_char(&buf, ' ');
		kj_buf_put(&buf, arg);
	}
	openssh_give(v, kj_buf_str(&buf));
	return true;
}

bool openssh_read_algorithms(struct openssh_value *v)
{
	const enum openssh_list *list = v->key->with;
	kj_str arg, out, bad;
	if (!openssh_next(v, &arg))
		return false;
	if (!openssh_algorithms_expand(v->build, *list, arg, &out, &bad))
		return openssh_refuse(v, "'%.*s' is no algorithm that sshd knows", KJ_FMT(bad));
	openssh_give(v, out);
	return true;
}
