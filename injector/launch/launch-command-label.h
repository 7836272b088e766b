/* SPDX-License-Identifier: Apache-2.0 */
/* The device that a request names by its label. Loop thread only. */
#ifndef VINPUT_LAUNCH_COMMAND_LABEL_H
#define VINPUT_LAUNCH_COMMAND_LABEL_H

#include "injector/launch/launch-commands.h"

#define LAUNCH_STREAMER "streamer" /* its label */

/*
 * Note the device that the request's label names in cmd. Return: the device,
 * which the fleet owns; NULL with *answer, an error, to be freed.
 */
struct launch_device *launch_command_take_device(struct launch_command *cmd,
						 const json_t *request,
						 json_t **answer);

/* Return: the device that was noted first, or NULL: it was removed since. */
struct launch_device *launch_command_device(const struct launch_command *cmd);

#endif
