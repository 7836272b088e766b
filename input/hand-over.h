/* SPDX-License-Identifier: Apache-2.0 */
/* --evdev-path: vinput-passthrough(1) takes the process over. */
#ifndef VINPUT_HAND_OVER_H
#define VINPUT_HAND_OVER_H

/*
 * Execute the vinput-passthrough beside this program, or the one in PATH. The
 * command line MUST be valid. Returns only after a failure, which it logs.
 */
void hand_over(int argc, char **argv);

#endif
