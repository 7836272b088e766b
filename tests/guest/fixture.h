/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the real guest share: a server for every shipped spec, one
 * guest that has all their devices, and what a test says of them. Nothing here
 * returns an error: what goes wrong fails the test.
 */
#ifndef VINPUT_TEST_FIXTURE_H
#define VINPUT_TEST_FIXTURE_H

#include <stddef.h>
#include "input/event.h"
#include "tests/guest/server.h"
#include "tests/guest/vm.h"

/* How long an event may take from one end to the other. */
#define EVENT_MS 5000

struct device {
	struct server srv;
	char *spec;    /* as --check-spec prints it */
	char name[64]; /* as the guest calls it */
	int node;      /* the N of the guest's eventN, since the last boot */
};

extern struct device devices[];
extern size_t n_devices;
extern struct vm vm;

/* Start the servers; program and folders as in test-guest.c. */
void fixture_init(const char *program, const char *guest_dir,
		  const char *socket_dir);
/* End all that was started. */
void fixture_fini(void);

/* What each test begins and ends with: all runs, and did not stop meanwhile. */
void begin(void);
void done(void);

/* Boot a guest, or find the devices in one that has booted again. */
void boot(void);
void find_nodes(void);

/* Devices by what they have, so that no test depends on a spec's name. */
struct device *keyboard(void);
struct device *lid(void);
struct device *touchscreen(void);

/* Inject a frame written as in scenario.h. */
void inject(const struct device *dev, const char *frame);

/* The next frames of dev that the guest reads are these. */
void assert_reads(const struct device *dev, const struct vi_event *want,
		  size_t n_want);
void assert_reads_frame(const struct device *dev, const char *frame);
void assert_reads_nothing_more(void);

/* The guest's state of dev is, or soon becomes, these lines (agent.c). */
void assert_state(const struct device *dev, const char *want);

/*
 * How many times the driver handed on this event of dev since it started,
 * whether or not anybody read it.
 */
unsigned int times_told(const struct device *dev, const char *event);

#endif
