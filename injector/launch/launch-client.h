/* SPDX-License-Identifier: Apache-2.0 */
/* --wait and --control: the client of a launcher's control socket. */
#ifndef VINPUT_LAUNCH_CLIENT_H
#define VINPUT_LAUNCH_CLIENT_H

#include <jansson.h>
#include "injector/launch/launch-command.h"
#include "injector/plan/launch-options.h"

/* Return: an exit status, after a line on stderr if it is not 0. */
int launch_client_wait(const struct launch_options *o);

/*
 * The command that the words after --control name, with what it takes.
 * Return: its row, or NULL after a line on stderr: the words are wrong.
 */
const struct launch_command_row *launch_client_command(
	const struct launch_options *o);
/* devices: borrowed, NULL if it takes none. Return: an exit status. */
int launch_client_control(const struct launch_options *o,
			  const struct launch_command_row *row,
			  json_t *devices);

#endif
