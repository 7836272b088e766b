/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the real guest share: a server for every shipped spec and
 * some that Cuttlefish could have started, one guest that has all their
 * devices, and what a test says of them. Nothing here returns an error: what
 * goes wrong fails the test.
 */
#ifndef VINPUT_TEST_FIXTURE_H
#define VINPUT_TEST_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/event.h"
#include "tests/guest/relay.h"
#include "tests/guest/server.h"
#include "tests/guest/vm.h"
#include "tests/lib/array.h"

/* How long an event may take from one end to the other. */
#define EVENT_MS 5000

struct device {
	struct server srv;
	struct relay relay;
	char *spec;    /* owned, as --check-spec prints it */
	char name[64]; /* as the guest calls it */
	int node;      /* the N of the guest's eventN, since the last boot */
};

extern struct device devices[];
extern size_t n_devices;
extern struct vm vm;

/* Start the servers; folders as in test-guest.c. */
void fixture_init(const char *programs_dir, const char *guest_dir,
		  const char *socket_dir);
/* End all that was started. */
void fixture_fini(void);

/*
 * What each test begins and ends with: all runs, and did not stop meanwhile,
 * and no program in the guest was confused (view.h).
 */
void begin(void);
void done(void);
/* Begin with a guest whose front-ends reconnect in this way: relay.h. */
void begin_through_relays(const struct reattach_style *style);
/* Begin with servers that have seen no guest yet; boot() is the test's. */
void begin_without_guest(void);

/* Boot a guest, or find the devices in one that has booted again. */
void boot(void);
void find_nodes(void);
/* The same with devices that are the test's own: vm_kill() it at the end. */
void boot_with(struct device *devs, size_t n);
/* The same for one, in a guest with an IOMMU: behind that, if srv.iommu. */
void boot_with_iommu(struct device *dev);
void find_nodes_of(struct device *devs, size_t n);
/* One from the spec at path, FOLDER/SPEC.json; its server is not started. */
void init_device(struct device *dev, const char *path);
/* Set spec and name anew from the file. */
void describe_device(struct device *dev);

/* Devices by what they have, so that no test depends on a spec's name. */
struct device *keyboard(void);
struct device *mouse(void);
struct device *tablet(void);
struct device *gamepad(void);
struct device *lid(void);
struct device *touchscreen(void);
struct device *touchpad(void);
/* That which Cuttlefish could have started, from cuttlefish-WHAT.json. */
struct device *cuttlefish(const char *what);

/*
 * SIGKILL. A frame that was cut ends with what the next server says, so what a
 * program makes of it is only judged again after judge().
 */
void kill_server(struct device *dev);
void start_server(struct device *dev);
/* Both; keeps: see server.h. */
void restart_server(struct device *dev, bool keeps);
void judge(const struct device *dev);

/* Inject a frame written as in scenario.h. */
void inject(const struct device *dev, const char *frame);
/* The same for the injector at fd. */
void inject_by(int fd, const char *frame);
/* Let vinput-inject do this to dev. words: one space between two. */
void let_inject(const struct device *dev, const char *words);
/* Its events without the SYN_REPORT. */
void inject_unfinished(int fd, const char *events);

/*
 * A kernel leaves out what does not change: put a finger at 1 1 into each slot
 * and lift it, the first slot last, so that what the guest reads next does not
 * depend on what it read before. Nothing if dev has no contacts.
 */
void wipe_slots(const struct device *dev);

/* Drop what the guest has read by now. */
void forget_events(void);

/* The next frames of dev that the guest reads are these. */
void assert_reads(const struct device *dev, const struct vi_event *want,
		  size_t n_want);
void assert_reads_frame(const struct device *dev, const char *frame);
/* Inject a frame; the guest must read it. */
void assert_passes(const struct device *dev, const char *frame);
void assert_reads_nothing_more(void);

/* The guest's state of dev is, or soon becomes, these lines (agent.c). */
void assert_state(const struct device *dev, const char *want);

/*
 * The guest's contacts of dev are, or soon become, these: lines "X Y", the
 * lowest X first.
 */
void assert_contacts(const struct device *dev, const char *want);

/* The injector whose status comes at fd is told this LED, or nothing more. */
void assert_led(int fd, uint16_t code, int32_t value);
void assert_no_status(int fd);
/* What has come at fd by now is from before the test. */
void forget_status(int fd);
/* Let the guest set an LED. */
void set_led(const struct device *dev, uint16_t code, int32_t value);

/*
 * How many times the driver handed on this event of dev since it started,
 * whether or not anybody read it.
 */
unsigned int times_told(const struct device *dev, const char *event);

#endif
