/* modprobe.d as libkmod reads it: freadline_wrapped and underscores of shared/util.c, kmod_config_parse of
   libkmod/libkmod-config.c. */
#include "parse/scan.h"

enum { COMMAND, MODULE, VALUE };

struct wrapped {
	const char *at, *end;
	uint32_t number; /* of the line that comes next */
};

/* The next line, lines that end in a backslash joined, comments too; any other backslash goes. */
static bool next_line(struct kj_parse *parse, struct wrapped *w, kj_str *line)
{
	if (w->at == w->end)
		return false;
	const char *lf = memchr(w->at, '\n', (size_t)(w->end - w->at));
	const char *stop = lf ? lf : w->end;
	if (!memchr(w->at, '\\', (size_t)(stop - w->at))) {
		*line = (kj_str){w->at, (size_t)(stop - w->at)};
		w->at = lf ? lf + 1 : stop;
		w->number++;
		return true;
	}
	struct kj_buf buf = KJ_BUF(parse->arena);
	for (; w->at < w->end && *w->at != '\n'; w->at++) {
		bool quotes = *w->at == '\\' && w->at + 1 < w->end;
		w->at += quotes ? 1 : 0;
		if (!quotes || *w->at != '\n')
			kj_buf_char(&buf, *w->at);
		else
			w->number++;
	}
	w->at += w->at < w->end ? 1 : 0;
	w->number++;
	*line = kj_buf_str(&buf);
	return true;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t';
}

/* strtok(…, "\t "): moves past the token and the one blank that ends it. */
static kj_str token(kj_str *rest)
{
	size_t from = 0, to;
	while (from < rest->n && is_white(rest->p[from]))
		from++;
	for (to = from; to < rest->n && !is_white(rest->p[to]); to++)
		continue;
	kj_str word = {rest->p + from, to - from};
	*rest = kj_str_from(*rest, to + 1);
	return word;
}

/* Dashes are underscores, outside of brackets. False for brackets that do not close. */
static bool underscores(struct kj_arena *arena, kj_str name, kj_str *out)
{
	char *copy = kj_alloc_text(arena, name.n);
	bool inside = false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ']' && !inside)
			return false;
		inside = inside ? name.p[i] != ']' : name.p[i] == '[';
		copy[i] = name.p[i] == '-' && !inside ? '_' : name.p[i];
	}
	*out = (kj_str){copy, name.n};
	return name.n && !inside;
}

/* What must follow the module of each command. */
enum follows { NOTHING, A_MODULE, TEXT };
static const struct {
	kj_str name;
	enum follows follows;
} commands[] = {
        {KJ_STR_INIT("alias"), A_MODULE}, {KJ_STR_INIT("blacklist"), NOTHING}, {KJ_STR_INIT("install"), TEXT},
        {KJ_STR_INIT("options"), TEXT},   {KJ_STR_INIT("remove"), TEXT},       {KJ_STR_INIT("softdep"), TEXT},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static const char *fill(struct kj_parse *parse, size_t command, kj_str rest, kj_str *cells)
{
	if (!underscores(parse->arena, token(&rest), &cells[MODULE]))
		return "no module after the command, or a bracket without its other half";
	if (commands[command].follows == A_MODULE && !underscores(parse->arena, token(&rest), &cells[VALUE]))
		return "no module after the alias";
	if (commands[command].follows == TEXT && !rest.n)
		return "nothing after the module";
	if (commands[command].follows == TEXT)
		cells[VALUE] = kj_str_trim(rest);
	return NULL;
}

static bool take_line(struct kj_parse *parse, uint32_t number, kj_str line)
{
	kj_str rest = line, command = token(&rest);
	if (!command.n || line.p[0] == '#')
		return true;
	size_t i = 0;
	while (i < COMMANDS && !kj_str_eq(commands[i].name, command))
		i++;
	kj_str *cells = kj_rows_add(parse, number, 1);
	if (!cells)
		return false;
	cells[COMMAND] = command;
	const char *problem = i == COMMANDS ? "there is no such command" : fill(parse, i, rest, cells);
	if (problem)
		kj_rows_spoil(parse, problem);
	return true;
}

void kj_parse_modprobe(struct kj_parse *parse)
{
	kj_str text = parse->text->bytes, line;
	struct wrapped w = {.at = text.p, .end = text.n ? text.p + text.n : text.p, .number = 1};
	for (uint32_t number = 1; next_line(parse, &w, &line); number = w.number)
		if (!take_line(parse, number, line))
			return;
}
