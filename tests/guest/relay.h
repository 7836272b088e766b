/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between QEMU and a device server: a front-end that reconnects when the server
 * dies, as QEMU's vhost-user-input cannot. A process of its own passes every
 * message and fd on, and reconnects to the next server in the style of one of
 * the front-ends of tests/lib/reattach.h. QEMU notices nothing.
 */
#ifndef VINPUT_TEST_RELAY_H
#define VINPUT_TEST_RELAY_H

#include <sys/types.h>
#include "tests/lib/inject-times.h"
#include "tests/lib/reattach.h"

struct relay {
	pid_t pid;	  /* 0: not running */
	char socket[108]; /* where QEMU connects */
	/*
	 * When the eventq's driver was notified, if the style says so: the
	 * relay stands between server and QEMU for that. Shared with it.
	 */
	struct inject_stamps *stamps;
};

/* Listen beside the server's socket for one QEMU, and be this front-end. */
void relay_start(struct relay *relay, const char *server_path,
		 const struct reattach_style *as);
/* Does nothing if it is not running. */
void relay_stop(struct relay *relay);

#endif
