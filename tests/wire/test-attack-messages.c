/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each message, cut at each of its bytes, left unfinished while the guest goes
 * on, and with each field as large as possible while the others are valid. The
 * server survives, keeps nothing of it, and serves the next front-end.
 */
#include <string.h>
#include <unistd.h>
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"
#include "tests/lib/usual-msg.h"

/* The server may close the connection. */
static struct usage serve(struct rig *rig)
{
	rig->fe.want_protocol = usual_msg_protocol;
	rig->lines.frontend = rig->lines.guest = -1;
	return usage_serve(rig);
}

/* What earlier guests had been sent does not matter any more. */
static void expect_unharmed(struct rig *rig, const struct usage *before)
{
	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_A, 0), SYN);
	rig_wait_read(rig->inject[0]);
	rig_disconnect(rig);
	usage_expect_unharmed(rig, before);
}

static void every_message_may_end_at_each_of_its_bytes(void **state)
{
	struct rig *rig = *state;
	struct usage before = serve(rig);

	for (uint32_t request = 0; request <= USUAL_MSG_MAX; request++) {
		rig_run(rig, NULL, 16);
		struct fe_msg msg = usual_msg(&rig->fe, request);
		struct frontend fe;

		/* The memory and eventfds stay: they are what is sent. */
		close(rig->fe.fd);
		rig->fe.fd = -1;
		for (size_t cut = 1; cut < usual_msg_len(&msg); cut++) {
			fe_init(&fe);
			assert_ok(fe_connect(&fe, rig->socket));
			for (size_t i = 0; i < msg.n_fds; i++)
				msg.fd[i] = rig->fe.mem.fd;
			assert_ok(fe_send_part(&fe, &msg, 0, cut));
			fe_fini(&fe);
		}
	}
	expect_unharmed(rig, &before);
}

/* Then send the rest, or disconnect. */
static void stop_at(struct rig *rig, uint32_t request, size_t cut)
{
	rig_run(rig, NULL, 16);
	struct fe_msg msg = usual_msg(&rig->fe, request);

	assert_ok(fe_send_part(&rig->fe, &msg, 0, cut));
	rig_expect_works(rig);
	if (request % 3)
		assert_ok(
			fe_send_part(&rig->fe, &msg, cut, usual_msg_len(&msg)));
}

static void any_message_may_stop_while_the_guest_runs(void **state)
{
	static const uint32_t longer[] = {
		VU_SET_FEATURES,   VU_SET_MEM_TABLE,   VU_SET_VRING_NUM,
		VU_SET_VRING_ADDR, VU_SET_VRING_KICK,  VU_SET_VRING_CALL,
		VU_GET_CONFIG,	   VU_SET_INFLIGHT_FD, VU_ADD_MEM_REG,
	};
	struct rig *rig = *state;
	struct usage before = serve(rig);

	/* In the header, of known or unknown requests, and after it. */
	for (uint32_t request = 1; request <= USUAL_MSG_MAX; request++)
		stop_at(rig, request, 1 + request % 11);
	for (size_t i = 0; i < sizeof(longer) / sizeof(*longer); i++)
		stop_at(rig, longer[i], sizeof(struct vu_header) + i % 8);
	expect_unharmed(rig, &before);
}

static void send_bent(struct rig *rig, uint32_t request, size_t at,
		      const uint8_t *value, size_t len)
{
	rig_run(rig, NULL, 16);
	struct fe_msg msg = usual_msg(&rig->fe, request);

	memcpy(msg.bytes + at, value, len);
	assert_ok(fe_send(&rig->fe, &msg));
	/* If the message was accepted, use its values. */
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_kick(&rig->fe.ring[i]);
	inject(rig, KEY(KEY_A, at & 4), SYN);
	rig_wait_read(rig->inject[0]);
}

static void every_field_of_every_message_may_be_extreme(void **state)
{
	static const uint8_t values[][8] = {
		{ 255, 255, 255, 255, 255, 255, 255, 255 },
		{ 255, 255, 255, 255, 255, 255, 255, 127 },
		{ 0, 0, 0, 128, 0, 0, 0, 128 },
		{ 0, 0, 0, 0, 0, 0, 0, 0 },
	};
	struct rig *rig = *state;
	struct usage before = serve(rig);

	for (uint32_t request = 1; request <= USUAL_MSG_MAX; request++) {
		const size_t len = usual_msg(&rig->fe, request).hdr.size;

		for (size_t at = 0; at + 4 <= len; at += 4)
			for (size_t i = 0; i < 4; i++) {
				send_bent(rig, request, at, values[i], 4);
				if (at + 8 <= len)
					send_bent(rig, request, at, values[i],
						  8);
			}
	}
	expect_unharmed(rig, &before);
}

/* Of the header: request, flags and size, each with nothing after it. */
static void every_field_of_the_header_may_be_extreme(void **state)
{
	static const uint32_t values[] = { UINT32_MAX, INT32_MAX,
					   UINT32_C(1) << 31, 0 };
	struct rig *rig = *state;
	struct usage before = serve(rig);

	for (uint32_t request = 1; request <= USUAL_MSG_MAX; request++)
		for (size_t i = 0; i < 12; i++) {
			rig_run(rig, NULL, 16);
			struct fe_msg msg = usual_msg(&rig->fe, request);
			const size_t len = usual_msg_len(&msg);

			memcpy((uint8_t *)&msg.hdr + i / 4 * 4, &values[i % 4],
			       4);
			assert_ok(fe_send_part(&rig->fe, &msg, 0, len));
		}
	expect_unharmed(rig, &before);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, usage_rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_message_may_end_at_each_of_its_bytes),
		T(any_message_may_stop_while_the_guest_runs),
		T(every_field_of_every_message_may_be_extreme),
		T(every_field_of_the_header_may_be_extreme),
	};

	return cmocka_run_group_tests_name("attack-messages", tests, NULL,
					   NULL);
}
