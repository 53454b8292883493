/* A small program over the firewall layer alone, with the options and the JSON of `kijun firewall -o json`: for
   tests/oracle/firewall_truth.py where the whole tool is not at hand. */
#include "firewall/dialect.h"
#include "firewall/print.h"

#include <stdlib.h>
#include <string.h>

static kj_str read_file(struct kj_arena *arena, const char *path)
{
	struct kj_buf buf = KJ_BUF(arena);
	FILE *file = fopen(path, "rb");
	char chunk[65536];
	size_t n;
	while (file && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
		kj_buf_put(&buf, (kj_str){chunk, n});
	if (!file)
		perror(path);
	else
		fclose(file);
	return kj_buf_str(&buf);
}

static const struct kj_fw_set *address_set(struct kj_arena *arena, const char *text)
{
	struct kj_fw_set *set = KJ_NEW(arena, struct kj_fw_set);
	kj_str rest = kj_str_of(text), piece;
	struct kj_range range;
	set->dims = 1;
	set->declared = true;
	while (kj_str_cut(&rest, ',', &piece)) {
		if (kj_range_parse(piece, &range))
			KJ_PUSH(arena, &set->at, kj_fw_interval_addr(&range));
	}
	return set;
}

struct command {
	struct kj_arena *arena;
	struct kj_fw_request request;
	const char *path;
	bool json;
};

static void take(struct command *c, const char *option, const char *value)
{
	if (!strcmp(option, "--hook")) {
		c->request.has_hook = true;
		c->request.hook = *value == 'i' ? KJ_FW_INPUT : *value == 'f' ? KJ_FW_FORWARD : KJ_FW_OUTPUT;
	} else if (!strcmp(option, "--iface")) {
		c->request.iface = kj_str_of(value);
	} else if (!strcmp(option, "--oface")) {
		c->request.oface = kj_str_of(value);
	} else if (!strcmp(option, "--from")) {
		c->request.src = address_set(c->arena, value);
	} else if (!strcmp(option, "--to")) {
		c->request.dst = address_set(c->arena, value);
	} else if (!strcmp(option, "--sport")) {
		c->request.has_sport = true;
		c->request.sport = (uint16_t)atoi(value);
	} else if (!strcmp(option, "--flags")) {
		c->request.flags = (unsigned char)atoi(value);
	} else if (!strcmp(option, "-o")) {
		c->json = !strcmp(value, "json");
	}
}

static int run(struct command *c)
{
	struct kj_text text = {kj_str_of(c->path), read_file(c->arena, c->path)};
	struct kj_diags diags = {.arena = c->arena};
	struct kj_fw_reading reading = {.arena = c->arena, .text = &text, .diags = &diags};
	if (!kj_fw_read(&reading, NULL)) {
		kj_diags_print(&diags, stderr, false);
		return 2;
	}
	struct kj_fw_survey *surveys = KJ_NEW_ARRAY(c->arena, struct kj_fw_survey, reading.rulesets.n);
	struct kj_buf out = KJ_BUF(c->arena);
	for (size_t i = 0; i < reading.rulesets.n; i++)
		kj_fw_survey(c->arena, reading.rulesets.at[i], &c->request, &surveys[i]);
	if (c->json)
		kj_fw_print_json(&out, surveys, reading.rulesets.n, 0);
	else
		kj_fw_print_text(&out, surveys, reading.rulesets.n);
	fwrite(out.p, 1, out.n, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct command c = {.arena = kj_arena_new(4 * KJ_GIB)};
	int status = 2;
	for (int i = 1; i < argc; i++) {
		if (*argv[i] == '-' && i + 1 < argc) {
			take(&c, argv[i], argv[i + 1]);
			i++;
		} else if (strcmp(argv[i], "firewall") != 0) {
			c.path = argv[i];
		}
	}
	if (c.path)
		status = run(&c);
	else
		fputs("usage: fw_dump [firewall] [-o json] [--hook HOOK] [--iface IN] [--oface OUT] [--from ADDR] "
		      "[--to ADDR] DUMP\n",
		      stderr);
	kj_arena_free(c.arena);
	return status;
}
