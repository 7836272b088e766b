/* SPDX-License-Identifier: Apache-2.0 */
/* --to: a node into the injection socket of a device that runs. */
#ifndef VINPUT_PASS_TO_H
#define VINPUT_PASS_TO_H

#include "injector/passthrough/pass-device.h"

/*
 * Until SIGINT, SIGTERM, SIGHUP or the node's end. d: open. address: as
 * vinject_open()'s. Return: 0; -errno after logging it; or the node's.
 */
int pass_to_run(struct pass_device *d, const char *address);

#endif
