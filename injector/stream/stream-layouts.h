/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyboard layouts in which clients may have text typed: the usual one, of
 * --layout, and those in XKB's list of rules. The list is read before the
 * sandbox is entered; a layout, from XKB's folder, when it is first used. Loop
 * thread only.
 */
#ifndef VINPUT_STREAM_LAYOUTS_H
#define VINPUT_STREAM_LAYOUTS_H

#include <jansson.h>

#include "injector/inject/inject-layout.h"
#include "injector/stream/stream-action.h"
#include "input/base/fault.h"

#define STREAM_LAYOUTS_KEPT 4 /* besides the usual one */

struct stream_layouts {
	struct inject_layout_names names; /* of the usual one */
	char usual[STREAM_LAYOUT_SIZE];	  /* "de" or "de(neo)" */
	const char *folder;		  /* of XKB's files; NULL: none */
	json_t *list;  /* owned: [["de(neo)", "German (Neo 2)"], ...] */
	char *message; /* owned: {"type":"layouts","layouts":list} */
	struct inject_layout *usual_layout; /* owned */
	struct stream_layout_kept {
		char name[STREAM_LAYOUT_SIZE];
		struct inject_layout *layout; /* owned; NULL: free */
	} kept[STREAM_LAYOUTS_KEPT];
	unsigned int next; /* to be replaced */
};

/* names: strings are borrowed. */
void stream_layouts_init(struct stream_layouts *l,
			 const struct inject_layout_names *names);
void stream_layouts_fini(struct stream_layouts *l);
/*
 * Read the usual layout and the list; without a list there is only that layout.
 * Return: 0; -EINVAL, -ENOMEM with the fault.
 */
int stream_layouts_load(struct stream_layouts *l, struct fault *why);

/* What a client asks for. */
struct stream_layout_wish {
	const char *name; /* of the list; "": the usual one */
	/* Called if it has to be compiled, which takes some milliseconds. */
	bool (*may_compile)(void *client);
	void *client;
};

/*
 * *layout is borrowed until the next call. Return: 0; -EINVAL, -EBUSY, -ENOMEM
 * with the fault.
 */
int stream_layouts_get(struct stream_layouts *l,
		       const struct stream_layout_wish *wish,
		       const struct inject_layout **layout, struct fault *why);

#endif
