/* SPDX-License-Identifier: Apache-2.0 */
/* --seat, on a host with two: udev says which device is whose. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"
#include "tests/lib/temp-dir.h"

#define DIR   INSIDE_DIR "/seat"
#define RULES "/run/udev/rules.d"
#define FILE  RULES "/99-second-seat.rules"
#define RULE                                         \
	"SUBSYSTEM==\"input\", KERNEL==\"event*\", " \
	"ATTRS{name}==\"second*\", ENV{ID_SEAT}=\"seat-second\"\n"
#define MOUSE "BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, REL_X, REL_Y"

static void plug(struct node *n, const char *name)
{
	static struct spec spec;

	node_spec_of(&spec, name, MOUSE);
	node_plug(n, &spec);
}

static bool has_device(const char *label)
{
	char *list = inside_run("vinput-launch", "--control=" DIR " list");
	const bool has = strstr(list, label);

	free(list);
	return has;
}

/* Whether they were there before, or come later. */
void devices_of_another_seat_are_left_alone(void **state)
{
	struct node first, second, first_late, second_late;
	struct process *launcher, *passthrough;

	mkdir("/run/udev", 0755);
	mkdir(RULES, 0755);
	file_write(FILE, "%s", RULE);
	udev_start();
	plug(&first, "first mouse");
	plug(&second, "second mouse");
	free(inside_run("udevadm", "settle"));
	launcher = inside_start("vinput-launch",
				"--dir=" DIR " --device=x=/specs/mouse.json");
	inside_expect_log(launcher, "ready", 1);
	passthrough = inside_start("vinput-passthrough",
				   "--dir=" DIR " --all --seat=seat-second");
	INSIDE_WAIT(node_is_grabbed(&second));
	plug(&first_late, "first late mouse");
	plug(&second_late, "second late mouse");
	INSIDE_WAIT(node_is_grabbed(&second_late));
	assert_true(has_device("second_mouse"));
	assert_true(has_device("second_late_mouse"));
	assert_false(has_device("first_mouse"));
	assert_false(has_device("first_late_mouse"));
	assert_false(node_is_grabbed(&first));
	assert_false(node_is_grabbed(&first_late));

	assert_num(inside_end(passthrough), 0);
	assert_num(inside_end(launcher), 0);
	node_remove(&first);
	node_remove(&second);
	node_remove(&first_late);
	node_remove(&second_late);
	udev_stop();
	unlink(FILE);
}
