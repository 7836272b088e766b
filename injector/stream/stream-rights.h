/* SPDX-License-Identifier: Apache-2.0 */
/* What a client may do. Pure. */
#ifndef VINPUT_STREAM_RIGHTS_H
#define VINPUT_STREAM_RIGHTS_H

#include <stdbool.h>

struct stream_rights {
	bool read_only;
	/* Labels, "keyboard,touch_0", borrowed; NULL: all devices. */
	const char *devices;
	/* Names of displays, "0,front"; NULL: all. */
	const char *displays;
};

/* Whether they are about the device with this label. */
bool stream_rights_include(const struct stream_rights *r, const char *label);
/* Whether they are about the display with this name. */
bool stream_rights_show(const struct stream_rights *r, const char *name);

#endif
