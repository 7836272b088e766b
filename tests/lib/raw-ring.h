/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The injector's end of a ring (input/injection/ring-layout.h), byte by byte,
 * without libvinject, and what an injector should not do with one.
 */
#ifndef VINPUT_TESTS_RAW_RING_H
#define VINPUT_TESTS_RAW_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/injection/ring-layout.h"
#include "tests/lib/asker.h"

struct raw_ring {
	struct asker socket; /* owned: its fd */
	int memory, event_fd;
	uint32_t size;
	struct ring_consumer_part *theirs;
	struct ring_producer_part *ours;
	struct vi_event *events;
	uint32_t put; /* events, ever */
	size_t kicks; /* written */
};

#define RAW_RING_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* Return: a memory file of this length with these seals. flags: MFD_... */
int raw_ring_memory(size_t len, int seals, unsigned int flags);
/* A ring that is not offered yet, at a socket, taken. */
struct raw_ring raw_ring_new(int socket, uint32_t size);
void raw_ring_free(struct raw_ring *r); /* the socket, too */

/* Ask. Return: how many events the server allows, 0: no ring. */
uint32_t raw_ring_ask(struct raw_ring *r);
/* Send an offer with these fds. Return: whether the kernel lets them through.
 */
bool raw_ring_try_offer(struct raw_ring *r, const int *fd, size_t n);
void raw_ring_send_offer(struct raw_ring *r, const int *fd, size_t n);
/* Return: whether it was accepted. */
bool raw_ring_is_accepted(struct raw_ring *r);
/* Connect to rig->inject_path, ask and offer: the ring is accepted. */
struct raw_ring raw_ring_open(struct rig *rig, int type, uint32_t size);

/* Put as many as there is space for. Return: how many; the server is kicked. */
size_t raw_ring_put_some(struct raw_ring *r, const struct vi_event *ev,
			 size_t n);
/* Put all. */
void raw_ring_put(struct raw_ring *r, const struct vi_event *ev, size_t n);
/* Make what put there visible, or not, and kick as ring-layout.h says. */
void raw_ring_publish(struct raw_ring *r, uint32_t put);
void raw_ring_kick(struct raw_ring *r);
/* Wait until the server has taken all. */
void raw_ring_wait_taken(struct raw_ring *r);

#define put(r, ...) raw_ring_put(r, RIG_EVENTS(__VA_ARGS__))

#define RING_ASK	vi_event(CONTROL_RING, CONTROL_RING_ASK, CONTROL_MAGIC)
#define RING_OFFER(yes) vi_event(CONTROL_RING, CONTROL_RING_OFFER, yes)
#define RING_SPACE	vi_event(CONTROL_RING, CONTROL_RING_SPACE, 0)

#endif
