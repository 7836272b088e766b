/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of vhost-user-input, read and checked as a whole before
 * anything is opened.
 */
#ifndef VINPUT_OPTIONS_H
#define VINPUT_OPTIONS_H

#include "input/options-table.h"

/*
 * Read the command line and LISTEN_FDS. Changes argv's order.
 * Return: 0, or -EINVAL with a line of what is wrong in why.
 */
int options_parse(struct options *o, int argc, char **argv, char why[256]);
void options_help(void);

#endif
