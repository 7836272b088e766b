/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One source floods the device with motion. A key of another reaches the guest
 * within two of the flood's frames; frames delivered before the key was written
 * do not count, as nobody can take them back.
 */
#include <errno.h>
#include <sys/socket.h>
#include "tests/lib/rig.h"

#define KEYS 200

/* Write motion until the socket takes no more. */
static void flood(struct rig *rig, size_t injector)
{
	static struct vi_event ev[512];

	for (size_t i = 0; i < 512; i += 2) {
		ev[i] = REL(REL_X, 1);
		ev[i + 1] = SYN;
	}
	/* Whole frames: complete the one that the socket took in part. */
	while (send(rig->inject[injector], ev, sizeof(ev),
		    MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(ev))
		;
}

/*
 * Take events until the key comes. Return: frames of motion that came before
 * it, but not with the first `given` events.
 */
static int frames_before_key(struct rig *rig, uint16_t given)
{
	struct vi_event ev;
	int frames = 0;

	for (;;) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) == EV_KEY)
			return frames;
		frames += !given && vi_is_syn_report(&ev);
		given -= given > 0;
	}
}

static void serve(struct rig *rig, size_t injectors, uint16_t num)
{
	process_arg(&rig->srv, "--stall-ms=10000");
	for (size_t i = 1; i < injectors; i++)
		rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "mouse", num);
}

/* The guest pauses, the key is read, the guest continues. */
static void key_after_a_pause(void **state, uint16_t num)
{
	struct rig *rig = *state;
	int most = 0;

	serve(rig, 2, num);
	for (int i = 0; i < KEYS; i++) {
		flood(rig, 0);
		rig_wait_used(rig, FE_EVENTQ, num);
		inject_on(rig, 1, KEY(BTN_LEFT, (i + 1) % 2), SYN);
		rig_wait_read(rig->inject[1]);
		const int n = frames_before_key(rig, num);
		most = n > most ? n : most;
	}
	print_message("at most %d frames before a key\n", most);
	assert_true(most <= 2);
}

static void a_key_is_third_at_most_with_a_ring_of_4(void **state)
{
	key_after_a_pause(state, 4);
}

static void a_key_is_third_at_most_with_a_ring_of_64(void **state)
{
	key_after_a_pause(state, 64);
}

/* Each of 7 others floods, too: then it is one frame of each, twice. */
static void a_key_waits_for_one_frame_of_each_other(void **state)
{
	struct rig *rig = *state;
	int most = 0;

	serve(rig, 8, 4);
	for (int i = 0; i < KEYS; i++) {
		for (size_t k = 0; k < 7; k++)
			flood(rig, k);
		rig_wait_used(rig, FE_EVENTQ, 4);
		inject_on(rig, 7, KEY(BTN_LEFT, (i + 1) % 2), SYN);
		rig_wait_read(rig->inject[7]);
		const int n = frames_before_key(rig, 4);
		most = n > most ? n : most;
	}
	print_message("at most %d frames before a key\n", most);
	assert_true(most <= 8);
}

/*
 * The guest takes events all the time. What the server delivers in one go,
 * before it polls its sockets again, does not count, either.
 */
static void key_while_it_flows(void **state, uint16_t num)
{
	struct rig *rig = *state;
	const struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	struct vi_event ev;
	int most = 0, sum = 0;

	serve(rig, 2, num);
	for (int i = 0; i < KEYS; i++) {
		flood(rig, 0);
		for (int k = 0; k < 37; k++)
			assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		inject_on(rig, 1, KEY(BTN_LEFT, (i + 1) % 2), SYN);
		const uint16_t given = fe_ring_n_used(ring);
		const int n = frames_before_key(rig, given);
		most = n > most ? n : most;
		sum += n;
	}
	print_message("%.1f frames before a key, at most %d\n",
		      (double)sum / KEYS, most);
	assert_true(most <= 2 + num / 2);
}

static void a_key_is_soon_there_while_a_ring_of_4_flows(void **state)
{
	key_while_it_flows(state, 4);
}

static void a_key_is_soon_there_while_a_ring_of_64_flows(void **state)
{
	key_while_it_flows(state, 64);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_key_is_third_at_most_with_a_ring_of_4),
		T(a_key_is_third_at_most_with_a_ring_of_64),
		T(a_key_waits_for_one_frame_of_each_other),
		T(a_key_is_soon_there_while_a_ring_of_4_flows),
		T(a_key_is_soon_there_while_a_ring_of_64_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
