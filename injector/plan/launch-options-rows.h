/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of vinput-launch: a row for each. To add one, add its row, and
 * describe it in vinput-launch(1).
 */
#ifndef VINPUT_LAUNCH_OPTIONS_ROWS_H
#define VINPUT_LAUNCH_OPTIONS_ROWS_H

#include "input/base/cmdline.h"

/* In groups, each from the option that its name stands for to the next's. */
extern const struct cmdline_option launch_options_rows[];
extern const int launch_options_n_rows;

#define LAUNCH_OPTIONS_PLACE	 "dir"
#define LAUNCH_OPTIONS_DEVICES	 "keyboard" /* also for --control add */
#define LAUNCH_OPTIONS_LAUNCHING "socket-mode"
#define LAUNCH_OPTIONS_ASKING	 "timeout"
#define LAUNCH_OPTIONS_OTHERS	 "print-args"

#endif
