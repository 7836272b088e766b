/* SPDX-License-Identifier: Apache-2.0 */
/* A node and who has it, for the files that serve it: see pass-device.h. */
#ifndef VINPUT_PASS_DEVICE_TYPES_H
#define VINPUT_PASS_DEVICE_TYPES_H

#include <ev.h>
#include "injector/passthrough/pass-chord.h"
#include "injector/passthrough/pass-forward.h"
#include "injector/passthrough/pass-grab.h"
#include "injector/passthrough/pass-guard.h"
#include "injector/passthrough/pass-keep.h"
#include "injector/passthrough/pass-libinput.h"
#include "injector/passthrough/pass-node.h"
#include "input/base/loop.h"
#include "input/serve/led-state.h"

/* What chords stand for. */
enum pass_command {
	PASS_TOGGLE, /* to the host, and to the guest again */
	PASS_NEXT,   /* to the next guest */
	PASS_EXIT,
};
#define PASS_COMMANDS 3

struct pass_device;

/* The device of a guest that a node's frames go to. */
struct pass_outlet {
	struct pass_sink sink;
	/* After its device has stopped: let the guest have all that was sent.
	 */
	void (*free)(struct pass_outlet *o);
	const char *guest;	    /* borrowed, for log lines */
	struct pass_device *device; /* borrowed */
	struct led_state leds;	    /* as the guest has set them */
};

/* Both MAY stop the device, and close it. */
struct pass_owner {
	void (*played)(struct pass_device *d, enum pass_command command);
	/* It has stopped, and what it held is released. */
	void (*ended)(struct pass_device *d, int error);
};

struct pass_device {
	struct ev_loop *loop;
	const char *path; /* borrowed */
	enum pass_grab grab;
	const char *serial;	  /* as pass_spec_set_serial() */
	struct pass_keep *keep;	  /* borrowed; NULL: no keys are kept */
	struct pass_guard *guard; /* borrowed */
	unsigned int number;	  /* as pass_guard_hold()'s */
	struct pass_chord chord[PASS_COMMANDS];
	const struct pass_owner *owner;
	struct pass_outlet *outlet; /* borrowed; NULL: no guest can have it */
	const struct spec *spec;    /* borrowed: as the guest has it */
	/* Borrowed: its events are libinput's. NULL: they are the node's. */
	const struct pass_tuning *tuning;

	bool to_guest;	     /* who is to have it */
	unsigned int chords; /* that there are: bits of enum pass_command */
	unsigned int played; /* chords: bits of enum pass_command */
	int64_t event_us;    /* time of the last event */
	bool busy; /* another process has it: try again from time to time */
	ev_io io;
	struct loop_shortcut shortcut; /* beside it */
	ev_timer again, complain;
	struct pass_node node;
	struct pass_forward forward;
	struct pass_libinput *via; /* while the guest has it, with tuning */
	ev_io via_io;
	uint32_t host_leds; /* to be restored */
};

#endif
