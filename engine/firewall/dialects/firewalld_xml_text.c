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
