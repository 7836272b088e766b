/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of "play": recordings that have been read, and where they go. */
#ifndef VINPUT_INJECT_PLAY_H
#define VINPUT_INJECT_PLAY_H

#include "injector/inject/inject-command.h"
#include "injector/inject/inject-map.h"
#include "injector/recording/recording.h"
#include "input/base/fault.h"

struct inject_play {
	struct inject_map map; /* without --map: one part, to is NULL */
	struct recording *rec; /* owned: one for each part of the map */
};

/*
 * Read the file that a command names, and print what is odd about it.
 * inject_play_fini() is due whatever the result.
 * Return: 0 or a negative errno with the fault.
 */
int inject_play_read(struct inject_play *play, struct inject_command *c,
		     struct inject_context *ctx, struct fault *f);
void inject_play_fini(struct inject_play *play);

#endif
