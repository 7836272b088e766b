/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --dir: the launcher of a directory adds a device for a device of the host,
 * whose frames go to its injection socket then. Loop thread only.
 */
#ifndef VINPUT_PASS_DIR_H
#define VINPUT_PASS_DIR_H

#include "injector/passthrough/pass-control.h"
#include "injector/passthrough/pass-device.h"
#include "input/base/device-word.h"

struct pass_dir {
	const char *dir;	    /* borrowed */
	struct pass_device *device; /* borrowed; its spec is known */
	char label[DEVICE_WORD_LABEL_MAX + 1];
	/*
	 * The launcher has answered. outlet: NULL after logging why; else to be
	 * freed by pass_dir_free().
	 */
	void (*settled)(void *arg, struct pass_dir *p,
			struct pass_outlet *outlet);
	void *arg;

	struct pass_control control, change;
	bool asked; /* to add a device, which did not exist */
	struct pass_outlet *outlet;
	ev_timer again; /* runs while the server is gone */
};

/*
 * The members above the blank line are set. p is taken, also on failure: from
 * malloc(). Return: 0; -errno after logging why.
 */
int pass_dir_start(struct pass_dir *p);
/* p->device->spec has changed: the launcher's device is to have it. */
void pass_dir_changed(struct pass_dir *p);
/* The device that was added for it is removed from the launcher. */
void pass_dir_free(struct pass_dir *p);

#endif
