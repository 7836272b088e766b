/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the real guest share: a server for every shipped spec and
 * some as Cuttlefish would start them, one guest with all their devices, and
 * assertions about them. Errors fail the test, none is returned.
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
	pid_t bridge;	/* vinput-vfio-user; 0: there is none */
	char vfio[108]; /* where QEMU connects to it */
	char *spec;	/* owned, as --check-spec prints it */
	char name[64];	/* its name in the guest */
	int node;	/* the N of the guest's eventN, since the last boot */
};

extern struct device devices[];
extern size_t n_devices;
extern struct vm vm;

/* Start the servers; directories as in test-guest.c. */
void fixture_init(const char *programs_dir, const char *guest_dir,
		  const char *socket_dir);
/* Stop everything that was started. */
void fixture_fini(void);

/*
 * Each test begins and ends with these: everything is running and was not
 * interrupted, and no program in the guest was confused (view.h).
 */
void begin(void);
void done(void);
/* Begin with a guest whose front-ends reconnect in this style: relay.h. */
void begin_through_relays(const struct reattach_style *style);
/*
 * Begin with a guest whose devices are vfio-user-pci, each with a
 * vinput-vfio-user of its own, and relays in this style behind it; NULL: none.
 * Skips the test where there is no QEMU for that.
 */
void begin_with_vfio_user(const struct reattach_style *style);
/*
 * What the test wants between QEMU and a device's server. Return: where QEMU
 * connects.
 */
const char *start_between(struct device *dev);
/* Its vinput-vfio-user, if there is one. */
void stop_bridge(struct device *dev);
/* Until somebody listens there, for EVENT_MS at most. */
void await_listener(const char *path);
/*
 * Begin with a guest without devices whose init is systemd. Skips the test
 * where there is no systemd.
 */
void begin_with_systemd(void);
/* Begin with servers that have not seen a guest yet; the test calls boot(). */
void begin_without_guest(void);

/* Boot a guest, or find the devices after a reboot. */
void boot(void);
void find_nodes(void);
/* The same with devices of the test's own: end it with vm_kill(). */
void boot_with(struct device *devs, size_t n);
/* The same where QEMU connects to these sockets, with nothing in between. */
void boot_at(struct device *devs, size_t n, const char *const *sockets);
/* The same in a guest with a screen, which a VNC server at this path shows. */
void boot_with_screen(struct device *devs, size_t n, const char *vnc);
/* The same for one device in a guest with an IOMMU: behind it if srv.iommu. */
void boot_with_iommu(struct device *dev);
/*
 * A device VM, whose VVU device is at a path; and its sibling, whose front-end
 * connects to dev's socket. memory: the file of the sibling's memory, or NULL.
 */
void boot_device_vm(struct vm *device_vm, const char *vfio);
void boot_sibling(struct device *dev, const char *memory);
/* Skip the test where no QEMU has vfio-user. */
void require_vfio_user(void);
void find_nodes_of(struct device *devs, size_t n);
/* Fill in a device for the spec at path, DIR/SPEC.json, without a server. */
void init_device(struct device *dev, const char *path);
/* Set its spec and name again from the file. */
void describe_device(struct device *dev);

/* Devices by what they have, so that no test depends on a spec's name. */
struct device *keyboard(void);
struct device *mouse(void);
struct device *tablet(void);
struct device *gamepad(void);
struct device *lid(void);
struct device *touchscreen(void);
struct device *touchpad(void);
/* The device that Cuttlefish would have started, from cuttlefish-WHAT.json. */
struct device *cuttlefish(const char *what);

/*
 * SIGKILL. The next server completes a frame that was cut short, so programs'
 * view of it is only judged again after judge().
 */
void kill_server(struct device *dev);
void start_server(struct device *dev);
/* Both; keeps: see server.h. */
void restart_server(struct device *dev, bool keeps);
void judge(const struct device *dev);

/* Inject a frame in the form of scenario.h. */
void inject(const struct device *dev, const char *frame);
/* The same for the injector at fd. */
void inject_by(int fd, const char *frame);
/* Run vinput-inject on dev. words: separated by one space. */
void let_inject(const struct device *dev, const char *words);
/* Its events without the SYN_REPORT. */
void inject_unfinished(int fd, const char *events);

/*
 * A kernel drops values that do not change: put a finger at 1 1 into each slot
 * and lift it, the first slot last, so that what the guest reads next does not
 * depend on what it read before. Does nothing if dev has no contacts.
 */
void wipe_slots(const struct device *dev);

/* Discard what the guest has read so far. */
void forget_events(void);

/* The next frames that the guest reads from dev must be these. */
void assert_reads(const struct device *dev, const struct vi_event *want,
		  size_t n_want);
void assert_reads_frame(const struct device *dev, const char *frame);
/* Inject a frame; the guest must read it. */
void assert_passes(const struct device *dev, const char *frame);
void assert_reads_nothing_more(void);

/* The guest's state of dev must be, or soon become, these lines (agent.c). */
void assert_state(const struct device *dev, const char *want);

/*
 * The guest's contacts of dev must be, or soon become, these: lines "X Y", the
 * lowest X first.
 */
void assert_contacts(const struct device *dev, const char *want);

/* The injector at fd must receive this LED, or nothing more. */
void assert_led(int fd, uint16_t code, int32_t value);
void assert_no_status(int fd);
/* Discard what has arrived at fd so far. */
void forget_status(int fd);
/* Let the guest set an LED. */
void set_led(const struct device *dev, uint16_t code, int32_t value);

/*
 * How often the driver has passed on this event of dev since it started,
 * whether or not anybody read it.
 */
unsigned int times_told(const struct device *dev, const char *event);

#endif
