/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the floor receives instead of vhost-user messages: one struct with the
 * fds below, which it answers with one byte.
 */
#ifndef VINPUT_BENCH_FLOOR_H
#define VINPUT_BENCH_FLOOR_H

#include <stdint.h>

enum floor_fd {
	FLOOR_MEMORY,
	FLOOR_CALL,
	FLOOR_KICK,
	FLOOR_FDS,
};

struct floor_setup {
	uint64_t memory_len;
	uint64_t guest_addr;	    /* of the memory's first byte */
	uint64_t desc, avail, used; /* offsets of the eventq in the memory */
	uint32_t num;
};

#endif
