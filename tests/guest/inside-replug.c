/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that are pulled, and come back, or do not. */
#include <linux/input-event-codes.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"
#include "tests/lib/temp-dir.h"

#define SOCKET	  INSIDE_DIR "/replugged"
#define SPEC	  INSIDE_DIR "/replugged.json"
#define REPLUGS	  100
#define SETTLE_IN 20 /* every so often it is waited for */
#define BACK_MS	  500
#define TYPE_US	  20000 /* between keys */

static void plug_usb(void)
{
	inside_qmp("device_add {\"driver\":\"usb-kbd\",\"id\":\"one\","
		   "\"serial\":\"R1\"}");
}

static void pull_usb(void)
{
	inside_qmp("device_del {\"id\":\"one\"}");
}

static void press_usb(const char *key, bool down)
{
	inside_qmp("input-send-event {\"events\":[{\"type\":\"key\",\"data\":{"
		   "\"down\":%s,\"key\":{\"type\":\"qcode\",\"data\":\"%s\"}}}"
		   "]}",
		   down ? "true" : "false", key);
}

/* Return: how often the guest's monitor has printed this. */
static int times_printed(struct process *monitor, const char *text)
{
	int n = 0;

	for (const char *at = process_stdout(monitor); (at = strstr(at, text));
	     at++)
		n++;
	return n;
}

/*
 * What is typed arrives, once the kernel has found the last one that was
 * plugged, and the guest's LED is lit on it.
 */
static void assert_is_back(struct process *monitor)
{
	const int before = times_printed(monitor, "(KEY_F5), value 0");
	struct node n;

	INSIDE_WAIT((press_usb("f5", true), press_usb("f5", false),
		     usleep(TYPE_US),
		     times_printed(monitor, "(KEY_F5), value 0") > before));
	node_await(&n, NULL);
	assert_true(node_is_grabbed(&n));
	assert_true(node_led(&n, LED_CAPSL));
	node_remove(&n);
}

void a_keyboard_survives_a_hundred_replugs(void **state)
{
	struct process *passthrough, *monitor;
	struct node n;

	plug_usb();
	node_await(&n, NULL);
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" SOCKET " %s", n.path);
	monitor =
		inside_start("vinput-monitor", "--wait --led=CAPSL=on " SOCKET);
	node_remove(&n);
	assert_is_back(monitor);
	for (int i = 1; i <= REPLUGS; i++) {
		pull_usb();
		plug_usb();
		if (i % SETTLE_IN == 0)
			assert_is_back(monitor);
	}
	assert_num(inside_end(passthrough), 0);
	node_await(&n, NULL);
	pull_usb();
	node_await_end(&n);
	node_remove(&n);
}

static void plug_named(struct node *n, const char *name)
{
	static struct spec spec;

	node_spec_of(&spec, name, "KEY_A, KEY_B");
	node_plug(n, &spec);
}

/* The fastest, since the machine may be busy. */
static double replug(struct process *passthrough, struct node *n, int times)
{
	double since;

	node_remove(n);
	inside_expect_log(passthrough, "waiting until it is back", times);
	plug_named(n, "mine");
	since = clock_ms();
	inside_expect_log(passthrough, "goes to the guest", times + 1);
	return clock_ms() - since;
}

void a_device_is_back_within_half_a_second(void **state)
{
	struct process *passthrough;
	double fastest = INSIDE_MS;
	struct node mine;

	plug_named(&mine, "mine");
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" SOCKET " %s", mine.path);
	inside_expect_log(passthrough, "goes to the guest", 1);
	for (int i = 1; i <= 10; i++) {
		const double ms = replug(passthrough, &mine, i);

		fastest = ms < fastest ? ms : fastest;
	}
	assert_true(fastest < BACK_MS);
	assert_num(inside_end(passthrough), 0);
	node_remove(&mine);
}

/* The kernel gives the next device the number of the one before. */
void another_device_under_the_same_number_is_refused(void **state)
{
	struct process *passthrough;
	struct node mine, other;
	char path[32];

	plug_named(&mine, "mine");
	strcpy(path, mine.path);
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" SOCKET " %s", mine.path);
	inside_expect_log(passthrough, "goes to the guest", 1);
	node_remove(&mine);
	plug_named(&other, "other");
	assert_string_equal(other.path, path);
	inside_expect_log(passthrough, "is now another device, \"other\"", 1);
	assert_false(node_is_grabbed(&other));
	plug_named(&mine, "mine");
	inside_expect_log(passthrough, "goes to the guest", 2);
	assert_true(node_is_grabbed(&mine));
	assert_false(node_is_grabbed(&other));
	assert_num(inside_end(passthrough), 0);
	node_remove(&mine);
	node_remove(&other);
}

void a_device_may_come_after_its_guest(void **state)
{
	struct process *passthrough, *monitor;
	struct node mine, guest;
	char *text;

	plug_named(&mine, "mine");
	text = inside_run("vinput-passthrough", "--print-spec %s", mine.path);
	file_write(SPEC, "%s", text);
	free(text);
	node_remove(&mine);

	passthrough = inside_start("vinput-passthrough",
				   "--spec=" SPEC " --socket-path=" SOCKET
				   " name=mine");
	monitor = inside_monitor("--uinput", SOCKET);
	node_await(&guest, "mine");
	/* What shows the guest has the same name. */
	assert_false(node_is_grabbed(&guest));
	plug_named(&mine, "mine");
	inside_expect_log(passthrough, "goes to the guest", 1);
	assert_true(node_is_grabbed(&mine));
	assert_false(node_is_grabbed(&guest));
	node_play(&mine, "KEY_B 1");
	INSIDE_WAIT(node_key(&guest, KEY_B));
	inside_end(monitor);
	assert_num(inside_end(passthrough), 0);
	node_remove(&guest);
	node_remove(&mine);
}
