/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of a launcher's directory, as they come and go. A change in the
 * directory is the occasion to ask the launcher, at its control socket, which
 * devices it has and what they are. Nothing wakes up without one, unless the
 * launcher, or a device that it described, does not answer yet. Loop thread
 * only.
 */
#ifndef VINPUT_STREAM_LAUNCHER_H
#define VINPUT_STREAM_LAUNCHER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "injector/stream/stream-links.h"

struct stream_launcher {
	struct ev_loop *loop;
	struct stream_links *links;
	const char *dir; /* borrowed */
	bool passed;   /* it started us, perhaps with sockets of its devices */
	int notify_fd; /* owned, -1: not watched */
	ev_io notify;
	ev_timer ask; /* soon, or again */
	int fd;	      /* owned: the control socket, -1: not asking */
	ev_io io;
	char *text; /* owned: the answer so far */
	size_t len, size;
	bool complained; /* that it cannot be asked */
	bool is_told;	 /* of changes in the directory */
	int patience;	 /* how often it may still not know a device */
};

/*
 * Watch a directory, which may not exist yet, and ask at once; where it cannot
 * be watched, again and again.
 */
void stream_launcher_init(struct stream_launcher *l, struct ev_loop *loop,
			  struct stream_links *links, const char *dir);
/* Use the sockets of VINPUT_FDS, if there are any, for devices of VINPUT_DIR.
 */
void stream_launcher_use_passed(struct stream_launcher *l);
void stream_launcher_fini(struct stream_launcher *l);

#endif
