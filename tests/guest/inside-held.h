/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of each kind that can be held, what may happen while it is, and what
 * the guest that connects next holds then: for tests that differ in how the
 * devices are passed on.
 */
#ifndef VINPUT_TEST_INSIDE_HELD_H
#define VINPUT_TEST_INSIDE_HELD_H

#include "tests/guest/inside.h"

#define HELD_KINDS     6
#define HELD_WITH_KEYS 4 /* the first ones: a key is down */

/* What is held, let go, and held as the next guest sees it. */
struct held_kind {
	const char *name, *device, *hold, *held, *release;
};

extern const struct held_kind held_kinds[HELD_KINDS];

/* The nodes of the host, plugged by held_plug(). */
extern struct node held_node[HELD_KINDS];
extern struct spec held_spec[HELD_KINDS];

void held_plug(void);
void held_unplug(void);
/* A path of this kind's own; valid until the next call. */
const char *held_path(int kind, const char *suffix);
/* Let go of everything on the nodes. */
void held_release(void);

/*
 * What the next guest holds of this kind, at its socket held_path(kind, "vmm").
 * Return: whether it is that; if not, it is printed.
 */
bool held_nothing(int kind);
bool held_nothing_soon(int kind);
bool held_as_by_host(int kind); /* or soon */
bool held_nothing_or_as_by_host(int kind);

/* The kernel's own test of suspending devices; it lets go of keys. */
void held_suspend(void);
/* The kernel lets go of keys and contacts, and ignores what comes. */
void held_inhibit(void);
void held_uninhibit(void); /* and let go */
/* Of all nodes that the process has open. */
void held_revoke(const struct process *p);

struct held_happening {
	const char *name;
	void (*happen)(void);
	bool (*then)(int kind);
	void (*mend)(void); /* all is as before, and soon nothing is held */
};

/* Let each of n happen some times while everything is held. */
void held_check(const struct held_happening *happening, size_t n);

#endif
