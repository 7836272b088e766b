/* SPDX-License-Identifier: Apache-2.0 */
/* The slot of the first contact, which a recording need not name. */
#include <stdio.h>
#include <string.h>
#include "injector/recording/recording-read.h"
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
	{ "the first slot named is 0, and began with ID 0",
	  "0.000000 " ID "=0\n", "0.000000 " SLOT "=1 " ID "=0\n",
	  "1.000000 " SLOT "=0 " ID "=0 " X "=3\n" },
	{ "the last of the contacts' axes counts", "0.000000 ABS_MT_TOOL_Y=1\n",
	  "0.000000 " SLOT "=2 ABS_MT_TOOL_Y=1\n",
	  "1.000000 " SLOT "=0 " ID "=2 " SLOT "=2 ABS_MT_TOOL_Y=5\n" },
	{ "others do not move a contact", "0.000000 " ID "=1\n",
	  "0.000000 " SLOT "=0 " ID "=1\n",
	  "1.000000 " SLOT "=5 KEY_A=1 ABS_X=1 3:62=1\n" },
	{ "the first slot named is 0, where nothing happens",
	  "0.000000 " ID "=1\n", "0.000000 " SLOT "=2 " ID "=1\n",
	  "1.000000 " SLOT "=0 " SLOT "=1 " ID "=2\n" },
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

static void of_slots_that_are_all_taken_it_is_the_last(void **state)
{
	char text[4096] = "0.000000 " ID "=1\n", want[4096];

	for (int i = 0; i < 64; i++)
		sprintf(text + strlen(text), "1.000000 " SLOT "=%d " ID "=2\n",
			i);
	snprintf(want, sizeof(want), "0.000000 " SLOT "=63 %s",
		 strchr(text, ' ') + 1);
	assert_reads(text, want);
}

static const struct {
	const char *why, *text;
	bool plain;
} devices[] = {
	{ "an event of axis 46", "0 3:47=-9\n1 3:46=1\n", true },
	{ "a head with axis 46",
	  "# EVEMU 1.3\nN: x\nB: 03 00 00 00 00 00 c0 01 00\n"
	  "A: 2e -127 127 0 0 0\nA: 2f -127 127 0 0 0\n"
	  "A: 30 -127 127 0 0 0\nE: 0.0 0003 0030 5\nE: 0.1 0003 002f -9\n",
	  true },
	{ "a head without",
	  "# EVEMU 1.3\nN: x\nB: 03 00 00 00 00 00 80 01 00\n"
	  "A: 2f 0 3 0 0 0\nA: 30 0 3 0 0 0\nE: 0.0 0003 0030 1\n",
	  false },
	{ "nothing", "0 3:48=1\n", false },
};

static void devices_with_dozens_of_axes_are_told(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(devices); i++) {
		struct recording rec;
		struct recording_fault f;
		bool named;

		assert_ok(recording_read(&rec, devices[i].text,
					 strlen(devices[i].text), 0, &f));
		named = vi_code(&rec.event[0].ev) == ABS_MT_SLOT &&
			!vi_value(&rec.event[0].ev);
		if (rec.plain != devices[i].plain || named == rec.plain)
			fail_msg("%s: %d %d", devices[i].why, rec.plain, named);
		recording_fini(&rec);
	}
}

static void slots_that_do_not_exist_are_found(void **state)
{
	static const char *const texts[] = {
		"0 ABS_MT_SLOT=63 ABS_MT_TRACKING_ID=1\n"
		"1 ABS_MT_SLOT=64 ABS_MT_TRACKING_ID=1\n",
		"0 ABS_MT_TRACKING_ID=1\n"
		"1 ABS_MT_SLOT=64 ABS_MT_TRACKING_ID=1\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_no_recording(texts[i], strlen(texts[i]), 0, 2,
				    "invalid ABS_MT_SLOT 64: must be from 0 "
				    "to 63");
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
		cmocka_unit_test(of_slots_that_are_all_taken_it_is_the_last),
		cmocka_unit_test(devices_with_dozens_of_axes_are_told),
		cmocka_unit_test(slots_that_do_not_exist_are_found),
		cmocka_unit_test(the_head_says_which_slot_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
