/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where commands send their frames and how they spend their time.
 *
 *	REAL      to devices, at times of CLOCK_MONOTONIC that are added up
 *	          before they are waited for, so that nothing drifts
 *	DRY       to a stream as a recording, at once
 *	REHEARSE  to nowhere, at once; what the device's spec does not have is
 *	          a fault, so that it is found before anything is sent
 *
 * All of them go through libvinject: the last two have it write into a
 * socketpair and read the other end.
 */
#ifndef VINPUT_INJECT_RUN_H
#define VINPUT_INJECT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "injector/libvinject/vinject.h"
#include "injector/recording/recording-write.h"
#include "input/base/fault.h"
#include "input/spec/spec.h"

#define INJECT_DEVICES_MAX 64

enum inject_mode {
	INJECT_REAL,
	INJECT_DRY,
	INJECT_REHEARSE,
};

struct inject_device {
	char *name; /* address or label, owned; "" in a dry run is fine */
	struct vinject *v;
	int other_end; /* of the socketpair; -1: it is real */
};

struct inject_run {
	enum inject_mode mode;
	const char *dir; /* borrowed: where labels are, NULL: anywhere */
	const struct spec *spec; /* borrowed: for REHEARSE */
	int wait_ms, timeout_ms; /* for a device to be there, to take frames */
	struct inject_device device[INJECT_DEVICES_MAX];
	size_t n_devices;
	struct inject_device *to;      /* the one that commands talk to */
	struct inject_device *told_of; /* in the recording */
	int64_t due_ns;
	FILE *out; /* borrowed: of a DRY run */
	struct recording_writer writer;
	struct fault fault;
};

/* out: borrowed, of a DRY run. */
void inject_run_init(struct inject_run *run, enum inject_mode mode, FILE *out);
/* Closes all; what was held is released by the devices. */
void inject_run_fini(struct inject_run *run);

/*
 * Have what follows go to this device, which is opened if it is not yet.
 * Return: 0, or a negative errno with the fault.
 */
int inject_run_to(struct inject_run *run, const char *name);

/* --- for commands; all return 0 or a negative errno with run->fault --- */

/* Send the frame that was said through run->to->v. */
int inject_run_frame(struct inject_run *run);
/* Send a frame of one key or button. */
int inject_run_key(struct inject_run *run, uint16_t key, bool down);
/* Let time go by, since what was waited for last. */
int inject_run_sleep(struct inject_run *run, int64_t ns);
/* The same to a point of time, counted as run->due_ns is. */
int inject_run_until(struct inject_run *run, int64_t due_ns);
/* Time that was spent waiting for commands does not count. */
void inject_run_catch_up(struct inject_run *run);
/* What a call of libvinject returned, in words if it is an error. */
int inject_run_check(struct inject_run *run, int r);
/* Wait until the devices have taken all. */
int inject_run_drain(struct inject_run *run);

#endif
