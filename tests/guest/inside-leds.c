/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/input-event-codes.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define SOCKET INSIDE_DIR "/leds"

static void press(const char *key, const char *down)
{
	inside_qmp("input-send-event {\"events\":[{\"type\":\"key\",\"data\":{"
		   "\"down\":%s,\"key\":{\"type\":\"qcode\",\"data\":\"%s\"}}}"
		   "]}",
		   down, key);
}

static void tap(const char *key)
{
	press(key, "true");
	press(key, "false");
}

static void play_chord(void)
{
	press("ctrl", "true");
	press("ctrl_r", "true");
	press("ctrl", "false");
	press("ctrl_r", "false");
}

static void assert_leds(const struct node *n, bool num, bool caps)
{
	INSIDE_WAIT(node_led(n, LED_NUML) == num &&
		    node_led(n, LED_CAPSL) == caps);
}

/* The console's LEDs, whatever they were before. */
static void set_of_host(const struct node *n, bool num, bool caps)
{
	if (node_led(n, LED_NUML) != num)
		tap("num_lock");
	if (node_led(n, LED_CAPSL) != caps)
		tap("caps_lock");
	assert_leds(n, num, caps);
}

/*
 * Also after SIGKILL. The kernel's console lights Num Lock, the guest Caps
 * Lock. The guest is not a node here: the same console would set that one's
 * LEDs.
 */
void leds_are_the_guests_or_the_hosts(void **state)
{
	struct process *passthrough;
	struct node n;

	inside_qmp("device_add {\"driver\":\"usb-kbd\",\"id\":\"one\"}");
	node_await(&n, NULL);
	set_of_host(&n, true, false);
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" SOCKET
				   " --toggle=leftctrl+rightctrl %s",
				   n.path);
	inside_start("vinput-monitor",
		     "--wait --led=NUML=off --led=CAPSL=on " SOCKET);
	assert_leds(&n, false, true);
	play_chord();
	inside_expect_log(passthrough, "goes to the host", 1);
	assert_leds(&n, true, false);
	set_of_host(&n, true, true);
	play_chord();
	inside_expect_log(passthrough, "goes to the guest", 2);
	assert_leds(&n, false, true);
	inside_kill(passthrough);
	assert_leds(&n, true, true);
	set_of_host(&n, false, false);

	inside_qmp("device_del {\"id\":\"one\"}");
	node_await_end(&n);
	node_remove(&n);
}
