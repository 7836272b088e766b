/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of contacts without slots. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/recording/recording-read.h"
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

/* clang-format off */
/* Two fingers; the first is lifted, then the other. */
static const char *const texts[] = {
	/* ours */
	"0.0 BTN_TOUCH=1 ABS_MT_POSITION_X=10 SYN_MT_REPORT=0 "
		"ABS_MT_POSITION_X=500 SYN_MT_REPORT=0\n"
	"0.5 ABS_MT_POSITION_X=501 SYN_MT_REPORT=0\n"
	"1.0 BTN_TOUCH=0 SYN_MT_REPORT=0\n",
	/* evemu */
	"E: 0.0 0001 014a 1\nE: 0.0 0003 0035 10\nE: 0.0 0000 0002 0\n"
	"E: 0.0 0003 0035 500\nE: 0.0 0000 0002 0\nE: 0.0 0 0 0\n"
	"E: 0.5 0003 0035 501\nE: 0.5 0000 0002 0\nE: 0.5 0 0 0\n"
	"E: 1.0 0001 014a 0\nE: 1.0 0000 0002 0\nE: 1.0 0 0 0\n",
	/* evtest, with names of types for codes */
	"Event: time 1.0, type 1 (EV_KEY), code 330 (BTN_TOUCH), value 1\n"
	"Event: time 1.0, type 3 (EV_ABS), code 53 (ABS_MT_POSITION_X), value 10\n"
	"Event: time 1.0, ++++++++++++++ EV_REL ++++++++++++\n"
	"Event: time 1.0, type 3 (EV_ABS), code 53 (ABS_MT_POSITION_X), value 500\n"
	"Event: time 1.0, ++++++++++++++ SYN_MT_REPORT ++++++++++++\n"
	"Event: time 1.0, -------------- EV_SYN ------------\n"
	"Event: time 1.5, type 3 (EV_ABS), code 53 (ABS_MT_POSITION_X), value 501\n"
	"Event: time 1.5, -------------- SYN_MT_REPORT ------------\n"
	"Event: time 1.5, -------------- EV_SYN ------------\n"
	"Event: time 2.0, type 1 (EV_KEY), code 330 (BTN_TOUCH), value 0\n"
	"Event: time 2.0, ++++++++++++++ SYN_MT_REPORT ++++++++++++\n"
	"Event: time 2.0, -------------- EV_SYN ------------\n",
	/* getevent */
	"[ 1.0] EV_KEY       BTN_TOUCH            DOWN\n"
	"[ 1.0] EV_ABS       ABS_MT_POSITION_X    0000000a\n"
	"[ 1.0] EV_SYN       SYN_MT_REPORT        00000000\n"
	"[ 1.0] EV_ABS       ABS_MT_POSITION_X    000001f4\n"
	"[ 1.0] EV_SYN       SYN_MT_REPORT        00000000\n"
	"[ 1.0] EV_SYN       SYN_REPORT           00000000\n"
	"[ 1.5] EV_ABS       ABS_MT_POSITION_X    000001f5\n"
	"[ 1.5] EV_SYN       SYN_MT_REPORT        00000000\n"
	"[ 1.5] EV_SYN       SYN_REPORT           00000000\n"
	"[ 2.0] EV_KEY       BTN_TOUCH            UP\n"
	"[ 2.0] EV_SYN       SYN_MT_REPORT        00000000\n"
	"[ 2.0] EV_SYN       SYN_REPORT           00000000\n",
};
/* clang-format on */

static const char due[] =
	"0.000000 BTN_TOUCH=1 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 "
	"ABS_MT_POSITION_X=10 ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=2 "
	"ABS_MT_POSITION_X=500\n"
	"0.500000 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=-1 ABS_MT_SLOT=1 "
	"ABS_MT_POSITION_X=501\n"
	"1.000000 ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=-1 BTN_TOUCH=0\n";

static void contacts_get_slots(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_reads(texts[i], due);
}

/* Then no event is to be left out any more. */
static void contacts_before_a_loss_at_the_end_get_slots(void **state)
{
	char text[1024];

	snprintf(text, sizeof(text), "%sE: 1.0 0 3 0\n", texts[1]);
	assert_reads(text, due);
}

static void frames_that_grow_are_converted(void **state)
{
	char *text = malloc(65536), *want = malloc(65536), *to = text;
	size_t at;

	assert_non_null(text);
	assert_non_null(want);
	to += sprintf(to, "0.000000 SYN_MT_REPORT=0\n");
	at = (size_t)sprintf(want, "0.000000 -\n");
	for (int n = 150; n <= 550; n += 400) {
		char *line = to;

		to += sprintf(to, "1.000000");
		for (int i = 0; i < n; i++)
			to += sprintf(to, " KEY_A=1");
		at += (size_t)sprintf(want + at, "%s\n", line);
		to += sprintf(to, " SYN_MT_REPORT=0\n");
	}
	assert_reads(text, want);
	free(text);
	free(want);
}

static void events_keep_their_lines(void **state)
{
	/* BTN_TOUCH; slot, ID, X; slot, ID, X; SYN_REPORT; ... */
	static const unsigned int lines[] = { 1, 2, 2, 2, 3, 3, 4,
					      6, 7, 7, 7, 7, 9 };
	struct recording rec;
	struct recording_fault fault;

	assert_ok(recording_read(&rec, texts[1], strlen(texts[1]), 0, &fault));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_num(rec.event[i].line, lines[i]);
	recording_fini(&rec);
}

static void a_long_frame_is_converted(void **state)
{
	char *text = malloc(300000), *at = text;
	struct recording rec;
	struct recording_fault fault;

	assert_non_null(text);
	for (int i = 0; i < 64; i++)
		for (int axis = 0; axis < 60; axis++)
			at += sprintf(at, "E: 1.0 %s\n",
				      axis == 59 ? "0 2 0" : "3 35 1");
	assert_ok(recording_read(&rec, text, strlen(text), 0, &fault));
	assert_num(rec.n, 64 * (59 + 2) + 1);
	recording_fini(&rec);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contacts_get_slots),
		cmocka_unit_test(contacts_before_a_loss_at_the_end_get_slots),
		cmocka_unit_test(frames_that_grow_are_converted),
		cmocka_unit_test(events_keep_their_lines),
		cmocka_unit_test(a_long_frame_is_converted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
