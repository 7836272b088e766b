/* SPDX-License-Identifier: Apache-2.0 */
/* --to: a node into the injection socket of a device that runs. */
#ifndef VINPUT_PASS_TO_H
#define VINPUT_PASS_TO_H

#include "injector/passthrough/pass-device.h"

/*
 * d: its spec is known. address: as vinject_open()'s. Return: NULL after
 * logging why; else to be freed by its free().
 */
struct pass_outlet *pass_to_new(struct pass_device *d, const char *address);
/*
 * Report when the server disconnects and when it is there again. o: from
 * pass_to_new().
 */
void pass_to_watch(struct pass_outlet *o,
		   void (*changed)(void *arg, bool connected), void *arg);

#endif
