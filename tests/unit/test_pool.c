#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { JOBS = 5000 };

struct seen {
	unsigned threads;
	atomic_int runs[JOBS];
	atomic_int bad_worker;
	atomic_size_t started;
	size_t order[JOBS]; /* filled by one thread only */
};

static void job(void *ctx, size_t index, unsigned worker)
{
	struct seen *seen = ctx;
	atomic_fetch_add(&seen->runs[index], 1);
	if (worker >= seen->threads)
		atomic_fetch_add(&seen->bad_worker, 1);
	size_t place = atomic_fetch_add(&seen->started, 1);
	if (seen->threads == 1)
		seen->order[place] = index;
}

static void test_each_once(void **state)
{
	(void)state;
	static const struct {
		unsigned threads;
		size_t jobs;
	} rows[] = {{1, JOBS}, {2, JOBS}, {16, JOBS}, {16, 3}, {1, 0}, {0, 0}, {0, JOBS}, {100000, JOBS}};
	static struct seen seen;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		memset(&seen, 0, sizeof seen);
		seen.threads = rows[i].threads ? rows[i].threads : kj_pool_processors();
		kj_pool_run(rows[i].threads, rows[i].jobs, job, &seen);
		assert_int_equal(seen.bad_worker, 0);
		assert_int_equal(seen.started, rows[i].jobs);
		for (size_t j = 0; j < JOBS; j++)
			assert_int_equal(seen.runs[j], j < rows[i].jobs);
		for (size_t j = 0; j < rows[i].jobs && seen.threads == 1; j++)
			assert_int_equal(seen.order[j], j);
	}
}

static void test_processors(void **state)
{
	(void)state;
	assert_in_range(kj_pool_processors(), 1, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_once), cmocka_unit_test(test_processors)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
