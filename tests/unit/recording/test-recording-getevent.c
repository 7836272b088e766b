/* SPDX-License-Identifier: Apache-2.0 */
/* getevent's lines, by the options that it was called with. */
#include <stdio.h>
#include <string.h>
#include "tests/lib/check.h"
#include "tests/lib/recording-text.h"

static const char tap[] = "0.000000 ABS_MT_SLOT=1 ABS_MT_TRACKING_ID=54381 "
			  "BTN_TOUCH=1\n"
			  "0.060000 ABS_MT_TRACKING_ID=-1 BTN_TOUCH=0\n";

/* clang-format off */
static const char t[] =
	"[   71451.200000] 0003 002f 00000001\n"
	"[   71451.200000] 0003 0039 0000d46d\n"
	"[   71451.200000] 0001 014a 00000001\n"
	"[   71451.200000] 0000 0000 00000000\n"
	"[   71451.260000] 0003 0039 ffffffff\n"
	"[   71451.260000] 0001 014a 00000000\n"
	"[   71451.260000] 0000 0000 00000000\n";
static const char lt[] =
	"[   71451.200000] EV_ABS       ABS_MT_SLOT          00000001            \n"
	"[   71451.200000] EV_ABS       ABS_MT_TRACKING_ID   0000d46d            \n"
	"[   71451.200000] EV_KEY       BTN_TOUCH            DOWN                \n"
	"[   71451.200000] EV_SYN       SYN_REPORT           00000000            \n"
	"[   71451.260000] EV_ABS       ABS_MT_TRACKING_ID   ffffffff            \n"
	"[   71451.260000] EV_KEY       BTN_TOUCH            UP                  \n"
	"[   71451.260000] EV_SYN       SYN_REPORT           00000000             rate 16\n";
static const char node_lt[] =
	"add device 1: /dev/input/event7\n"
	"  name:     \"jack\"\n"
	"add device 2: /dev/input/event2\n"
	"  name:     \"touch\"\n"
	"  version:  1.0.1\n"
	"  events:\n"
	"    ABS (0003): 002f  : value 0, min 0, max 9, fuzz 0, flat 0, resolution 0\n"
	"[   71451.200000] /dev/input/event2: EV_ABS       ABS_MT_SLOT          00000001\n"
	"[   71451.200000] /dev/input/event2: EV_ABS       ABS_MT_TRACKING_ID   0000d46d\n"
	"[   71451.200000] /dev/input/event2: EV_KEY       BTN_TOUCH            DOWN\n"
	"[   71451.200000] /dev/input/event2: EV_SYN       SYN_REPORT           00000000\n"
	"[   71451.260000] /dev/input/event2: EV_ABS       ABS_MT_TRACKING_ID   ffffffff\n"
	"[   71451.260000] /dev/input/event2: EV_KEY       BTN_TOUCH            UP\n"
	"[   71451.260000] /dev/input/event2: EV_SYN       SYN_REPORT           00000000\n"
	"^C\n";
static const char two[] =
	"[ 5.000000] /dev/input/event2: 0001 0072 00000001\n"
	"[ 5.100000] /dev/input/event5: 0002 0000 fffffffd\n"
	"[ 5.200000] /dev/input/event2: 0000 0000 00000000\n"
	"[ 5.300000] /dev/input/event5: 0000 0000 00000000\n";
static const char untimed[] =
	"/dev/input/event2: EV_KEY       KEY_VOLUMEDOWN       DOWN\n"
	"/dev/input/event2: EV_SYN       SYN_REPORT           00000000\n"
	"/dev/input/event5: EV_REL       REL_X                00000001\n"
	"/dev/input/event5: EV_SYN       SYN_REPORT           00000000\n"
	"/dev/input/event2: EV_KEY       KEY_VOLUMEDOWN       UP\n"
	"/dev/input/event2: EV_SYN       SYN_REPORT           00000000\n";
/* clang-format on */

static void times_names_and_nodes_are_optional(void **state)
{
	assert_reads(t, tap);
	assert_reads(lt, tap);
	assert_reads(node_lt, tap);
	assert_note(node_lt, 0, NULL);
}

static void a_device_is_chosen_by_its_node(void **state)
{
	assert_recording(two, strlen(two), 1, "0.000000 KEY_VOLUMEDOWN=1\n");
	assert_recording(two, strlen(two), 2, "0.000000 REL_X=-3\n");
	assert_no_recording(two, strlen(two), 3, 0,
			    "no device 3: must be from 1 to 2");
	assert_rejected(two, 0,
			"2 devices (1 /dev/input/event2, 2 /dev/input/event5)");
}

static void without_times_frames_are_10_ms_apart(void **state)
{
	static const char one[] = "0001 001e 00000001\n0000 0000 00000000\n"
				  "0001 001e 00000000\n0000 0000 00000000\n";

	assert_reads(one, "0.000000 KEY_A=1\n0.010000 KEY_A=0\n");
	assert_note(one, 1, "has no times: its frames are 10 ms apart");
	/* Those of other devices count, so that the order remains. */
	assert_recording(untimed, strlen(untimed), 1,
			 "0.000000 KEY_VOLUMEDOWN=1\n"
			 "0.020000 KEY_VOLUMEDOWN=0\n");
}

static const struct {
	const char *text, *want;
} odd[] = {
	/* Numbers that getevent has no name for. */
	{ "EV_KEY       02ff                 DOWN\n", "0.000000 1:767=1\n" },
	{ "EV_KEY       KEY_POWER            REPEAT\n",
	  "0.000000 KEY_POWER=2\n" },
	/* Names are cut. */
	{ "EV_KEY       KEY_KBDINPUTASSIST_A DOWN\n",
	  "0.000000 KEY_KBDINPUTASSIST_ACCEPT=1\n" },
	/* Another name of a code may be the first in its list. */
	{ "EV_KEY       BTN_GAMEPAD          DOWN\n",
	  "0.000000 BTN_SOUTH=1\n" },
	{ "EV_ABS       ABS_MT_TOOL_TYPE     MT_TOOL_PALM\n",
	  "0.000000 ABS_MT_SLOT=0 ABS_MT_TOOL_TYPE=2\n" },
	{ "0003 0000 fffffff6\n", "0.000000 ABS_X=-10\n" },
	/* Without time, with blanks. */
	/* A line that is cut off is none. */
	{ "[ 1.0 0001 001e 00000001\n[ 1.0] 0001 001e 00000000\n",
	  "0.000000 KEY_A=0\n" },
	/* Nor are these, where events have begun. */
	{ "0001 001e 00000001\n[ 1.0 0001 001e 00000000\n"
	  "add device 2: /dev/input/event3\nx: 0001 001e 00000000\n",
	  "0.000000 KEY_A=1\n" },
	{ "[ 1.000000] \t0001 001e 00000001\n", "0.000000 KEY_A=1\n" },
};

static void names_and_values_are_read_as_written(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		assert_reads(odd[i].text, odd[i].want);
}

static const struct {
	const char *text, *why;
} bad[] = {
	{ "[ x] 0001 001e 00000001\n", "no valid time in [x]" },
	{ "[ 1.5s] 0001 001e 00000001\n", "no valid time in [1.5s]" },
	{ "EV_KYE       KEY_A                DOWN\n",
	  "unknown event type EV_KYE" },
	{ "EV_KEY       KEY_AA               DOWN\n", "unknown event KEY_AA" },
	{ "EV_KEY       KEY_MAX              DOWN\n", "unknown event KEY_MAX" },
	/* KEY_KBDINPUTASSIST_NEXT or KEY_KBDINPUTASSIST_NEXTGROUP */
	{ "EV_KEY       KEY_KBDINPUTASSIST_N DOWN\n",
	  "unknown event KEY_KBDINPUTASSIST_N" },
	{ "EV_KEY       KEY_A                WHAT\n",
	  "invalid value WHAT: must be in hex, or UP or DOWN" },
	/* 41 letters */
	{ "EV_KEY       KEY_A    abcdefghijklmnopqrstuvwxyzabcdefghijklmno\n",
	  "invalid value abcdefghijklmnopqrstuvwxyzabcdefghijklmn: must be in "
	  "hex, or UP or DOWN" },
	{ "0001 001e 000000001\n", "invalid value 000000001" },
	{ "0001 001e 00000001 2\n", "unexpected 2 after the value" },
	{ "00ff 001e 00000001\n", "unknown event type 255" },
	{ "0020 KEY_A 00000001\n", "unknown event KEY_A" },
	{ "ffff KEY_KBDINPUTASSIST_A 00000001\n",
	  "unknown event KEY_KBDINPUTASSIST_A" },
	{ "0001 0fff 00000001\n", "unknown EV_KEY code 4095" },
};

static void faults_name_their_line(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char text[256];

		snprintf(text, sizeof(text), "0001 001e 00000001\n%s",
			 bad[i].text);
		assert_rejected(text, 2, bad[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_names_and_nodes_are_optional),
		cmocka_unit_test(a_device_is_chosen_by_its_node),
		cmocka_unit_test(without_times_frames_are_10_ms_apart),
		cmocka_unit_test(names_and_values_are_read_as_written),
		cmocka_unit_test(faults_name_their_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
