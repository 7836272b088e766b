/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options that are devices: each adds an object to launch_options.devices,
 * as a launch file has it. For the rows of launch-options-rows.c.
 */
#ifndef VINPUT_LAUNCH_OPTIONS_DEVICE_H
#define VINPUT_LAUNCH_OPTIONS_DEVICE_H

#include "injector/plan/launch-options.h"

/* Whether JSON can have these n bytes. */
bool launch_options_is_utf8(const char *text, size_t n);

/* Return: -EINVAL, the reason noted. */
int launch_options_refuse_errno(struct cmdline *c, int error);

/* Handlers: see struct cmdline_option. */
int launch_take_kind(struct cmdline *c, char *value);
int launch_take_sized(struct cmdline *c, char *value);
/* One of the above, or a screen: see launch_options.screens. */
int launch_take_display(struct cmdline *c, char *value);
int launch_take_device(struct cmdline *c, char *value);
int launch_take_passthrough(struct cmdline *c, char *value);
int launch_take_spec(struct cmdline *c, char *value);

#endif
