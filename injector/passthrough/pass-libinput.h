/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --via=libinput: a node's events as libinput makes them of it, for the shipped
 * mouse, tablet or multi-touchscreen. libinput reads the node through our fd,
 * so a grab holds. Loop thread only.
 */
#ifndef VINPUT_PASS_LIBINPUT_H
#define VINPUT_PASS_LIBINPUT_H

#include "injector/passthrough/pass-tuning.h"
#include "input/base/fault.h"
#include "input/device/state.h"
#include "input/spec/spec.h"

struct pass_libinput;

struct input_event;

/*
 * The shipped spec that a node becomes; NULL: none, as libinput makes no
 * pointer or touches of it.
 */
const char *pass_libinput_kind(const struct spec *node);

/*
 * Before all else, and before the sandbox. Return: 0; or -errno: it cannot be
 * loaded, or the program was built without it.
 */
int pass_libinput_load(struct fault *why);

struct pass_libinput_node {
	int fd;		  /* of the node, borrowed */
	const char *path; /* borrowed */
	const struct pass_tuning *tuning;
	const struct spec *spec; /* borrowed: of the guest's device */
	/* A whole frame, SYN_REPORT last. MUST NOT free the handle. */
	void (*send)(void *arg, const struct input_event *ev, size_t n);
	void *arg;
};

/*
 * Its first settings that the device lacks are logged. Return: 0 or -errno.
 */
int pass_libinput_new(struct pass_libinput **out,
		      const struct pass_libinput_node *node, struct fault *why);
void pass_libinput_free(struct pass_libinput *pl); /* NULL: none */

int pass_libinput_fd(const struct pass_libinput *pl); /* to be polled */
/* Return: 0; -ENODEV: the node is gone; another -errno. */
int pass_libinput_dispatch(struct pass_libinput *pl);
/* What the guest's device should be in, by what was sent. */
const struct state *pass_libinput_state(const struct pass_libinput *pl);

#endif
