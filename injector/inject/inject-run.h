/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: the devices that commands send frames to, and the clock that they
 * sleep by.
 *
 *	argv, a line of stdin
 *	  ─► inject-words		words, as a shell splits them
 *	  ─► inject-commands		commands: inject-settings reads options,
 *					prepare() checks and makes a plan
 *	  ─► run() of each command	inject-do-*: frames, with time between
 *	  ─► this			libvinject and a device; or a recording
 *
 * The user's errors are found before the first event is sent: all commands are
 * prepared first, and with a spec they are rehearsed, so a plan runs twice. The
 * modes of a run:
 *
 *	REAL      frames go to devices, at their times
 *	DRY       frames go to a stream, as a recording, at once
 *	REHEARSE  frames are dropped, at once; an event that the spec does not
 *	          declare is a fault
 *
 * Times are of CLOCK_MONOTONIC and added up before they are waited for, so
 * nothing drifts: a late frame does not delay the next. Only when a guest takes
 * nothing does everything wait: it could not keep up with what would come at
 * once afterwards. DRY and REHEARSE use
 * libvinject as well, on one end of a socketpair, and read the other end.
 */
#ifndef VINPUT_INJECT_RUN_H
#define VINPUT_INJECT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "injector/inject/inject-device.h"
#include "injector/libvinject/vinject.h"
#include "injector/recording/recording-write.h"
#include "input/base/fault.h"
#include "input/spec/spec.h"

#define INJECT_DEVICES_MAX 64

enum inject_mode {
	INJECT_MODE_REAL,
	INJECT_MODE_DRY,
	INJECT_MODE_REHEARSE,
};

struct inject_run {
	enum inject_mode mode;
	const struct spec *spec; /* borrowed, or NULL: of all devices */
	struct inject_place place;
	struct inject_rules rules;
	struct inject_device device[INJECT_DEVICES_MAX];
	size_t n_devices;
	struct inject_device *to;	/* of the current command */
	struct inject_device *recorded; /* of the last event in a recording */
	int64_t due_ns;			/* of the next frame */
	int64_t late_ns;		/* how much a guest has delayed that */
	FILE *out;			/* borrowed: for DRY */
	struct recording_writer writer;
	struct fault fault;
};

/* out: borrowed, for DRY. */
void inject_run_init(struct inject_run *run, enum inject_mode mode, FILE *out);
/* Closes all devices, which release what is held. */
void inject_run_fini(struct inject_run *run);

/*
 * Direct what follows to this device, and open it the first time.
 * Return: 0, or a negative errno with the fault.
 */
int inject_run_to(struct inject_run *run, const char *name);
/* See to it that there is a guest, as run->rules say. Return: likewise. */
int inject_run_need_guest(struct inject_run *run);
/* A command begins: it is not yet known what guests take of it. */
void inject_run_begin(struct inject_run *run);
/* Wait until guests have taken everything. Return: as above. */
int inject_run_settle(struct inject_run *run);

/* --- for commands; all return 0 or a negative errno with run->fault --- */

/* Send the frame that has been written through run->to->v. */
int inject_run_frame(struct inject_run *run);
/* Write an event; a SYN_REPORT sends the frame. */
int inject_run_event(struct inject_run *run, const struct vi_event *ev);
/* Send a frame that releases all that is held. */
int inject_run_release(struct inject_run *run);
/* Send a frame of one key or button. */
int inject_run_key(struct inject_run *run, uint16_t key, bool down);
/*
 * See to it that vinject_led() knows the LEDs that were lit before the device
 * was opened. A device that does not answer is left alone.
 */
int inject_run_learn_leds(struct inject_run *run);
/* Return: whether this program holds a key of the device. */
bool inject_run_holds(const struct inject_run *run, uint16_t key);
/*
 * Set *held to the modifier keys that other programs hold, VINJECT_LEFT_CTRL
 * and so on; to 0 if that cannot be asked.
 */
int inject_run_held_by_others(struct inject_run *run, unsigned int *held);
/* Wait for this long since the last time that was waited for. */
int inject_run_sleep(struct inject_run *run, int64_t ns);
/* Wait until a time in terms of run->due_ns. */
int inject_run_until(struct inject_run *run, int64_t due_ns);
/* Forget about the time spent waiting for the user's next command. */
void inject_run_catch_up(struct inject_run *run);
/* Turn a result of libvinject into one of ours: set the fault for an error. */
int inject_run_check(struct inject_run *run, int r);
/* Wait until devices without receipts have read everything. */
int inject_run_drain(struct inject_run *run);

#endif
