/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-stream as a child of a test. */
#ifndef VINPUT_TESTS_STREAM_TEST_H
#define VINPUT_TESTS_STREAM_TEST_H

#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"
#include "tests/lib/web-client.h"

#define STREAM_TEST_CLIENTS 4
#define STREAM_TEST_FDS	    4

struct stream_test {
	struct process p;
	char dir[TEMP_DIR_LEN];
	char stats[64];	  /* --stats-path */
	char url[3][256]; /* that it has printed */
	struct web_client client[STREAM_TEST_CLIENTS];
	/* Ends of devices that it inherited as sockets, in their order. */
	int end[STREAM_TEST_FDS];
	size_t n_ends;
};

int stream_setup(void **state);
/* It MUST end with status 0 on SIGTERM, if it still runs. */
int stream_teardown(void **state);

/* One more device, as Cuttlefish's launcher gives them: "-mouse_fd=". */
void stream_device(struct stream_test *t, const char *option);
/* Start it, and wait until it has printed its URLs. */
void stream_start(struct stream_test *t);
/* The same, with a keyboard for a device, and client 0. */
void stream_start_with_keyboard(struct stream_test *t);

/* The next frame of a device, without its SYN_REPORT; as in event-text.h. */
void stream_expect_frame(struct stream_test *t, size_t device,
			 const char *text);
/* Nothing comes for RIG_QUIET_MS. */
void stream_expect_no_frame(struct stream_test *t, size_t device);
/* Wait until the counter has this value. */
void stream_wait_counter(struct stream_test *t, const char *name,
			 unsigned long long value);

#endif
