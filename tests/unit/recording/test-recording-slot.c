/* SPDX-License-Identifier: Apache-2.0 */
/* The slot of the first contact, which a recording need not name. */
#include <stdio.h>
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

#define ID   "ABS_MT_TRACKING_ID"
#define X    "ABS_MT_POSITION_X"
#define SLOT "ABS_MT_SLOT"

/* What is read, and what the first frame becomes; the others are the same. */
static const struct {
	const char *why, *first, *named, *rest;
} recordings[] = {
	{ "no slot is ever named", "0.000000 " ID "=1 " X "=5\n",
	  "0.000000 " SLOT "=0 " ID "=1 " X "=5\n", "1.000000 " ID "=-1\n" },
	{ "it is named", "0.000000 " SLOT "=3 " ID "=1\n",
	  "0.000000 " SLOT "=3 " ID "=1\n", "1.000000 " ID "=-1\n" },
	{ "there are no contacts", "0.000000 ABS_X=1\n", "0.000000 ABS_X=1\n",
	  "1.000000 ABS_X=2\n" },
	{ "the other finger is in slot 1", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=0 " ID "=1\n", "1.000000 " SLOT "=1 " ID "=2\n" },
	{ "slot 0 begins another contact first", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=1 " ID "=1\n", "1.000000 " SLOT "=0 " ID "=2\n" },
	{ "slot 2 is lifted and never began", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=2 " ID "=1\n",
	  "1.000000 " SLOT "=0 " ID "=2\n2.000000 " ID "=-1 " SLOT "=2 " ID
	  "=-1\n" },
	{ "slot 2 moves and never began", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=2 " ID "=1\n",
	  "1.000000 " SLOT "=1 " ID "=2\n2.000000 " SLOT "=2 " X "=9\n" },
	{ "a program names the same slot again", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=0 " ID "=1\n",
	  "1.000000 " SLOT "=0 " X "=9\n2.000000 " SLOT "=0 " ID "=-1\n" },
	{ "slots 0 and 1 begin contacts of their own", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=2 " ID "=1\n",
	  "1.000000 " SLOT "=0 " ID "=2 " SLOT "=1 " ID "=3\n" },
	{ "a device has plain axes there", "0.000000 3:45=1 3:46=1 3:53=1\n",
	  "0.000000 3:45=1 ABS_RESERVED=1 ABS_MT_POSITION_X=1\n",
	  "1.000000 ABS_MT_POSITION_X=2\n" },
	{ "other events come before", "0.000000 KEY_A=1 " ID "=1\n",
	  "0.000000 KEY_A=1 " SLOT "=0 " ID "=1\n", "1.000000 " ID "=-1\n" },
};

static void the_slot_follows_from_what_comes_later(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(recordings); i++) {
		char text[512], want[512];

		snprintf(text, sizeof(text), "# %s\n%s%s", recordings[i].why,
			 recordings[i].first, recordings[i].rest);
		snprintf(want, sizeof(want), "%s%s", recordings[i].named,
			 recordings[i].rest);
		assert_reads(text, want);
	}
}

#define EVEMU_BEGIN                                  \
	"# EVEMU 1.3\n"                              \
	"#     Event code 47 (ABS_MT_SLOT)\n"        \
	"#       Value        4\n"                   \
	"#       Min          0\n"                   \
	"#     Event code 48 (ABS_MT_TOUCH_MAJOR)\n" \
	"#       Value        7\n"                   \
	"E: 0.0 0003 0039 1\n"
#define EVTEST_BEGIN                                                       \
	"Input driver version is 1.0.1\n"                                  \
	"    Event code 47 (ABS_MT_SLOT)\n"                                \
	"      Value      4\n"                                             \
	"      Min        0\n"                                             \
	"Event: time 1.0, type 3 (EV_ABS), code 57 (ABS_MT_TRACKING_ID), " \
	"value 1\n"

static void the_head_says_which_slot_it_is(void **state)
{
	assert_reads(EVEMU_BEGIN, "0.000000 " SLOT "=4 " ID "=1\n");
	assert_reads(EVTEST_BEGIN, "0.000000 " SLOT "=4 " ID "=1\n");
	/* No number of a slot. */
	assert_reads("# EVEMU 1.3\n# Event code 47 (ABS_MT_SLOT)\n# Value 64\n"
		     "E: 0.0 0003 0039 1\n",
		     "0.000000 " SLOT "=0 " ID "=1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slot_follows_from_what_comes_later),
		cmocka_unit_test(the_head_says_which_slot_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
