/* SPDX-License-Identifier: Apache-2.0 */
/* How devices are named and added: as a user of the host does it. */
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"

#define SOCKET	  INSIDE_DIR "/hosts"
#define DIR	  INSIDE_DIR "/vm"
#define USB_NAME  "QEMU QEMU USB Keyboard"
#define USB_LINK  "usb-QEMU_QEMU_USB_Keyboard_S1-event-kbd"
#define USB_LABEL "QEMU_QEMU_USB_Keyboard"

static void plug_usb(int port)
{
	inside_qmp("device_add {\"driver\":\"usb-kbd\",\"id\":\"at%d\","
		   "\"port\":\"%d\"}",
		   port, port);
}

static void pull_usb(int port)
{
	inside_qmp("device_del {\"id\":\"at%d\"}", port);
}

/* Neither has a serial number. */
void two_alike_are_told_apart_by_their_ports(void **state)
{
	struct process *passthrough;
	struct node first, second;

	plug_usb(1);
	node_await(&first, NULL);
	plug_usb(2);
	node_await(&second, NULL);
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" SOCKET " %s", first.path);
	inside_expect_log(passthrough, "goes to the guest", 1);
	pull_usb(1);
	pull_usb(2);
	node_await_end(&first);
	node_await_end(&second);
	node_remove(&first);
	node_remove(&second);

	plug_usb(2);
	node_await(&second, NULL);
	plug_usb(1);
	node_await(&first, NULL);
	inside_expect_log(passthrough, "goes to the guest", 2);
	assert_true(node_is_grabbed(&first));
	assert_false(node_is_grabbed(&second));

	assert_num(inside_end(passthrough), 0);
	pull_usb(1);
	pull_usb(2);
	node_await_end(&first);
	node_await_end(&second);
	node_remove(&first);
	node_remove(&second);
}

static void plug_usb_with_serial(struct node *n)
{
	inside_qmp("device_add {\"driver\":\"usb-kbd\",\"id\":\"at1\","
		   "\"port\":\"1\",\"serial\":\"S1\"}");
	node_await(n, USB_NAME);
}

static void pull_usb_with_serial(struct node *n)
{
	pull_usb(1);
	node_await_end(n);
	node_remove(n);
}

/* The link is what --list shows, and what a user types. */
void a_link_of_udevs_names_a_keyboard(void **state)
{
	struct process *passthrough;
	struct node n;
	char *list;

	udev_start();
	plug_usb_with_serial(&n);
	INSIDE_WAIT(!access("/dev/input/by-id/" USB_LINK, F_OK));
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" SOCKET " " USB_LINK);
	inside_expect_log(passthrough, "goes to the guest", 1);
	list = inside_run("vinput-passthrough", "--list");
	assert_non_null(strstr(list, USB_LINK));
	assert_non_null(strstr(list, "grabbed; open in "));
	free(list);
	pull_usb_with_serial(&n);
	inside_expect_log(passthrough, "waiting until it is back", 1);
	plug_usb_with_serial(&n);
	inside_expect_log(passthrough, "goes to the guest", 2);
	assert_true(node_is_grabbed(&n));
	assert_num(inside_end(passthrough), 0);
	pull_usb_with_serial(&n);
	udev_stop();
}

/* As QEMU documents it for its own back-end. */
void the_command_line_of_qemus_back_end_serves_a_device(void **state)
{
	static struct spec spec;
	struct process *server, *monitor;
	struct node host, guest;

	node_spec_of(&spec, "of qemu", "KEY_A, KEY_B, LED_CAPSL");
	node_plug(&host, &spec);
	server = inside_start("vhost-user-input",
			      "--socket-path=" SOCKET " --evdev-path=%s",
			      host.path);
	monitor = inside_monitor("--uinput", SOCKET);
	node_await(&guest, "of qemu");
	INSIDE_WAIT(node_is_grabbed(&host));
	node_play(&host, "KEY_B 1");
	INSIDE_WAIT(node_key(&guest, KEY_B));
	node_play(&host, "KEY_B 0");
	INSIDE_WAIT(!node_key(&guest, KEY_B));
	inside_end(monitor);
	assert_num(inside_end(server), 0);
	node_remove(&guest);
	node_remove(&host);
}

static bool has_device(const char *label)
{
	char *list = inside_run("vinput-launch", "--control=" DIR " list");
	const bool has = strstr(list, label);

	free(list);
	return has;
}

/* All but switches are added; this guest has one of each kind. */
void a_keyboard_is_added_to_the_vm_while_it_is_plugged_in(void **state)
{
	struct process *launcher, *passthrough, *monitor;
	struct node host, guest;

	launcher = inside_start("vinput-launch",
				"--dir=" DIR " --device=x=/specs/mouse.json");
	inside_expect_log(launcher, "ready", 1);
	passthrough = inside_start("vinput-passthrough",
				   "--dir=" DIR " --all --on-unplug=remove");
	plug_usb(3);
	node_await(&host, USB_NAME);
	INSIDE_WAIT(node_is_grabbed(&host));
	assert_true(has_device("vinput_Keyboard_0"));
	assert_false(has_device("Switches"));
	monitor = inside_start("vinput-monitor",
			       "--wait --uinput " DIR "/" USB_LABEL ".sock");
	node_await(&guest, USB_NAME);
	inside_end(monitor);
	node_remove(&guest);

	pull_usb(3);
	node_await_end(&host);
	node_remove(&host);
	INSIDE_WAIT(!has_device(USB_LABEL));
	assert_num(inside_end(passthrough), 0);
	assert_false(has_device("vinput_Keyboard_0"));
	assert_num(inside_end(launcher), 0);
}
