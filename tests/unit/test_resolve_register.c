/* Registers: what stands in them, and what is wrong with them, to the character. */
#include "resolve_check.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "person,employment,status,joined,nda_signed\n"

/* `want`: the state, then each row as `line:col person joined nda_signed`, a bad one as `line:col ! problem`. */
static const struct {
	const char *name, *path, *text, *want;
} cases[] = {
        {"as the columns are called", "registers/people.csv", HEAD "e1,regular,active,2020-04-01,2020-04-01\n",
         "effective\n2:1 e1 2020-04-01 2020-04-01\n"},
        {"in Japanese, in another order, with a column of one's own", "registers/people.csv",
         "入社日,社員番号,部署,雇用区分,在籍状況,誓約書署名日\n2020-04-01,e1,営業,regular,active,2020-04-01\n",
         "effective\n2:1 e1 2020-04-01 2020-04-01\n"},
        {"dates of a spreadsheet", "registers/people.csv", HEAD "e1,regular,active,2020/4/1,\n",
         "effective\n2:1 e1 2020-04-01 \n"},
        {"no such day", "registers/people.csv", HEAD "e1,regular,active,2020/2/30,\n",
         "effective\n2:19 ! joined: '2020-02-30' is not a date such as 2026-11-23\n"},
        {"month or day first is not guessed", "registers/people.csv", HEAD "e1,regular,active,04/01/2020,\n",
         "effective\n2:19 ! joined: '04/01/2020' is not a date such as 2026-11-23\n"},
        {"a word that is none", "registers/people.csv", HEAD "e1,regular,activ,2020-04-01,\n",
         "effective\n2:12 ! status: 'activ' is none of active, leave, left; did you mean 'active'?\n"},
        {"a required cell is empty", "registers/people.csv", HEAD ",regular,active,2020-04-01,\n",
         "effective\n2:1 ! person is empty\n"},
        {"twice the same person", "registers/people.csv",
         HEAD "e1,regular,active,2020-04-01,\n e1 ,regular,left,2020-04-01,\n",
         "effective\n2:1 e1 2020-04-01 \n3:2 ! person 'e1' stands in line 2 already\n"},
        {"too few fields", "registers/people.csv", HEAD "e1,regular\n",
         "effective\n2:1 ! fewer fields than the header has\n"},
        {"a slip in the header", "registers/people.csv",
         "person,employment,status,joined,nda_singed\ne1,regular,active,2020-04-01,2020-04-01\n",
         "error: 'registers/people.csv' line 1: there is no column 'nda_singed'; did you mean 'nda_signed'?\n"},
        {"a required column is missing", "registers/people.csv", "person,status,joined\ne1,active,2020-04-01\n",
         "error: 'registers/people.csv' line 1: the column 'employment' is missing\n"},
        {"a column twice", "registers/people.csv", "person,社員番号,employment,status,joined\n1,2,3,4,5\n",
         "error: 'registers/people.csv' line 1: the column 'person' is there twice\n"},
        {"empty", "registers/people.csv", "\n", "error: 'registers/people.csv' line 1: there is no header\n"},
        {"YAML", "registers/people.yml",
         "people:\n  - {person: e1, employment: regular, status: active, joined: 2020-04-01, nda_signed: 2020-04-02}\n",
         "effective\n2:5 e1 2020-04-01 2020-04-02\n"},
        {"one map is one row", "registers/people.yaml",
         "person: e1\nemployment: regular\nstatus: active\njoined: 2020-04-01\n", "effective\n1:1 e1 2020-04-01 \n"},
        {"a slip in YAML", "registers/people.yml",
         "- person: e1\n  employment: regular\n  status: active\n  joined: 2020-04-01\n  nda_singed: 2020-04-01\n",
         "effective\n5:3 ! there is no 'nda_singed'; did you mean 'nda_signed'?\n"},
        {"a list where one value is wanted", "registers/people.yml",
         "- {person: [e1], employment: regular, status: active, joined: 2020-04-01}\n",
         "effective\n1:12 ! 'person' is a list, one value is wanted\n"},
        {"no map", "registers/people.yml", "- e1\n", "effective\n1:3 ! this is text, a map of columns is wanted\n"},
        {"broken YAML", "registers/people.yml", "- {person: e1\n",
         "error: 'registers/people.yml' line 2: ',' or '}' is expected here\n"},
        {"JSON", "registers/people.json",
         "[{\"person\": \"e1\", \"employment\": \"regular\", \"status\": \"active\", \"joined\": \"2020-04-01\"}]",
         "effective\n1:2 e1 2020-04-01 \n"},
        {"tabs", "registers/people.tsv", "person\temployment\tstatus\tjoined\ne1\tregular\tactive\t2020-04-01\n",
         "effective\n2:1 e1 2020-04-01 \n"},
        {"a spreadsheet", "registers/people.xlsx", "PK",
         "error: 'registers/people.xlsx': a register is a .csv, .tsv, .yml, .yaml or .json file\n"},
        {"nothing", "registers/other.csv", "x\n", "not_collected: the fleet has none of registers/people.*\n"},
};

static const struct kj_resolved *resolve(struct kj_arena *arena, struct kj_program *program, const char *source,
                                         const char *path, const char *text, bool organisation)
{
	struct kj_diags *diags = KJ_NEW(arena, struct kj_diags);
	struct kj_memory_file *file = KJ_NEW(arena, struct kj_memory_file);
	diags->arena = arena;
	*file = (struct kj_memory_file){kj_str_of(path), kj_str_of(text)};
	struct kj_export *export = kj_export_of_files(arena, file, 1, KJ_STR("x"), NULL, diags);
	struct kj_host *host =
	        kj_host_new(arena, export, program, kj_regex_scratch_new(arena), (struct kj_date){2026, 11, 28});
	host->organisation = organisation ? host : NULL;
	return kj_resolve(host, kj_program_source(program, kj_str_of(source)));
}

static kj_str render(struct kj_arena *arena, const struct kj_resolved *r)
{
	struct kj_buf out = KJ_BUF(arena);
	kj_buf_fmt(&out, "%s%s%.*s\n", kj_state_name(r->state), r->message.n ? ": " : "", KJ_FMT(r->message));
	for (size_t i = 0; i < r->rows->list.n; i++) {
		const struct kj_row *row = &r->rows->list.at[i];
		kj_buf_fmt(&out, "%u:%u", row->line, row->col);
		if (row->bad)
			kj_buf_fmt(&out, " ! %s\n", row->problem);
		else
			kj_buf_fmt(&out, " %.*s %.*s %.*s\n", KJ_FMT(kj_row_cell(r->rows, row, KJ_STR("person"))),
			           KJ_FMT(kj_row_cell(r->rows, row, KJ_STR("joined"))),
			           KJ_FMT(kj_row_cell(r->rows, row, KJ_STR("nda_signed"))));
	}
	return kj_buf_str(&out);
}

static void test_cases(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(256 * KJ_MIB);
	struct kj_diags diags = {.arena = arena};
	struct kj_program *program = resolve_program(arena, &diags);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct kj_resolved *r =
		        resolve(arena, program, "register.people", cases[i].path, cases[i].text, true);
		kj_str got = render(arena, r);
		if (!kj_str_eq(got, kj_str_of(cases[i].want)))
			fail_msg("%s: wanted\n%sgot\n%.*s", cases[i].name, cases[i].want, KJ_FMT(got));
	}
	kj_arena_free(arena);
}

/* An export that belongs to no fleet has no registers, even when it has a file of that name. */
static void test_no_fleet(void **state)
{
	(void)state;
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_diags diags = {.arena = arena};
	struct kj_program *program = resolve_program(arena, &diags);
	const struct kj_resolved *r = resolve(arena, program, "register.people", "registers/people.csv", HEAD, false);
	assert_int_equal(r->state, KJ_STATE_NOT_COLLECTED);
	assert_int_equal(r->rows->list.n, 0);
	kj_arena_free(arena);
}

/* Lists: between semicolons, commas or 、 in a CSV cell, lists in YAML. */
static void test_lists(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text;
	} files[] = {
	        {"registers/accounts.csv", "account,host,person,status,groups\na,*,e1,active,wheel; web、db\n"},
	        {"registers/accounts.csv", "account,host,person,status,groups\na,*,e1,active,\"wheel,web\ndb\"\n"},
	        {"registers/accounts.yml",
	         "- {account: a, host: '*', person: e1, status: active, groups: [wheel, web, db]}\n"},
	};
	struct kj_arena *arena = kj_arena_new(64 * KJ_MIB);
	struct kj_diags diags = {.arena = arena};
	struct kj_program *program = resolve_program(arena, &diags);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const struct kj_resolved *r =
		        resolve(arena, program, "register.accounts", files[i].path, files[i].text, true);
		assert_int_equal(r->rows->list.n, 1);
		kj_str groups = kj_row_cell(r->rows, &r->rows->list.at[0], KJ_STR("groups"));
		assert_true(kj_str_eq(groups, KJ_STR("wheel\x1fweb\x1f"
		                                     "db")));
	}
	kj_arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cases),
	        cmocka_unit_test(test_no_fleet),
	        cmocka_unit_test(test_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
