/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose input devices a test plugs and pulls: folders that stand for
 * /sys/class/input and /dev/input, for a program that has
 * tests/wire/node-stand-in.so and FAKE_HOST_ENV, the folder of both. A node is
 * a listening socket; who opens it is accepted by the test.
 */
#ifndef VINPUT_TESTS_FAKE_HOST_H
#define VINPUT_TESTS_FAKE_HOST_H

#include "tests/lib/fake-node.h"

#define FAKE_HOST_ENV "VINPUT_FAKE_HOST"

/* Its folders. */
#define FAKE_HOST_SYS	 "sys"
#define FAKE_HOST_DEV	 "dev"
#define FAKE_HOST_UINPUT "uinput" /* a listening socket of the test's */
#define FAKE_HOST_MEMORY "memory" /* a struct fake_node per node */

struct fake_host {
	const char *dir;     /* borrowed */
	unsigned int inputs; /* counted up, as the kernel's */
};

struct fake_plug {
	struct fake_host *host;
	unsigned int event;
	struct fake_node *node; /* shared with who has it open */
	int listen_fd;
	int fd;	      /* of who opened it last; -1: nobody */
	bool refuses; /* plugged in, it cannot be opened until fake_plug_ready()
		       */
};

/* dir: an empty folder. The environment gets FAKE_HOST_ENV. */
void fake_host_init(struct fake_host *h, const char *dir);

/* Make the node; it is plugged in by fake_plug_in(). */
void fake_plug_init(struct fake_plug *p, struct fake_host *h);
void fake_plug_fini(struct fake_plug *p); /* idempotent */
/* /dev/input/eventN appears, with the node as it is now. */
void fake_plug_in(struct fake_plug *p, unsigned int event);
void fake_plug_ready(struct fake_plug *p);
void fake_plug_out(struct fake_plug *p);
/* Wait until it is opened. */
void fake_plug_accept(struct fake_plug *p);
/* Return: whether it is opened within RIG_QUIET_MS. */
bool fake_plug_is_opened(struct fake_plug *p);
/* Who has it open reads ENODEV. */
void fake_plug_revoke(struct fake_plug *p);

#endif
