/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of a process, as the kernel counts it. Each function returns -1
 * where it is not available.
 */
#ifndef VINPUT_BENCH_PROCESS_COST_H
#define VINPUT_BENCH_PROCESS_COST_H

#include <stdint.h>
#include <sys/types.h>

int64_t cost_cpu_ns(pid_t pid);
/* Voluntary context switches: one for each time it is woken. */
int64_t cost_sleeps(pid_t pid);
int64_t cost_fds(pid_t pid);

/* KiB: private, with its share of shared pages, with all of them */
struct cost_memory {
	int64_t private, proportional, resident;
};

struct cost_memory cost_memory(pid_t pid);

#endif
