/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a front-end says to the holder's session, and what the session says to
 * the next back-end. Fds are numbers here. A case's fixtures are said_setup()
 * and said_teardown(), which fails if an fd was not dropped.
 */
#ifndef VINPUT_TESTS_SAID_H
#define VINPUT_TESTS_SAID_H

#include "injector/hold/hold-replay.h"
#include "injector/hold/hold-session.h"

#define SAID_FDS_MAX 256
/* Where a ring is according to guest memory; it began at SAID_BASE. */
#define SAID_USED_IDX 0x1234
#define SAID_BASE     7

extern struct hold_session said;
extern bool said_is_open[SAID_FDS_MAX];

/* What was read of guest memory, and whether that fails. */
extern struct said_read {
	unsigned int n;
	int fd;
	uint64_t offset;
	bool fails;
} said_read;

int said_setup(void **state);
int said_teardown(void **state);
int said_n_open(void);

struct vu_message said_make(uint32_t request, uint32_t size);
void said_add_fd(struct vu_message *msg);
void say_u64(uint32_t request, uint64_t u64);
void say_state(uint32_t request, uint32_t index, uint32_t num);
void say_vring_fd(uint32_t request, uint32_t index);
/* One region; its memory has SAID_USED_IDX where queues have their used index.
 */
void say_memory(void);
/* All that makes a queue run. */
void say_queue(uint32_t index);
void answer_u64(uint32_t request, uint64_t u64);

/* All messages of a replay, to a back-end that offers these features. */
struct said_again {
	struct vu_message msg[128];
	unsigned int n;
	int rc;
};

const struct said_again *said_replay(uint64_t features);
/* Return: the first of that request, or NULL. */
const struct vu_message *said_find(const struct said_again *all,
				   uint32_t request);

#endif
