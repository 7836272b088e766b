/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The base of the unit tests of pass-device.h: a device with a node and two
 * guests that the test plays. A program that uses it defines ioctl(), so that
 * it calls fake_node_ioctl(&world.fake).
 */
#ifndef VINPUT_TESTS_PASS_WORLD_H
#define VINPUT_TESTS_PASS_WORLD_H

#include "injector/passthrough/pass-device.h"
#include "tests/lib/fake-node.h"

struct guest {
	struct pass_outlet outlet;
	char got[8192]; /* frames as text, separated by " | " */
	bool full;	/* it has no space */
	bool waits;	/* what is passed at once is not all that it needs */
	unsigned int passed; /* how often that was */
};

struct pass_world {
	struct pass_device device;
	struct fake_node fake;
	struct guest guest[2]; /* at first, the first has it */
	struct pass_guard guard;
	int guard_end, node_end; /* the test's */
	/* What the owner was told. */
	unsigned int played; /* bits of enum pass_command */
	unsigned int n_played;
	int ended; /* why */
};

extern struct pass_world world;

/* What is logged. */
#define WORLD_PATH  "/dev/input/event-of-a-test"
#define WORLD_NAME  WORLD_PATH ": \"Keyboard of a test\""
#define WORLD_TAKEN WORLD_NAME " goes to the guest\n"
#define WORLD_LEFT  WORLD_NAME " goes to the host\n"

/* cmocka fixtures. The device is initialized, and not open. */
int pass_world_setup(void **state);
int pass_world_teardown(void **state);

/* The guest has the device. command: played by these keys. */
void world_start(void);
void world_start_with_chord(enum pass_command command, const char *keys);
/* The loop serves what there is. */
void world_serve(void);
/* The timer, which runs, has expired. */
void world_expire(ev_timer *timer);

/* Open the node as it is now. */
void node_open(void);
/* The node's frame is served: by the loop, or as by its shortcut. */
void node_sends(const char *frame);
/* Return: whether nothing is left to the watcher. */
bool node_sends_shortly(const char *frame);
/* A frame of one key, with its time; it is not served yet. */
void node_sends_key(int64_t us, uint16_t key, int value);
/* What was written to the node. */
void node_expect_leds(const char *text);

/* What the guest was sent since the last call. */
void guest_expect(struct guest *g, const char *frames);
void guest_sets(struct guest *g, uint16_t led, int on);

/* The last message to the guard. */
void guard_expect(uint32_t has, uint32_t on);
void guard_expect_nothing(void);

#endif
