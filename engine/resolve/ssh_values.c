/* Values of ssh_config that sshd_config has not: what each keyword takes, and how ssh -G prints it
   (process_config_line_depth and dump_client_config of readconf.c). */
#include "resolve/ssh_values.h"

static bool is_word(kj_str s, const char *word)
{
	return kj_str_eq_fold(s, kj_str_of(word));
}

/* ---- times ---- */

/* `none` leaves it unset. */
bool ssh_read_time(struct openssh_value *v)
{
	if (!v->args || !kj_str_eq(v->arg[0], KJ_STR("none")))
		return openssh_read_time(v);
	v->used = 1;
	return true;
}

bool ssh_read_control_persist(struct openssh_value *v)
{
	kj_str arg;
	int64_t seconds = 0;
	if (!openssh_next(v, &arg))
		return false;
	bool no = kj_str_eq(arg, KJ_STR("no")) || kj_str_eq(arg, KJ_STR("false"));
	bool yes = kj_str_eq(arg, KJ_STR("yes")) || kj_str_eq(arg, KJ_STR("true"));
	if (!no && !yes && !openssh_time(arg, &seconds))
		return openssh_refuse(v, "'%.*s' is no time", KJ_FMT(arg));
	if (seconds)
		openssh_give(v, kj_str_fmt(openssh_arena(v), "%lld", (long long)seconds));
	else
		openssh_give(v, no ? KJ_STR("no") : KJ_STR("yes"));
	return true;
}

/* yes, no, ask, a time; confirm with or without one. */
bool ssh_read_add_keys(struct openssh_value *v)
{
	static const struct openssh_word words[] = {{"true", "true"},
	                                            {"false", "false"},
	                                            {"yes", "true"},
	                                            {"no", "false"},
	                                            {"ask", "ask"},
	                                            {"confirm", "confirm"},
	                                            {0}};
	kj_str arg, time = KJ_STR("");
	int64_t seconds = 0;
	const struct openssh_word *word = words;
	if (!openssh_next(v, &arg))
		return false;
	while (word->written && !is_word(arg, word->written))
		word++;
	bool confirm = word->written && is_word(KJ_STR("confirm"), word->written);
	if (!word->written)
		time = arg;
	else if (confirm && openssh_more(v) && !openssh_next(v, &time))
		return false;
	if (time.n && !openssh_time(time, &seconds))
		return openssh_refuse(v, "'%.*s' is no value for it", KJ_FMT(time));
	if (seconds)
		openssh_give(v, kj_str_fmt(openssh_arena(v), confirm ? "confirm %lld" : "%lld", (long long)seconds));
	else
		openssh_give(v, word->written ? kj_str_of(word->printed) : KJ_STR("true"));
	return true;
}

bool ssh_read_obscure(struct openssh_value *v)
{
	kj_str arg, interval = KJ_STR("interval:");
	int64_t n;
	if (!openssh_next(v, &arg))
		return false;
	bool yes = is_word(arg, "yes") || is_word(arg, "true"), no = is_word(arg, "no") || is_word(arg, "false");
	bool timed =
	        kj_str_starts_fold(arg, interval) && kj_num_int(kj_str_from(arg, interval.n), &n) && n > 0 && n <= 1000;
	if (!yes && !no && !timed)
		return openssh_refuse(v, "'%.*s' is no value for it", KJ_FMT(arg));
	openssh_give(v, yes ? KJ_STR("yes") : no ? KJ_STR("no") : arg);
	return true;
}

/* ---- texts ---- */

/* The rest of the line as it stands. */
bool ssh_read_command(struct openssh_value *v)
{
	kj_str raw = v->raw;
	while (raw.n && (raw.p[0] == '=' || kj_is_space(raw.p[0])))
		raw = kj_str_from(raw, 1);
	v->used = v->args;
	openssh_give(v, openssh_is_none(raw) ? KJ_STR("none") : raw);
	return true;
}

static bool good_env(kj_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!kj_is_alnum(name.p[i]) && name.p[i] != '_')
			return false;
	return name.n > 0;
}

/* A path, a word, or $NAME: whose name must be one. */
bool ssh_read_agent(struct openssh_value *v)
{
	if (!openssh_read_text(v))
		return false;
	kj_str arg = v->out.at[0];
	bool name = kj_str_starts(arg, KJ_STR("$")) && !kj_str_starts(arg, KJ_STR("${"));
	if (name && !good_env(kj_str_from(arg, 1)))
		return openssh_refuse(v, "'%.*s' is no name of a variable", KJ_FMT(arg));
	return true;
}

bool ssh_read_forward_agent(struct openssh_value *v)
{
	if (!ssh_read_agent(v))
		return false;
	kj_str *out = &v->out.at[0];
	if (is_word(*out, "yes") || is_word(*out, "true"))
		*out = KJ_STR("yes");
	else if (is_word(*out, "no") || is_word(*out, "false"))
		*out = KJ_STR("no");
	return true;
}

/* none, one character, or ^ and one. */
bool ssh_read_escape(struct openssh_value *v)
{
	kj_str arg;
	if (!openssh_next(v, &arg))
		return false;
	bool control = arg.n == 2 && arg.p[0] == '^' && (unsigned char)arg.p[1] >= 64 && (unsigned char)arg.p[1] < 128;
	if (kj_str_eq(arg, KJ_STR("none")) || arg.n == 1)
		openssh_give(v, arg);
	else if (control)
		openssh_give(v, kj_str_fmt(openssh_arena(v), "\\^%c", (arg.p[1] & 31) + 64));
	else
		return openssh_refuse(v, "'%.*s' is no escape character", KJ_FMT(arg));
	return true;
}

static bool good_hop(kj_str hop)
{
	kj_str uri = KJ_STR("ssh://");
	if (kj_str_starts(hop, uri))
		hop = kj_str_from(hop, uri.n);
	size_t at = kj_str_find_last(hop, '@');
	kj_str host = at < hop.n ? kj_str_from(hop, at + 1) : hop;
	size_t colon = kj_str_find_last(host, ':');
	int64_t port = 22;
	bool bracket = kj_str_starts(host, KJ_STR("["));
	if (colon < host.n && (!bracket || host.p[host.n - 1] != ']'))
		if (!kj_num_int(kj_str_from(host, colon + 1), &port))
			return false;
	return host.n && colon > 0 && (at == hop.n || at > 0) && port > 0 && port <= 65535;
}

/* [user@]host[:port], several with commas between: as it is written, without a comment. */
bool ssh_read_jump(struct openssh_value *v)
{
	kj_str raw = v->raw, hop;
	while (raw.n && (raw.p[0] == '=' || kj_is_space(raw.p[0])))
		raw = kj_str_from(raw, 1);
	raw = kj_str_trim_right(kj_str_upto(raw, kj_str_find(raw, '#')));
	v->used = v->args;
	for (kj_str rest = raw; !openssh_is_none(raw) && kj_str_cut(&rest, ',', &hop);)
		if (!good_hop(hop))
			return openssh_refuse(v, "'%.*s' is no host to jump by", KJ_FMT(hop));
	openssh_give(v, openssh_is_none(raw) ? KJ_STR("none") : raw);
	return true;
}

static bool tunnel_number(kj_str s)
{
	int64_t n;
	return is_word(s, "any") || (kj_num_int(s, &n) && n >= 0 && n <= INT32_MAX - 2);
}

bool ssh_read_tunnel_device(struct openssh_value *v)
{
	kj_str arg;
	if (!openssh_next(v, &arg))
		return false;
	size_t colon = kj_str_find(arg, ':');
	kj_str local = kj_str_upto(arg, colon), remote = colon < arg.n ? kj_str_from(arg, colon + 1) : KJ_STR("any");
	if (!tunnel_number(local) || !tunnel_number(remote))
		return openssh_refuse(v, "'%.*s' is no pair of tunnel devices", KJ_FMT(arg));
	openssh_give(v, kj_str_lower(openssh_arena(v),
	                             kj_str_fmt(openssh_arena(v), "%.*s:%.*s", KJ_FMT(local), KJ_FMT(remote))));
	return true;
}

/* ---- lists ---- */

/* All arguments, none empty; `none` alone. */
bool ssh_read_files(struct openssh_value *v)
{
	kj_str arg;
	while (openssh_more(v)) {
		if (!openssh_next(v, &arg))
			return false;
		openssh_give(v, arg);
	}
	for (size_t i = 0; v->out.n > 1 && i < v->out.n; i++)
		if (openssh_is_none(v->out.at[i]))
			return openssh_refuse(v, "'none' must stand alone");
	return true;
}

/* ssh keeps the first only. */
bool ssh_read_log_verbose(struct openssh_value *v)
{
	if (!ssh_read_files(v))
		return false;
	v->out.n = v->out.n ? 1 : 0;
	return true;
}

static bool good_domain(kj_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		bool fine = kj_is_alnum(name.p[i]) || (i && (name.p[i] == '-' || name.p[i] == '_' || name.p[i] == '.'));
		if (!fine || (i && name.p[i] == '.' && name.p[i - 1] == '.'))
			return false;
	}
	return name.n > 0;
}

bool ssh_read_domains(struct openssh_value *v)
{
	if (!ssh_read_files(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++) {
		kj_str *out = &v->out.at[i];
		if (!good_domain(*out))
			return openssh_refuse(v, "'%.*s' is no domain", KJ_FMT(*out));
		*out = kj_str_lower(openssh_arena(v), *out);
		if (out->p[out->n - 1] == '.')
			out->n--;
	}
	return true;
}

bool ssh_read_cnames(struct openssh_value *v)
{
	if (!ssh_read_files(v))
		return false;
	for (size_t i = 0; i < v->out.n; i++) {
		kj_str *out = &v->out.at[i];
		size_t colon = kj_str_find(*out, ':');
		if (kj_str_eq(*out, KJ_STR("*")))
			*out = KJ_STR("*:*");
		else if (openssh_is_none(*out))
			*out = KJ_STR("none");
		else if (colon + 1 >= out->n)
			return openssh_refuse(v, "'%.*s' is no pair of lists", KJ_FMT(*out));
		else
			*out = kj_str_lower(openssh_arena(v), *out);
	}
	return true;
}

bool ssh_read_send_env(struct openssh_value *v)
{
	return openssh_read_accept_env(v);
}

bool ssh_read_set_env(struct openssh_value *v)
{
	for (size_t i = 0; i < v->args; i++)
		if (!v->arg[i].n)
			return openssh_refuse(v, "an empty argument is no assignment");
	return openssh_read_set_env(v);
}

/* ---- forwardings ---- */

struct field {
	kj_str text;
	bool path;
};

/* parse_fwd_field: up to a colon; [brackets] keep theirs, a backslash quotes. */
static bool next_field(struct kj_arena *arena, kj_str *rest, struct field *field)
{
	struct kj_buf buf = KJ_BUF(arena);
	*field = (struct field){0};
	if (!rest->n)
		return false;
	size_t i = 0;
	if (rest->p[0] == '[') {
		i = kj_str_find(*rest, ']');
		if (i == rest->n || (i + 1 < rest->n && rest->p[i + 1] != ':'))
			return false;
		kj_buf_put(&buf, kj_str_upto(kj_str_from(*rest, 1), i - 1));
		i++;
	} else {
		for (; i < rest->n && rest->p[i] != ':'; i++) {
			if (rest->p[i] == '\\' && ++i == rest->n)
				return false;
			kj_buf_char(&buf, rest->p[i]);
		}
	}
	field->text = kj_buf_str(&buf);
	field->path = kj_str_find(field->text, '/') < field->text.n;
	*rest = kj_str_from(*rest, i + 1);
	return true;
}

static bool put_end(struct kj_buf *buf, const struct field *host, const struct field *port, bool zero)
{
	int64_t n;
	if (buf->n)
		kj_buf_char(buf, ' ');
	if (port->path) {
		kj_buf_put(buf, port->text);
		return !host;
	}
	if (!kj_num_int(port->text, &n) || n < (zero ? 0 : 1) || n > 65535)
		return false;
	if (host)
		kj_buf_fmt(buf, "[%.*s]:%lld", KJ_FMT(host->text), (long long)n);
	else
		kj_buf_fmt(buf, "%lld", (long long)n);
	return true;
}

/* [host:]port or a path, listened on; and the same, connected to, unless it is a proxy. */
static bool put_forward(struct kj_buf *buf, const struct field *f, size_t n, bool proxy, bool remote)
{
	if (proxy)
		return n == 1 ? put_end(buf, NULL, &f[0], remote)
		              : n == 2 && !f[0].path && put_end(buf, &f[0], &f[1], remote);
	bool listens_by_host = n == 4 || (n == 3 && f[2].path);
	size_t target = listens_by_host ? 2 : 1;
	if (n < 2 || target >= n || !put_end(buf, listens_by_host ? &f[0] : NULL, &f[target - 1], remote))
		return false;
	return n - target == 1 ? f[target].path && put_end(buf, NULL, &f[target], false)
	                       : put_end(buf, &f[target], &f[target + 1], false);
}

bool ssh_read_forward(struct openssh_value *v)
{
	bool remote = kj_str_eq(v->key->name, KJ_STR("remoteforward"));
	bool proxy = kj_str_eq(v->key->name, KJ_STR("dynamicforward")) || (remote && v->args < 2);
	struct kj_arena *arena = openssh_arena(v);
	struct kj_buf buf = KJ_BUF(arena);
	struct field field[4];
	size_t n = 0;
	kj_str spec, target;
	if (!openssh_next(v, &spec) || (!proxy && !openssh_next(v, &target)))
		return false;
	if (!proxy)
		spec = kj_str_fmt(arena, "%.*s:%.*s", KJ_FMT(spec), KJ_FMT(target));
	while (n < 4 && next_field(arena, &spec, &field[n]))
		n++;
	if (spec.n || !put_forward(&buf, field, n, proxy, remote))
		return openssh_refuse(v, "'%.*s' is no forwarding", KJ_FMT(v->arg[0]));
	if (remote && proxy)
		kj_buf_put(&buf, KJ_STR(" [socks]:0"));
	openssh_give(v, kj_buf_str(&buf));
	return true;
}
