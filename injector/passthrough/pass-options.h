/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-passthrough's command line, parsed. */
#ifndef VINPUT_PASS_OPTIONS_H
#define VINPUT_PASS_OPTIONS_H

#include "injector/passthrough/pass-chord.h"
#include "injector/passthrough/pass-device.h"
#include "injector/passthrough/pass-grab.h"
#include "input/base/log.h"
#include "input/serve/service-options.h"

enum pass_action {
	PASS_NOTHING, /* not given */
	PASS_LIST,
	PASS_PRINT_SPEC,
	PASS_TO,
	PASS_SERVE,
	PASS_HELP,
	PASS_VERSION,
};

/* Without --exit; for devices that have these keys. */
#define PASS_USUAL_EXIT "leftctrl+leftalt+leftshift+esc"

#define PASS_DEVICES_MAX 32

/* What happens to the guest's device when its own is unplugged. */
enum pass_unplug {
	PASS_STAY,   /* it waits until its own is back */
	PASS_REMOVE, /* it ends */
};

/* Strings are borrowed from argv. */
struct pass_options {
	enum pass_action action;
	const char *device[PASS_DEVICES_MAX]; /* DEV */
	size_t n_devices;
	const char *to[PASS_DEVICES_MAX]; /* one for each device */
	size_t n_to;
	const char *spec[PASS_DEVICES_MAX]; /* none, or one for each device */
	size_t n_specs;
	enum pass_unplug on_unplug;
	struct service_options service; /* for PASS_SERVE */
	enum pass_grab grab;
	struct pass_chord chord[PASS_COMMANDS];
	const char *chord_text[PASS_COMMANDS]; /* NULL: not given */
	bool start_with_host;
	const char *serial; /* as pass_spec_set_serial() */
	enum log_level log_level;
};

/* Return: 0, or -EINVAL with one line about it in why. */
int pass_options_parse(struct pass_options *o, int argc, char **argv,
		       char why[256]);
void pass_options_help(void); /* print it */

#endif
