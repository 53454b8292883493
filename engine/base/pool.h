/* A pool of threads over numbered jobs. */
#ifndef KJ_BASE_POOL_H
#define KJ_BASE_POOL_H

#include <stddef.h>

/* Calls job(ctx, i, worker) for every i < jobs, on `threads` threads (0: one for each processor; worker < threads), and returns when all
   are done. Jobs start in order; the caller's thread is one of the workers. At most 256 threads, and fewer where the system gives no more. */
void kj_pool_run(unsigned threads, size_t jobs, void (*job)(void *ctx, size_t index, unsigned worker), void *ctx);

/* The number of processors this process may use. */
unsigned kj_pool_processors(void);

#endif
