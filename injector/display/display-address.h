/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where VNC servers are that show the guest's displays. A host's name is looked
 * up once, before the sandbox; whether a server runs there is of no interest
 * before somebody wants to see it.
 */
#ifndef VINPUT_DISPLAY_ADDRESS_H
#define VINPUT_DISPLAY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "injector/rfb/rfb-auth.h"
#include "input/base/fault.h"

#define DISPLAYS_MAX	   8
#define DISPLAY_NAME_SIZE  32
#define DISPLAY_PLACES_MAX 4 /* that a host's name stands for */

struct display_place {
	struct sockaddr_storage addr;
	socklen_t len;
};

struct display_address {
	char name[DISPLAY_NAME_SIZE]; /* given, or its number */
	const char *where;	      /* borrowed: "unix:PATH", "HOST:PORT" */
	/* To be tried in this order; the port is the same. */
	struct display_place place[DISPLAY_PLACES_MAX];
	size_t n_places;
	struct rfb_auth *auth;	   /* owned: of its password; NULL: none */
	struct display_wake *wake; /* borrowed: see display-wake.h */
};

struct displays {
	struct display_address at[DISPLAYS_MAX];
	size_t n;
};

/*
 * Add "[NAME=]unix:PATH" or "[NAME=]HOST:PORT", text: borrowed. Return: 0, or a
 * negative errno with the fault: what is wrong with the text.
 */
int displays_add(struct displays *d, const char *text, struct fault *why);
void displays_fini(struct displays *d); /* idempotent */
/* Return: how long the name before a = is, 0: there is none. */
size_t display_name_len(const char *text);
/* Return: the TCP port; 0: it is a Unix socket. */
uint16_t display_address_port(const struct display_address *a);
/* Return: an fd, which is connected or soon will be; -errno. */
int display_place_connect(const struct display_place *place);

#endif
