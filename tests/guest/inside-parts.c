/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of several nodes, as receivers of a keyboard and a mouse are: made
 * with uhid, as if it were hardware.
 */
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <linux/uhid.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define DIR  INSIDE_DIR "/parts"
#define NAME "Receiver of two"

enum {
	KEYBOARD = 1, /* IDs of reports */
	MOUSE,
	MEDIA
};

/* Usages of HID, and a bit of the LEDs. */
#define HID_A	     0x04
#define HID_MUTE     0xe2
#define HID_CAPS_LED 0x02

/*
 * The kernel makes a node of each application, but puts media keys to the
 * keyboard.
 */
static const uint8_t descriptor[] = {
	0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x85, KEYBOARD, /* a keyboard: */
	0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x15, 0x00,	    0x25,  0x65,
	0x75, 0x08, 0x95, 0x06, 0x81, 0x00, /* six keys that are down */
	0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x15, 0x00,	    0x25,  0x01,
	0x75, 0x01, 0x95, 0x05, 0x91, 0x02, 0x95, 0x01,	    0x75,  0x03,
	0x91, 0x03,						   /* LEDs */
	0xc0, 0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x85,	    MOUSE, /* a mouse:
								    */
	0x05, 0x09, 0x19, 0x01, 0x29, 0x08, 0x15, 0x00,	    0x25,  0x01,
	0x75, 0x01, 0x95, 0x08, 0x81, 0x02, /* buttons */
	0x05, 0x01, 0x09, 0x30, 0x09, 0x31, 0x15, 0x81,	    0x25,  0x7f,
	0x75, 0x08, 0x95, 0x02, 0x81, 0x06,			   /* motion */
	0xc0, 0x05, 0x0c, 0x09, 0x01, 0xa1, 0x01, 0x85,	    MEDIA, /* media
								      keys: */
	0x19, 0x00, 0x2a, 0xff, 0x00, 0x15, 0x00, 0x26,	    0xff,  0x00,
	0x75, 0x08, 0x95, 0x01, 0x81, 0x00, /* one that is down */
	0xc0,
};

struct part {
	const char *name, *label;
	struct node host, guest;
	struct process *monitor;
};

static struct part keyboard = { .name = NAME " Keyboard",
				.label = "Receiver_of_two_Keyboard" };
static struct part mouse = { .name = NAME " Mouse",
			     .label = "Receiver_of_two_Mouse" };
static struct part *const parts[] = { &keyboard, &mouse };

/* --- The hardware --- */

static void write_uhid(int fd, const struct uhid_event *ev)
{
	assert_num(write(fd, ev, sizeof(*ev)), sizeof(*ev));
}

/* Return: what it is unplugged with: close(). */
static int plug(void)
{
	struct uhid_event ev = {
		.type = UHID_CREATE2,
		.u.create2 = { .name = NAME,
			       .phys = "usb-1-2/input0",
			       .uniq = "01:23:45",
			       .rd_size = sizeof(descriptor),
			       .bus = 3,
			       .vendor = 0x1209,
			       .product = 0x0001 },
	};
	const int fd = open("/dev/uhid", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	assert_sys(fd);
	memcpy(ev.u.create2.rd_data, descriptor, sizeof(descriptor));
	write_uhid(fd, &ev);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		node_await(&parts[i]->host, parts[i]->name);
	return fd;
}

static void unplug(int fd)
{
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		node_await_end(&parts[i]->host);
		node_remove(&parts[i]->host);
	}
}

static void report(int fd, uint8_t id, uint8_t first, uint8_t second)
{
	struct uhid_event ev = {
		.type = UHID_INPUT2,
		.u.input2 = { .size = id == KEYBOARD ? 7
				      : id == MOUSE  ? 4
						     : 2,
			      .data = { id, first, second } },
	};

	write_uhid(fd, &ev);
}

/* Return: whether the hardware has been sent this byte of LEDs. */
static bool was_lit(int fd, uint8_t leds)
{
	struct uhid_event ev;

	while (read(fd, &ev, sizeof(ev)) > 0)
		if (ev.type == UHID_OUTPUT && ev.u.output.size >= 2 &&
		    ev.u.output.data[0] == KEYBOARD &&
		    ev.u.output.data[1] == leds)
			return true;
	return false;
}

/* --- The guest --- */

static void await_guest(struct part *p)
{
	char socket[96];

	snprintf(socket, sizeof(socket), DIR "/%s.sock", p->label);
	p->monitor = inside_monitor("--uinput", socket);
	node_await(&p->guest, p->name);
}

static void assert_apart(int fd)
{
	report(fd, KEYBOARD, HID_A, 0);
	INSIDE_WAIT(node_key(&keyboard.guest, KEY_A));
	report(fd, MOUSE, 1, 5);
	INSIDE_WAIT(node_key(&mouse.guest, BTN_LEFT));
	report(fd, MEDIA, HID_MUTE, 0);
	INSIDE_WAIT(node_key(&keyboard.guest, KEY_MUTE));
	assert_true(node_key(&keyboard.guest, KEY_A));
	report(fd, KEYBOARD, 0, 0);
	INSIDE_WAIT(!node_key(&keyboard.guest, KEY_A));
	assert_true(node_key(&mouse.guest, BTN_LEFT));
	assert_true(node_key(&keyboard.guest, KEY_MUTE));
	report(fd, MOUSE, 0, 0);
	INSIDE_WAIT(!node_key(&mouse.guest, BTN_LEFT));
	report(fd, MEDIA, 0, 0);
	INSIDE_WAIT(!node_key(&keyboard.guest, KEY_MUTE));
}

/* Also after each has come back, under whatever number. */
void parts_of_one_device_are_not_mixed_up(void **state)
{
	struct process *launcher, *passthrough;
	int fd = plug();

	launcher = inside_start("vinput-launch",
				"--dir=" DIR " --device=x=/specs/mouse.json");
	inside_expect_log(launcher, "ready", 1);
	passthrough = inside_start("vinput-passthrough", "--dir=" DIR " --all");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		INSIDE_WAIT(node_is_grabbed(&parts[i]->host));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		await_guest(parts[i]);
	assert_apart(fd);
	node_set_led(&keyboard.guest, LED_CAPSL, 1);
	INSIDE_WAIT(was_lit(fd, HID_CAPS_LED));

	unplug(fd);
	fd = plug();
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		INSIDE_WAIT(node_is_grabbed(&parts[i]->host));
	assert_apart(fd);

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		inside_end(parts[i]->monitor);
		node_remove(&parts[i]->guest);
	}
	assert_num(inside_end(passthrough), 0);
	assert_num(inside_end(launcher), 0);
	unplug(fd);
}
