/* Values of sshd_config: what each keyword takes, and how sshd -T prints it (process_server_config_line_depth and
   dump_config of servconf.c). */
#include "resolve/openssh_values.h"

bool openssh_refuse(struct openssh_value *v, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(openssh_arena(v));
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	v->problem = kj_buf_str(&buf);
	return false;
}

void openssh_give(struct openssh_value *v, kj_str s)
{
	KJ_PUSH(openssh_arena(v), &v->out, s);
}

bool openssh_next(struct openssh_value *v, kj_str *arg)
{
	if (v->used == v->args || !v->arg[v->used].n)
		return openssh_refuse(v, "an argument is missing");
	*arg = v->arg[v->used++];
	return true;
}

/* ---- words ---- */

static bool pick(struct openssh_value *v, const struct openssh_word *words, bool fold)
{
	kj_str arg;
	if (!openssh_next(v, &arg))
		return false;
	for (; words->written; words++) {
		kj_str word = kj_str_of(words->written);
		if (fold ? kj_str_eq_fold(word, arg) : kj_str_eq(word, arg)) {
			openssh_give(v, kj_str_of(words->printed));
			return true;
		}
	}
	return openssh_refuse(v, "'%.*s' is no value for it", KJ_FMT(arg));
}

bool openssh_read_word(struct openssh_value *v)
{
	return pick(v, v->key->with, true);
}

bool openssh_read_level(struct openssh_value *v)
{
	static const struct openssh_word levels[] = {{"QUIET", "QUIET"},     {"FATAL", "FATAL"},
	                                             {"ERROR", "ERROR"},     {"INFO", "INFO"},
	                                             {"VERBOSE", "VERBOSE"}, {"DEBUG", "DEBUG"},
	                                             {"DEBUG1", "DEBUG"},    {"DEBUG2", "DEBUG2"},
	                                             {"DEBUG3", "DEBUG3"},   {0}};
	/* Debian's patch brings the old name back, and prints it */
	bool quiet =
	        v->args && (kj_str_eq_fold(v->arg[0], KJ_STR("silent")) || kj_str_eq_fold(v->arg[0], KJ_STR("quiet")));
	if (!quiet || !v->build->debian)
		return pick(v, levels, true);
	v->used = 1;
	openssh_give(v, KJ_STR("SILENT"));
	return true;
}

bool openssh_read_tunnel(struct openssh_value *v)
{
	static const struct openssh_word tunnels[] = {
	        {"no", "no"}, {"point-to-point", "point-to-point"}, {"ethernet", "ethernet"}, {"yes", "yes"}, {0}};
	return pick(v, tunnels, false);
}

/* ---- numbers ---- */

bool openssh_time(kj_str text, int64_t *seconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	int64_t total = 0;
	size_t i = 0;
	while (i < text.n) {
		size_t from = i;
		while (i < text.n && (kj_is_digit(text.p[i]) || (i == from && text.p[i] == '+')))
			i++;
		int64_t n, unit = 1;
		if (!kj_num_int(kj_str_upto(kj_str_from(text, from), i - from), &n) || n > INT32_MAX)
			return false;
		for (size_t u = 0; i < text.n; u++) {
			if (u == sizeof units / sizeof *units)
				return false;
			if (units[u].unit == kj_lower(text.p[i])) {
				unit = units[u].seconds;
				i++;
				break;
			}
		}
		total += n * unit;
		if (total > INT32_MAX)
			return false;
	}
	*seconds = total;
	return text.n > 0;
}

bool openssh_read_time(struct openssh_value *v)
{
	kj_str arg;
	int64_t seconds;
	if (!openssh_next(v, &arg))
		return false;
	if (!openssh_time(arg, &seconds))
		return openssh_refuse(v, "'%.*s' is no time", KJ_FMT(arg));
	openssh_give(v, kj_str_fmt(openssh_arena(v), "%lld", (long long)seconds));
	return true;
}

bool openssh_read_unused(struct openssh_value *v)
{
	if (v->args && openssh_is_none(v->arg[0])) {
		v->used = 1;
		openssh_give(v, KJ_STR("none"));
		return true;
	}
	if (!openssh_read_time(v))
		return false;
	if (kj_str_eq(v->out.at[0], KJ_STR("0")))
		v->out.at[0] = KJ_STR("none");
	return true;
}

static bool read_count(struct openssh_value *v, int64_t *n)
{
	kj_str arg;
	if (!openssh_next(v, &arg))
		return false;
	if (!kj_num_int(arg, n) || *n < 0 || *n > INT32_MAX)
		return openssh_refuse(v, "'%.*s' is no number that it takes", KJ_FMT(arg));
	return true;
}

bool openssh_read_int(struct openssh_value *v)
{
	int64_t n;
	if (!read_count(v, &n))
		return false;
	openssh_give(v, kj_str_fmt(openssh_arena(v), "%lld", (long long)n));
	return true;
}

bool openssh_read_per_source(struct openssh_value *v)
{
	if (!v->args || !kj_str_eq(v->arg[0], KJ_STR("none")))
		return openssh_read_int(v);
	v->used = 1;
	openssh_give(v, KJ_STR("none"));
	return true;
}

bool openssh_read_mask(struct openssh_value *v)
{
	kj_str arg;
	uint64_t mode;
	if (!openssh_next(v, &arg))
		return false;
	/* strtol stops at the first character that is no octal digit */
	size_t n = 0;
	while (n < arg.n && arg.p[n] >= '0' && arg.p[n] <= '7')
		n++;
	if (!kj_num_base(kj_str_upto(arg, n), 8, &mode) || mode > 0777)
		return openssh_refuse(v, "'%.*s' is no file mode", KJ_FMT(arg));
	openssh_give(v, kj_str_fmt(openssh_arena(v), "0%llo", (unsigned long long)mode));
	return true;
}

/* The number at the beginning of *rest, as scanf's %d takes it. */
static bool scan_int(kj_str *rest, int64_t *n)
{
	size_t i = rest->n && (rest->p[0] == '-' || rest->p[0] == '+');
	while (i < rest->n && kj_is_digit(rest->p[i]))
		i++;
	bool ok = kj_num_int(kj_str_upto(*rest, i), n) && *n >= INT32_MIN && *n <= INT32_MAX;
	*rest = kj_str_from(*rest, i);
	return ok;
}

/* How many numbers with colons between scanf finds. */
static size_t scan_ints(kj_str text, int64_t *n, size_t most)
{
	size_t i = 0;
	while (i < most && scan_int(&text, &n[i])) {
		i++;
		if (!text.n || text.p[0] != ':')
			break;
		text = kj_str_from(text, 1);
	}
	return i;
}

bool openssh_read_max_startups(struct openssh_value *v)
{
	kj_str arg;
	int64_t n[3] = {0, 30, 0};
	if (!openssh_next(v, &arg))
		return false;
	size_t found = scan_ints(arg, n, 3);
	if (found == 1) {
		n[1] = 30;
		n[2] = n[0];
	}
	bool sane = (found == 1 || found == 3) && n[0] > 0 && n[2] > 0 && n[0] <= n[2] && n[1] >= 1 && n[1] <= 100;
	if (!sane)
		return openssh_refuse(v, "'%.*s' is not start:rate:full", KJ_FMT(arg));
	openssh_give(v,
	             kj_str_fmt(openssh_arena(v), "%lld:%lld:%lld", (long long)n[0], (long long)n[1], (long long)n[2]));
	return true;
}

bool openssh_read_net_block(struct openssh_value *v)
{
	kj_str arg;
	int64_t n[2] = {0, 0};
	if (!openssh_next(v, &arg))
		return false;
	size_t found = scan_ints(arg, n, 2);
	if (!found || n[0] < 0 || n[0] > 32 || n[1] < 0 || n[1] > 128)
		return openssh_refuse(v, "'%.*s' is not two prefix lengths", KJ_FMT(arg));
	openssh_give(v, kj_str_fmt(openssh_arena(v), "%lld:%lld", (long long)n[0], (long long)n[1]));
	return true;
}

/* scan_scaled(3): a number, perhaps with a fraction, and B K M G T P E. */
static bool scaled(kj_str text, uint64_t *out)
{
	static const char suffixes[] = "bkmgtpe";
	size_t i = 0;
	double value = 0, place = 0.1;
	for (; i < text.n && kj_is_digit(text.p[i]); i++)
		value = value * 10 + (text.p[i] - '0');
	bool digits = i > 0;
	if (i < text.n && text.p[i] == '.')
		for (i++; i < text.n && kj_is_digit(text.p[i]); i++, place /= 10)
			value += (text.p[i] - '0') * place;
	unsigned scale = 0;
	if (i < text.n) {
		while (suffixes[scale] && suffixes[scale] != kj_lower(text.p[i]))
			scale++;
		if (!suffixes[scale] || i + 1 != text.n)
			return false;
	}
	for (; scale; scale--)
		value *= 1024;
	if (!digits || value > 9.0e18)
		return false;
	*out = (uint64_t)value;
	return true;
}

/* "bytes seconds"; the seconds are left out when the line says none, since each of the two is decided on its own. */
bool openssh_read_rekey(struct openssh_value *v)
{
	kj_str arg;
	uint64_t bytes = 0;
	int64_t seconds;
	if (!openssh_next(v, &arg))
		return false;
	if (!kj_str_eq(arg, KJ_STR("default")) && (!scaled(arg, &bytes) || (bytes && bytes < 16)))
		return openssh_refuse(v, "'%.*s' is no amount of data", KJ_FMT(arg));
	openssh_give(v, kj_str_fmt(openssh_arena(v), "%llu", (unsigned long long)bytes));
	if (!openssh_more(v))
		return true;
	if (!openssh_next(v, &arg))
		return false;
	if (kj_str_eq(arg, KJ_STR("none")))
		return true;
	if (!openssh_time(arg, &seconds))
		return openssh_refuse(v, "'%.*s' is no time", KJ_FMT(arg));
	openssh_give(v, kj_str_fmt(openssh_arena(v), "%lld", (long long)seconds));
	return true;
}

static bool port_number(kj_str text, int64_t *port)
{
	static const struct {
		kj_str name;
		int64_t port;
	} known[] = {{KJ_STR_INIT("ssh"), 22}, {KJ_STR_INIT("http"), 80}, {KJ_STR_INIT("https"), 443}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (kj_str_eq(known[i].name, text)) {
			*port = known[i].port;
			return true;
		}
	return kj_num_int(text, port) && *port >= 0 && *port <= 65535;
}

bool openssh_read_port(struct openssh_value *v)
{
	kj_str arg;
	int64_t port;
	if (!openssh_next(v, &arg))
		return false;
	if (!port_number(arg, &port) || port == 0)
		return openssh_refuse(v, "'%.*s' is no port", KJ_FMT(arg));
	openssh_give(v, kj_str_fmt(openssh_arena(v), "%lld", (long long)port));
	return true;
}

/* hpdelim: cuts "host:port" or "[host]:port"; *port.p NULL when there is none. */
static bool host_port(kj_str text, kj_str *host, kj_str *port)
{
	size_t colon = kj_str_find_any(text, KJ_STR(":/"));
	if (text.n && text.p[0] == '[') {
		size_t close = kj_str_find(text, ']');
		if (close == text.n || (close + 1 < text.n && text.p[close + 1] != ':'))
			return false;
		colon = close + 1;
	}
	if (colon < text.n && text.p[colon] == '/')
		return false;
	*host = kj_str_upto(text, colon);
	*port = colon < text.n ? kj_str_from(text, colon + 1) : (kj_str){NULL, 0};
	if (host->n > 1 && host->p[0] == '[' && host->p[host->n - 1] == ']')
		*host = kj_str_upto(kj_str_from(*host, 1), host->n - 2);
	return true;
}

/* address, port or empty, rdomain or empty. */
bool openssh_read_listen(struct openssh_value *v)
{
	kj_str arg, host, port = {NULL, 0}, word;
	int64_t n = 0;
	if (!openssh_next(v, &arg))
		return false;
	size_t colon = kj_str_find(arg, ':');
	bool bare6 =
	        kj_str_find(arg, '[') == arg.n && kj_str_find(kj_str_from(arg, colon + 1), ':') + colon + 1 < arg.n;
	if (bare6)
		host = arg;
	else if (!host_port(arg, &host, &port) || (port.p && (!port_number(port, &n) || n == 0)))
		return openssh_refuse(v, "'%.*s' is no address with a port", KJ_FMT(arg));
	if (openssh_more(v) &&
	    (!openssh_next(v, &word) || !kj_str_eq(word, KJ_STR("rdomain")) || !openssh_next(v, &word)))
		return openssh_refuse(v, "only 'rdomain' and a name may follow an address");
	openssh_give(v, host);
	openssh_give(v, port.p ? kj_str_fmt(openssh_arena(v), "%lld", (long long)n) : KJ_STR(""));
	return true;
}

bool openssh_read_permit(struct openssh_value *v)
{
	kj_str arg, host, port;
	int64_t n;
	if (!openssh_next(v, &arg))
		return false;
	openssh_give(v, arg);
	if (kj_str_eq(arg, KJ_STR("any")) || kj_str_eq(arg, KJ_STR("none")))
		return true;
	bool listens = kj_str_eq(v->key->name, KJ_STR("permitlisten"));
	for (v->out.n = 0, v->used = 0; openssh_more(v);) {
		if (!openssh_next(v, &arg))
			return false;
		if (listens && kj_str_find(arg, ':') == arg.n)
			arg = kj_str_fmt(openssh_arena(v), "*:%.*s", KJ_FMT(arg));
		if (!host_port(arg, &host, &port) || !port.p ||
		    !(kj_str_eq(port, KJ_STR("*")) || port_number(port, &n)))
			return openssh_refuse(v, "'%.*s' is no host with a port", KJ_FMT(arg));
		openssh_give(v, arg);
	}
	return true;
}

bool openssh_read_ipqos(struct openssh_value *v)
{
	static const struct {
		const char *name;
		int64_t value;
	} classes[] = {{"none", INT32_MAX},  {"af11", 0x28}, {"af12", 0x30}, {"af13", 0x38},     {"af21", 0x48},
	               {"af22", 0x50},       {"af23", 0x58}, {"af31", 0x68}, {"af32", 0x70},     {"af33", 0x78},
	               {"af41", 0x88},       {"af42", 0x90}, {"af43", 0x98}, {"cs0", 0x00},      {"cs1", 0x20},
	               {"cs2", 0x40},        {"cs3", 0x60},  {"cs4", 0x80},  {"cs5", 0xa0},      {"cs6", 0xc0},
	               {"cs7", 0xe0},        {"ef", 0xb8},   {"le", 0x04},   {"lowdelay", 0x10}, {"throughput", 0x08},
	               {"reliability", 0x04}};
	do {
		kj_str arg;
		int64_t n;
		if (!openssh_next(v, &arg))
			return false;
		bool number = kj_num_c(arg, &n);
		size_t i = 0;
		for (; i < sizeof classes / sizeof *classes; i++)
			if (kj_str_eq_fold(kj_str_of(classes[i].name), arg) || (number && classes[i].value == n))
				break;
		if (i < sizeof classes / sizeof *classes) {
			/* the first name of a value is printed */
			openssh_give(v, kj_str_of(classes[i].value == 0x04 ? "le" : classes[i].name));
		} else if (number && n >= 0 && n <= 255) {
			openssh_give(v, kj_str_fmt(openssh_arena(v), "0x%02x", (unsigned)n));
		} else {
			return openssh_refuse(v, "'%.*s' is no quality of service", KJ_FMT(arg));
		}
	} while (v->out.n < 2 && openssh_more(v));
	if (v->out.n == 1)
		openssh_give(v, v->out.at[0]);
	return true;
}

/* ---- a whole line ---- */

bool openssh_value_read(struct openssh_value *v)
{
	if (!v->key->read(v))
		return false;
	if (v->used < v->args)
		return openssh_refuse(v, "'%.*s' is one argument too many", KJ_FMT(v->arg[v->used]));
	return true;
}
