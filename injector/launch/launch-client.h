/* SPDX-License-Identifier: Apache-2.0 */
/* --wait and --control: what asks a launcher through its control socket. */
#ifndef VINPUT_LAUNCH_CLIENT_H
#define VINPUT_LAUNCH_CLIENT_H

#include <jansson.h>
#include "injector/launch/launch-options.h"

/* Return: an exit status; what is wrong is told on stderr. */
int launch_client_wait(const struct launch_options *o);
/* devices: for add, borrowed. */
int launch_client_control(const struct launch_options *o, json_t *devices);

#endif
