/* SPDX-License-Identifier: Apache-2.0 */
/* What a front-end says whole to vinput-hold, and what is said again of it. */
#ifndef VINPUT_TESTS_KEPT_SAID_H
#define VINPUT_TESTS_KEPT_SAID_H

#include <string.h>
#include "injector/hold/hold-rows.h"
#include "tests/lib/cases.h"
#include "tests/lib/said.h"

#define BIT(n) (UINT64_C(1) << (n))

static inline void say(struct vu_message msg)
{
	hold_session_ask(&said, &msg);
}

static inline void say_empty(uint32_t request)
{
	say(said_make(request, 0));
}

/* A message with an fd, whose payload counts from 1. */
static inline void say_file(uint32_t request, uint32_t size)
{
	struct vu_message msg = said_make(request, size);

	for (uint32_t i = 0; i < size; i++)
		msg.p.bytes[i] = (uint8_t)(i + 1);
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
	if (hold_session_asked(&said))
		answer_u64(request, 0);
}

static inline struct vu_mem_region region_of(unsigned int i)
{
	return (struct vu_mem_region){ .guest_addr = i * 0x1000,
				       .size = 0x1000,
				       .user_addr = 0x700000 + i * 0x1000,
				       .mmap_offset = 0x10 * i };
}

static inline void say_region(unsigned int i)
{
	struct vu_message msg = said_make(VU_ADD_MEM_REG, sizeof(msg.p.single));

	msg.p.single.region = region_of(i);
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
}

static inline void say_no_region(struct vu_mem_region at)
{
	struct vu_message msg = said_make(VU_REM_MEM_REG, sizeof(msg.p.single));

	msg.p.single.region = at;
	hold_session_ask(&said, &msg);
}

/* A table of regions from first on, of which the first n_fds have an fd. */
static inline void say_table(unsigned int first, unsigned int n,
			     unsigned int n_fds)
{
	struct vu_message msg =
		said_make(VU_SET_MEM_TABLE,
			  8 + n * (uint32_t)sizeof(struct vu_mem_region));

	msg.p.mem_table.n_regions = n;
	for (unsigned int i = 0; i < n; i++)
		msg.p.mem_table.regions[i] = region_of(first + i);
	for (unsigned int i = 0; i < n_fds; i++)
		said_add_fd(&msg);
	hold_session_ask(&said, &msg);
}

/* The messages of a replay, by their names. */
static inline void expect_replay(const char *names)
{
	const struct said_again *all = said_replay(UINT64_MAX);
	char text[2000] = "", buf[24];

	assert_num(all->rc, 0);
	for (unsigned int i = 0; i < all->n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, hold_row_name(all->msg[i].hdr.request, buf));
	}
	assert_string_equal(text, names);
}

/* Return: the n-th message of a request in a replay, from 0. */
static inline const struct vu_message *again(uint32_t request, unsigned int n)
{
	const struct said_again *all = said_replay(UINT64_MAX);

	for (unsigned int i = 0; i < all->n; i++)
		if (all->msg[i].hdr.request == request && !n--)
			return &all->msg[i];
	return NULL;
}

static inline void expect_over(const char *expected)
{
	struct vu_message answer;
	const char *why = NULL;

	assert_num(hold_session_lose(&said, &answer, &why),
		   expected ? HOLD_OVER : HOLD_RESUME);
	if (expected)
		assert_string_equal(why, expected);
}

static inline int setup_row(void **state)
{
	void *row = *state;
	const int r = said_setup(state);

	*state = row;
	return r;
}

#endif
