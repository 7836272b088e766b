/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of this process, which go together: a chord that is played on any
 * of them gives all to the host or to the guest, or ends the program.
 */
#ifndef VINPUT_PASS_GROUP_H
#define VINPUT_PASS_GROUP_H

#include "injector/passthrough/pass-options.h"

/*
 * Pass the devices of the options on, until SIGINT, SIGTERM, SIGHUP, the chord
 * of --exit, or until a device ends. Return: 0; -errno after logging why.
 */
int pass_group_run(const struct pass_options *o);

#endif
