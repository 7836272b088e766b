/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/rfb/rfb-greeting.h"
#include "tests/lib/check.h"

#define NAME   "\0\0\0\4QEMU"
#define SCREEN "\4\0\3\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0" NAME

/* What servers say, and what they are answered. */
static const struct {
	const char *says;
	size_t len;
	const char *answer;
	size_t answer_len;
} servers[] = {
#define SERVER(says, answer)                                       \
	{                                                          \
		says, sizeof(says) - 1, answer, sizeof(answer) - 1 \
	}
	SERVER("RFB 003.008\n\1\1\0\0\0\0" SCREEN, "RFB 003.008\n\1\1"),
	SERVER("RFB 003.008\n\3\2\x13\1\0\0\0\0" SCREEN, "RFB 003.008\n\1\1"),
	/* Apple's, and one that is yet to come. */
	SERVER("RFB 003.889\n\1\1\0\0\0\0" SCREEN, "RFB 003.008\n\1\1"),
	SERVER("RFB 003.007\n\2\2\1" SCREEN, "RFB 003.007\n\1\1"),
	SERVER("RFB 003.003\n\0\0\0\1" SCREEN, "RFB 003.003\n\1"),
	SERVER("RFB 003.005\n\0\0\0\1" SCREEN, "RFB 003.003\n\1"),
#undef SERVER
};

static const struct {
	const char *says;
	size_t len;
	int want;
} wrong[] = {
#define WRONG(says, want)                    \
	{                                    \
		says, sizeof(says) - 1, want \
	}
	WRONG("HTTP/1.1 400", RFB_GREETING_E_NO_RFB),
	WRONG("RFB 004.000\n", RFB_GREETING_E_VERSION),
	WRONG("RFB 003.0x8\n", RFB_GREETING_E_VERSION),
	WRONG("RFB 003.008x", RFB_GREETING_E_VERSION),
	WRONG("RFB 003.008\n\1\2", RFB_GREETING_E_NO_PASSWORD),
	WRONG("RFB 003.007\n\2\2\x10", RFB_GREETING_E_NO_PASSWORD),
	WRONG("RFB 003.003\n\0\0\0\2", RFB_GREETING_E_NO_PASSWORD),
	WRONG("RFB 003.008\n\1\x13", RFB_GREETING_E_SECURITY),
	WRONG("RFB 003.003\n\0\0\0\x13", RFB_GREETING_E_SECURITY),
	WRONG("RFB 003.008\n\0\0\0\0\2no", RFB_GREETING_E_REFUSED),
	WRONG("RFB 003.003\n\0\0\0\0\0\0\0\2no", RFB_GREETING_E_REFUSED),
	WRONG("RFB 003.008\n\1\1\0\0\0\1\0\0\0\2no", RFB_GREETING_E_REFUSED),
	WRONG("RFB 003.008\n\0\0\0\x10\0", RFB_GREETING_E_LENGTH),
	WRONG("RFB 003.008\n\1\1\0\0\0\0\4\0\3\0\x20\x18\0\1\0\xff\0\xff\0\xff"
	      "\x10\x08\0\0\0\0\xff\xff\xff\xff",
	      RFB_GREETING_E_LENGTH),
#undef WRONG
};

/* In two pieces, as a peer may send them. */
static int take_split(struct rfb_greeting *g, const char *says, size_t len,
		      size_t at)
{
	const uint8_t *in = (const uint8_t *)says;
	size_t used;
	int r = rfb_greeting_take(g, in, at, &used);

	if (!r) {
		assert_num(used, at);
		r = rfb_greeting_take(g, in + at, len - at, &used);
	}
	return r;
}

static void servers_are_greeted_wherever_it_is_split(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(servers); i++)
		for (size_t at = 0; at <= servers[i].len; at++) {
			struct rfb_greeting g = { 0 };

			assert_ok(take_split(&g, servers[i].says,
					     servers[i].len, at));
			assert_num(g.state, RFB_GREETING_DONE);
			assert_num(g.n_out, servers[i].answer_len);
			assert_memory_equal(g.out, servers[i].answer, g.n_out);
			assert_num(rfb_greeting_width(&g), 1024);
			assert_num(rfb_greeting_height(&g), 768);
			assert_num(g.n, RFB_INIT_LEN + 4);
			assert_memory_equal(g.bytes + RFB_INIT_LEN, "QEMU", 4);
		}
}

static void what_is_wrong_has_its_verdict(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		for (size_t at = 0; at < wrong[i].len; at++) {
			struct rfb_greeting g = { 0 };

			assert_num(
				take_split(&g, wrong[i].says, wrong[i].len, at),
				wrong[i].want);
			if (wrong[i].want != RFB_GREETING_E_REFUSED)
				continue;
			assert_num(g.n, 2);
			assert_memory_equal(g.bytes, "no", 2);
		}
}

static void name_may_have_1024_bytes(void **state)
{
	static const char says[] = "RFB 003.008\n\1\1\0\0\0\0\4\0\3\0\x20\x18"
				   "\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0"
				   "\0\0\4";
	uint8_t in[sizeof(says) + 1024] = { 0 };

	for (uint8_t more = 0; more < 2; more++) {
		struct rfb_greeting g = { 0 };
		size_t used;

		memcpy(in, says, sizeof(says) - 1);
		in[sizeof(says) - 1] = more;
		assert_num(rfb_greeting_take(&g, in, sizeof(in), &used),
			   more ? RFB_GREETING_E_LENGTH : 0);
		assert_num(g.state == RFB_GREETING_DONE, !more);
	}
}

static void what_follows_is_left(void **state)
{
	static const char says[] = "RFB 003.008\n\1\1\0\0\0\0" SCREEN "\2\2\2";
	struct rfb_greeting g = { 0 };
	size_t used;

	assert_ok(rfb_greeting_take(&g, (const uint8_t *)says, sizeof(says) - 1,
				    &used));
	assert_num(used, sizeof(says) - 1 - 3);
	assert_num(g.state, RFB_GREETING_DONE);
}

static void qemu_is_known_by_its_name(void **state)
{
	static const struct {
		const char *name;
		bool is_qemu;
	} rows[] = {
		{ "QEMU", true },	 { "QEMU (guest)", true },
		{ "QEM", false },	 { "QEMUlator", false },
		{ "not a QEMU", false }, { "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rfb_greeting g = { .state = RFB_GREETING_DONE };

		/* What is behind its n bytes is none of it. */
		memcpy(g.bytes + RFB_INIT_LEN, "QEMU", 4);
		g.n = RFB_INIT_LEN + strlen(rows[i].name);
		memcpy(g.bytes + RFB_INIT_LEN, rows[i].name,
		       strlen(rows[i].name));
		assert_num(rfb_greeting_is_qemu(&g), rows[i].is_qemu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_greeted_wherever_it_is_split),
		cmocka_unit_test(what_is_wrong_has_its_verdict),
		cmocka_unit_test(name_may_have_1024_bytes),
		cmocka_unit_test(what_follows_is_left),
		cmocka_unit_test(qemu_is_known_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
