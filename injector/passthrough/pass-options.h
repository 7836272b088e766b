/* SPDX-License-Identifier: Apache-2.0 */
/* What vinput-passthrough is to do. */
#ifndef VINPUT_PASS_OPTIONS_H
#define VINPUT_PASS_OPTIONS_H

#include "injector/passthrough/pass-chord.h"
#include "injector/passthrough/pass-config.h"
#include "injector/passthrough/pass-device.h"
#include "injector/passthrough/pass-grab.h"
#include "injector/passthrough/pass-tuning.h"
#include "input/base/log.h"
#include "input/sandbox/sandbox-options.h"
#include "input/serve/service-options.h"

enum pass_action {
	PASS_NOTHING, /* not given */
	PASS_LIST,
	PASS_PRINT_SPEC,
	PASS_TO,
	PASS_SERVE,
	PASS_DIR,
	PASS_HELP,
	PASS_VERSION,
};

/* Without --exit; for devices that have these keys. */
#define PASS_USUAL_EXIT "leftctrl+leftalt+leftshift+esc"

#define PASS_DEVICES_MAX 32
#define PASS_GUESTS_MAX	 8

/* What happens to the guest's device when its own is unplugged. */
enum pass_unplug {
	PASS_STAY,   /* it waits until its own is back */
	PASS_REMOVE, /* it ends */
};

/* What --config says of one device. */
struct pass_own {
	bool has_unplug, has_grab;
	enum pass_unplug on_unplug;
	enum pass_grab grab;
};

/* Strings are borrowed from argv and from the file of --config. */
struct pass_options {
	enum pass_action action;
	const char *device[PASS_DEVICES_MAX]; /* DEV */
	const char *label[PASS_DEVICES_MAX];  /* NULL: not given */
	size_t n_devices;
	const char *to[PASS_DEVICES_MAX]; /* one for each device */
	size_t n_to;
	const char *spec[PASS_DEVICES_MAX]; /* none, or one for each device */
	size_t n_specs;
	const char *dir[PASS_GUESTS_MAX];
	size_t n_dirs;
	bool all;		    /* besides DEV those of the seat */
	const char *seat;	    /* NULL: any */
	enum pass_unplug on_unplug; /* of those without their own, as grab */
	enum pass_grab grab;
	bool has_grab;			       /* it was given */
	struct pass_own own[PASS_DEVICES_MAX]; /* of each device */
	struct service_options service;	       /* for PASS_SERVE */
	int spec_fd; /* the same: where its spec is written to; -1: nowhere */
	struct pass_chord chord[PASS_COMMANDS];
	const char *chord_text[PASS_COMMANDS]; /* NULL: not given */
	bool start_with_host;
	bool has_keep;
	uint8_t keep[KEY_CNT / 8]; /* keys */
	const char *on_switch;	   /* NULL: no command */
	const char *serial;	   /* as pass_spec_set_serial() */
	bool via_libinput;
	struct pass_tuning tuning;
	enum log_level log_level;
	struct sandbox sandbox; /* mode, uid and gid */
	struct pass_config config;
};

enum pass_grab pass_options_grab(const struct pass_options *o, size_t device);
/* Return: whether that was given. */
bool pass_options_has_grab(const struct pass_options *o, size_t device);
enum pass_unplug pass_options_unplug(const struct pass_options *o,
				     size_t device);

#endif
