/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a launcher that has died left with its holder: the holder itself, and
 * devices whose servers still run. Used before the loop runs: these functions
 * may block, for a second at most.
 */
#ifndef VINPUT_LAUNCH_INHERIT_H
#define VINPUT_LAUNCH_INHERIT_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/queue.h>
#include "injector/plan/launch-label.h"

struct launch_inherited {
	TAILQ_ENTRY(launch_inherited) link;
	char label[LAUNCH_LABEL_MAX + 1];
	json_t *item;	/* owned: the device's JSON */
	bool connected; /* to a VMM */
	/* Owned, -1: taken. See launch-endpoints.h. */
	int frontend_fd, server_path_fd, server_fd, state_fd, life_fd;
	int pidfd;	  /* of its server, which may have ended */
	int bridge_pidfd; /* of its bridge; -1: none runs */
};

struct launch_inheritance {
	int holder_fd, holder_pidfd; /* owned, -1: none, or taken */
	TAILQ_HEAD(launch_inherited_list, launch_inherited) devices;
};

void launch_inheritance_init(struct launch_inheritance *in);
/* Close what nobody has taken. Idempotent. */
void launch_inheritance_fini(struct launch_inheritance *in);

/*
 * Ask the holder of this directory, if it has one that waits for a launcher.
 * Return: 0: it has; 1: there is none; or -errno: it does not answer.
 */
int launch_inheritance_take(struct launch_inheritance *in, const char *dir);

/* Remove the device of that label from the list. Return: it, or NULL. */
struct launch_inherited *launch_inheritance_find(struct launch_inheritance *in,
						 const char *label);
/* in may be NULL. */
void launch_inherited_free(struct launch_inherited *in);
/* End its server, and remove its socket in dir. Frees it. */
void launch_inherited_end(struct launch_inherited *in, const char *dir);

#endif
