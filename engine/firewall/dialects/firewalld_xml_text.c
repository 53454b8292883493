#include "firewall/dialects/firewalld_xml.h"

static bool is_heading(kj_str line)
{
	return line.n > 8 && kj_str_starts(line, KJ_STR("==> ")) && kj_str_ends(line, KJ_STR(" <=="));
}

bool kj_fwd_next_file(struct kj_fwd_files *files, struct kj_fwd_file *file)
{
	kj_str rest = files->rest, line;
	*file = (struct kj_fwd_file){.before = files->line};
	if (!kj_str_line(&rest, &line))
		return false;
	line = kj_str_trim_right(line);
	if (is_heading(line)) {
		file->path = kj_str_upto(kj_str_from(line, 4), line.n - 8);
		files->line++;
		file->before++;
		files->rest = rest;
	}
	file->bytes = files->rest;
	for (rest = files->rest; kj_str_line(&rest, &line); files->rest = rest) {
		if (is_heading(kj_str_trim_right(line)))
			break;
		files->line++;
	}
	file->bytes.n -= files->rest.n;
	return true;
}

kj_str kj_fwd_file_name(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	kj_str name = slash < path.n ? kj_str_from(path, slash + 1) : path;
	return kj_str_ends(name, KJ_STR(".xml")) ? kj_str_upto(name, name.n - 4) : name;
}

kj_str kj_fwd_file_folder(kj_str path)
{
	size_t slash = kj_str_find_last(path, '/');
	if (slash == path.n)
		return KJ_STR("");
	path = kj_str_upto(path, slash);
	slash = kj_str_find_last(path, '/');
	return slash < path.n ? kj_str_from(path, slash + 1) : path;
}

/* What comes before the first element: blanks, declarations, comments. */
static kj_str after_prolog(kj_str s)
{
	static const struct {
		const char *begin, *end;
	} parts[] = {{"\xef\xbb\xbf", ""}, {"<?", "?>"}, {"<!--", "-->"}, {"<!", ">"}};
	enum { PARTS = sizeof parts / sizeof *parts };
	for (size_t i = 0; i < PARTS;) {
		s = kj_str_trim_left(s);
		kj_str begin = kj_str_of(parts[i].begin), end = kj_str_of(parts[i].end);
		if (!kj_str_starts(s, begin)) {
			i++;
			continue;
		}
		s = kj_str_from(s, begin.n);
		if (end.n)
			s = kj_str_from(s, kj_str_find_str(s, end) + end.n);
		i = 0;
	}
	return s;
}

bool kj_fwd_is_root(kj_str bytes, kj_str name)
{
	kj_str s = after_prolog(bytes);
	if (!kj_str_starts(s, KJ_STR("<")) || !kj_str_starts(kj_str_from(s, 1), name) || s.n <= name.n + 1)
		return false;
	char next = s.p[name.n + 1];
	return kj_is_space(next) || next == '>' || next == '/';
}
