/* Binds what policy/ took as words: the parsers, options and resolvers that sources name, and the columns that rules
   ask for. */
#include "resolve/work.h"

struct bind {
	struct kj_program *program;
	struct kj_diags *diags;
};

/* ---- suggestions ---- */

__attribute__((format(printf, 5, 6))) static void unknown(struct bind *b, struct kj_span span,
                                                          const struct kj_str *names, size_t n, const char *format, ...)
{
	struct kj_buf buf = KJ_BUF(b->program->arena);
	va_list args;
	va_start(args, format);
	kj_buf_vfmt(&buf, format, args);
	va_end(args);
	struct kj_diag *diag = kj_error(b->diags, span, "%.*s", KJ_FMT(kj_buf_str(&buf)));
	size_t quote = kj_str_find_last(kj_buf_str(&buf), '\'');
	kj_str word = kj_str_upto(kj_buf_str(&buf), quote);
	word = kj_str_from(word, kj_str_find_last(word, '\'') + 1);
	kj_str near = kj_nearest(word, names, n);
	if (near.n) {
		kj_hint(b->diags, diag, "did you mean '%.*s'?", KJ_FMT(near));
		return;
	}
	struct kj_buf all = KJ_BUF(b->program->arena);
	for (size_t i = 0; i < n; i++)
		kj_buf_fmt(&all, "%s%.*s", i ? ", " : "", KJ_FMT(names[i]));
	kj_hint(b->diags, diag, "there are: %.*s", KJ_FMT(kj_buf_str(&all)));
}

/* The span of a key's value in the source's YAML is not kept: the name is looked for in the source's text. */
static struct kj_span span_of_word(struct kj_span within, const char *key, kj_str word)
{
	if (!within.text)
		return within;
	kj_str name = kj_str_of(key), text = within.text->bytes, line;
	kj_str rest = text;
	while (kj_str_line(&rest, &line)) {
		size_t at = kj_str_find_str(line, name);
		size_t value = at < line.n ? at + kj_str_find_str(kj_str_from(line, at), word) : line.n;
		if (value < line.n)
			return kj_span_of(within.text, kj_str_upto(kj_str_from(line, value), word.n));
	}
	return within;
}

/* ---- sources ---- */

static const struct kj_parser *bind_parser(struct bind *b, struct kj_span within, kj_str name,
                                           const struct kj_node *options)
{
	const struct kj_parser *parser = kj_parser_find(name);
	if (parser) {
		kj_options_read(b->program->arena, parser, options, b->diags);
		return parser;
	}
	size_t n;
	const struct kj_parser *all = kj_parsers(&n);
	kj_str *names = KJ_NEW_ARRAY(b->program->arena, kj_str, n);
	for (size_t i = 0; i < n; i++)
		names[i] = all[i].name;
	unknown(b, span_of_word(within, "parser", name), names, n, "there is no parser '%.*s'", KJ_FMT(name));
	return NULL;
}

static void bind_inputs(struct bind *b, const struct kj_source *source)
{
	for (size_t i = 0; i < source->inputs; i++) {
		const struct kj_input *input = &source->input[i];
		if (input->parser.n)
			bind_parser(b, input->span, input->parser, input->options);
		else if (input->options && source->parser.n && kj_parser_find(source->parser))
			kj_options_read(b->program->arena, kj_parser_find(source->parser), input->options, b->diags);
	}
}

static void bind_source(struct bind *b, const struct kj_source *source)
{
	const struct kj_resolver *resolver = kj_resolver_find(source->resolver);
	if (source->resolver.n && !resolver) {
		size_t n;
		const struct kj_resolver *all = kj_resolvers(&n);
		kj_str *names = KJ_NEW_ARRAY(b->program->arena, kj_str, n);
		for (size_t i = 0; i < n; i++)
			names[i] = all[i].name;
		unknown(b, span_of_word(source->span, "resolver", source->resolver), names, n,
		        "there is no resolver '%.*s'", KJ_FMT(source->resolver));
	}
	if (source->parser.n)
		bind_parser(b, source->span, source->parser, source->options);
	bind_inputs(b, source);
	for (size_t i = 0; i < source->default_count; i++)
		kj_when_check(source->defaults[i].when, b->diags);
	if (resolver && resolver->check)
		resolver->check(source, b->diags);
	if (!source->resolver.n)
		kj_plain_check(source, b->diags);
	if (kj_str_eq(source->resolver, KJ_STR("systemd")))
		kj_systemd_check(source, b->diags);
}

/* ---- columns ---- */

struct columns {
	KJ_VEC(kj_str) list;
};

static void add_names(struct bind *b, struct columns *out, const char *const *names)
{
	for (; names && *names; names++)
		KJ_PUSH(b->program->arena, &out->list, kj_str_of(*names));
}

/* The columns of a source's rows; none when nobody can say (an error was reported then). */
static struct columns columns_of(struct bind *b, const struct kj_source *source)
{
	struct columns out = {0};
	const struct kj_resolver *resolver = kj_resolver_find(source->resolver);
	kj_str name = source->parser.n ? source->parser : source->inputs ? source->input[0].parser : KJ_STR("");
	const struct kj_parser *parser = kj_parser_find(name);
	for (size_t i = 0; i < source->known_column_count; i++)
		KJ_PUSH(b->program->arena, &out.list, source->known_columns[i]);
	if (out.list.n)
		return out;
	if (resolver && resolver->columns_of)
		add_names(b, &out, resolver->columns_of(b->program->arena, source));
	add_names(b, &out, resolver && resolver->columns ? resolver->columns : parser ? parser->columns : NULL);
	if (out.list.n || !parser)
		return out;
	const struct kj_node *node = source->options  ? source->options
	                             : source->inputs ? source->input[0].options
	                                              : NULL;
	kj_str rest = kj_options_read(b->program->arena, parser, node, NULL)->columns, column;
	while (kj_str_word(&rest, &column))
		KJ_PUSH(b->program->arena, &out.list, column);
	return out;
}

static bool has(const struct columns *columns, kj_str name)
{
	for (size_t i = 0; i < columns->list.n; i++)
		if (kj_str_eq(columns->list.at[i], name))
			return true;
	return false;
}

static void check_column(struct bind *b, const struct columns *columns, const struct kj_source *source, kj_str column,
                         struct kj_span span)
{
	if (!columns->list.n && (source->parser.n || source->inputs))
		return;
	if (!has(columns, column))
		unknown(b, span, columns->list.at, columns->list.n, "the rows of '%.*s' have no column '%.*s'",
		        KJ_FMT(source->id), KJ_FMT(column));
}

/* Rows whose cells are spoken of. */
struct spoken {
	const struct kj_source *source;
	struct columns columns;
};

/* "@column" is a cell of the row that the check looks at, or a word of the subject. */
static void check_operands(struct bind *b, const struct spoken *present, const struct kj_test *test)
{
	static const kj_str own[] = {KJ_STR_INIT("host"), KJ_STR_INIT("role"), KJ_STR_INIT("today")};
	for (size_t i = 0; i < test->n; i++) {
		const struct kj_operand *operand = &test->operand[i];
		bool known = !operand->cell.n;
		for (size_t k = 0; k < sizeof own / sizeof *own && !known; k++)
			known = kj_str_eq(operand->cell, own[k]);
		if (!known)
			check_column(b, &present->columns, present->source, operand->cell, operand->span);
	}
}

static void check_cells(struct bind *b, const struct spoken *present, const struct spoken *of,
                        const struct kj_cells *cells)
{
	if (!cells)
		return;
	if (cells->kind == KJ_CELL_IN) {
		struct spoken there = {cells->lookup->source, {{0}}};
		if (there.source)
			there.columns = columns_of(b, there.source);
		check_column(b, &of->columns, of->source, cells->column, cells->span);
		if (there.source)
			check_cells(b, of, &there, cells->lookup->where);
	} else if (cells->kind == KJ_CELL_TEST) {
		check_column(b, &of->columns, of->source, cells->column, cells->span);
		check_operands(b, present, &cells->test);
	}
	for (size_t i = 0; i < cells->n; i++)
		check_cells(b, present, of, cells->child[i]);
}

static void check_check(struct bind *b, const struct kj_check *check)
{
	if (!check)
		return;
	for (size_t i = 0; i < check->n; i++)
		check_check(b, check->child[i]);
	if (check->kind != KJ_CHECK_ROWS || !check->rows.source)
		return;
	struct spoken rows = {check->rows.source, columns_of(b, check->rows.source)};
	check_cells(b, &rows, &rows, check->rows.where);
	check_cells(b, &rows, &rows, check->rows.holds);
}

bool kj_program_bind(struct kj_program *program, struct kj_diags *diags)
{
	struct bind b = {program, diags};
	size_t errors = diags->errors;
	for (size_t i = 0; i < program->sources.n; i++)
		bind_source(&b, program->sources.at[i]);
	for (size_t i = 0; i < program->features.n; i++)
		check_check(&b, program->features.at[i]->check);
	for (size_t i = 0; i < program->rules.n; i++)
		check_check(&b, program->rules.at[i]->check);
	return diags->errors == errors;
}
