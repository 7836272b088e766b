/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that run inside the guest, which plays the host: nodes are made with
 * uinput, or by QEMU's USB devices; vinput-passthrough passes them on, and
 * vinput-monitor shows what a guest would get, or makes a node of it again.
 * Each is a cmocka test, in a process of its own (tests-passthrough.c).
 */
#ifndef VINPUT_TEST_INSIDE_H
#define VINPUT_TEST_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include "input/device/event.h"
#include "input/spec/spec.h"
#include "tests/guest/inside-claims.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"

/* Where sockets and files are made. */
#define INSIDE_DIR "/run/inside"
/* How long anything may take. */
#define INSIDE_MS 20000

/* Wait until it holds; it is tried every millisecond. */
#define INSIDE_WAIT(condition)                                  \
	do {                                                    \
		double end_ = clock_ms() + INSIDE_MS;           \
		while (!(condition)) {                          \
			if (clock_ms() > end_)                  \
				fail_msg("never: " #condition); \
			usleep(1000);                           \
		}                                               \
	} while (0)

/* --- inside-programs.c --- */

/*
 * Start a program with these words as arguments. Its output is captured. It is
 * killed at the end of the test.
 */
__attribute__((format(printf, 2, 3))) struct process *inside_start(
	const char *program, const char *fmt, ...);
/* It ends by itself. Return: its exit status. */
int inside_wait(struct process *p);
/* SIGTERM. Return: its exit status. */
int inside_end(struct process *p);
/*
 * Start vinput-monitor with a device's socket and these options before it, and
 * wait until its driver runs: earlier events would not be shown.
 */
struct process *inside_monitor(const char *options, const char *socket);
/* SIGKILL. */
void inside_kill(struct process *p);
/* Wait until it has logged lines with this. */
void inside_expect_log(struct process *p, const char *needle, int times);
/* Run one, which must exit with 0. Return: what it printed, to be freed. */
__attribute__((format(printf, 2, 3))) char *inside_run(const char *program,
						       const char *fmt, ...);
/* Forget all, and what they are. */
void inside_end_all(void);
/* Where an installed program looks for the shipped specs. */
void inside_install_specs(void);

/*
 * Let QEMU do this: a command of QMP, a space, its arguments in JSON. What
 * comes of it can be seen in the guest.
 */
__attribute__((format(printf, 1, 2))) void inside_qmp(const char *fmt, ...);

/* --- inside-node.c --- */

struct libevdev_uinput;

/* An input device, held open. */
struct node {
	struct libevdev_uinput *uinput; /* NULL: not made by this process */
	int fd;				/* non-blocking; -1 */
	char path[32];			/* /dev/input/eventN */
};

/* The device of a file in /specs, its placeholders filled. */
void node_spec(struct spec *spec, const char *file);
/* The spec of a device that has what text names (tests/lib/event-text.h). */
void node_spec_of(struct spec *spec, const char *name, const char *text);

/* Forget what has been plugged before the test. */
void node_forget(void);
/*
 * Wait for a node of this name (NULL: any) that is newer than what was seen
 * here before, and open it.
 */
void node_await(struct node *n, const char *name);
/* Make one with uinput. */
void node_plug(struct node *n, const struct spec *spec);
/* Close it; one that was made here is unplugged. Idempotent. */
void node_remove(struct node *n);
/* Wait until there is no such path any more. */
void node_await_end(const struct node *n);

/* Let one that was made with uinput deliver events. */
void node_emit(struct node *n, const struct vi_event *ev, size_t count);
/* The same with a frame as text. */
void node_play(struct node *n, const char *frame);

/* Whether a key is down, an LED on. */
bool node_key(const struct node *n, unsigned int key);
bool node_led(const struct node *n, unsigned int led);
/* Whether another process has grabbed it. */
bool node_is_grabbed(const struct node *n);
void node_set_led(const struct node *n, unsigned int led, int on);

/*
 * What a node delivers, without repeats, LEDs, and what the kernel adds.
 * Contacts are numbered as they come.
 */
struct heard {
	struct vi_event *ev; /* owned */
	size_t n, max;
	size_t frames;
	int contacts;
	bool lost; /* SYN_DROPPED */
};

void heard_fini(struct heard *h);
/* Add what can be read now. */
void node_hear(struct node *n, struct heard *h);
/* Fail unless both are the same; the first difference is printed. */
void assert_heard_same(const struct heard *got, const struct heard *want);

/* --- inside-udev.c --- */

/* Other tests are of a host without it. */
void udev_start(void);
void udev_stop(void);

/* --- inside-next.c --- */

struct frontend;

/* Connect to a device as a guest whose driver starts: injector/frontend. */
void next_guest_start(struct frontend *fe, const char *socket);
/*
 * Connect to a device as the next guest, and leave. spec: which axes have a
 * rest. Return: keys that are down, slots with a contact, and axes that are not
 * at rest, as text (tests/lib/event-text.h), to be freed.
 */
char *next_guest_holds(const char *socket, const struct spec *spec);
/* The same of a node of the host. */
char *node_holds(const struct node *n, const struct spec *spec);

#define INSIDE_DECLARE(claim) void claim(void **state);
INSIDE_CLAIMS(INSIDE_DECLARE)
INSIDE_BARE_CLAIMS(INSIDE_DECLARE)
INSIDE_SYSTEMD_CLAIMS(INSIDE_DECLARE)

#endif
