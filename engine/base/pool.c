#define _GNU_SOURCE /* sched_getaffinity */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

struct pool {
	atomic_size_t next;
	size_t jobs;
	void (*job)(void *ctx, size_t index, unsigned worker);
	void *ctx;
};

struct worker {
	struct pool *pool;
	unsigned number;
	pthread_t thread;
};

static void *work(void *object)
{
	struct worker *worker = object;
	struct pool *pool = worker->pool;
	size_t index;
	while ((index = atomic_fetch_add(&pool->next, 1)) < pool->jobs)
		pool->job(pool->ctx, index, worker->number);
	return NULL;
}

void kj_pool_run(unsigned threads, size_t jobs, void (*job)(void *ctx, size_t index, unsigned worker), void *ctx)
{
	struct pool pool = {.jobs = jobs, .job = job, .ctx = ctx};
	struct worker workers[MAX_THREADS];
	unsigned started = 1;
	if (!threads)
		threads = kj_pool_processors();
	if (threads > MAX_THREADS)
		threads = MAX_THREADS;
	if (threads > jobs)
		threads = (unsigned)jobs;
	for (; started < threads; started++) {
		workers[started] = (struct worker){.pool = &pool, .number = started};
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]))
			break;
	}
	workers[0] = (struct worker){.pool = &pool};
	work(&workers[0]);
	while (--started)
		pthread_join(workers[started].thread, NULL);
}

unsigned kj_pool_processors(void)
{
	cpu_set_t set;
	if (!sched_getaffinity(0, sizeof set, &set))
		return (unsigned)CPU_COUNT(&set);
	long online = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than a cpu_set_t holds */
	return online > 0 ? (unsigned)online : 1;
}
