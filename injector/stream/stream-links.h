/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices' connections in the loop: LEDs, drivers that come and go, and
 * reconnects. Loop thread only.
 */
#ifndef VINPUT_STREAM_LINKS_H
#define VINPUT_STREAM_LINKS_H

#include <ev.h>

#include "injector/stream/stream-device.h"
#include "injector/stream/stream-session.h"

struct stream_links {
	struct ev_loop *loop;
	struct stream_devices *devices;
	struct stream_sessions *sessions;
	struct stream_link {
		struct stream_links *all;
		struct stream_device *device; /* NULL: free */
		ev_io io;
		bool watches_driver;
	} at[STREAM_DEVICES_MAX]; /* by the devices' numbers */
};

void stream_links_init(struct stream_links *l, struct ev_loop *loop,
		       struct stream_devices *devices,
		       struct stream_sessions *sessions);
/* Frees all devices. */
void stream_links_fini(struct stream_links *l);

/* fd: taken. Return: 0, or a negative errno with the fault. */
int stream_links_add_fd(struct stream_links *l, const char *label, int fd,
			struct fault *why);
/*
 * A device of a launcher's directory, which is reconnected to. dir: as for
 * vinject_open_label(). spec: copied, or NULL. Return: as above.
 */
int stream_links_add_label(struct stream_links *l, const char *label,
			   const char *dir, const struct spec *spec,
			   struct fault *why);
/* Nobody holds anything of it then, and it is freed. */
void stream_links_remove(struct stream_links *l, struct stream_device *d);

#endif
