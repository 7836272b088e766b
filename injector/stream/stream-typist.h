/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types a client's text on a keyboard in the guest's layout, as vinput-inject
 * type does: one text at a time, a character every 5 ms. Loop thread only.
 */
#ifndef VINPUT_STREAM_TYPIST_H
#define VINPUT_STREAM_TYPIST_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "injector/inject/inject-typing.h"
#include "injector/stream/stream-device.h"
#include "injector/stream/stream-hold.h"
#include "injector/stream/stream-layouts.h"
#include "input/base/fault.h"

struct stream_typist {
	struct ev_loop *loop;
	struct stream_layouts layouts;
	struct inject_typing typing;
	struct stream_device *device; /* NULL: nothing is being typed */
	struct stream_hold hold;
	size_t at; /* the next step */
	ev_timer timer;
	void *client; /* whose text it is */
	void (*done)(void *client);
};

/*
 * names: of the guest's layout; strings are borrowed. done: called with the
 * client when its text is typed, but not after stream_typist_stop() or
 * stream_typist_forget().
 */
void stream_typist_init(struct stream_typist *t, struct ev_loop *loop,
			const struct inject_layout_names *names,
			void (*done)(void *client));
void stream_typist_fini(struct stream_typist *t);

struct stream_text {
	const char *text;
	struct stream_layout_wish layout;
	struct stream_device *device;	/* the keyboard */
	const struct stream_hold *held; /* by the client */
	bool check;			/* only whether it can be typed */
	void *client;
};

/*
 * Begin to type. While the client holds a modifier, a single character stands
 * for the key that has it, as in a shortcut. Return: 0; -EBUSY, -EINVAL,
 * -ENOMEM with the fault: a text is being typed; no such layout, or it lacks
 * characters; keys or locks that change it.
 */
int stream_typist_start(struct stream_typist *t, const struct stream_text *text,
			struct fault *why);
/* The client has gone: stop typing for it. */
void stream_typist_stop(struct stream_typist *t, const void *client);
/* The device is about to be freed. */
void stream_typist_forget(struct stream_typist *t,
			  const struct stream_device *d);

#endif
