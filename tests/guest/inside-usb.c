/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that QEMU plugs, types on, and pulls, with the kernel's drivers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"

#define EVENTS_MAX 8

#define EVENT(type, ...) "{\"type\":\"" type "\",\"data\":{" __VA_ARGS__ "}}"
#define KEY(code, down)                                             \
	EVENT("key", "\"key\":{\"type\":\"qcode\",\"data\":\"" code \
		     "\"},\"down\":" down)
#define BTN(name, down)	 EVENT("btn", "\"button\":\"" name "\",\"down\":" down)
#define REL(axis, value) EVENT("rel", "\"axis\":\"" axis "\",\"value\":" value)
#define ABS(axis, value) EVENT("abs", "\"axis\":\"" axis "\",\"value\":" value)
#define MTT(what, id, axis, value)                                          \
	EVENT("mtt", "\"type\":\"" what "\",\"slot\":0,\"tracking-id\":" id \
		     ",\"axis\":\"" axis "\",\"value\":" value)

/* What is done to it; each line becomes at least one frame. */
struct usb_case {
	const char *device;
	const char *events[EVENTS_MAX];
};

static const struct usb_case cases[] = {
	{ "\"driver\":\"usb-kbd\",\"serial\":\"K1\"",
	  { KEY("a", "true"), KEY("shift", "true"), KEY("a", "false"),
	    KEY("shift", "false"), KEY("f12", "true"), KEY("f12", "false") } },
	{ "\"driver\":\"usb-mouse\"",
	  { REL("x", "5"), REL("y", "-7"), BTN("left", "true"),
	    REL("x", "-100"), BTN("left", "false"), BTN("wheel-up", "true") } },
	{ "\"driver\":\"usb-tablet\"",
	  { ABS("x", "100"), ABS("y", "32767"), BTN("right", "true"),
	    ABS("x", "0"), BTN("right", "false") } },
	/* The kernel has it for a pen, QEMU for a mouse: it delivers nothing.
	 */
	{ "\"driver\":\"usb-wacom-tablet\"", { NULL } },
	{ "\"driver\":\"virtio-multitouch-pci\"",
	  { MTT("begin", "3", "x",
		"0") "," MTT("data", "3", "x",
			     "900") "," MTT("data", "3", "y",
					    "800") "," BTN("touch", "true"),
	    MTT("update", "3", "x", "0") "," MTT("data", "3", "x", "17000"),
	    MTT("end", "-1", "x", "0") "," BTN("touch", "false") } },
};

static void assert_events_pass(struct pair *p, const struct usb_case *c)
{
	struct heard host = { 0 }, guest = { 0 };

	for (size_t i = 0; i < EVENTS_MAX && c->events[i]; i++) {
		const size_t before = host.frames;

		inside_qmp("input-send-event {\"events\":[%s]}", c->events[i]);
		INSIDE_WAIT((node_hear(&p->host, &host), host.frames > before));
	}
	pair_hear(p, &host, &guest);
	assert_heard_same(&guest, &host);
	heard_fini(&host);
	heard_fini(&guest);
}

static void check_usb(const struct usb_case *c)
{
	struct pair p;

	inside_qmp("device_add {\"id\":\"one\",%s}", c->device);
	node_await(&p.host, NULL);
	pair_start(&p);
	assert_pair_is_equal(&p);
	assert_events_pass(&p, c);
	pair_stop(&p);
	inside_qmp("device_del {\"id\":\"one\"}");
	node_await_end(&p.host);
	node_remove(&p.host);
}

void usb_devices_arrive_as_they_are(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].device);
		check_usb(&cases[i]);
	}
}
