/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's VNC server looks for changes of a screen every 30 ms, but the less
 * often the longer there was none, up to every 3 s, until a viewer sends a key
 * or the like. Ours never do: so that the first key after a rest is not seen
 * late, a new connection makes QEMU look often again. Nothing is sent there.
 * Loop thread only.
 */
#ifndef VINPUT_DISPLAY_WAKE_H
#define VINPUT_DISPLAY_WAKE_H

#include "injector/display/display-address.h"

#define DISPLAY_WAKE_S \
	0.25 /* without changes, before it may be woken (again) */

/* Of a display's server. Filled with zeros: nobody sees it. */
struct display_wake {
	unsigned int viewers; /* of a QEMU's screen */
	double changed;	      /* when the server sent something, in s */
	double woken;
	int fd; /* of the last connection for this; 0: none */
};

/* A viewer comes, or goes. */
void display_wake_add(const struct display_address *a);
void display_wake_remove(const struct display_address *a);
/* It has sent something: it looks often now. */
void display_wake_changed(const struct display_address *a);
/* Input goes to the guest, of which all screens may change. */
void displays_wake(const struct displays *d);

#endif
