/* A range of work cut into blocks, which threads take one after another.
 *
 * Thread: the caller's and `threads` of its own, all gone when it returns. Which thread gets a
 * block is open, so what a block does may depend on its number only.
 */
#ifndef HAIHE_BENCH_BLOCKS_H
#define HAIHE_BENCH_BLOCKS_H

#include "base/error.h"
#include "base/str.h"

enum { BLOCK_THREAD_LIMIT = 256 };

/* `worker` is 0..threads-1. False with an error: no further block is begun. */
typedef bool block_function(void *context, unsigned worker, size_t block, struct error *error);

/* Runs blocks 0..count-1 on so many threads (1..BLOCK_THREAD_LIMIT; 1 is the caller's own). False
 * with the error of the lowest block that failed. */
bool blocks_run(size_t count, unsigned threads, block_function *run, void *context,
                struct error *error);

#endif
