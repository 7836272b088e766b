/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process costs, as the kernel counts it. Each returns -1 where it
 * cannot be had.
 */
#ifndef VINPUT_BENCH_PROCESS_COST_H
#define VINPUT_BENCH_PROCESS_COST_H

#include <stdint.h>
#include <sys/types.h>

int64_t cost_cpu_ns(pid_t pid);
/* How often it went to sleep of itself: once for each time it is woken. */
int64_t cost_sleeps(pid_t pid);
int64_t cost_fds(pid_t pid);

/* KiB: of its own, with its share of what others have too, with all of that */
struct cost_memory {
	int64_t private, proportional, resident;
};

struct cost_memory cost_memory(pid_t pid);

#endif
