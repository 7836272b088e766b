/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way: vinput-inject, the device server, the guest's kernel, and in
 * the guest udev, which classifies the device, and libinput, which recognizes
 * gestures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

#define LIBINPUT_MS   20000
#define POLL_US	      20000
#define DEBUG_EVENTS  "/usr/libexec/libinput/libinput-debug-events"
#define GESTURE_WORDS "--duration=300ms --rate=100"

/* --- Text --- */

static const struct {
	const char *words;
	const char *frames[16];
} texts[] = {
	{ "type --layout=us Hi!",
	  { "KEY_LEFTSHIFT 1", "KEY_H 1", "KEY_H 0", "KEY_LEFTSHIFT 0",
	    "KEY_I 1", "KEY_I 0", "KEY_LEFTSHIFT 1", "KEY_1 1", "KEY_1 0",
	    "KEY_LEFTSHIFT 0" } },
	/* A German keyboard has Z where an American one has Y. */
	{ "type --layout=de zyÄ@",
	  { "KEY_Y 1", "KEY_Y 0", "KEY_Z 1", "KEY_Z 0", "KEY_LEFTSHIFT 1",
	    "KEY_APOSTROPHE 1", "KEY_APOSTROPHE 0", "KEY_LEFTSHIFT 0",
	    "KEY_RIGHTALT 1", "KEY_Q 1", "KEY_Q 0", "KEY_RIGHTALT 0" } },
};

void text_in_two_layouts_arrives_as_its_keys(void **state)
{
	begin();
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		let_inject(keyboard(), texts[i].words);
		for (size_t n = 0; texts[i].frames[n]; n++)
			assert_reads_frame(keyboard(), texts[i].frames[n]);
	}
	assert_reads_nothing_more();
	done();
}

/* --- udev --- */

/* What udev knows of dev, as lines. Return: the text, to be freed. */
static char *udev_properties(const struct device *dev)
{
	return vm_ask(&vm,
		      "run /bin/udevadm info --query=property "
		      "--name=/dev/input/event%d",
		      dev->node);
}

/* As a desktop does when it starts; harmless if it is already running. */
static void need_udev(void)
{
	char *said = udev_properties(keyboard());
	bool runs = strstr(said, "ID_INPUT=1") != NULL;

	free(said);
	if (runs)
		return;
	free(vm_ask(&vm, "run /lib/systemd/systemd-udevd --daemon"));
	free(vm_ask(&vm, "run /bin/udevadm trigger --action=add "
			 "--subsystem-match=input"));
	free(vm_ask(&vm, "run /bin/udevadm settle"));
}

static const struct {
	struct device *(*device)(void);
	const char *property;
} classes[] = {
	{ keyboard, "ID_INPUT_KEYBOARD=1" },
	{ mouse, "ID_INPUT_MOUSE=1" },
	{ tablet, "ID_INPUT_MOUSE=1" },
	{ gamepad, "ID_INPUT_JOYSTICK=1" },
	{ lid, "ID_INPUT_SWITCH=1" },
	{ touchscreen, "ID_INPUT_TOUCHSCREEN=1" },
	{ touchpad, "ID_INPUT_TOUCHPAD=1" },
};

void udev_takes_each_device_for_what_it_is(void **state)
{
	begin();
	need_udev();
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		const struct device *dev = classes[i].device();
		char *said = udev_properties(dev);

		if (!strstr(said, classes[i].property))
			fail_msg("%s: no %s but\n%s", dev->srv.spec,
				 classes[i].property, said);
		free(said);
	}
	done();
}

/* --- libinput --- */

/*
 * Append the gestures that libinput printed to text, as lines "EVENT FINGERS",
 * one for several alike in a row. Whether fingers rest (HOLD) depends on how
 * slow the guest is. libinput's lines are
 *
 *	-event5   GESTURE_SWIPE_UPDATE  7 +1.234s	3 10.00/ 0.00 ...
 */
static void add_gestures(char *text, size_t size, char *said)
{
	char *line, name[32], last[64];

	while ((line = strsep(&said, "\n"))) {
		const char *fingers = strchr(line, '\t');
		size_t len = strlen(text);

		if (!fingers || sscanf(line, "%*s %31s", name) != 1 ||
		    strncmp(name, "GESTURE_", 8) != 0 || strstr(name, "HOLD"))
			continue;
		snprintf(last, sizeof(last), "%s %d%s\n", name, atoi(fingers),
			 strstr(line, "cancelled") ? " cancelled" : "");
		if (len < strlen(last) ||
		    strcmp(text + len - strlen(last), last) != 0)
			snprintf(text + len, size - len, "%s", last);
	}
}

/* Wait until libinput has printed this, and collect the gestures before it. */
static void await_libinput(const char *word, char *gestures, size_t size)
{
	bool found = false;

	for (long end = now_ms() + LIBINPUT_MS; !found && now_ms() < end;) {
		char *said = vm_ask(&vm, "said");

		found = strstr(said, word) != NULL;
		add_gestures(gestures, size, said);
		free(said);
		usleep(POLL_US);
	}
	if (!found)
		fail_msg("libinput did not print %s but\n%s", word, gestures);
}

/* When vinput-inject does this to the touchpad, libinput sees that. */
static void assert_gesture(const char *words, const char *kind, int fingers)
{
	char want[256], got[1024] = "", end[32];
	const struct device *dev;

	begin();
	dev = touchpad();
	need_udev();
	vm_send(&vm, "start %s --device /dev/input/event%d", DEBUG_EVENTS,
		dev->node);
	free(vm_answer(&vm));
	await_libinput("DEVICE_ADDED", got, sizeof(got));
	let_inject(dev, words);
	snprintf(end, sizeof(end), "GESTURE_%s_END", kind);
	await_libinput(end, got, sizeof(got));
	free(vm_ask(&vm, "stop"));
	snprintf(want, sizeof(want),
		 "GESTURE_%s_BEGIN %d\nGESTURE_%s_UPDATE %d\n"
		 "GESTURE_%s_END %d\n",
		 kind, fingers, kind, fingers, kind, fingers);
	assert_string_equal(got, want);
	forget_events();
	assert_contacts(dev, "");
	done();
}

/* The touchpad is 128 mm wide, 10 units each. */
void three_fingers_that_move_are_a_swipe_to_libinput(void **state)
{
	assert_gesture("swipe 300 400 700 400 --fingers=3 --spacing=150 "
		       "--pressure=60 " GESTURE_WORDS,
		       "SWIPE", 3);
}

void two_fingers_that_part_are_a_pinch_to_libinput(void **state)
{
	assert_gesture("pinch 640 400 150 500 --fingers=2 "
		       "--pressure=60 " GESTURE_WORDS,
		       "PINCH", 2);
}
